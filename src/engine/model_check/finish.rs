//! The end of a schedule: everybody hears everybody, and then the answers are those of the truth.

use super::device::NAMES;
use super::step::{DEVICES, Step};
use super::truth::{Counts, Heard};
use super::world::{Check, World};
use crate::codec::Message;

impl World {
    /// Checks all properties.
    pub(super) fn check(&self) -> Check {
        // Each of them is the first to hear all others in some states.
        let hub = u8::try_from(self.fingerprint() % u64::from(DEVICES)).unwrap();
        let mut world = self.clone();
        let all = world.all_heard()?;
        let mut by_delta = world.clone();
        by_delta.everybody_hears(hub, World::delta).map_err(|error| format!("deltas: {error}"))?;
        by_delta.compare(&all).map_err(|error| format!("deltas: {error}"))?;
        by_delta.check_end(hub, all.clone())?;
        world.everybody_hears(hub, World::hear).map_err(|error| format!("exports: {error}"))?;
        world.compare(&all).map_err(|error| format!("exports: {error}"))
    }

    /// What all devices have heard together.
    fn all_heard(&mut self) -> Result<Heard, String> {
        let mut all = Heard::default();
        for d in 0..DEVICES {
            if self.node(d).is_pending() {
                self.node_mut(d).device.load_all();
                self.observe(d)?;
            }
            all.join(&self.node(d).memory);
        }
        all.settle(&self.replacements);
        Ok(all)
    }

    fn everybody_hears(&mut self, hub: u8, hear: impl Fn(&mut World, u8, u8) -> Check) -> Check {
        // Who notices that it is an older copy leaves its lane, which the others have to hear of.
        for _ in 0..if self.forked { 3 } else { 1 } {
            (0..DEVICES).filter(|d| *d != hub).try_for_each(|d| hear(self, d, hub))?;
            (0..DEVICES).filter(|d| *d != hub).try_for_each(|d| hear(self, hub, d))?;
        }
        Ok(())
    }

    fn answers(&mut self, d: u8) -> [[u64; 3]; 2] {
        let device = &mut self.node_mut(d).device;
        [device.answers(0), device.answers(1)]
    }

    /// Compares the answers with each other and with the truth.
    fn compare(&mut self, all: &Heard) -> Check {
        let answers = self.answers(0);
        for d in 1..DEVICES {
            let others = self.answers(d);
            // Each clock reads its own counts in its own way.
            let is_same = match self.stepped {
                true => [0, 1].iter().all(|event: &usize| answers[*event][0] == others[*event][0]),
                false => answers == others,
            };
            if !is_same {
                return Err(format!("0 answers {answers:?}, {d} answers {others:?}"));
            }
        }
        self.compare_with_truth(answers, all)
    }

    fn compare_with_truth(&self, answers: [[u64; 3]; 2], all: &Heard) -> Check {
        for (event, [ever, recent, week]) in answers.into_iter().enumerate() {
            let counts = all.counting(event, &self.replacements);
            let sum = |of: fn(&Counts) -> u64| counts.values().map(of).sum::<u64>();
            let (least, most) = (sum(|one| one.ever), sum(|one| one.atoms.count_ones().into()));
            let is_right = match self.forked {
                true => (least..=most).contains(&ever),
                false if self.stepped => ever == least,
                false => [ever, recent, week] == [least, sum(|one| one.recent), least],
            };
            if !is_right {
                let name = NAMES[event];
                return Err(format!("{name}: {:?}, truth {least} to {most}, {counts:?}", answers[event]));
            }
        }
        Ok(())
    }

    /// Nothing is new to anybody, late messages bring only what is not known, and neither does a
    /// crash.
    fn check_end(&mut self, hub: u8, mut all: Heard) -> Check {
        let (next, last) = ((hub + 1) % DEVICES, (hub + 2) % DEVICES);
        for (a, b) in [(next, last), (last, hub)] {
            let message = self.export_for(a, b)?;
            if tells_something(&message) {
                return Err(format!("the delta of {a} for {b} is not empty: {message:?}"));
            }
        }
        // They can hold what no device holds any more, but nothing that is known again.
        for sent in self.late.clone() {
            self.merge(hub, sent.message.clone(), &sent.heard)?;
            all.join(&sent.heard);
        }
        all.settle(&self.replacements);
        let answers = self.answers(hub);
        self.compare_with_truth(answers, &all).map_err(|error| format!("late messages: {error}"))?;
        let before = self.answers(next);
        let message = self.export(next)?;
        self.step(Step::Crash(next))?;
        self.merge(next, message, &Heard::default())?;
        if self.answers(next) != before {
            return Err(format!("a crash changes {before:?} to {:?}", self.answers(next)));
        }
        Ok(())
    }
}

/// Whether a message has cells or erasures.
fn tells_something(message: &Message) -> bool {
    let tells = |part: &crate::codec::LanePart| !part.erased.is_empty() || !part.births.is_empty();
    !message.events.is_empty() || message.lanes.iter().any(tells)
}
