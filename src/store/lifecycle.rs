//! Opening, persisting, closing.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};

use super::EventStore;
use super::flush::{Due, no_storage};
use super::inner::Inner;
#[cfg(feature = "storage-fs")]
use super::state::State;
#[cfg(feature = "storage-fs")]
use crate::codec::Meta;
use crate::error::{Error, Result};
#[cfg(feature = "storage-fs")]
use crate::storage::log::{LogStore, OpenReport};
#[cfg(feature = "storage-fs")]
use crate::time::instant;
use crate::time::unit::TimeUnit;
use crate::time::zone::Zone;

impl EventStore {
    /// Saves everything that changed since the last persist, and returns when it survives a loss of power.
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
    /// `Storage` without a storage, and whatever hinders it; what was not saved then stays dirty.
    pub fn persist(&self) -> Result<()> {
        self.inner.persist()
    }

    /// Saves every event in memory, changed or not.
    ///
    /// # Errors
    /// As `persist`.
    pub fn persist_all(&self) -> Result<()> {
        self.inner.flush(Due::All, true)
    }

    /// Whether anything changed since the last persist.
    pub fn is_dirty(&self) -> bool {
        self.inner.state.lock().is_dirty()
    }

    /// Marks all events as clean without saving them.
    pub fn reset_dirty(&self) {
        let mut state = self.inner.state.lock();
        for entry in state.events.iter_mut() {
            (entry.marks.dirty, entry.in_flight) = (false, false);
        }
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
    /// As `persist`. The store is closed all the same.
    pub fn close(self) -> Result<()> {
        self.shutdown()
    }

    /// Persists and closes a store that others still hold. What is called afterwards answers `Closed`, or counts nothing. Closing
    /// again does nothing.
    ///
    /// # Errors
    /// As `persist`. The store is closed all the same.
    pub fn shutdown(&self) -> Result<()> {
        self.inner.shutdown()
    }

    /// Lets go of the counters in memory, after saving what changed, and gives back what the storage can spare. What is asked for
    /// afterwards is read again.
    ///
    /// # Errors
    /// `Storage` without a storage; whatever hinders saving. Nothing is let go of then.
    pub fn compact(&mut self) -> Result<()> {
        let Some(backend) = &self.inner.backend else { return Err(no_storage()) };
        let now = self.inner.now();
        self.inner.all_loaded()?.age(now);
        self.inner.flush(Due::Dirty, true)?;
        {
            let _persist = self.inner.written.lock();
            backend.compact()?;
        }
        let mut state = self.inner.state.lock();
        let queues = state.queues;
        state
            .events
            .retain(|entry| entry.marks.dirty || entry.in_flight || (queues && entry.marks.unwritten));
        state.events.shrink_to_fit();
        state.forget_unreserved();
        Ok(())
    }

    /// The bytes held for events in memory. A storage's own index is not counted.
    pub fn memory_usage(&self) -> usize {
        self.inner.state.lock().memory_usage()
    }

    /// The tracked units with their numbers of buckets, finest first.
    pub fn tracked_intervals(&self) -> Vec<(TimeUnit, usize)> {
        let state = self.inner.state.lock();
        let public = |(unit, buckets): &(crate::time::unit::Unit, u32)| {
            (unit.public(), usize::try_from(*buckets).unwrap_or(usize::MAX))
        };
        state.present.tracking.units().iter().map(public).collect()
    }

    /// The instant by the store's clock.
    pub fn clock_now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    /// Counts days by another zone from now on. What was recorded keeps its date.
    pub fn set_zone(&self, zone: Zone) {
        self.inner.state.lock().present.set_zone(zone);
    }
}

impl Inner {
    fn shutdown(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Ok(());
        }
        self.auto_persist.stop();
        self.writer.stop();
        let Some(backend) = &self.backend else {
            self.closed.store(true, Ordering::Release);
            return Ok(());
        };
        // A log also keeps what the store knows of its clock and of the others; where that is not new this does nothing.
        let saved = if self.has_unsaved() || backend.is_log() { self.persist() } else { Ok(()) };
        let _persist = self.written.lock();
        let was_closed = self.closed.swap(true, Ordering::AcqRel);
        backend.close();
        // Where another thread was faster, that one was told how it went.
        if was_closed && matches!(saved, Err(Error::Closed)) { Ok(()) } else { saved }
    }

    pub(super) fn persist(&self) -> Result<()> {
        self.flush(Due::Dirty, true)
    }

    pub(super) fn has_unsaved(&self) -> bool {
        self.state.lock().is_dirty()
    }
}

impl Drop for EventStore {
    /// Persists what changed. A failure is logged: call `close()` where it matters.
    fn drop(&mut self) {
        super::draft::clear();
        if let Err(error) = self.shutdown() {
            log::error!("a store was dropped and could not save everything: {error}");
        }
    }
}

/// The most losses that are told apart.
#[cfg(feature = "storage-fs")]
const MOST_LOSSES: usize = 1_000;

/// Goes on from a log, and tells what is written there.
#[cfg(feature = "storage-fs")]
pub(super) fn resume(state: &mut State, log: &LogStore, report: OpenReport, now: i64) -> Option<Meta> {
    let now = instant::clamp(now);
    let mut written = None;
    match super::log_backend::stored_meta(log) {
        Ok(Some(meta)) => {
            written = Some(meta.clone());
            state.resume(meta);
        }
        Ok(None) => {}
        Err(error) => {
            log::error!("the store's own record was lost: {error}");
            state.losses.push((None, now));
        }
    }
    let lost = report.lost.into_iter().map(Some).chain(report.lost_unknown.then_some(None));
    let mut lost: Vec<_> = lost.map(|name| (name, now)).collect();
    if state.losses.len() + lost.len() > MOST_LOSSES {
        // What is written down of losses must fit into one record: so many names are as good as any.
        lost = vec![(None, now)];
    }
    if !lost.is_empty() {
        // What is gone could have been exported: its stamps must not be given out again.
        state.retire_lane();
        state.known.clear();
        state.losses.extend(lost);
        state.replaces_damage = true;
        written = None;
    }
    state.kept_aside = report.kept_aside;
    written
}
