//! The interface between a store and its storage.

use std::path::PathBuf;

use crate::codec::{StoredEvent, StoredParts};
use crate::engine::Changes;
use crate::error::{Error, Result};
use crate::storage::key::Part;

/// Stored events, and records of the store as a whole.
///
/// The store never calls two writing methods at once. Loads can happen at any time.
pub(super) trait Backend: Send + Sync {
    /// Whether changes are written in the background, before anybody persists.
    fn writes_in_background(&self) -> bool;

    /// Whether the storage itself keeps a second store from writing. If not, the store record is
    /// used to notice a second store.
    fn is_exclusive(&self) -> bool;

    /// Whether the event could be stored. It answers without waiting, and "no" only if that is
    /// certain.
    fn may_hold(&self, name: &str) -> bool;

    /// Reads a value of an event.
    fn load_part(&self, name: &str, part: Part) -> Result<Option<StoredEvent>>;

    /// Reads both values of an event. If one cannot be read now, that is the error. Otherwise, if a
    /// newer version wrote one, that is it.
    fn load(&self, name: &str) -> Result<StoredParts> {
        match (self.load_part(name, Part::Event), self.load_part(name, Part::Others)) {
            (Ok(event), Ok(others)) => Ok(StoredParts { event, others }),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
            (Err(event), Err(others)) => Err(if weight(&others) > weight(&event) { others } else { event }),
        }
    }

    /// What can be read of an event of which a value is damaged. A value that is damaged is absent.
    ///
    /// # Errors
    /// A value that cannot be read now, or that a newer version wrote.
    fn load_readable(&self, name: &str) -> Result<StoredParts> {
        let read = |part| match self.load_part(name, part) {
            Err(error) if weight(&error) == 0 => Ok(None),
            read => read,
        };
        Ok(StoredParts { event: read(Part::Event)?, others: read(Part::Others)? })
    }

    /// The names of all stored events.
    fn names(&self) -> Result<Vec<String>>;

    /// A record of the store: the store record itself, or a page of a list.
    fn load_record(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Writes all or nothing, as far as the storage can. When it returns, everything survives a
    /// kill of the process.
    fn write(&self, changes: &Changes) -> Result<()>;

    /// Returns when everything that was written survives a power loss.
    fn sync(&self) -> Result<()>;

    /// Whether enough space is wasted to make a compaction worthwhile.
    fn wants_compaction(&self) -> bool {
        false
    }

    /// Whether the storage still holds the names or the counts of events that were removed.
    fn holds_removed(&self) -> bool {
        false
    }

    /// Frees wasted space. When it returns, the storage holds nothing of removed events, also after
    /// a power loss.
    fn compact(&self) -> Result<()> {
        Ok(())
    }

    /// Removes the copies of damaged files.
    fn remove_kept_aside(&self) -> Result<()> {
        Ok(())
    }

    /// Whether somebody else changed the storage, so that this store can no longer write to it.
    #[cfg(feature = "storage-fs")]
    fn is_changed(&self) -> bool {
        false
    }

    /// Closes the files, so that they can be opened again.
    fn close(&self);

    /// Opens a closed storage again. `now` is in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// A storage that cannot be opened now, or not by this store. It stays closed.
    #[cfg(feature = "storage-fs")]
    fn reopen(&self, _now: i64) -> Result<Damage> {
        Err(Error::ConfigMismatch(
            "only a store on a log can be opened again; build a new store on this storage".into(),
        ))
    }
}

/// The losses that were found when a storage was opened.
#[derive(Debug, Default)]
pub(super) struct Damage {
    /// The keys of what was lost.
    pub(super) lost: Vec<String>,
    /// Whether anything else was lost, of which the keys are not known.
    pub(super) lost_unknown: bool,
    /// Whether any event can have an earlier value than its last one. An event in `lost` always
    /// can.
    pub(super) any_is_earlier: bool,
    /// Copies of damaged files that were kept.
    pub(super) kept_aside: Vec<PathBuf>,
}

/// Of two errors of reading the values of an event, the one with the higher weight forbids more.
fn weight(error: &Error) -> u8 {
    match error {
        Error::Incompatible { .. } => 1,
        error if error.is_unreadable_data() => 0,
        _ => 2,
    }
}
