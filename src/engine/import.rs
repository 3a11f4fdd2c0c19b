//! Replacing events by imported counters.

use super::Engine;
use super::entry::Entry;
use super::merge::{check_generation, check_size, stored_bytes};
use crate::counter::event_counter::SingleEventCounter;
use crate::error::Result;

impl Engine {
    /// Checks whether an event can be replaced by `counter`.
    ///
    /// # Errors
    /// As `check_merge`.
    pub(crate) fn check_import(&self, name: &str, counter: &SingleEventCounter) -> Result<()> {
        check_generation(name, self.generation(name), counter)?;
        check_size(name, counter.cells.iter().map(stored_bytes).sum())
    }

    /// Replaces an event by an imported counter.
    pub(crate) fn import(&mut self, name: &str, mut counter: SingleEventCounter) {
        let known = self.generation(name);
        if counter.generation < known {
            // Those cells were erased. Only a new stamp of the own lane can bring counts back.
            counter.cells.retain(|cell| Some(cell.lane) == self.lane);
        }
        counter.generation = counter.generation.max(known);
        let horizon = self.load_horizon();
        let tracking = &self.clock.tracking;
        let (mut entry, _) = Entry::from_counter(name, counter, self.lane, tracking, horizon.as_ref());
        entry.observe_ahead(self.clock.now(), || {
            self.stamp += 1;
            self.stamp
        });
        entry.replace_cells(self.events.get(name), tracking, || {
            self.stamp += 1;
            self.stamp
        });
        self.replace(entry);
    }

    /// Replaces an event, and marks it as changed.
    fn replace(&mut self, mut entry: Entry) {
        if let Some(known) = self.events.get(&entry.name) {
            (entry.marks, entry.in_flight) = (known.marks, known.in_flight);
            // What was exported of the event before does not show that this store is an older copy.
            entry.set_stored_stamp(known.stored_stamp());
            entry.copy_reservations(known);
        }
        let name = entry.name.clone();
        if self.quarantined.remove(&name).is_some() {
            // The stored stamp could not be read. It is one of an earlier opening.
            entry.set_stored_stamp(self.opening_stamp);
        }
        self.events.insert(entry);
        self.touch(&name);
    }
}
