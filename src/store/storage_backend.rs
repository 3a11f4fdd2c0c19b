//! A `Storage` of key and value as the storage of a store.
//!
//! No transaction is assumed. The order of writes is: the lists that must be known before the events
//! change, the store record, the events, the other lists. A kill between any two of them leaves a
//! state that loses and doubles nothing. The first write creates the records. A mark stands in the
//! storage meanwhile, because a record that was not created yet is not lost.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use parking_lot::ReentrantMutex;

use super::backend::{Backend, Damage, STORE};
use super::report::report;
use super::store_records;
use super::stored_event;
use super::stored_names::StoredNames;
use crate::codec::{self, StoreRecord, StoredEvent};
use crate::engine::{Change, Changes};
use crate::error::{Error, Result};
use crate::formatter::Formatter;
use crate::storage::{Storage, key};

pub(super) struct StorageBackend {
    /// Absent after the store was closed, so that a closed store keeps no file open. A storage that
    /// calls its own store gets an error instead of a deadlock.
    storage: ReentrantMutex<RefCell<Option<Opened>>>,
    format: Box<dyn Formatter>,
    names: StoredNames,
    /// Whether the storage itself keeps a second store from writing.
    is_exclusive: bool,
}

struct Opened {
    storage: Box<dyn Storage>,
    /// What the storage may hold as its store record. Something else shows that another store writes
    /// to the same storage. There are two if a write failed, which may have stored it or not, and
    /// none if the store record is damaged, so that anything can be there.
    expected: Vec<Option<Vec<u8>>>,
    /// Whether the first write has not succeeded yet.
    is_new: bool,
}

/// The mark of a first write that has not ended.
const UNFINISHED: &str = "unfinished";

/// What a write saves under a key; nothing if it deletes the key.
type Write = (String, Option<Vec<u8>>);

/// A write, in the order in which its parts are saved.
struct Batch {
    /// Lists and the store record.
    before: Vec<Write>,
    /// By name.
    events: Vec<(String, Option<Vec<u8>>)>,
    /// Lists.
    after: Vec<Write>,
    /// The new store record.
    record: Option<Vec<u8>>,
}

impl StorageBackend {
    /// Opens a storage, and finds what is missing in it.
    ///
    /// # Errors
    /// Those of the storage.
    pub(super) fn open(storage: Box<dyn Storage>, format: Box<dyn Formatter>) -> Result<(Self, Damage)> {
        let keys = listed(storage.as_ref())?;
        let stored = bytes(storage.as_ref(), &key::reserved(STORE), None);
        // Events without any record come from elsewhere.
        let is_new =
            keys.iter().all(|key| key::event(key).is_some()) || keys.contains(&key::reserved(UNFINISHED));
        let is_lost = match &stored {
            Ok(Some(_)) => false,
            Ok(None) => !is_new,
            Err(Error::Corrupt { .. }) => true,
            Err(_) => return Err(stored.err().unwrap_or(Error::Closed)),
        };
        let (names, missing) = StoredNames::load(&keys, is_new, |name| record(storage.as_ref(), name))?;
        let lost = missing.events.iter().map(|name| key::of_event(name).into_owned()).collect();
        let damage = Damage { lost, lost_unknown: is_lost || missing.unknown, kept_aside: Vec::new() };
        let opened = Opened { storage, expected: stored.into_iter().collect(), is_new };
        let is_exclusive = opened.storage.is_exclusive();
        let storage = ReentrantMutex::new(RefCell::new(Some(opened)));
        Ok((StorageBackend { storage, format, names, is_exclusive }, damage))
    }

    fn reading<R>(&self, read: impl FnOnce(&dyn Storage) -> Result<R>) -> Result<R> {
        let opened = self.storage.lock();
        let opened = opened.try_borrow().map_err(|_| called_from_within())?;
        read(opened.as_ref().ok_or(Error::Closed)?.storage.as_ref())
    }

    fn writing<R>(&self, write: impl FnOnce(&mut Opened) -> Result<R>) -> Result<R> {
        let opened = self.storage.lock();
        let mut opened = opened.try_borrow_mut().map_err(|_| called_from_within())?;
        write(opened.as_mut().ok_or(Error::Closed)?)
    }

    /// Encodes everything before the storage is changed, because the formatter can fail.
    fn batch(&self, changes: &Changes, record: Option<&StoreRecord>) -> Result<Batch> {
        let mut batch = Batch { before: Vec::new(), events: Vec::new(), after: Vec::new(), record: None };
        for change in changes.in_order() {
            match change {
                Change::Page { id, bytes, is_first } => {
                    let write = self.record(&id.name(), bytes)?;
                    if is_first { batch.before.push(write) } else { batch.after.push(write) }
                }
                Change::Event(name, value) => {
                    let encoded = value.map(|value| stored_event::encode(value, self.format.as_ref()));
                    batch.events.push((name.to_owned(), encoded.transpose()?));
                }
            }
        }
        // The order is the same each time.
        batch.events.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        if let Some(record) = record {
            let mut bytes = Vec::new();
            codec::put_store_record(record, &mut bytes);
            let write = self.record(STORE, &bytes)?;
            batch.record = write.1.clone();
            batch.before.push(write);
        }
        Ok(batch)
    }

    /// The write of a record of the store.
    fn record(&self, name: &str, payload: &[u8]) -> Result<Write> {
        Ok((key::reserved(name), Some(store_records::seal(name, payload, self.format.as_ref())?)))
    }

    /// The writes of pages.
    fn pages(&self, pages: Vec<(String, Vec<u8>)>) -> Result<Vec<Write>> {
        pages.iter().map(|(name, payload)| self.record(name, payload)).collect()
    }
}

impl Backend for StorageBackend {
    fn writes_in_background(&self) -> bool {
        false
    }

    fn is_exclusive(&self) -> bool {
        self.is_exclusive
    }

    fn may_hold(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn load(&self, name: &str) -> Result<Option<StoredEvent>> {
        let bytes = self.reading(|storage| bytes(storage, &key::of_event(name), Some(name)))?;
        bytes.map(|bytes| stored_event::decode(&bytes, self.format.as_ref(), name)).transpose()
    }

    fn names(&self) -> Result<Vec<String>> {
        self.reading(names)
    }

    fn load_record(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.reading(|storage| record(storage, name))
    }

    fn write(&self, changes: &Changes, record: Option<&StoreRecord>) -> Result<()> {
        let batch = self.batch(changes, record)?;
        let mut names =
            self.names.change(batch.events.iter().map(|(name, value)| (&**name, value.is_some())));
        self.writing(|opened| {
            opened.storage.begin_transaction()?;
            let written = catch_unwind(AssertUnwindSafe(|| {
                opened.check_is_ours()?;
                if let Some(record) = &batch.record {
                    opened.expected.push(Some(record.clone()));
                }
                let (storage, mark) = (opened.storage.as_mut(), key::reserved(UNFINISHED));
                if opened.is_new {
                    storage.save(&mark, Vec::new())?;
                }
                save_all(storage, batch.before)?;
                save_all(storage, self.pages(names.without_removed())?)?;
                save_all(
                    storage,
                    batch.events.into_iter().map(|(name, value)| (key::of_event(&name).into(), value)),
                )?;
                save_all(storage, self.pages(names.with_added())?)?;
                save_all(storage, batch.after)?;
                save_all(storage, self.pages(names.with_added())?)?;
                if opened.is_new {
                    storage.delete(&mark)?;
                }
                storage.commit_transaction()
            }));
            if matches!(written, Ok(Ok(()))) {
                if let Some(record) = batch.record {
                    opened.expected = vec![Some(record)];
                }
                opened.is_new = false;
                names.keep();
            } else if let Err(error) = opened.storage.rollback_transaction() {
                // After a panic too, so that the next write can begin a transaction.
                report!(warn, "a storage could not roll back: {error}");
            }
            written.unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    fn sync(&self) -> Result<()> {
        self.writing(|opened| opened.storage.sync())
    }

    fn wants_compaction(&self) -> bool {
        false
    }

    fn compact(&self) -> Result<()> {
        Ok(())
    }

    fn close(&self) {
        // If the storage itself closes its store, it is dropped with the store.
        let opened = self.storage.lock().try_borrow_mut().ok().and_then(|mut opened| opened.take());
        // An app's own storage may do anything when it is dropped, so the lock is released first.
        drop(opened);
    }
}

impl Opened {
    /// Checks that the store record is the one that this store wrote or found. It happens within the
    /// transaction. Without transactions, a write of another store between this check and the next
    /// write is noticed at the write after that.
    fn check_is_ours(&mut self) -> Result<()> {
        if self.storage.is_exclusive() {
            return Ok(());
        }
        let found = match bytes(self.storage.as_ref(), &key::reserved(STORE), None) {
            Ok(found) => found,
            // It is replaced when it changes, and reported at the next opening.
            Err(Error::Corrupt { .. }) => {
                self.expected.clear();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if !self.expected.is_empty() && !self.expected.contains(&found) {
            return Err(Error::Storage(
                "another store has changed the same storage since this store was opened; keep one store \
                 per storage, and open it again"
                    .into(),
            ));
        }
        self.expected = vec![found];
        Ok(())
    }
}

fn save_all(storage: &mut dyn Storage, writes: impl IntoIterator<Item = Write>) -> Result<()> {
    writes.into_iter().try_for_each(|(key, bytes)| match bytes {
        Some(bytes) => storage.save(&key, bytes),
        None => storage.delete(&key),
    })
}

fn called_from_within() -> Error {
    Error::unavailable(
        "the storage called its own store, which needs the storage; call it later or from another thread",
    )
}

/// The names of all events of a storage.
pub(super) fn names(storage: &dyn Storage) -> Result<Vec<String>> {
    Ok(listed(storage)?.iter().filter_map(|key| key::event(key)).collect())
}

/// An event of a storage. Every error names it.
pub(super) fn load(storage: &dyn Storage, format: &dyn Formatter, name: &str) -> Result<Option<StoredEvent>> {
    let bytes = bytes(storage, &key::of_event(name), Some(name))?;
    bytes.map(|bytes| stored_event::decode(&bytes, format, name)).transpose()
}

fn listed(storage: &dyn Storage) -> Result<Vec<String>> {
    storage.list_keys().map_err(|error| {
        Error::unavailable(format!("the storage could not list its events ({error}); try again later"))
    })
}

/// A record of the store in its encoded form. `Serialization` becomes `Corrupt`.
fn record(storage: &dyn Storage, name: &str) -> Result<Option<Vec<u8>>> {
    let bytes = bytes(storage, &key::reserved(name), None)?;
    bytes.map(|bytes| store_records::open(name, &bytes)).transpose().map_err(|error| match error {
        Error::Serialization(what) => Error::corrupt(what),
        error => error,
    })
}

/// The value of a key. An error names the event, if the key belongs to one.
fn bytes(storage: &dyn Storage, key: &str, name: Option<&str>) -> Result<Option<Vec<u8>>> {
    let event = || name.map(str::to_owned);
    storage.load(key).map_err(|error| match error {
        Error::Corrupt { what, .. } => Error::Corrupt { what, event: event() },
        error => Error::Unavailable {
            what: format!("the storage could not read an event ({error}); try again later"),
            event: event(),
        },
    })
}
