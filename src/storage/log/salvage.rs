//! Collects what is left in a damaged part of a file.

use std::collections::HashMap;

use super::frame::{FrameKind, Head};
use super::index::{Change, Index};
use super::losses::Losses;
use super::scan::Found;

/// The frames of a damaged part. They can be missing, moved or repeated, so the sequence numbers
/// decide which record of a key is the last one.
#[derive(Debug)]
pub(super) struct Salvage<'r> {
    index: &'r mut Index,
    losses: &'r mut Losses,
    /// The sequence number of the first frame that was missing. Frames with lower numbers were read
    /// before.
    first: u32,
    /// One more than the highest sequence number so far.
    sequence: u32,
    /// The sequence number of the last record of each key, and of the metadata.
    last: HashMap<(FrameKind, Box<str>), u32>,
}

impl<'r> Salvage<'r> {
    /// `sequence` is the number of the next frame.
    pub(super) fn new(index: &'r mut Index, losses: &'r mut Losses, sequence: u32) -> Salvage<'r> {
        Salvage { index, losses, first: sequence, sequence, last: HashMap::new() }
    }

    /// One more than the highest sequence number so far.
    pub(super) fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Adds what was found. Returns the offset at which to continue; `None` at the end of the file.
    pub(super) fn add(&mut self, found: Found) -> Option<u64> {
        match found {
            Found::End => None,
            Found::NoFrame { next } => {
                self.losses.unknown = true;
                Some(next)
            }
            Found::Mark { head, is_in_place, next } => {
                self.pass(&head);
                self.losses.unknown |= !is_in_place;
                Some(next)
            }
            Found::DamagedValue { head, key, next } => {
                self.pass(&head);
                if self.is_last(&head, &key) {
                    self.losses.add_damaged(&head, key);
                }
                Some(next)
            }
            Found::Record { head, change, next } => {
                self.pass(&head);
                let key = match &change {
                    Change::Put(key, _) | Change::Delete(key) => key,
                    Change::Meta(_) => "",
                };
                if self.is_last(&head, key) {
                    self.losses.remove_replaced(&change);
                    self.index.apply(change);
                }
                Some(next)
            }
        }
    }

    /// Compares the sequence number of a frame with the expected one. Any other number shows that a
    /// frame is missing or was moved.
    fn pass(&mut self, head: &Head) {
        self.losses.unknown |= head.sequence != self.sequence;
        self.sequence = self.sequence.max(head.sequence.saturating_add(1));
    }

    /// Whether this is the last record of its key so far.
    fn is_last(&mut self, head: &Head, key: &str) -> bool {
        // A deletion concerns the same key as a record does.
        let kind = if head.kind == FrameKind::Delete { FrameKind::Put } else { head.kind };
        let last = self.last.entry((kind, key.into())).or_insert(self.first);
        let is_last = head.sequence >= *last;
        *last = head.sequence.max(*last);
        is_last
    }
}
