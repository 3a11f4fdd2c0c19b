//! A handle for one event, for the foreign interface.

use std::fmt;
use std::sync::Arc;

use super::EventStore;
use super::shared::Shared;
use crate::error::Result;
use crate::event_id::checked_name;

/// An event of a store. As a prepared limit it does not keep its store open: once that is closed or
/// dropped, nothing is counted, and a warning is logged.
pub(crate) struct EventHandle {
    shared: Arc<Shared>,
    name: Box<str>,
}

impl EventStore {
    /// Returns a handle for an event. Nothing is recorded.
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes.
    pub(crate) fn event_handle(&self, name: String) -> Result<EventHandle> {
        checked_name(&name)?;
        Ok(EventHandle { shared: Arc::clone(&self.shared), name: name.into() })
    }
}

impl EventHandle {
    /// As `EventStore::record_count`.
    #[inline]
    pub(crate) fn record(&self, count: u32) {
        self.shared.record(&self.name, count);
    }
}

impl fmt::Debug for EventHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventHandle").field(&self.name).finish()
    }
}
