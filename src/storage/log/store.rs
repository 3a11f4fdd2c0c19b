//! The log as the rest of the library sees it.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::aside;
use super::batch::Op;
use super::claim::Claim;
use super::disk::{Disk, failed, present, read_full};
use super::frame::frame_len;
use super::fresh;
use super::index::{Index, value_of};
use super::losses::OpenReport;
use super::os::OsDisk;
use super::place::Place;
use super::process::Seen;
use super::recover::{Recovered, recover};
use super::writer::Writer;
use crate::error::{Error, Result};

/// Below this a file is left as it is, however little of it is live.
const WORTH_COMPACTING: u64 = 64 << 10;

/// The log of one folder. Reading never waits for a write or a sync.
#[derive(Debug)]
pub(crate) struct LogStore {
    place: Arc<Place>,
    index: Arc<Mutex<Index>>,
    writer: Mutex<Writer>,
    claim: Mutex<Option<Claim>>,
}

impl LogStore {
    /// Opens the log in `dir`; an absent folder or file is an empty store. Nothing is written but, where the file is
    /// damaged or not ours, a copy of it. The first write makes the folder and the file, or replaces the damaged one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the file cannot be read now or another store of this process has the folder,
    /// [`Error::Incompatible`] if a newer version wrote it, [`Error::Io`] for other failures of the system.
    pub(crate) fn open(dir: &Path) -> Result<(LogStore, OpenReport)> {
        LogStore::open_on(Arc::new(OsDisk), dir)
    }

    /// Opens the log on a disk of the caller's.
    pub(super) fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<(LogStore, OpenReport)> {
        let dir = disk.canonical(dir);
        let claim = Claim::take(dir.clone())?;
        let place = Arc::new(Place::new(disk, &dir));
        fresh::sweep(&place);
        let (recovered, seen) =
            match present(place.disk.open(&place.log)).map_err(failed("open", &place.log))? {
                None => (Recovered::default(), Seen::Nothing),
                Some(file) => {
                    let stat = file.stat().map_err(failed("look at", &place.log))?;
                    let mut recovered = recover(&place, &*file, stat.len)?;
                    recovered.replay.index.file = Some(Arc::from(file));
                    (recovered, Seen::File(stat))
                }
            };
        let Recovered { replay, header, keep } = recovered;
        let mut report = replay.losses.report();
        if let (true, Some(file), Seen::File(stat)) = (keep, &replay.index.file, seen) {
            match aside::keep(&place, &**file, stat.len) {
                Ok(path) => report.kept_aside.push(path),
                // The first write tries again, and does not replace the file before there is a copy.
                Err(error) => ::log::warn!("could not keep a copy of a damaged event log yet: {error}"),
            }
        }
        let trim = matches!(seen, Seen::File(stat) if stat.len != replay.index.len);
        let unsynced = header.is_some() && !replay.settled;
        let index = Arc::new(Mutex::new(replay.index));
        let writer = Writer {
            place: Arc::clone(&place),
            index: Arc::clone(&index),
            lock: None,
            seen,
            header,
            keep,
            trim,
            unsynced,
            sequence: replay.sequence,
            buffer: Vec::new(),
        };
        Ok((LogStore { place, index, writer: Mutex::new(writer), claim: Mutex::new(Some(claim)) }, report))
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
        let _writer = self.writer.lock();
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
    pub(crate) fn file_len(&self) -> u64 {
        self.index.lock().len
    }
}
