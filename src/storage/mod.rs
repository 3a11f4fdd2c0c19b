//! Storages: where a store keeps its events.
//!
//! [`Log`] is the recommended storage for phones. [`FilePerEvent`], [`Sqlite`] and your own
//! implementations of [`Storage`] hold one value per event, and a second one if other devices count
//! it, which a [`Formatter`](crate::Formatter) encodes, and a few records of the store.

#[cfg(feature = "storage-fs")]
mod atomic_write;
#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
mod file_identity;
#[cfg(feature = "storage-fs")]
mod file_name;
#[cfg(feature = "storage-fs")]
mod file_per_event;
#[cfg(feature = "storage-fs")]
mod folder_lock;
#[cfg(feature = "storage-fs")]
pub(crate) mod identity;
#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
mod io_error;
pub(crate) mod key;
#[cfg(feature = "storage-fs")]
pub(crate) mod log;
#[cfg(feature = "storage-fs")]
mod log_options;
mod memory;
#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
mod private;
#[cfg(feature = "storage-sqlite")]
mod sqlite;

#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
use crate::bounds::MAX_STORED_VALUE_BYTES;
use crate::error::Result;

#[cfg(feature = "storage-fs")]
pub use file_per_event::FilePerEvent;
#[cfg(feature = "storage-fs")]
pub use log_options::{Log, Writes};
pub use memory::MemoryStorage;
#[cfg(feature = "storage-sqlite")]
pub use sqlite::Sqlite;

#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
fn is_too_long(bytes: &[u8]) -> bool {
    u32::try_from(bytes.len()).map_or(true, |len| len > MAX_STORED_VALUE_BYTES)
}

/// A storage of keys and values.
///
/// Implement it to keep events in a place of your own, and pass it to
/// [`EventStoreBuilder::with_storage`](crate::EventStoreBuilder::with_storage).
///
/// - **Keys** have at most 1,032 bytes of UTF-8 and can be empty. The key of an event is its name.
///   `~others-` and the name is the key of what other devices counted of it. Other keys that begin
///   with `~` are the store's own records, or events whose names begin with `~`.
/// - **Values** are opaque. The values of an event hold what the [`Formatter`](crate::Formatter)
///   returns, the stored reservations, and a checksum that includes the key: under another key the
///   value is damaged. What the formatter returns can also be saved as it is, to bring events from
///   elsewhere.
///
/// Only one store may use a storage at a time. If a store notices that another one has written, all
/// its later writes fail with [`Error::Storage`](crate::Error::Storage); see
/// [`is_exclusive`](Storage::is_exclusive).
///
/// An error must never mean "no such event": only [`load`](Storage::load) returning `Ok(None)`
/// does. Otherwise a value that cannot be read at the moment would be overwritten.
///
/// When a store is built, it lists the keys and reads its records. To write, it calls
/// [`begin_transaction`](Storage::begin_transaction), loads one record (unless the storage is
/// exclusive), saves and deletes what changed, then calls
/// [`commit_transaction`](Storage::commit_transaction) and [`sync`](Storage::sync). If one of these
/// calls fails, nothing is lost: the store keeps the changes in memory and writes them again at the
/// next persist.
pub trait Storage: Send + Sync {
    /// Stores `data` as the value of `key`, and replaces an earlier value.
    ///
    /// # Errors
    /// Any failure to store it. The earlier value must then still be there.
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()>;

    /// The value of `key`; `None` if there is none.
    ///
    /// # Errors
    /// Any failure that leaves open whether there is a value. Return
    /// [`Error::Corrupt`](crate::Error::Corrupt) only for a value that is damaged permanently: the
    /// store may replace it.
    fn load(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// Removes the value of `key`. Succeeds if there is none.
    ///
    /// # Errors
    /// Any failure to remove it.
    fn delete(&mut self, key: &str) -> Result<()>;

    /// Whether the storage itself keeps a second store from writing to the same values, for example
    /// by a lock. Returns `false` by default.
    ///
    /// If it returns `false`, the store loads one of its records before each write and changes it
    /// with each write, to notice a second store. In a storage without transactions, two stores
    /// that write at the same moment notice each other only at the next write of one of them.
    fn is_exclusive(&self) -> bool {
        false
    }

    /// All keys that have a value, in any order.
    ///
    /// # Errors
    /// Any failure to return a complete list.
    fn list_keys(&self) -> Result<Vec<String>>;

    /// Begins a transaction: the following changes are stored all together by
    /// [`commit_transaction`](Storage::commit_transaction), or not at all.
    ///
    /// Does nothing by default, for storages without transactions: these store each change at once.
    ///
    /// # Errors
    /// Any failure to begin it. No change follows then.
    fn begin_transaction(&mut self) -> Result<()> {
        Ok(())
    }

    /// Stores all changes since the beginning of the transaction. Does nothing by default.
    ///
    /// # Errors
    /// Any failure to store them. The store then calls
    /// [`rollback_transaction`](Storage::rollback_transaction).
    fn commit_transaction(&mut self) -> Result<()> {
        Ok(())
    }

    /// Discards all changes since the beginning of the transaction. Does nothing by default.
    ///
    /// # Errors
    /// Any failure to discard them.
    fn rollback_transaction(&mut self) -> Result<()> {
        Ok(())
    }

    /// Whether a transaction is stored all together or not at all also if the process is killed.
    /// Returns `false` by default.
    ///
    /// If it returns `false`, the store saves changes that belong together as one record first: the
    /// counts of events that one decision records. The next store that opens the storage then
    /// completes them if the process was killed.
    fn is_atomic(&self) -> bool {
        false
    }

    /// Makes all stored changes survive power loss; returns when they do. Does nothing by default,
    /// for storages whose changes survive it anyway or never.
    ///
    /// # Errors
    /// Any failure that leaves open whether the changes survive.
    fn sync(&mut self) -> Result<()> {
        Ok(())
    }

    /// Whether deleted values or their keys, which can be the names of erased events, are still
    /// there in some form, for example in a journal. Returns `false` by default, for storages in
    /// which [`delete`](Storage::delete) leaves nothing.
    ///
    /// The store calls it when it is opened and after each write. If it returns `true`, the next
    /// persist calls [`purge_deleted`](Storage::purge_deleted).
    fn holds_deleted(&self) -> bool {
        false
    }

    /// Removes what is left of deleted values and their keys. When it returns, that survives power
    /// loss. Does nothing by default.
    ///
    /// [`erase_events`](crate::EventStore::erase_events) and
    /// [`erase_all`](crate::EventStore::erase_all) call it in any case.
    ///
    /// # Errors
    /// Any failure to remove it. The next persist then calls it again.
    fn purge_deleted(&mut self) -> Result<()> {
        Ok(())
    }
}
