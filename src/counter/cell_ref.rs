//! A cell as it is read, whether it is the one that is added to or an encoded one.

use super::body::{Head, SeenTimes};
use super::cell::Cell;
use super::kept::is_full;
use super::series::Pairs;
use super::stored_series::StoredSeries;
use super::tracking::{Tracking, longest_window};
use super::view::Ahead;
use crate::time::offsets::Offsets;
use crate::time::unit::Unit;

/// A cell to read from.
#[derive(Clone, Copy)]
pub(super) enum CellRef<'a> {
    /// The cell of this store, with what it tracks.
    Own(&'a Cell, &'a Tracking),
    Encoded(Head<'a>),
}

/// A cell, and how its times are read.
#[derive(Clone, Copy)]
pub(super) struct TimedCell<'a> {
    pub(super) cell: CellRef<'a>,
    pub(super) ahead: Ahead,
}

/// The counts of one unit in a cell.
#[derive(Clone, Copy)]
pub(super) struct Series<'a> {
    pub(super) unit: Unit,
    /// How many buckets are tracked.
    pub(super) buckets: u32,
    pub(super) pairs: Pairs<'a>,
    beginning: Option<i64>,
}

impl<'a> CellRef<'a> {
    /// When the event happened; `None` if it was never counted.
    pub(super) fn seen(self) -> Option<SeenTimes> {
        match self {
            CellRef::Own(cell, _) => cell.seen(),
            CellRef::Encoded(head) => head.seen.map(|seen| seen.shifted(head.shift)),
        }
    }

    /// Whether it is the cell of this store that is added to.
    pub(super) fn is_own(self) -> bool {
        matches!(self, CellRef::Own(..))
    }

    /// By how many milliseconds its buckets have to be shifted.
    pub(super) fn shift(self) -> i64 {
        match self {
            CellRef::Own(..) => 0,
            CellRef::Encoded(head) => head.shift,
        }
    }

    pub(super) fn lifetime(self) -> u64 {
        match self {
            CellRef::Own(cell, _) => cell.lifetime,
            CellRef::Encoded(head) => head.lifetime,
        }
    }

    /// The offsets of the local clock under which it counted.
    pub(super) fn offsets(self) -> Offsets {
        match self {
            CellRef::Own(cell, _) => cell.offsets(),
            CellRef::Encoded(head) => head.offsets,
        }
    }

    /// The series of a unit; `None` if the unit is not tracked. An encoded cell without counts in a
    /// unit may not have tracked it, so it has no series either.
    pub(super) fn series_of(self, unit: Unit) -> Option<Series<'a>> {
        match self {
            CellRef::Own(cell, tracking) => {
                let (index, buckets) = tracking.find(unit)?;
                Some(own_series(cell, tracking, index, unit, buckets))
            }
            CellRef::Encoded(head) => head.find(unit).map(Series::from),
        }
    }

    /// The first series, finest unit first, that `wanted` accepts.
    pub(super) fn find(self, mut wanted: impl FnMut(&Series<'a>) -> bool) -> Option<Series<'a>> {
        match self {
            CellRef::Own(cell, tracking) => {
                let units = tracking.units().iter().enumerate();
                let mut all =
                    units.map(|(index, (unit, buckets))| own_series(cell, tracking, index, *unit, *buckets));
                all.find(wanted)
            }
            CellRef::Encoded(head) => head.series().map(Series::from).find(|series| wanted(series)),
        }
    }
}

fn own_series<'a>(cell: &'a Cell, tracking: &Tracking, index: usize, unit: Unit, buckets: u32) -> Series<'a> {
    Series { unit, buckets, pairs: cell.pairs(tracking, index), beginning: cell.beginning(unit) }
}

impl<'a> From<StoredSeries<'a>> for Series<'a> {
    fn from(stored: StoredSeries<'a>) -> Series<'a> {
        let StoredSeries { unit, buckets, beginning, .. } = stored;
        Series { unit, buckets, pairs: stored.pairs(), beginning }
    }
}

impl Series<'_> {
    /// Whether the series keeps all buckets that a rolling window of this length can touch.
    pub(super) fn reaches(&self, millis: i64) -> bool {
        millis <= longest_window(self.unit, self.buckets)
    }

    /// Whether the pairs prove that nothing of bucket `number` and of the later ones was dropped.
    /// The oldest pairs are dropped first. `lifetime` is the count of the whole cell.
    pub(super) fn proves_all_from(&self, number: i64, lifetime: u64) -> bool {
        let mut pairs = self.pairs;
        pairs.any(|(known, _)| known <= number) || self.pairs.sum(i64::MIN, i64::MAX) == lifetime
    }

    /// Whether the series has all counts of bucket `number` and of the later ones, apart from what
    /// ageing dropped. No calendar or rolling window reaches back to that.
    pub(super) fn is_complete_from(&self, number: i64) -> bool {
        if self.beginning.is_some_and(|beginning| number < beginning) {
            return false;
        }
        // The oldest pairs are dropped first. So a pair at or before `number` shows that nothing
        // after it was dropped.
        !is_full(&self.pairs, self.buckets) || self.pairs.clone().any(|(known, _)| known <= number)
    }
}
