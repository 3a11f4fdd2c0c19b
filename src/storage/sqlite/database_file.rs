//! The main file of a database, and whether something other than this connection changed it.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::file_identity::{FileIdentity, identity};
use super::super::io_error::failed;
use super::error::damaged;
use crate::error::{Error, Result};

/// The smallest page of SQLite: a shorter file is not a database. SQLite deletes the write-ahead
/// log of an empty file.
const MIN_DATABASE_BYTES: u64 = 512;

/// The main file of an open database.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    identity: FileIdentity,
    version: Version,
}

/// Changes whenever the content of the file does.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    len: u64,
    modified: Option<SystemTime>,
    /// The change time of Unix, which no program can set.
    changed: (i64, i64),
}

impl DatabaseFile {
    /// The file at `path`; `None` if there is none. It is not opened: closing it would release the
    /// locks that another connection of this process holds.
    ///
    /// # Errors
    /// `Corrupt` if it is empty or too short, `Io` if it is not a regular file, `Unavailable` or
    /// `Io` if it cannot be found.
    pub(super) fn find(path: &Path) -> Result<Option<DatabaseFile>> {
        if !is_present(path)? {
            return Ok(None);
        }
        let found = fs::metadata(path).map_err(failed("find the database", path))?;
        if !found.is_file() {
            let source = io::Error::new(ErrorKind::InvalidInput, "it is not a regular file");
            return Err(failed("open the database", path)(source));
        }
        check_len(&found)?;
        let (identity, version) = (identity(&found), version(&found));
        Ok(Some(DatabaseFile { path: path.to_owned(), identity, version }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file was changed since it was found or since the last [`renew`](Self::renew).
    ///
    /// # Errors
    /// `Unavailable` if it was removed or replaced, `Corrupt` if it is empty or too short.
    pub(super) fn has_changed(&self) -> Result<bool> {
        Ok(version(&self.current()?) != self.version)
    }

    /// Takes the file as it is now as unchanged: this connection has changed it, or has checked it.
    ///
    /// # Errors
    /// As for [`has_changed`](Self::has_changed).
    pub(super) fn renew(&mut self) -> Result<()> {
        self.version = version(&self.current()?);
        Ok(())
    }

    fn current(&self) -> Result<Metadata> {
        let found = match fs::metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(replaced()),
            found => found.map_err(failed("find the database", &self.path))?,
        };
        if identity(&found) != self.identity {
            return Err(replaced());
        }
        check_len(&found)?;
        Ok(found)
    }
}

/// The error if another file is in the place of an open database.
pub(super) fn replaced() -> Error {
    Error::unavailable(
        "the database was moved, removed or replaced after this store opened it; close this store and open it again",
    )
}

fn check_len(found: &Metadata) -> Result<()> {
    match found.len() {
        0 => Err(damaged("the file is empty")),
        1..MIN_DATABASE_BYTES => Err(damaged("the file is truncated")),
        _ => Ok(()),
    }
}

fn version(found: &Metadata) -> Version {
    #[cfg(unix)]
    let changed = {
        use std::os::unix::fs::MetadataExt as _;
        (found.ctime(), found.ctime_nsec())
    };
    #[cfg(not(unix))]
    let changed = (0, 0);
    Version { len: found.len(), modified: found.modified().ok(), changed }
}

/// Whether there is a file or a link at `path`.
pub(super) fn is_present(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("find the database", path)(error)),
    }
}
