//! The store: a clock, one lock on memory, and a storage. It orchestrates; arithmetic and formats are elsewhere.

mod ageing;
mod auto_persist;
mod backend;
mod balance;
mod builder;
mod changes;
pub(crate) mod draft;
mod entry;
mod erase;
pub(crate) mod events;
mod export;
mod flush;
mod health;
pub(crate) mod held;
#[cfg(feature = "storage-fs")]
mod identity;
pub(crate) mod inner;
mod install;
mod kept;
mod knowledge;
mod lanes;
mod lifecycle;
#[cfg(feature = "storage-fs")]
mod log_backend;
mod merge;
mod migrate;
pub(crate) mod names;
mod per_event;
pub(crate) mod present;
mod questions;
mod record;
mod signal;
pub(crate) mod state;
mod writer;

use std::sync::Arc;

pub use builder::EventStoreBuilder;
pub(crate) use builder::call_for;
pub use health::{Health, Loss};
pub use held::HeldReservation;
pub use merge::MergeReport;

use inner::Inner;

/// A random number, from the system.
pub(crate) fn random() -> crate::error::Result<[u8; 16]> {
    let mut number = [0; 16];
    getrandom::fill(&mut number).map_err(|error| {
        crate::error::Error::Storage(format!("the system gave no random numbers: {error}"))
    })?;
    Ok(number)
}

/// Counts events and answers questions about them.
///
/// All methods but `compact` take `&self` and may be called from any thread; share a store as `Arc<EventStore>`. What is recorded is
/// counted in memory at once. When it survives what:
///
/// | after | survives a kill of the process | survives a loss of power |
/// |---|---|---|
/// | `record` on a log that writes in the background | soon; what survives is a prefix | no |
/// | `record` on a log that writes inline | when the call returns | no |
/// | `check_and_record`, `commit`, `reserve_for` and what settles it | when the call returns | no |
/// | `persist`, `auto_persist`, `close`, drop, before an export | when the call returns | when the call returns |
///
/// Dropping a store with unsaved events persists them, which waits for the disk; a failure there can only be logged. Where the answer
/// matters, close it:
///
/// ```
/// use tiny_counter::{EventStore, storage::MemoryStorage};
/// # #[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
/// # {
///
/// let store = EventStore::builder()
///     .with_storage(MemoryStorage::new())
///     .build()
///     .unwrap();
///
/// store.record("user_action");
///
/// // Explicitly close with error handling
/// store.close().expect("Failed to close store");
/// // Store is now consumed
/// # }
/// ```
///
/// or persist before dropping it:
///
/// ```
/// use tiny_counter::{EventStore, storage::MemoryStorage};
/// # #[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
/// # {
///
/// let store = EventStore::builder()
///     .with_storage(MemoryStorage::new())
///     .build()
///     .unwrap();
///
/// store.record("user_action");
///
/// // Explicitly persist before drop in async context
/// store.persist().expect("Failed to persist events");
///
/// // Now drop is safe - either no dirty data, or we already handled errors
/// drop(store);
/// # }
/// ```
///
/// With `auto_persist` a thread of the store's own persists from time to time, with or without an async runtime; what was recorded since the
/// last turn is persisted at the end:
///
/// ```
/// use tiny_counter::{EventStore, storage::MemoryStorage};
/// use chrono::Duration;
/// # #[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
/// # {
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let store = EventStore::builder()
///     .with_storage(MemoryStorage::new())
///     .auto_persist(Duration::seconds(60)) // Background task every 60s
///     .build()
///     .unwrap();
///
/// store.record("event1");
/// // Auto-persist will eventually save this
///
/// tokio::time::sleep(std::time::Duration::from_millis(100)).await;
///
/// store.record("event2");
/// // This might not be saved yet by auto-persist!
///
/// // Option 1: Explicit persist before drop (recommended for critical data)
/// store.persist().expect("Failed to persist");
/// drop(store);
///
/// // Option 2: Let Drop handle it (blocks executor, errors ignored)
/// // drop(store); // Will call persist() synchronously
/// # });
/// # }
/// ```
pub struct EventStore {
    pub(crate) inner: Arc<Inner>,
}

impl EventStore {
    /// A builder for a store with a storage, other units or another clock.
    pub fn builder() -> EventStoreBuilder {
        EventStoreBuilder::default()
    }

    /// A store in memory that tracks 60 minutes, 72 hours, 56 days, 52 weeks, 12 months and 4 years.
    ///
    /// It draws no random numbers and touches no disk.
    pub fn new() -> Self {
        builder::in_memory()
    }
}

impl Default for EventStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for EventStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStore").field("tracked", &self.tracked_intervals()).finish_non_exhaustive()
    }
}
