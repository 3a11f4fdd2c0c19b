//! Where counters are kept.

#[cfg(feature = "storage-fs")]
mod file_name;
#[cfg(feature = "storage-fs")]
mod file_per_event;
#[cfg(feature = "storage-fs")]
pub(crate) mod identity;
#[cfg(feature = "storage-fs")]
pub(crate) mod log;
#[cfg(feature = "storage-fs")]
mod log_options;
mod memory;
#[cfg(feature = "storage-sqlite")]
mod sqlite;
#[cfg(feature = "storage-fs")]
mod whole_file;

use crate::error::Result;

#[cfg(feature = "storage-fs")]
pub use file_per_event::FilePerEvent;
#[cfg(feature = "storage-fs")]
pub use log_options::{Log, Writes};
pub use memory::MemoryStorage;
#[cfg(feature = "storage-sqlite")]
pub use sqlite::Sqlite;

/// The most bytes that a storage reads of one event: twice what a formatter takes.
#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
const MOST_BYTES: u32 = 64 << 20;

#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
fn is_too_long(bytes: &[u8]) -> bool {
    u32::try_from(bytes.len()).map_or(true, |len| len > MOST_BYTES)
}

/// A place that keeps one value for each event.
///
/// Only what `load` returns as absent is absent: an error never means "no such event".
pub trait Storage: Send + Sync {
    /// Keeps `data` for `key`, in the place of what was there.
    ///
    /// # Errors
    /// Whatever hinders it; what was there before must then still be there.
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()>;

    /// What is kept for `key`; absent if nothing is.
    ///
    /// # Errors
    /// Anything that leaves open whether something is there.
    fn load(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// Forgets `key`. Forgetting what is not there succeeds.
    ///
    /// # Errors
    /// Whatever hinders it.
    fn delete(&mut self, key: &str) -> Result<()>;

    /// All keys that are kept, in any order.
    ///
    /// # Errors
    /// Whatever hinders a complete list.
    fn list_keys(&self) -> Result<Vec<String>>;

    /// Begins a transaction: what follows is kept whole at its commit, or not at all.
    ///
    /// # Errors
    /// Whatever hinders it. Storages without transactions do nothing.
    fn begin_transaction(&mut self) -> Result<()> {
        Ok(())
    }

    /// Keeps all that was saved and deleted since the begin.
    ///
    /// # Errors
    /// Whatever hinders it; a rollback follows.
    fn commit_transaction(&mut self) -> Result<()> {
        Ok(())
    }

    /// Forgets all that was saved and deleted since the begin.
    ///
    /// # Errors
    /// Whatever hinders it.
    fn rollback_transaction(&mut self) -> Result<()> {
        Ok(())
    }

    /// Returns when all that was kept survives a loss of power.
    ///
    /// # Errors
    /// Whatever hinders it.
    fn sync(&mut self) -> Result<()> {
        Ok(())
    }
}
