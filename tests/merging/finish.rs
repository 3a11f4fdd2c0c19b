//! The end of a schedule: everyone hears everyone, and then nobody has anything to tell any more.

use std::collections::BTreeSet;

use super::common::in_memory;
use super::device::NAMES;
use super::place::Stop;
use super::truth::{Atoms, Held, LifeId, Truth};
use super::world::{Check, World};

/// What the answers must be when everyone has heard everyone.
#[derive(Debug, Default)]
struct Expected {
    /// For each group of lives that is certainly not erased: of which versions one must be left.
    /// Without copies that count in one lane there is only one, of everything that anyone holds.
    alive: Vec<Vec<Atoms>>,
    /// What was ever recorded in lives that are certainly erased.
    erased: Atoms,
    /// Nothing else may count, if that is known.
    only: Option<Atoms>,
}

impl Expected {
    fn check(&self, view: &Atoms) -> Check {
        let is_left = |versions: &Vec<Atoms>| {
            versions.is_empty() || versions.iter().any(|version| version.is_subset(view))
        };
        let is_right = self.alive.iter().all(is_left)
            && self.erased.is_disjoint(view)
            && self.only.as_ref().is_none_or(|only| view.is_subset(only));
        if is_right { Ok(()) } else { Err(format!("everyone answers {view:?}, expected {self:?}")) }
    }
}

impl World {
    fn pairs(&self) -> Vec<(usize, usize)> {
        let n = self.devices.len();
        (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).filter(|(a, b)| a != b).collect()
    }

    fn everyone_hears(&mut self, by_delta: bool) -> Check {
        for _ in 0..if self.truth.forked { 4 } else { 2 } {
            for (from, to) in self.pairs() {
                self.sync(from, to, by_delta)?;
            }
        }
        let view = self.view(0)?;
        for d in 1..self.devices.len() {
            let other = self.view(d)?;
            if other != view {
                return Err(format!("0 answers {view:?}, {d} answers {other:?}"));
            }
        }
        Ok(())
    }

    pub fn finish(&mut self, by_delta: bool) -> Check {
        let expected = self.expected();
        self.everyone_hears(by_delta).map_err(|error| format!("at the end: {error}"))?;
        expected.check(&self.view(0)?).map_err(|error| format!("at the end: {error}"))?;
        self.repeat_all(by_delta)?;
        self.nothing_is_new()?;
        self.nothing_changes_after_a_crash()
    }

    /// What must count, and what must not, when everyone has heard everyone.
    fn expected(&self) -> Expected {
        let held: Vec<&Held> = self.devices.iter().map(|device| &device.memory.held).collect();
        let all = self.truth.joined(&held);
        if self.truth.has_imports() {
            return Expected {
                alive: vec![vec![Truth::view(&all)]],
                only: Some(Truth::view(&all)),
                ..Expected::default()
            };
        }
        let lives = || held.iter().flat_map(|held| &held.lives);
        let erased = all.held.sure.iter().flat_map(|life| self.truth.lives[*life].recorded.clone()).collect();
        let may: BTreeSet<LifeId> = all.held.may.iter().map(|life| self.truth.group(*life)).collect();
        let groups: BTreeSet<LifeId> = lives().map(|(life, _)| self.truth.group(*life)).collect();
        let version = |group, held: &&Held| -> Atoms {
            let lives = held.lives.iter().filter(|(life, _)| self.truth.group(**life) == group);
            lives.flat_map(|(_, atoms)| atoms.clone()).collect()
        };
        let alive = groups.difference(&may).map(|group| {
            let versions = held.iter().map(|held| version(*group, held));
            match self.truth.forked {
                true => versions.filter(|version| !version.is_empty()).collect(),
                false => vec![versions.flatten().collect()],
            }
        });
        Expected { alive: alive.collect(), erased, only: None }
    }

    fn repeat_all(&mut self, by_delta: bool) -> Check {
        for sent in self.flight.clone() {
            self.merge(0, &sent).map_err(|error| format!("a message again: {error}"))?;
        }
        self.everyone_hears(by_delta).map_err(|error| format!("after all messages again: {error}"))?;
        let view = self.view(0)?;
        for (number, sent) in self.flight.clone().iter().enumerate() {
            let report = self.merge(0, sent).map_err(|error| format!("message {number} twice: {error}"))?;
            if report.events_changed > 0 || report.restarted || self.view(0)? != view {
                return Err(format!("message {number} was merged twice and changed something: {report:?}"));
            }
        }
        Ok(())
    }

    fn nothing_is_new(&mut self) -> Check {
        for (from, to) in self.pairs() {
            let deltas = [(); 2].map(|()| {
                let known = self.devices[to].store().knowledge().unwrap();
                self.devices[from].store().export_since(&known).unwrap()
            });
            let report = in_memory(&self.devices[from].clock).merge_bytes(&deltas[0]).unwrap();
            if report.events_changed > 0 || report.replicas > 0 {
                return Err(format!("the delta of {from} for {to} is not empty: {report:?}"));
            }
            if deltas[0].len() != deltas[1].len() || deltas[0].len() > 120 {
                return Err(format!(
                    "the deltas of {from} for {to} have {} and {} bytes",
                    deltas[0].len(),
                    deltas[1].len()
                ));
            }
            let report = self.sync(from, to, true)?;
            if report.events_changed > 0 {
                return Err(format!("an empty delta of {from} changed {to}: {report:?}"));
            }
        }
        Ok(())
    }

    fn nothing_changes_after_a_crash(&mut self) -> Check {
        for d in 0..self.devices.len() {
            let own = self.devices[d].store().export_bytes().unwrap();
            self.devices[d].persisted();
            self.stop(d, Stop::Kill)?;
            let report = self.devices[d].store().merge_bytes(&own).unwrap();
            let view = self.view(d)?;
            if report.events_changed > 0 || report.restarted || view != Truth::view(&self.devices[d].memory) {
                return Err(format!("the own export of {d} changed something: {report:?}, {view:?}"));
            }
            if !self.truth.forked {
                let counters = self.devices[d].store().export_all().unwrap();
                let most =
                    NAMES.iter().filter_map(|name| counters.get(*name)).map(|one| one.replicas()).max();
                if most.unwrap_or(0) > self.lanes {
                    return Err(format!("{most:?} lanes, but {} identities", self.lanes));
                }
            }
        }
        Ok(())
    }
}
