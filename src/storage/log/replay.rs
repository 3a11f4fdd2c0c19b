//! Reads a file from its beginning, and separates damage from an unfinished write.
//!
//! The marks state up to which length the file was synced. Below that length every readable record
//! counts and every unreadable one is a loss. Above it only complete batches count, up to the first
//! invalid byte: so the result is a prefix of what was written.

use std::io;

use super::frame::Head;
use super::header;
use super::index::{Change, Index};
use super::losses::Losses;
use super::scan::{Found, Scan};

/// The content of a file.
#[derive(Debug, Default)]
pub(super) struct Replay {
    pub(super) index: Index,
    pub(super) losses: Losses,
    /// The sequence number of the next frame.
    pub(super) sequence: u32,
    /// Whether a frame in the synced part cannot be read.
    pub(super) damaged: bool,
    /// Whether the file ends with a mark that covers everything before it.
    pub(super) all_synced: bool,
    /// The largest length that a mark states as synced. Unknown until the first invalid position,
    /// because finding it takes a pass over the rest of the file.
    synced_len: Option<u64>,
    /// The changes of an incomplete batch.
    pending: Vec<Change>,
    /// The file offset and the sequence number after the last complete batch.
    batch_end: (u64, u32),
}

/// Reads the whole file.
///
/// # Errors
/// A failed read. Invalid bytes are not an error.
pub(super) fn replay(scan: &mut Scan<'_>) -> io::Result<Replay> {
    let mut replay = Replay::default();
    let mut at = header::LEN as u64;
    replay.index.seed = scan.header().seed();
    replay.batch_end.0 = at;
    loop {
        let found = scan.at(at)?;
        let in_synced = replay.synced_len.is_some_and(|synced_len| at < synced_len);
        let next = match found {
            Found::Record { head, change, next } if replay.accepts(&head, in_synced) => {
                replay.record(&head, change, in_synced, next);
                next
            }
            Found::Mark { head, mark, next }
                if replay.pending.is_empty() && replay.accepts(&head, in_synced) =>
            {
                replay.accept_sequence(&head, in_synced);
                replay.all_synced = mark.synced_len == at;
                replay.batch_end = (next, replay.sequence);
                next
            }
            Found::End => break,
            invalid => {
                if replay.synced_len.is_none() {
                    replay.synced_len = Some(scan.synced_len(at)?);
                    replay.finish_synced_batch(at);
                    continue;
                }
                if !in_synced {
                    break;
                }
                replay.damage(invalid)
            }
        };
        at = next;
    }
    (replay.index.len, replay.sequence) = replay.batch_end;
    Ok(replay)
}

impl Replay {
    /// Whether the sequence number of the frame is acceptable. In the synced part frames may be
    /// missing because of damage, but none may occur twice.
    fn accepts(&self, head: &Head, in_synced: bool) -> bool {
        if in_synced { head.sequence >= self.sequence } else { head.sequence == self.sequence }
    }

    /// Updates the sequence number after a valid frame.
    fn accept_sequence(&mut self, head: &Head, in_synced: bool) {
        if in_synced && head.sequence > self.sequence {
            self.damaged = true;
            self.losses.unknown = true;
        }
        self.sequence = head.sequence.saturating_add(1);
    }

    fn record(&mut self, head: &Head, change: Change, in_synced: bool, next: u64) {
        self.accept_sequence(head, in_synced);
        self.all_synced = false;
        self.pending.push(change);
        if in_synced || !head.more {
            self.finish_batch();
            self.batch_end = (next, self.sequence);
        }
    }

    /// Applies the readable frames of a batch whose next frame, at `at`, is damaged in the synced
    /// part.
    fn finish_synced_batch(&mut self, at: u64) {
        if self.synced_len.is_some_and(|synced_len| at < synced_len) {
            self.finish_batch();
            self.batch_end = (at, self.sequence);
        }
    }

    /// Records damage in the synced part. Returns the offset at which to continue.
    fn damage(&mut self, found: Found) -> u64 {
        self.damaged = true;
        self.all_synced = false;
        let next = match found {
            Found::DamagedValue { head, key, next } if head.sequence >= self.sequence => {
                self.losses.unknown |= head.sequence > self.sequence;
                self.losses.add_damaged(&head, key);
                self.sequence = head.sequence.saturating_add(1);
                next
            }
            Found::DamagedValue { next, .. }
            | Found::NoFrame { next }
            | Found::Record { next, .. }
            | Found::Mark { next, .. } => {
                self.losses.unknown = true;
                next
            }
            // Not passed to this function: the end of the file is not damage.
            Found::End => u64::MAX,
        };
        self.batch_end = (next, self.sequence);
        next
    }

    fn finish_batch(&mut self) {
        for change in self.pending.drain(..) {
            self.losses.remove_replaced(&change);
            self.index.apply(change);
        }
    }
}
