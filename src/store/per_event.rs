//! A storage that holds one value for each event and nothing else.

use parking_lot::Mutex;

use super::backend::Backend;
use crate::codec::{self, Malformed, StoreRecord};
use crate::counter::event_counter::SingleEventCounter;
use crate::engine::Changes;
use crate::error::{Error, Result};
use crate::formatter::Formatter;
use crate::storage::Storage;

pub(super) struct PerEvent {
    /// Absent after the store was closed, so that a closed store keeps no file open.
    storage: Mutex<Option<Box<dyn Storage>>>,
    format: Box<dyn Formatter>,
}

impl PerEvent {
    pub(super) fn new(storage: Box<dyn Storage>, format: Box<dyn Formatter>) -> Self {
        PerEvent { storage: Mutex::new(Some(storage)), format }
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
        let bytes = bytes(self.storage.lock().as_deref().ok_or(Error::Closed)?, name)?;
        decoded(bytes, self.format.as_ref(), name)
    }

    fn names(&self) -> Result<Vec<String>> {
        names(self.storage.lock().as_deref().ok_or(Error::Closed)?)
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
        let mut storage = self.storage.lock();
        let storage = storage.as_deref_mut().ok_or(Error::Closed)?;
        storage.begin_transaction()?;
        let written = encoded.into_iter().try_for_each(|(name, bytes)| match bytes {
            Some(bytes) => storage.save(name, bytes),
            None => storage.delete(name),
        });
        let done = written.and_then(|()| storage.commit_transaction());
        if done.is_err()
            && let Err(error) = storage.rollback_transaction()
        {
            log::warn!("a storage could not roll back: {error}");
        }
        done
    }

    fn sync(&self) -> Result<()> {
        self.storage.lock().as_deref_mut().ok_or(Error::Closed)?.sync()
    }

    fn wants_compaction(&self) -> bool {
        false
    }

    fn compact(&self) -> Result<()> {
        Ok(())
    }

    fn close(&self) {
        let storage = self.storage.lock().take();
        // An app's own storage may do anything when it is dropped, so the lock is released first.
        drop(storage);
    }
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
