//! What stores exchange.

use super::error::EventStoreError;
use super::store::EventStore;
use crate::checked;

/// What a merge did.
#[derive(Debug, Clone, uniffi::Record)]
pub struct MergeReport {
    /// Events that have other counts now, new ones included.
    pub events_changed: i64,
    /// Lanes of other stores that the data held. A lane is what one store counted.
    pub replicas: i64,
    /// How often two stores were found to count under one identity, as after a copied app container.
    pub conflicting_copies: i64,
    /// Events that were left out because they claim to have been erased more often than can be.
    pub refused: i64,
    /// This store had gone back to an older state, as after a restored backup. It counts under a new identity now; what it had counted
    /// since then is lost.
    pub restarted: bool,
}

#[uniffi::export]
impl EventStore {
    /// All events in one piece, for `merge_bytes` on another device. The bytes hold names and counts in clear. What is exported is
    /// saved first.
    ///
    /// Fails with `Unavailable`, `Corrupt` or `Storage`, naming the event that cannot be read; with `Storage` for more than 32 MiB or
    /// 100,000 events, which no store takes in; with `Closed`.
    pub fn export_bytes(&self) -> Result<Vec<u8>, EventStoreError> {
        Ok(self.core.export_bytes()?)
    }

    /// What this store knows: hand it to another store's `export_since`, so that it gives only what is new here.
    ///
    /// Fails with `Closed`.
    pub fn knowledge(&self) -> Result<Vec<u8>, EventStoreError> {
        Ok(self.core.knowledge()?)
    }

    /// As `export_bytes`, without what the store that gave this `knowledge` has already.
    ///
    /// Fails with `Corrupt` or `Incompatible` for a knowledge that cannot be read; otherwise as `export_bytes`.
    pub fn export_since(&self, knowledge: Vec<u8>) -> Result<Vec<u8>, EventStoreError> {
        Ok(self.core.export_since(&knowledge)?)
    }

    /// Takes in what `export_bytes` or `export_since` of another store gave. What is known already is not counted again, whatever the
    /// order and however often. Meanwhile at most eight times the bytes are held in memory, and 400 bytes for each event.
    ///
    /// Fails with `Corrupt` for bytes that are damaged or no export, of more than 32 MiB or of more than 100,000 events, with `Incompatible` for those of a newer version, and with `Unavailable`,
    /// `Storage` or `Closed`. Nothing is changed then.
    pub fn merge_bytes(&self, bytes: Vec<u8>) -> Result<MergeReport, EventStoreError> {
        Ok(self.core.merge_bytes(&bytes)?.into())
    }
}

impl From<crate::MergeReport> for MergeReport {
    fn from(report: crate::MergeReport) -> Self {
        MergeReport {
            events_changed: checked::signed(report.events_changed),
            replicas: checked::signed(report.replicas),
            conflicting_copies: checked::signed(report.conflicting_copies),
            refused: checked::signed(report.refused),
            restarted: report.restarted,
        }
    }
}
