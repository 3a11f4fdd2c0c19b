//! A `Storage` of keys and values as the storage of a store.
//!
//! A storage need not have transactions, so values are saved in an order in which a kill between
//! any two of them loses no count and counts nothing twice. `docs/format.md` describes the order.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::ReentrantMutex;

use super::backend::{Backend, Damage};
use super::batch::{self, save_all};
use super::storage_reads::{self, listed_keys};
use super::store_records;
use super::stored_event;
use super::stored_keys::StoredKeys;
use crate::codec::{BatchWrite as Write, StoredEvent};
use crate::engine::{Change, Changes};
use crate::error::{Error, Result};
use crate::formatter::Formatter;
use crate::report::report;
use crate::storage::Storage;
use crate::storage::key::{self, Part};

pub(super) struct StorageBackend {
    /// Absent after the store was closed, so that a closed store keeps no file open. The lock is
    /// reentrant, so that a storage that calls its own store gets an error instead of a deadlock.
    storage: ReentrantMutex<RefCell<Option<State>>>,
    format: Box<dyn Formatter>,
    keys: StoredKeys,
    /// Whether the storage itself keeps a second store from writing.
    is_exclusive: bool,
    /// Whether the storage still holds something of deleted events. It is a copy, so that nobody
    /// waits for a write to learn it.
    holds_deleted: AtomicBool,
}

/// An open storage.
struct State {
    storage: Box<dyn Storage>,
    /// The values that the store record may have in the storage; any other value shows that another
    /// store writes to the same storage. After a write that failed there are two, because the
    /// record may have been saved or not. If the record is damaged there are none, and any value is
    /// accepted.
    expected: Vec<Option<Vec<u8>>>,
    /// Whether no write has succeeded yet. The first write creates the records of the store.
    is_new: bool,
    /// Whether the storage may hold a batch whose writes are not all done.
    has_batch: bool,
    /// Whether a write failed whose changes belong together. Then all changes do until a write
    /// succeeds.
    keeps_together: bool,
}

/// The record that is there until the first write has ended. Without it, a record that was not
/// created yet would be taken for a lost one.
const UNFINISHED: &str = "unfinished";

/// The encoded changes of one write, in the order in which they are saved.
struct EncodedChanges {
    /// Pages that precede the events, then the store record.
    before: Vec<Write>,
    /// The values of events, by the names of the events.
    events: Vec<Write>,
    /// Pages that follow the events.
    after: Vec<Write>,
    /// The value of the store record that `before` saves, if it changed.
    record: Option<Vec<u8>>,
}

impl StorageBackend {
    /// Opens a storage, and finds what is missing in it.
    ///
    /// # Errors
    /// Those of the storage.
    pub(super) fn open(mut storage: Box<dyn Storage>, format: Box<dyn Formatter>) -> Result<(Self, Damage)> {
        let mut keys = listed_keys(storage.as_ref())?;
        let mut is_whole = true;
        if batch::is_among(&keys) {
            is_whole = batch::finish(storage.as_mut())?;
            keys = listed_keys(storage.as_ref())?;
        }
        let stored = match storage_reads::record_bytes(storage.as_ref(), key::STORE) {
            Ok(stored) => Some(stored),
            Err(Error::Corrupt { .. }) => None,
            Err(error) => return Err(error),
        };
        // A storage without any record is new. Events in it come from elsewhere.
        let is_new =
            keys.iter().all(|key| key::event(key).is_some()) || keys.contains(&key::reserved(UNFINISHED));
        let is_lost = match &stored {
            Some(Some(_)) => false,
            Some(None) => !is_new,
            // The store record is damaged.
            None => true,
        };
        let (stored_keys, missing) =
            StoredKeys::load(&keys, is_new, |name| storage_reads::record(storage.as_ref(), name))?;
        let damage = Damage {
            lost: missing.keys,
            lost_unknown: is_lost || !is_whole || missing.unknown,
            ..Damage::default()
        };
        let is_exclusive = storage.is_exclusive();
        let holds_deleted = AtomicBool::new(storage.holds_deleted());
        let state = State {
            storage,
            expected: stored.into_iter().collect(),
            is_new,
            has_batch: false,
            keeps_together: false,
        };
        let storage = ReentrantMutex::new(RefCell::new(Some(state)));
        Ok((StorageBackend { storage, format, keys: stored_keys, is_exclusive, holds_deleted }, damage))
    }

    fn reading<R>(&self, read: impl FnOnce(&dyn Storage) -> Result<R>) -> Result<R> {
        let storage = self.storage.lock();
        let state = storage.try_borrow().map_err(|_| called_from_within())?;
        read(state.as_ref().ok_or(Error::Closed)?.storage.as_ref())
    }

    fn writing<R>(&self, write: impl FnOnce(&mut State) -> Result<R>) -> Result<R> {
        let storage = self.storage.lock();
        let mut state = storage.try_borrow_mut().map_err(|_| called_from_within())?;
        write(state.as_mut().ok_or(Error::Closed)?)
    }

    /// Encodes everything before the storage is changed, because the formatter can fail.
    fn encode(&self, changes: &Changes) -> Result<EncodedChanges> {
        let mut encoded =
            EncodedChanges { before: Vec::new(), events: Vec::new(), after: Vec::new(), record: None };
        for change in changes.in_order() {
            match change {
                Change::Page { id, bytes, precedes_events } => {
                    let write = self.record_write(&id.name(), bytes)?;
                    if precedes_events { encoded.before.push(write) } else { encoded.after.push(write) }
                }
                Change::Event(name, part, value) => {
                    let key = key::of(name, part);
                    let value = value.map(|value| stored_event::encode(value, self.format.as_ref(), &key));
                    encoded.events.push((key.into_owned(), value.transpose()?));
                }
            }
        }
        // The order of the events does not depend on the hash table of the engine. That of the
        // values of an event stays.
        let first: BTreeSet<&str> = changes.first().collect();
        let place = |key: &str| {
            let name = key::event(key).map(str::to_owned);
            (!name.as_deref().is_some_and(|name| first.contains(name)), name)
        };
        encoded.events.sort_by_cached_key(|(key, _)| place(key));
        if let Some(record) = changes.record() {
            let write = self.record_write(key::STORE, record)?;
            encoded.record = write.1.clone();
            encoded.before.push(write);
        }
        Ok(encoded)
    }

    /// The write of a record of the store.
    fn record_write(&self, name: &str, payload: &[u8]) -> Result<Write> {
        Ok((key::reserved(name), Some(store_records::seal(name, payload, self.format.as_ref())?)))
    }

    /// The writes of pages, which are given by their names and payloads.
    fn page_writes(&self, pages: Vec<(String, Vec<u8>)>) -> Result<Vec<Write>> {
        pages.iter().map(|(name, payload)| self.record_write(name, payload)).collect()
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
        key::is_any(name, |key| self.keys.contains(key))
    }

    fn load_part(&self, name: &str, part: Part) -> Result<Option<StoredEvent>> {
        let key = key::of(name, part);
        // The lock is released before the formatter of the app is called.
        let bytes = self.reading(|storage| match (self.keys.contains(&key), part) {
            // Most events have no such value, so it is not looked for.
            (false, Part::Others) => Ok(None),
            (is_listed, _) => match storage_reads::event_bytes(storage, name, &key)? {
                // Only this store removes values, and none is removed meanwhile.
                None if is_listed => Err(missing(name)),
                bytes => Ok(bytes),
            },
        })?;
        bytes.map(|bytes| stored_event::decode(&bytes, self.format.as_ref(), name, &key)).transpose()
    }

    fn names(&self) -> Result<Vec<String>> {
        self.reading(|storage| {
            let mut keys = listed_keys(storage)?;
            // An event that disappeared meanwhile is read, so that its loss is noticed.
            self.keys.add_missing(&mut keys);
            Ok(key::events(&keys))
        })
    }

    fn load_record(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.reading(|storage| storage_reads::record(storage, name))
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        let encoded = self.encode(changes)?;
        let mut keys = self.keys.change(encoded.events.iter().map(|(key, value)| (&**key, value.is_some())));
        self.writing(move |state| {
            let is_batch = (changes.belong_together() || state.keeps_together) && !state.storage.is_atomic();
            state.storage.begin_transaction()?;
            let written = catch_unwind(AssertUnwindSafe(|| {
                state.finish_batch()?;
                state.check_is_ours()?;
                if let Some(record) = &encoded.record {
                    state.expected.push(Some(record.clone()));
                }
                let (storage, unfinished) = (state.storage.as_mut(), key::reserved(UNFINISHED));
                let mut writes = encoded.before;
                writes.extend(self.page_writes(keys.without_removed())?);
                writes.extend(encoded.events);
                writes.extend(encoded.after);
                writes.extend(self.page_writes(keys.with_added())?);
                writes.extend(state.is_new.then(|| (unfinished.clone(), None)));
                if state.is_new {
                    storage.save(&unfinished, Vec::new())?;
                }
                if is_batch {
                    state.has_batch = true;
                    batch::begin(storage, &writes)?;
                }
                save_all(storage, writes)?;
                if is_batch {
                    batch::end(storage)?;
                    state.has_batch = false;
                }
                storage.commit_transaction()
            }));
            state.keeps_together = is_batch && !matches!(written, Ok(Ok(())));
            if matches!(written, Ok(Ok(()))) {
                if let Some(record) = encoded.record {
                    state.expected = vec![Some(record)];
                }
                state.is_new = false;
                self.holds_deleted.store(state.storage.holds_deleted(), Ordering::Relaxed);
                keys.keep();
            } else if let Err(error) = state.storage.rollback_transaction() {
                // After a panic too, so that the next write can begin a transaction.
                report!(warn, "a storage could not roll back: {error}");
            }
            // The keys are right again before another thread reads.
            drop(keys);
            written.unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    fn sync(&self) -> Result<()> {
        self.writing(|state| state.storage.sync())
    }

    fn holds_removed(&self) -> bool {
        self.holds_deleted.load(Ordering::Relaxed)
    }

    fn compact(&self) -> Result<()> {
        self.writing(|state| {
            let purged = state.storage.purge_deleted();
            self.holds_deleted.store(state.storage.holds_deleted(), Ordering::Relaxed);
            purged
        })
    }

    fn close(&self) {
        // If the storage itself closes its store, it is dropped with the store.
        let state = self.storage.lock().try_borrow_mut().ok().and_then(|mut state| state.take());
        // An app's own storage may do anything when it is dropped, so the lock is released first.
        drop(state);
    }
}

impl State {
    /// Does what is left of a batch after a write that failed.
    fn finish_batch(&mut self) -> Result<()> {
        if self.has_batch {
            let expected = self.expected.clone();
            self.check_is_ours()?;
            batch::finish(self.storage.as_mut())?;
            // The batch may have changed the store record to the other expected value.
            self.expected = expected;
            self.has_batch = false;
        }
        Ok(())
    }

    /// Checks that the store record is the one that this store wrote or found. It is called within
    /// the transaction. Without transactions, another store can write between this check and the
    /// write that follows; the next write then fails.
    ///
    /// # Errors
    /// `Storage` if another store has written; those of the storage.
    fn check_is_ours(&mut self) -> Result<()> {
        if self.storage.is_exclusive() {
            return Ok(());
        }
        let found = match storage_reads::record_bytes(self.storage.as_ref(), key::STORE) {
            Ok(found) => found,
            // The next change of the record replaces it. If there is none, the next opening reports
            // the damage.
            Err(Error::Corrupt { .. }) => {
                self.expected.clear();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if !self.expected.is_empty() && !self.expected.contains(&found) {
            return Err(Error::Storage(
                "another store has written to this storage since this store was opened; use one store \
                 for each storage, close this one and open it again"
                    .into(),
            ));
        }
        self.expected = vec![found];
        Ok(())
    }
}

fn missing(name: &str) -> Error {
    Error::Corrupt {
        what: "the stored counts of the event are missing; acknowledge the loss, erase the event or \
               restore a backup"
            .into(),
        event: Some(name.to_owned()),
    }
}

fn called_from_within() -> Error {
    Error::unavailable(
        "the storage called its own store from within a call; call the store later or from another thread",
    )
}
