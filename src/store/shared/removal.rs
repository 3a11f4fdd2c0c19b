//! Removing the names of erased events from the storage.
//!
//! An erasure itself only appends to a log, so it is fast. What the files still hold is removed by
//! the next persist, once for any number of erasures. The storage itself knows whether it holds
//! anything, so a kill between the erasure and the persist changes nothing.

use super::Shared;
use crate::engine::Due;
use crate::error::Result;
use crate::store::backend::Backend;

impl Shared {
    /// Writes what is due, and removes what the storage holds of erased events. When it returns,
    /// both survive a power loss.
    ///
    /// If only the removal fails, everything was written, and the next persist tries again.
    pub(in crate::store) fn persist(&self, due: Due<'_>) -> Result<()> {
        let swept = self.sweep();
        self.flush(due, true)?;
        if let Ok(Some(sweep)) = swept {
            self.with_memory(|engine| engine.end_sweep(sweep));
            // The store record says so from now on.
            self.flush(due, true)?;
        }
        if let Some(storage) = self.storage.as_deref().filter(|storage| storage.holds_removed()) {
            self.rewrite(storage, |storage| storage.holds_removed())?;
        }
        swept.map(|_| ())
    }

    /// Reads the stored events that merged erasures may concern. Those that are erased become due.
    /// Returns the number of the sweep; absent if none is due.
    fn sweep(&self) -> Result<Option<u64>> {
        let due = self.storage.as_ref().and_then(|_| self.with_memory(|engine| engine.due_sweep()));
        let Some(sweep) = due else { return Ok(None) };
        let names = self.all_names()?;
        let mut unread = Vec::new();
        self.with_memory_in_portions(&names, |engine, names| {
            unread.extend(names.iter().filter(|name| engine.may_be_erased_unread(name)).cloned());
        });
        self.with_readable_in_portions(&unread, |_, _| ())?;
        Ok(Some(sweep))
    }

    /// Whether a persist would remove something of erased events from the storage.
    pub(in crate::store) fn holds_erased(&self) -> bool {
        self.storage.as_deref().is_some_and(|storage| {
            storage.holds_removed() || self.with_memory(|engine| engine.due_sweep().is_some())
        })
    }

    /// Removes everything that the storage and the copies of damaged files hold of erased events.
    pub(in crate::store) fn remove_every_trace(&self) -> Result<()> {
        let Some(storage) = self.storage.as_deref() else { return Ok(()) };
        self.rewrite(storage, |_| true)?;
        let _persist = self.lock_persist()?;
        self.check_open()?;
        storage.remove_kept_aside()?;
        self.with_memory(|engine| engine.set_kept_aside(Vec::new()));
        Ok(())
    }

    /// Rewrites the storage if `is_due` answers so under the persist lock.
    pub(super) fn rewrite(&self, storage: &dyn Backend, is_due: fn(&dyn Backend) -> bool) -> Result<()> {
        let is_damaged = {
            let _persist = self.lock_persist()?;
            self.check_open()?;
            is_due(storage) && self.tolerate_damage(storage.compact())?
        };
        if is_damaged { self.flush(Due::Dirty, true) } else { Ok(()) }
    }
}
