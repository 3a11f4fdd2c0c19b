//! The health of a store: losses, damage, and a clock or zone that cannot be relied on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::EventStore;
use super::shared::Shared;
use crate::codec::StoredParts;
use crate::engine::{Due, LossRecord};
use crate::error::{Error, Result};
use crate::time::instant::to_time;

/// A loss of stored counts.
///
/// Counts from before `noticed` can be missing. How old they are is not known. What is recorded
/// since is not concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The event: all its counts or the latest ones are missing, and its stored reservations.
    /// Absent if it is not known which event: then any counts, stored reservations and erasures can
    /// be missing.
    pub event: Option<String>,
    /// When the store noticed the loss.
    pub noticed: DateTime<Utc>,
}

/// The health of a store. All fields empty, false and absent: nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The losses that were not acknowledged. Limits that need the lost counts refuse until the
    /// loss lies outside their window, or until `acknowledge_loss` is called. A limit over all time
    /// refuses until that call.
    pub losses: Vec<Loss>,
    /// Copies of damaged files that this opening made or found unchanged, kept for diagnosis. Once
    /// the first write has replaced the damaged file, later openings do not list them. They hold
    /// the names of events. They stay in the folder of the log until an opening finds them more
    /// than 30 days old by the store's clock, until `erase_events` or `erase_all`, or until the app
    /// removes them.
    pub kept_aside: Vec<PathBuf>,
    /// Events whose stored counts are damaged or of a newer version, as far as they were read. The
    /// stored bytes stay as they are until the event is erased or imported, or the loss is
    /// acknowledged.
    pub quarantined: Vec<String>,
    /// Whether the last call to the storage failed. Answers then come from memory, and nothing new
    /// is saved until a call succeeds.
    pub storage_fails: bool,
    /// When the store noticed that the clock went back by more than a second. If the clock is set
    /// again, this instant is moved by as much. Absent once the clock has passed what it showed
    /// before.
    pub clock_went_back: Option<DateTime<Utc>>,
    /// The end of the time zone table that the clock has left: the table's last transition if the
    /// clock is later, its first one if the clock is earlier. The offset at that end is used. Call
    /// `set_zone` with a new table. Absent if the clock is inside the table.
    pub zone_ended: Option<DateTime<Utc>>,
}

impl EventStore {
    /// What is wrong with the store, if anything.
    pub fn health(&self) -> Health {
        let now = self.shared.now();
        let storage_fails = self.shared.storage_fails();
        self.shared.with_memory_at(now, |engine| {
            let loss =
                |(event, noticed, _): &LossRecord| Loss { event: event.clone(), noticed: to_time(*noticed) };
            let clock = &engine.clock;
            Health {
                losses: engine.losses().iter().map(loss).collect(),
                kept_aside: engine.kept_aside().to_vec(),
                quarantined: engine.quarantined().map(str::to_owned).collect(),
                storage_fails,
                clock_went_back: clock.watch.noticed().map(to_time),
                zone_ended: clock.zone.passed_end(clock.now()).map(to_time),
            }
        })
    }

    /// Acknowledges the losses that `health` reports. They are no longer reported, and limits no
    /// longer refuse because of them. The damaged data of events is given up: what was recorded of
    /// them since, and what can be read of them, takes its place. Events of a newer version stay as
    /// they are.
    ///
    /// # Errors
    /// A storage that cannot be read or written; `Closed`. Without a storage there is nothing to
    /// write.
    pub fn acknowledge_loss(&self) -> Result<()> {
        self.shared.check_open()?;
        let readable = self.shared.readable_of_damaged()?;
        self.shared.with_memory_at(self.shared.now(), |engine| engine.acknowledge_losses(readable));
        match &self.shared.storage {
            Some(_) => self.shared.flush(Due::Dirty, true),
            None => Ok(()),
        }
    }
}

impl Shared {
    /// What can be read of each event whose stored data is damaged.
    fn readable_of_damaged(&self) -> Result<BTreeMap<String, StoredParts>> {
        let Some(storage) = self.storage.as_deref() else { return Ok(BTreeMap::new()) };
        let mut readable = BTreeMap::new();
        for name in self.with_memory(|engine| engine.damaged()) {
            match storage.load_readable(&name) {
                Ok(stored) => _ = readable.insert(name, stored),
                // What a newer version wrote stays as it is.
                Err(Error::Incompatible { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(readable)
    }
}
