//! Which events changed since the last persist.

use super::Engine;
use super::entry::Entry;

impl Engine {
    /// Whether an event changed since the last persist.
    pub(crate) fn is_dirty(&self) -> bool {
        self.events.iter().any(Entry::is_dirty)
    }

    /// Marks all events as persisted without writing them.
    pub(crate) fn reset_dirty(&mut self) {
        for entry in self.events.iter_mut() {
            (entry.marks.dirty, entry.in_flight) = (false, false);
        }
    }

    /// Drops the counters in memory that the storage has.
    pub(crate) fn drop_saved(&mut self) {
        self.events.retain(|entry| entry.is_dirty() || entry.marks.unwritten);
        self.events.shrink_to_fit();
        self.process_reservations.shrink();
    }
}
