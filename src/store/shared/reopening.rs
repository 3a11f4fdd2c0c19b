//! Opening a store again that was closed, or whose storage somebody else changed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Shared, no_storage};
use crate::engine::Due;
use crate::error::Result;
use crate::report::report;
use crate::store::{auto_persist, identity, opening};

impl Shared {
    /// Opens a closed store. An open one persists, or is closed and opened if somebody else changed
    /// its storage.
    pub(in crate::store) fn reopen(self: &Arc<Self>) -> Result<()> {
        let storage = self.storage.as_deref().ok_or_else(no_storage)?;
        if !self.is_closed() {
            if !storage.is_changed() {
                return self.persist(Due::Dirty);
            }
            if let Err(error) = self.shutdown() {
                report!(error, "the storage was changed, and what was not written is lost: {error}");
            }
            // Also if it cannot be opened again.
            self.with_memory(|engine| engine.watches.note_all());
        }
        self.open()
    }

    /// Opens a closed store. Does nothing if another thread opened it meanwhile.
    fn open(self: &Arc<Self>) -> Result<()> {
        let storage = self.storage.as_deref().ok_or_else(no_storage)?;
        let mut persisted = self.lock_persist()?;
        if !self.is_closed() {
            return Ok(());
        }
        let damage = storage.reopen(self.now())?;
        let mut engine = self.with_memory(|engine| engine.emptied());
        let begun = opening::begin(&mut engine, storage, damage, &self.time_source).and_then(|mut record| {
            if let Some(file) = &self.identity {
                identity::identify(&mut engine, storage, &mut record, file, &self.time_source)?;
            }
            Ok(record)
        });
        persisted.record = match begun {
            Ok(record) => record,
            Err(error) => {
                storage.close();
                return Err(error);
            }
        };
        self.with_memory(|current| engine.replace(current));
        self.reads_fail.store(false, Ordering::Relaxed);
        self.writes_fail.store(false, Ordering::Relaxed);
        self.background_writer.reset();
        self.auto_persist.reset();
        self.closed.store(false, Ordering::Release);
        self.with_memory(|engine| engine.watches.note_all());
        drop(persisted);
        if let Some(interval) = self.auto_persist_retry.interval() {
            auto_persist::start(self, interval);
        }
        Ok(())
    }
}
