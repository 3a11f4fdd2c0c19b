//! What devices tell each other.

use std::collections::HashMap;

use tiny_counter::{MergeReport, SingleEventCounter};

use super::device::NAMES;
use super::schedule::{Kind, Random};
use super::truth::{Held, LifeId};
use super::world::{Check, World};

#[derive(Clone)]
pub enum Body {
    Bytes(Vec<u8>),
    Counters(HashMap<String, SingleEventCounter>),
}

/// For whom a message certainly holds all that it can hold.
#[derive(Clone, Copy, PartialEq)]
pub enum Whole {
    ForAll,
    /// For this device, if it lost nothing since.
    For(usize, usize),
    Part,
}

#[derive(Clone)]
pub struct Sent {
    pub body: Body,
    pub held: Held,
    pub whole: Whole,
}

/// A sync state, of which device, and how often that had lost something.
pub type Known = (Vec<u8>, usize, usize);

impl World {
    /// Everything that leaves a device is durable there before.
    pub(super) fn send(&mut self, d: usize, bodies: Vec<Body>, whole: Whole) {
        self.devices[d].persisted();
        for body in bodies {
            let mut held = self.devices[d].memory.held.clone();
            if let Body::Counters(counters) = &body {
                let is_sent = |life: &LifeId| counters.contains_key(NAMES[self.truth.lives[*life].event]);
                held.lives.retain(|life, _| is_sent(life));
                (held.sure, held.may) = Default::default();
            }
            self.flight.push(Sent { body, held, whole });
        }
    }

    /// A sync state names stamps that are not durable yet. A device that crashed and gets its own
    /// one back takes itself for an older copy and leaves its lane. That is known; it loses nothing.
    pub(super) fn is_own_from_before_a_crash(&self, d: usize, of: usize, losses: usize) -> bool {
        d == of && losses != self.devices[d].losses
    }

    /// A device that went back may have left its lane.
    pub(super) fn showed_older_copy(&mut self, d: usize) {
        if self.truth.forked {
            self.devices[d].memory.unsure.extend(0..self.events);
        }
    }

    pub fn merge(&mut self, d: usize, sent: &Sent) -> Result<MergeReport, String> {
        let complete = match sent.whole {
            Whole::ForAll => true,
            Whole::For(of, losses) => of == d && losses == self.devices[d].losses,
            Whole::Part => false,
        };
        if self.kind == Kind::Import && !complete {
            return Ok(MergeReport::default());
        }
        let report = self.apply(d, &sent.body)?;
        self.merged(d, &sent.held, complete).map(|()| report)
    }

    pub(super) fn apply(&mut self, d: usize, body: &Body) -> Result<MergeReport, String> {
        match body {
            Body::Bytes(bytes) => {
                let report = self.devices[d].store().merge_bytes(bytes).unwrap();
                if report.restarted {
                    if !self.truth.forked {
                        return Err(format!("{d} left its lane"));
                    }
                    // What nobody else knew remains its own.
                    self.showed_older_copy(d);
                    self.devices[d].persisted();
                }
                Ok(report)
            }
            Body::Counters(counters) => {
                match counters.iter().next() {
                    Some((name, counter)) if counters.len() == 1 => {
                        self.devices[d].store().merge_event(name, counter.clone()).unwrap();
                    }
                    _ => self.devices[d].store().merge_all(counters.clone()).unwrap(),
                }
                self.showed_older_copy(d);
                Ok(MergeReport::default())
            }
        }
    }

    pub(super) fn merged(&mut self, d: usize, held: &Held, complete: bool) -> Check {
        let seen = self.view(d)?;
        self.truth.merge(&mut self.devices[d].memory, held, complete, &seen)?;
        if self.truth.forked {
            // What was durable before is not known if it left its lane.
            self.devices[d].store().persist().unwrap();
            self.devices[d].persisted();
        }
        Ok(())
    }

    /// One device hears another one.
    pub fn sync(&mut self, from: usize, to: usize, by_delta: bool) -> Result<MergeReport, String> {
        let bytes = match by_delta {
            true => {
                let known = self.devices[to].store().knowledge().unwrap();
                self.devices[from].store().export_since(&known).unwrap()
            }
            false => self.devices[from].store().export_bytes().unwrap(),
        };
        if by_delta {
            self.showed_older_copy(from);
        }
        self.devices[from].persisted();
        let report = self.apply(to, &Body::Bytes(bytes))?;
        let held = self.devices[from].memory.held.clone();
        self.merged(to, &held, true).map(|()| report).map_err(|error| format!("{to} hears {from}: {error}"))
    }

    pub(super) fn all_parts(&mut self, from: usize, to: usize, order: usize) -> Check {
        let mut parts = match order % 2 {
            0 => self.devices[from].store().export_parts(order).unwrap(),
            _ => {
                let known = self.devices[to].store().knowledge().unwrap();
                self.devices[from].store().export_parts_since(&known, order).unwrap()
            }
        };
        self.showed_older_copy(from);
        self.devices[from].persisted();
        let mut random = Random::new(order as u64);
        while !parts.is_empty() {
            let part = parts.swap_remove(random.below(parts.len()));
            self.apply(to, &Body::Bytes(part))?;
        }
        // Only some parts may be stored, which the truth does not know of.
        let held = self.devices[from].memory.held.clone();
        self.merged(to, &held, true)?;
        self.devices[to].persist_if_log();
        Ok(())
    }

    pub(super) fn import(&mut self, d: usize, sent: Sent) {
        let Body::Counters(counters) = sent.body else { return };
        let names: Vec<String> = counters.keys().cloned().collect();
        // Whether a cell is stored decides whether it is replaced.
        self.devices[d].persist_if_log();
        self.devices[d].store().import_all(counters).unwrap();
        let device = &mut self.devices[d];
        device.losses += 1;
        for event in (0..self.events).filter(|event| names.iter().any(|name| name == NAMES[*event])) {
            let recorded = device.recorded.clone();
            let stored = device.stored().held.lives.clone();
            let is_own = |life| recorded.contains(&life);
            let is_shown = |life| stored.contains_key(&life);
            self.truth.import(&mut device.memory, event, &sent.held, is_own, is_shown);
            device.recorded.extend(device.memory.own.get(&event));
        }
        // Two imports can leave the same answers.
        self.devices[d].persist_if_log();
    }
}
