//! What a store gives to others.

use std::collections::BTreeMap;

use super::Engine;
use super::entry::Entry;
use crate::codec::Message;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::LaneId;

impl Engine {
    /// The counters of the wanted events in memory, ascending by name.
    pub(super) fn counters(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<(String, SingleEventCounter)> {
        let mut all: Vec<_> = self
            .events
            .iter()
            .filter(|entry| entry.is_known() && !entry.unloaded && wanted(entry))
            .map(|entry| (entry.name.to_string(), entry.to_counter(self.lane, &self.clock.tracking)))
            .collect();
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// The wanted events as a message for other stores.
    pub(crate) fn export(&self, wanted: impl Fn(&Entry) -> bool) -> Message {
        let mut events = self.counters(wanted);
        // Only storages need to know which lane wrote a counter.
        events.iter_mut().for_each(|(_, counter)| counter.own = None);
        Message {
            store_generation: self.store_generation,
            erased: self.erased.iter().map(|(key, generation)| (*key, *generation)).collect(),
            lanes: self.lane_ranges(),
            events,
        }
    }
}

/// Removes from a message what a store with this version vector has already.
pub(crate) fn remove_known(message: &mut Message, known: &BTreeMap<LaneId, u64>) {
    for range in &mut message.lanes {
        // What the other store knows beyond us changes nothing about what is sent.
        range.base = known.get(&range.lane).copied().unwrap_or(0).min(range.upto);
    }
    let bases: BTreeMap<LaneId, u64> = message.lanes.iter().map(|range| (range.lane, range.base)).collect();
    message.events.retain_mut(|(_, counter)| {
        let is_empty = counter.cells.is_empty();
        counter.cells.retain(|cell| cell.stamp > bases.get(&cell.lane).copied().unwrap_or(0));
        is_empty || !counter.cells.is_empty()
    });
}
