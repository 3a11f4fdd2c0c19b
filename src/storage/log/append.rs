//! Adding to the end of the file, and what to do where that fails.

use super::disk::{DiskFile, failed, write_full};
use super::header::Header;
use super::index::Change;
use super::mark::Mark;
use super::process::Seen;
use super::writer::Writer;
use crate::error::{Error, Result};

/// A buffer that grew beyond this is given back.
const KEEP_BUFFER: usize = 16 << 10;

impl Writer {
    /// Whether `frames` more can be appended now. What does not belong behind the end is cut off first, and that is
    /// synced: else it could come back from under what is appended.
    pub(super) fn appendable(&mut self, frames: usize) -> Option<Header> {
        let room = u32::MAX - self.sequence;
        if u32::try_from(frames).map_or(true, |frames| frames >= room) {
            self.header = None;
        }
        if self.trim && self.header.is_some() {
            let (file, len) = (self.file()?, self.index.lock().len);
            match file.set_len(len).and_then(|()| file.sync_data()).and_then(|()| file.stat()) {
                Ok(stat) => (self.trim, self.seen) = (false, Seen::File(stat)),
                Err(error) => {
                    ::log::warn!("could not trim the event log, writing it anew: {error}");
                    self.header = None;
                }
            }
        }
        self.header
    }

    /// Appends what `encode` gives for the end of the file, in one write.
    pub(super) fn append<'b>(
        &mut self,
        encode: impl FnOnce(u64, &mut Vec<u8>) -> Result<Vec<Change<&'b str, &'b [u8]>>>,
        frames: usize,
    ) -> Result<()> {
        let Some(file) = self.file() else {
            return Err(Error::Closed);
        };
        let at = self.index.lock().len;
        self.buffer.clear();
        let changes = encode(at, &mut self.buffer)?;
        let written = write_full(&*file, &self.buffer, at);
        let len = at + self.buffer.len() as u64;
        self.buffer.clear();
        self.buffer.shrink_to(KEEP_BUFFER);
        if let Err(error) = written {
            self.write_failed(&*file, at);
            return Err(failed("write", &self.place.log)(error));
        }
        self.unsynced = true;
        self.sequence = self.sequence.saturating_add(u32::try_from(frames).unwrap_or(u32::MAX));
        if let Seen::File(stat) = &mut self.seen {
            stat.len = len;
        }
        let mut index = self.index.lock();
        index.len = len;
        changes.into_iter().for_each(|change| index.apply(change));
        Ok(())
    }

    /// Leaves no half of a batch behind, as far as the system lets us; the next write sees to it for good.
    fn write_failed(&mut self, file: &dyn DiskFile, end: u64) {
        self.trim = true;
        let cut = file.set_len(end).and_then(|()| file.stat());
        self.seen = match (cut, self.seen) {
            (Ok(stat), _) => Seen::File(stat),
            (Err(_), Seen::File(stat)) => Seen::SomeOf(stat.identity),
            (Err(_), seen) => seen,
        };
    }

    /// Says in the file how much of it is safe. Without it a later reader knows less, but nothing wrong.
    pub(super) fn mark(&mut self, header: Header) {
        let sequence = self.sequence;
        let marked =
            self.append(|safe, out| Mark { safe, header }.write(out, sequence).map(|()| Vec::new()), 1);
        if let Err(error) = marked {
            ::log::warn!("could not note in the event log that it is synced: {error}");
        }
    }
}
