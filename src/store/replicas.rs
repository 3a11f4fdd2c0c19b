//! The replicas that a store knows, and forgetting some of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::EventStore;
use crate::counter::lane::LaneId;
use crate::engine::KnownReplica;
use crate::error::{Error, Result};
use crate::time::instant::to_time;

/// A replica that a store knows: what one store counted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replica {
    /// Its id: 32 lower-case hexadecimal digits.
    pub id: String,
    /// The last time at which it counted an event, by its own clock. Absent if nothing that it
    /// counted is known now, for example after an erasure. Its device can still be in use.
    pub last_seen: Option<DateTime<Utc>>,
    /// Of how many events the store has counts of it.
    pub events: usize,
    /// Whether this store counts in it.
    pub is_own: bool,
    /// Whether this device counted in it before, for example before a backup was restored.
    pub is_retired: bool,
}

impl EventStore {
    /// The replicas that this store knows: those of other devices, those of this device from
    /// before, and its own one. Those without a last time come first, then the least recently seen
    /// one. The own one is listed once this store has counted something in it. So it can be absent
    /// after [`MergeReport::restarted`](crate::MergeReport::restarted) until the store counts
    /// again. Events that cannot be read are left out.
    ///
    /// # Errors
    /// `Unavailable` if the storage cannot be read now; `Closed`.
    pub fn replicas(&self) -> Result<Vec<Replica>> {
        self.shared.check_open()?;
        self.shared.ensure_own_lane()?;
        let mut content = BTreeMap::new();
        let names = self.shared.all_names()?;
        self.shared.with_readable_in_portions(&names, |engine, names| {
            engine.add_content(names, &mut content);
        })?;
        let replicas = self.shared.with_memory(|engine| engine.replicas(&content));
        Ok(replicas.into_iter().map(Replica::from).collect())
    }

    /// Forgets replicas of devices that are not used any more, to make room for others: a store
    /// takes counts of at most 1,024 other replicas, and [`MergeReport::replicas_refused`] says
    /// that it has no room. `ids` are those of [`replicas`](EventStore::replicas). Returns how many
    /// of them were known; a repetition changes nothing.
    ///
    /// All that a forgotten replica counted is erased, here and on every device that merges a later
    /// `export_bytes`, `export_since` or `export_parts` of this store or of one that merged it:
    /// also what this store never heard of, and what an import took over from it. It does not come
    /// back, whatever is merged. If the device is still used, it counts under a new identity when
    /// it hears of this; what it counts from then on is merged like that of a new device.
    ///
    /// The store remembers 4,096 forgotten replicas, also those that other stores forgot. If more
    /// are forgotten, what others of them counted is taken in again when another store sends it.
    ///
    /// Forgetting a retired replica ([`Replica::is_retired`]) erases what this device itself
    /// counted before.
    ///
    /// When it returns, that survives a power loss. The names of events that only forgotten
    /// replicas counted leave the files with the next persist or close.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// let old_phone = EventStore::new();
    /// old_phone.record("launch");
    /// store.merge_bytes(&old_phone.export_bytes().unwrap()).unwrap();
    ///
    /// let replicas = store.replicas().unwrap();
    /// let old = replicas.iter().filter(|replica| !replica.is_own && !replica.is_retired);
    /// assert_eq!(store.forget_replicas(old.map(|replica| &replica.id)).unwrap(), 1);
    /// assert_eq!(store.query("launch").ever().sum(), None);
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for a text that is not an id, and for the own replica; `Closed`. Nothing
    /// is changed then. A storage that cannot be written; the replicas are forgotten in memory
    /// then, and the next persist or a repetition writes that.
    ///
    /// [`MergeReport::replicas_refused`]: crate::MergeReport::replicas_refused
    pub fn forget_replicas(&self, ids: impl IntoIterator<Item = impl AsRef<str>>) -> Result<usize> {
        self.shared.check_open()?;
        let lanes = ids.into_iter().map(|id| lane_of(id.as_ref())).collect::<Result<BTreeSet<_>>>()?;
        let forgotten =
            self.shared.with_memory_at(self.shared.now(), |engine| engine.forget_replicas(&lanes))?;
        // An event that is not in memory drops what is erased when it is read.
        let names = self.shared.names_in_memory();
        self.shared.with_memory_in_portions(&names, |engine, names| {
            engine.drop_erased(names);
        });
        // Also if none was known: an earlier attempt may have failed to write that.
        self.shared.write_erasure()?;
        Ok(forgotten)
    }
}

/// The lane with this id.
fn lane_of(id: &str) -> Result<LaneId> {
    let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = u128::from_str_radix(id, 16).ok().filter(|_| is_id);
    number.map(|number| LaneId(number.to_be_bytes())).ok_or_else(|| {
        Error::InvalidArgument("invalid id of a replica: use an id from the list of replicas".into())
    })
}

impl From<KnownReplica> for Replica {
    fn from(known: KnownReplica) -> Replica {
        let KnownReplica { lane, content, is_own, is_retired } = known;
        Replica {
            id: lane.to_string(),
            last_seen: content.last_seen.map(to_time),
            events: content.events,
            is_own,
            is_retired,
        }
    }
}
