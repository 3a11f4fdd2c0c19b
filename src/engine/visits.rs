//! Counts how many entries are visited while the engine lock is held, for tests.

use std::cell::Cell;

/// Numbers of visited entries.
#[derive(Clone, Default)]
pub(crate) struct Visits {
    /// Since the lock was taken.
    now: Cell<usize>,
    /// The most between two times that the lock was taken.
    most: Cell<usize>,
}

impl Visits {
    pub(crate) fn add(&self, entries: usize) {
        self.now.set(self.now.get() + entries);
    }

    /// Begins a new count, because the lock was taken.
    pub(crate) fn begin(&self) {
        self.most.set(self.most.get().max(self.now.take()));
    }

    /// Returns the most entries that were visited under one lock since the last call.
    #[cfg(feature = "storage-fs")]
    pub(crate) fn take_most(&self) -> usize {
        self.begin();
        self.most.take()
    }
}
