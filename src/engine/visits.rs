//! How many entries are visited while the engine is locked, for tests.

use std::cell::Cell;

/// Counts of visited entries.
#[derive(Default)]
pub(crate) struct Visits {
    /// Since the lock was taken.
    now: Cell<usize>,
    /// The most during one time that the lock was held.
    most: Cell<usize>,
}

impl Visits {
    pub(crate) fn add(&self, entries: usize) {
        self.now.set(self.now.get() + entries);
    }

    /// The lock was taken.
    pub(crate) fn begin(&self) {
        self.most.set(self.most.get().max(self.now.take()));
    }

    /// The most during one time that the lock was held since the last call.
    #[cfg(feature = "storage-fs")]
    pub(crate) fn take_most(&self) -> usize {
        self.begin();
        self.most.take()
    }
}
