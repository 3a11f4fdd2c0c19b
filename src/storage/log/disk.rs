//! Every call to the system that the log makes, so that a test can let any of them fail.

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A folder's worth of files.
pub(super) trait Disk: Debug + Send + Sync {
    /// The one name of a folder that may not exist yet.
    fn canonical(&self, dir: &Path) -> PathBuf;
    /// Makes a folder that only this user may enter, and what is missing above it. It may exist already.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// An existing file, to read and write.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// A new file that only this user may read and write. It must not exist.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// What lies under a name.
    fn stat(&self, path: &Path) -> io::Result<Stat>;
    /// Gives a file another name, in place of what had that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder survive power loss.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// The file by which processes take turns. It is made if it is missing, and not locked yet.
    fn lock_file(&self, path: &Path) -> io::Result<Box<dyn DiskLock>>;
}

/// One open file.
pub(super) trait DiskFile: Debug + Send + Sync {
    /// Reads at most `buffer.len()` bytes; 0 at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes at most `bytes.len()` bytes.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Cuts or extends the file.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Makes the content survive power loss.
    fn sync_data(&self) -> io::Result<()>;
    /// Which file this is, and how long.
    fn stat(&self) -> io::Result<Stat>;
}

/// A lock between processes.
pub(super) trait DiskLock: Debug + Send + Sync {
    /// Whether the lock is ours now; `false` where another process holds it.
    fn try_lock(&self) -> io::Result<bool>;
    /// Gives it back.
    fn unlock(&self) -> io::Result<()>;
}

/// What tells one file from another under the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// Device and inode; both 0 where the system has no such numbers.
    pub(super) identity: (u64, u64),
    /// The length in bytes.
    pub(super) len: u64,
}

/// Fills `buffer` from `offset` on. Returns how much there was, which is less than asked for only at the file's end.
pub(super) fn read_full(file: &dyn DiskFile, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Writes all of `bytes` at `offset`, however many calls it takes.
pub(super) fn write_full(file: &dyn DiskFile, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match file.write_at(rest, offset + done as u64) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The library's error for a failed call. Nothing that fails here may be taken for an absent file.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| match source.kind() {
        io::ErrorKind::PermissionDenied => Error::unavailable(format!(
            "could not {action} {}: {source}; the device may be locked, try again later",
            path.display()
        )),
        _ => Error::Io { action, path, source },
    }
}

/// `None` for a file that does not exist. Every other failure stays one.
pub(super) fn present<T>(answer: io::Result<T>) -> io::Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
