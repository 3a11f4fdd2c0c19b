//! A device: a store on a storage that survives crashes, and what it holds according to the truth.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tiny_counter::{EventStore, TestClock};

use super::common::zone::LocalZone;
use super::common::{clock_at, under};
use super::place::{Place, Stop};
use super::truth::{Atoms, State, Truth};

pub const NAMES: [&str; 4] = ["a", "b", "c", "~d"];

/// A copy of what is stored.
#[derive(Debug, Clone)]
pub struct Copied {
    pub place: Place,
    /// What it held since everything was durable, oldest first.
    pub states: Vec<State>,
    /// From which of them on it can hold one.
    pub from: usize,
}

pub struct Device {
    pub store: Option<EventStore>,
    pub clock: TestClock,
    pub zone: LocalZone,
    pub place: Place,
    minutes: usize,
    /// The file with the token of this installation.
    token: Option<PathBuf>,
    pub memory: State,
    /// What it held since everything was durable, and then after each step.
    states: Vec<State>,
    /// Whether a copy was made since everything was durable. A device that loses what its copy has is
    /// an older copy of itself.
    is_copied: bool,
    pub backup: Option<Copied>,
    /// The token of the installation that made the backup.
    pub backup_token: Option<Vec<u8>>,
    /// How often it lost or gave up something, so that a delta for it may not be enough any more.
    pub losses: usize,
    /// Whether its clock was ever set.
    pub is_set: bool,
    /// The lives that it recorded.
    pub recorded: Vec<usize>,
}

impl Device {
    pub fn new(
        at: DateTime<Utc>,
        zone: LocalZone,
        place: Place,
        minutes: usize,
        token: Option<PathBuf>,
    ) -> Device {
        let mut device = Device {
            store: None,
            clock: clock_at(at),
            zone,
            place,
            minutes,
            token,
            memory: State::default(),
            states: vec![State::default()],
            is_copied: false,
            backup: None,
            backup_token: None,
            losses: 0,
            is_set: false,
            recorded: Vec::new(),
        };
        device.open();
        device
    }

    fn open(&mut self) {
        let builder = under(&self.clock).with_zone(self.zone.public());
        let builder = self.place.open(builder.track_minutes(self.minutes).track_days(DAYS));
        let builder = match &self.token {
            Some(token) => builder.with_identity(token),
            None => builder,
        };
        self.store = Some(builder.build().unwrap());
    }

    pub fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    /// Notes that everything is durable.
    pub fn persisted(&mut self) {
        (self.states, self.is_copied) = (vec![self.memory.clone()], false);
    }

    /// Notes that a step is done.
    pub fn stepped(&mut self) {
        if self.states.last() != Some(&self.memory) {
            self.states.push(self.memory.clone());
        }
    }

    /// Makes everything durable if otherwise a stop may leave some of it.
    pub fn persist_if_log(&mut self) {
        if self.place.is_log() {
            self.store().persist().unwrap();
            self.persisted();
        }
    }

    /// What is certainly stored.
    pub fn stored(&self) -> &State {
        match self.place.stores_at_once() {
            true => &self.memory,
            false => &self.states[0],
        }
    }

    pub fn reopen(&mut self) {
        self.store.take().unwrap().close().unwrap();
        self.persisted();
        self.open();
    }

    /// What a later process finds if this one ends now.
    pub fn after(&self, stop: Stop) -> Copied {
        let stop = if self.is_copied { Stop::Kill } else { stop };
        let mut states = self.states.clone();
        states.push(self.memory.clone());
        let from = if self.place.stores_at_once() && stop == Stop::Kill { states.len() - 1 } else { 0 };
        if !self.place.is_log() {
            states.truncate(1);
        }
        Copied { place: self.place.after(stop), states, from }
    }

    /// A copy of what is stored now, which goes on beside this device.
    pub fn copied(&mut self) -> Copied {
        self.is_copied = true;
        self.after(Stop::Kill)
    }

    /// Notes what a copy holds that was opened. It need not be synced. False if it can hold nothing
    /// that gives these answers.
    pub fn found(&mut self, copied: &Copied, seen: &Atoms) -> bool {
        let (mut states, from) = (copied.states.clone(), copied.from);
        let Some(last) = states.iter().rposition(|state| Truth::view(state) == *seen) else { return false };
        states.truncate(last + 1);
        let Some(memory) = states.get(from..).and_then(|states| State::one_of(states, seen)) else {
            return false;
        };
        (self.memory, self.states) = (memory, states);
        true
    }

    /// Goes on with a copy. The truth is told afterwards which of its states that has.
    pub fn become_copy(&mut self, copied: &Copied) {
        // A store that is dropped persists, but not to the copy.
        let place = copied.place.after(Stop::Kill);
        self.store = None;
        self.place = place;
        self.losses += 1;
        self.open();
    }

    /// As another installation.
    pub fn become_other(&mut self, copied: &Copied, token: &Path) {
        self.token = Some(token.to_owned());
        self.become_copy(copied);
    }

    /// The token of this installation, for a copy that has it too.
    pub fn token(&self) -> Option<Vec<u8>> {
        self.token.as_ref().map(|token| std::fs::read(token).unwrap())
    }

    pub fn set_token(&mut self, bytes: Option<Vec<u8>>) {
        if let (Some(token), Some(bytes)) = (&self.token, bytes) {
            std::fs::write(token, bytes).unwrap();
        }
    }
}

/// How many dates are tracked: more than a schedule without ageing has in all zones together.
pub const DAYS: usize = 5;
