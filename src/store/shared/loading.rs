//! Reading events from the storage into memory.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use parking_lot::MutexGuard;

use super::read_errors::ReadErrors;
use super::{EventNames, Shared};
use crate::engine::Engine;
use crate::error::Error;
use crate::store::backend::Backend;

impl Shared {
    #[inline]
    pub(super) fn lock_loaded<'n>(
        &self,
        storage: &dyn Backend,
        names: impl EventNames<'n>,
    ) -> (MutexGuard<'_, Engine>, ReadErrors) {
        let names = names.into_iter();
        let engine = self.engine.lock();
        let may_hold = |name: &str| storage.may_hold(name);
        if !names.clone().any(|name| engine.is_missing(name, may_hold)) {
            return (engine, ReadErrors::default());
        }
        drop(engine);
        self.load(storage, &names.collect::<Vec<&str>>())
    }

    fn load(&self, storage: &dyn Backend, names: &[&str]) -> (MutexGuard<'_, Engine>, ReadErrors) {
        let mut failed: HashSet<&str> = HashSet::new();
        let mut read_errors = ReadErrors::default();
        loop {
            let engine = self.engine.lock();
            let may_hold = |name: &str| storage.may_hold(name);
            let missing = |name: &&&str| engine.is_missing(name, may_hold) && !failed.contains(**name);
            let missing: Vec<&str> = names.iter().filter(missing).copied().collect();
            if missing.is_empty() {
                return (engine, read_errors);
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
                        engine.end_quarantine(name);
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
                        read_errors.add(error);
                    }
                }
            }
            if not_stored == missing.len() {
                // None of them is stored, so they will be missing the next time too.
                return (self.engine.lock(), read_errors);
            }
        }
    }
}
