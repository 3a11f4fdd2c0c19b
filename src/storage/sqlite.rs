//! One SQLite database for all events.

mod failure;
mod opening;
mod row;

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _};

use self::failure::failed;
use super::{MOST_BYTES, Storage, is_too_long};
use crate::error::{Error, Result};

/// Keeps all events in one SQLite database. Its folder must exist; a file that is missing or empty becomes a database that only its user may read.
///
/// A persist is one transaction: whole or not at all, and safe from a loss of power when it returns. Others may read the database meanwhile. While
/// another connection writes to it, saving is `Unavailable` after a second, and nothing is lost: the next persist saves it.
///
/// Any number of storages may be open on one database, in one process or in several, but only one of them may write: the first to do so. Any other
/// is refused with `Unavailable` from then on, and nothing of the first is overwritten; its store has to be opened again, and what it had not
/// saved by then is lost to it. So counts are never mixed up, and one at a time is the way to use it.
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
    /// How many transactions the database had seen when this one last looked: had there been another since, it was not ours.
    writes: i64,
    in_transaction: bool,
}

impl Sqlite {
    /// The database in the file `path`, read once to see that it is whole. `:memory:` is one that is gone with the storage.
    ///
    /// # Errors
    /// `Io` if the file cannot be made, `Unavailable` if it cannot be read or written now or another connection keeps it locked for a second,
    /// `Corrupt` if it is damaged or something else than a database of this library, `Incompatible` if a newer version wrote it. The file
    /// is left as it is then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let database = opening::open(path.as_ref())?;
        let writes = writes(&database)?;
        Ok(Sqlite { database: Mutex::new(database), writes, in_transaction: false })
    }

    fn begin(&mut self) -> Result<()> {
        let database = self.database.get_mut();
        if !database.is_autocommit() {
            // A rollback failed and left it open.
            database.execute_batch("ROLLBACK").map_err(failed)?;
        }
        // The right to write from the beginning: later it could be refused half way.
        database.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        let unchanged = writes(database).and_then(|found| match found == self.writes {
            true => Ok(()),
            false => Err(Error::unavailable(
                "another store has written to the database since this one opened it; close this store and open it again",
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
        // Some failures roll back by themselves.
        if database.is_autocommit() { Ok(()) } else { database.execute_batch("ROLLBACK").map_err(failed) }
    }

    /// Makes a change in the open transaction, or in one of its own.
    fn change(&mut self, change: impl FnOnce(&Connection) -> rusqlite::Result<usize>) -> Result<()> {
        if self.in_transaction {
            return change(self.database.get_mut()).map(drop).map_err(failed);
        }
        self.begin()?;
        let done = change(self.database.get_mut()).map_err(failed).and_then(|_| self.commit());
        if done.is_err()
            && let Err(error) = self.roll_back()
        {
            log::warn!("a change to the database could not be rolled back, which is tried again: {error}");
        }
        done
    }
}

impl Storage for Sqlite {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        if is_too_long(&data) {
            return Err(Error::Storage(format!("an event may take at most {MOST_BYTES} bytes; erase it")));
        }
        let sum = row::sum(key, &data);
        self.change(|database| {
            database
                .prepare_cached("INSERT OR REPLACE INTO events (name, counter, sum) VALUES (?1, ?2, ?3)")?
                .execute((key, data, sum))
        })
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let database = self.database.lock();
        let mut statement = database.prepare_cached(row::OF_ONE).map_err(failed)?;
        let found = statement.query_row((key, MOST_BYTES), |row| Ok(row::read(row))).optional();
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
                "a transaction is open already; commit it or roll it back first".into(),
            ));
        }
        self.begin()?;
        self.in_transaction = true;
        Ok(())
    }

    fn commit_transaction(&mut self) -> Result<()> {
        if !self.in_transaction {
            return Err(none_open());
        }
        self.commit()?;
        self.in_transaction = false;
        Ok(())
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.in_transaction) {
            return Err(none_open());
        }
        self.roll_back()
    }

    // Nothing is left for `sync` to do: a commit returns when it survives a loss of power.
}

fn none_open() -> Error {
    Error::Storage("no transaction is open; begin one first".into())
}

fn writes(database: &Connection) -> Result<i64> {
    database.query_row("SELECT writes FROM store", [], |row| row.get(0)).map_err(failed)
}
