//! Opens and checks a database.

use std::path::Path;

use rusqlite::Connection;

use super::super::io_error::failed as failed_on;
use super::create::{APPLICATION_ID, SCHEMA_VERSION, connection_flags, create, create_schema};
use super::database_file::{DatabaseFile, replaced};
use super::error::{damaged, failed};
use super::row;
use super::state::State;
use crate::bounds::{MAX_STORED_VALUE_BYTES, SQLITE_BUSY_TIMEOUT};
use crate::error::{Error, Result};

/// A commit returns after the write-ahead log is synced, on Apple systems with F_FULLFSYNC. In WAL
/// mode readers and a writer do not block each other. On a file system without support for it
/// SQLite keeps its rollback journal, which is slower. `secure_delete` overwrites what is deleted.
const DURABILITY: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA secure_delete = ON;
";

/// Opens or creates the database `path`, and returns its state and its file. A database in memory
/// has no file.
pub(super) fn open(path: &Path) -> Result<(Connection, State, Option<DatabaseFile>)> {
    if path == Path::new(":memory:") {
        let database = Connection::open_in_memory().map_err(failed)?;
        create_schema(&database)?;
        return Ok((database, State::default(), None));
    }
    // An absolute path, because SQLite gives some relative names a special meaning.
    let path = std::path::absolute(path).map_err(failed_on("find the database", path))?;
    let mut file = match DatabaseFile::find(&path)? {
        Some(file) => file,
        None => {
            create(&path)?;
            DatabaseFile::find(&path)?.ok_or_else(replaced)?
        }
    };
    let database = connect(file.path())?;
    database.execute_batch(DURABILITY).map_err(failed)?;
    let state = check(&database)?;
    // Opening may have changed it: SQLite takes in what a killed process left.
    file.renew()?;
    Ok((database, state, Some(file)))
}

/// Checks a database that something other than this connection changed, and returns its state.
pub(super) fn check_again(file: &DatabaseFile) -> Result<State> {
    // A connection of its own, because the open one has pages in memory.
    check(&connect(file.path())?)
}

/// Connects to an existing database of this library, without changing it.
fn connect(path: &Path) -> Result<Connection> {
    let database = Connection::open_with_flags(path, connection_flags()).map_err(failed)?;
    database.busy_timeout(SQLITE_BUSY_TIMEOUT).map_err(failed)?;
    check_application(&database)?;
    Ok(database)
}

/// # Errors
/// `Corrupt` for a foreign database, also an empty one; `Incompatible` for a newer one.
fn check_application(database: &Connection) -> Result<()> {
    let number = |query: &str| database.query_row(query, [], |row| row.get(0)).map_err(failed);
    let application: i64 = number("PRAGMA application_id")?;
    let version: i64 = number("PRAGMA user_version")?;
    // Reads the schema, so that damage in it is reported as such.
    let _objects: i64 = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, version) {
        (APPLICATION_ID, 1..=SCHEMA_VERSION) => Ok(()),
        (APPLICATION_ID, newer) if newer > SCHEMA_VERSION => Err(Error::Incompatible {
            what: "a database",
            found: u32::try_from(newer).unwrap_or(u32::MAX),
            supported: 1,
            event: None,
        }),
        _ => Err(Error::corrupt("not a tiny-counter database; use another file, this one is unchanged")),
    }
}

/// Reads the whole database and returns its state. Without this, damage in a tree or in a name, or
/// rows that are missing, could look like an event that was never recorded.
fn check(database: &Connection) -> Result<State> {
    // One transaction, so that another connection cannot write between the statements.
    let database = database.unchecked_transaction().map_err(failed)?;
    let result: String = database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if result != "ok" {
        return Err(damaged(&result));
    }
    let state = State::read(&database)?;
    let mut statement = database.prepare(row::SELECT_ALL).map_err(failed)?;
    let mut rows = statement.query((None::<&str>, MAX_STORED_VALUE_BYTES)).map_err(failed)?;
    let mut sums = 0i64;
    while let Some(row) = rows.next().map_err(failed)? {
        let (name, bytes) = row::read(row)?;
        sums = sums.wrapping_add(row::checksum(&name, &bytes).into());
    }
    match sums == state.sums {
        true => Ok(state),
        false => Err(damaged("it does not contain the events that were saved last")),
    }
}
