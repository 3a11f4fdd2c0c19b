//! Reading events from the storage into memory.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use super::Shared;
use super::read_errors::ReadErrors;
use crate::error::Error;
use crate::store::backend::Backend;

/// What a call could not read so far.
#[derive(Default)]
pub(super) struct Unreadable<'n> {
    pub(super) names: HashSet<&'n str>,
    pub(super) errors: ReadErrors,
}

impl Shared {
    /// Reads `missing` events and adds each to memory. It stops early if an event left memory since
    /// `removals` was read. Answers whether none of them is stored.
    pub(super) fn load<'n>(
        &self,
        storage: &dyn Backend,
        missing: &[&'n str],
        removals: u64,
        unreadable: &mut Unreadable<'n>,
    ) -> bool {
        let mut not_stored = 0;
        for name in missing {
            match storage.load(name) {
                Ok(stored) => {
                    self.reads_fail.store(false, Ordering::Relaxed);
                    let is_stored = !stored.is_empty();
                    let added = self.with_memory(|engine| {
                        if engine.events.removals() != removals {
                            // The event may have been read, changed, written and dropped meanwhile.
                            return None;
                        }
                        let is_new = !is_stored && !engine.events.contains(name);
                        engine.end_quarantine(name);
                        engine.install(name, stored);
                        Some(is_new)
                    });
                    match added {
                        Some(is_new) => not_stored += usize::from(is_new),
                        None => return false,
                    }
                }
                // The other events can still be read.
                Err(error) => {
                    if error.is_unreadable_data() {
                        let is_damaged = !matches!(error, Error::Incompatible { .. });
                        self.with_memory_at(self.now(), |engine| engine.quarantine(name, is_damaged));
                    } else {
                        self.reads_fail.store(true, Ordering::Relaxed);
                    }
                    unreadable.names.insert(name);
                    unreadable.errors.add(error);
                }
            }
        }
        not_stored == missing.len()
    }
}
