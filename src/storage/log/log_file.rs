//! The log file as its writer sees it: appending batches, syncing, rewriting.

use std::sync::Arc;
use std::{io, iter};

use parking_lot::Mutex;

use super::super::io_error::failed;
use super::batch::{self, Batch};
use super::damaged_copy::keep_copy;
use super::disk::{DiskFile, DiskLock};
use super::folder::LogFolder;
use super::header::Header;
use super::index::{Index, damaged_record};
use super::known_state::{KnownState, changed, check_unchanged, is_changed};
use super::rewrite;
use super::synced_len::SyncedLen;
use super::write_lock::WriteLockGuard;
use crate::bounds::LOG_MAX_RETAINED_BUFFER_BYTES;
use crate::error::{Error, Result};
use crate::report::report;

/// The state that writing needs. The index is shared with readers.
#[derive(Debug)]
pub(super) struct LogFile {
    pub(super) folder: Arc<LogFolder>,
    pub(super) index: Arc<Mutex<Index>>,
    pub(super) lock: Option<Arc<dyn DiskLock>>,
    pub(super) known_state: KnownState,
    /// The header of the file, if frames may be appended to it. `None`: the next write must rewrite
    /// the file.
    pub(super) header: Option<Header>,
    /// The synced length at the front of the file.
    pub(super) synced_len: SyncedLen,
    /// Whether the folder was synced since the file got its name.
    pub(super) folder_synced: bool,
    /// Whether the file is damaged or foreign. It is copied before it is replaced, and only a write
    /// of a batch replaces it, because the replacement no longer shows which data was lost.
    pub(super) keep_copy: bool,
    /// Whether bytes that do not belong to the log follow its valid end.
    pub(super) must_truncate: bool,
    /// Whether the file may contain records that power loss could remove.
    pub(super) unsynced: bool,
    /// The sequence number of the next frame.
    pub(super) sequence: u32,
    pub(super) buffer: Vec<u8>,
}

impl LogFile {
    /// Writes a batch atomically. See [`LogStore::write`](super::LogStore::write).
    pub(super) fn write<'a>(&mut self, batch: impl Batch<'a>) -> Result<()> {
        let size = batch::checked_size(batch.clone())?;
        if size.frames == 0 {
            return self.check_open();
        }
        let _lock = self.lock_for_write()?;
        let Some(header) = self.header_for_append(size.frames) else {
            // A failed sync of the folder is not an error of this write, which promises only to
            // survive a kill. The next sync repeats it.
            return self.rewrite(batch).map(drop);
        };
        let sequence = self.sequence;
        let encode = |_, out: &mut _| batch::encode(batch.clone(), size, sequence, header.seed(), out);
        let apply = |offset, index: &mut Index| batch::apply(batch.clone(), offset, index);
        let appended = self.append(encode, apply, size.frames);
        self.buffer.clear();
        self.buffer.shrink_to(LOG_MAX_RETAINED_BUFFER_BYTES);
        appended
    }

    /// Makes all written records survive power loss. See [`LogStore::sync`](super::LogStore::sync).
    pub(super) fn sync(&mut self) -> Result<()> {
        if !self.unsynced {
            return self.check_open();
        }
        let _lock = self.lock_for_write()?;
        if let (true, Some(file)) = (self.keep_copy, self.file()) {
            file.sync_data().map_err(failed("sync the event log", &self.folder.log))?;
            self.unsynced = false;
            return Ok(());
        }
        if let (Some(header), Some(file)) = (self.header_for_append(1), self.file()) {
            match file.sync_data() {
                Ok(()) => {
                    self.sync_folder()?;
                    self.mark_synced(&*file, header);
                    self.unsynced = false;
                    return Ok(());
                }
                // After a failed sync the system can report unwritten pages as clean, so a second
                // sync of the same file proves nothing.
                Err(error) => {
                    report!(warn, "could not sync the event log, rewriting it: {error}");
                    self.header = None;
                }
            }
        }
        self.rewrite(iter::empty())?.require_durable(&self.folder)
    }

    /// Rewrites the file with only its live records. See
    /// [`LogStore::compact`](super::LogStore::compact).
    pub(super) fn compact(&mut self) -> Result<()> {
        if self.keep_copy || self.file().is_none() {
            return self.check_open();
        }
        let _lock = self.lock_for_write()?;
        self.rewrite(iter::empty())?.require_durable(&self.folder)
    }

    fn check_open(&self) -> Result<()> {
        if self.index.lock().closed { Err(Error::Closed) } else { Ok(()) }
    }

    /// Takes the lock between processes and checks that nobody else changed the file.
    fn lock_for_write(&mut self) -> Result<WriteLockGuard> {
        self.check_open()?;
        let guard = WriteLockGuard::acquire(&self.folder, &mut self.lock).map_err(|error| match error {
            // The folder was removed.
            Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => changed(&self.folder),
            error => error,
        })?;
        let file = self.file();
        check_unchanged(&self.folder, self.known_state, file.as_deref().zip(self.header))?;
        Ok(guard)
    }

    /// Whether somebody else changed, replaced or removed the file, as far as that can be seen now.
    pub(super) fn is_changed(&self) -> bool {
        let file = self.file();
        is_changed(&self.folder, self.known_state, file.as_deref().zip(self.header)).unwrap_or(false)
    }

    /// Syncs the folder once. The process that made the file can have been killed before it did.
    fn sync_folder(&mut self) -> Result<()> {
        if !self.folder_synced {
            let dir = &self.folder.dir;
            self.folder.disk.sync_dir(dir).map_err(failed("sync the folder of the event log", dir))?;
            self.folder_synced = true;
        }
        Ok(())
    }

    pub(super) fn file(&self) -> Option<Arc<dyn DiskFile>> {
        self.index.lock().file.clone()
    }

    fn rewrite<'a>(&mut self, batch: impl Batch<'a>) -> Result<RewriteOutcome> {
        let old = self.index.lock().snapshot();
        if let (true, Some(file), KnownState::File(stat)) = (self.keep_copy, &old.file, self.known_state) {
            keep_copy(&self.folder, &**file, stat.len)?;
        }
        let new = rewrite::replace(&self.folder, &old, batch)?;
        *self.index.lock() = new.index;
        (self.keep_copy, self.must_truncate, self.sequence) = (false, false, new.sequence);
        self.known_state = KnownState::File(new.stat);
        self.synced_len = new.synced_len;
        let dir_synced = self.folder.disk.sync_dir(&self.folder.dir);
        // Without a synced folder, power loss can restore the old file and drop all that was
        // appended to the new one. So the next sync rewrites the file again.
        self.unsynced = dir_synced.is_err();
        self.folder_synced = dir_synced.is_ok();
        self.header = dir_synced.is_ok().then_some(new.header);
        Ok(RewriteOutcome { dir_synced, damaged: new.damaged })
    }
}

/// The problems of a rewrite that did replace the file.
#[must_use]
struct RewriteOutcome {
    dir_synced: io::Result<()>,
    damaged: Option<Box<str>>,
}

impl RewriteOutcome {
    /// An error unless all records were good and survive power loss.
    fn require_durable(self, folder: &LogFolder) -> Result<()> {
        self.dir_synced.map_err(failed("sync the folder of the event log", &folder.dir))?;
        self.damaged.map_or(Ok(()), |key| Err(damaged_record(&key)))
    }
}
