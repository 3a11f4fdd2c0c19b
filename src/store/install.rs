//! Adding what the storage holds of an event.

use super::entry::{Entry, Marks};
use super::state::State;
use crate::counter::cell::Cell;
use crate::counter::event_counter::SingleEventCounter;

impl State {
    /// Adds what the storage holds of an event.
    pub(crate) fn install(&mut self, name: &str, stored: Option<SingleEventCounter>) {
        let stored = stored.map(|mut counter| {
            if !self.queues {
                // Such a storage keeps the lane inside its counters.
                if let Some(lane) = counter.own.filter(|_| self.lane.is_none()) {
                    self.adopt(lane);
                }
            }
            let generation = self.generation_of(name);
            let erased = counter.generation < generation;
            counter.raise(generation);
            let mut entry = Entry::from_counter(name, counter, self.lane, &self.present.tracking);
            if erased {
                // Heard of while it was not in memory: the storage is told when something is next written.
                entry.gone = true;
                entry.marks = Marks::ALL;
                if self.queues {
                    self.queue.push(name);
                }
            }
            self.stamp = self.stamp.max(entry.stamp);
            entry.set_stored(entry.stamp);
            if let Some(seen) = entry.own.as_ref().and_then(Cell::seen) {
                self.present.watch.heard(seen.ahead.map_or(seen.last, |ahead| ahead.max(seen.last)));
            }
            entry
        });
        match (self.events.get_mut(name), stored) {
            (Some(entry), Some(stored)) if entry.unloaded => {
                entry.add_stored(stored, &self.present.tracking, &self.present.view.frame.numbers);
                self.stamp += 1;
                entry.stamp = self.stamp;
            }
            (Some(entry), _) => entry.end_loading(),
            (None, Some(stored)) => {
                self.events.insert(stored);
            }
            (None, None) => {}
        }
    }
}
