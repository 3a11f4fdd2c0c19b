//! The clock for tests.

use std::sync::Arc;

use super::checked;
use super::error::EventStoreError;
use crate::clock::Clock;

/// A clock for tests. It stands still until it is set or advanced.
///
/// `advance` stands for time that passes, `set` for a correction of the clock. After the clock went
/// back by more than 15 minutes, a store treats the two differently: it moves what it counted since
/// then by a correction, and not by time that passed.
#[derive(Debug, uniffi::Object)]
pub struct TestClock {
    clock: crate::TestClock,
}

#[uniffi::export]
impl TestClock {
    /// Creates a clock that shows `unix_millis`, in milliseconds since the Unix epoch.
    ///
    /// Fails with `InvalidArgument` outside the years 1 to 9999.
    #[uniffi::constructor]
    pub fn new(unix_millis: i64) -> Result<Arc<Self>, EventStoreError> {
        let clock = crate::TestClock::build_for_testing_at(checked::instant(unix_millis)?);
        Ok(Arc::new(TestClock { clock }))
    }

    /// Sets the clock to `unix_millis`, in milliseconds since the Unix epoch. It may go back.
    ///
    /// Fails with `InvalidArgument` outside the years 1 to 9999.
    pub fn set(&self, unix_millis: i64) -> Result<(), EventStoreError> {
        self.clock.set(checked::instant(unix_millis)?);
        Ok(())
    }

    /// Moves the clock by `millis` milliseconds. A negative number moves it back, which is a
    /// correction. A store reads a time outside the years 1 to 9999 as the nearest one inside them.
    ///
    /// Fails with `InvalidArgument` for more than 10,000 years in either direction.
    pub fn advance(&self, millis: i64) -> Result<(), EventStoreError> {
        self.clock.advance(checked::clock_change(millis)?);
        Ok(())
    }

    /// The time that the clock shows, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.clock.unix_millis()
    }
}

impl TestClock {
    pub(super) fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }
}
