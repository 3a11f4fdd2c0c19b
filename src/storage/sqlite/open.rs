//! Making a database, or seeing that one is ours and whole.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::failure::{damaged, failed};
use super::{MOST_BYTES, row};
use crate::error::{Error, Result};

/// How long to wait for a connection that is writing.
const WAIT: Duration = Duration::from_secs(1);

/// The bytes of the smallest database that is not empty.
const LEAST: u64 = 512;

/// `TCdb`: tells a database of this library from any other.
const APPLICATION: i64 = 0x5443_6462;
/// The newest layout of tables that can be read.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE events (name TEXT PRIMARY KEY NOT NULL, counter BLOB NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE store (writes INTEGER NOT NULL) STRICT;
    INSERT INTO store (writes) VALUES (0);
";

/// A commit waits until its part of the write-ahead log is on the disk; on Apple's systems that takes a call of its own. Readers do not
/// hinder a writer in this mode, nor a writer them. A file system that cannot do it keeps the older, slower mode.
const SAFE: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
";

pub(super) fn open(path: &Path) -> Result<Connection> {
    let database = connect(path)?;
    database.busy_timeout(WAIT).map_err(failed)?;
    // Before anything is changed: what is not ours stays as it is.
    let known = is_known(&database)?;
    database.execute_batch(SAFE).map_err(failed)?;
    if !known {
        create(&database)?;
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
            "the database {} cannot be made or read: {source}; the device may be locked, try again later",
            path.display()
        )),
        source if source.kind() == ErrorKind::UnexpectedEof => damaged(&source.to_string()),
        source => Error::Io { action: "open the database", path: path.to_owned(), source },
    };
    // Absolute, so that no name means anything special to SQLite.
    let whole = std::path::absolute(path).map_err(failed_on)?;
    make(&whole).map_err(failed_on)?;
    // Our own lock guards the connection.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(&whole, flags).map_err(failed)
}

/// Sees to it that there is a file, for the user alone; SQLite gives the files beside it the same rights. An existing one is not opened: closing
/// it again would give up the locks that another connection of this process has on it.
fn make(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => match path.parent() {
            // Its name survives a loss of power as well. Elsewhere a folder cannot be opened.
            Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
            _ => Ok(()),
        },
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::metadata(path)?;
            match found.len() {
                _ if !found.is_file() => Err(io::Error::new(ErrorKind::InvalidInput, "it is no file")),
                // The rest of something; SQLite would begin anew over it.
                1..LEAST => Err(io::Error::new(ErrorKind::UnexpectedEof, "it is cut short")),
                _ => Ok(()),
            }
        }
        Err(error) => Err(error),
    }
}

/// Whether it is a database of ours; an empty one is to become one.
fn is_known(database: &Connection) -> Result<bool> {
    let number = |question: &str| database.query_row(question, [], |row| row.get(0)).map_err(failed);
    let application: i64 = number("PRAGMA application_id")?;
    let version: i64 = number("PRAGMA user_version")?;
    let things: i64 = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, version, things) {
        (0, 0, 0) => Ok(false),
        (APPLICATION, 1..=VERSION, _) => Ok(true),
        (APPLICATION, newer, _) if newer > VERSION => Err(Error::Incompatible {
            what: "a database",
            found: u32::try_from(newer).unwrap_or(u32::MAX),
            supported: 1,
            event: None,
        }),
        _ => Err(Error::corrupt(
            "the database is none of this library's; choose another file, it is left as it is",
        )),
    }
}

fn create(database: &Connection) -> Result<()> {
    database.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    // Somebody else may have been faster.
    let created = is_known(database).and_then(|known| match known {
        true => Ok(()),
        false => database
            .execute_batch(&format!(
                "{TABLES} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
            ))
            .map_err(failed),
    });
    // Where that fails the connection goes, and the transaction with it.
    created.and_then(|()| database.execute_batch("COMMIT").map_err(failed))
}

/// Reads everything once. A tree with a broken branch, or a name that was changed, would pass for events that were never recorded.
fn check(database: &Connection) -> Result<()> {
    let said: String = database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if said != "ok" {
        return Err(damaged(&said));
    }
    let mut statement = database.prepare(row::OF_ALL).map_err(failed)?;
    let mut rows = statement.query((None::<&str>, MOST_BYTES)).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        row::read(row)?;
    }
    Ok(())
}
