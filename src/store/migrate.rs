//! Moving from one storage to another.

use super::EventStore;
use super::batch;
use super::storage_reads;
use crate::codec::{Incoming, Message};
use crate::engine::{Due, MergeReport, NamedCounters};
use crate::error::{Error, Result};
use crate::event_id::checked_name;
use crate::formatter::Formatter;
use crate::storage::Storage;
use crate::storage::key;

impl EventStore {
    /// Merges all events of another storage of this device, in which a store with that `format`
    /// kept them. It is for an app that changes its storage. The old storage is only read.
    ///
    /// All events are read and checked before anything changes. They are then joined as
    /// `merge_bytes` does, and durable when the call returns. What is known already is not counted
    /// again, so the call may be repeated after a failure, at every start, and after more was
    /// recorded in the old storage. Close the old store before. If it has to go on counting,
    /// persist it before and pass `FilePerEvent::read_only`.
    ///
    /// What the old store counted stays a replica of its own. Because the same clock counted it, it
    /// is read like this store's own counts if the clock goes back. An event that is erased here
    /// stays erased. An event that is erased only in the old storage stays here.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    /// # #[cfg(all(feature = "storage-fs", feature = "serde-bincode"))] {
    /// use tiny_counter::{formatter::BincodeFormat, storage::FilePerEvent};
    ///
    /// # let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    /// # let files = FilePerEvent::new(&old, "bin").unwrap();
    /// # let before = EventStore::builder().with_storage(files).build().unwrap();
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
    /// An event of either storage that cannot be read, named in the error's field: `Unavailable` if
    /// trying again can help, or if a kill interrupted a decision that records several events,
    /// until a store was opened on the old storage again, `Corrupt` for damaged bytes or another
    /// format, `Incompatible` for a newer version, `InvalidEvent` for a name of more than 1,024
    /// bytes. Nothing is changed then. A storage that cannot be written: all events are then
    /// counted in memory, and the next persist or migration writes them.
    pub fn migrate(&self, storage: &dyn Storage, format: &dyn Formatter) -> Result<MergeReport> {
        self.shared.check_open()?;
        let message = Message { events: stored(storage, format)?, ..Message::default() };
        let report = self.shared.merge_and(&Incoming::Held(&message), |engine| {
            engine.take_in_legacy_lanes(&message.events);
            Ok(())
        })?;
        if self.shared.storage.is_some() {
            // Also if nothing is new: an earlier migration may have failed to write it.
            self.shared.flush(Due::Undurable, true)?;
        }
        Ok(report)
    }
}

/// All events of a storage.
fn stored(storage: &dyn Storage, format: &dyn Formatter) -> Result<NamedCounters> {
    let keys = storage_reads::listed_keys(storage)?;
    if batch::is_among(&keys) {
        return Err(Error::unavailable(
            "the last write of the old store was interrupted; open a store on the old storage and close \
             it, which completes the write, then migrate",
        ));
    }
    let keys = keys.into_iter().collect();
    let mut events = NamedCounters::new();
    for name in key::events(&keys) {
        checked_name(&name)?;
        let stored = storage_reads::event(storage, &keys, format, &name)?;
        if !stored.is_empty() {
            events.push((name, stored.joined().counter));
        }
    }
    Ok(events)
}
