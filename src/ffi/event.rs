//! A handle on one event.

use std::sync::Arc;

use super::error::EventStoreError;
use super::store::EventStore;
use crate::checked;

/// One event of a store, for events that are recorded often: its name does not cross again with every call. It keeps its store alive.
#[derive(Debug, uniffi::Object)]
pub struct Event {
    store: Arc<crate::EventStore>,
    name: String,
}

#[uniffi::export]
impl Event {
    /// Records that the event happened `count` times now; 0 makes it known. The call never waits for the disk, unless the store
    /// writes inline. On a store that was shut down nothing is counted and a warning is logged.
    ///
    /// Fails with `InvalidArgument` unless `count` is from 0 to 4,294,967,295.
    pub fn record(&self, count: i64) -> Result<(), EventStoreError> {
        self.store.record_count(&self.name, checked::count(count)?);
        Ok(())
    }

    /// The event's name.
    pub fn name(&self) -> String {
        self.name.clone()
    }
}

#[uniffi::export]
impl EventStore {
    /// A handle on the event `name`. Nothing is recorded by this.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes in UTF-8.
    pub fn event(&self, name: String) -> Result<Arc<Event>, EventStoreError> {
        crate::event_id::checked(&name)?;
        Ok(Arc::new(Event { store: self.core.clone(), name }))
    }
}
