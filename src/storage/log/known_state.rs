//! The last known state of the log file, to detect changes by another process.

use super::disk::{Stat, failed, present};
use super::folder::LogFolder;
use crate::error::{Error, Result};

/// The log file as this store last left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KnownState {
    /// There was no file.
    Absent,
    /// This file, with this length.
    File(Stat),
    /// The file with this identity. Its length is unknown after a failed write.
    UnknownLength((u64, u64)),
}

/// Checks that the file is still in its last known state. Called with the write lock held.
///
/// # Errors
/// [`Error::Unavailable`] if another process wrote, replaced or removed the file.
pub(super) fn check_unchanged(folder: &LogFolder, known: KnownState) -> Result<()> {
    let found =
        present(folder.disk.stat(&folder.log)).map_err(failed("inspect the event log", &folder.log))?;
    let same = match (known, found) {
        (KnownState::Absent, None) => true,
        (KnownState::File(known), Some(found)) => known == found,
        (KnownState::UnknownLength(identity), Some(found)) => identity == found.identity,
        _ => false,
    };
    if same {
        return Ok(());
    }
    Err(Error::unavailable(format!(
        "another process wrote, replaced or removed {} after this store opened it; close this store and open it \
         again",
        folder.log.display()
    )))
}
