//! What a store knows of all lanes, and exports of what is new to another.

use std::collections::BTreeMap;

use super::EventStore;
use super::export::sealed;
use super::state::State;
use crate::codec::{self, Malformed, Message, Span};
use crate::counter::lane::LaneId;
use crate::error::{Error, Result};
use crate::formatter::envelope::SYNC_STATE;

/// Of how many lanes it is remembered how far they are known. Of others everything is asked for each time.
const MOST_KNOWN: usize = 100_000;

impl EventStore {
    /// What this store knows: hand it to another store's `export_since`, so that it gives only what is new here.
    ///
    /// # Errors
    /// `Closed`, or whatever hinders writing it down.
    pub fn knowledge(&self) -> Result<Vec<u8>> {
        self.inner.check_open()?;
        let known: Vec<(LaneId, u64)> = {
            let state = self.inner.state.lock();
            // Of the own lane no more than what was there at the opening: if that was restored from a backup, the others show what is missing.
            let own = if state.base == 0 { state.stamp } else { state.issued };
            state.known_lanes(own).into_iter().collect()
        };
        let mut payload = Vec::new();
        codec::put_knowledge(&known, &mut payload);
        SYNC_STATE.seal(&payload)
    }

    /// As `export_bytes`, without what a store that gave this `knowledge` has already. With a storage that holds nothing but events it is everything.
    ///
    /// # Errors
    /// `Corrupt` or `Incompatible` for a knowledge that cannot be read; otherwise as `export_bytes`.
    pub fn export_since(&self, knowledge: &[u8]) -> Result<Vec<u8>> {
        let payload = SYNC_STATE.open(knowledge)?;
        let known = codec::knowledge(payload)
            .map_err(|Malformed(what)| Error::corrupt(format!("a knowledge cannot be read: {what}")))?;
        let known: BTreeMap<LaneId, u64> = known.into_iter().collect();
        let (mut message, events) = self.inner.export(|_| true)?;
        let has = |lane: &LaneId| known.get(lane).copied().unwrap_or(0);
        // What the other knows beyond us says nothing about what we send.
        message.lanes.iter_mut().for_each(|span| span.base = has(&span.lane).min(span.upto));
        let bases: BTreeMap<LaneId, u64> = message.lanes.iter().map(|span| (span.lane, span.base)).collect();
        message.events = events
            .into_iter()
            .filter_map(|(name, mut counter)| {
                let whole = counter.cells.is_empty();
                counter.cells.retain(|cell| cell.stamp > bases.get(&cell.lane).copied().unwrap_or(0));
                (whole || !counter.cells.is_empty()).then_some((name, counter))
            })
            .collect();
        sealed(&message)
    }
}

impl State {
    /// Up to which stamp each lane is known whole. Only a storage that keeps this beside its events can say so later.
    fn known_lanes(&self, own: u64) -> BTreeMap<LaneId, u64> {
        let mut known = self.known.clone();
        if self.keeps_knowledge {
            known.extend(self.lane.map(|lane| (lane, own)));
        }
        known
    }

    /// The spans of a message that holds everything.
    pub(super) fn spans(&self) -> Vec<Span> {
        self.known_lanes(self.stamp).into_iter().map(|(lane, upto)| Span { lane, base: 0, upto }).collect()
    }

    /// Takes note of what a message brought: a lane is known further only where nothing lies between.
    pub(super) fn learn(&mut self, seen: Vec<(Span, u64)>) {
        if !self.keeps_knowledge {
            return;
        }
        for (span, seen) in seen.into_iter().filter(|(span, _)| Some(span.lane) != self.lane) {
            let known = self.known.get(&span.lane).copied().unwrap_or(0);
            let has_room = known > 0 || self.known.len() < MOST_KNOWN;
            if span.base <= known && seen > known && has_room {
                self.known.insert(span.lane, seen);
            }
        }
    }
}

impl Message {
    /// A message of everything, without its events.
    pub(super) fn of(state: &State) -> Message {
        Message {
            store_generation: state.generation,
            erased: state.erased.iter().map(|(key, generation)| (*key, *generation)).collect(),
            lanes: state.spans(),
            events: Vec::new(),
        }
    }

    /// How far each lane can be seen to go: no further is known, whatever the message claims.
    pub(super) fn seen(&self) -> Vec<(Span, u64)> {
        let mut seen: Vec<(Span, u64)> = self.lanes.iter().map(|span| (*span, 0)).collect();
        for cell in self.events.iter().flat_map(|(_, counter)| &counter.cells) {
            if let Ok(place) = seen.binary_search_by_key(&cell.lane, |(span, _)| span.lane)
                && let Some((span, seen)) = seen.get_mut(place)
            {
                *seen = cell.stamp.min(span.upto).max(*seen);
            }
        }
        seen
    }
}
