//! What a store gives to others.
//!
//! An export is collected in portions, between which other work goes on. Its claims are taken
//! before the first portion. So every cell that a claim covers is collected, or a later state of it.
//! Erasures are taken after the last portion, so they explain what is missing.

use std::collections::BTreeMap;

use super::Engine;
use super::entry::Entry;
use crate::codec::{LaneRange, Message};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::LaneId;

/// What an export claims to hold completely.
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

    /// Begins an export that will hold everything that is known now.
    pub(crate) fn begin_export(&self) -> Claims {
        Claims { own: self.lane, lanes: self.lane_ranges(), given_up: self.given_up }
    }

    /// The counter of an event as other stores get it; absent if it is not known, was not read or is
    /// not wanted.
    pub(crate) fn exported(&self, name: &str, wanted: impl Fn(&Entry) -> bool) -> Option<SingleEventCounter> {
        let is_exported = |entry: &&Entry| entry.is_known() && !entry.unloaded && wanted(entry);
        let entry = self.events.get(name).filter(is_exported)?;
        // Only storages need to know which lane wrote a counter.
        Some(SingleEventCounter { own: None, ..entry.to_counter(self.lane, &self.clock.tracking) })
    }

    /// Ends an export: a message without its events, for which `claims` hold. Absent if the export
    /// has to begin anew, because the own lane changed.
    pub(crate) fn end_export(&self, claims: &Claims) -> Option<Message> {
        if self.lane != claims.own || self.needs_lane() {
            return None;
        }
        let mut lanes = claims.lanes.clone();
        if self.given_up != claims.given_up {
            // Some cells of other lanes may have been given up before they were collected.
            lanes.retain(|range| Some(range.lane) == claims.own);
        }
        let erased = self.erased.iter().map(|(key, generation)| (*key, *generation)).collect();
        Some(Message { store_generation: self.store_generation, erased, lanes, events: Vec::new() })
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
