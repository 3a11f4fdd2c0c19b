//! One row of the table of events, with a checksum of its name and its bytes.

use rusqlite::Row;

use super::error::{damaged, failed};
use crate::error::{Error, Result};

// The length is checked in SQL, so that a value that is too long is not read into memory.
macro_rules! columns {
    ($rest:literal) => {
        concat!("SELECT name, sum, CASE WHEN length(counter) <= ?2 THEN counter END FROM events ", $rest)
    };
}

/// Selects the event with the name ?1. ?2 is the maximum length of its bytes.
pub(super) const SELECT_ONE: &str = columns!("WHERE name = ?1");
/// Selects all events; ?1 must be NULL. ?2 is as in [`SELECT_ONE`].
pub(super) const SELECT_ALL: &str = columns!("WHERE ?1 IS NULL");

/// The CRC-32C of the name and the bytes, separated by a byte that does not occur in UTF-8.
pub(super) fn checksum(name: &str, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(name.as_bytes()), &[0xff]), bytes)
}

/// The name and the bytes of an event.
///
/// # Errors
/// `Corrupt` if the row does not match its checksum or is too long.
pub(super) fn read(row: &Row<'_>) -> Result<(String, Vec<u8>)> {
    let name: String = row.get(0).map_err(failed)?;
    let written: u32 = row.get(1).map_err(failed)?;
    let bytes: Option<Vec<u8>> = row.get(2).map_err(failed)?;
    match bytes.filter(|bytes| checksum(&name, bytes) == written) {
        Some(bytes) => Ok((name, bytes)),
        None => Err(match damaged("an event does not match its checksum") {
            Error::Corrupt { what, .. } => Error::Corrupt { what, event: Some(name) },
            other => other,
        }),
    }
}
