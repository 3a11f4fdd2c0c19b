//! A storage of each kind that can be opened again.

use std::path::Path;

use tempfile::TempDir;
#[cfg(feature = "storage-sqlite")]
use tiny_counter::storage::Sqlite;
use tiny_counter::storage::{FilePerEvent, MemoryStorage};
use tiny_counter::{EventStore, EventStoreBuilder, Storage, TestClock};

use super::common::files::{copy_folder, files_hold, holds};
use super::common::{SharedStorage, under};
use super::own_storage::OwnStorage;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Log,
    Files,
    #[cfg(feature = "storage-sqlite")]
    Sqlite,
    Memory,
    Own,
}

/// The place of a storage, which outlives the stores that are opened on it.
pub struct Home {
    pub kind: Kind,
    dir: TempDir,
    memory: SharedStorage,
    own: OwnStorage,
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl Home {
    pub fn new(kind: Kind) -> Home {
        let dir = tempfile::tempdir().unwrap();
        Home { kind, dir, memory: SharedStorage::default(), own: OwnStorage::default() }
    }

    /// An empty home of each kind.
    pub fn all() -> Vec<Home> {
        [
            Kind::Log,
            Kind::Files,
            #[cfg(feature = "storage-sqlite")]
            Kind::Sqlite,
            Kind::Memory,
            Kind::Own,
        ]
        .map(Home::new)
        .into()
    }

    /// An empty home of each kind except the log, which is not a `Storage`.
    pub fn of_storages() -> Vec<Home> {
        let mut all = Home::all();
        all.retain(|home| home.kind != Kind::Log);
        all
    }

    pub fn builder(&self, clock: &TestClock) -> EventStoreBuilder {
        let builder = under(clock);
        match self.kind {
            Kind::Log => builder.with_log(self.dir.path()),
            Kind::Files => builder.with_storage(self.files()),
            #[cfg(feature = "storage-sqlite")]
            Kind::Sqlite => builder.with_storage(self.sqlite()),
            Kind::Memory => builder.with_storage(self.memory.clone()),
            Kind::Own => builder.with_storage(self.own.clone()),
        }
    }

    pub fn open(&self, clock: &TestClock) -> EventStore {
        self.builder(clock).build().unwrap()
    }

    pub fn open_with_identity(&self, clock: &TestClock, file: &Path) -> EventStore {
        self.builder(clock).with_identity(file).build().unwrap()
    }

    /// The storage itself, while no store has it open. A log has none.
    pub fn storage(&self) -> Box<dyn Storage> {
        match self.kind {
            Kind::Log => Box::new(MemoryStorage::new()),
            Kind::Files => Box::new(self.files()),
            #[cfg(feature = "storage-sqlite")]
            Kind::Sqlite => Box::new(self.sqlite()),
            Kind::Memory => Box::new(self.memory.clone()),
            Kind::Own => Box::new(self.own.clone()),
        }
    }

    /// Whether the storage holds `text` anywhere: in a file, the name of a file, a key or a value.
    pub fn holds(&self, text: &str) -> bool {
        let in_values = |storage: &dyn Storage| {
            let keys = storage.list_keys().unwrap();
            let value = |key: &String| storage.load(key).unwrap().unwrap();
            keys.iter().any(|key| key.contains(text) || holds(&value(key), text))
        };
        files_hold(self.dir.path(), text) || in_values(&self.memory) || in_values(&self.own)
    }

    /// The home as it is if the process is killed now, while a store has it open.
    pub fn killed(&self) -> Home {
        let mut killed = Home { memory: self.memory.backup(), ..Home::new(self.kind) };
        copy_folder(self.dir.path(), killed.dir.path());
        for key in self.own.list_keys().unwrap() {
            killed.own.save(&key, self.own.load(&key).unwrap().unwrap()).unwrap();
        }
        killed
    }

    /// A copy, as from a backup. No store may have the home open.
    pub fn copy(&self) -> Home {
        let copy = Home::new(self.kind);
        copy_folder(self.dir.path(), copy.dir.path());
        let (from, mut to) = (self.storage(), copy.storage());
        for key in from.list_keys().unwrap() {
            to.save(&key, from.load(&key).unwrap().unwrap()).unwrap();
        }
        drop(to);
        copy
    }

    fn files(&self) -> FilePerEvent {
        FilePerEvent::new(self.dir.path(), "bin").unwrap()
    }

    #[cfg(feature = "storage-sqlite")]
    fn sqlite(&self) -> Sqlite {
        Sqlite::open(self.dir.path().join("events.db")).unwrap()
    }
}
