//! An event together with its store.

use std::sync::Arc;

/// An event, and the store that counts it.
#[derive(Debug)]
pub(super) struct CountedEvent {
    pub(super) store: Arc<crate::EventStore>,
    pub(super) name: String,
}
