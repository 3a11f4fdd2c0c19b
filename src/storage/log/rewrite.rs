//! A whole new file: the first one, a compacted one, or one in place of a file that is not trusted any more.
//!
//! It is built under another name, synced, and only then given the log's name. So whoever sees it sees all of it, and
//! its mark is true although it was written before the sync.

use std::sync::Arc;

use super::batch::{self, Op};
use super::disk::{DiskFile, Stat, failed, present, write_full};
use super::frame::{Frame, Kind, frame_len};
use super::header::Header;
use super::index::{Change, Index, Slot, Snapshot, value_of};
use super::mark::Mark;
use super::place::Place;
use super::window::Window;
use crate::error::Result;

/// How much is gathered before it is written.
const PIECE: usize = 256 << 10;

/// A file that has the log's name now.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) header: Header,
    /// The index of the new file, which it also names.
    pub(super) index: Index,
    pub(super) stat: Stat,
    /// The sequence of the next frame.
    pub(super) sequence: u32,
    /// A key whose record turned out to be damaged. It was carried over as what it is: damaged.
    pub(super) damaged: Option<Box<str>>,
}

/// Writes what `old` holds, and then `batch`, to a new file, and gives it the log's name. The folder is not synced.
///
/// # Errors
/// Those of the system. The old file then is as it was.
pub(super) fn replace(place: &Place, old: &Snapshot, batch: &[Op<'_>]) -> Result<Fresh> {
    let answer = build(place, old, batch).and_then(|fresh| {
        place.disk.rename(&place.temporary, &place.log).map_err(failed("rename", &place.temporary))?;
        Ok(fresh)
    });
    if answer.is_err() {
        remove_stray(place);
    }
    answer
}

/// Removes a file that was never given the log's name. That it is there harms nobody.
fn remove_stray(place: &Place) {
    if let Err(error) = present(place.disk.remove(&place.temporary)) {
        ::log::debug!("could not remove an unfinished log: {error}");
    }
}

/// Removes what a crash left of an unfinished file, unless another process is at it right now.
pub(super) fn sweep(place: &Place) {
    let Ok(Some(_)) = present(place.disk.stat(&place.temporary)) else { return };
    if let Ok(lock) = place.disk.lock_file(&place.lock)
        && let Ok(true) = lock.try_lock()
    {
        remove_stray(place);
        _ = lock.unlock();
    }
}

fn build(place: &Place, old: &Snapshot, batch: &[Op<'_>]) -> Result<Fresh> {
    present(place.disk.remove(&place.temporary)).map_err(failed("remove", &place.temporary))?;
    let file = place.disk.create(&place.temporary).map_err(failed("create", &place.temporary))?;
    let mut out = Building::new(place, Arc::from(file), Header::draw()?);
    if let Some(meta) = &old.meta {
        out.frame(Kind::Meta, "", meta, true)?;
        out.index.apply(Change::<&str, _>::Meta(meta.clone()));
    }
    if let Some(file) = &old.file {
        out.carry_over(&**file, old)?;
    }
    for change in batch::encode(batch, out.sequence, out.seed, out.written, &mut out.buffer)? {
        out.index.apply(change);
        out.sequence = out.sequence.saturating_add(1);
    }
    out.finish()
}

/// A file that is being written.
struct Building<'p> {
    place: &'p Place,
    file: Arc<dyn DiskFile>,
    header: Header,
    seed: u32,
    /// What is not written yet, and how much is.
    buffer: Vec<u8>,
    written: u64,
    sequence: u32,
    index: Index,
    damaged: Option<Box<str>>,
}

impl<'p> Building<'p> {
    fn new(place: &'p Place, file: Arc<dyn DiskFile>, header: Header) -> Building<'p> {
        let (buffer, seed) = (header.to_bytes().to_vec(), header.seed());
        let index = Index::default();
        Building { place, file, header, seed, buffer, written: 0, sequence: 0, index, damaged: None }
    }

    fn end(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn frame(&mut self, kind: Kind, key: &str, value: &[u8], good: bool) -> Result<()> {
        let frame = Frame { kind, more: false, sequence: self.sequence, key, value };
        if good {
            frame.write(&mut self.buffer, self.seed)?;
        } else {
            frame.write_damaged(&mut self.buffer, self.seed)?;
        }
        self.sequence = self.sequence.saturating_add(1);
        if self.buffer.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        write_full(&*self.file, &self.buffer, self.written)
            .map_err(failed("write", &self.place.temporary))?;
        self.written = self.end();
        self.buffer.clear();
        Ok(())
    }

    fn carry_over(&mut self, file: &dyn DiskFile, old: &Snapshot) -> Result<()> {
        let mut window = Window::new(file, old.len);
        for (key, slot) in &old.slots {
            let len = frame_len(key.len(), slot.value_len);
            let bytes = window.at(slot.offset, len).map_err(failed("read", &self.place.log))?;
            let (offset, mut value_len) = (self.end(), slot.value_len);
            match value_of(bytes, old.seed, key, *slot) {
                Some(value) => self.frame(Kind::Put, key, value, true)?,
                None => {
                    // One byte at least: an empty value has no checksum that could be wrong.
                    value_len = value_len.max(1);
                    self.frame(Kind::Put, key, &vec![0; value_len], false)?;
                    self.damaged.get_or_insert_with(|| key.clone());
                }
            }
            self.index.apply(Change::<_, &[u8]>::Put(key.clone(), Slot { offset, value_len }));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Fresh> {
        let mark = Mark { safe: self.end(), header: self.header };
        mark.write(&mut self.buffer, self.sequence)?;
        self.flush()?;
        self.file.sync_data().map_err(failed("sync", &self.place.temporary))?;
        let stat = self.file.stat().map_err(failed("look at", &self.place.temporary))?;
        self.index.len = self.written;
        self.index.seed = self.seed;
        self.index.file = Some(self.file);
        Ok(Fresh {
            header: self.header,
            index: self.index,
            stat,
            sequence: self.sequence.saturating_add(1),
            damaged: self.damaged,
        })
    }
}
