//! The folder of a log and the paths in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;
use crate::bounds::LOG_MAX_DAMAGED_COPIES;

/// The paths of a log, and the file system they belong to.
#[derive(Debug)]
pub(super) struct LogFolder {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) dir: PathBuf,
    /// The log itself.
    pub(super) log: PathBuf,
    /// A new log during a rewrite. It is ignored until it is renamed to `log`.
    pub(super) temporary: PathBuf,
    /// The file that a process locks while it writes.
    pub(super) lock: PathBuf,
}

impl LogFolder {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: &Path) -> LogFolder {
        LogFolder {
            disk,
            dir: dir.to_path_buf(),
            log: dir.join("events.log"),
            temporary: dir.join("events.log.tmp"),
            lock: dir.join("events.lock"),
        }
    }

    /// The path of a copy of a damaged file. Numbers start at 1.
    pub(super) fn damaged_copy(&self, number: u32) -> PathBuf {
        self.dir.join(format!("events.log.damaged-{number}"))
    }

    /// The paths of all copies of damaged files that there can be.
    pub(super) fn damaged_copies(&self) -> impl Iterator<Item = PathBuf> {
        (1..=LOG_MAX_DAMAGED_COPIES).map(|number| self.damaged_copy(number))
    }
}
