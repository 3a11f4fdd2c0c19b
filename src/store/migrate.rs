//! Taking in what another storage holds, as what another store counted.

use std::collections::BTreeSet;

use super::EventStore;
use super::flush::Due;
use super::merge::{Events, MergeReport};
use super::per_event;
use super::state::State;
use crate::codec::Message;
use crate::counter::lane::LaneId;
use crate::error::Result;
use crate::event_id::checked;
use crate::formatter::Formatter;
use crate::storage::Storage;

impl EventStore {
    /// Takes in all events of `storage`, in which a store with that `format` kept them: for an app that changes from one storage to another.
    /// The old storage is only read.
    ///
    /// All events are read and checked before anything changes here. They are then joined as by `merge_bytes` and durable when the call
    /// returns: what is known already is not counted again, so the call may be repeated after a failure, at every start, and after more was
    /// recorded in the old storage. Close or persist the old store before; it may go on counting. What it counted stays a history of its own, by
    /// this device's clock: where that goes back, it is read as what was recorded here. Only a log knows that after a restart; on another
    /// storage it is then read as another device's until the next migration. An event that is erased here stays erased; one that is erased in the old storage alone stays here.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    /// # #[cfg(all(feature = "storage-fs", feature = "serde-bincode"))] {
    /// use tiny_counter::{formatter::BincodeFormat, storage::FilePerEvent};
    ///
    /// # let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    /// # let before = EventStore::builder().with_storage(FilePerEvent::new(&old, "bin").unwrap()).build().unwrap();
    /// # before.record_count("app_launch", 3);
    /// # before.close().unwrap();
    /// let files = FilePerEvent::new(&old, "bin").unwrap();
    /// let store = EventStore::builder().with_log(new.path()).build().unwrap();
    /// store.migrate(&files, &BincodeFormat).unwrap();
    /// let again = store.migrate(&files, &BincodeFormat).unwrap();
    ///
    /// assert_eq!(again.events_changed, 0);
    /// assert_eq!(store.query("app_launch").ever().sum(), Some(3));
    /// # }
    /// ```
    ///
    /// # Errors
    /// An event that cannot be read, there or here, named in the error's field: `Unavailable` where trying again can help, `Corrupt` for bytes that
    /// are damaged or of another format, `Incompatible` for those of a newer version, `InvalidEvent` for a name that is too long. Nothing is
    /// changed then. What hinders saving: all events are then counted in memory, and saved by the next persist or migration.
    pub fn migrate(&self, storage: &dyn Storage, format: &dyn Formatter) -> Result<MergeReport> {
        self.inner.check_open()?;
        let message = Message { events: stored(storage, format)?, ..Message::default() };
        let report = self.inner.merge_and(message, State::inherit)?;
        if self.inner.backend.is_some() {
            // Also where nothing is new: an earlier migration may have failed to save it.
            self.inner.flush(Due::Undurable, true)?;
        }
        Ok(report)
    }
}

impl State {
    /// Takes what another storage of this device counted for this device's past.
    fn inherit(&mut self, message: &Message) {
        let counters = || message.events.iter().map(|(_, counter)| counter);
        let mut past: BTreeSet<LaneId> = self.present.view.past.iter().copied().collect();
        past.extend(counters().filter_map(|counter| counter.own));
        self.set_past(past);
        let cells = counters().filter_map(|counter| counter.cell(counter.own?));
        // As where the own cells are read: what lies ahead shows that the clock went back.
        for seen in cells.filter_map(|cell| cell.body.head().seen) {
            self.present.watch.heard(seen.ahead.map_or(seen.last, |ahead| ahead.max(seen.last)));
        }
    }
}

/// All that a storage holds, as it could have been exported.
fn stored(storage: &dyn Storage, format: &dyn Formatter) -> Result<Events> {
    let mut names = per_event::names(storage)?;
    names.sort_unstable();
    names.dedup();
    let mut events = Events::new();
    for name in names {
        checked(&name)?;
        if let Some(mut counter) = per_event::load(storage, format, &name)? {
            // What has aged away there may still be counted here.
            counter.cells.retain(|cell| !cell.body.is_stub());
            events.push((name, counter));
        }
    }
    Ok(events)
}
