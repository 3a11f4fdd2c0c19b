//! The state of a store's storage, clock and time zone.

use super::error::EventStoreError;
use super::store::EventStore;

/// Stored counts that were lost.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Loss {
    /// The event concerned; absent if the store does not know which.
    pub event: Option<String>,
    /// When the store noticed the loss, in milliseconds since the Unix epoch.
    pub noticed_millis: i64,
}

/// What is wrong with a store. If nothing is, all lists are empty, `storage_fails` is false and the
/// times are absent.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Health {
    /// The losses that were not acknowledged. Limits that need the lost counts refuse until the
    /// loss lies outside their window, or until `acknowledge_loss` is called. A limit over all time
    /// refuses until that call.
    pub losses: Vec<Loss>,
    /// The paths of copies of damaged files, which were kept for diagnosis. They hold the names of
    /// events. An opening removes those that are older than 30 days; `erase_events` and `erase_all`
    /// remove all of them.
    pub kept_aside: Vec<String>,
    /// Events whose stored counts are damaged or of a newer version, as far as they were read. The
    /// stored bytes stay as they are until the event is erased, or the loss is acknowledged.
    pub quarantined: Vec<String>,
    /// Whether the last call to the storage failed. Answers then come from memory, and nothing new
    /// is saved until a call succeeds.
    pub storage_fails: bool,
    /// When the store noticed that the clock went back by more than a second, in milliseconds since
    /// the Unix epoch. If the clock is set again, this instant is moved by as much. Absent once the
    /// clock has passed what it showed before. There is nothing to do about it.
    pub clock_went_back_millis: Option<i64>,
    /// The end of the time zone table that the clock has left, in milliseconds since the Unix
    /// epoch: the last transition if the clock is later, the first one if the clock is earlier. The
    /// offset at that end is used. Set a new table. Absent if the clock is inside the table.
    pub zone_ended_millis: Option<i64>,
}

#[uniffi::export]
impl EventStore {
    /// What is wrong with the store, if anything.
    pub fn health(&self) -> Health {
        self.core.health().into()
    }

    /// Acknowledges the losses that `health` reports: they are no longer reported, and limits no
    /// longer refuse because of them. The damaged data of events is given up: what was recorded
    /// since, and what can be read, takes its place. Events of a newer version stay. It waits for
    /// the disk.
    ///
    /// Fails with `Storage`, `Unavailable` or `Closed` if that cannot be saved.
    pub fn acknowledge_loss(&self) -> Result<(), EventStoreError> {
        Ok(self.core.acknowledge_loss()?)
    }
}

impl From<crate::Health> for Health {
    fn from(health: crate::Health) -> Self {
        Health {
            losses: health.losses.into_iter().map(Loss::from).collect(),
            kept_aside: health.kept_aside.iter().map(|path| path.display().to_string()).collect(),
            quarantined: health.quarantined,
            storage_fails: health.storage_fails,
            clock_went_back_millis: health.clock_went_back.map(|since| since.timestamp_millis()),
            zone_ended_millis: health.zone_ended.map(|since| since.timestamp_millis()),
        }
    }
}

impl From<crate::Loss> for Loss {
    fn from(loss: crate::Loss) -> Self {
        Loss { event: loss.event, noticed_millis: loss.noticed.timestamp_millis() }
    }
}
