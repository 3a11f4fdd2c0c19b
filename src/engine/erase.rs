//! Erasing: every cell that is known is declared erased, and is dropped wherever it is met. The
//! store then counts in new cells.

use super::Engine;
use super::entry::{Entry, Stale};
use crate::bounds::MAX_CLAIMED_OPENINGS;
use crate::counter::coverage::Coverage;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{CellKey, LaneId};

impl Engine {
    /// Erases an event and returns what was counted; absent if it was not known.
    pub(crate) fn erase(&mut self, name: &str) -> Option<SingleEventCounter> {
        self.drop_reservations(name);
        self.process_reservations.note_erased(name);
        let was_lost = self.forget_loss(name);
        let (lane, tracking) = (self.lane, &self.clock.tracking);
        let known = self.events.get_mut(name).filter(|entry| entry.is_known());
        let Some(entry) = known else {
            if was_lost && !self.events.contains(name) {
                // Removing it makes the storage drop its name, which the losses held.
                self.discard(name);
            }
            return None;
        };
        let removed = entry.to_counter(lane, tracking);
        let erased = entry.erasable(lane);
        entry.empty();
        entry.deleted_pending_write = true;
        self.renew_marker(name);
        self.erase_cells(erased);
        self.touch(name);
        self.leave_full_lane();
        Some(removed)
    }

    /// Erases several events and returns what was counted of those that were known. The counter of
    /// an event whose stored bytes cannot be read is empty. Every other event must have been
    /// loaded.
    pub(crate) fn erase_events(&mut self, names: &[String]) -> Vec<(String, SingleEventCounter)> {
        let mut removed = Vec::new();
        for name in names {
            let counter = match self.quarantined.contains_key(name.as_str()) {
                true => Some(self.erase_unreadable(name)),
                false => self.erase(name),
            };
            removed.extend(counter.map(|counter| (name.clone(), counter)));
        }
        removed
    }

    /// Erases an event here whose stored bytes cannot be read. Which cells they have is not known,
    /// so other stores are not told. The counter that it returns is empty.
    pub(crate) fn erase_unreadable(&mut self, name: &str) -> SingleEventCounter {
        self.process_reservations.note_erased(name);
        self.process_reservations.shrink();
        self.forget_loss(name);
        self.discard(name);
        SingleEventCounter::default()
    }

    /// Erases everything and returns what was counted. Of `names`, events that could not be read
    /// are removed from the storage too.
    pub(crate) fn erase_all(&mut self, names: &[String]) -> Vec<(String, SingleEventCounter)> {
        let unloaded = |name: &&String| self.events.get(name).is_none_or(|entry| entry.unloaded);
        let unloaded: Vec<&String> = names.iter().filter(unloaded).collect();
        let removed = self.counters(|_| true);
        self.process_reservations.note_all_erased();
        self.process_reservations.shrink();
        self.forget_losses();
        let mut lanes: Vec<(LaneId, Coverage)> =
            self.lanes.claims.iter().map(|(lane, claim)| (*lane, claim.stamps.clone())).collect();
        lanes.extend(self.lane.map(|lane| (lane, self.own_claim())));
        for (lane, mut claim) in lanes {
            claim.trim(MAX_CLAIMED_OPENINGS);
            self.lanes.erase_all(lane, &claim);
        }
        let own = self.lane;
        let erased: Vec<CellKey> = self.events.iter().flat_map(|entry| entry.erasable(own)).collect();
        self.erase_cells(erased);
        let known: Vec<Box<str>> = self.events.names().map(Box::from).collect();
        for name in known {
            if let Some(entry) = self.events.get_mut(&name) {
                entry.empty();
                entry.deleted_pending_write = true;
            }
            self.renew_marker(&name);
            self.touch(&name);
        }
        unloaded.into_iter().for_each(|name| self.discard(name));
        self.next_stamp();
        self.leave_full_lane();
        removed
    }

    /// Notes that cells are erased.
    pub(super) fn erase_cells(&mut self, cells: Vec<CellKey>) {
        if !cells.is_empty() {
            // A state that knows of other erasures is another state.
            self.next_stamp();
        }
        cells.into_iter().for_each(|key| self.lanes.erase(key));
    }

    /// Removes erased events from memory, for a store without a storage.
    pub(crate) fn forget_deleted(&mut self) {
        self.events.retain(|entry| !entry.deleted_pending_write);
    }

    /// Makes the next write remove an event that was not read.
    pub(super) fn discard(&mut self, name: &str) {
        self.quarantined.remove(name);
        let mut discarded = Entry::new(name);
        (discarded.deleted_pending_write, discarded.stale) = (true, Stale::BOTH);
        self.events.insert(discarded);
        self.renew_marker(name);
        self.touch(name);
    }
}
