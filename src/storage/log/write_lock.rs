//! The lock between processes that write to the same folder.
//!
//! It is held only during a write: iOS ends an app that is suspended while it holds a file lock.

use std::sync::Arc;
use std::thread;

use super::super::io_error::failed;
use super::disk::DiskLock;
use super::folder::LogFolder;
use crate::bounds::{LOG_LOCK_RETRY_PAUSE, LOG_MAX_LOCK_TRIES};
use crate::error::{Error, Result};
use crate::report::report;

/// Holds the lock. Dropping it releases the lock.
#[derive(Debug)]
pub(super) struct WriteLockGuard(Arc<dyn DiskLock>);

impl WriteLockGuard {
    /// Takes the lock, and waits up to a second for it. `lock` is the open lock file; the first
    /// call opens it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if another process holds the lock for the whole time.
    pub(super) fn acquire(
        folder: &LogFolder,
        lock: &mut Option<Arc<dyn DiskLock>>,
    ) -> Result<WriteLockGuard> {
        let lock = match lock {
            Some(lock) => lock,
            None => {
                let opened = folder
                    .disk
                    .lock_file(&folder.lock)
                    .map_err(failed("open the lock file", &folder.lock))?;
                lock.insert(Arc::from(opened))
            }
        };
        for _ in 0..LOG_MAX_LOCK_TRIES {
            if lock.try_lock().map_err(failed("lock the lock file", &folder.lock))? {
                return Ok(WriteLockGuard(Arc::clone(lock)));
            }
            thread::sleep(LOG_LOCK_RETRY_PAUSE);
        }
        Err(Error::unavailable(format!("another process is writing to {}; try again", folder.dir.display())))
    }
}

impl Drop for WriteLockGuard {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            report!(warn, "could not unlock the event log: {error}");
        }
    }
}
