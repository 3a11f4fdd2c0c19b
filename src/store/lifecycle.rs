//! Persisting, closing and compacting a store, and what it is configured with.

use chrono::{DateTime, Duration, Utc};

use super::EventStore;
use crate::engine::Due;
use crate::error::Result;
use crate::report::report;
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

impl EventStore {
    /// Saves everything that changed since the last persist. When it returns, that survives a power
    /// loss, and no file of the storage holds the name of an erased event: if events were erased
    /// since the last persist, here or on another device that was merged, the storage is rewritten
    /// once.
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
    /// store.record("event");
    /// assert!(store.is_dirty());
    ///
    /// // Explicit persist with error handling
    /// store.persist().expect("Failed to persist");
    /// assert!(!store.is_dirty());
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Storage` without a storage; a storage that cannot be written; `Closed`. What was not saved
    /// stays dirty.
    pub fn persist(&self) -> Result<()> {
        self.shared.persist(Due::Dirty)
    }

    /// Saves every event in memory, changed or not.
    ///
    /// # Errors
    /// As `persist`.
    pub fn persist_all(&self) -> Result<()> {
        self.shared.persist(Due::All)
    }

    /// Whether anything changed since the last persist. An erasure is a change, because a persist
    /// removes the name from the files.
    pub fn is_dirty(&self) -> bool {
        self.shared.with_memory(|engine| engine.is_dirty()) || self.shared.holds_erased()
    }

    /// Marks all events as clean without saving them.
    pub fn reset_dirty(&self) {
        self.shared.with_memory(|engine| engine.reset_dirty());
    }

    /// Persists and closes.
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
    /// store.record("event");
    ///
    /// // Explicit cleanup with error handling
    /// store.close().expect("Failed to close store");
    /// // Store is now consumed and dropped
    /// # }
    /// ```
    ///
    /// # Errors
    /// As `persist`. The store is closed in any case.
    pub fn close(self) -> Result<()> {
        self.shared.shutdown()
    }

    /// Persists and closes a store that is shared. Later calls that can fail and need the counts
    /// return `Closed`. Of those that cannot fail, recordings do nothing but log a warning,
    /// `allowed` is false, and questions and lists answer from memory. Closing again does nothing.
    ///
    /// # Errors
    /// As `persist`. The store is closed in any case.
    pub fn shutdown(&self) -> Result<()> {
        let was_closed = self.shared.is_closed();
        let saved = self.shared.shutdown();
        if !was_closed {
            self.shared.with_memory(|engine| engine.watches.note_all());
        }
        saved
    }

    /// Opens a store on a log again after it was closed, or after `Unavailable`. Event handles,
    /// prepared limits and reservations in memory stay valid, and the settings stay the same.
    ///
    /// - A closed store reads its log, as `build` does. What could not be written before it was
    ///   closed is lost.
    /// - An open store persists. But if somebody else changed the log, for example another process,
    ///   it closes and reads the log. What it had not written is lost, and a warning says so.
    ///
    /// # Errors
    /// Those of `build` for a log or an identity that cannot be read: the store is closed then, and
    /// can be reopened later. Those of `persist`: the store stays open then. `Storage` for a store
    /// in memory, `ConfigMismatch` for a closed one on another storage than a log.
    #[cfg(feature = "storage-fs")]
    pub fn reopen(&self) -> Result<()> {
        self.shared.reopen()
    }

    /// Drops the counters in memory after saving what changed, and frees unused space of the
    /// storage. Events are read again when they are needed.
    ///
    /// # Errors
    /// `Storage` without a storage; an event that cannot be read; a storage that cannot be written;
    /// `Closed`. Nothing is dropped then.
    pub fn compact(&mut self) -> Result<()> {
        self.shared.compact()
    }

    /// The bytes of memory that the events take. The index of a storage is not included.
    pub fn memory_usage(&self) -> usize {
        self.shared.with_memory(|engine| engine.memory_usage())
    }

    /// The tracked units and their numbers of buckets, finest unit first.
    pub fn tracked_intervals(&self) -> Vec<(TimeUnit, usize)> {
        let public = |(unit, buckets): &(Unit, u32)| {
            (unit.to_public(), usize::try_from(*buckets).unwrap_or(usize::MAX))
        };
        self.shared.with_memory(|engine| engine.clock.tracking.units().iter().map(public).collect())
    }

    /// The longest rolling window that a tracked unit counts: one bucket less than twice its number
    /// of buckets, because a unit keeps twice as many. A month counts as 28 days, a year as 365.
    /// Absent if the unit is not tracked. `Ever` stands for all tracked units: a rule with a longer
    /// window is a `ConfigMismatch`.
    pub fn reach(&self, unit: TimeUnit) -> Option<Duration> {
        let reach = self.shared.with_memory(|engine| engine.clock.tracking.reach(unit));
        reach.map(|millis| Duration::try_milliseconds(millis).unwrap_or(Duration::MAX))
    }

    /// The current time of the store's clock.
    pub fn clock_now(&self) -> DateTime<Utc> {
        self.shared.time_source.now()
    }

    /// Counts days by another time zone from now on. What was recorded before keeps its date.
    pub fn set_zone(&self, zone: Zone) {
        self.shared.with_memory(|engine| {
            engine.clock.set_zone(zone);
            engine.watches.note_all();
        });
    }
}

impl Drop for EventStore {
    /// Persists what changed. A failure is only logged; call `close()` to learn of it.
    fn drop(&mut self) {
        if let Err(error) = self.shared.shutdown() {
            report!(error, "a store was dropped and could not save everything: {error}");
        }
        self.shared.with_memory(|engine| engine.watches.remove_all());
    }
}
