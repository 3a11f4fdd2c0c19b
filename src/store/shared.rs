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

use std::cell::Cell;
use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
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

thread_local! {
    /// The address of the store whose persist lock this thread has; 0 if it has none.
    static WRITING: Cell<usize> = const { Cell::new(0) };
}

/// The persist lock.
struct PersistGuard<'a> {
    persisted: MutexGuard<'a, Persisted>,
    /// The value of `WRITING` before.
    before: usize,
}

impl Drop for PersistGuard<'_> {
    fn drop(&mut self) {
        WRITING.set(self.before);
    }
}

impl Deref for PersistGuard<'_> {
    type Target = Persisted;

    fn deref(&self) -> &Persisted {
        &self.persisted
    }
}

impl DerefMut for PersistGuard<'_> {
    fn deref_mut(&mut self) -> &mut Persisted {
        &mut self.persisted
    }
}

/// Why events could not be read: the first error of each kind.
#[derive(Default)]
struct Unread {
    /// Reading again later can help.
    unavailable: Option<Error>,
    /// The stored data cannot be understood.
    unreadable: Option<Error>,
}

impl Unread {
    fn add(&mut self, error: Error) {
        let first = if error.is_unreadable_data() { &mut self.unreadable } else { &mut self.unavailable };
        first.get_or_insert(error);
    }

    fn merge(&mut self, other: Unread) {
        [other.unavailable, other.unreadable].into_iter().flatten().for_each(|error| self.add(error));
    }

    /// The result for the caller of a write. Writes that are not about one event, or about all that
    /// was counted, succeed without an event whose stored data cannot be understood.
    fn for_write(self, due: Due<'_>) -> Result<()> {
        match due {
            Due::Unwritten | Due::Undurable => self.unavailable.map_or(Ok(()), Err),
            Due::Event(_) | Due::Dirty | Due::All => self.into_result(),
        }
    }

    fn into_result(self) -> Result<()> {
        self.unavailable.or(self.unreadable).map_or(Ok(()), Err)
    }
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

    pub(super) fn storage_fails(&self) -> bool {
        self.reads_fail.load(Ordering::Relaxed) || self.writes_fail.load(Ordering::Relaxed)
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
        let (mut engine, unread) = self.lock_loaded(storage.as_ref(), names);
        let error = unread.into_result().and_then(|()| self.check_open()).err().map(Box::new);
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
        let (mut engine, unread) = self.lock_loaded(storage.as_ref(), names);
        unread.into_result().and_then(|()| work(&mut engine))
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
            (_, Unread { unavailable: Some(error), .. }) => Err(error),
            (mut engine, _) => work(&mut engine),
        }
    }

    #[inline]
    fn lock_loaded<'n>(
        &self,
        storage: &dyn Backend,
        names: impl EventNames<'n>,
    ) -> (MutexGuard<'_, Engine>, Unread) {
        let names = names.into_iter();
        let engine = self.engine.lock();
        let may_hold = |name: &str| storage.may_hold(name);
        if !names.clone().any(|name| engine.is_missing(name, may_hold)) {
            return (engine, Unread::default());
        }
        drop(engine);
        self.load(storage, &names.collect::<Vec<&str>>())
    }

    fn load(&self, storage: &dyn Backend, names: &[&str]) -> (MutexGuard<'_, Engine>, Unread) {
        let mut failed: HashSet<&str> = HashSet::new();
        let mut unread = Unread::default();
        loop {
            let engine = self.engine.lock();
            let may_hold = |name: &str| storage.may_hold(name);
            let missing = |name: &&&str| engine.is_missing(name, may_hold) && !failed.contains(**name);
            let missing: Vec<&str> = names.iter().filter(missing).copied().collect();
            if missing.is_empty() {
                return (engine, unread);
            }
            let removals = engine.events.removals();
            drop(engine);
            let mut not_stored = 0;
            for name in &missing {
                match storage.load(name) {
                    Ok(stored) => {
                        self.reads_fail.store(false, Ordering::Relaxed);
                        let mut engine = self.engine.lock();
                        if engine.events.removals() != removals {
                            // The event may have been read, changed, written and dropped meanwhile.
                            break;
                        }
                        not_stored += usize::from(stored.is_none() && !engine.events.contains(name));
                        engine.quarantined.remove(*name);
                        engine.install(name, stored);
                    }
                    // The other events can still be read.
                    Err(error) => {
                        if error.is_unreadable_data() {
                            let is_damaged = !matches!(error, Error::Incompatible { .. });
                            let now = self.now();
                            self.engine.lock().quarantine(name, is_damaged, now);
                        } else {
                            self.reads_fail.store(true, Ordering::Relaxed);
                        }
                        failed.insert(name);
                        unread.add(error);
                    }
                }
            }
            if not_stored == missing.len() {
                // None of them is stored, so they will be missing the next time too.
                return (self.engine.lock(), unread);
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
        self.check_not_writing_here()?;
        let (mut unread, mut tried) = (Unread::default(), HashSet::new());
        // Most reads happen before the lock, so that other writes need not wait for them.
        unread.merge(self.load_due(storage, due, &mut tried));
        let mut persisted = self.lock_persist()?;
        self.check_open()?;
        let mut changes = std::mem::take(&mut persisted.changes);
        let (answer, record) = loop {
            unread.merge(self.load_due(storage, due, &mut tried));
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
        // A panic comes from the app's storage or formatter. Without the end of the flush the changes
        // would never be written.
        let written = catch_unwind(AssertUnwindSafe(|| {
            if writes {
                storage.write(&changes, record.as_ref())?;
            }
            if sync { self.tolerate_damage(storage.sync()).map(|_| ()) } else { Ok(()) }
        }));
        let (done, panic) = match written {
            Ok(done) => (done, None),
            Err(panic) => (Err(Error::Storage("the storage panicked".into())), Some(panic)),
        };
        self.engine.lock().finish_flush(&changes, &done, due, sync);
        changes.clear();
        persisted.changes = changes;
        self.writes_fail.store(done.is_err(), Ordering::Relaxed);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        done?;
        if record.is_some() {
            persisted.record = record;
        }
        if storage.wants_compaction() {
            self.tidy(storage, due);
        }
        unread.for_write(due).map(|()| (answer, writes))
    }

    /// Takes in that the storage found an event damaged while it wrote everything anew. All other
    /// events are then safe. Answers whether there was damage.
    fn tolerate_damage(&self, written: Result<()>) -> Result<bool> {
        match written {
            Err(Error::Corrupt { event: Some(name), what }) => {
                log::warn!("the stored counts of an event are damaged: {what}");
                let now = self.now();
                self.engine.lock().observe_damage(&name, now);
                Ok(true)
            }
            written => written.map(|()| false),
        }
    }

    /// Compacts the storage, or wakes the writer to do it, so that callers need not wait.
    fn tidy(&self, storage: &dyn Backend, due: Due<'_>) {
        if !matches!(due, Due::Unwritten) && self.background_writer.is_started() {
            self.background_writer.wake();
        } else if let Err(error) = self.tolerate_damage(storage.compact()) {
            log::warn!("the storage could not be compacted; it is tried again later: {error}");
        }
    }

    /// Reads the stored part of what is due and not in `tried`, and adds the names to `tried`. An
    /// event that cannot be read stays due.
    fn load_due(&self, storage: &dyn Backend, due: Due<'_>, tried: &mut HashSet<Box<str>>) -> Unread {
        let names: Vec<Box<str>> = {
            let engine = self.engine.lock();
            engine.unread(due).filter(|name| !tried.contains(*name)).map(Box::from).collect()
        };
        let mut unread = Unread::default();
        for name in names {
            let read = self.lock_loaded(storage, [&*name]).1;
            // A decision fails for its own event only.
            if !matches!(due, Due::Event(only) if only != &*name) {
                unread.merge(read);
            }
            tried.insert(name);
        }
        unread
    }

    /// Takes the persist lock.
    ///
    /// # Errors
    /// As `check_not_writing_here`.
    fn lock_persist(&self) -> Result<PersistGuard<'_>> {
        self.check_not_writing_here()?;
        let persisted = self.persist.lock();
        let before = WRITING.replace(self.address());
        Ok(PersistGuard { persisted, before })
    }

    /// # Errors
    /// `Storage` if this thread has the persist lock: the app's storage, or its logger, called the
    /// store from within a write.
    fn check_not_writing_here(&self) -> Result<()> {
        if self.is_writing_here() {
            return Err(Error::Storage(
                "the storage called its own store from within a write; call it later or from another \
                 thread"
                    .into(),
            ));
        }
        Ok(())
    }

    /// Whether this thread has the persist lock.
    pub(super) fn is_writing_here(&self) -> bool {
        WRITING.get() == self.address()
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
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
        let is_damaged = {
            let _persist = self.lock_persist()?;
            self.tolerate_damage(storage.compact())?
        };
        if is_damaged {
            self.flush(Due::Dirty, true)?;
        }
        self.engine.lock().drop_saved();
        Ok(())
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
        // A log also keeps a store record. If that has not changed, this does nothing.
        let is_unsaved = self.with_memory(|engine| engine.is_dirty());
        let saved = if is_unsaved || storage.is_log() { self.flush(Due::Dirty, true) } else { Ok(()) };
        let _persist = self.lock_persist()?;
        let was_closed = self.closed.swap(true, Ordering::AcqRel);
        storage.close();
        // If another thread closed the store meanwhile, that thread has the result.
        if was_closed && matches!(saved, Err(Error::Closed)) { Ok(()) } else { saved }
    }
}

pub(super) fn no_storage() -> Error {
    Error::Storage("this store is in memory only; open it on a directory, or build it with a storage".into())
}
