//! Opens, creates and checks a database.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::super::private::{private_file, sync_folder};
use super::error::{damaged, failed};
use super::row;
use crate::bounds::{MAX_STORED_VALUE_BYTES, SQLITE_BUSY_TIMEOUT};
use crate::error::{Error, Result};

/// The smallest page of SQLite: a shorter file is not a database.
const MIN_DATABASE_BYTES: u64 = 512;

/// `TCdb`: identifies a database of this library.
const APPLICATION_ID: i64 = 0x5443_6462;
/// The newest schema version that can be read.
const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE events (name TEXT PRIMARY KEY NOT NULL, counter BLOB NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE store (writes INTEGER NOT NULL) STRICT;
    INSERT INTO store (writes) VALUES (0);
";

/// A commit returns after the write-ahead log is synced, on Apple systems with F_FULLFSYNC. In WAL
/// mode readers and a writer do not block each other. On a file system without support for it
/// SQLite keeps its rollback journal, which is slower.
const DURABILITY: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
";

pub(super) fn open(path: &Path) -> Result<Connection> {
    let database = connect(path)?;
    database.busy_timeout(SQLITE_BUSY_TIMEOUT).map_err(failed)?;
    // Checked before any change, because a foreign database must stay unchanged.
    let initialized = is_initialized(&database)?;
    database.execute_batch(DURABILITY).map_err(failed)?;
    if !initialized {
        create_schema(&database)?;
    }
    check(&database)?;
    Ok(database)
}

fn connect(path: &Path) -> Result<Connection> {
    if path == Path::new(":memory:") {
        return Connection::open_in_memory().map_err(failed);
    }
    let failed_on = |source| match source {
        source if io::Error::kind(&source) == ErrorKind::PermissionDenied => Error::unavailable(format!(
            "could not create or read the database {}: {source}; the device may be locked: try again after it is unlocked",
            path.display()
        )),
        source if source.kind() == ErrorKind::UnexpectedEof => damaged(&source.to_string()),
        source => Error::Io { action: "open the database", path: path.to_owned(), source },
    };
    // An absolute path, because SQLite gives some relative names a special meaning.
    let path = std::path::absolute(path).map_err(failed_on)?;
    create_file(&path).map_err(failed_on)?;
    // No mutex of SQLite: `Sqlite` has its own.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(&path, flags).map_err(failed)
}

/// Creates the file, private to the user, if it is missing; SQLite gives its additional files the
/// same permissions. An existing file is not opened: closing it would release the locks that
/// another connection of this process holds.
fn create_file(path: &Path) -> io::Result<()> {
    match private_file().create_new(true).open(path) {
        Ok(_) => path.parent().map_or(Ok(()), sync_folder),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::metadata(path)?;
            match found.len() {
                _ if !found.is_file() => {
                    Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file"))
                }
                // SQLite would overwrite it with a new database.
                1..MIN_DATABASE_BYTES => {
                    Err(io::Error::new(ErrorKind::UnexpectedEof, "the file is truncated"))
                }
                _ => Ok(()),
            }
        }
        Err(error) => Err(error),
    }
}

/// Whether the database has our schema; `false` if it is empty.
///
/// # Errors
/// `Corrupt` for a foreign database, `Incompatible` for a newer one.
fn is_initialized(database: &Connection) -> Result<bool> {
    let number = |query: &str| database.query_row(query, [], |row| row.get(0)).map_err(failed);
    let application: i64 = number("PRAGMA application_id")?;
    let version: i64 = number("PRAGMA user_version")?;
    let objects: i64 = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, version, objects) {
        (0, 0, 0) => Ok(false),
        (APPLICATION_ID, 1..=SCHEMA_VERSION, _) => Ok(true),
        (APPLICATION_ID, newer, _) if newer > SCHEMA_VERSION => Err(Error::Incompatible {
            what: "a database",
            found: u32::try_from(newer).unwrap_or(u32::MAX),
            supported: 1,
            event: None,
        }),
        _ => Err(Error::corrupt("not a tiny-counter database; use another file, this one is unchanged")),
    }
}

fn create_schema(database: &Connection) -> Result<()> {
    database.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    // Another connection may have created it meanwhile.
    let created = is_initialized(database).and_then(|initialized| match initialized {
        true => Ok(()),
        false => database
            .execute_batch(&format!(
                "{SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
            ))
            .map_err(failed),
    });
    // After an error the caller drops the connection, which ends the transaction.
    created.and_then(|()| database.execute_batch("COMMIT").map_err(failed))
}

/// Reads the whole database. Without this, damage in a tree or in a name could look like an event
/// that was never recorded.
fn check(database: &Connection) -> Result<()> {
    let result: String = database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if result != "ok" {
        return Err(damaged(&result));
    }
    let mut statement = database.prepare(row::SELECT_ALL).map_err(failed)?;
    let mut rows = statement.query((None::<&str>, MAX_STORED_VALUE_BYTES)).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        row::read(row)?;
    }
    Ok(())
}
