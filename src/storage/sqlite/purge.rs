//! Removing what is left of deleted events.

use rusqlite::Connection;

use super::error::failed;
use crate::error::{Error, Result};

/// Builds all pages of the database anew, and empties the write-ahead log.
///
/// Overwriting what is deleted is not enough: when SQLite distributes rows over other pages, copies
/// of them can stay in the unused part of a page.
///
/// # Errors
/// `Unavailable` if another connection uses the database for more than 1 second.
pub(super) fn purge(database: &Connection) -> Result<()> {
    database.execute_batch("VACUUM").map_err(failed)?;
    let is_busy: bool =
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(failed)?;
    if is_busy {
        return Err(Error::unavailable(
            "another connection reads the database, so erased events could not be removed from its write-ahead log; \
             end its transaction and persist again",
        ));
    }
    Ok(())
}
