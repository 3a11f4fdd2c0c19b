//! Creates a new database: it is built beside its place and put there when it is complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::super::io_error::failed as failed_on;
use super::super::private::{private_file, sync_folder};
use super::database_file::is_present;
use super::error::failed;
use crate::error::{Error, Result};
use crate::report::report;

/// `TCdb`: identifies a database of this library.
pub(super) const APPLICATION_ID: i64 = 0x5443_6462;
/// The newest schema version that can be read.
pub(super) const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE events (name TEXT PRIMARY KEY NOT NULL, counter BLOB NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE store (writes INTEGER NOT NULL, sums INTEGER NOT NULL, holds_deleted INTEGER NOT NULL) STRICT;
    INSERT INTO store (writes, sums, holds_deleted) VALUES (0, 0, 0);
";

/// The endings of the files that SQLite keeps beside a database.
const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The ending of an unfinished database, before a random number.
const UNFINISHED: &str = ".new-";

/// Creates the database `path`, which is missing. If another process creates it at the same time,
/// the one that is finished first stays.
///
/// # Errors
/// - `Corrupt` if files of a database are there whose main file is missing. SQLite would write
///   their content into the new database, or delete it.
/// - `Unavailable` or `Io` if it cannot be created. At `path` there is nothing then, or a complete
///   database.
pub(super) fn create(path: &Path) -> Result<()> {
    create_with(path, &mut || Ok(()))
}

/// [`create`] that calls `before` before each step, so that a test can stop there.
pub(super) fn create_with(path: &Path, before: &mut dyn FnMut() -> io::Result<()>) -> Result<()> {
    refuse_side_files(path)?;
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|error| Error::Storage(format!("the system has no random numbers: {error}")))?;
    let unfinished = beside(path, &format!("{UNFINISHED}{:016x}", u64::from_le_bytes(random)));
    let done = build(&unfinished, before).and_then(|()| put_in_place(&unfinished, path, before));
    if let Err(error) = fs::remove_file(&unfinished)
        && error.kind() != ErrorKind::NotFound
    {
        report!(warn, "could not remove an unfinished database, which is ignored: {error}");
    }
    // Another process may have been faster.
    if done.is_err() && !is_present(path)? {
        return done;
    }
    let folder = path.parent().unwrap_or(path);
    before()
        .and_then(|()| sync_folder(folder))
        .map_err(failed_on("sync the folder of the database", folder))?;
    remove_unfinished(path);
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn refuse_side_files(path: &Path) -> Result<()> {
    for ending in SIDE_FILES {
        // Another process may have created and opened the database since it was found missing.
        if is_present(&beside(path, ending))? && !is_present(path)? {
            return Err(Error::corrupt(format!(
                "the database is missing, but the file of SQLite beside it that ends with {ending} is there; put the \
                 database back, or remove that file to start without counts"
            )));
        }
    }
    Ok(())
}

/// Writes a complete, empty database to `unfinished`. It survives power loss when this returns.
fn build(unfinished: &Path, before: &mut dyn FnMut() -> io::Result<()>) -> Result<()> {
    let failed_to_create = || failed_on("create the database", unfinished);
    // SQLite would create a file that others may read.
    before().and_then(|()| private_file().create_new(true).open(unfinished)).map_err(failed_to_create())?;
    before().map_err(failed_to_create())?;
    let database = Connection::open_with_flags(unfinished, connection_flags()).map_err(failed)?;
    // An unfinished database is thrown away, so it needs no journal, which would be another file.
    database.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(failed)?;
    create_schema(&database)?;
    // Already here, because SQLite does not wait for the lock to switch to WAL: of two connections
    // that switch a database at the same time, one would fail at once.
    database.execute_batch("PRAGMA journal_mode = WAL").map_err(failed)?;
    database.close().map_err(|(_, error)| failed(error))?;
    before()
        .and_then(|()| File::options().write(true).open(unfinished)?.sync_all())
        .map_err(failed_to_create())
}

pub(super) fn connection_flags() -> OpenFlags {
    // No mutex of SQLite: `Sqlite` has its own.
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

pub(super) fn create_schema(database: &Connection) -> Result<()> {
    database
        .execute_batch(&format!(
            "BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT"
        ))
        .map_err(failed)
}

/// Gives the finished database its name. A link never replaces a file, unlike a rename. A file
/// system without links has only the rename.
fn put_in_place(unfinished: &Path, path: &Path, before: &mut dyn FnMut() -> io::Result<()>) -> Result<()> {
    let linked = before().and_then(|()| fs::hard_link(unfinished, path));
    let Err(error) = linked else { return Ok(()) };
    refuse_side_files(path)?;
    if is_present(path)? {
        return Ok(());
    }
    report!(debug, "could not link the new database, renaming it: {error}");
    before().and_then(|()| fs::rename(unfinished, path)).map_err(failed_on("create the database", path))
}

/// Removes what killed processes left. Another process that is creating the database finds it
/// finished.
fn remove_unfinished(path: &Path) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
    let mut prefix = name.to_owned();
    prefix.push(UNFINISHED);
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes())
            && let Err(error) = fs::remove_file(entry.path())
        {
            report!(debug, "could not remove an unfinished database, which is ignored: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::open::open;
    use super::*;

    /// The names in a folder.
    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn after_a_step_that_fails_there_is_no_database_or_a_complete_one() {
        let mut failures = 0;
        for failing in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x.db");
            let mut step = 0;
            let done = create_with(&path, &mut || {
                step += 1;
                if step - 1 == failing { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
            });
            let is_there = path.exists();
            assert_eq!(names(dir.path()), vec!["x.db"; usize::from(is_there)], "step {failing}");
            assert!(is_there || matches!(done, Err(Error::Io { .. })), "step {failing}: {done:?}");
            assert!(done.is_err() || is_there, "step {failing}");
            drop(open(&path).unwrap());
            if step <= failing {
                break;
            }
            failures += 1;
        }
        assert!(failures > 4, "{failures}");
    }

    #[test]
    fn a_kill_before_any_step_leaves_no_database_or_a_complete_one() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, mut copies) = (dir.path().join("folder"), Vec::new());
        fs::create_dir(&folder).unwrap();
        create_with(&folder.join("x.db"), &mut || {
            let copy = dir.path().join(copies.len().to_string());
            fs::create_dir(&copy).unwrap();
            for name in names(&folder) {
                fs::copy(folder.join(&name), copy.join(name)).unwrap();
            }
            copies.push(copy);
            Ok(())
        })
        .unwrap();
        let (mut new, mut complete) = (0, 0);
        for copy in copies {
            let path = copy.join("x.db");
            let was_there = path.exists();
            drop(open(&path).unwrap_or_else(|error| panic!("{copy:?}: {error}")));
            if was_there {
                complete += 1;
            } else {
                new += 1;
                assert_eq!(names(&copy), ["x.db"], "what the kill left is removed");
            }
        }
        assert!(new >= 4 && complete >= 1, "{new} {complete}");
    }

    #[test]
    fn opening_a_new_database_does_not_need_the_lock_for_writing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        create(&path).unwrap();
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("BEGIN IMMEDIATE").unwrap();
        drop(open(&path).unwrap());
    }

    #[test]
    fn side_files_of_a_database_that_another_process_has_opened_meanwhile_are_not_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let _faster = open(&path).unwrap();
        assert!(is_present(&beside(&path, "-wal")).unwrap());
        create(&path).unwrap();
    }

    #[test]
    fn a_database_that_another_process_has_finished_meanwhile_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        for faster in 0..5 {
            let path = dir.path().join(format!("{faster}.db"));
            let mut step = 0;
            create_with(&path, &mut || {
                if step == faster {
                    let (database, ..) = open(&path).unwrap();
                    database.execute_batch("UPDATE store SET writes = 7").unwrap();
                }
                step += 1;
                Ok(())
            })
            .unwrap();
            let (_, state, _) = open(&path).unwrap();
            assert!(state.writes == 7 && step > faster, "step {faster}");
        }
    }
}
