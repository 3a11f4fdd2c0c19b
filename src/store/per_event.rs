//! A storage that holds one value for each event and nothing else.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use parking_lot::ReentrantMutex;

use super::backend::Backend;
use crate::codec::{self, Malformed, StoreRecord};
use crate::counter::event_counter::SingleEventCounter;
use crate::engine::Changes;
use crate::error::{Error, Result};
use crate::formatter::Formatter;
use crate::storage::Storage;

pub(super) struct PerEvent {
    /// Absent after the store was closed, so that a closed store keeps no file open. A storage that
    /// calls its own store gets an error instead of a deadlock.
    storage: ReentrantMutex<RefCell<Option<Box<dyn Storage>>>>,
    format: Box<dyn Formatter>,
}

impl PerEvent {
    pub(super) fn new(storage: Box<dyn Storage>, format: Box<dyn Formatter>) -> Self {
        PerEvent { storage: ReentrantMutex::new(RefCell::new(Some(storage))), format }
    }

    fn reading<R>(&self, read: impl FnOnce(&dyn Storage) -> Result<R>) -> Result<R> {
        let storage = self.storage.lock();
        let storage = storage.try_borrow().map_err(|_| called_from_within())?;
        read(storage.as_deref().ok_or(Error::Closed)?)
    }

    fn writing<R>(&self, write: impl FnOnce(&mut dyn Storage) -> Result<R>) -> Result<R> {
        let storage = self.storage.lock();
        let mut storage = storage.try_borrow_mut().map_err(|_| called_from_within())?;
        write(storage.as_deref_mut().ok_or(Error::Closed)?)
    }
}

impl Backend for PerEvent {
    fn is_log(&self) -> bool {
        false
    }

    fn may_hold(&self, _name: &str) -> bool {
        true
    }

    fn load(&self, name: &str) -> Result<Option<SingleEventCounter>> {
        let bytes = self.reading(|storage| bytes(storage, name))?;
        decoded(bytes, self.format.as_ref(), name)
    }

    fn names(&self) -> Result<Vec<String>> {
        self.reading(names)
    }

    fn write(&self, changes: &Changes, _record: Option<&StoreRecord>) -> Result<()> {
        // All events are formatted before the storage is changed, because the formatter can fail.
        let formatted = |(name, value): (_, Option<&[u8]>)| {
            let counter =
                value.map(codec::counter).transpose().map_err(|Malformed(what)| Error::corrupt(what))?;
            Ok((name, counter.map(|counter| self.format.serialize(&counter)).transpose()?))
        };
        let mut encoded = changes.iter().map(formatted).collect::<Result<Vec<(&str, _)>>>()?;
        // The order is the same each time.
        encoded.sort_unstable_by_key(|(name, _)| *name);
        self.writing(|storage| {
            storage.begin_transaction()?;
            let written = catch_unwind(AssertUnwindSafe(|| {
                encoded.into_iter().try_for_each(|(name, bytes)| match bytes {
                    Some(bytes) => storage.save(name, bytes),
                    None => storage.delete(name),
                })?;
                storage.commit_transaction()
            }));
            // After a panic too, so that the next write can begin a transaction.
            if !matches!(written, Ok(Ok(())))
                && let Err(error) = storage.rollback_transaction()
            {
                log::warn!("a storage could not roll back: {error}");
            }
            written.unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    fn sync(&self) -> Result<()> {
        self.writing(|storage| storage.sync())
    }

    fn wants_compaction(&self) -> bool {
        false
    }

    fn compact(&self) -> Result<()> {
        Ok(())
    }

    fn close(&self) {
        // If the storage itself closes its store, it is dropped with the store.
        let storage = self.storage.lock().try_borrow_mut().ok().and_then(|mut storage| storage.take());
        // An app's own storage may do anything when it is dropped, so the lock is released first.
        drop(storage);
    }
}

fn called_from_within() -> Error {
    Error::unavailable(
        "the storage called its own store, which needs the storage; call it later or from another thread",
    )
}

/// The names of all events of a storage.
pub(super) fn names(storage: &dyn Storage) -> Result<Vec<String>> {
    storage.list_keys().map_err(|error| {
        Error::unavailable(format!("the storage could not list its events ({error}); try again later"))
    })
}

/// An event of a storage. Every error names it.
pub(super) fn load(
    storage: &dyn Storage,
    format: &dyn Formatter,
    name: &str,
) -> Result<Option<SingleEventCounter>> {
    decoded(bytes(storage, name)?, format, name)
}

fn bytes(storage: &dyn Storage, name: &str) -> Result<Option<Vec<u8>>> {
    let event = || Some(name.to_owned());
    storage.load(name).map_err(|error| match error {
        Error::Corrupt { what, .. } => Error::Corrupt { what, event: event() },
        error => Error::Unavailable {
            what: format!("the storage could not read an event ({error}); try again later"),
            event: event(),
        },
    })
}

fn decoded(bytes: Option<Vec<u8>>, format: &dyn Formatter, name: &str) -> Result<Option<SingleEventCounter>> {
    let event = Some(name.to_owned());
    bytes.map(|bytes| format.deserialize(&bytes)).transpose().map_err(|error| match error {
        Error::Incompatible { what, found, supported, .. } => {
            Error::Incompatible { what, found, supported, event }
        }
        Error::Corrupt { what, .. } | Error::Serialization(what) => Error::Corrupt { what, event },
        // A formatter of the app may return any error. Only data that it calls damaged may be
        // replaced.
        other => Error::Unavailable { what: other.to_string(), event },
    })
}
