//! The naive truth. Every recording is an atom. Atoms belong to a life: what one device recorded of
//! an event between two erasures that it heard of. An erasure ends all lives that the eraser had
//! heard of, with what their owners add before they hear of it.

use std::collections::{BTreeMap, BTreeSet};

/// The most events.
const EVENTS: usize = 4;

pub type Atom = u32;
pub type LifeId = usize;
pub type Atoms = BTreeSet<Atom>;

#[derive(Debug, Clone, Default)]
pub struct Life {
    pub event: usize,
    /// Lives of one group may be one and the same: only the store knows whether it began anew.
    group: LifeId,
    /// All that was ever recorded in it.
    pub recorded: Atoms,
    /// The lives whose place an import takes.
    took: BTreeSet<LifeId>,
    /// Those of `took` that were known to be erased then.
    excused: BTreeSet<LifeId>,
}

/// What a store holds, or what a message can hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    pub lives: BTreeMap<LifeId, Atoms>,
    /// Lives that are erased, certainly and possibly.
    pub sure: BTreeSet<LifeId>,
    pub may: BTreeSet<LifeId>,
}

/// A store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub held: Held,
    /// The life of each event that the store records to.
    pub own: BTreeMap<usize, LifeId>,
    /// Events whose next recording may begin another life.
    pub unsure: BTreeSet<usize>,
}

impl State {
    /// The one of several states of a store, oldest first, that gives these answers. If several do,
    /// they differ only in what is erased.
    pub fn one_of(states: &[State], seen: &Atoms) -> Option<State> {
        let mut found = states.iter().filter(|state| Truth::view(state) == *seen);
        let mut one = found.next()?.clone();
        for other in found {
            one.held.sure.retain(|life| other.held.sure.contains(life));
            one.held.may.extend(&other.held.may);
            one.unsure.extend(&other.unsure);
            for event in 0..EVENTS {
                if one.own.get(&event) != other.own.get(&event) {
                    one.unsure.insert(event);
                }
            }
        }
        Some(one)
    }

    /// Begins lives of its own with its next recordings.
    pub fn become_other(&mut self) {
        self.own.clear();
        self.unsure.clear();
    }
}

#[derive(Debug, Default)]
pub struct Truth {
    pub lives: Vec<Life>,
    /// Whether two stores ever counted in one lane.
    pub forked: bool,
}

impl Truth {
    fn begin(&mut self, event: usize) -> LifeId {
        let id = self.lives.len();
        self.lives.push(Life { event, group: id, ..Life::default() });
        id
    }

    /// `recorded` are the lives that the device recorded, oldest first.
    pub fn record(&mut self, state: &mut State, event: usize, atom: Atom, recorded: &[LifeId]) {
        let before = state.own.get(&event).copied();
        let is_unsure = state.unsure.contains(&event);
        let life = match before {
            Some(life) if !is_unsure => life,
            _ => self.begin(event),
        };
        // If the life that it recorded to is erased, it may go on with one from before that one.
        let is_held =
            |life: &&LifeId| self.lives[**life].event == event && state.held.lives.contains_key(life);
        let earlier = recorded.iter().rev().find(is_held).filter(|_| is_unsure);
        if let Some(before) = before.or(earlier.copied()) {
            self.lives[life].group = self.lives[before].group;
        }
        state.unsure.remove(&event);
        state.own.insert(event, life);
        state.held.lives.entry(life).or_default().insert(atom);
        self.lives[life].recorded.insert(atom);
    }

    pub fn erase(&self, state: &mut State, event: Option<usize>) {
        let concerned = |life: &LifeId| event.is_none_or(|event| self.lives[*life].event == event);
        let ended: Vec<LifeId> = state.held.lives.keys().copied().filter(concerned).collect();
        let took = ended.iter().flat_map(|life| &self.lives[*life].took).copied();
        let ended: BTreeSet<LifeId> = took.chain(ended.iter().copied()).collect();
        state.held.sure.extend(&ended);
        state.held.may.extend(&ended);
        self.settle(state);
    }

    /// Drops what is erased or replaced.
    pub fn settle(&self, state: &mut State) {
        let held = &mut state.held;
        loop {
            let before = held.sure.len();
            for life in held.lives.keys() {
                let Life { took, excused, .. } = &self.lives[*life];
                let is_fatal = |took: &LifeId| held.sure.contains(took) && !excused.contains(took);
                if held.sure.contains(life) || took.iter().any(is_fatal) {
                    held.sure.extend(took.iter().chain([life]));
                    held.may.extend(took.iter().chain([life]));
                }
            }
            if held.sure.len() == before {
                break;
            }
        }
        held.lives.retain(|life, _| !held.sure.contains(life));
        let took: BTreeMap<LifeId, &BTreeSet<LifeId>> =
            held.lives.keys().map(|life| (*life, &self.lives[*life].took)).collect();
        // Of two imports in the place of one life only the later counts: both hold its counts.
        let is_replaced = |life: LifeId| {
            let own = &self.lives[life].took;
            took.iter().any(|(other, took)| took.contains(&life) || (*other > life && !took.is_disjoint(own)))
        };
        held.lives.retain(|life, _| !is_replaced(*life));
        state.own.retain(|_, life| held.lives.contains_key(life));
    }

    /// Replaces an event by what an export held of it. `is_own` tells the lives of this device, and
    /// `is_shown` those that were ever durable: what nobody else knows need not be replaced.
    pub fn import(
        &mut self,
        state: &mut State,
        event: usize,
        counter: &Held,
        is_own: impl Fn(LifeId) -> bool,
        is_shown: impl Fn(LifeId) -> bool,
    ) {
        let of_event = |life: &LifeId| self.lives[*life].event == event;
        let of = |held: &Held| -> BTreeMap<LifeId, Atoms> {
            held.lives
                .iter()
                .filter(|(life, _)| of_event(life))
                .map(|(life, atoms)| (*life, atoms.clone()))
                .collect()
        };
        let (known, theirs) = (of(&state.held), of(counter));
        let is_shown = |life: &&LifeId| is_shown(**life) || !self.lives[**life].took.is_empty();
        let ours = known.keys().filter(is_shown).chain(theirs.keys()).copied();
        let ours = ours.filter(|life| is_own(*life));
        let took: BTreeSet<LifeId> =
            ours.flat_map(|life| self.lives[life].took.iter().copied().chain([life])).collect();
        let content: Atoms =
            theirs.iter().filter(|(life, _)| is_own(**life)).flat_map(|(_, atoms)| atoms.clone()).collect();
        known.keys().for_each(|life| _ = state.held.lives.remove(life));
        state.held.lives.extend(theirs.into_iter().filter(|(life, _)| !is_own(*life)));
        state.own.remove(&event);
        if !took.is_empty() {
            let excused = took.intersection(&state.held.sure).copied().collect();
            let life = self.begin(event);
            self.lives[life] = Life { took, excused, ..self.lives[life].clone() };
            state.held.lives.insert(life, content);
            state.own.insert(event, life);
        }
        self.settle(state);
    }

    /// What a store holds that has heard all that several hold.
    pub fn joined(&self, all: &[&Held]) -> State {
        let mut joined = State::default();
        for held in all {
            for (life, atoms) in &held.lives {
                joined.held.lives.entry(*life).or_default().extend(atoms);
            }
            joined.held.sure.extend(&held.sure);
            joined.held.may.extend(&held.may);
        }
        self.settle(&mut joined);
        joined
    }

    /// What the store must answer.
    pub fn view(state: &State) -> Atoms {
        state.held.lives.values().flatten().copied().collect()
    }

    /// Takes in a message. `sent` is the most that it can hold, and all of that if it is
    /// `complete`. `seen` is what the store answers afterwards.
    pub fn merge(&self, state: &mut State, sent: &Held, complete: bool, seen: &Atoms) -> Result<(), String> {
        let before = state.held.lives.clone();
        let may: BTreeSet<LifeId> =
            state.held.may.union(&sent.may).map(|life| self.lives[*life].group).collect();
        if complete {
            state.held.sure.extend(&sent.sure);
        }
        state.held.may.extend(&sent.may);
        let lives: BTreeSet<LifeId> = before.keys().chain(sent.lives.keys()).copied().collect();
        let nothing = Atoms::new();
        for life in lives.iter().copied() {
            let [ours, theirs] = [&before, &sent.lives].map(|lives| lives.get(&life).unwrap_or(&nothing));
            let all: Atoms = ours | theirs;
            let left = if self.has_imports() { all.clone() } else { &all & seen };
            let can_end = may.contains(&self.lives[life].group);
            let is_erased = state.held.sure.contains(&life);
            let is_one_of_several =
                self.forked && self.outlives(self.lives[life].group, &before, &sent.lives, seen);
            let is_right = match left.is_empty() {
                _ if self.has_imports() => complete,
                true if is_one_of_several => true,
                true => is_erased || can_end || (!complete && ours.is_empty()),
                // The later version of a cell leaves out what is older than all that it holds.
                false if self.forked => !is_erased && (ours.is_subset(&left) || theirs.is_subset(&left)),
                false => !is_erased && (left == all || (!complete && left == *ours)),
            };
            if !is_right {
                return Err(format!(
                    "life {life}: had {ours:?}, sent {theirs:?}, left {left:?}, erased {is_erased}"
                ));
            }
            state.held.lives.insert(life, left.clone());
            if left.is_empty() && !is_erased && !self.has_imports() {
                state.held.lives.remove(&life);
                if !is_one_of_several && (complete || !ours.is_empty()) {
                    state.held.sure.insert(life);
                }
            }
        }
        self.settle(state);
        match Truth::view(state) == *seen {
            true => Ok(()),
            false => Err(format!("answers {seen:?}, truth {:?}", Truth::view(state))),
        }
    }

    /// Whether one of two versions is left of the lives of a group, which may be one cell. The join of
    /// two branches can leave out one life and keep another.
    fn outlives(
        &self,
        group: LifeId,
        ours: &BTreeMap<LifeId, Atoms>,
        theirs: &BTreeMap<LifeId, Atoms>,
        seen: &Atoms,
    ) -> bool {
        let of_group = |lives: &BTreeMap<LifeId, Atoms>| -> Atoms {
            let lives = lives.iter().filter(|(life, _)| self.lives[**life].group == group);
            lives.flat_map(|(_, atoms)| atoms.clone()).collect()
        };
        [of_group(ours), of_group(theirs)]
            .iter()
            .any(|version| !version.is_empty() && version.is_subset(seen))
    }

    pub fn has_imports(&self) -> bool {
        self.lives.iter().any(|life| !life.took.is_empty())
    }

    /// Lives that may be erased by one of these.
    pub fn group(&self, life: LifeId) -> LifeId {
        self.lives[life].group
    }
}
