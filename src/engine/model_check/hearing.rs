//! What devices tell each other.

use std::hash::Hash;
use std::rc::Rc;

use super::device::{Device, NAMES, event_of};
use super::fingerprint::fingerprint;
use super::truth::{Heard, Life};
use super::world::{Check, Sent, World};
use crate::codec::{self, Message};
use crate::counter::lane::LaneId;
use crate::engine::Entry;

impl World {
    pub(super) fn export(&mut self, d: u8) -> Result<Message, String> {
        let message = self.node_mut(d).device.export();
        self.persisted(d)?;
        Ok(message)
    }

    /// What the first has that is new to the second.
    pub(super) fn export_for(&mut self, a: u8, b: u8) -> Result<Message, String> {
        let state = self.node_mut(b).device.sync_state();
        self.observe(b)?;
        let lane = self.node(a).device.engine.lane;
        let message = self.node_mut(a).device.export_since(&state);
        self.persisted(a)?;
        self.check_lane(a, lane)?;
        Ok(message)
    }

    pub(super) fn hear(&mut self, a: u8, b: u8) -> Check {
        let message = self.export(a)?;
        let heard = self.carried(a, &message);
        self.merge(b, message, &heard)
    }

    pub(super) fn delta(&mut self, a: u8, b: u8) -> Check {
        let message = self.export_for(a, b)?;
        let heard = self.carried(a, &message);
        self.merge(b, message, &heard)
    }

    pub(super) fn merge_parts(&mut self, a: u8, b: u8, message: Message) -> Check {
        self.exports += 1;
        let mut parts = Device::parts(message, self.exports << 2 | u64::from(a));
        let last = parts.pop().unwrap();
        for part in parts {
            let heard = self.carried(a, &part);
            self.merge(b, part, &heard)?;
        }
        self.send(a, last);
        Ok(())
    }

    pub(super) fn send(&mut self, d: u8, message: Message) {
        let heard = self.carried(d, &message);
        let mut bytes = Vec::new();
        codec::put_message(&message, &mut bytes);
        let fingerprint = fingerprint(|mut out| (&bytes, &heard).hash(&mut out));
        if self.late.first().is_none_or(|newest| newest.fingerprint != fingerprint) {
            self.late.insert(0, Rc::new(Sent { message, heard, fingerprint }));
            self.late.truncate(2);
        }
    }

    /// What a message tells that the device made: of each life all that the device has heard of it,
    /// or nothing.
    fn carried(&self, d: u8, message: &Message) -> Heard {
        let Heard { lives, erased } = &self.node(d).memory;
        let is_sent = |life: &Life| {
            let of_event = message.events.iter().filter(|(name, _)| event_of(name) == life.0);
            of_event.flat_map(|(_, counter)| &counter.cells).any(|cell| cell.birth == life.1)
        };
        let is_told = |life: &Life| {
            message.lanes.iter().any(|part| part.erased.has(life.1) || part.births.contains(&life.1))
        };
        Heard {
            lives: lives.iter().filter(|(life, _)| is_sent(life)).map(|(life, one)| (*life, *one)).collect(),
            erased: erased.iter().filter(|life| is_told(life)).copied().collect(),
        }
    }

    pub(super) fn merge(&mut self, d: u8, message: Message, heard: &Heard) -> Check {
        let lane = self.node(d).device.engine.lane;
        self.node_mut(d).device.load_events(&message);
        self.observe(d)?;
        if self.node_mut(d).device.leave_older_copy(&message) {
            self.persisted(d)?;
        }
        self.node_mut(d).device.merge(message);
        let replacements = Rc::clone(&self.replacements);
        let node = self.node_mut(d);
        node.memory.join(heard);
        node.memory.settle(&replacements);
        self.check_lane(d, lane)
    }

    /// A device may leave its lane only if two counted in it, or if a cell of it does not count any
    /// more because another import replaced the same cell.
    pub(super) fn check_lane(&self, d: u8, before: Option<LaneId>) -> Check {
        let device = &self.node(d).device;
        let Some(before) = before.filter(|lane| device.engine.lane != Some(*lane)) else { return Ok(()) };
        let is_outranked = |entry: &Entry| {
            let cells = entry.all_others().into_iter().filter(|cell| cell.lane == before);
            cells.into_iter().any(|cell| !entry.others().contains(&cell))
        };
        let is_right =
            self.forked || (0..NAMES.len()).filter_map(|event| device.own_entry(event)).any(is_outranked);
        if is_right { Ok(()) } else { Err(format!("{d} left its lane")) }
    }
}
