//! Writes a whole new log file: that of a new store, a compacted one, or the replacement of a file
//! to which nothing may be appended.
//!
//! The file is written under a temporary name, synced, and then renamed to the log's name. So a
//! reader never sees a part of it, and its mark is valid although it is written before the sync.

use std::sync::Arc;

use super::super::io_error::{failed, present};
use super::batch::{self, Batch};
use super::disk::{DiskFile, Stat, write_full};
use super::folder::LogFolder;
use super::frame::{Frame, FrameKind, frame_len};
use super::header::Header;
use super::index::{Change, Index, Slot, Snapshot, checked_value};
use super::mark::Mark;
use super::read_buffer::ReadBuffer;
use super::synced_len::{self, FIRST_FRAME, SyncedLen};
use crate::error::Result;
use crate::report::report;

/// Frames are collected up to this size before they are written.
const WRITE_CHUNK_BYTES: usize = 256 << 10;

/// The result of a rewrite.
#[derive(Debug)]
pub(super) struct NewFile {
    pub(super) header: Header,
    pub(super) synced_len: SyncedLen,
    /// The index of the new file, which contains its handle.
    pub(super) index: Index,
    pub(super) stat: Stat,
    /// The sequence number of the next frame.
    pub(super) sequence: u32,
    /// The first key whose record was found damaged. Its record in the new file is marked as
    /// damaged.
    pub(super) damaged: Option<Box<str>>,
}

/// Writes the records of `old` and then `batch` to a new file, and renames it to the log's name.
/// The folder is not synced.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable) and [`Error::Io`](crate::Error::Io) if a file
/// system call fails. The old file is then unchanged.
pub(super) fn replace<'a>(folder: &LogFolder, old: &Snapshot, batch: impl Batch<'a>) -> Result<NewFile> {
    let result = build(folder, old, batch).and_then(|new_file| {
        folder
            .disk
            .rename(&folder.temporary, &folder.log)
            .map_err(failed("rename the new event log", &folder.temporary))?;
        Ok(new_file)
    });
    if result.is_err() {
        remove_temporary(folder);
    }
    result
}

/// Removes an unfinished file. A failure is harmless: the file is ignored.
fn remove_temporary(folder: &LogFolder) {
    if let Err(error) = present(folder.disk.remove(&folder.temporary)) {
        report!(debug, "could not remove an unfinished log: {error}");
    }
}

/// Removes an unfinished file that a crash left, unless another process is writing.
pub(super) fn remove_stale_temporary(folder: &LogFolder) {
    let Ok(Some(_)) = present(folder.disk.stat(&folder.temporary)) else { return };
    if let Ok(lock) = folder.disk.lock_file(&folder.lock)
        && let Ok(true) = lock.try_lock()
    {
        remove_temporary(folder);
        _ = lock.unlock();
    }
}

fn build<'a>(folder: &LogFolder, old: &Snapshot, batch: impl Batch<'a>) -> Result<NewFile> {
    present(folder.disk.remove(&folder.temporary))
        .map_err(failed("remove an unfinished event log", &folder.temporary))?;
    let file =
        folder.disk.create(&folder.temporary).map_err(failed("create a new event log", &folder.temporary))?;
    let mut out = FileBuilder::new(folder, Arc::from(file), Header::random()?);
    if let Some(meta) = &old.meta {
        out.frame(FrameKind::Meta, "", meta, true)?;
        out.index.apply(Change::<&str, _>::Meta(meta));
    }
    if let Some(file) = &old.file {
        out.carry_over(&**file, old)?;
    }
    let (size, offset) = (batch::checked_size(batch.clone())?, out.end());
    batch::encode(batch.clone(), size, out.sequence, out.seed, &mut out.buffer)?;
    batch::apply(batch, offset, &mut out.index);
    out.sequence = out.sequence.saturating_add(u32::try_from(size.frames).unwrap_or(u32::MAX));
    out.finish()
}

/// A new file during its construction.
struct FileBuilder<'p> {
    folder: &'p LogFolder,
    file: Arc<dyn DiskFile>,
    header: Header,
    seed: u32,
    /// Bytes that are not written yet.
    buffer: Vec<u8>,
    /// How many bytes are written.
    written: u64,
    sequence: u32,
    index: Index,
    damaged: Option<Box<str>>,
}

impl<'p> FileBuilder<'p> {
    fn new(folder: &'p LogFolder, file: Arc<dyn DiskFile>, header: Header) -> FileBuilder<'p> {
        let (mut buffer, seed) = (header.to_bytes().to_vec(), header.seed());
        // The synced length is written when it is known.
        buffer.resize(FIRST_FRAME, 0);
        let index = Index::default();
        FileBuilder { folder, file, header, seed, buffer, written: 0, sequence: 0, index, damaged: None }
    }

    fn end(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn frame(&mut self, kind: FrameKind, key: &str, value: &[u8], good: bool) -> Result<()> {
        let frame = Frame { kind, more: false, sequence: self.sequence, key, value };
        if good {
            frame.write(&mut self.buffer, self.seed)?;
        } else {
            frame.write_damaged(&mut self.buffer, self.seed)?;
        }
        self.sequence = self.sequence.saturating_add(1);
        if self.buffer.len() >= WRITE_CHUNK_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        write_full(&*self.file, &self.buffer, self.written)
            .map_err(failed("write a new event log", &self.folder.temporary))?;
        self.written = self.end();
        self.buffer.clear();
        Ok(())
    }

    /// Copies all records of the old file.
    fn carry_over(&mut self, file: &dyn DiskFile, old: &Snapshot) -> Result<()> {
        let mut input = ReadBuffer::new(file, old.len);
        for (key, slot) in &old.slots {
            let len = frame_len(key.len(), slot.value_len);
            let bytes = input.at(slot.offset, len).map_err(failed("read the event log", &self.folder.log))?;
            let (offset, mut value_len) = (self.end(), slot.value_len);
            match checked_value(bytes, old.seed, key, *slot) {
                Some(value) => self.frame(FrameKind::Put, key, value, true)?,
                None => {
                    // At least one byte, because an empty value has no checksum that could mark it.
                    value_len = value_len.max(1);
                    self.frame(FrameKind::Put, key, &vec![0; value_len], false)?;
                    self.damaged.get_or_insert_with(|| key.clone());
                }
            }
            self.index.apply(Change::<_, &[u8]>::Put(key.clone(), Slot { offset, value_len }));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<NewFile> {
        let mark = Mark { offset: self.end(), header: self.header };
        mark.write(&mut self.buffer, self.sequence)?;
        self.flush()?;
        let mut synced_len = SyncedLen::default();
        let failed_write = || failed("write a new event log", &self.folder.temporary);
        for copy in [0, 1] {
            let bytes = synced_len::to_bytes(self.written, self.header);
            write_full(&*self.file, &bytes, synced_len::offset(copy) as u64).map_err(failed_write())?;
            synced_len.set(copy, Some(self.written));
        }
        self.file.sync_data().map_err(failed("sync a new event log", &self.folder.temporary))?;
        let stat = self.file.stat().map_err(failed("inspect a new event log", &self.folder.temporary))?;
        self.index.len = self.written;
        self.index.seed = self.seed;
        self.index.file = Some(self.file);
        Ok(NewFile {
            header: self.header,
            synced_len,
            index: self.index,
            stat,
            sequence: self.sequence.saturating_add(1),
            damaged: self.damaged,
        })
    }
}
