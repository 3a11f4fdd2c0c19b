//! Opens a log: reads its file and builds the store.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::claim::FolderClaim;
use super::damaged_copy::keep_copy;
use super::disk::{Disk, failed, present};
use super::folder::LogFolder;
use super::known_state::KnownState;
use super::log_file::LogFile;
use super::losses::OpenReport;
use super::os::OsDisk;
use super::recover::{Recovered, recover};
use super::rewrite::remove_stale_temporary;
use super::store::LogStore;
use crate::error::Result;

impl LogStore {
    /// Opens the log in `dir`. A missing folder or file is an empty store.
    ///
    /// Opening writes nothing, except a copy of a damaged or foreign file. The first write creates
    /// the folder and the file, or replaces the damaged file.
    ///
    /// # Errors
    /// - [`Error::Unavailable`](crate::Error::Unavailable) if the file cannot be read now, or if
    ///   another store of this process has the folder open.
    /// - [`Error::Incompatible`](crate::Error::Incompatible) if a newer version wrote the file.
    /// - [`Error::Io`](crate::Error::Io) for other failures of the system.
    pub(crate) fn open(dir: &Path) -> Result<(LogStore, OpenReport)> {
        open_on(Arc::new(OsDisk), dir)
    }
}

/// [`LogStore::open`] on any file system.
pub(super) fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<(LogStore, OpenReport)> {
    let dir = disk.canonical(dir);
    let claim = FolderClaim::acquire(dir.clone())?;
    let folder = Arc::new(LogFolder::new(disk, &dir));
    remove_stale_temporary(&folder);
    let (recovered, known_state) = read_file(&folder)?;
    let Recovered { replay, header, keep_copy: must_keep_copy } = recovered;
    let mut report = replay.losses.report();
    if let (true, Some(file), KnownState::File(stat)) = (must_keep_copy, &replay.index.file, known_state) {
        match keep_copy(&folder, &**file, stat.len) {
            Ok(path) => report.kept_aside.push(path),
            // The first write tries again and fails if it cannot make the copy either.
            Err(error) => ::log::warn!("could not copy the damaged event log, trying again later: {error}"),
        }
    }
    let must_truncate = matches!(known_state, KnownState::File(stat) if stat.len != replay.index.len);
    let index = Arc::new(Mutex::new(replay.index));
    let log_file = LogFile {
        folder: Arc::clone(&folder),
        index: Arc::clone(&index),
        lock: None,
        known_state,
        header,
        keep_copy: must_keep_copy,
        must_truncate,
        // A killed process may have written records without syncing them.
        unsynced: (header.is_some() || must_keep_copy) && !replay.all_synced,
        sequence: replay.sequence,
        buffer: Vec::new(),
    };
    Ok((LogStore { folder, index, log_file: Mutex::new(log_file), claim: Mutex::new(Some(claim)) }, report))
}

fn read_file(folder: &LogFolder) -> Result<(Recovered, KnownState)> {
    let opened = present(folder.disk.open(&folder.log)).map_err(failed("open the event log", &folder.log))?;
    let Some(file) = opened else {
        return Ok((Recovered::default(), KnownState::Absent));
    };
    let stat = file.stat().map_err(failed("inspect the event log", &folder.log))?;
    let mut recovered = recover(folder, &*file, stat.len)?;
    recovered.replay.index.file = Some(Arc::from(file));
    Ok((recovered, KnownState::File(stat)))
}
