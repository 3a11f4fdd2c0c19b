//! What a store has to say about itself, and about a merge.

use super::error::EventStoreError;
use super::store::EventStore;
use crate::checked;

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
    /// The last call to the storage failed: answers come from memory, and nothing new is saved until one succeeds.
    pub storage_fails: bool,
    /// The clock went back and has not yet reached what it showed before: since when, in milliseconds since the Unix epoch.
    pub clock_went_back_millis: Option<i64>,
    /// The time zone's table has ended: since when its last offset is taken for granted, in milliseconds since the Unix epoch.
    pub zone_ended_millis: Option<i64>,
}

/// What a merge did.
#[derive(Debug, Clone, uniffi::Record)]
pub struct MergeReport {
    /// Events that have other counts now, new ones included.
    pub events_changed: i64,
    /// Lanes of other stores that the data held. A lane is what one store counted.
    pub lanes: i64,
    /// How often two stores were found to count under one identity, as after a copied app container.
    pub twins: i64,
    /// Events that were left out because they claim to have been erased more often than can be.
    pub refused: i64,
    /// This store had gone back to an older state, as after a restored backup. It counts under a new identity now; what it had counted
    /// since then is lost.
    pub restarted: bool,
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

impl From<crate::MergeReport> for MergeReport {
    fn from(report: crate::MergeReport) -> Self {
        MergeReport {
            events_changed: checked::signed(report.events_changed),
            lanes: checked::signed(report.lanes),
            twins: checked::signed(report.twins),
            refused: checked::signed(report.refused),
            restarted: report.restarted,
        }
    }
}
