//! How two versions of an event become one: the generation by maximum, each lane by its larger stamp, whole.
//!
//! With one writer a lane, and stamps that never mean two things, this is commutative, associative and idempotent.

use std::cmp::Ordering;

use super::event_counter::SingleEventCounter;
use super::lane::{Generation, LaneCell};

/// What a join did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) changed: bool,
    /// Cells that had one stamp and two contents: two stores wrote one lane. The larger bytes were taken.
    pub(crate) twins: usize,
}

/// The furthest that something imported may raise a generation at once, so that a forged one cannot use them up.
const FURTHEST_STEP: u32 = 1 << 16;

/// Whether a generation is near enough to be believed.
pub(crate) fn is_believable(ours: Generation, theirs: Generation) -> bool {
    let event = if theirs.store == ours.store { ours.event } else { 0 };
    theirs.store.saturating_sub(ours.store) <= FURTHEST_STEP
        && theirs.event.saturating_sub(event) <= FURTHEST_STEP
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
        // Both ascend by lane: one pass, whatever comes.
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
            let (order, twin) = compare(&cell, theirs);
            joined.twins += usize::from(twin);
            joined.changed |= order == Ordering::Less;
            self.cells.push(if order == Ordering::Less { theirs.clone() } else { cell });
        }
        self.cells.extend(ours);
        joined
    }
}

/// Which of two cells of a lane is the later one, and whether they are twins. A stub is at its stamp what the owner's cell has aged
/// to: it stays.
pub(crate) fn compare(ours: &LaneCell, theirs: &LaneCell) -> (Ordering, bool) {
    match ours.stamp.cmp(&theirs.stamp) {
        Ordering::Equal if ours.body.is_stub() || theirs.body.is_stub() => {
            (theirs.body.is_stub().cmp(&ours.body.is_stub()).reverse(), false)
        }
        Ordering::Equal => (ours.body.cmp(&theirs.body), ours.body != theirs.body),
        order => (order, false),
    }
}
