//! The replicas that a store knows.

use super::checked;
use super::error::EventStoreError;
use super::store::EventStore;

/// A replica that a store knows: what one store counted.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Replica {
    /// Its id: 32 lower-case hexadecimal digits.
    pub id: String,
    /// The last time at which it counted an event, by its own clock, in milliseconds since the Unix
    /// epoch. Absent if the store has no counts of it now, for example because they were erased:
    /// that does not say that its device is not used any more.
    pub last_seen_millis: Option<i64>,
    /// Of how many events the store has counts of it.
    pub events: i64,
    /// Whether this store counts in it.
    pub is_own: bool,
    /// Whether this device counted in it before, for example before a backup was restored.
    pub is_retired: bool,
}

#[uniffi::export]
impl EventStore {
    /// The replicas that this store knows, the least recently seen first: its own one once it has
    /// counted something in it, those of this device from before, and those of other devices.
    /// Events that cannot be read are left out. The call may read the disk.
    ///
    /// Fails with `Unavailable` if the storage cannot be read now; with `Closed`.
    pub fn replicas(&self) -> Result<Vec<Replica>, EventStoreError> {
        Ok(self.core.replicas()?.into_iter().map(Replica::from).collect())
    }

    /// Forgets replicas of devices that are not used any more, to make room for others: a store
    /// takes counts of at most 1,024 other replicas. `ids` are those of `replicas`. Returns how
    /// many of them were known. It waits for the disk.
    ///
    /// All that a forgotten replica counted is erased, here and on every device that merges a later
    /// export of this store, also what this store never heard of. It does not come back. If the
    /// device is still used, it counts under a new identity when it hears of this; what it counts
    /// from then on is merged like that of a new device.
    ///
    /// The store remembers 4,096 forgotten replicas, also those that other stores forgot. If more
    /// are forgotten, what others of them counted is taken in again when another store sends it.
    ///
    /// Forgetting a retired replica erases what this device itself counted before.
    ///
    /// When it returns, that survives a power loss. The names of events that only forgotten
    /// replicas counted leave the files with the next persist or close.
    ///
    /// Fails with `InvalidArgument` for a text that is not an id, and for the own replica; with
    /// `Closed`. Nothing is changed then. Fails with `Storage` or `Unavailable` if that cannot be
    /// written; the replicas are forgotten in memory then, and the next `persist` writes that.
    pub fn forget_replicas(&self, ids: Vec<String>) -> Result<i64, EventStoreError> {
        Ok(checked::signed(self.core.forget_replicas(ids)?))
    }
}

impl From<crate::Replica> for Replica {
    fn from(replica: crate::Replica) -> Self {
        Replica {
            id: replica.id,
            last_seen_millis: replica.last_seen.map(|seen| seen.timestamp_millis()),
            events: checked::signed(replica.events),
            is_own: replica.is_own,
            is_retired: replica.is_retired,
        }
    }
}
