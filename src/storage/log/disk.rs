//! All file system calls of the log, as traits, so that tests can make any of them fail.

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};

/// The file system.
pub(super) trait Disk: Debug + Send + Sync {
    /// The canonical path of a folder, which need not exist yet.
    fn canonical(&self, dir: &Path) -> PathBuf;
    /// Creates a folder that only this user may enter, and its missing parents. It may exist.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Creates a file that only this user may read and write. Fails if it exists.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// The identity and length of the file with this path.
    fn stat(&self, path: &Path) -> io::Result<Stat>;
    /// When the file was last written, in milliseconds since the Unix epoch.
    fn modified(&self, path: &Path) -> io::Result<i64>;
    /// Renames a file, and replaces one that has the new name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Syncs a folder: its file names survive power loss when this returns.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Opens the lock file, and creates it if it is missing. Does not lock it.
    fn lock_file(&self, path: &Path) -> io::Result<Box<dyn DiskLock>>;
}

/// One open file.
pub(super) trait DiskFile: Debug + Send + Sync {
    /// Reads at most `buffer.len()` bytes; 0 at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes at most `bytes.len()` bytes and returns how many.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Truncates or extends the file.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Syncs the content: it survives power loss when this returns.
    fn sync_data(&self) -> io::Result<()>;
    /// The identity and length of this file.
    fn stat(&self) -> io::Result<Stat>;
}

/// A lock between processes.
pub(super) trait DiskLock: Debug + Send + Sync {
    /// Takes the lock without waiting; `false` if another process holds it.
    fn try_lock(&self) -> io::Result<bool>;
    /// Releases the lock.
    fn unlock(&self) -> io::Result<()>;
}

/// The identity and length of a file: shows whether another process replaced or changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// Device and inode numbers; both 0 if the system has none.
    pub(super) identity: (u64, u64),
    /// The length in bytes.
    pub(super) len: u64,
}

/// Fills `buffer` from `offset` on. Returns the number of bytes read, which is smaller than the
/// buffer only at the end of the file.
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

/// Writes all of `bytes` at `offset`, in as many calls as needed.
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
