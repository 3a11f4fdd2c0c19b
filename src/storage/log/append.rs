//! Appending to the log file, and recovery after a failed append.

use super::super::io_error::failed;
use super::disk::{DiskFile, write_full};
use super::header::Header;
use super::index::Index;
use super::known_state::KnownState;
use super::log_file::LogFile;
use super::mark::Mark;
use super::synced_len;
use crate::error::{Error, Result};
use crate::report::report;

impl LogFile {
    /// The header if `frames` more frames can be appended now; `None` if the file must be
    /// rewritten.
    ///
    /// If bytes lie behind the valid end, they are cut off and the file is synced first. Otherwise
    /// a later read could take them for frames that follow the appended ones.
    pub(super) fn header_for_append(&mut self, frames: usize) -> Option<Header> {
        let unused_sequences = u32::MAX - self.sequence;
        if u32::try_from(frames).map_or(true, |frames| frames >= unused_sequences) {
            self.header = None;
        }
        if self.must_truncate && self.header.is_some() {
            let (file, len) = (self.file()?, self.index.lock().len);
            match file.set_len(len).and_then(|()| file.sync_data()).and_then(|()| file.stat()) {
                Ok(stat) => (self.must_truncate, self.known_state) = (false, KnownState::File(stat)),
                Err(error) => {
                    report!(warn, "could not truncate the event log, rewriting it: {error}");
                    self.header = None;
                }
            }
        }
        self.header
    }

    /// Appends the bytes that `encode` produces in one write, then calls `apply` to change the
    /// index. Both get the offset at which the bytes stand. The bytes have `frames` frames.
    pub(super) fn append(
        &mut self,
        encode: impl FnOnce(u64, &mut Vec<u8>) -> Result<()>,
        apply: impl FnOnce(u64, &mut Index),
        frames: usize,
    ) -> Result<()> {
        let (file, at) = {
            let index = self.index.lock();
            (index.file.clone().ok_or(Error::Closed)?, index.len)
        };
        self.buffer.clear();
        encode(at, &mut self.buffer)?;
        let written = write_full(&*file, &self.buffer, at);
        let len = at + self.buffer.len() as u64;
        if let Err(error) = written {
            self.undo_failed_write(&*file, at);
            return Err(failed("write the event log", &self.folder.log)(error));
        }
        self.unsynced = true;
        self.sequence = self.sequence.saturating_add(u32::try_from(frames).unwrap_or(u32::MAX));
        if let KnownState::File(stat) = &mut self.known_state {
            stat.len = len;
        }
        let mut index = self.index.lock();
        index.len = len;
        apply(at, &mut index);
        Ok(())
    }

    /// Cuts off a partly written batch. The next write truncates again and syncs, in case this
    /// fails.
    fn undo_failed_write(&mut self, file: &dyn DiskFile, end: u64) {
        self.must_truncate = true;
        let truncated = file.set_len(end).and_then(|()| file.stat());
        self.known_state = match (truncated, self.known_state) {
            (Ok(stat), _) => KnownState::File(stat),
            (Err(_), KnownState::File(stat)) => KnownState::UnknownLength(stat.identity),
            (Err(_), known) => known,
        };
    }

    /// Appends a mark, and writes the synced length to the front of the file. Called after a sync.
    /// A failure is only logged: without the mark and the length, a later open treats synced
    /// records as possibly unsynced, which is safe.
    pub(super) fn mark_synced(&mut self, file: &dyn DiskFile, header: Header) {
        let (synced, sequence) = (self.index.lock().len, self.sequence);
        let encode = |offset, out: &mut _| Mark { offset, header }.write(out, sequence);
        let appended = self.append(encode, |_, _| (), 1);
        if let Err(error) = appended {
            report!(warn, "could not write a sync mark to the event log: {error}");
        }
        let copy = self.synced_len.next();
        let bytes = synced_len::to_bytes(synced, header);
        let written = write_full(file, &bytes, synced_len::offset(copy) as u64);
        self.synced_len.set(copy, written.is_ok().then_some(synced));
        if let Err(error) = written {
            report!(warn, "could not write the synced length to the event log: {error}");
        }
    }
}
