//! The only file that asks the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Duration, Utc};

/// Where a store takes the time from.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> DateTime<Utc>;

    /// The current instant in milliseconds since the Unix epoch. Override it where the time is at hand as a number.
    fn unix_millis(&self) -> i64 {
        self.now().timestamp_millis()
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The system's clock, ready for `with_clock`.
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
            // In 64 bits throughout: this is asked at every recording.
            Ok(since) => i64::try_from(since.as_secs())
                .unwrap_or(i64::MAX)
                .saturating_mul(1_000)
                .saturating_add(since.subsec_millis().into()),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        }
    }
}

/// Where a store's time comes from.
#[derive(Clone)]
pub(crate) enum TimeSource {
    System,
    Given(Arc<dyn Clock>),
}

impl TimeSource {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self {
            TimeSource::System => SystemClock.now(),
            TimeSource::Given(clock) => clock.now(),
        }
    }

    #[inline]
    pub(crate) fn unix_millis(&self) -> i64 {
        match self {
            TimeSource::System => SystemClock.unix_millis(),
            TimeSource::Given(clock) => clock.unix_millis(),
        }
    }

    /// The time of an app's own clock, which must be asked before a lock is taken, because it may do
    /// anything. Absent for the system's clock, which may be asked under a lock.
    #[inline]
    pub(crate) fn millis_if_custom(&self) -> Option<i64> {
        match self {
            TimeSource::System => None,
            TimeSource::Given(clock) => Some(clock.unix_millis()),
        }
    }
}

/// A clock that stands still until it is moved. Clones share the time.
#[derive(Debug, Clone)]
pub struct TestClock {
    time: Arc<Mutex<DateTime<Utc>>>,
}

impl TestClock {
    /// A clock at the system's current time, ready for `with_clock`. It never moves.
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> Arc<dyn Clock> {
        Arc::new(Self::build_for_testing())
    }

    /// A clock at `time`, ready for `with_clock`. It never moves.
    pub fn new_at(time: DateTime<Utc>) -> Arc<dyn Clock> {
        Arc::new(Self::build_for_testing_at(time))
    }

    /// A clock at the system's current time, to keep and to move.
    pub fn build_for_testing() -> Self {
        Self::build_for_testing_at(SystemClock.now())
    }

    /// A clock at `time`, to keep and to move.
    pub fn build_for_testing_at(time: DateTime<Utc>) -> Self {
        TestClock { time: Arc::new(Mutex::new(time)) }
    }

    /// Moves the clock by `duration`, back if it is negative. Stops at the ends of what a `DateTime` can hold.
    pub fn advance(&self, duration: Duration) {
        let mut time = self.time.lock().unwrap_or_else(PoisonError::into_inner);
        let end =
            if duration < Duration::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        *time = time.checked_add_signed(duration).unwrap_or(end);
    }

    /// Sets the clock to `time`, forwards or back.
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
    fn clones_share_the_time_and_moves_stop_at_the_ends() {
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
    fn the_system_clock_says_the_same_in_both_forms() {
        let apart = SystemClock.now().timestamp_millis() - SystemClock.unix_millis();
        assert!(apart.abs() < 60_000);
    }
}
