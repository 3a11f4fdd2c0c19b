//! Goes through a file from its beginning and tells a torn tail from damage.
//!
//! Below the largest mark everything was synced once: what is not readable there is lost, and what is readable counts.
//! Above it only whole batches count, up to the first byte that is wrong: so what survives is a prefix of what was written.

use std::io;

use super::frame::Head;
use super::header;
use super::index::{Change, Index};
use super::losses::Losses;
use super::scan::{Found, Scan};

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Replay {
    pub(super) index: Index,
    pub(super) losses: Losses,
    /// The sequence of the next frame.
    pub(super) sequence: u32,
    /// Whether a frame below the largest mark cannot be read.
    pub(super) damaged: bool,
    /// Whether the last thing in the file is the mark of all before it.
    pub(super) settled: bool,
    safe: Option<u64>,
    pending: Vec<Change>,
    batch: (u64, u32),
}

/// Reads the whole file.
///
/// # Errors
/// Those of the system. Bytes are never an error.
pub(super) fn replay(scan: &mut Scan<'_>) -> io::Result<Replay> {
    let mut replay = Replay::default();
    let mut at = header::LEN as u64;
    replay.index.seed = scan.header().seed();
    replay.batch.0 = at;
    loop {
        let found = scan.at(at)?;
        let below = replay.safe.is_some_and(|safe| at < safe);
        let next = match found {
            Found::Record { head, change, next } if replay.follows(&head, below) => {
                replay.record(&head, change, below, next);
                next
            }
            Found::Mark { head, mark, next } if replay.pending.is_empty() && replay.follows(&head, below) => {
                replay.good(&head, below);
                replay.settled = mark.safe == at;
                replay.batch = (next, replay.sequence);
                next
            }
            Found::End => break,
            wrong => {
                if replay.safe.is_none() {
                    // Only now does it matter how far the marks reach. Below that, other rules hold for this place too.
                    replay.safe = Some(scan.safe_len(at)?);
                    replay.finish_batch_below(at);
                    continue;
                }
                if !below {
                    break;
                }
                replay.damage(wrong)
            }
        };
        at = next;
    }
    (replay.index.len, replay.sequence) = replay.batch;
    Ok(replay)
}

impl Replay {
    /// Whether the frame may come now. `below` the largest mark, where damage is possible, frames may be missing, but
    /// none comes twice.
    fn follows(&self, head: &Head, below: bool) -> bool {
        if below { head.sequence >= self.sequence } else { head.sequence == self.sequence }
    }

    fn good(&mut self, head: &Head, below: bool) {
        if below && head.sequence > self.sequence {
            self.damaged = true;
            self.losses.unknown = true;
        }
        self.sequence = head.sequence.saturating_add(1);
    }

    fn record(&mut self, head: &Head, change: Change, below: bool, next: u64) {
        self.good(head, below);
        self.settled = false;
        self.pending.push(change);
        if below || !head.more {
            self.finish_batch();
            self.batch = (next, self.sequence);
        }
    }

    /// Applies what came of a batch before the first thing that is wrong with it, where the batch was synced whole.
    fn finish_batch_below(&mut self, at: u64) {
        if self.safe.is_some_and(|safe| at < safe) {
            self.finish_batch();
            self.batch = (at, self.sequence);
        }
    }

    /// Notes what cannot be read below the largest mark. Returns where to go on.
    fn damage(&mut self, found: Found) -> u64 {
        self.damaged = true;
        self.settled = false;
        let next = match found {
            Found::Hurt { head, key, next } if head.sequence >= self.sequence => {
                self.losses.unknown |= head.sequence > self.sequence;
                self.losses.hurt(&head, key);
                self.sequence = head.sequence.saturating_add(1);
                next
            }
            Found::Hurt { next, .. }
            | Found::Nothing { next }
            | Found::Record { next, .. }
            | Found::Mark { next, .. } => {
                self.losses.unknown = true;
                next
            }
            // Never comes here; the end is not wrong.
            Found::End => u64::MAX,
        };
        self.batch = (next, self.sequence);
        next
    }

    fn finish_batch(&mut self) {
        for change in self.pending.drain(..) {
            self.losses.replaced(&change);
            self.index.apply(change);
        }
    }
}
