//! What a store knows of all lanes, and exports of what is new to another.

use std::collections::BTreeMap;

use super::EventStore;
use super::export::sealed;
use super::state::State;
use crate::codec::{self, Malformed, Message, Span};
use crate::counter::lane::LaneId;
use crate::error::{Error, Result};
use crate::formatter::envelope::KNOWLEDGE;

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
        KNOWLEDGE.seal(&payload)
    }

    /// As `export_bytes`, without what a store that gave this `knowledge` has already. With a storage that holds nothing but events it is everything.
    ///
    /// # Errors
    /// `Corrupt` or `Incompatible` for a knowledge that cannot be read; otherwise as `export_all`.
    pub fn export_since(&self, knowledge: &[u8]) -> Result<Vec<u8>> {
        let payload = KNOWLEDGE.open(knowledge)?;
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
    pub(super) fn learn(&mut self, message: &Message) {
        if !self.keeps_knowledge {
            return;
        }
        for span in message.lanes.iter().filter(|span| Some(span.lane) != self.lane) {
            let cells = message.events.iter().filter_map(|(_, counter)| counter.cell(span.lane));
            // No further than what is there to be seen, whatever the message claims.
            let seen = cells.map(|cell| cell.stamp).max().unwrap_or(0).min(span.upto);
            let known = self.known.get(&span.lane).copied().unwrap_or(0);
            if span.base <= known && seen > known {
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
}
