//! One event in the table, and the checksum over its name and its bytes.

use rusqlite::Row;

use super::failure::{damaged, failed};
use crate::error::{Error, Result};

// The length is asked for first: what is longer than any event is not read.
macro_rules! columns {
    ($rest:literal) => {
        concat!("SELECT name, sum, CASE WHEN length(counter) <= ?2 THEN counter END FROM events ", $rest)
    };
}

pub(super) const OF_ONE: &str = columns!("WHERE name = ?1");
/// Of all names, as the first parameter is absent.
pub(super) const OF_ALL: &str = columns!("WHERE ?1 IS NULL");

/// CRC-32C. The byte between the two is none of UTF-8.
pub(super) fn sum(name: &str, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(name.as_bytes()), &[0xff]), bytes)
}

/// An event's name and bytes.
///
/// # Errors
/// `Corrupt` for a row that is not as it was written.
pub(super) fn read(row: &Row<'_>) -> Result<(String, Vec<u8>)> {
    let name: String = row.get(0).map_err(failed)?;
    let written: u32 = row.get(1).map_err(failed)?;
    let bytes: Option<Vec<u8>> = row.get(2).map_err(failed)?;
    match bytes.filter(|bytes| sum(&name, bytes) == written) {
        Some(bytes) => Ok((name, bytes)),
        None => Err(match damaged("an event does not match its checksum") {
            Error::Corrupt { what, .. } => Error::Corrupt { what, event: Some(name) },
            other => other,
        }),
    }
}
