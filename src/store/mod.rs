//! The store: a clock, one lock on memory, and a storage. It orchestrates; arithmetic and formats are elsewhere.

mod auto_persist;
mod backend;
mod balance;
mod builder;
mod entry;
mod erase;
mod export;
mod flush;
mod health;
pub(crate) mod inner;
mod knowledge;
mod lifecycle;
#[cfg(feature = "storage-fs")]
mod log_backend;
mod merge;
mod per_event;
mod questions;
mod record;
mod signal;
pub(crate) mod state;
mod writer;

use std::sync::Arc;

pub use builder::EventStoreBuilder;
pub(crate) use builder::call_for;
pub use health::{Health, Loss};
pub use merge::MergeReport;

use inner::Inner;

/// Counts events and answers questions about them.
///
/// All methods but `compact` take `&self` and may be called from any thread; share a store as `Arc<EventStore>`. What is recorded is
/// counted in memory at once. When it survives what:
///
/// | after | survives a kill of the process | survives a loss of power |
/// |---|---|---|
/// | `record` on a log that writes in the background | soon; what survives is a prefix | no |
/// | `record` on a log that writes inline | when the call returns | no |
/// | `check_and_record`, `commit` | when the call returns | no |
/// | `persist`, `auto_persist`, `close`, drop, before an export | when the call returns | when the call returns |
///
/// Dropping a store with unsaved events persists them, which waits for the disk; a failure there can only be logged. Call `close()`
/// where the answer matters.
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
