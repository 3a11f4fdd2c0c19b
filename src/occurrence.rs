//! A dated event.

use chrono::{DateTime, Utc};

use crate::event_id::EventId;

/// Something that happened, for [`PreparedLimit::rehearse`](crate::PreparedLimit::rehearse) and
/// [`EventStore::import_once`](crate::EventStore::import_once).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// When.
    pub at: DateTime<Utc>,
    /// The event.
    pub event_id: String,
    /// How often.
    pub count: u32,
}

impl Occurrence {
    /// Says that an event happened `count` times at `at`.
    pub fn new(event_id: impl EventId, at: DateTime<Utc>, count: u32) -> Occurrence {
        Occurrence { at, event_id: event_id.as_ref().to_owned(), count }
    }
}
