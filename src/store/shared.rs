//! What a store, its questions, its reservations and its threads share, and every lock of it.
//!
//! # The lock protocol
//!
//! - `engine` guards memory. It is held for work in memory only: never across input or output, and
//!   never while code of the app runs (its clock, its schedules, its storage, its logger). The one
//!   exception is `Clock::monotonic_millis`, which must not use the store.
//! - An operation that depends on the time moves the engine's clock first
//!   (`shared/moving_clock.rs`). It can release the lock and take it again for that.
//! - Work on many events is done in portions (`shared/portions.rs`). Between two portions `engine`
//!   is released, so that a recording waits for at most one portion. Three steps are not divided:
//!   to gather a write, to join a message, and to erase everything.
//! - `persist` orders writes to the storage and is taken before `engine`.
//! - The app's storage and logger may call the store. A write from within a write of the same store
//!   is an error (`shared/persist_lock.rs`), and a message from within a message is left out
//!   (`report.rs`).
//! - Loading reads the storage without a lock and installs each event under `engine`. Loading takes
//!   turns with recording, so it repeats until nothing that was asked for is missing.
//! - What is due for a write and was not read yet is read before `persist` is taken again. If new
//!   events become due each time, they are read under `persist` after some attempts.
//! - A write gathers what is due under both locks, writes and syncs under `persist` only, and ends
//!   under `engine`. What changed meanwhile has marks of its own and is due again.
//! - A rewrite of the storage happens under `persist` (`shared/removal.rs`).
//! - Whoever waits for a change waits without a lock, and is woken when `engine` is released.
//! - `closed` is set under `persist`, so no write begins after it. A closed store is opened again
//!   under `persist` (`shared/reopening.rs`): another engine takes the place of that in `engine`.
//!
//! Only this file and `shared/` take `engine` and `persist`. Other files call their functions.

mod engine_guard;
mod flushing;
mod loading;
mod moving_clock;
mod persist_lock;
mod portions;
mod read_errors;
mod removal;
#[cfg(feature = "storage-fs")]
mod reopening;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Condvar, Mutex};

use self::engine_guard::EngineGuard;
use self::loading::Unreadable;
pub(super) use self::moving_clock::ClockReading;
use self::read_errors::ReadErrors;
use super::backend::Backend;
use super::retry::Retry;
use super::sync_keys::SyncKeys;
use super::worker::Worker;
use crate::clock::TimeSource;
use crate::codec::StoreRecord;
use crate::engine::{Changes, Due, Engine};
use crate::error::{Error, Result};
use crate::time::instant;

pub(crate) struct Shared {
    pub(super) time_source: TimeSource,
    engine: Mutex<Engine>,
    /// Wakes the threads that wait for a change. It belongs to `engine`.
    changed: Condvar,
    pub(super) storage: Option<Box<dyn Backend>>,
    persist: Mutex<Persisted>,
    /// Whether recordings are written before they return.
    pub(super) writes_inline: bool,
    pub(super) sync_keys: SyncKeys,
    /// The file that tells this installation from a copy of its data, if there is one.
    #[cfg(feature = "storage-fs")]
    pub(super) identity: Option<std::path::PathBuf>,
    /// The thread that writes to the log.
    pub(super) background_writer: Arc<Worker>,
    /// The thread that persists at intervals.
    pub(super) auto_persist: Arc<Worker>,
    pub(super) auto_persist_retry: Retry,
    closed: AtomicBool,
    /// Whether the last read of the storage failed.
    reads_fail: AtomicBool,
    /// Whether the last write to the storage failed.
    writes_fail: AtomicBool,
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
            changed: Condvar::new(),
            storage,
            persist: Mutex::new(Persisted { record, changes: Changes::default() }),
            writes_inline,
            sync_keys: SyncKeys::default(),
            #[cfg(feature = "storage-fs")]
            identity: None,
            background_writer: Arc::default(),
            auto_persist: Arc::default(),
            auto_persist_retry: Retry::default(),
            closed: false.into(),
            reads_fail: false.into(),
            writes_fail: false.into(),
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

    /// Makes a store that nobody uses yet a closed one, or an open one.
    pub(super) fn set_closed(&mut self, is_closed: bool) {
        *self.closed.get_mut() = is_closed;
    }

    pub(super) fn storage_fails(&self) -> bool {
        self.reads_fail.load(Ordering::Relaxed) || self.writes_fail.load(Ordering::Relaxed)
    }

    /// Works on what is in memory. Events that were not read yet are incomplete.
    #[inline]
    pub(super) fn with_memory<R>(&self, work: impl FnOnce(&mut Engine) -> R) -> R {
        work(&mut self.lock_engine())
    }

    /// `with_memory` at the instant `now`, a reading of the clock.
    #[inline]
    pub(super) fn with_memory_at<R>(&self, now: i64, work: impl FnOnce(&mut Engine) -> R) -> R {
        work(&mut self.lock_at(now, || (self.lock_engine(), ())).0)
    }

    /// Works with the events of `names` as far as they can be read, at the instant `now`, a reading
    /// of the clock. If it is absent, the engine's clock is not moved. The second argument of
    /// `work` is the error if one of the events could not be read. It is boxed, so that answers
    /// stay small.
    #[inline]
    pub(super) fn with_available_at<'n, R>(
        &self,
        names: impl EventNames<'n>,
        now: Option<i64>,
        work: impl FnOnce(&mut Engine, Option<Box<Error>>) -> R,
    ) -> R {
        let names = names.into_iter();
        let lock = || self.lock_with(&names);
        let (mut engine, read_errors) = match now {
            Some(now) => self.lock_at(now, lock),
            None => lock(),
        };
        let closed = || self.is_closed().then(|| Box::new(Error::Closed));
        let error = read_errors.into_error().or_else(closed);
        work(&mut engine, error)
    }

    /// Works with the events of `names` at the instant `now`, a reading of the clock.
    #[inline]
    pub(super) fn with_loaded_at<'n, R>(
        &self,
        names: impl EventNames<'n>,
        now: i64,
        work: impl FnOnce(&mut Engine) -> Result<R>,
    ) -> Result<R> {
        self.check_open()?;
        let names = names.into_iter();
        let (mut engine, read_errors) = self.lock_at(now, || self.lock_with(&names));
        match read_errors.into_error() {
            None => work(&mut engine),
            Some(error) => Err(*error),
        }
    }

    /// `with_loaded_at` for work that replaces the events. Stored bytes that cannot be understood
    /// are then no error.
    pub(super) fn with_replaceable_at<'n, R>(
        &self,
        names: impl EventNames<'n>,
        now: i64,
        work: impl FnOnce(&mut Engine) -> Result<R>,
    ) -> Result<R> {
        self.check_open()?;
        let names = names.into_iter();
        match self.lock_at(now, || self.lock_with(&names)) {
            (_, ReadErrors { unavailable: Some(error), .. }) => Err(*error),
            (mut engine, _) => work(&mut engine),
        }
    }

    /// Locks memory with the events of `names`, as far as they can be read. Without a storage all
    /// events are in memory.
    #[inline]
    fn lock_with<'n>(
        &self,
        names: &(impl Iterator<Item = &'n str> + Clone),
    ) -> (EngineGuard<'_>, ReadErrors) {
        match &self.storage {
            Some(storage) => self.lock_loaded(storage.as_ref(), names),
            None => (self.lock_engine(), ReadErrors::default()),
        }
    }

    /// `lock_with` for a store with a storage.
    #[inline(never)]
    fn lock_loaded<'n>(
        &self,
        storage: &dyn Backend,
        names: &(impl Iterator<Item = &'n str> + Clone),
    ) -> (EngineGuard<'_>, ReadErrors) {
        let engine = self.lock_engine();
        let may_hold = |name: &str| storage.may_hold(name);
        // A name is not looked up twice in a row: most rules of a limit are about its event, or about
        // that of the rule before.
        let mut last = None;
        let is_missing = |name| last.replace(name) != Some(name) && engine.is_missing(name, may_hold);
        if !names.clone().any(is_missing) {
            return (engine, ReadErrors::default());
        }
        drop(engine);
        self.load_and_lock(storage, &names.clone().collect::<Vec<&str>>())
    }

    fn load_and_lock(&self, storage: &dyn Backend, names: &[&str]) -> (EngineGuard<'_>, ReadErrors) {
        let mut unreadable = Unreadable::default();
        loop {
            let engine = self.lock_engine();
            let may_hold = |name: &str| storage.may_hold(name);
            let missing =
                |name: &&&str| engine.is_missing(name, may_hold) && !unreadable.names.contains(**name);
            let missing: Vec<&str> = names.iter().filter(missing).copied().collect();
            if missing.is_empty() {
                return (engine, unreadable.errors);
            }
            let removals = engine.events.removals();
            drop(engine);
            if self.load(storage, &missing, removals, &mut unreadable) {
                // None of them is stored, so they will be missing the next time too.
                return (self.lock_engine(), unreadable.errors);
            }
        }
    }

    /// Saves what changed and drops the counters in memory that are saved.
    pub(super) fn compact(&self) -> Result<()> {
        self.check_open()?;
        let Some(storage) = self.storage.as_deref() else { return Err(no_storage()) };
        let now = self.now();
        self.with_all_loaded_at(now, |engine| {
            engine.age();
            Ok(())
        })?;
        self.flush(Due::Dirty, true)?;
        self.rewrite(storage, |_| true)?;
        self.lock_engine().drop_saved();
        Ok(())
    }

    /// Whether a persist would write anything that a later opening needs, or remove anything.
    pub(super) fn is_unsaved(&self) -> Result<bool> {
        let persisted = self.lock_persist()?;
        let is_unsaved = self.lock_engine().is_unsaved(persisted.record.as_ref());
        Ok(is_unsaved || self.holds_erased())
    }

    /// Persists and closes. Closing again does nothing.
    pub(super) fn shutdown(&self) -> Result<()> {
        if self.is_closed() {
            return Ok(());
        }
        self.check_not_writing_here()?;
        self.auto_persist.stop();
        self.background_writer.stop();
        let Some(storage) = &self.storage else {
            self.closed.store(true, Ordering::Release);
            return Ok(());
        };
        // What was written in the background is not durable yet. This syncs it.
        let is_unsaved = self.is_unsaved()? || storage.writes_in_background();
        let saved = if is_unsaved { self.persist(Due::Dirty) } else { Ok(()) };
        let _persist = self.lock_persist()?;
        let was_closed = self.closed.swap(true, Ordering::AcqRel);
        storage.close();
        // If another thread closed the store meanwhile, that thread has the result.
        if was_closed && matches!(saved, Err(Error::Closed)) { Ok(()) } else { saved }
    }
}

fn no_storage() -> Error {
    Error::Storage("this store is in memory only; open it on a folder to save it".into())
}
