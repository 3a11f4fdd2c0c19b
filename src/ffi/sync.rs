//! Exporting and merging counts.

use super::checked;
use super::error::EventStoreError;
use super::store::EventStore;

/// The result of a merge.
#[derive(Debug, Clone, uniffi::Record)]
pub struct MergeReport {
    /// How many events have other counts now, new events included, and those of which an erasure
    /// took counts. An event of which only an erasure is new counts only if it is in memory.
    pub events_changed: i64,
    /// How many replicas of other stores the data held. A replica is what one store counted.
    pub replicas: i64,
    /// How many conflicting copies of counts the data held: two stores counted one event under one
    /// identity, as after an app container was copied. The greater count of each bucket was kept.
    /// Copies that counted only in the same buckets look like one that counted on, and are not
    /// found.
    pub conflicting_copies: i64,
    /// How many events were left out or taken in part: they would take more than 8 MiB, or they
    /// belong to more than 1,024 replicas.
    pub refused: i64,
    /// How many replicas were left out because this store has counts of 1,024 others.
    /// `forget_replicas` makes room. What was left out is merged with a later export.
    pub replicas_refused: i64,
    /// Whether this store counts under a new identity now. Either the data held a later state of
    /// its own replica: it had gone back to an older state, as after a restored backup, or another
    /// store continues a copy of it. It keeps what it had counted, but what both counted of one
    /// event can be too low. Or another device has forgotten its replica: then what it had counted
    /// is erased.
    pub restarted: bool,
}

#[uniffi::export]
impl EventStore {
    /// Returns all events as bytes, for `merge_bytes` on another device. Without a sync key the
    /// bytes hold names and counts that are not encrypted. Everything is saved first, so the call
    /// waits for the disk.
    ///
    /// Fails with `Unavailable`, `Corrupt` or `Storage` if an event cannot be read, which the error
    /// names, or if something cannot be saved; with `InvalidArgument` for more than 100,000 events
    /// or 32 MiB, which no store accepts: `export_parts` has no such limit; with `Closed`.
    pub fn export_bytes(&self) -> Result<Vec<u8>, EventStoreError> {
        Ok(self.core.export_bytes()?)
    }

    /// Returns the sync state of this store: what it knows of all replicas. Pass it to
    /// `export_since` of another store, which then exports only what is new to this store. An app
    /// stores or sends it as it is. The call may read the disk.
    ///
    /// Fails with `Closed`, and with `Unavailable`, `Corrupt` or `Storage` if an event has to be
    /// read and cannot be.
    pub fn knowledge(&self) -> Result<Vec<u8>, EventStoreError> {
        Ok(self.core.knowledge()?)
    }

    /// Like `export_bytes`, but without what the store with this sync state has already.
    /// `knowledge` is what that store's `knowledge` returned.
    ///
    /// Fails with `Corrupt`, `Incompatible` or `SyncKeyRequired` for a sync state that cannot be
    /// read; otherwise as `export_bytes`.
    pub fn export_since(&self, knowledge: Vec<u8>) -> Result<Vec<u8>, EventStoreError> {
        Ok(self.core.export_since(&knowledge)?)
    }

    /// Like `export_bytes`, in parts of about `max_bytes`, for a transport that limits the size of
    /// a message. Each part is merged with `merge_bytes`, in any order and any number of times.
    ///
    /// A part is longer than `max_bytes` if the counts of one event on one device are. Each part
    /// repeats what the store knows of each replica, about 50 bytes for each. If that takes more
    /// than half of `max_bytes`, each part is twice as long as that.
    ///
    /// Fails with `InvalidArgument` for a negative `max_bytes`; otherwise as `export_bytes`, but
    /// any number of events fits.
    pub fn export_parts(&self, max_bytes: i64) -> Result<Vec<Vec<u8>>, EventStoreError> {
        Ok(self.core.export_parts(checked::bytes(max_bytes)?)?)
    }

    /// Like `export_parts`, but without what the store with this sync state has already.
    /// `knowledge` is what that store's `knowledge` returned.
    ///
    /// Fails as `export_since` and `export_parts`.
    pub fn export_parts_since(
        &self,
        knowledge: Vec<u8>,
        max_bytes: i64,
    ) -> Result<Vec<Vec<u8>>, EventStoreError> {
        Ok(self.core.export_parts_since(&knowledge, checked::bytes(max_bytes)?)?)
    }

    /// Merges bytes that `export_bytes` or `export_since` of another store returned, or one part of
    /// `export_parts` or `export_parts_since`. What is known already is not counted again, in any
    /// order and any number of times. What the other store erased is erased here too. The names of
    /// events that are erased by this leave the files with the next persist. The call may read the
    /// disk. It takes at most 20 times the bytes of memory, 400 bytes for each event and 200 for
    /// each erased part of an event, and up to 80 MiB while the largest event is joined. With a
    /// sync key it takes the bytes once more.
    ///
    /// Fails with `Corrupt` for bytes that are damaged or not an export, of more than 32 MiB or
    /// with more than 100,000 events; with `Incompatible` for an export of a newer version; with
    /// `SyncKeyRequired` for a sealed one without a sync key; with `Unavailable`, `Corrupt` or
    /// `Storage` if a stored event cannot be read; with `Closed`. Nothing is changed then.
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
            replicas_refused: checked::signed(report.replicas_refused),
            restarted: report.restarted,
        }
    }
}
