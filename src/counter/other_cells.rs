//! The cells of other lanes in one event, and their sum.
//!
//! Most questions need only how much was counted in a bucket, whoever counted it. The first one
//! after a merge adds the cells up, so that the next ones do not read each lane.

use std::cell::OnceCell;

use super::lane::LaneCell;
use super::series::{self, Pairs};
use crate::time::unit::Unit;

/// The cells of other lanes that count, ascending by key.
#[derive(Debug, Default)]
pub(crate) struct OtherCells {
    cells: Box<[LaneCell]>,
    sum: OnceCell<CellsSum>,
}

/// The sum of the cells that do not lie ahead of the clock.
#[derive(Debug)]
pub(super) struct CellsSum {
    /// The instant at which the event first happened.
    pub(super) first: i64,
    /// The instant at which it last happened.
    pub(super) last: i64,
    pub(super) lifetime: u64,
    series: Box<[SumSeries]>,
    /// The cells that are part of it: when each last counted, latest first, and its index.
    by_last: Box<[(i64, usize)]>,
    /// The indices of the cells that are not part of the sum.
    left: Box<[usize]>,
}

#[derive(Debug)]
struct SumSeries {
    unit: Unit,
    newest: i64,
    count: u64,
    older: Box<[u8]>,
}

#[cfg(test)]
impl Clone for OtherCells {
    fn clone(&self) -> Self {
        OtherCells { cells: self.cells.clone(), sum: OnceCell::new() }
    }
}

/// Pairs of several series that are added up. It takes little more memory than the sum.
#[derive(Default)]
struct Added {
    pairs: Vec<(i64, u64)>,
    /// How many of the pairs are sums: no two of them have the same number.
    sums: usize,
}

impl Added {
    fn add(&mut self, pairs: Pairs<'_>) {
        for pair in pairs {
            self.pairs.push(pair);
            if self.pairs.len() > 2 * self.sums + 4_096 {
                self.add_up();
            }
        }
    }

    fn add_up(&mut self) {
        self.pairs.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        self.pairs.dedup_by(|(number, count), (before, sum)| {
            let is_same = number == before;
            if is_same {
                *sum = sum.saturating_add(*count);
            }
            is_same
        });
        self.sums = self.pairs.len();
    }

    /// The sums, newest first.
    fn into_sums(mut self) -> Vec<(i64, u64)> {
        self.add_up();
        self.pairs
    }
}

impl PartialEq for OtherCells {
    fn eq(&self, other: &OtherCells) -> bool {
        self.cells == other.cells
    }
}

impl Eq for OtherCells {}

impl From<Vec<LaneCell>> for OtherCells {
    fn from(cells: Vec<LaneCell>) -> OtherCells {
        OtherCells { cells: cells.into(), sum: OnceCell::new() }
    }
}

impl OtherCells {
    #[inline]
    pub(crate) fn cells(&self) -> &[LaneCell] {
        &self.cells
    }

    pub(crate) fn into_cells(self) -> Vec<LaneCell> {
        self.cells.into_vec()
    }

    /// The cells, to be changed. Their sum is made anew.
    pub(crate) fn cells_mut(&mut self) -> &mut [LaneCell] {
        self.sum.take();
        &mut self.cells
    }

    /// The sum of the cells that did not lie ahead of the clock when it was made; `None` if the
    /// clock went back behind one of them.
    #[inline]
    pub(super) fn sum(&self, now: i64) -> Option<&CellsSum> {
        let sum = self.sum.get_or_init(|| CellsSum::of(&self.cells, now));
        (sum.last <= now).then_some(sum)
    }

    /// The bytes of memory that the sum takes.
    pub(crate) fn sum_heap(&self) -> usize {
        self.sum.get().map_or(0, |sum| {
            let series = sum.series.iter().map(|series| size_of::<SumSeries>() + series.older.len());
            series.sum::<usize>() + size_of_val(&*sum.left) + size_of_val(&*sum.by_last)
        })
    }
}

impl CellsSum {
    #[cold]
    fn of(cells: &[LaneCell], now: i64) -> CellsSum {
        let mut sum = CellsSum {
            first: i64::MAX,
            last: i64::MIN,
            lifetime: 0,
            series: Box::default(),
            by_last: Box::default(),
            left: Box::default(),
        };
        let (mut left, mut by_last) = (Vec::new(), Vec::new());
        let mut units = Unit::ALL.map(|unit| (unit, Added::default()));
        for (index, cell) in cells.iter().enumerate() {
            let head = cell.body.head();
            let Some(seen) = head.seen else { continue };
            let is_in_order = |unit| {
                let latest = head.offsets.last_touched(unit, seen.latest());
                head.pairs(unit).next().is_none_or(|(newest, _)| newest <= latest)
            };
            if seen.latest() > now || head.shift != 0 || !Unit::ALL.into_iter().all(is_in_order) {
                left.push(index);
                continue;
            }
            by_last.push((seen.latest(), index));
            (sum.first, sum.last) = (sum.first.min(seen.first), sum.last.max(seen.latest()));
            sum.lifetime = sum.lifetime.saturating_add(head.lifetime);
            for series in head.series() {
                if let Some((_, added)) = units.iter_mut().find(|(unit, _)| *unit == series.unit) {
                    added.add(series.pairs());
                }
            }
        }
        let packed = units.into_iter().filter_map(|(unit, added)| {
            let (newest, count, older) = series::pack(added.into_sums());
            (count > 0).then(|| SumSeries { unit, newest, count, older: older.into() })
        });
        sum.series = packed.collect();
        by_last.sort_unstable_by_key(|(last, _)| std::cmp::Reverse(*last));
        (sum.by_last, sum.left) = (by_last.into(), left.into());
        sum
    }

    /// The buckets of a unit, newest first.
    #[inline]
    pub(super) fn pairs(&self, unit: Unit) -> Pairs<'_> {
        let found = self.series.iter().find(|series| series.unit == unit);
        found.map_or_else(Pairs::none, |series| Pairs::new(series.newest, series.count, &series.older))
    }

    /// The cells that are not part of the sum.
    pub(super) fn left<'a>(&'a self, all: &'a [LaneCell]) -> impl Iterator<Item = &'a LaneCell> {
        self.left.iter().filter_map(|index| all.get(*index))
    }

    /// The cells that are part of the sum and last counted at `start` or later.
    pub(super) fn since<'a>(&'a self, all: &'a [LaneCell], start: i64) -> impl Iterator<Item = &'a LaneCell> {
        let since = self.by_last.iter().take_while(move |(last, _)| *last >= start);
        since.filter_map(|(_, index)| all.get(*index))
    }

    /// Whether a cell that is part of it was ever counted.
    pub(super) fn has_counts(&self) -> bool {
        self.first <= self.last
    }

    /// Whether all cells are part of the sum.
    pub(super) fn is_whole(&self) -> bool {
        self.left.is_empty()
    }
}
