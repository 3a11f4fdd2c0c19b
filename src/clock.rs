//! The clocks. No other file reads the system time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

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

    fn unix_millis(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        }
    }
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
    time: Arc<Mutex<DateTime<Utc>>>,
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
        TestClock { time: Arc::new(Mutex::new(time)) }
    }

    /// Moves the clock forwards by `duration`, or back if it is negative. The clock stops at the
    /// earliest and the latest time that a `DateTime` can hold.
    pub fn advance(&self, duration: Duration) {
        let mut time = self.time.lock().unwrap_or_else(PoisonError::into_inner);
        let end =
            if duration < Duration::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        *time = time.checked_add_signed(duration).unwrap_or(end);
    }

    /// Sets the clock to `time`, which may be before or after its current time.
    pub fn set(&self, time: DateTime<Utc>) {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::build_for_testing()
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn the_system_clock_shows_the_same_time_in_both_forms() {
        let difference = SystemClock.now().timestamp_millis() - SystemClock.unix_millis();
        assert!(difference.abs() < 60_000);
    }
}
