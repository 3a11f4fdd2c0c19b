//! What the store asks of a storage, whichever it is.

use super::changes::Changes;
use crate::codec::Meta;
use crate::counter::event_counter::SingleEventCounter;
use crate::error::Result;

/// Events by name, and perhaps what the store keeps beside them.
///
/// Writers take turns (the store holds its persist lock); loads may come at any time.
pub(crate) trait Backend: Send + Sync {
    /// Whether the store's own record has a place here, and recordings are written before anybody persists.
    fn is_log(&self) -> bool;

    /// Whether the event could be stored here; answers without waiting, and "no" only where that is certain.
    fn may_hold(&self, name: &str) -> bool;

    fn load(&self, name: &str) -> Result<Option<SingleEventCounter>>;

    fn names(&self) -> Result<Vec<String>>;

    /// Writes all or nothing, as far as the storage can. When it returns, a kill of the process loses nothing of it.
    fn write(&self, changes: &Changes, meta: Option<&Meta>) -> Result<()>;

    /// Returns when all that was written survives a loss of power.
    fn sync(&self) -> Result<()>;

    /// Whether so much is not needed that giving it back is worth it.
    fn wants_compaction(&self) -> bool;

    /// Gives back what is not needed.
    fn compact(&self) -> Result<()>;

    /// Lets go of the files, so that they can be opened again.
    fn close(&self);
}
