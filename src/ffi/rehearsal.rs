//! Dated events, on which a limit is tried.

use super::checked;
use super::error::EventStoreError;
use super::store::EventStore;

/// Something that happened.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Occurrence {
    /// The event.
    pub event: String,
    /// When, in milliseconds since the Unix epoch.
    pub unix_millis: i64,
    /// How often, 0 to 4,294,967,295.
    pub count: i64,
}

#[uniffi::export]
impl EventStore {
    /// The counts of an event on each of the tracked days, oldest first and without days on which
    /// it did not happen, for `rehearse` of a limit. Each has the instant at which its day began.
    /// Nothing if days are not tracked.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes of UTF-8; with
    /// `Unavailable` or `Corrupt` if the event cannot be read; with `Closed`.
    pub fn daily_history(&self, event: String) -> Result<Vec<Occurrence>, EventStoreError> {
        Ok(self.core.daily_history(event)?.into_iter().map(Occurrence::from).collect())
    }
}

impl TryFrom<Occurrence> for crate::Occurrence {
    type Error = crate::Error;

    fn try_from(occurrence: Occurrence) -> crate::Result<Self> {
        Ok(Self {
            at: checked::instant(occurrence.unix_millis)?,
            event_id: occurrence.event,
            count: checked::count(occurrence.count)?,
        })
    }
}

impl From<crate::Occurrence> for Occurrence {
    fn from(occurrence: crate::Occurrence) -> Self {
        Occurrence {
            event: occurrence.event_id,
            unix_millis: occurrence.at.timestamp_millis(),
            count: occurrence.count.into(),
        }
    }
}
