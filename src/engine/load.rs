//! Taking what the storage holds of an event into memory.

use super::entry::{Entry, Marks};
use super::{Engine, StepBirths};
use crate::codec::StoredParts;

impl Engine {
    /// Whether the storage may hold something of the event that is not in memory. `may_hold` is
    /// asked if the event is not in memory at all.
    pub(crate) fn is_missing(&self, name: &str, may_hold: impl FnOnce(&str) -> bool) -> bool {
        self.events.get(name).map_or_else(|| may_hold(name), |entry| entry.unloaded)
    }

    /// Adds what the storage holds of an event to what was recorded before it was read.
    pub(crate) fn install(&mut self, name: &str, stored: StoredParts) {
        let stored = (!stored.is_empty()).then(|| self.stored_entry(name, stored));
        match (self.events.get_mut(name), stored) {
            (Some(entry), Some(stored)) if entry.unloaded => {
                let (clock, occurrences) = (&self.clock, self.markers.occurrences());
                entry.add_stored(stored, clock.births, (&clock.tracking, &clock.view), occurrences);
                entry.stamp = self.stamps.next_of_cell(self.clock.now());
            }
            (Some(entry), _) => entry.end_loading(),
            (None, Some(stored)) => {
                self.events.insert(stored);
            }
            (None, None) => {}
        }
        self.renew_marker(name);
    }

    /// Takes in after a loss what a stored event shows of the store: its times, and that it has
    /// reservations. If the event may be in an earlier state, its reservations end: they may have
    /// been committed since.
    pub(crate) fn observe_stored(&mut self, name: &str, stored: StoredParts, is_earlier: bool) {
        let Some(event) = &stored.event else { return };
        let own = event.counter.own.into_iter().flat_map(|own| event.counter.cells_of(own));
        let shown = own.filter_map(|cell| Some((cell.body.head().seen_at_last()?, cell.birth.number)));
        shown.for_each(|(at, number)| self.observe_shown(at, number));
        // If the store record is lost too, later stamps must be higher than those of the event.
        let stamps = event.counter.own.into_iter().flat_map(|own| event.counter.cells_of(own));
        let occurred = event.local.marker.iter().filter_map(|marker| Some(marker.latest?.0.0));
        let last = stamps.map(|cell| cell.stamp.number).chain(occurred).max().unwrap_or(0);
        self.stamps.last = self.stamps.last.max(last);
        if event.local.reservations.is_empty() {
            return;
        }
        self.reserved.insert(name);
        if is_earlier {
            self.install(name, stored);
            self.drop_reservations(name);
        }
    }

    fn stored_entry(&mut self, name: &str, stored: StoredParts) -> Entry {
        if let Some((lane, event)) =
            stored.event.as_ref().and_then(|event| event.counter.own.zip(Some(event)))
        {
            let last = event.counter.cells_of(lane).map(|cell| cell.stamp.number).max().unwrap_or(0);
            self.observe_stored_lane(lane, last);
        }
        let mut parts = stored.event.iter().chain(&stored.others);
        let had_cells = parts.any(|part| !part.counter.cells.is_empty());
        let horizon = self.load_horizon();
        // What another store counted since a marker says nothing here. Without markers, recordings
        // are not noted.
        let wrote = stored.event.as_ref().and_then(|event| event.counter.own);
        let is_ours = wrote.is_some_and(|lane| self.lane == Some(lane) || self.clock.view.is_retired(lane));
        let marks = (is_ours && !self.markers.is_empty()).then(|| self.markers.has(name));
        let (lane, tracking) = (self.lane, &self.clock.tracking);
        let (mut entry, changed) = Entry::from_stored(name, stored, marks, lane, tracking, horizon.as_ref());
        let before = entry.device_cells(&self.clock.view);
        let newly_erased = entry.settle(lane, |key| self.lanes.is_erased(key));
        let is_settled = newly_erased.is_some();
        if is_settled {
            entry.note_dropped(before, &self.clock.view, self.markers.occurrences());
        }
        self.erase_cells(newly_erased.unwrap_or_default());
        if is_settled && had_cells && !entry.counts_own() && entry.others().is_empty() {
            // It was erased while it was not in memory. The next write removes it.
            entry.empty();
            entry.deleted_pending_write = true;
            self.process_reservations.note_erased(name);
        }
        if !entry.reservations().is_empty() {
            self.reserved.insert(name);
        }
        // A new stamp must be higher than those of the event and of its occurrences, and the number
        // of a new reservation higher than those of its reservations, also if the store record is
        // lost.
        let reserved = entry.reservations().last().map_or(0, |reservation| reservation.number);
        let occurred = entry.latest().map_or(0, |latest| latest.stamp.number);
        self.stamps.last = self.stamps.last.max(entry.stamp.number).max(reserved).max(occurred);
        if changed && entry.own.is_some() {
            // The same stamp must not stand for two encodings.
            entry.stale.event = true;
            if !self.markers.is_empty() {
                self.markers.begin_tallies(&mut entry, &self.clock.view);
            }
            entry.stamp = self.stamps.next_of_cell(self.clock.now());
        }
        if changed || is_settled {
            // The next persist removes what is erased.
            entry.marks = Marks { dirty: is_settled, unwritten: true, undurable: true };
            if self.writes_in_background {
                self.write_queue.push(name);
            }
        }
        entry.shown_times().for_each(|(at, number)| self.observe_shown(at, number));
        entry
    }

    /// Takes in that this store's clock showed an instant, when `number` was issued or later.
    fn observe_shown(&mut self, at: i64, number: u64) {
        let births = self.clock.births;
        match births != StepBirths::default() && number > births.noticed {
            true => self.clock.watch.observe_recorded_under_step(at),
            false => self.clock.watch.observe_recorded(at),
        }
    }
}
