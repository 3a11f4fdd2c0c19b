//! Reading keys, events and records of the store from a `Storage`.

use std::collections::BTreeSet;

use super::store_records;
use super::stored_event;
use crate::codec::{StoredEvent, StoredParts};
use crate::error::{Error, Result};
use crate::formatter::Formatter;
use crate::storage::Storage;
use crate::storage::key::{self, Part};

/// What a storage could not do, and what to do. An error that can pass says that itself.
pub(super) fn advised(what: &str, error: &Error) -> String {
    match error {
        Error::Unavailable { .. } => format!("{what}: {error}"),
        _ => format!("{what} ({error}); try again later"),
    }
}

/// All keys of a storage.
pub(super) fn listed_keys(storage: &dyn Storage) -> Result<Vec<String>> {
    storage
        .list_keys()
        .map_err(|error| Error::unavailable(advised("the storage could not list its keys", &error)))
}

/// An event of a storage that has these keys. Every error names it.
pub(super) fn event(
    storage: &dyn Storage,
    keys: &BTreeSet<String>,
    format: &dyn Formatter,
    name: &str,
) -> Result<StoredParts> {
    let read = |part| -> Result<Option<StoredEvent>> {
        let key = key::of(name, part);
        if !keys.contains(&*key) {
            return Ok(None);
        }
        let bytes = event_bytes(storage, name, &key)?;
        bytes.map(|bytes| stored_event::decode(&bytes, format, name, &key)).transpose()
    };
    Ok(StoredParts { event: read(Part::Event)?, others: read(Part::Others)? })
}

/// The value of an event under `key`. Every error names the event.
pub(super) fn event_bytes(storage: &dyn Storage, name: &str, key: &str) -> Result<Option<Vec<u8>>> {
    storage.load(key).map_err(|error| match error {
        Error::Corrupt { what, .. } => Error::Corrupt { what, event: Some(name.to_owned()) },
        error => Error::Unavailable {
            what: advised("the storage could not read an event", &error),
            event: Some(name.to_owned()),
        },
    })
}

/// A record of the store in its encoded form. `Serialization` becomes `Corrupt`.
pub(super) fn record(storage: &dyn Storage, name: &str) -> Result<Option<Vec<u8>>> {
    let bytes = record_bytes(storage, name)?;
    bytes.map(|bytes| store_records::open(name, &bytes)).transpose().map_err(|error| match error {
        Error::Serialization(what) => Error::corrupt(what),
        error => error,
    })
}

/// The value of a record of the store.
pub(super) fn record_bytes(storage: &dyn Storage, name: &str) -> Result<Option<Vec<u8>>> {
    storage.load(&key::reserved(name)).map_err(|error| match error {
        Error::Corrupt { what, .. } => Error::corrupt(what),
        error => Error::unavailable(advised("the storage could not read a record of the store", &error)),
    })
}
