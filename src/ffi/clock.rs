//! The clock of tests.

use std::sync::Arc;

use super::error::EventStoreError;
use crate::checked;
use crate::clock::Clock;

/// A clock for tests: it stands still until it is moved.
#[derive(Debug, uniffi::Object)]
pub struct TestClock {
    clock: crate::TestClock,
}

#[uniffi::export]
impl TestClock {
    /// A clock that shows `unix_millis`, milliseconds since the Unix epoch.
    ///
    /// Fails with `InvalidArgument` outside of the years 1 to 9999.
    #[uniffi::constructor]
    pub fn new(unix_millis: i64) -> Result<Arc<Self>, EventStoreError> {
        let clock = crate::TestClock::build_for_testing_at(checked::instant(unix_millis)?);
        Ok(Arc::new(TestClock { clock }))
    }

    /// Sets the clock, forwards or back, to `unix_millis`, milliseconds since the Unix epoch.
    ///
    /// Fails with `InvalidArgument` outside of the years 1 to 9999.
    pub fn set(&self, unix_millis: i64) -> Result<(), EventStoreError> {
        self.clock.set(checked::instant(unix_millis)?);
        Ok(())
    }

    /// Moves the clock by `millis`, back if it is negative.
    ///
    /// Fails with `InvalidArgument` beyond 10,000 years.
    pub fn advance(&self, millis: i64) -> Result<(), EventStoreError> {
        self.clock.advance(checked::shift(millis)?);
        Ok(())
    }

    /// What the clock shows, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.clock.unix_millis()
    }
}

impl TestClock {
    pub(super) fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }
}
