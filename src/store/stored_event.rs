//! An event in a storage that keeps what a formatter returns.
//!
//! The formatter encodes the counter. It is stored with the local part in an envelope
//! (`length of the local part | local part | bytes of the formatter`), or in a JSON document if the
//! formatter writes JSON. Both are valid only under the key of the event. Values that are just what
//! the formatter returned can be read too, so that an app can bring them from elsewhere.

use crate::codec::{self, EventError, Malformed, StoredEvent};
use crate::error::{Error, Result};
use crate::formatter::Formatter;
use crate::formatter::envelope::STORED_EVENT;
#[cfg(feature = "serde-json")]
use crate::formatter::json_record;
/// Converts the stored form of a value of an event (`codec`) to the value that the storage keeps
/// under `key`.
///
/// # Errors
/// Those of the formatter.
pub(super) fn encode(value: &[u8], format: &dyn Formatter, key: &str) -> Result<Vec<u8>> {
    let (counter, local) = codec::split_event(value).map_err(|Malformed(what)| Error::corrupt(what))?;
    let formatted = format.serialize(&counter)?;
    #[cfg(feature = "serde-json")]
    if super::store_records::is_json(format)
        && let Ok(local) = codec::take_local(local)
        && let Some(document) = json_record::event_to_json(key, local, &formatted)
    {
        return Ok(document);
    }
    let len = u32::try_from(local.len()).unwrap_or(u32::MAX);
    STORED_EVENT.seal(key, &[&len.to_le_bytes(), local, &formatted].concat())
}

/// Decodes a value that a storage keeps of an event under `key`. Every error names the event.
pub(super) fn decode(bytes: &[u8], format: &dyn Formatter, name: &str, key: &str) -> Result<StoredEvent> {
    #[cfg(feature = "serde-json")]
    if bytes.starts_with(b"{")
        && let Some((local, formatted)) =
            json_record::event_from_json(key, bytes).map_err(|error| about(error, name))?
    {
        let counter = format.deserialize(formatted).map_err(|error| about(error, name))?;
        let local = codec::checked_local(local).map_err(|error| unreadable(error, name))?;
        return Ok(StoredEvent { counter, local });
    }
    let (local, formatted) = split(key, bytes).map_err(|error| about(error, name))?;
    let counter = format.deserialize(formatted).map_err(|error| about(error, name))?;
    let local = codec::take_local(local).map_err(|error| unreadable(error, name))?;
    Ok(StoredEvent { counter, local })
}

/// The local part and the bytes of the formatter.
fn split<'a>(key: &str, bytes: &'a [u8]) -> Result<(&'a [u8], &'a [u8])> {
    if !bytes.starts_with(&STORED_EVENT.magic) {
        return Ok((&[], bytes));
    }
    let payload = STORED_EVENT.open(key, bytes)?;
    let parts = payload.split_first_chunk().and_then(|(len, rest)| {
        let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
        rest.split_at_checked(len)
    });
    parts.ok_or_else(|| Error::corrupt("a stored event is damaged; erase it or restore a backup"))
}

/// The error for an event that could not be decoded.
pub(super) fn unreadable(error: EventError, name: &str) -> Error {
    let event = Some(name.to_owned());
    match error {
        EventError::Malformed(Malformed(what)) => Error::Corrupt { what: what.into(), event },
        EventError::Newer { section } => {
            Error::Incompatible { what: "a stored event", found: section, supported: 1, event }
        }
    }
}

fn about(error: Error, name: &str) -> Error {
    let event = Some(name.to_owned());
    match error {
        Error::Incompatible { what, found, supported, .. } => {
            Error::Incompatible { what, found, supported, event }
        }
        Error::Corrupt { what, .. } | Error::Serialization(what) => Error::Corrupt { what, event },
        // A formatter of the app may return any error. Only data that it calls damaged may be
        // replaced.
        other => Error::Unavailable { what: other.to_string(), event },
    }
}
