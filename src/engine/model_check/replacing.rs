//! Steps that replace cells: imports, and setting a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::device::{Device, NAMES, TAKEN_OVER, event_of};
use super::recording::OLD_ATOMS;
use super::truth::{Counts, Heard, Life, Replacement};
use super::world::{BEGIN, Check, World};
use crate::codec::Message;
use crate::counter::stamp::Stamp;
use crate::engine::Entry;

impl World {
    pub(super) fn import(&mut self, d: u8) -> Check {
        let sent = Rc::clone(&self.late[0]);
        self.imported = true;
        for (name, _) in &sent.message.events {
            self.node_mut(d).device.load(NAMES[event_of(name)]);
        }
        self.observe(d)?;
        let message = Message { events: sent.message.events.clone(), ..Message::default() };
        let lane = self.node(d).device.engine.lane;
        if self.node_mut(d).device.leave_older_copy(&message) {
            self.persisted(d)?;
        }
        // Which lives are those of this device goes by the lane.
        let mut lanes = BTreeMap::new();
        for (name, counter) in &sent.message.events {
            let event = event_of(name);
            let engine = &self.node(d).device.engine;
            let entry = self.node(d).device.own_entry(event);
            let known = entry.map_or_else(Vec::new, |entry| entry.keys(engine.lane));
            let keys = known.iter().map(|(key, _)| *key).chain(counter.cells.iter().map(|cell| cell.key()));
            lanes.extend(keys.map(|key| ((event, key.birth), engine.is_own_cell(key))));
            // What nobody else knows is certainly its own.
            let own = entry.map_or_else(Vec::new, own_births);
            lanes.extend(own.into_iter().map(|birth| ((event, birth), true)));
        }
        self.node_mut(d).device.import(message);
        for (name, _) in &sent.message.events {
            self.imported_event(d, event_of(name), &sent.heard, |life| lanes.get(life) == Some(&true));
        }
        let replacements = Rc::clone(&self.replacements);
        self.node_mut(d).memory.settle(&replacements);
        self.check_lane(d, lane)
    }

    fn imported_event(&mut self, d: u8, event: usize, counter: &Heard, is_own: impl Fn(&Life) -> bool) {
        let replacements = Rc::clone(&self.replacements);
        let birth = self.node(d).device.own_entry(event).filter(|entry| entry.own.is_some());
        let birth = birth.map(|entry| entry.birth);
        let memory = &mut self.node_mut(d).memory;
        let of_event = |heard: &Heard| -> BTreeMap<Life, Counts> {
            heard.lives.iter().filter(|(life, _)| life.0 == event).map(|(l, c)| (*l, *c)).collect()
        };
        let (known, theirs) = (of_event(memory), of_event(counter));
        let with_taken = |lives: &BTreeMap<Life, Counts>| -> BTreeSet<Life> {
            let own = lives.keys().filter(|life| is_own(life));
            own.flat_map(|life| {
                replacements
                    .get(life)
                    .map(|one| one.took.clone())
                    .unwrap_or_default()
                    .into_iter()
                    .chain([*life])
            })
            .collect()
        };
        let (known_own, took) = (with_taken(&known), &with_taken(&known) | &with_taken(&theirs));
        let mut content = Counts::default();
        let counting = counter.counting(event, &replacements);
        counting.iter().filter(|(life, _)| is_own(life)).for_each(|(_, counts)| content.add(*counts));
        memory.lives.retain(|life, _| life.0 != event || known_own.contains(life));
        memory.lives.extend(theirs.iter().filter(|(life, _)| !is_own(life)).map(|(l, c)| (*l, *c)));
        match birth.map(|birth| (event, birth)).filter(|life| !known.contains_key(life)) {
            Some(life) => {
                let excused =
                    took.iter().filter(|one| memory.erased.contains(*one) || !known_own.contains(*one));
                let excused = excused.copied().collect();
                memory.lives.insert(life, content);
                Rc::make_mut(&mut self.replacements).insert(life, Replacement { took, excused });
            }
            // Cells that nobody else knows are just dropped.
            None => memory.lives.retain(|life, _| life.0 != event || !known_own.contains(life)),
        }
    }

    /// What is taken over from another library is one life on all devices.
    pub(super) fn take_over(&mut self, d: u8) -> Check {
        self.node_mut(d).device.load(NAMES[0]);
        self.observe(d)?;
        let Some(birth) = self.node_mut(d).device.take_over(BEGIN) else { return Ok(()) };
        let memory = &mut self.node_mut(d).memory;
        if !memory.erased.contains(&(0, birth)) {
            let counts = Counts { atoms: OLD_ATOMS, ever: TAKEN_OVER.into(), recent: 0 };
            memory.lives.insert((0, birth), counts);
        }
        self.persisted(d)
    }

    pub(super) fn set_clock(&mut self, d: u8, error: i64) {
        self.stepped = true;
        let births =
            |device: &Device| [0, 1].map(|event| device.own_entry(event).map_or_else(Vec::new, own_births));
        let now = self.now;
        let mut replacements = Rc::clone(&self.replacements);
        let node = self.node_mut(d);
        let before = births(&node.device);
        node.device.clock_error = error;
        node.device.tick(now);
        let after = births(&node.device);
        for (event, (before, after)) in before.into_iter().zip(after).enumerate() {
            let gone = before.iter().filter(|birth| !after.contains(birth));
            let new = after.iter().filter(|birth| !before.contains(birth));
            for (old, new) in gone.zip(new) {
                let (old, new) = ((event, *old), (event, *new));
                let counts = node.memory.lives.get(&old).copied().unwrap_or_default();
                node.memory.lives.insert(new, counts);
                if node.pending[event] == Some(old.1) {
                    // Nobody else knows it.
                    node.pending[event] = Some(new.1);
                    node.memory.lives.remove(&old);
                    continue;
                }
                let mut replacement = replacements.get(&old).cloned().unwrap_or_default();
                replacement.took.insert(old);
                Rc::make_mut(&mut replacements).insert(new, replacement);
            }
        }
        self.replacements = replacements;
    }
}

/// The births of the cells of a device, oldest first.
fn own_births(entry: &Entry) -> Vec<Stamp> {
    let own = entry.own.as_ref().map(|_| entry.birth);
    entry.earlier().iter().map(|cell| cell.birth).chain(own).collect()
}
