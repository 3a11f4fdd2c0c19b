//! The interface of the log.

use std::sync::Arc;

use parking_lot::Mutex;

use super::super::io_error::failed;
use super::batch::Batch;
use super::claim::FolderClaim;
use super::copy_removal;
use super::disk::read_full;
use super::folder::LogFolder;
use super::frame::frame_len;
use super::index::{Index, checked_value, damaged_record};
use super::log_file::LogFile;
use crate::bounds::LOG_MIN_COMPACTION_BYTES;
use crate::error::{Error, Result};

/// The log in one folder. Reads never wait for a write or a sync.
#[derive(Debug)]
pub(crate) struct LogStore {
    pub(super) folder: Arc<LogFolder>,
    pub(super) index: Arc<Mutex<Index>>,
    pub(super) log_file: Mutex<LogFile>,
    pub(super) claim: Mutex<Option<FolderClaim>>,
}

impl LogStore {
    /// Whether there is a record of `key`.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.index.lock().slots.contains_key(key)
    }

    /// All keys, in any order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.index.lock().slots.keys().map(|key| key.to_string()).collect()
    }

    /// Reads the value of `key` from the file and checks it; `None` only if there is no record of
    /// it.
    ///
    /// # Errors
    /// [`Error::Closed`] after a close, [`Error::Corrupt`] if the record was damaged since the
    /// opening, [`Error::Unavailable`] and [`Error::Io`] if it cannot be read.
    pub(crate) fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let (file, slot, seed) = {
            let index = self.index.lock();
            if index.closed {
                return Err(Error::Closed);
            }
            match (&index.file, index.slots.get(key)) {
                (Some(file), Some(slot)) => (Arc::clone(file), *slot, index.seed),
                _ => return Ok(None),
            }
        };
        let mut bytes = vec![0; frame_len(key.len(), slot.value_len)];
        match read_full(&*file, &mut bytes, slot.offset)
            .map_err(failed("read the event log", &self.folder.log))
        {
            Ok(got) => bytes.truncate(got),
            Err(Error::Unavailable { what, .. }) => {
                return Err(Error::Unavailable { what, event: Some(key.into()) });
            }
            Err(error) => return Err(error),
        }
        let value = checked_value(&bytes, seed, key, slot).ok_or_else(|| damaged_record(key))?;
        Ok(Some(value.to_vec()))
    }

    /// The metadata as last written; `None` if there is none.
    pub(crate) fn meta(&self) -> Option<Vec<u8>> {
        self.index.lock().meta.clone()
    }

    /// Writes a batch atomically.
    ///
    /// After the return the batch survives a kill of the process; after the next
    /// [`sync`](LogStore::sync) it also survives power loss. The first write after damage or a
    /// failed sync writes and syncs a whole new file.
    ///
    /// # Errors
    /// The store is then unchanged.
    /// - [`Error::Storage`] for a key longer than
    ///   [`MAX_KEY_BYTES`](crate::bounds::MAX_KEY_BYTES) or a value longer than
    ///   [`LOG_MAX_VALUE_BYTES`](crate::bounds::LOG_MAX_VALUE_BYTES).
    /// - [`Error::Unavailable`] if another process is writing, or if anybody changed, replaced or
    ///   removed the file.
    /// - [`Error::Io`] for other failures of the system.
    pub(crate) fn write<'a>(&self, batch: impl Batch<'a>) -> Result<()> {
        self.log_file.lock().write(batch)
    }

    /// Makes all written batches survive power loss. Does nothing if they already do.
    ///
    /// # Errors
    /// As for [`write`](LogStore::write); the written batches are kept, and the next sync rewrites
    /// the file. [`Error::Corrupt`] if the sync rewrote the file and found a damaged record; all
    /// other records are then synced.
    pub(crate) fn sync(&self) -> Result<()> {
        self.log_file.lock().sync()
    }

    /// Rewrites the file without replaced and deleted records, and syncs it. Does nothing if
    /// opening reported damage and no batch was written since: the rewrite would hide the damage.
    ///
    /// # Errors
    /// As for [`sync`](LogStore::sync). If the new file cannot be written, the old one stays.
    pub(crate) fn compact(&self) -> Result<()> {
        self.log_file.lock().compact()
    }

    /// Whether the file still holds the names and the records of keys that were removed. A rewrite
    /// removes them. This is read from the file, so it also answers right after an opening.
    pub(crate) fn holds_removed(&self) -> bool {
        self.index.lock().holds_removed
    }

    /// Removes all copies of damaged files.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Io`] if a copy cannot be removed.
    pub(crate) fn remove_copies(&self) -> Result<()> {
        copy_removal::remove_all(&self.folder)
    }

    /// Whether somebody else changed, replaced or removed the file, as far as that can be seen now.
    pub(crate) fn is_changed(&self) -> bool {
        self.log_file.lock().is_changed()
    }

    /// Closes the file, so that the folder can be opened again. Syncs nothing. Later calls that
    /// need the file return [`Error::Closed`]; [`keys`](LogStore::keys) and
    /// [`meta`](LogStore::meta) still answer.
    pub(crate) fn close(&self) {
        // Waits for a running write, so that a second store cannot open the file during it.
        let mut log_file = self.log_file.lock();
        log_file.lock = None;
        let mut index = self.index.lock();
        index.closed = true;
        index.file = None;
        drop(self.claim.lock().take());
    }

    /// Whether the file has at least [`LOG_MIN_COMPACTION_BYTES`], and more than half of its
    /// records are replaced or deleted.
    pub(crate) fn wants_compaction(&self) -> bool {
        let index = self.index.lock();
        index.len >= LOG_MIN_COMPACTION_BYTES && index.garbage() > index.live()
    }

    /// The length of the log in bytes.
    #[cfg(test)]
    pub(crate) fn file_len(&self) -> u64 {
        self.index.lock().len
    }
}
