//! The join of two versions of a counter: the higher generation and, of each cell, the version with
//! the higher stamp.
//!
//! The join is commutative, associative and idempotent, because each lane has one writer, and a
//! writer never issues a stamp twice.

use std::cmp::Ordering;

use super::event_counter::SingleEventCounter;
use super::lane::{Generation, LaneCell};
use crate::bounds::MAX_GENERATION_STEP;

/// The result of a join.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    /// Whether the counter changed.
    pub(crate) changed: bool,
    /// The number of cells with the same stamp but different bytes: two stores wrote the same lane.
    /// The join keeps the bytes that compare greater.
    pub(crate) conflicting_copies: usize,
}

/// Whether a generation of another store is believable. One that is too far above ours is forged.
pub(crate) fn is_believable(ours: Generation, theirs: Generation) -> bool {
    let event = if theirs.store == ours.store { ours.event } else { 0 };
    theirs.store.saturating_sub(ours.store) <= MAX_GENERATION_STEP
        && theirs.event.saturating_sub(event) <= MAX_GENERATION_STEP
}

impl SingleEventCounter {
    /// Joins this counter with another version of the same event.
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
        // Both lists ascend by key, so one pass is enough.
        let mut ours = std::mem::take(&mut self.cells).into_iter().peekable();
        for theirs in &other.cells {
            while let Some(cell) = ours.next_if(|cell| cell.key() < theirs.key()) {
                self.cells.push(cell);
            }
            let Some(cell) = ours.next_if(|cell| cell.key() == theirs.key()) else {
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

/// Compares two versions of a cell by age, and tells whether they are conflicting copies.
pub(crate) fn compare(ours: &LaneCell, theirs: &LaneCell) -> (Ordering, bool) {
    match ours.stamp.cmp(&theirs.stamp) {
        Ordering::Equal => (ours.body.cmp(&theirs.body), ours.body != theirs.body),
        order => (order, false),
    }
}
