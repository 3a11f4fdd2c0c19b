//! What a store gives to others.
//!
//! An export is collected in portions, and other threads can change the store between two portions.
//! The claims of the export are taken before the first portion, so every cell that a claim covers
//! is collected in that state or a later one. The erasures are taken after the last portion, so
//! they include every cell that was erased before it was collected.

use std::collections::BTreeMap;

use super::Engine;
use super::entry::Entry;
use crate::codec::{LanePart, Message};
use crate::counter::coverage::Coverage;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::LaneId;

/// What an export holds completely of each lane.
#[derive(Clone)]
pub(crate) struct Claims {
    own: Option<LaneId>,
    lanes: Vec<(LaneId, Coverage)>,
    epoch: u64,
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
        let others = self.lanes.claims.iter().filter(|(lane, _)| Some(**lane) != self.lane);
        let mut lanes: Vec<(LaneId, Coverage)> =
            others.map(|(lane, claim)| (*lane, claim.stamps.clone())).collect();
        lanes.extend(self.lane.map(|lane| (lane, self.own_claim())));
        Claims { own: self.lane, lanes, epoch: self.epoch }
    }

    /// The counter of an event as other stores get it; absent if the event is not known, was not
    /// read or is not wanted.
    pub(crate) fn exported(&mut self, name: &str, wanted: fn(&Entry) -> bool) -> Option<SingleEventCounter> {
        let is_exported = |entry: &&mut Entry| entry.is_known() && !entry.unloaded && wanted(entry);
        let entry = self.events.get_mut(name).filter(is_exported)?;
        entry.show();
        // Only storages need to know which lane wrote a counter.
        Some(SingleEventCounter { own: None, ..entry.to_counter(self.lane, &self.clock.tracking) })
    }

    /// Ends an export and returns its message without the events. `claims` is what `begin_export`
    /// returned. Absent if the own lane changed meanwhile: the export has to begin anew.
    pub(crate) fn end_export(&self, claims: &Claims) -> Option<Message> {
        if self.lane != claims.own || self.needs_lane() {
            return None;
        }
        let mut parts: BTreeMap<LaneId, LanePart> = BTreeMap::new();
        let mut part = |lane: LaneId, fill: &dyn Fn(&mut LanePart)| {
            fill(parts.entry(lane).or_insert_with(|| LanePart::new(lane)));
        };
        for (lane, claim) in &claims.lanes {
            // If claims were given up, cells of other lanes may have been removed before they were
            // collected.
            if self.epoch == claims.epoch || Some(*lane) == claims.own {
                part(*lane, &|part| {
                    part.claim = claim.clone();
                    part.is_forked = self.lanes.is_forked(*lane);
                });
            }
        }
        for (lane, facts) in self.lanes.facts.iter().filter(|(_, facts)| !facts.erased.is_empty()) {
            part(*lane, &|part| part.erased = facts.erased.clone());
        }
        for (lane, births) in self.lanes.births_by_lane() {
            part(lane, &|part| part.births = births.clone());
        }
        let lanes = parts.into_values().filter(|part| !part.is_empty()).collect();
        Some(Message { lanes, ..Message::default() })
    }
}
