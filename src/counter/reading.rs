//! Reads the counts of an event at one instant, over all its lanes.

use super::cell::Cell;
use super::cell_ref::CellRef;
use super::lane::LaneCell;
use super::series::Pairs;
use super::tracking::Tracking;
use super::view::{Ahead, View};
use super::window::TimedCell;
use crate::bounds::JITTER;
use crate::time::bucket;
use crate::time::offsets::Offsets;
use crate::time::unit::Unit;
use crate::time::zone::Zone;

/// An event as it is read at one instant: the own cell and the cells of other lanes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) own: Option<&'a Cell>,
    pub(crate) others: &'a [LaneCell],
    pub(crate) tracking: &'a Tracking,
    pub(crate) view: &'a View,
}

/// How a question reads bucket numbers ahead of the clock in one cell.
#[derive(Debug, Clone, Copy)]
struct FuturePolicy {
    current: i64,
    /// The highest number ahead of the current bucket that counts.
    max_believed: i64,
    /// The bucket as which a believed number ahead is read.
    read_as: i64,
}

impl FuturePolicy {
    /// The bucket as which a bucket number counts; `None` if it does not count.
    #[inline]
    fn read(self, number: i64) -> Option<i64> {
        if number <= self.current {
            return Some(number);
        }
        (number <= self.max_believed).then_some(self.read_as)
    }
}

impl<'a> Reading<'a> {
    /// The cells, and how their times are read.
    #[inline]
    pub(super) fn cells(&self) -> impl Iterator<Item = TimedCell<'a>> + use<'a> {
        let Reading { own, others, tracking, view } = *self;
        let own = own.map(|cell| TimedCell { cell: CellRef::Own(cell, tracking), ahead: view.own_ahead() });
        let others = others.iter().map(|cell| {
            let head = cell.body.head();
            TimedCell { cell: CellRef::Encoded(head), ahead: view.ahead_of(cell.lane, head.seen) }
        });
        own.into_iter().chain(others)
    }
}

impl Reading<'_> {
    /// Calls `visit` with the number and the count of every bucket of `unit` that counts, lane by
    /// lane. The number is the one that the bucket is read as. Numbers below `lowest` are skipped.
    pub(crate) fn visit(&self, unit: Unit, lowest: i64, mut visit: impl FnMut(i64, u64)) {
        for TimedCell { cell, ahead } in self.cells() {
            if let Some(series) = cell.series_of(unit) {
                let policy = self.policy(unit, cell.offsets(), ahead);
                visit_lane(series.pairs, policy, lowest, &mut visit);
            }
        }
    }

    fn policy(&self, unit: Unit, offsets: Offsets, ahead: Ahead) -> FuturePolicy {
        let current = self.view.number(unit);
        let (max_believed, read_as) = match (&self.view.noticed, ahead.reads_as_noticed) {
            (None, true) => (i64::MAX, current),
            (Some((_, noticed)), true) => (i64::MAX, noticed.get(unit).min(current)),
            (_, false) => {
                let ahead = if ahead.is_asked { JITTER } else { 0 };
                (offsets.last_touched(unit, self.view.now.saturating_add(ahead)), current)
            }
        };
        FuturePolicy { current, max_believed, read_as }
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
        let own = match (self.own, self.tracking.find(unit)) {
            (Some(cell), Some((index, _))) => sum_in(
                cell.pairs(self.tracking, index),
                || self.policy(unit, cell.offsets(), self.view.own_ahead()),
                current,
                range,
            ),
            _ => 0,
        };
        if self.others.is_empty() { own } else { own.saturating_add(self.sum_of_others(unit, range)) }
    }

    #[cold]
    fn sum_of_others(&self, unit: Unit, range: (i64, i64)) -> u64 {
        let current = self.view.number(unit);
        let others = Reading { own: None, ..*self };
        others.cells().fold(0, |sum, TimedCell { cell, ahead }| {
            let Some(series) = cell.series_of(unit) else { return sum };
            let policy = || self.policy(unit, cell.offsets(), ahead);
            sum.saturating_add(sum_in(series.pairs, policy, current, range))
        })
    }

    /// The sum of all counts since the event was first recorded.
    pub(crate) fn lifetime(&self) -> u64 {
        let own = self.own.map_or(0, |cell| cell.lifetime);
        self.others.iter().fold(own, |sum, cell| sum.saturating_add(cell.body.head().lifetime))
    }

    /// The instant at which the event last happened. Times of clocks that are too far ahead are not
    /// believed.
    pub(crate) fn last_seen(&self) -> Option<i64> {
        self.cells().filter_map(|cell| self.last_of(cell)).max()
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
            let number = series.pairs.clone().map(|(number, _)| number).find(|number| *number <= current);
            newest = number.map(|number| offsets.end_of(series.unit, number).saturating_sub(1).min(now));
            newest.is_some()
        });
        newest
    }

    /// The instant at which the event first happened. Times of clocks that are too far ahead are
    /// not believed.
    pub(crate) fn first_seen(&self) -> Option<i64> {
        let now = self.view.now;
        let first = |TimedCell { cell, ahead }: TimedCell<'_>| {
            let first = cell.seen()?.first;
            match ahead.reads_as_noticed {
                true => Some(ahead.read(first)),
                false => (first <= now.saturating_add(JITTER)).then_some(first),
            }
        };
        self.cells().filter_map(first).min()
    }
}

/// The sum of a lane's buckets from `lowest` to `highest`.
#[inline]
fn sum_in(
    pairs: Pairs<'_>,
    policy: impl FnOnce() -> FuturePolicy,
    current: i64,
    (lowest, highest): (i64, i64),
) -> u64 {
    if pairs.newest() <= current {
        pairs.sum(lowest, highest)
    } else {
        sum_in_with_future(pairs, policy(), (lowest, highest))
    }
}

/// `sum_in` for a lane with buckets ahead of the clock.
#[cold]
fn sum_in_with_future(pairs: Pairs<'_>, policy: FuturePolicy, (lowest, highest): (i64, i64)) -> u64 {
    let mut sum = 0u64;
    visit_lane(pairs, policy, lowest, &mut |number, count| {
        if number <= highest {
            sum = sum.saturating_add(count);
        }
    });
    sum
}

/// Calls `visit` with the buckets of one lane that count, as `Reading::visit` does.
#[inline]
fn visit_lane(buckets: Pairs<'_>, policy: FuturePolicy, lowest: i64, visit: &mut impl FnMut(i64, u64)) {
    for (number, count) in buckets {
        if number < lowest {
            return;
        }
        // A bucket ahead of the clock can be read as one below `lowest`.
        if let Some(read) = policy.read(number).filter(|read| *read >= lowest) {
            visit(read, count);
        }
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
