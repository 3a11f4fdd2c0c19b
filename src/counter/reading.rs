//! Reads the counts of an event at one instant, over all its lanes.

use super::cell::Cell;
use super::cell_ref::{CellRef, TimedCell};
use super::future_policy::FuturePolicy;
use super::lane::{AheadCell, EarlierCell, LaneCell};
use super::other_cells::{CellsSum, OtherCells};
use super::series::Pairs;
use super::tracking::Tracking;
use super::view::{Ahead, View, last_number};
use crate::bounds::ACCEPTED_AHEAD;
use crate::time::bucket;
use crate::time::unit::Unit;
use crate::time::zone::Zone;

/// An event as it is read at one instant: the own cell and the cells of other lanes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) own: Option<&'a Cell>,
    /// The birth and the stamp of the own cell.
    pub(crate) birth: u64,
    pub(crate) stamp: u64,
    /// Older cells of this store.
    pub(crate) earlier: &'a [EarlierCell],
    pub(crate) others: Option<&'a OtherCells>,
    /// Since when the cells of others are known that lie ahead of the clock.
    pub(crate) ahead: &'a [AheadCell],
    pub(crate) tracking: &'a Tracking,
    pub(crate) view: &'a View,
}

impl<'a> Reading<'a> {
    /// The cells, and how their times are read.
    #[inline]
    pub(super) fn cells(&self) -> impl Iterator<Item = TimedCell<'a>> + use<'a> {
        let reading = *self;
        self.own_cells().chain(self.others().iter().map(move |cell| reading.other(cell)))
    }

    /// The cells that a question reads beside the sum of others.
    fn left_cells(&self, sum: Option<&'a CellsSum>) -> impl Iterator<Item = TimedCell<'a>> + use<'a> {
        let (reading, all) = (*self, self.others());
        let unsummed = if sum.is_some() { &[][..] } else { all };
        let left = sum.into_iter().flat_map(|sum| sum.left(all));
        self.own_cells().chain(unsummed.iter().chain(left).map(move |cell| reading.other(cell)))
    }

    /// The cells that can have counted at `start` or later, and how their times are read. So the
    /// lanes of devices that are gone cost a decision nothing.
    #[inline]
    pub(super) fn cells_since(&self, start: i64) -> impl Iterator<Item = TimedCell<'a>> + use<'a> {
        let (reading, all) = (*self, self.others());
        // What was counted under an unwatched step may have happened later.
        let sum = if self.view.unwatched.is_empty() { self.sum_of_others() } else { None };
        let since = sum.into_iter().flat_map(move |sum| sum.since(all, start));
        self.left_cells(sum).chain(since.map(move |cell| reading.other(cell)))
    }

    /// The sum of cells of other lanes, if it can be read in place of them.
    #[inline]
    fn sum_of_others(&self) -> Option<&'a CellsSum> {
        let others = self.others.filter(|others| !others.cells().is_empty())?;
        // Under a step, lanes that this device's clock counted are read in another way.
        let is_plain = self.view.legacy_lanes.is_empty() || self.view.step.is_none();
        if is_plain { others.sum(self.view.now) } else { None }
    }

    #[inline]
    pub(super) fn others(&self) -> &'a [LaneCell] {
        self.others.map_or(&[], OtherCells::cells)
    }

    pub(super) fn other(&self, cell: &'a LaneCell) -> TimedCell<'a> {
        let read = CellRef::Encoded(cell.body.head());
        let ahead = self.view.ahead_of(cell, read.seen(), self.others(), self.ahead);
        TimedCell { cell: read, ahead }
    }

    /// The own cell and older ones of this store.
    #[inline]
    pub(super) fn own_cells(&self) -> impl Iterator<Item = TimedCell<'a>> + use<'a> {
        let reading = *self;
        let earlier = self.earlier.iter().map(move |cell| TimedCell {
            cell: CellRef::Encoded(cell.body.head()),
            ahead: reading.own_ahead(cell.birth.number, cell.stamp.number),
        });
        self.own_cell().into_iter().chain(earlier)
    }

    /// The own cell that is added to.
    #[inline]
    fn own_cell(&self) -> Option<TimedCell<'a>> {
        let cell = CellRef::Own(self.own?, self.tracking);
        Some(TimedCell { cell, ahead: self.own_ahead(self.birth, self.stamp) })
    }

    #[inline]
    fn own_ahead(&self, birth: u64, stamp: u64) -> Ahead {
        self.view.own_ahead(birth, last_number(birth, stamp, self.earlier.len() + 1))
    }

    /// Whether there is no cell but the own one that is added to. Most events of one device have no
    /// other, and to find that out takes less time than to go through no cells.
    #[inline]
    fn has_one_cell(&self) -> bool {
        self.earlier.is_empty() && self.others().is_empty()
    }

    /// The sum of what `count` returns for each cell that can have counted at `start` or later.
    #[inline]
    pub(super) fn sum_since(&self, start: i64, count: impl Fn(TimedCell<'a>) -> u64) -> u64 {
        if self.has_one_cell() {
            return self.own_cell().map_or(0, count);
        }
        self.cells_since(start).fold(0, |sum, cell| sum.saturating_add(count(cell)))
    }

    /// Whether `is` holds for a cell that can have counted at `start` or later.
    #[inline]
    pub(super) fn any_since(&self, start: i64, is: impl Fn(TimedCell<'a>) -> bool) -> bool {
        if self.has_one_cell() {
            return self.own_cell().is_some_and(is);
        }
        self.cells_since(start).any(is)
    }
}

impl Reading<'_> {
    /// Calls `visit` with the number and the count of every bucket of `unit` that counts, lane by
    /// lane. The number is the one that the bucket is read as. Numbers below `lowest` are skipped.
    pub(crate) fn visit(&self, unit: Unit, lowest: i64, mut visit: impl FnMut(i64, u64)) {
        let sum = self.sum_of_others();
        for TimedCell { cell, ahead } in self.left_cells(sum) {
            if let Some(series) = cell.series_of(unit) {
                let policy = FuturePolicy::of(self.view, unit, cell, ahead);
                policy.visit(series.pairs, lowest, &mut visit);
            }
        }
        if let Some(sum) = sum {
            let policy = FuturePolicy::of_sum(self.view, unit);
            policy.visit(sum.pairs(unit), lowest, &mut visit);
        }
    }

    /// Adds the count of bucket `newest` and of each one before it to `counts`, newest first.
    #[inline]
    pub(crate) fn add_buckets(&self, unit: Unit, newest: i64, counts: &mut [u64]) {
        let length = i64::try_from(counts.len()).unwrap_or(i64::MAX);
        let oldest = newest.saturating_sub(length).saturating_add(1);
        self.visit(unit, oldest, |number, count| {
            let index = usize::try_from(newest.saturating_sub(number)).ok();
            if let Some(sum) = index.and_then(|index| counts.get_mut(index)) {
                *sum = sum.saturating_add(count);
            }
        });
    }

    /// The sum of the buckets in the range `back`, counted back from the current bucket, which is
    /// 0.
    #[inline]
    pub(crate) fn sum(&self, unit: Unit, back: std::ops::Range<i64>) -> u64 {
        let current = self.view.number(unit);
        let range = (current - back.end + 1, current - back.start);
        match self.plain_pairs(unit, current) {
            Some([own, others]) => own.sum(range.0, range.1).saturating_add(others.sum(range.0, range.1)),
            None => self.sum_of_all(unit, range),
        }
    }

    /// The number of buckets with counts in the range `back`, as `sum` takes it; `None` if more
    /// than the own cell and the sum of others has to be taken into account.
    #[inline]
    pub(crate) fn plain_count_nonzero(&self, unit: Unit, back: std::ops::Range<i64>) -> Option<u64> {
        let current = self.view.number(unit);
        let [own, others] = self.plain_pairs(unit, current)?;
        let (lowest, highest) = (current - back.end + 1, current - back.start);
        Some(own.either_buckets(others, lowest, highest))
    }

    /// The bucket with which the sum of the newest buckets reaches `least`; `None` if it does not,
    /// or if several cells or a clock step have to be taken into account.
    pub(crate) fn bucket_of(&self, unit: Unit, least: u64) -> Option<i64> {
        let mut sum = 0u64;
        let [mut own, _] =
            self.plain_pairs(unit, self.view.number(unit)).filter(|_| self.only_own_counted())?;
        own.find_map(|(number, count)| {
            sum = sum.saturating_add(count);
            (sum >= least).then_some(number)
        })
    }

    /// The buckets of the own cell and of the sum of others, if no other cell has any and none lies
    /// ahead of the clock.
    #[inline]
    fn plain_pairs(&self, unit: Unit, current: i64) -> Option<[Pairs<'_>; 2]> {
        let others = match self.only_own_counted() {
            true => Pairs::none(),
            false => self.plain_others(unit)?,
        };
        let own = match self.own.zip(self.tracking.find(unit)) {
            Some((own, (index, _))) => own.pairs(self.tracking, index),
            None => Pairs::none(),
        };
        (own.newest() <= current && others.newest() <= current).then_some([own, others])
    }

    /// The buckets of the sum of others, if no other cell than the own one has any beside it.
    fn plain_others(&self, unit: Unit) -> Option<Pairs<'_>> {
        let is_plain = self.earlier.is_empty() && self.view.step.is_none();
        let sum = self.sum_of_others().filter(|sum| is_plain && sum.is_whole());
        sum.map(|sum| sum.pairs(unit))
    }

    /// Whether no other cell than the own one counts, and no step of the clock is open.
    #[inline]
    pub(super) fn only_own_counted(&self) -> bool {
        self.others().is_empty() && self.earlier.is_empty() && self.view.step.is_none()
    }

    #[cold]
    fn sum_of_all(&self, unit: Unit, (lowest, highest): (i64, i64)) -> u64 {
        let mut sum = 0u64;
        self.visit(unit, lowest, |number, count| {
            if number <= highest {
                sum = sum.saturating_add(count);
            }
        });
        sum
    }

    /// The sum of all counts since the event was first recorded.
    pub(crate) fn lifetime(&self) -> u64 {
        let sum = self.sum_of_others();
        let others = sum.map_or(0, |sum| sum.lifetime);
        self.left_cells(sum).fold(others, |sum, TimedCell { cell, .. }| sum.saturating_add(cell.lifetime()))
    }

    /// The instant at which the event last happened. Times of clocks that are too far ahead are not
    /// accepted.
    pub(crate) fn last_seen(&self) -> Option<i64> {
        let sum = self.sum_of_others();
        let last = self.left_cells(sum).filter_map(|cell| self.last_of(cell)).max();
        last.max(sum.filter(|sum| sum.has_counts()).map(|sum| sum.last))
    }

    /// The instant at which a cell last counted. If its clock is too far ahead, the answer is the
    /// end of its newest bucket that is not ahead.
    fn last_of(&self, TimedCell { cell, ahead }: TimedCell<'_>) -> Option<i64> {
        let (now, seen) = (self.view.now, cell.seen()?);
        if ahead.is_asked {
            return Some(ahead.last(seen));
        }
        let (offsets, mut newest) = (cell.offsets(), None);
        // The finest unit comes first and is the most precise.
        cell.find(|series| {
            let current = offsets.last_touched(series.unit, now);
            let number = series.pairs.map(|(number, _)| number).find(|number| *number <= current);
            newest = number.map(|number| offsets.end_of(series.unit, number).saturating_sub(1).min(now));
            newest.is_some()
        });
        newest
    }

    /// The instant at which the event first happened. Times of clocks that are too far ahead are
    /// not accepted.
    pub(crate) fn first_seen(&self) -> Option<i64> {
        let now = self.view.now;
        let first = |TimedCell { cell, ahead }: TimedCell<'_>| {
            let first = cell.seen()?.first;
            match ahead.reads_as_noticed {
                true => Some(ahead.read(first)),
                false => (first <= now.saturating_add(ACCEPTED_AHEAD)).then_some(first),
            }
        };
        let sum = self.sum_of_others();
        let of_sum = sum.filter(|sum| sum.has_counts()).map(|sum| sum.first);
        self.left_cells(sum).filter_map(first).chain(of_sum).min()
    }
}

/// The first instant at or after `not_before` that belongs to a bucket or to a later one. A date
/// can begin twice, for example on a flight west over midnight.
pub(crate) fn start_of(unit: Unit, number: i64, zone: &Zone, not_before: i64) -> i64 {
    if unit.is_civil() {
        return zone.day_begins(bucket::first_day(unit, number), not_before);
    }
    number.saturating_mul(unit.least_span())
}
