//! The log as the rest of the library sees it.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::batch::Op;
use super::claim::Claim;
use super::disk::{failed, read_full};
use super::frame::frame_len;
use super::index::{Index, value_of};
use super::losses::OpenReport;
use super::open::open_on;
use super::os::OsDisk;
use super::place::Place;
use super::writer::Writer;
use crate::error::{Error, Result};

/// Below this a file is left as it is, however little of it is live.
const WORTH_COMPACTING: u64 = 64 << 10;

/// The log of one folder. Reading never waits for a write or a sync.
#[derive(Debug)]
pub(crate) struct LogStore {
    pub(super) place: Arc<Place>,
    pub(super) index: Arc<Mutex<Index>>,
    pub(super) writer: Mutex<Writer>,
    pub(super) claim: Mutex<Option<Claim>>,
}

impl LogStore {
    /// Opens the log in `dir`; an absent folder or file is an empty store. Nothing is written but, where the file is
    /// damaged or not ours, a copy of it. The first write makes the folder and the file, or replaces the damaged one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the file cannot be read now or another store of this process has the folder,
    /// [`Error::Incompatible`] if a newer version wrote it, [`Error::Io`] for other failures of the system.
    pub(crate) fn open(dir: &Path) -> Result<(LogStore, OpenReport)> {
        open_on(Arc::new(OsDisk), dir)
    }

    /// Whether there is a record of `key`.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.index.lock().slots.contains_key(key)
    }

    /// All keys, in no order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.index.lock().slots.keys().map(|key| key.to_string()).collect()
    }

    /// The value of `key`, read and checked now; `None` only if there is no record of it.
    ///
    /// # Errors
    /// [`Error::Closed`] after a close, [`Error::Corrupt`] if the record is no longer what was written, [`Error::Unavailable`] and [`Error::Io`] if it
    /// cannot be read.
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
        match read_full(&*file, &mut bytes, slot.offset).map_err(failed("read", &self.place.log)) {
            Ok(got) => bytes.truncate(got),
            Err(Error::Unavailable { what, .. }) => {
                return Err(Error::Unavailable { what, event: Some(key.into()) });
            }
            Err(error) => return Err(error),
        }
        match value_of(&bytes, seed, key, slot) {
            Some(value) => Ok(Some(value.to_vec())),
            None => Err(Error::Corrupt {
                what: "a record of the event log no longer has the checksum it was written with".into(),
                event: Some(key.into()),
            }),
        }
    }

    /// The store's own metadata, as last written.
    pub(crate) fn meta(&self) -> Option<Vec<u8>> {
        self.index.lock().meta.as_ref().map(|meta| meta.to_vec())
    }

    /// Writes a batch, all or nothing. When it returns, the batch survives the end of the process, and power loss after
    /// the next [`sync`](LogStore::sync). The first write of a new store, and the first after damage or a failed sync, writes
    /// and syncs a whole new file.
    ///
    /// # Errors
    /// [`Error::Storage`] for a key above 1,024 bytes or a value above 16 MiB; [`Error::Unavailable`] if another process is
    /// writing or has written; [`Error::Io`] where the system refuses. The store then is as it was before.
    pub(crate) fn write(&self, batch: &[Op<'_>]) -> Result<()> {
        self.writer.lock().write(batch)
    }

    /// Makes all that was written survive power loss. Does nothing where that is so already.
    ///
    /// # Errors
    /// As for [`write`](LogStore::write). What was written is kept, and the next sync tries again with a new file.
    /// [`Error::Corrupt`] if a record was found damaged while all was written anew; the others are safe then.
    pub(crate) fn sync(&self) -> Result<()> {
        self.writer.lock().sync()
    }

    /// Writes a new file without what was replaced or deleted, and syncs it. Does nothing while damage that was
    /// reported at opening has not been answered by a write.
    ///
    /// # Errors
    /// As for [`sync`](LogStore::sync). The old file stays where the new one fails.
    pub(crate) fn compact(&self) -> Result<()> {
        self.writer.lock().compact()
    }

    /// Gives the folder back, so that it can be opened again. Nothing is synced. What is known of the keys stays known;
    /// every later call that would need the file is [`Error::Closed`].
    pub(crate) fn close(&self) {
        // After a write that is going on, so that no second store sees half of it.
        let mut writer = self.writer.lock();
        writer.lock = None;
        let mut index = self.index.lock();
        index.closed = true;
        index.file = None;
        drop(self.claim.lock().take());
    }

    /// Whether more than half of the file is garbage, and the file large enough to care.
    pub(crate) fn wants_compaction(&self) -> bool {
        let index = self.index.lock();
        index.len >= WORTH_COMPACTING && index.garbage() > index.live()
    }

    /// The length of the log in bytes.
    #[cfg(test)]
    pub(crate) fn file_len(&self) -> u64 {
        self.index.lock().len
    }
}
