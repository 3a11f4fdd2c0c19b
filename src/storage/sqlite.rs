//! A storage with one SQLite database for all events.

mod error;
mod open;
mod row;

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _};

use self::error::failed;
use super::{Storage, is_too_long};
use crate::bounds::MAX_STORED_VALUE_BYTES;
use crate::error::{Error, Result};

/// Keeps all events in one SQLite database.
///
/// - **File:** [`open`](Sqlite::open) creates a missing file, private to the user. Its folder must
///   exist.
/// - **Persist:** each persist is one transaction. When it returns, it survives power loss.
/// - **Other connections:** they may read the database at any time. While another connection writes
///   to it, a persist waits up to 1 second and then fails with `Unavailable`. Nothing is lost: the
///   next persist saves the changes.
/// - **Two stores on one database:** only one of them can write. After one has written, every write
///   of the other fails with `Unavailable` and changes nothing, in the same or in another process.
///   Close that store and open it again; the changes it had not saved are lost. So use one store at
///   a time.
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
    /// The number of transactions in the database after our last one. A different number in the
    /// database shows that another store has written.
    writes: i64,
    in_transaction: bool,
}

impl Sqlite {
    /// Opens the database in the file `path`, or creates it if the file is missing or empty.
    ///
    /// Reads the whole database once to check it. The path `:memory:` opens a database in memory,
    /// which is lost when the storage is dropped.
    ///
    /// # Errors
    /// The file is unchanged if one is returned.
    /// - `Io` if the file cannot be created or is not a regular file.
    /// - `Unavailable` if it cannot be read or written now, or if another connection locks it for
    ///   more than 1 second.
    /// - `Corrupt` if it is damaged or not a tiny-counter database.
    /// - `Incompatible` if a newer version of this library wrote it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let database = open::open(path.as_ref())?;
        let writes = writes(&database)?;
        Ok(Sqlite { database: Mutex::new(database), writes, in_transaction: false })
    }

    fn begin(&mut self) -> Result<()> {
        let database = self.database.get_mut();
        if !database.is_autocommit() {
            // An earlier rollback failed and left the transaction open.
            database.execute_batch("ROLLBACK").map_err(failed)?;
        }
        // IMMEDIATE takes the write lock now, so that no later statement can fail for lack of it.
        database.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        let unchanged = writes(database).and_then(|found| match found == self.writes {
            true => Ok(()),
            false => Err(Error::unavailable(
                "another store has written to the database after this store opened it; close this store and open it again",
            )),
        });
        if unchanged.is_err() {
            self.roll_back()?;
        }
        unchanged
    }

    fn commit(&mut self) -> Result<()> {
        let database = self.database.get_mut();
        database.execute_batch("UPDATE store SET writes = writes + 1; COMMIT").map_err(failed)?;
        self.writes += 1;
        Ok(())
    }

    fn roll_back(&mut self) -> Result<()> {
        let database = self.database.get_mut();
        // SQLite itself rolls back after some errors.
        if database.is_autocommit() { Ok(()) } else { database.execute_batch("ROLLBACK").map_err(failed) }
    }

    /// Makes a change in the open transaction, or in a transaction of its own if none is open.
    fn change(&mut self, change: impl FnOnce(&Connection) -> rusqlite::Result<usize>) -> Result<()> {
        if self.in_transaction {
            return change(self.database.get_mut()).map(drop).map_err(failed);
        }
        self.begin()?;
        let done = change(self.database.get_mut()).map_err(failed).and_then(|_| self.commit());
        if done.is_err()
            && let Err(error) = self.roll_back()
        {
            log::warn!(
                "could not roll back a change of the database, trying again at the next change: {error}"
            );
        }
        done
    }
}

impl Storage for Sqlite {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        if is_too_long(&data) {
            return Err(Error::Storage(format!(
                "an event may take at most {MAX_STORED_VALUE_BYTES} bytes in the database; erase the event"
            )));
        }
        let sum = row::checksum(key, &data);
        self.change(|database| {
            database
                .prepare_cached("INSERT OR REPLACE INTO events (name, counter, sum) VALUES (?1, ?2, ?3)")?
                .execute((key, data, sum))
        })
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let database = self.database.lock();
        let mut statement = database.prepare_cached(row::SELECT_ONE).map_err(failed)?;
        let found = statement.query_row((key, MAX_STORED_VALUE_BYTES), |row| Ok(row::read(row))).optional();
        Ok(found.map_err(failed)?.transpose()?.map(|(_, bytes)| bytes))
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.change(|database| database.prepare_cached("DELETE FROM events WHERE name = ?1")?.execute([key]))
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

    // `sync` need not do anything: a commit survives power loss when it returns.
}

fn no_transaction() -> Error {
    Error::Storage("no transaction is open; begin one first".into())
}

/// The number of transactions that the database counts.
fn writes(database: &Connection) -> Result<i64> {
    database.query_row("SELECT writes FROM store", [], |row| row.get(0)).map_err(failed)
}
