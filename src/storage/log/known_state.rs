//! The last known state of the log file, to detect changes by another process or by anything else.

use super::super::io_error::{failed, present};
use super::disk::{DiskFile, Stat, read_full};
use super::folder::LogFolder;
use super::header::{self, Header};
use crate::error::{Error, Result};

/// The log file as this store last left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KnownState {
    /// This file, with this length.
    File(Stat),
    /// The file with this identity. Its length is unknown after a failed write.
    UnknownLength((u64, u64)),
}

impl KnownState {
    fn matches(self, found: Stat) -> bool {
        match self {
            KnownState::File(known) => known == found,
            KnownState::UnknownLength(identity) => identity == found.identity,
        }
    }
}

/// Checks that the file is still in its last known state. Called with the write lock held.
/// `opened` is the open file and its header, if it has one.
///
/// # Errors
/// [`Error::Unavailable`] if somebody else wrote, replaced, emptied or removed the file.
pub(super) fn check_unchanged(
    folder: &LogFolder,
    known: KnownState,
    opened: Option<(&dyn DiskFile, Header)>,
) -> Result<()> {
    if is_changed(folder, known, opened)? { Err(changed(folder)) } else { Ok(()) }
}

/// Whether somebody else wrote, replaced, emptied or removed the file.
///
/// # Errors
/// A file that cannot be looked at now.
pub(super) fn is_changed(
    folder: &LogFolder,
    known: KnownState,
    opened: Option<(&dyn DiskFile, Header)>,
) -> Result<bool> {
    let found =
        present(folder.disk.stat(&folder.log)).map_err(failed("inspect the event log", &folder.log))?;
    if !found.is_some_and(|found| known.matches(found)) {
        return Ok(true);
    }
    let Some((file, header)) = opened else { return Ok(false) };
    // A file that was overwritten in place has the same identity and can have the same length.
    let mut start = [0; header::LEN];
    let got = read_full(file, &mut start, 0).map_err(failed("read the event log", &folder.log))?;
    Ok(start.get(..got) != Some(&header.to_bytes()))
}

/// The error for a file that somebody else changed.
pub(super) fn changed(folder: &LogFolder) -> Error {
    Error::unavailable(format!(
        "{} was changed, replaced or removed after this store opened it, for example by another process; close \
         this store and open it again",
        folder.log.display()
    ))
}
