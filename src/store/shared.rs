//! What a store, its questions, its reservations and its threads share, and every lock of it.
//!
//! # The lock protocol
//!
//! - `engine` guards memory. It is held for work in memory only: never across input or output, and
//!   never while code of the app runs (its clock, its schedules, its storage).
//! - `persist` orders writes to the storage and is taken before `engine`.
//! - Loading reads the storage without a lock and installs each event under `engine`. Loading takes
//!   turns with recording, so it repeats until nothing that was asked for is missing.
//! - A write gathers what is due under both locks, writes and syncs under `persist` only, and ends
//!   under `engine`. What changed meanwhile has marks of its own and is due again.
//! - `closed` is set under `persist`, so no write begins after it.
//!
//! The fields are private, so no other file can take a lock.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::backend::Backend;
use super::worker::Worker;
use crate::clock::TimeSource;
use crate::codec::StoreRecord;
use crate::engine::{Changes, Due, Engine};
use crate::error::{Error, Result};
use crate::time::instant;

pub(crate) struct Shared {
    pub(super) time_source: TimeSource,
    engine: Mutex<Engine>,
    pub(super) storage: Option<Box<dyn Backend>>,
    persist: Mutex<Persisted>,
    /// Whether recordings are written before they return.
    pub(super) writes_inline: bool,
    /// The thread that writes to the log.
    pub(super) background_writer: Arc<Worker>,
    /// The thread that persists at intervals.
    pub(super) auto_persist: Arc<Worker>,
    closed: AtomicBool,
    /// Whether the last call to the storage failed.
    storage_fails: AtomicBool,
}

/// What the persist lock guards.
#[derive(Debug, Default)]
struct Persisted {
    /// The store record as the storage has it.
    record: Option<StoreRecord>,
    /// The buffers of a write. They are empty between two writes.
    changes: Changes,
}

/// Event names that can be iterated more than once.
pub(super) trait EventNames<'n>: IntoIterator<Item = &'n str, IntoIter: Clone> {}
impl<'n, T: IntoIterator<Item = &'n str, IntoIter: Clone>> EventNames<'n> for T {}

impl Shared {
    pub(super) fn new(
        time_source: TimeSource,
        engine: Engine,
        storage: Option<Box<dyn Backend>>,
        record: Option<StoreRecord>,
        writes_inline: bool,
    ) -> Shared {
        Shared {
            time_source,
            engine: Mutex::new(engine),
            storage,
            persist: Mutex::new(Persisted { record, changes: Changes::default() }),
            writes_inline,
            background_writer: Arc::default(),
            auto_persist: Arc::default(),
            closed: false.into(),
            storage_fails: false.into(),
        }
    }

    /// The time, clamped to the supported years.
    #[inline]
    pub(super) fn now(&self) -> i64 {
        instant::clamp(self.time_source.unix_millis())
    }

    #[inline]
    pub(super) fn check_open(&self) -> Result<()> {
        if self.is_closed() { Err(Error::Closed) } else { Ok(()) }
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn storage_fails(&self) -> bool {
        self.storage_fails.load(Ordering::Relaxed)
    }

    /// Works on what is in memory. Events that were not read yet are incomplete.
    #[inline]
    pub(super) fn with_memory<R>(&self, work: impl FnOnce(&mut Engine) -> R) -> R {
        work(&mut self.engine.lock())
    }

    /// Works with the events of `names` as far as they can be read. The second argument is the error
    /// if one of them could not be read. It is boxed, so that answers stay small.
    #[inline]
    pub(super) fn with_available<'n, R>(
        &self,
        names: impl EventNames<'n>,
        work: impl FnOnce(&mut Engine, Option<Box<Error>>) -> R,
    ) -> R {
        let Some(storage) = &self.storage else {
            let closed = self.is_closed().then(|| Box::new(Error::Closed));
            return work(&mut self.engine.lock(), closed);
        };
        let (mut engine, read) = self.lock_loaded(storage.as_ref(), names);
        let error = read.and_then(|()| self.check_open()).err().map(Box::new);
        work(&mut engine, error)
    }

    /// Works with the events of `names`.
    ///
    /// # Errors
    /// `Closed`; an event that cannot be read; those of `work`.
    #[inline]
    pub(super) fn with_loaded<'n, R>(
        &self,
        names: impl EventNames<'n>,
        work: impl FnOnce(&mut Engine) -> Result<R>,
    ) -> Result<R> {
        self.check_open()?;
        let Some(storage) = &self.storage else { return work(&mut self.engine.lock()) };
        let (mut engine, read) = self.lock_loaded(storage.as_ref(), names);
        read.and_then(|()| work(&mut engine))
    }

    /// `with_loaded` for work that replaces the events. Stored bytes that cannot be understood are
    /// then no error.
    pub(super) fn with_replaceable<'n, R>(
        &self,
        names: impl EventNames<'n>,
        work: impl FnOnce(&mut Engine) -> Result<R>,
    ) -> Result<R> {
        self.check_open()?;
        let Some(storage) = &self.storage else { return work(&mut self.engine.lock()) };
        match self.lock_loaded(storage.as_ref(), names) {
            (_, Err(error)) if !error.is_unreadable_data() => Err(error),
            (mut engine, _) => work(&mut engine),
        }
    }

    #[inline]
    fn lock_loaded<'n>(
        &self,
        storage: &dyn Backend,
        names: impl EventNames<'n>,
    ) -> (MutexGuard<'_, Engine>, Result<()>) {
        let names = names.into_iter();
        let engine = self.engine.lock();
        let may_hold = |name: &str| storage.may_hold(name);
        if !names.clone().any(|name| engine.is_missing(name, may_hold)) {
            return (engine, Ok(()));
        }
        drop(engine);
        self.load(storage, &names.collect::<Vec<&str>>())
    }

    fn load(&self, storage: &dyn Backend, names: &[&str]) -> (MutexGuard<'_, Engine>, Result<()>) {
        let mut failed: HashSet<&str> = HashSet::new();
        let mut first_error = Ok(());
        loop {
            let engine = self.engine.lock();
            let may_hold = |name: &str| storage.may_hold(name);
            let missing = |name: &&&str| engine.is_missing(name, may_hold) && !failed.contains(**name);
            let missing: Vec<&str> = names.iter().filter(missing).copied().collect();
            if missing.is_empty() {
                return (engine, first_error);
            }
            drop(engine);
            let mut not_stored = 0;
            for name in &missing {
                match storage.load(name) {
                    Ok(stored) => {
                        let mut engine = self.engine.lock();
                        let is_known = engine.events.contains(name);
                        not_stored += usize::from(stored.is_none() && !is_known);
                        engine.quarantined.remove(*name);
                        engine.install(name, stored);
                    }
                    // The other events can still be read.
                    Err(error) => {
                        self.storage_fails.store(true, Ordering::Relaxed);
                        if error.is_unreadable_data() {
                            self.engine.lock().quarantined.insert((*name).into());
                        }
                        failed.insert(name);
                        first_error = first_error.and(Err(error));
                    }
                }
            }
            if not_stored == missing.len() {
                // None of them is stored, so they will be missing the next time too.
                return (self.engine.lock(), first_error);
            }
        }
    }

    /// Writes what is due. With `sync` it returns when that survives a power loss.
    pub(super) fn flush(&self, due: Due<'_>, sync: bool) -> Result<()> {
        self.flush_and(due, sync, |_| Ok(())).map(|((), _)| ())
    }

    /// `flush` that also calls `also` under the lock under which the changes are gathered. It
    /// returns the result of `also` when the changes are written, and whether anything was written.
    pub(super) fn flush_and<R>(
        &self,
        due: Due<'_>,
        sync: bool,
        also: impl FnOnce(&mut Engine) -> Result<R>,
    ) -> Result<(R, bool)> {
        let Some(storage) = self.storage.as_deref() else { return Err(no_storage()) };
        let mut persisted = self.persist.lock();
        self.check_open()?;
        let (mut unread, mut tried) = (Ok(()), HashSet::new());
        let mut changes = std::mem::take(&mut persisted.changes);
        let (answer, record) = loop {
            unread = unread.and(self.load_due(storage, due, &mut tried));
            self.find_lane(storage, true)?;
            let now = self.now();
            let mut engine = self.engine.lock();
            let engine = &mut *engine;
            if engine.unread(due).any(|name| !tried.contains(name)) {
                // It was recorded first while the others were read. It must not be written later
                // than what was recorded after it.
                continue;
            }
            let answer = also(engine)?;
            engine.gather(now, due, sync, &mut changes);
            let record = engine.due_store_record(persisted.record.as_ref(), sync, !changes.is_empty());
            break (answer, record);
        };
        let writes = !changes.is_empty() || record.is_some();
        let mut done = if writes { storage.write(&changes, record.as_ref()) } else { Ok(()) };
        if done.is_ok() && sync {
            done = storage.sync();
        }
        self.engine.lock().finish_flush(&changes, &done, due, sync);
        changes.clear();
        persisted.changes = changes;
        self.storage_fails.store(done.is_err() || unread.is_err(), Ordering::Relaxed);
        done?;
        if record.is_some() {
            persisted.record = record;
        }
        if storage.wants_compaction() {
            self.tidy(storage, due);
        }
        unread.map(|()| (answer, writes))
    }

    /// Compacts the storage, or wakes the writer to do it, so that callers need not wait.
    fn tidy(&self, storage: &dyn Backend, due: Due<'_>) {
        if !matches!(due, Due::Unwritten) && self.background_writer.is_started() {
            self.background_writer.wake();
        } else if let Err(error) = storage.compact() {
            log::warn!("the storage could not be compacted; it is tried again later: {error}");
        }
    }

    /// Reads the stored part of what is due and not in `tried`, and adds the names to `tried`. An
    /// event that cannot be read stays due; the first error is returned.
    fn load_due(&self, storage: &dyn Backend, due: Due<'_>, tried: &mut HashSet<Box<str>>) -> Result<()> {
        let names: Vec<Box<str>> = {
            let engine = self.engine.lock();
            engine.unread(due).filter(|name| !tried.contains(*name)).map(Box::from).collect()
        };
        let mut first_error = Ok(());
        for name in names {
            let read = self.lock_loaded(storage, [&*name]).1;
            // A decision fails for its own event only.
            if !matches!(due, Due::Event(only) if only != &*name) {
                first_error = first_error.and(read);
            }
            tried.insert(name);
        }
        first_error
    }

    /// Saves what changed and drops the counters in memory that are saved.
    pub(super) fn compact(&self) -> Result<()> {
        let Some(storage) = self.storage.as_deref() else { return Err(no_storage()) };
        let now = self.now();
        self.with_all_loaded(|engine| {
            engine.age(now);
            Ok(())
        })?;
        self.flush(Due::Dirty, true)?;
        {
            let _persist = self.persist.lock();
            storage.compact()?;
        }
        self.engine.lock().drop_saved();
        Ok(())
    }

    /// Persists and closes. Closing again does nothing.
    pub(super) fn shutdown(&self) -> Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        self.auto_persist.stop();
        self.background_writer.stop();
        let Some(storage) = &self.storage else {
            self.closed.store(true, Ordering::Release);
            return Ok(());
        };
        // A log also keeps a store record. If that has not changed, this does nothing.
        let is_unsaved = self.with_memory(|engine| engine.is_dirty());
        let saved = if is_unsaved || storage.is_log() { self.flush(Due::Dirty, true) } else { Ok(()) };
        let _persist = self.persist.lock();
        let was_closed = self.closed.swap(true, Ordering::AcqRel);
        storage.close();
        // If another thread closed the store meanwhile, that thread has the result.
        if was_closed && matches!(saved, Err(Error::Closed)) { Ok(()) } else { saved }
    }
}

pub(super) fn no_storage() -> Error {
    Error::Storage("this store is in memory only; open it on a directory, or build it with a storage".into())
}
