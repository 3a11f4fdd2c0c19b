//! The folder of one store and the names in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;

/// How many damaged files are kept. The first ones hold the most; a fifth takes the place of the fourth.
pub(super) const KEPT: u32 = 4;

/// Where a store lives.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) dir: PathBuf,
    /// The log itself.
    pub(super) log: PathBuf,
    /// A log being built. It means nothing until it has the log's name.
    pub(super) temporary: PathBuf,
    /// The file that processes lock to take turns.
    pub(super) lock: PathBuf,
}

impl Place {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: &Path) -> Place {
        Place {
            disk,
            dir: dir.to_path_buf(),
            log: dir.join("events.log"),
            temporary: dir.join("events.log.tmp"),
            lock: dir.join("events.lock"),
        }
    }

    /// The name under which the `number`th damaged file is kept, counted from 1.
    pub(super) fn damaged(&self, number: u32) -> PathBuf {
        self.dir.join(format!("events.log.damaged-{number}"))
    }
}
