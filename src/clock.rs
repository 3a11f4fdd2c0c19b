//! The clocks. No other file reads the system time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Duration, Utc};

/// The source of the current time for a store.
///
/// Give one to [`EventStoreBuilder::with_clock`](crate::EventStoreBuilder::with_clock). A store
/// uses [`SystemClock`] by default. Instants outside the years 1 to 9999 are read as the nearest
/// instant inside them.
pub trait Clock: Send + Sync {
    /// Returns the current instant.
    fn now(&self) -> DateTime<Utc>;

    /// Returns the current instant in milliseconds since the Unix epoch, negative before 1970.
    ///
    /// A store calls this once or more for each operation. By default it converts the result of
    /// [`now`](Clock::now). Override it if your clock has the time as a number.
    fn unix_millis(&self) -> i64 {
        self.now().timestamp_millis()
    }

    /// Returns a monotonic time in milliseconds, or `None` if there is none, which is the default.
    ///
    /// The result includes the time during which the device sleeps and does not change when the
    /// clock is set. It counts from any fixed instant, which must stay the same while the process
    /// runs: for example the start of the device.
    ///
    /// A store compares this time with the clock after the clock went back by more than 15 minutes,
    /// until the clock passes its earlier time. The comparison distinguishes a correction of the
    /// clock from time that passed. Without this time, the store reads a later correction as time
    /// that passed. It calls this function under its lock, so an implementation must not call the
    /// store.
    fn monotonic_millis(&self) -> Option<i64> {
        None
    }
}

/// The clock of the operating system. The default of a store.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// Returns the system clock in the form that
    /// [`with_clock`](crate::EventStoreBuilder::with_clock) takes.
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }

    #[inline]
    fn unix_millis(&self) -> i64 {
        system_millis()
    }

    /// The time since the device started. It is known on Linux, Android and the systems of Apple.
    fn monotonic_millis(&self) -> Option<i64> {
        millis_since_start()
    }
}

/// The conversions of `SystemTime` take half as long as to read the clock, so it is read as a
/// number where that is possible.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
#[inline]
fn system_millis() -> i64 {
    use rustix::time::{ClockId, clock_gettime};

    let now = clock_gettime(ClockId::Realtime);
    // The nanoseconds have 32 bits on some phones.
    #[allow(clippy::useless_conversion)]
    let millis = i64::from(now.tv_nsec) / 1_000_000;
    now.tv_sec.saturating_mul(1_000).saturating_add(millis)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn system_millis() -> i64 {
    DateTime::<Utc>::from(SystemTime::now()).timestamp_millis()
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn millis_since_start() -> Option<i64> {
    use rustix::time::{ClockId, clock_gettime};

    // On each system the clock that includes the time asleep. `Instant` of the standard library
    // does not include it.
    #[cfg(not(target_vendor = "apple"))]
    const SINCE_START: ClockId = ClockId::Boottime;
    #[cfg(target_vendor = "apple")]
    const SINCE_START: ClockId = ClockId::Monotonic;

    let since_start = std::time::Duration::try_from(clock_gettime(SINCE_START)).ok()?;
    i64::try_from(since_start.as_millis()).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn millis_since_start() -> Option<i64> {
    None
}

/// The clock of a store.
#[derive(Clone)]
pub(crate) enum TimeSource {
    /// The default. It is called without a virtual call.
    System,
    /// A clock of the app.
    Custom(Arc<dyn Clock>),
}

impl TimeSource {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self {
            TimeSource::System => SystemClock.now(),
            TimeSource::Custom(clock) => clock.now(),
        }
    }

    #[inline]
    pub(crate) fn unix_millis(&self) -> i64 {
        match self {
            TimeSource::System => SystemClock.unix_millis(),
            TimeSource::Custom(clock) => clock.unix_millis(),
        }
    }

    /// The milliseconds since a fixed instant, if they are known. It can be called under a lock.
    pub(crate) fn monotonic_millis(&self) -> Option<i64> {
        match self {
            TimeSource::System => SystemClock.monotonic_millis(),
            TimeSource::Custom(clock) => clock.monotonic_millis(),
        }
    }

    /// The time of a clock of the app, in milliseconds since the Unix epoch; `None` for the system
    /// clock. A clock of the app can run any code, so call this before a lock is taken. The system
    /// clock can be read under a lock.
    #[inline]
    pub(crate) fn millis_if_custom(&self) -> Option<i64> {
        match self {
            TimeSource::System => None,
            TimeSource::Custom(clock) => Some(clock.unix_millis()),
        }
    }
}

/// A clock for tests. It stands still until [`advance`](TestClock::advance) or
/// [`set`](TestClock::set) moves it. Clones share the time.
///
/// It also has a monotonic time, which begins at zero. [`advance`](TestClock::advance) stands for
/// time that passes and moves both. [`set`](TestClock::set) stands for a correction of the clock
/// and does not move the monotonic time.
///
/// ```
/// use std::sync::Arc;
/// use chrono::Duration;
/// use tiny_counter::{EventStore, TestClock};
///
/// let clock = TestClock::build_for_testing();
/// let store = EventStore::builder().with_clock(Arc::new(clock.clone())).build().unwrap();
/// store.record("launch");
/// clock.advance(Duration::hours(2));
/// assert_eq!(store.query("launch").last_seen(), Some(Duration::hours(2)));
/// ```
#[derive(Debug, Clone)]
pub struct TestClock {
    times: Arc<Mutex<TestTimes>>,
}

#[derive(Debug)]
struct TestTimes {
    clock: DateTime<Utc>,
    monotonic: Duration,
}

impl TestClock {
    /// Returns a clock at the current system time, in the form that
    /// [`with_clock`](crate::EventStoreBuilder::with_clock) takes. It cannot be moved.
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> Arc<dyn Clock> {
        Arc::new(Self::build_for_testing())
    }

    /// Returns a clock at `time`, in the form that
    /// [`with_clock`](crate::EventStoreBuilder::with_clock) takes. It cannot be moved.
    pub fn new_at(time: DateTime<Utc>) -> Arc<dyn Clock> {
        Arc::new(Self::build_for_testing_at(time))
    }

    /// Returns a clock at the current system time. Keep a clone to move it.
    pub fn build_for_testing() -> Self {
        Self::build_for_testing_at(SystemClock.now())
    }

    /// Returns a clock at `time`. Keep a clone to move it.
    pub fn build_for_testing_at(time: DateTime<Utc>) -> Self {
        let times = TestTimes { clock: time, monotonic: Duration::zero() };
        TestClock { times: Arc::new(Mutex::new(times)) }
    }

    /// Moves the clock and its monotonic time forwards by `duration`. A negative `duration` moves
    /// the clock back, and the monotonic time stays. The clock stops at the earliest and the latest
    /// time that a `DateTime` can hold.
    pub fn advance(&self, duration: Duration) {
        let mut times = self.times();
        let end =
            if duration < Duration::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        times.clock = times.clock.checked_add_signed(duration).unwrap_or(end);
        let passed = duration.max(Duration::zero());
        times.monotonic = times.monotonic.checked_add(&passed).unwrap_or(Duration::MAX);
    }

    /// Sets the clock to `time`, which may be before or after its current time. The monotonic time
    /// stays.
    pub fn set(&self, time: DateTime<Utc>) {
        self.times().clock = time;
    }

    fn times(&self) -> MutexGuard<'_, TestTimes> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::build_for_testing()
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.times().clock
    }

    fn monotonic_millis(&self) -> Option<i64> {
        Some(self.times().monotonic.num_milliseconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_time_and_a_move_stops_at_the_earliest_and_latest_time() {
        let clock = TestClock::build_for_testing_at(DateTime::UNIX_EPOCH);
        let same = clock.clone();
        clock.advance(Duration::days(2));
        clock.advance(-Duration::days(3));
        assert_eq!(same.unix_millis(), -86_400_000);
        clock.advance(Duration::MAX);
        assert_eq!(same.now(), DateTime::<Utc>::MAX_UTC);
        clock.advance(Duration::MIN);
        clock.advance(Duration::MIN);
        assert_eq!(same.now(), DateTime::<Utc>::MIN_UTC);
    }

    #[test]
    fn only_time_that_passes_moves_the_monotonic_time_of_a_test_clock() {
        let clock = TestClock::build_for_testing_at(DateTime::UNIX_EPOCH);
        assert_eq!(clock.monotonic_millis(), Some(0));
        clock.advance(Duration::microseconds(1_500));
        clock.advance(Duration::microseconds(1_500));
        assert_eq!(clock.monotonic_millis(), Some(3));
        clock.advance(-Duration::days(1));
        clock.set(DateTime::UNIX_EPOCH + Duration::days(9));
        assert_eq!(clock.monotonic_millis(), Some(3));
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.monotonic_millis(), Some(i64::MAX));
    }

    #[test]
    fn a_clock_of_an_app_knows_no_monotonic_time_unless_it_says_so() {
        struct Fixed;
        impl Clock for Fixed {
            fn now(&self) -> DateTime<Utc> {
                DateTime::UNIX_EPOCH
            }
        }
        assert_eq!(TimeSource::Custom(Arc::new(Fixed)).monotonic_millis(), None);
    }

    #[test]
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn the_system_knows_the_time_since_its_start() {
        let [first, second] = [(); 2].map(|()| TimeSource::System.monotonic_millis().unwrap());
        assert!(0 < first && first <= second);
    }

    #[test]
    fn the_system_clock_shows_the_same_time_in_both_forms() {
        let difference = SystemClock.now().timestamp_millis() - SystemClock.unix_millis();
        assert!(difference.abs() < 60_000);
    }
}
