//! A storage with one failing call, which also keeps what a kill and what a loss of power would
//! leave.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tiny_counter::{Error, Result, Storage};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Save,
    Load,
    Delete,
    ListKeys,
    Begin,
    Commit,
    Sync,
    Rollback,
}

/// The errors that a storage returns, also those that make no sense for it.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Storage,
    Io(ErrorKind),
    Corrupt,
    Unavailable,
    Serialization,
    Incompatible,
    Closed,
    EventNotFound,
    InvalidArgument,
}

impl Kind {
    pub const ALL: [Kind; 11] = [
        Kind::Storage,
        Kind::Io(ErrorKind::StorageFull),
        Kind::Io(ErrorKind::NotFound),
        Kind::Io(ErrorKind::PermissionDenied),
        Kind::Corrupt,
        Kind::Unavailable,
        Kind::Serialization,
        Kind::Incompatible,
        Kind::Closed,
        Kind::EventNotFound,
        Kind::InvalidArgument,
    ];

    fn error(self) -> Error {
        let what = || "the card was removed".to_owned();
        match self {
            Kind::Storage => Error::Storage(what()),
            Kind::Io(kind) => Error::Io {
                action: "read the card",
                path: PathBuf::from("card"),
                source: io::Error::from(kind),
            },
            Kind::Corrupt => Error::Corrupt { what: what(), event: None },
            Kind::Unavailable => Error::Unavailable { what: what(), event: None },
            Kind::Serialization => Error::Serialization(what()),
            Kind::Incompatible => Error::Incompatible { what: "a card", found: 2, supported: 1, event: None },
            Kind::Closed => Error::Closed,
            Kind::EventNotFound => Error::EventNotFound(what()),
            Kind::InvalidArgument => Error::InvalidArgument(what()),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub call: Call,
    pub nth: usize,
    /// How many calls of that kind fail from there on.
    pub times: usize,
    pub kind: Kind,
    /// The call succeeds but returns an error.
    pub late: bool,
    /// The rollback that follows fails too.
    pub and_the_rollback: bool,
}

#[derive(Clone)]
pub struct Faulty(Arc<Mutex<Inside>>);

type Kept = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
struct Inside {
    /// What a kill of the process leaves.
    kept: Kept,
    /// What a loss of power leaves.
    synced: Kept,
    transactions: bool,
    open: Option<Kept>,
    fault: Option<Fault>,
    calls: BTreeMap<Call, usize>,
    failed: bool,
    fails: Option<Call>,
}

enum When {
    Before,
    After,
    Never,
}

impl Inside {
    fn count(&mut self, call: Call) -> When {
        let calls = self.calls.entry(call).or_default();
        *calls += 1;
        match self.fault {
            Some(fault) if fault.call == call && (fault.nth..fault.nth + fault.times).contains(calls) => {
                self.failed = true;
                if fault.late { When::After } else { When::Before }
            }
            Some(Fault { and_the_rollback: true, .. }) if call == Call::Rollback => When::Before,
            _ if self.fails == Some(call) => When::Before,
            _ => When::Never,
        }
    }

    fn working(&mut self) -> &mut Kept {
        self.open.as_mut().unwrap_or(&mut self.kept)
    }
}

impl Faulty {
    pub fn new(transactions: bool, fault: Option<Fault>) -> Faulty {
        Faulty(Arc::new(Mutex::new(Inside { transactions, fault, ..Inside::default() })))
    }

    pub fn has_failed(&self) -> bool {
        self.0.lock().unwrap().failed
    }

    pub fn set_failing(&self, call: Option<Call>) {
        self.0.lock().unwrap().fails = call;
    }

    /// A working storage with what a kill would leave now.
    pub fn kept(&self) -> Faulty {
        Self::holding(self.0.lock().unwrap().kept.clone())
    }

    /// A working storage with what a loss of power would leave now.
    pub fn synced(&self) -> Faulty {
        Self::holding(self.0.lock().unwrap().synced.clone())
    }

    fn holding(kept: Kept) -> Faulty {
        Faulty(Arc::new(Mutex::new(Inside { kept, ..Inside::default() })))
    }

    fn call<R>(&self, call: Call, act: impl FnOnce(&mut Inside) -> R) -> Result<R> {
        let mut inside = self.0.lock().unwrap();
        let kind = inside.fault.map_or(Kind::Storage, |fault| fault.kind);
        let failed = || kind.error();
        match inside.count(call) {
            When::Before => Err(failed()),
            When::After => {
                act(&mut inside);
                Err(failed())
            }
            When::Never => Ok(act(&mut inside)),
        }
    }
}

impl Storage for Faulty {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.call(Call::Save, |inside| drop(inside.working().insert(key.to_owned(), data)))
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.call(Call::Load, |inside| inside.kept.get(key).cloned())
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.call(Call::Delete, |inside| drop(inside.working().remove(key)))
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.call(Call::ListKeys, |inside| inside.kept.keys().cloned().collect())
    }

    fn begin_transaction(&mut self) -> Result<()> {
        self.call(Call::Begin, |inside| inside.open = inside.transactions.then(|| inside.kept.clone()))
    }

    fn commit_transaction(&mut self) -> Result<()> {
        self.call(Call::Commit, |inside| {
            if let Some(done) = inside.open.take() {
                inside.kept = done;
            }
        })
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        self.call(Call::Rollback, |inside| inside.open = None)
    }

    fn sync(&mut self) -> Result<()> {
        self.call(Call::Sync, |inside| inside.synced = inside.kept.clone())
    }
}

/// The same storage without transactions and syncing, which the trait then provides.
pub struct Bare(pub Faulty);

impl Storage for Bare {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.0.save(key, data)?;
        Faulty::sync(&mut self.0)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.0.delete(key)?;
        Faulty::sync(&mut self.0)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.0.list_keys()
    }
}
