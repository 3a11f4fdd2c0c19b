//! The naive truth. Every recording is an atom. Atoms belong to a life: what was recorded in one
//! cell. An erasure ends all lives that the eraser had heard of, with what their owners add before
//! they hear of it. It knows nothing of stamps, claims and lanes; only which cell a life is, it is
//! told.

use std::collections::{BTreeMap, BTreeSet};

use crate::counter::stamp::Stamp;

/// The event and the birth of a cell. Each opening has another number, so no lane is needed.
pub(super) type Life = (usize, Stamp);

/// The counts of a life.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub(super) struct Counts {
    pub(super) atoms: u64,
    /// How many they are. After a fork, the most that one of the branches counted.
    pub(super) ever: u64,
    /// Of these, since time passed.
    pub(super) recent: u64,
}

impl Counts {
    fn join(&mut self, other: Counts) {
        self.atoms |= other.atoms;
        (self.ever, self.recent) = (self.ever.max(other.ever), self.recent.max(other.recent));
    }

    pub(super) fn add(&mut self, other: Counts) {
        self.atoms |= other.atoms;
        (self.ever, self.recent) = (self.ever + other.ever, self.recent + other.recent);
    }
}

/// What a device, a storage or a message has heard.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub(super) struct Heard {
    pub(super) lives: BTreeMap<Life, Counts>,
    pub(super) erased: BTreeSet<Life>,
}

/// A life that takes the place of others.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub(super) struct Replacement {
    pub(super) took: BTreeSet<Life>,
    /// Those whose erasure does not end it.
    pub(super) excused: BTreeSet<Life>,
}

pub(super) type Replacements = BTreeMap<Life, Replacement>;

impl Heard {
    pub(super) fn join(&mut self, other: &Heard) {
        self.erased.extend(&other.erased);
        for (life, counts) in &other.lives {
            self.lives.entry(*life).or_default().join(*counts);
        }
    }

    /// Ends the lives that are erased, and those that took in an erased one.
    pub(super) fn settle(&mut self, replacements: &Replacements) {
        loop {
            let before = self.erased.len();
            for (life, Replacement { took, excused }) in replacements {
                let is_fatal = |life: &&Life| self.erased.contains(*life) && !excused.contains(*life);
                let ends = self.erased.contains(life) || took.iter().any(|life| is_fatal(&life));
                if self.lives.contains_key(life) && ends {
                    self.erased.extend(took - excused);
                    self.erased.insert(*life);
                }
            }
            if self.erased.len() == before {
                break;
            }
        }
        self.lives.retain(|life, _| !self.erased.contains(life));
    }

    /// Erases what it has heard of some events.
    pub(super) fn erase(&mut self, is_erased: impl Fn(usize) -> bool, replacements: &Replacements) {
        let ended: Vec<Life> = self.lives.keys().filter(|(event, _)| is_erased(*event)).copied().collect();
        for life in ended {
            let replaced = replacements.get(&life);
            self.erased.extend(replaced.into_iter().flat_map(|one| &one.took - &one.excused));
            self.erased.insert(life);
        }
        self.settle(replacements);
    }

    /// The lives of an event that count. Of two that took in the same life only the youngest does.
    pub(super) fn counting(&self, event: usize, replacements: &Replacements) -> BTreeMap<Life, Counts> {
        let replaced = |life: &Life| replacements.get(life).map(|one| &one.took);
        let is_taken = |life: &Life| {
            self.lives.keys().any(|other| replaced(other).is_some_and(|took| took.contains(life)))
        };
        let is_beaten = |life: &Life| {
            let Some(took) = replaced(life) else { return false };
            let meets = |other: &Life| replaced(other).is_some_and(|theirs| !theirs.is_disjoint(took));
            self.lives.keys().any(|other| !is_taken(other) && other.1 > life.1 && meets(other))
        };
        let of_event = self.lives.iter().filter(|(life, _)| life.0 == event);
        of_event.filter(|(life, _)| !is_taken(life) && !is_beaten(life)).map(|(l, c)| (*l, *c)).collect()
    }

    /// Notes that time passed.
    pub(super) fn pass(&mut self) {
        self.lives.values_mut().for_each(|counts| counts.recent = 0);
    }

    /// The atoms that it has heard of.
    pub(super) fn atoms(&self) -> u64 {
        self.lives.values().fold(0, |all, counts| all | counts.atoms)
    }
}
