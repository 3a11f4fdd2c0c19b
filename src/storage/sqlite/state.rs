//! The row that describes the whole database.

use rusqlite::Connection;

use super::error::failed;
use crate::error::Result;

/// How often the database was written, and a checksum of everything in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// The number of transactions.
    pub(super) writes: i64,
    /// The checksums of all events, added up with wrapping. It shows that a row is missing or is an
    /// older one, for example if a database is put back but a newer write-ahead log stayed beside
    /// it.
    pub(super) sums: i64,
    /// Whether events were deleted since the last purge.
    pub(super) holds_deleted: bool,
}

impl State {
    pub(super) fn read(database: &Connection) -> Result<State> {
        database
            .query_row("SELECT writes, sums, holds_deleted FROM store", [], |row| {
                Ok(State { writes: row.get(0)?, sums: row.get(1)?, holds_deleted: row.get(2)? })
            })
            .map_err(failed)
    }

    pub(super) fn write(self, database: &Connection) -> rusqlite::Result<()> {
        let mut statement =
            database.prepare_cached("UPDATE store SET writes = ?1, sums = ?2, holds_deleted = ?3")?;
        statement.execute((self.writes, self.sums, self.holds_deleted)).map(drop)
    }
}
