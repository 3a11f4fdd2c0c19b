//! Removes copies of damaged files: old ones at each opening, all of them when the app erases
//! events.

use super::super::io_error::{failed, present};
use super::folder::LogFolder;
use crate::bounds::LOG_MAX_DAMAGED_COPY_AGE;
use crate::error::Result;
use crate::report::report;

/// Removes the copies that were made more than [`LOG_MAX_DAMAGED_COPY_AGE`] before `now`, which is
/// in milliseconds since the Unix epoch.
///
/// A copy from as far in the future is removed too: either clock was wrong, and the copy would
/// otherwise stay until the clock shows that time. A failure is harmless, because the next opening
/// tries again.
pub(super) fn remove_old(folder: &LogFolder, now: i64) {
    for path in folder.damaged_copies() {
        let is_old = |modified: i64| modified.abs_diff(now) > LOG_MAX_DAMAGED_COPY_AGE;
        if let Ok(Some(modified)) = present(folder.disk.modified(&path))
            && is_old(modified)
            && let Err(error) = folder.disk.remove(&path)
        {
            report!(warn, "could not remove an old copy of a damaged log, trying again later: {error}");
        }
    }
}

/// Removes all copies. When this returns, they stay removed after a power loss.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable) and [`Error::Io`](crate::Error::Io) if a copy
/// cannot be removed.
pub(super) fn remove_all(folder: &LogFolder) -> Result<()> {
    let mut has_removed = false;
    for path in folder.damaged_copies() {
        let removed = present(folder.disk.remove(&path));
        has_removed |= removed.map_err(failed("remove a copy of a damaged log", &path))?.is_some();
    }
    if !has_removed {
        return Ok(());
    }
    folder.disk.sync_dir(&folder.dir).map_err(failed("sync the folder of the event log", &folder.dir))
}
