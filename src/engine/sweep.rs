//! The sweep: the stored events that a merged erasure may concern are read, so that the next write
//! removes those that are erased. Without it, they would stay in the storage until somebody asks
//! for them.

use super::Engine;

/// Whether a sweep is due.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Sweep {
    /// How many were begun.
    begun: u64,
    /// The last one that ended.
    ended: u64,
}

impl Sweep {
    /// Makes a sweep due, because erasures were merged.
    pub(super) fn begin(&mut self) {
        self.begun += 1;
    }

    pub(super) fn is_due(&self) -> bool {
        self.ended < self.begun
    }
}

impl Engine {
    /// The number of the sweep that is due; absent if none is.
    pub(crate) fn due_sweep(&self) -> Option<u64> {
        self.sweep.is_due().then_some(self.sweep.begun)
    }

    /// Ends a sweep: what it found was written. Another one is due if erasures were merged
    /// meanwhile.
    pub(crate) fn end_sweep(&mut self, number: u64) {
        self.sweep.ended = number;
    }

    /// Whether a stored event can be erased although it was not read since the erasure.
    pub(crate) fn may_be_erased_unread(&self, name: &str) -> bool {
        self.events.get(name).is_none_or(|entry| entry.unloaded)
    }
}
