//! Joining two versions of an event: the higher generation, and of each lane the cell with the
//! higher stamp.
//!
//! This is commutative, associative and idempotent, because each lane has one writer and a stamp
//! is never issued twice.

use std::cmp::Ordering;

use super::event_counter::SingleEventCounter;
use super::lane::{Generation, LaneCell};
use crate::bounds::MAX_GENERATION_STEP;

/// What a join did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) changed: bool,
    /// How many cells had the same stamp and other bytes, because two stores wrote one lane. The
    /// larger bytes were kept.
    pub(crate) conflicting_copies: usize,
}

/// Whether a generation is close enough to ours to be genuine.
pub(crate) fn is_believable(ours: Generation, theirs: Generation) -> bool {
    let event = if theirs.store == ours.store { ours.event } else { 0 };
    theirs.store.saturating_sub(ours.store) <= MAX_GENERATION_STEP
        && theirs.event.saturating_sub(event) <= MAX_GENERATION_STEP
}

impl SingleEventCounter {
    /// Takes in another version of the same event.
    pub(crate) fn join(&mut self, other: &SingleEventCounter) -> Joined {
        let mut joined = Joined::default();
        match self.generation.cmp(&other.generation) {
            Ordering::Greater => return joined,
            Ordering::Less => {
                self.raise(other.generation);
                joined.changed = true;
            }
            Ordering::Equal => {}
        }
        // Both ascend by lane, so one pass is enough.
        let mut ours = std::mem::take(&mut self.cells).into_iter().peekable();
        for theirs in &other.cells {
            while let Some(cell) = ours.next_if(|cell| cell.lane < theirs.lane) {
                self.cells.push(cell);
            }
            let Some(cell) = ours.next_if(|cell| cell.lane == theirs.lane) else {
                self.cells.push(theirs.clone());
                joined.changed = true;
                continue;
            };
            let (order, conflicts) = compare(&cell, theirs);
            joined.conflicting_copies += usize::from(conflicts);
            joined.changed |= order == Ordering::Less;
            self.cells.push(if order == Ordering::Less { theirs.clone() } else { cell });
        }
        self.cells.extend(ours);
        joined
    }
}

/// Which of two cells of a lane is the later one, and whether they are conflicting copies.
pub(crate) fn compare(ours: &LaneCell, theirs: &LaneCell) -> (Ordering, bool) {
    match ours.stamp.cmp(&theirs.stamp) {
        Ordering::Equal => (ours.body.cmp(&theirs.body), ours.body != theirs.body),
        order => (order, false),
    }
}
