//! Events that are recorded by a number.

use std::sync::Arc;

use super::direct::issue_event;
use super::error::EventStoreError;
use super::store::EventStore;

#[uniffi::export]
impl EventStore {
    /// Returns a number for the event `name`, which the symbol `tiny_counter_record` takes. Nothing
    /// is recorded. Each call returns another number. It is valid until `tiny_counter_release`
    /// releases it, and does not keep the store open.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes of UTF-8.
    pub fn event_number(&self, name: String) -> Result<i64, EventStoreError> {
        crate::event_id::checked_name(&name)?;
        Ok(issue_event(Arc::downgrade(&self.core), name))
    }
}
