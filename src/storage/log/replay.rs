//! Reads a file from its beginning, and separates damage from an unfinished write.
//!
//! The front of the file and the marks show up to which length the file was synced. Below that
//! length every readable record counts and every unreadable one is a loss. Above it only complete
//! batches count, up to the first invalid byte: so the result is a prefix of what was written.

use std::io;

use super::index::{Change, Index};
use super::losses::Losses;
use super::salvage::Salvage;
use super::scan::{Found, Scan};

/// The content of a file.
#[derive(Debug, Default)]
pub(super) struct Replay {
    pub(super) index: Index,
    pub(super) losses: Losses,
    /// The sequence number of the next frame.
    pub(super) sequence: u32,
    /// Whether the synced part is not as it was written.
    pub(super) damaged: bool,
    /// Whether the file ends with a mark.
    pub(super) all_synced: bool,
    /// The changes of an incomplete batch.
    pending: Vec<Change>,
    /// The file offset and the sequence number after the last complete batch.
    batch_end: (u64, u32),
}

/// Reads the whole file from offset `start` on. `stated_len` is the synced length that the front of
/// the file states.
///
/// # Errors
/// A failed read. Invalid bytes are not an error.
pub(super) fn replay(scan: &mut Scan<'_>, start: u64, stated_len: u64) -> io::Result<Replay> {
    let mut replay = Replay { batch_end: (start, 0), ..Replay::default() };
    replay.index.seed = scan.seed();
    let mut at = start;
    loop {
        at = replay.read_batches(scan, at)?;
        // This search takes a pass over the rest of the file, so it is made only here.
        let synced_len = stated_len.max(if at < scan.len() { scan.marked_len(at)? } else { 0 });
        if synced_len <= replay.batch_end.0 {
            break;
        }
        at = replay.salvage(scan, at, synced_len)?;
        if synced_len > scan.len() {
            // The end of the file is missing.
            replay.losses.unknown = true;
            break;
        }
    }
    (replay.index.len, replay.sequence) = replay.batch_end;
    Ok(replay)
}

impl Replay {
    /// Reads complete batches from `at` on. Returns the offset of the first invalid byte, or the
    /// end of the file.
    fn read_batches(&mut self, scan: &mut Scan<'_>, mut at: u64) -> io::Result<u64> {
        loop {
            at = match scan.at(at)? {
                Found::Record { head, change, next } if head.sequence == self.sequence => {
                    self.sequence = self.sequence.saturating_add(1);
                    self.all_synced = false;
                    self.pending.push(change);
                    if !head.more {
                        self.finish_batch();
                        self.batch_end = (next, self.sequence);
                    }
                    next
                }
                Found::Mark { head, is_in_place: true, next }
                    if head.sequence == self.sequence && self.pending.is_empty() =>
                {
                    self.sequence = self.sequence.saturating_add(1);
                    self.all_synced = true;
                    self.batch_end = (next, self.sequence);
                    next
                }
                _ => return Ok(at),
            }
        }
    }

    fn finish_batch(&mut self) {
        for change in self.pending.drain(..) {
            self.losses.remove_replaced(&change);
            self.index.apply(change);
        }
    }

    /// Reads the damaged part of the file: from `at` up to `end`, which was synced. Returns the
    /// offset at which to continue.
    fn salvage(&mut self, scan: &mut Scan<'_>, mut at: u64, end: u64) -> io::Result<u64> {
        (self.damaged, self.all_synced) = (true, false);
        // The frames before the damage are whole, and synced like the rest of their batch.
        self.finish_batch();
        let mut salvage = Salvage::new(&mut self.index, &mut self.losses, self.sequence);
        while at < end
            && let Some(next) = salvage.add(scan.at(at)?)
        {
            at = next;
        }
        self.sequence = salvage.sequence();
        self.batch_end = (at, self.sequence);
        Ok(at)
    }
}
