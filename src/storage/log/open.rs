//! Opens a log: reads its file and builds the store.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::super::io_error::{check_path, failed, opening_failed, present};
use super::claim::FolderClaim;
use super::copy_removal;
use super::damaged_copy::keep_copy;
use super::disk::{Disk, DiskFile, DiskLock};
use super::folder::LogFolder;
use super::index::Index;
use super::known_state::{KnownState, changed};
use super::log_file::LogFile;
use super::losses::OpenReport;
use super::os::OsDisk;
use super::recover::{Recovered, recover};
use super::rewrite::{self, remove_stale_temporary};
use super::store::LogStore;
use super::synced_len::SyncedLen;
use super::write_lock::WriteLockGuard;
use crate::error::Result;
use crate::report::report;

impl LogStore {
    /// Opens the log in `dir`. If there is no file, this is a new store: opening creates the folder
    /// and the file, and so proves that none was there that cannot be seen at the moment.
    ///
    /// Opening changes nothing else, except that it copies a damaged or foreign file and removes
    /// old copies. The first write replaces that file. `now` is in milliseconds since the Unix
    /// epoch.
    ///
    /// # Errors
    /// - [`Error::Unavailable`](crate::Error::Unavailable) if the file cannot be read or created
    ///   now, or if another store of this process has the folder open.
    /// - [`Error::Incompatible`](crate::Error::Incompatible) if a newer version wrote the file.
    /// - [`Error::Io`](crate::Error::Io) if `dir` cannot be a folder, or the log is not a file.
    pub(crate) fn open(dir: &Path, now: i64) -> Result<(LogStore, OpenReport)> {
        open_on(Arc::new(OsDisk), dir, now)
    }

    /// A closed log in `dir`, which [`reopen`](LogStore::reopen) opens. Nothing is read or created.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for a path that is none.
    pub(crate) fn closed(dir: &Path) -> Result<LogStore> {
        closed_on(Arc::new(OsDisk), dir)
    }

    /// Opens the file of a closed log again, as [`open`](LogStore::open) does.
    ///
    /// # Errors
    /// As `open`. The log stays closed then.
    pub(crate) fn reopen(&self, now: i64) -> Result<OpenReport> {
        let mut log_file = self.log_file.lock();
        let mut claim = self.claim.lock();
        let new_claim = match claim.take() {
            Some(claim) => claim,
            None => FolderClaim::acquire(self.folder.dir.clone())?,
        };
        let (mut opened, report) = read(&self.folder, now)?;
        *self.index.lock() = std::mem::take(&mut *opened.index.lock());
        opened.index = Arc::clone(&self.index);
        *log_file = opened;
        *claim = Some(new_claim);
        Ok(report)
    }
}

/// [`LogStore::open`] on any file system.
pub(super) fn open_on(disk: Arc<dyn Disk>, dir: &Path, now: i64) -> Result<(LogStore, OpenReport)> {
    check_path(dir)?;
    let dir = disk.canonical(dir);
    let claim = FolderClaim::acquire(dir.clone())?;
    let folder = Arc::new(LogFolder::new(disk, &dir));
    let (log_file, report) = read(&folder, now)?;
    let index = Arc::clone(&log_file.index);
    Ok((LogStore { folder, index, log_file: Mutex::new(log_file), claim: Mutex::new(Some(claim)) }, report))
}

/// [`LogStore::closed`] on any file system.
pub(super) fn closed_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<LogStore> {
    check_path(dir)?;
    let dir = disk.canonical(dir);
    let folder = Arc::new(LogFolder::new(disk, &dir));
    let index = Arc::new(Mutex::new(Index::closed()));
    let log_file = LogFile {
        folder: Arc::clone(&folder),
        index: Arc::clone(&index),
        lock: None,
        known_state: KnownState::UnknownLength((0, 0)),
        header: None,
        synced_len: SyncedLen::default(),
        folder_synced: false,
        keep_copy: false,
        must_truncate: false,
        unsynced: false,
        sequence: 0,
        buffer: Vec::new(),
    };
    Ok(LogStore { folder, index, log_file: Mutex::new(log_file), claim: Mutex::new(None) })
}

/// Reads the file of a log, and creates one if there is none.
fn read(folder: &Arc<LogFolder>, now: i64) -> Result<(LogFile, OpenReport)> {
    remove_stale_temporary(folder);
    copy_removal::remove_old(folder, now);
    let (opened, lock) = match read_file(folder).map_err(opening_failed)? {
        Some(opened) => (opened, None),
        None => create(folder).map_err(opening_failed)?,
    };
    let Opened { recovered: Recovered { mut replay, front, stat }, file } = opened;
    let mut report = std::mem::take(&mut replay.losses).report();
    let is_damaged = front.is_none();
    // A copy of an empty file is of no use.
    if is_damaged && stat.len > 0 {
        match keep_copy(folder, &*file, stat.len) {
            Ok(path) => report.kept_aside.push(path),
            // The first write tries again and fails if it cannot make the copy either.
            Err(error) => report!(warn, "could not copy the damaged event log, trying again later: {error}"),
        }
    }
    let must_truncate = stat.len != replay.index.len;
    replay.index.file = Some(file);
    let index = Arc::new(Mutex::new(replay.index));
    let log_file = LogFile {
        folder: Arc::clone(folder),
        index,
        lock,
        known_state: KnownState::File(stat),
        header: front.map(|(header, _)| header),
        synced_len: front.map(|(_, synced_len)| synced_len).unwrap_or_default(),
        folder_synced: false,
        keep_copy: is_damaged,
        must_truncate,
        // A killed process may have written records without syncing them.
        unsynced: !replay.all_synced,
        sequence: replay.sequence,
        buffer: Vec::new(),
    };
    Ok((log_file, report))
}

/// The log file as it was found.
struct Opened {
    recovered: Recovered,
    file: Arc<dyn DiskFile>,
}

/// Reads the log; `None` if there is no file.
fn read_file(folder: &LogFolder) -> Result<Option<Opened>> {
    let opened = present(folder.disk.open(&folder.log)).map_err(failed("open the event log", &folder.log))?;
    let Some(file) = opened else { return Ok(None) };
    let recovered = recover(folder, &*file)?;
    Ok(Some(Opened { recovered, file: Arc::from(file) }))
}

/// Creates the folder and a log without records, and reads it.
fn create(folder: &LogFolder) -> Result<(Opened, Option<Arc<dyn DiskLock>>)> {
    let dir = &folder.dir;
    folder.disk.create_dir(dir).map_err(failed("create the folder of the event log", dir))?;
    let mut lock = None;
    let _guard = WriteLockGuard::acquire(folder, &mut lock)?;
    // Another process may have created the log meanwhile.
    let opened = match read_file(folder)? {
        Some(opened) => opened,
        None => {
            rewrite::replace(folder, &Index::default().snapshot(), std::iter::empty())?;
            folder.disk.sync_dir(dir).map_err(failed("sync the folder of the event log", dir))?;
            read_file(folder)?.ok_or_else(|| changed(folder))?
        }
    };
    Ok((opened, lock))
}
