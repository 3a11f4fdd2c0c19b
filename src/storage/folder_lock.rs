//! Prevents two storages, of this process or of different ones, from writing to the same files.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use parking_lot::Mutex;

use super::file_identity::{FileIdentity, identity};
use super::io_error::failed;
use super::private::private_file;
use crate::error::{Error, Result};
use crate::report::report;

/// The lock files that this process holds. It is needed on systems without file locks, which all
/// have file identities.
static HELD: Mutex<BTreeSet<(u64, u64)>> = Mutex::new(BTreeSet::new());

/// How much of a lock file is read.
const MAX_NOTE_BYTES: u64 = 64;

/// A lock file, locked until this is dropped. The file stays, because a process that removed it
/// could remove one that another process has just locked.
#[derive(Debug)]
pub(super) struct FolderLock {
    file: File,
    path: PathBuf,
    identity: FileIdentity,
}

impl FolderLock {
    /// Locks the file `path`, which is created if it is missing.
    ///
    /// # Errors
    /// - `Unavailable` if another storage holds the lock.
    /// - `Unavailable` or `Io` if the file cannot be created, opened or locked.
    pub(super) fn acquire(path: PathBuf) -> Result<FolderLock> {
        acquire_with(path, File::try_lock)
    }

    /// Checks that the lock file is still the file that this holds. Otherwise the folder was
    /// removed, moved or replaced, or another storage could have locked a new file.
    pub(super) fn check(&self) -> Result<()> {
        let replaced = || {
            Error::unavailable(
                "the folder of the storage, or the lock file in it, was moved, removed or replaced; close this store \
                 and open it again",
            )
        };
        match fs::metadata(&self.path) {
            Ok(found) if identity(&found) == self.identity => Ok(()),
            Ok(_) => Err(replaced()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(replaced()),
            Err(error) => Err(failed("find the lock file", &self.path)(error)),
        }
    }
}

impl FolderLock {
    /// What [`set_note`](FolderLock::set_note) wrote last, also in an earlier process.
    pub(super) fn note(&self) -> Result<String> {
        let mut note = Vec::new();
        let mut file = &self.file;
        let read = file.rewind().and_then(|()| file.take(MAX_NOTE_BYTES).read_to_end(&mut note));
        read.map_err(failed("read the lock file", &self.path))?;
        Ok(String::from_utf8_lossy(&note).into_owned())
    }

    /// Replaces the content of the lock file by a short text. It survives power loss when this
    /// returns.
    pub(super) fn set_note(&self, note: &str) -> Result<()> {
        let mut file = &self.file;
        let written =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(note.as_bytes()));
        written.and_then(|()| file.sync_data()).map_err(failed("write the lock file", &self.path))
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is being started shares the lock for a
        // moment.
        if let Err(error) = self.file.unlock() {
            report!(debug, "could not unlock a lock file, which is closed now: {error}");
        }
        if let Some(identity) = &self.identity {
            HELD.lock().remove(identity);
        }
    }
}

/// [`FolderLock::acquire`] with any way to lock a file.
fn acquire_with(
    path: PathBuf,
    try_lock: impl Fn(&File) -> std::result::Result<(), TryLockError>,
) -> Result<FolderLock> {
    let opened = private_file().read(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(failed("open the lock file", &path))?;
    let found = file.metadata().map_err(failed("inspect the lock file", &path))?;
    let identity = identity(&found);
    if identity.is_some_and(|identity| !HELD.lock().insert(identity)) {
        return Err(in_use(&path));
    }
    // From here on dropping it releases the claim.
    let lock = FolderLock { file, path, identity };
    match try_lock(&lock.file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(in_use(&lock.path)),
        // The standard library has no file locks on Android before Rust 1.98, and some file systems
        // have none.
        Err(TryLockError::Error(error))
            if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput) => {}
        Err(TryLockError::Error(error)) => return Err(failed("lock the lock file", &lock.path)(error)),
    }
    // It could have been replaced between opening and locking it.
    lock.check()?;
    Ok(lock)
}

fn in_use(path: &std::path::Path) -> Error {
    let folder = path.parent().unwrap_or(path).display();
    Error::unavailable(format!(
        "another storage, in this or another process, has {folder} open; use that one, or close it first"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(lock: Result<FolderLock>) -> bool {
        matches!(lock, Err(Error::Unavailable { .. }))
    }

    #[test]
    fn a_lock_is_held_until_it_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        for _ in 0..3 {
            let lock = FolderLock::acquire(path.clone()).unwrap();
            assert!(is_refused(FolderLock::acquire(path.clone())));
            lock.check().unwrap();
        }
        // What holds only the file is like another process.
        let other = File::open(&path).unwrap();
        other.lock().unwrap();
        assert!(is_refused(FolderLock::acquire(path.clone())));
        drop(other);
        FolderLock::acquire(path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_system_without_file_locks_still_refuses_a_second_lock_of_this_process() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let acquire =
            || acquire_with(path.clone(), |_| Err(TryLockError::Error(ErrorKind::Unsupported.into())));
        let lock = acquire().unwrap();
        assert!(is_refused(acquire()));
        drop(lock);
        acquire().unwrap();
    }

    #[test]
    fn a_lock_that_fails_leaves_no_claim() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let broken = |_: &File| Err(TryLockError::Error(ErrorKind::TimedOut.into()));
        assert!(is_refused(acquire_with(path.clone(), broken)));
        FolderLock::acquire(path).unwrap();
        assert!(matches!(FolderLock::acquire(dir.path().to_owned()), Err(Error::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_file_that_is_replaced_before_it_is_locked_is_not_held() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let replacing = |_: &File| {
            fs::rename(&path, dir.path().join("old")).unwrap();
            fs::write(&path, b"").unwrap();
            Ok(())
        };
        assert!(is_refused(acquire_with(path.clone(), replacing)));
        let lock = FolderLock::acquire(path.clone()).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(matches!(lock.check(), Err(Error::Unavailable { .. })));
    }
}
