//! The store: the engine, a storage and the threads that write, behind one object.

mod auto_persist;
mod backend;
mod background_writer;
mod balance;
mod batch;
mod builder;
mod changes;
mod decision;
mod erase;
#[cfg(feature = "ffi")]
mod event_handle;
mod export;
mod health;
#[cfg(feature = "storage-fs")]
mod identity;
mod import_once;
mod inline_names;
mod known_events;
mod lifecycle;
mod limiter;
#[cfg(feature = "storage-fs")]
mod log_backend;
mod markers;
mod merge;
mod migrate;
mod opened;
mod opening;
mod own_lane;
mod prepared_limit;
mod query;
mod record;
mod replicas;
mod reservation;
mod retry;
mod shared;
mod storage_backend;
mod storage_reads;
mod store_records;
mod stored_event;
mod stored_keys;
mod stored_reservations;
mod sync_keys;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;

pub use builder::EventStoreBuilder;
pub use changes::Changes;
#[cfg(feature = "ffi")]
pub(crate) use event_handle::EventHandle;
pub use health::{Health, Loss};
pub use limiter::Limiter;
pub use prepared_limit::PreparedLimit;
pub use query::{
    DeltaQuery, DeltaRangeQuery, MultiQuery, MultiRangeQuery, PreparedQuestion, Query, RangeQuery,
    RatioQuery, SinceQuery,
};
pub use replicas::Replica;
pub use reservation::Reservation;
pub use stored_reservations::{ReservationKey, StoredReservation};

use shared::Shared;

/// Counts events and answers questions about them.
///
/// All methods but `close` and `compact` take `&self` and may be called from any thread. Share a
/// store as `Arc<EventStore>`. A recording counts at once. What it survives:
///
/// | after | a kill of the process | a power loss |
/// |---|---|---|
/// | `record`, written in the background | after about 50 ms: a prefix of what was recorded | no |
/// | `record` on a log that writes inline | when the call returns | no |
/// | `record_now` | when the call returns, on a log with everything before it | no |
/// | a decision, a reservation or its end | when the call returns | no |
/// | `persist`, `auto_persist`, `close`, drop, an export | when it returns | when it returns |
///
/// Dropping a store persists unsaved events, which waits for the disk. A failure is only logged
/// then. To learn of it, close the store:
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
/// With `auto_persist` a thread of the store persists at intervals, with or without an async
/// runtime. What was recorded since the last interval is persisted at the end:
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
    shared: Arc<Shared>,
}

impl EventStore {
    /// Begins to build a store with a storage, other units or another clock.
    pub fn builder() -> EventStoreBuilder {
        EventStoreBuilder::default()
    }

    /// A store in memory that tracks 60 minutes, 72 hours, 56 days, 52 weeks, 12 months and 4
    /// years.
    ///
    /// It needs no random numbers and no disk.
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
