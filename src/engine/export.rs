//! What a store gives to others.
//!
//! An export is collected in portions, and other threads can change the store between two portions.
//! The claims of the export are taken before the first portion, so every cell that a claim covers
//! is collected in that state or a later one. The erasures are taken after the last portion, so
//! they include every event that was erased before it was collected.

use super::Engine;
use super::entry::Entry;
use crate::codec::{LaneRange, Message};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{Generation, LaneId};

/// Which lanes an export holds completely, and up to which stamps.
#[derive(Clone)]
pub(crate) struct Claims {
    own: Option<LaneId>,
    lanes: Vec<LaneRange>,
    given_up: u64,
}

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

    /// Begins an export and returns its claims.
    pub(crate) fn begin_export(&self) -> Claims {
        Claims { own: self.lane, lanes: self.lane_ranges(), given_up: self.given_up }
    }

    /// The counter of an event as other stores get it; absent if the event is not known, was not
    /// read or is not wanted.
    pub(crate) fn exported(&self, name: &str, wanted: fn(&Entry) -> bool) -> Option<SingleEventCounter> {
        let is_exported = |entry: &&Entry| entry.is_known() && !entry.unloaded && wanted(entry);
        let entry = self.events.get(name).filter(is_exported)?;
        // Only storages need to know which lane wrote a counter.
        Some(SingleEventCounter { own: None, ..entry.to_counter(self.lane, &self.clock.tracking) })
    }

    /// Ends an export and returns its message without the events. `claims` is what `begin_export`
    /// returned. Absent if the own lane changed meanwhile: the export has to begin anew.
    pub(crate) fn end_export(&self, claims: &Claims) -> Option<Message> {
        if self.lane != claims.own || self.needs_lane() {
            return None;
        }
        let mut lanes = claims.lanes.clone();
        if self.given_up != claims.given_up {
            // Cells of other lanes may have been removed before they were collected.
            lanes.retain(|range| Some(range.lane) == claims.own);
        }
        let store = Generation::of_store(self.store_generation);
        let erased = self.erased.iter().map(|(key, number)| (*key, Generation::from_number(*number)));
        let mut erased: Vec<_> = erased.filter(|(_, generation)| *generation > store).collect();
        erased.sort_unstable_by_key(|(key, _)| *key);
        Some(Message { store_generation: self.store_generation, erased, lanes, events: Vec::new() })
    }
}

/// Removes from a message what a store with this version vector has already. `known` is ascending.
pub(crate) fn remove_known(message: &mut Message, known: &[(LaneId, u64)]) {
    let Message { lanes, events, .. } = message;
    for range in &mut *lanes {
        let found = known.binary_search_by_key(&range.lane, |(lane, _)| *lane).ok();
        let stamp = found.and_then(|at| known.get(at)).map_or(0, |(_, stamp)| *stamp);
        // What the other store knows beyond us changes nothing about what is sent.
        range.base = stamp.min(range.upto);
    }
    let base = |lane: &LaneId| {
        let found = lanes.binary_search_by_key(lane, |range| range.lane).ok();
        found.and_then(|at| lanes.get(at)).map_or(0, |range| range.base)
    };
    events.retain_mut(|(_, counter)| {
        let is_empty = counter.cells.is_empty();
        counter.cells.retain(|cell| cell.stamp > base(&cell.lane));
        is_empty || !counter.cells.is_empty()
    });
}
