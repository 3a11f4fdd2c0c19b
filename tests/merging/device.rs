//! A device: a store on a storage that survives crashes, and what it holds according to the truth.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tiny_counter::{EventStore, TestClock};

use super::common::{SharedStorage, clock_at, under};
use super::truth::State;

pub const NAMES: [&str; 4] = ["a", "b", "c", "~d"];

pub struct Device {
    pub store: Option<EventStore>,
    pub clock: TestClock,
    storage: SharedStorage,
    minutes: usize,
    /// The file with the token of this installation.
    token: Option<PathBuf>,
    pub memory: State,
    pub durable: State,
    pub backup: Option<(SharedStorage, State)>,
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
    pub fn new(at: DateTime<Utc>, minutes: usize, token: Option<PathBuf>) -> Device {
        let mut device = Device {
            store: None,
            clock: clock_at(at),
            storage: SharedStorage::default(),
            minutes,
            token,
            memory: State::default(),
            durable: State::default(),
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
        let builder = under(&self.clock).track_minutes(self.minutes).track_days(2);
        let builder = builder.with_storage(self.storage.clone());
        let builder = match &self.token {
            Some(token) => builder.with_identity(token),
            None => builder,
        };
        self.store = Some(builder.build().unwrap());
    }

    pub fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    pub fn persisted(&mut self) {
        self.durable = self.memory.clone();
    }

    pub fn reopen(&mut self) {
        self.store.take().unwrap().close().unwrap();
        self.persisted();
        self.open();
    }

    /// What is stored now, and what that holds.
    pub fn stored(&self) -> (SharedStorage, State) {
        (self.storage.backup(), self.durable.clone())
    }

    pub fn crash(&mut self) {
        self.become_copy(self.stored());
    }

    /// Goes on with a copy of a storage.
    pub fn become_copy(&mut self, (storage, state): (SharedStorage, State)) {
        // A store that is dropped persists, but not to the copy.
        self.storage = storage.backup();
        self.store = None;
        (self.memory, self.durable) = (state.clone(), state);
        self.losses += 1;
        self.open();
    }

    /// Goes on with a copy of a storage, as another installation.
    pub fn become_other(&mut self, (storage, mut state): (SharedStorage, State), token: &Path) {
        self.token = Some(token.to_owned());
        state.own.clear();
        state.unsure.clear();
        self.become_copy((storage, state));
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
