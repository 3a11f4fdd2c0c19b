//! Writing to the storage what is due.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering;

use super::read_errors::ReadErrors;
use super::{ClockReading, Shared, no_storage};
use crate::engine::{Due, Engine, WriteKind};
use crate::error::{Error, Result};
use crate::report::report;
use crate::store::backend::Backend;

/// How often a write reads what is due without the persist lock before it reads with it.
const UNLOCKED_ROUNDS: usize = 3;

impl Shared {
    /// Writes what is due. With `sync` it returns when that survives a power loss.
    pub(in crate::store) fn flush(&self, due: Due<'_>, sync: bool) -> Result<()> {
        self.flush_and(due, sync, |_| Ok(())).map(|((), _)| ())
    }

    /// `flush` that also calls `also` under the lock under which the changes are gathered. It
    /// returns the result of `also` when the changes are written, and whether anything was written.
    pub(in crate::store) fn flush_and<R>(
        &self,
        due: Due<'_>,
        sync: bool,
        also: impl FnOnce(&mut Engine) -> Result<R>,
    ) -> Result<(R, bool)> {
        self.check_open()?;
        let Some(storage) = self.storage.as_deref() else { return Err(no_storage()) };
        self.check_not_writing_here()?;
        let (mut read_errors, mut tried) = (ReadErrors::default(), HashSet::new());
        let (mut rounds, mut kept) = (0, None);
        let mut reading = ClockReading::default();
        let (mut persisted, mut changes, answer, record) = loop {
            self.ensure_own_lane()?;
            let mut persisted = match kept.take() {
                Some(persisted) => persisted,
                None => self.lock_persist()?,
            };
            self.check_open()?;
            self.renew(&mut reading);
            let monotonic = if sync { self.time_source.monotonic_millis() } else { None };
            let mut engine = self.lock_engine();
            if engine.unloaded(due).any(|name| !tried.contains(name)) {
                // An event must not be written later than what was recorded after it, so it is read
                // now. The persist lock is released meanwhile, so that other writes need not wait.
                // Because other events can become due each time, it is kept after some rounds.
                drop(engine);
                kept = (rounds >= UNLOCKED_ROUNDS).then_some(persisted);
                rounds += 1;
                read_errors.merge(self.load_due(storage, due, &mut tried));
                continue;
            }
            // A persist without changes is no reason to write a later instant.
            let is_persist = sync && engine.has_dirty_event();
            if (is_persist || !sync) && !self.move_clock(&mut engine, &mut reading) {
                kept = Some(persisted);
                continue;
            }
            let answer = also(&mut engine)?;
            let mut changes = std::mem::take(&mut persisted.changes);
            engine.gather(due, is_persist, monotonic, &mut changes);
            let writes_events = !changes.is_empty();
            if !storage.is_exclusive() && writes_events {
                engine.count_write(&mut changes);
            }
            let write = WriteKind { sync, writes_events };
            let record = engine.due_store_record(persisted.record.as_ref(), write);
            record.iter().for_each(|record| changes.put_record(record));
            drop(engine);
            break (persisted, changes, answer, record);
        };
        let writes = !changes.is_empty() || record.is_some();
        // A panic comes from the app's storage or formatter. Without the end of the flush the
        // changes would never be written.
        let written = catch_unwind(AssertUnwindSafe(|| {
            if writes {
                storage.write(&changes)?;
            }
            if sync { self.tolerate_damage(storage.sync()).map(|_| ()) } else { Ok(()) }
        }));
        let (done, panic) = match written {
            Ok(done) => (done, None),
            Err(panic) => (Err(Error::Storage("the storage panicked".into())), Some(panic)),
        };
        self.with_memory(|engine| engine.finish_flush(&changes, &done, due, sync));
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
            self.compact_or_wake(storage, due);
        }
        read_errors.for_write(due).map(|()| (answer, writes))
    }

    /// Takes in that the storage found an event damaged while it wrote everything anew. All other
    /// events are then safe. Answers whether there was damage.
    pub(super) fn tolerate_damage(&self, written: Result<()>) -> Result<bool> {
        match written {
            Err(Error::Corrupt { event: Some(name), what }) => {
                report!(warn, "the stored counts of an event are damaged: {what}");
                self.with_memory_at(self.now(), |engine| engine.observe_damage(&name));
                Ok(true)
            }
            written => written.map(|()| false),
        }
    }

    /// Compacts the storage, or wakes the writer to do it, so that callers need not wait.
    fn compact_or_wake(&self, storage: &dyn Backend, due: Due<'_>) {
        if !matches!(due, Due::Unwritten) && self.background_writer.is_running() {
            self.background_writer.wake();
        } else if let Err(error) = self.tolerate_damage(storage.compact()) {
            report!(warn, "the storage could not be compacted; it is tried again later: {error}");
        }
    }

    /// Reads the stored part of what is due and not in `tried`, and adds the names to `tried`. An
    /// event that cannot be read stays due.
    fn load_due(&self, storage: &dyn Backend, due: Due<'_>, tried: &mut HashSet<Box<str>>) -> ReadErrors {
        let untried = |name: &&str| !tried.contains(*name);
        let names: Vec<Box<str>> =
            self.with_memory(|engine| engine.unloaded(due).filter(untried).map(Box::from).collect());
        let mut read_errors = ReadErrors::default();
        for name in names {
            let read = self.lock_loaded(storage, &std::iter::once(&*name)).1;
            // A decision fails for its own event only.
            if !matches!(due, Due::Events(only) if !only.contains(&&*name)) {
                read_errors.merge(read);
            }
            tried.insert(name);
        }
        read_errors
    }
}
