//! A handle on one event.

use std::sync::Arc;

use super::direct::Number;
use super::error::EventStoreError;
use super::store::EventStore;
use crate::checked;

/// An event, and the store that counts it.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) store: Arc<crate::EventStore>,
    pub(super) name: String,
}

/// One event of a store, for events that are recorded often: its name does not cross again with every call. It keeps its store alive.
#[derive(Debug, uniffi::Object)]
pub struct Event {
    counted: Arc<Counted>,
    number: Number,
}

#[uniffi::export]
impl Event {
    /// Records that the event happened `count` times now; 0 makes it known. The call never waits for the disk, unless the store
    /// writes inline. On a store that was shut down nothing is counted and a warning is logged.
    ///
    /// Fails with `InvalidArgument` unless `count` is from 0 to 4,294,967,295.
    pub fn record(&self, count: i64) -> Result<(), EventStoreError> {
        let event = &self.counted;
        event.store.record_count(&event.name, checked::count(count)?);
        Ok(())
    }

    /// The event's name.
    pub fn name(&self) -> String {
        self.counted.name.clone()
    }

    /// By which the symbol `tiny_counter_record` knows the event, for as long as this is kept.
    pub fn number(&self) -> i64 {
        self.number.0
    }
}

#[uniffi::export]
impl EventStore {
    /// A handle on the event `name`. Nothing is recorded by this.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes in UTF-8.
    pub fn event(&self, name: String) -> Result<Arc<Event>, EventStoreError> {
        crate::event_id::checked(&name)?;
        let counted = Arc::new(Counted { store: self.core.clone(), name });
        Ok(Arc::new(Event { number: Number::of(&counted), counted }))
    }
}
