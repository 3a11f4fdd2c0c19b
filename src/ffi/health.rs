//! What a store has to say about itself.

use super::error::EventStoreError;
use super::store::EventStore;

/// Stored counts that are gone.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Loss {
    /// The event concerned; absent where it is not known which.
    pub event: Option<String>,
    /// When the store found out, in milliseconds since the Unix epoch.
    pub noticed_millis: i64,
}

/// How a store is doing. All empty and absent: nothing is wrong.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Health {
    /// What was lost and is not acknowledged.
    pub losses: Vec<Loss>,
    /// The paths of damaged files that were kept for whoever wants to look into them.
    pub kept_aside: Vec<String>,
    /// Events whose stored counts are damaged, as far as they were asked for. What is stored of them is left as it is until the event is erased.
    pub quarantined: Vec<String>,
    /// The last call to the storage failed: answers come from memory, and nothing new is saved until one succeeds.
    pub storage_fails: bool,
    /// The clock went back and has not yet reached what it showed before: since when, in milliseconds since the Unix epoch.
    pub clock_went_back_millis: Option<i64>,
    /// The time zone's table has ended: since when its last offset is taken for granted, in milliseconds since the Unix epoch.
    pub zone_ended_millis: Option<i64>,
}

#[uniffi::export]
impl EventStore {
    /// What is wrong with the store, if anything.
    pub fn health(&self) -> Health {
        self.core.health().into()
    }

    /// Says that the app knows of the losses that `health` reports: they are no longer reported.
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
