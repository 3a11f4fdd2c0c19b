//! Where a device stores its counts: a storage of any kind, which outlives its stores and can be
//! copied while a store has it open.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use tempfile::TempDir;
#[cfg(feature = "storage-sqlite")]
use tiny_counter::storage::Sqlite;
use tiny_counter::storage::{FilePerEvent, Log, Writes};
use tiny_counter::{EventStoreBuilder, Result, Storage};

use super::common::SharedStorage;
use super::common::files::{copy_folder, log_file};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In memory, with transactions.
    Memory,
    /// In memory, without transactions.
    Own,
    Log,
    InlineLog,
    Files,
    #[cfg(feature = "storage-sqlite")]
    Sqlite,
}

impl Kind {
    pub const ALL: &[Kind] = &[
        Kind::Memory,
        Kind::Own,
        Kind::Log,
        Kind::InlineLog,
        Kind::Files,
        #[cfg(feature = "storage-sqlite")]
        Kind::Sqlite,
    ];
}

/// How a process ends without closing its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Kill,
    /// Of what is not synced, so many parts of 256 survive.
    PowerLoss(u8),
}

#[derive(Debug, Clone)]
pub struct Place {
    pub kind: Kind,
    memory: SharedStorage,
    /// Absent for a storage in memory.
    folder: Option<Rc<TempDir>>,
}

impl Place {
    /// An empty place. Folders are made in `root`.
    pub fn new(kind: Kind, root: &Path) -> Place {
        let is_folder = !matches!(kind, Kind::Memory | Kind::Own);
        let folder = is_folder.then(|| Rc::new(tempfile::tempdir_in(root).unwrap()));
        Place { kind, memory: SharedStorage::default(), folder }
    }

    fn path(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    pub fn open(&self, builder: EventStoreBuilder) -> EventStoreBuilder {
        match self.kind {
            Kind::Memory => builder.with_storage(self.memory.clone()),
            Kind::Own => builder.with_storage(WithoutTransactions(self.memory.clone())),
            Kind::Log => builder.with_log(self.path()),
            Kind::InlineLog => builder.with_log(Log::new(self.path()).writes(Writes::Inline)),
            Kind::Files => builder.with_storage(FilePerEvent::new(self.path(), "bin").unwrap()),
            #[cfg(feature = "storage-sqlite")]
            Kind::Sqlite => builder.with_storage(Sqlite::open(self.path().join("events.db")).unwrap()),
        }
    }

    /// What a later process finds if this one ends now.
    pub fn after(&self, stop: Stop) -> Place {
        let mut copy = Place { memory: self.memory.backup(), ..self.clone() };
        let Some(folder) = &self.folder else { return copy };
        let to = tempfile::tempdir_in(folder.path().parent().unwrap()).unwrap();
        match self.kind {
            Kind::Log | Kind::InlineLog => {
                let mut bytes = fs::read(log_file(folder.path())).unwrap();
                if let Stop::PowerLoss(parts) = stop {
                    let synced = synced_len(&bytes);
                    bytes.truncate(synced + (bytes.len() - synced) * usize::from(parts) / 256);
                }
                fs::write(log_file(to.path()), bytes).unwrap();
            }
            _ => copy_folder(folder.path(), to.path()),
        }
        copy.folder = Some(Rc::new(to));
        copy
    }

    /// Whether everything is stored that a call did, although nothing was persisted.
    pub fn stores_at_once(&self) -> bool {
        self.kind == Kind::InlineLog
    }

    /// Whether some of what calls did may be stored although nothing was persisted.
    pub fn is_log(&self) -> bool {
        matches!(self.kind, Kind::Log | Kind::InlineLog)
    }
}

/// The length of a log that survives a power loss: the larger of two copies behind the header.
fn synced_len(log: &[u8]) -> usize {
    let copy = |at: usize| u64::from_le_bytes(log[at..at + 8].try_into().unwrap()) as usize;
    copy(24).max(copy(36)).min(log.len())
}

/// Hides the transactions of a storage.
struct WithoutTransactions(SharedStorage);

impl Storage for WithoutTransactions {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.0.save(key, data)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.0.delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.0.list_keys()
    }
}
