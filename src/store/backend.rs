//! The interface between a store and its storage.

use crate::codec::StoreRecord;
use crate::counter::event_counter::SingleEventCounter;
use crate::engine::Changes;
use crate::error::Result;

/// Stored events, and the store record if the storage has a place for it.
///
/// The store never calls two writing methods at once. Loads can happen at any time.
pub(super) trait Backend: Send + Sync {
    /// Whether this is a log: it has a store record, and is written before anybody persists.
    fn is_log(&self) -> bool;

    /// Whether the event could be stored. It answers without waiting, and "no" only if that is
    /// certain.
    fn may_hold(&self, name: &str) -> bool;

    fn load(&self, name: &str) -> Result<Option<SingleEventCounter>>;

    fn names(&self) -> Result<Vec<String>>;

    /// Writes all or nothing, as far as the storage can. When it returns, everything survives a
    /// kill of the process.
    fn write(&self, changes: &Changes, record: Option<&StoreRecord>) -> Result<()>;

    /// Returns when everything that was written survives a power loss.
    fn sync(&self) -> Result<()>;

    /// Whether enough space is wasted to make a compaction worthwhile.
    fn wants_compaction(&self) -> bool;

    /// Frees wasted space.
    fn compact(&self) -> Result<()>;

    /// Closes the files, so that they can be opened again.
    fn close(&self);
}
