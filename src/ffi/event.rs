//! A handle for one event.

use std::sync::Arc;

use super::checked;
use super::counted_event::CountedEvent;
use super::direct::EventNumber;
use super::error::EventStoreError;
use super::store::EventStore;

/// A handle for one event that is recorded often: the name is not copied with every call. The
/// handle keeps its store in memory.
#[derive(Debug, uniffi::Object)]
pub struct Event {
    event: Arc<CountedEvent>,
    number: EventNumber,
}

#[uniffi::export]
impl Event {
    /// Records that the event happened `count` times now. A count of 0 makes the event known.
    ///
    /// The call never waits for the disk, unless the store writes inline. On a closed store nothing
    /// is counted and a warning is logged.
    ///
    /// Fails with `InvalidArgument` unless `count` is from 0 to 4,294,967,295.
    pub fn record(&self, count: i64) -> Result<(), EventStoreError> {
        let event = &self.event;
        event.store.record_count(&event.name, checked::count(count)?);
        Ok(())
    }

    /// The event's name.
    pub fn name(&self) -> String {
        self.event.name.clone()
    }

    /// The number that the symbol `tiny_counter_record` takes. It is valid as long as this handle
    /// exists.
    pub fn number(&self) -> i64 {
        self.number.0
    }
}

#[uniffi::export]
impl EventStore {
    /// Returns a handle for the event `name`. Nothing is recorded.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes of UTF-8.
    pub fn event(&self, name: String) -> Result<Arc<Event>, EventStoreError> {
        crate::event_id::checked_name(&name)?;
        let event = Arc::new(CountedEvent { store: self.core.clone(), name });
        Ok(Arc::new(Event { number: EventNumber::of(&event), event }))
    }
}
