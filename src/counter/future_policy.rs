//! How a question reads the buckets of one cell: which of those that lie ahead of the clock count,
//! and as which.

use super::cell_ref::CellRef;
use super::series::Pairs;
use super::view::{Ahead, View};
use crate::bounds::ACCEPTED_AHEAD;
use crate::time::bucket::Numbers;
use crate::time::instant::SECOND;
use crate::time::offsets::Offsets;
use crate::time::unit::Unit;

/// How a question reads the bucket numbers of one cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct FuturePolicy {
    /// Numbers up to this one are read as they are.
    highest: i64,
    /// The highest number above it that counts.
    max_accepted: i64,
    /// The bucket as which such a number is read.
    read_as: i64,
    shift: Option<Shift>,
}

/// The buckets of a cell that has to be shifted.
#[derive(Debug, Clone, Copy)]
struct Shift {
    unit: Unit,
    by: i64,
    offsets: Offsets,
    /// The offset under which buckets are read, in milliseconds.
    offset: i64,
    /// The first and the last time of the cell, before the shift.
    seen: (i64, i64),
}

impl Shift {
    /// The bucket that the beginning of a bucket is shifted to, as far as the times of the cell
    /// allow.
    fn apply(self, number: i64) -> i64 {
        let Shift { unit, by, offsets, offset, seen: (first, last) } = self;
        let at = offsets.start_of(unit, number).max(first).min(last);
        Numbers::of_unit(unit, at.saturating_add(by), offset)
    }
}

impl FuturePolicy {
    pub(super) fn of(view: &View, unit: Unit, cell: CellRef<'_>, ahead: Ahead) -> FuturePolicy {
        let current = view.number(unit);
        let shift = cell.seen().filter(|_| cell.shift() != 0).map(|seen| {
            let (by, offset) = (cell.shift(), i64::from(view.current.offset) * SECOND);
            Shift { unit, by, offsets: cell.offsets(), offset, seen: (seen.first - by, seen.latest() - by) }
        });
        let highest = if ahead.after < view.now { view.number_at(unit, ahead.after) } else { current };
        let read_as = view.number_at(unit, ahead.as_of);
        let max_accepted = if ahead.reads_as_noticed {
            i64::MAX
        } else {
            let reach = if ahead.is_asked { ACCEPTED_AHEAD } else { 0 };
            cell.offsets().last_touched(unit, view.now.saturating_add(reach))
        };
        FuturePolicy { highest, max_accepted, read_as, shift }
    }

    /// The policy for the sum of cells of which no recording lies ahead of the clock. A bucket can
    /// lie ahead under another offset.
    pub(super) fn of_sum(view: &View, unit: Unit) -> FuturePolicy {
        let read_as = view.number_at(unit, view.own_instant(i64::MAX));
        FuturePolicy { highest: view.number(unit), max_accepted: i64::MAX, read_as, shift: None }
    }

    /// Calls `visit` with the buckets that count, as `Reading::visit` does.
    #[inline]
    pub(super) fn visit(self, buckets: Pairs<'_>, lowest: i64, visit: &mut impl FnMut(i64, u64)) {
        for (number, count) in buckets {
            if number < lowest && self.shift.is_none() {
                return;
            }
            // A bucket ahead of the clock can be read as one below `lowest`.
            if let Some(read) = self.read(number).filter(|read| *read >= lowest) {
                visit(read, count);
            }
        }
    }

    /// The bucket as which a bucket number counts; `None` if it does not count.
    #[inline]
    fn read(self, number: i64) -> Option<i64> {
        if let Some(shift) = self.shift {
            return Some(shift.apply(number)).map(|number| number.min(self.highest));
        }
        if number <= self.highest {
            return Some(number);
        }
        (number <= self.max_accepted).then_some(self.read_as)
    }
}
