//! A storage with one SQLite database for all events.

mod create;
mod database_file;
mod error;
mod open;
mod purge;
mod row;
mod state;

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension as _};

use self::database_file::{DatabaseFile, replaced};
use self::error::failed;
use self::state::State;
use super::{Storage, is_too_long, key};
use crate::bounds::MAX_STORED_VALUE_BYTES;
use crate::error::{Error, Result};
use crate::report::report;

/// Keeps all events in one SQLite database.
///
/// - **File:** [`open`](Sqlite::open) creates a missing file, private to the user. Its folder must
///   exist. A new database is complete when it gets its name. So a file that is empty or too short
///   is a damaged database, not a new one.
/// - **Persist:** each persist is one transaction. When it returns, it survives power loss.
/// - **Other connections:** they may read the database at any time. While another connection writes
///   to it, a persist waits up to 1 second and then fails with `Unavailable`. Nothing is lost: the
///   next persist saves the changes.
/// - **Two stores on one database:** only one of them can write. After one has written, every write
///   of the other fails with `Unavailable` and changes nothing, in the same or in another process.
///   Close that store and open it again; the changes it had not saved are lost. So use one store at
///   a time.
/// - **Changes by other programs:** if the file is moved, removed or replaced while it is open,
///   every later write fails with `Unavailable`. If its content is changed, the next write checks
///   the whole database again, and fails with `Corrupt` if it is damaged. Nothing is overwritten.
/// - **Size:** an event may take at most 64 MiB.
///
/// ```
/// use tiny_counter::{EventStore, storage::Sqlite};
///
/// # fn main() -> tiny_counter::Result<()> {
/// # #[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
/// # {
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("events.db");
/// let store = EventStore::builder().with_storage(Sqlite::open(&path)?).build()?;
/// store.record("app_launch");
/// store.close()?;
///
/// let store = EventStore::builder().with_storage(Sqlite::open(&path)?).build()?;
/// assert_eq!(store.query("app_launch").ever().sum(), Some(1));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sqlite {
    database: Mutex<Connection>,
    /// Absent for a database in memory.
    file: Option<DatabaseFile>,
    /// The state of the database after our last transaction. A different one in the database shows
    /// that another store has written.
    state: State,
    /// The sum of all checksums after the changes of the open transaction.
    sums: i64,
    /// Whether events were deleted since the last purge, in the open transaction too.
    holds_deleted: bool,
    in_transaction: bool,
}

impl Sqlite {
    /// Opens the database in the file `path`, or creates it if the file is missing.
    ///
    /// Reads the whole database once to check it. The path `:memory:` opens a database in memory,
    /// which is lost when the storage is dropped.
    ///
    /// # Errors
    /// The file is unchanged if one is returned.
    /// - `Io` if the file cannot be created or is not a regular file.
    /// - `Unavailable` if it cannot be read or written now, or if another connection locks it for
    ///   more than 1 second.
    /// - `Corrupt` if it is empty, damaged or not a tiny-counter database, or if it is missing
    ///   while the files that SQLite kept beside it (`-wal`, `-shm` or `-journal`) are there.
    /// - `Incompatible` if a newer version of this library wrote it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let (database, state, file) = open::open(path.as_ref())?;
        let database = Mutex::new(database);
        let State { sums, holds_deleted, .. } = state;
        Ok(Sqlite { database, file, state, sums, holds_deleted, in_transaction: false })
    }

    fn begin(&mut self) -> Result<()> {
        let database = self.database.get_mut();
        if !database.is_autocommit() {
            // An earlier rollback failed and left the transaction open.
            database.execute_batch("ROLLBACK").map_err(failed)?;
        }
        // IMMEDIATE takes the write lock now, so that no later statement can fail for lack of it.
        database.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        let unchanged = self.check_unchanged();
        if unchanged.is_err() {
            self.roll_back()?;
        }
        (self.sums, self.holds_deleted) = (self.state.sums, self.state.holds_deleted);
        unchanged
    }

    /// Checks that the database is as this connection left it.
    fn check_unchanged(&mut self) -> Result<()> {
        if State::read(self.database.get_mut())? != self.state {
            return Err(Error::unavailable(
                "another store has written to the database after this store opened it; close this store and open it again",
            ));
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        if file.has_changed()? {
            if open::check_again(file)? != self.state {
                return Err(replaced());
            }
            file.renew()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        let database = self.database.get_mut();
        let (sums, holds_deleted) = (self.sums, self.holds_deleted);
        let state = State { writes: self.state.writes + 1, sums, holds_deleted };
        state.write(database).map_err(failed)?;
        database.execute_batch("COMMIT").map_err(failed)?;
        self.state = state;
        // SQLite may have copied its write-ahead log into the file.
        self.file.as_mut().map_or(Ok(()), DatabaseFile::renew)
    }

    fn roll_back(&mut self) -> Result<()> {
        let database = self.database.get_mut();
        // SQLite itself rolls back after some errors.
        if database.is_autocommit() { Ok(()) } else { database.execute_batch("ROLLBACK").map_err(failed) }
    }

    /// Stores or removes an event in the open transaction, or in one of its own if none is open.
    fn change(&mut self, key: &str, data: Option<Vec<u8>>) -> Result<()> {
        if self.in_transaction {
            return self.change_row(key, data).map_err(failed);
        }
        self.begin()?;
        let done = self.change_row(key, data).map_err(failed).and_then(|()| self.commit());
        if done.is_err()
            && let Err(error) = self.roll_back()
        {
            report!(
                warn,
                "could not roll back a change of the database, trying again at the next change: {error}"
            );
        }
        done
    }

    fn change_row(&mut self, key: &str, data: Option<Vec<u8>>) -> rusqlite::Result<()> {
        let database = self.database.get_mut();
        let before = row::stored_checksum(database, key)?;
        let after = match data {
            Some(data) => row::save(database, key, data)?,
            None => {
                self.holds_deleted |= key::event(key).is_some();
                row::delete(database, key)?
            }
        };
        self.sums = self.sums.wrapping_sub(before).wrapping_add(after);
        Ok(())
    }
}

impl Drop for Sqlite {
    /// The last connection copies the write-ahead log into the database and removes the log. That
    /// must not happen to a file that another program changed.
    fn drop(&mut self) {
        if self.file.as_ref().is_none_or(|file| matches!(file.has_changed(), Ok(false))) {
            return;
        }
        let kept = self.database.get_mut().set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        if let Err(error) = kept {
            report!(
                warn,
                "could not keep the write-ahead log of a database that another program changed: {error}"
            );
        }
    }
}

impl Storage for Sqlite {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        if is_too_long(&data) {
            return Err(Error::Storage(format!(
                "an event may take at most {MAX_STORED_VALUE_BYTES} bytes in the database; erase the event"
            )));
        }
        self.change(key, Some(data))
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let database = self.database.lock();
        let mut statement = database.prepare_cached(row::SELECT_ONE).map_err(failed)?;
        let found = statement.query_row((key, MAX_STORED_VALUE_BYTES), |row| Ok(row::read(row))).optional();
        Ok(found.map_err(failed)?.transpose()?.map(|(_, bytes)| bytes))
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.change(key, None)
    }

    /// A write fails if another connection has written since the database was opened.
    fn is_atomic(&self) -> bool {
        true
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        let database = self.database.lock();
        let mut statement = database.prepare_cached("SELECT name FROM events").map_err(failed)?;
        let names = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        names.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    fn begin_transaction(&mut self) -> Result<()> {
        if self.in_transaction {
            return Err(Error::Storage(
                "a transaction is already open; commit it or roll it back first".into(),
            ));
        }
        self.begin()?;
        self.in_transaction = true;
        Ok(())
    }

    fn commit_transaction(&mut self) -> Result<()> {
        if !self.in_transaction {
            return Err(no_transaction());
        }
        self.commit()?;
        self.in_transaction = false;
        Ok(())
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.in_transaction) {
            return Err(no_transaction());
        }
        self.roll_back()
    }

    fn holds_deleted(&self) -> bool {
        self.state.holds_deleted
    }

    fn purge_deleted(&mut self) -> Result<()> {
        // The database must be as this connection left it.
        self.begin()?;
        self.roll_back()?;
        purge::purge(self.database.get_mut())?;
        self.file.as_mut().map_or(Ok(()), DatabaseFile::renew)?;
        if self.state.holds_deleted {
            self.begin()?;
            self.holds_deleted = false;
            self.commit()?;
        }
        Ok(())
    }

    // `sync` need not do anything: a commit survives power loss when it returns.
}

fn no_transaction() -> Error {
    Error::Storage("no transaction is open; begin one first".into())
}
