//! Which events changed since the last persist.

use super::Engine;
use super::entry::Entry;
use super::store_record::WriteKind;
use crate::codec::StoreRecord;

impl Engine {
    /// Whether an event changed since the last persist.
    pub(crate) fn is_dirty(&self) -> bool {
        self.events.iter().any(Entry::is_dirty)
    }

    /// Whether a persist would write anything that a later opening needs: an event, a page of a
    /// list, or the store record. `written` is the store record that the storage has.
    pub(crate) fn is_unsaved(&self, written: Option<&StoreRecord>) -> bool {
        let write = WriteKind { sync: false, writes_events: false };
        self.is_dirty() || self.has_changed_pages() || self.due_store_record(written, write).is_some()
    }

    /// Marks all events as persisted without writing them.
    pub(crate) fn reset_dirty(&mut self) {
        for entry in self.events.iter_mut() {
            (entry.marks.dirty, entry.in_flight) = (false, false);
        }
    }

    /// Drops the counters in memory that the storage has.
    pub(crate) fn drop_saved(&mut self) {
        let births = self.clock.births;
        self.events
            .retain(|entry| entry.is_dirty() || entry.marks.unwritten || entry.was_begun_under(births));
        self.events.shrink_to_fit();
        self.process_reservations.shrink();
    }
}
