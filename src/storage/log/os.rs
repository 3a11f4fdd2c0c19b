//! The file system of the operating system.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::super::private::{create_private_folder, private_file, sync_folder};
use super::disk::{Disk, DiskFile, DiskLock, Stat};
use crate::report::report;

/// The real file system.
#[derive(Debug)]
pub(super) struct OsDisk;

impl Disk for OsDisk {
    fn canonical(&self, dir: &Path) -> PathBuf {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
        for existing in dir.ancestors() {
            if let (Ok(real), Ok(rest)) = (existing.canonicalize(), dir.strip_prefix(existing)) {
                // Joining an empty path would add a separator and so give a second name.
                return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
            }
        }
        dir
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = dir.ancestors().take_while(|path| !path.exists()).collect();
        create_private_folder(dir)?;
        for parent in missing.iter().filter_map(|path| path.parent()) {
            // An app may lack the right to read the folders above its own, so this is not an error.
            if let Err(error) = self.sync_dir(parent) {
                report!(debug, "could not sync the parent of a new folder: {error}");
            }
        }
        Ok(())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().read(true).write(true).open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(private_file().read(true).create_new(true).open(path)?))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        fs::metadata(path).map(|found| stat(&found))
    }

    fn modified(&self, path: &Path) -> io::Result<i64> {
        let modified = fs::metadata(path)?.modified()?;
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        Ok(match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => millis(after),
            Err(before) => -millis(before.duration()),
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        match sync_folder(dir) {
            Err(error) if is_unsupported(&error) => Ok(()),
            result => result,
        }
    }

    fn lock_file(&self, path: &Path) -> io::Result<Box<dyn DiskLock>> {
        Ok(Box::new(private_file().create(true).truncate(false).open(path)?))
    }
}

impl DiskFile for File {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, offset)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    #[cfg(windows)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_write(self, bytes, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    // On Apple systems the standard library uses F_FULLFSYNC, which also flushes the drive's cache.
    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn stat(&self) -> io::Result<Stat> {
        self.metadata().map(|found| stat(&found))
    }
}

impl DiskLock for File {
    fn try_lock(&self) -> io::Result<bool> {
        match File::try_lock(self) {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            // The standard library has no file locks on Android before Rust 1.98, and some kernels
            // have none. Other processes are then detected only by `check_unchanged`.
            Err(TryLockError::Error(error)) if is_unsupported(&error) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn unlock(&self) -> io::Result<()> {
        File::unlock(self)
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

#[cfg(unix)]
fn stat(found: &Metadata) -> Stat {
    use std::os::unix::fs::MetadataExt;
    Stat { identity: (found.dev(), found.ino()), len: found.len() }
}

#[cfg(not(unix))]
fn stat(found: &Metadata) -> Stat {
    Stat { identity: (0, 0), len: found.len() }
}
