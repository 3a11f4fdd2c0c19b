//! One row of the table of events, with a checksum of its name and its bytes.

use rusqlite::{Connection, OptionalExtension as _, Row};

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

/// The checksum that is stored with an event; 0 if there is none.
pub(super) fn stored_checksum(database: &Connection, name: &str) -> rusqlite::Result<i64> {
    let mut statement = database.prepare_cached("SELECT sum FROM events WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Stores an event, and returns its checksum.
pub(super) fn save(database: &Connection, name: &str, bytes: Vec<u8>) -> rusqlite::Result<i64> {
    let sum = i64::from(checksum(name, &bytes));
    database
        .prepare_cached("INSERT OR REPLACE INTO events (name, counter, sum) VALUES (?1, ?2, ?3)")?
        .execute((name, bytes, sum))?;
    Ok(sum)
}

/// Removes an event, and returns 0, the checksum of no event.
pub(super) fn delete(database: &Connection, name: &str) -> rusqlite::Result<i64> {
    database.prepare_cached("DELETE FROM events WHERE name = ?1")?.execute([name])?;
    Ok(0)
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
