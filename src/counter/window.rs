//! How often an event happened in a window that ends now, as a lower and an upper bound.
//!
//! Each cell answers by its finest unit that reaches back over the window and has all counts since
//! the window's beginning. The bounds differ by the bucket that the beginning of the window
//! divides, and by what the cell cannot know.

use std::ops::{Range, RangeInclusive};

use super::cell_ref::{Series, TimedCell};
use super::reading::{Reading, start_of};
use crate::bounds::ACCEPTED_AHEAD;
use crate::time::bucket::Numbers;
use crate::time::instant::{DAY, EARLIEST};
use crate::time::unit::Unit;
use crate::time::zone::Zone;

/// The bounds of a count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountBounds {
    /// The event happened at least this often.
    pub lower: u64,
    /// The event happened at most this often.
    pub upper: u64,
}

impl CountBounds {
    /// The bounds that `count` returns.
    pub(crate) fn of(count: impl Fn(Bound) -> u64) -> CountBounds {
        let lower = count(Bound::Lower);
        CountBounds { lower, upper: count(Bound::Upper).max(lower) }
    }

    /// The bounds of the sum of two counts.
    pub(crate) fn plus(self, other: CountBounds) -> CountBounds {
        let (lower, upper) = (self.lower.saturating_add(other.lower), self.upper.saturating_add(other.upper));
        CountBounds { lower, upper }
    }
}

/// The bound that a rule needs. `at_most` and `cooldown` need the upper one, so that they refuse if
/// a count is not known; `at_least` and `within` need the lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Lower,
    Upper,
}

impl Reading<'_> {
    /// A bound of the count in the last `millis` milliseconds.
    #[inline]
    pub(crate) fn rolling(&self, millis: i64, bound: Bound) -> u64 {
        let start = self.view.now.saturating_sub(millis).saturating_add(1);
        self.sum_since(start, |cell| cell.rolling(start, millis, bound))
    }

    /// Whether the upper bound of the count in the last `millis` milliseconds is above zero.
    #[inline]
    pub(crate) fn may_have_happened(&self, millis: i64) -> bool {
        let start = self.view.now.saturating_sub(millis).saturating_add(1);
        self.any_since(start, |cell| cell.cell.seen().is_some_and(|seen| cell.ahead.latest(seen) >= start))
    }

    /// Whether the time of a last recording shows that the lower bound of the count in the last
    /// `millis` milliseconds is above zero. It can be above zero without it.
    #[inline]
    pub(crate) fn has_happened(&self, millis: i64) -> bool {
        let start = self.view.now.saturating_sub(millis).saturating_add(1);
        self.any_since(start, |TimedCell { cell, ahead }| {
            cell.seen().and_then(|seen| ahead.accepted_last(seen)).is_some_and(|last| last >= start)
        })
    }

    /// A bound of the count in the `buckets` newest calendar buckets of a unit.
    #[inline]
    pub(crate) fn calendar(&self, unit: Unit, buckets: i64, bound: Bound, zone: &Zone) -> u64 {
        let lowest = self.view.number(unit).saturating_sub(buckets).saturating_add(1);
        match self.plain_calendar(unit, buckets, lowest) {
            Some(count) => count,
            None => self.calendar_range(unit, 0..buckets, bound, zone),
        }
    }

    /// A bound of the count in a range of calendar buckets, counted back from the current one,
    /// which is 0.
    pub(crate) fn calendar_range(&self, unit: Unit, back: Range<i64>, bound: Bound, zone: &Zone) -> u64 {
        let current = self.view.number(unit);
        // Before the earliest instant there is nothing, and no calendar.
        let lowest = current.saturating_sub(back.end).saturating_add(1);
        let lowest = lowest.max(Numbers::of_unit(unit, EARLIEST, 0));
        let last = (back.start > 0).then(|| current.saturating_sub(back.start));
        let window = Calendar { unit, buckets: back.end, lowest, last, zone };
        // Whatever the offsets are, a bucket begins within 36 hours of the local one.
        let start = start_of(unit, lowest, zone, i64::MIN).saturating_sub(2 * DAY);
        self.sum_since(start, |cell| cell.calendar(window, bound))
    }

    /// The count if only this store counted and nothing makes it uncertain.
    #[inline]
    fn plain_calendar(&self, unit: Unit, buckets: i64, lowest: i64) -> Option<u64> {
        if !self.only_own_counted() || !self.view.unwatched.is_empty() {
            return None;
        }
        let Some(own) = self.own else { return Some(0) };
        let (index, tracked) = self.tracking.find(unit)?;
        let pairs = own.pairs(self.tracking, index);
        let is_plain = buckets <= i64::from(tracked)
            && pairs.newest() <= self.view.number(unit)
            && own.begins_by(unit, lowest);
        is_plain.then(|| pairs.sum(lowest, i64::MAX))
    }
}

impl Reading<'_> {
    /// The instants after now at which a count can rise although nothing is recorded, because the
    /// clock reaches times that lie ahead of it. At most `most` of each cell and unit.
    pub(crate) fn rises(&self, most: usize) -> Vec<i64> {
        // What was received from a clock that is ahead counts as if it happened at its receipt.
        let mut rises: Vec<i64> = self.ahead.iter().map(|known| known.received).collect();
        for TimedCell { cell, ahead } in self.cells() {
            let Some(seen) = cell.seen() else { continue };
            let is_ahead = |at: &i64| *at > ahead.after;
            let times = [Some(seen.last), seen.ahead, Some(seen.first)].into_iter().flatten();
            rises.extend(times.clone().filter(is_ahead));
            let (offsets, shift) = (cell.offsets(), cell.shift());
            rises.extend(times.clone().map(|at| at.saturating_sub(ACCEPTED_AHEAD)));
            if cell.is_own() && !times.clone().any(|at| is_ahead(&at)) {
                // No bucket of it begins after its last time.
                continue;
            }
            for series in Unit::ALL.into_iter().filter_map(|unit| cell.series_of(unit)) {
                let numbers = series.pairs.map(|(number, _)| number);
                let start = |number| offsets.start_of(series.unit, number).saturating_add(shift);
                let ahead = numbers.map(start).take_while(is_ahead).take(most);
                rises.extend(ahead.flat_map(|start| [start, start.saturating_sub(ACCEPTED_AHEAD)]));
            }
        }
        rises
    }
}

/// A calendar window.
#[derive(Clone, Copy)]
struct Calendar<'a> {
    unit: Unit,
    /// How many buckets it reaches back, the current one included.
    buckets: i64,
    /// Its first bucket.
    lowest: i64,
    /// Its last bucket; `None` if it ends with the current one.
    last: Option<i64>,
    zone: &'a Zone,
}

impl TimedCell<'_> {
    /// A bound of the count at or after `start`. A series answers if it has all counts since then,
    /// however long ago that is, so the answer does not change while time passes.
    pub(super) fn since(self, start: i64, bound: Bound) -> u64 {
        self.counted(start, None, bound)
    }

    /// A bound of the count since `start`. A series answers if it keeps all buckets of a window of
    /// `reach` milliseconds.
    fn rolling(self, start: i64, reach: i64, bound: Bound) -> u64 {
        self.counted(start, Some(reach), bound)
    }

    /// As `rolling`. Without `reach` the window can begin at any time, so it can contain buckets
    /// that ageing dropped, which leaves no mark. A series then answers only if its pairs prove
    /// that it has all counts.
    fn counted(self, start: i64, reach: Option<i64>, bound: Bound) -> u64 {
        let TimedCell { cell, ahead } = self;
        let Some(seen) = cell.seen() else { return 0 };
        // Nothing in the cell happened later than this. After the clock went back more than once, a
        // bucket can still lie behind it.
        if ahead.latest(seen) < start {
            return 0;
        }
        let happened = match bound {
            Bound::Upper => true,
            Bound::Lower => ahead.accepted_last(seen).is_some_and(|last| last >= start),
        };
        if bound == Bound::Upper && ahead.until.is_some_and(|until| until >= start) {
            return cell.lifetime();
        }
        let start = start.saturating_sub(cell.shift());
        let reaches = |series: &Series<'_>| reach.is_none_or(|reach| series.reaches(reach));
        let is_complete = |series: &Series<'_>| {
            let first = cell.offsets().first_touched(series.unit, start);
            let is_kept = reach.is_some() || series.proves_all_from(first, cell.lifetime());
            is_kept && series.is_complete_from(first)
        };
        let count = match bound {
            Bound::Upper => cell
                .find(|series| reaches(series) && is_complete(series))
                .map_or(cell.lifetime(), |series| self.count(&series, start, bound)),
            Bound::Lower => {
                // Each series is a lower bound, even if it does not have all counts. A series that has
                // them is as good as every coarser one.
                let mut most = 0;
                cell.find(|series| {
                    let reaches = reaches(series);
                    most = most.max(if reaches { self.count(series, start, bound) } else { 0 });
                    reaches && is_complete(series)
                });
                most
            }
        };
        // The time of the last recording is exact.
        count.max(happened.into())
    }

    /// A bound of the count of a series since `start`, by the clock of the cell.
    fn count(self, series: &Series<'_>, start: i64, bound: Bound) -> u64 {
        let (offsets, shift) = (self.cell.offsets(), self.cell.shift());
        let lowest = match bound {
            Bound::Upper => offsets.first_touched(series.unit, start),
            Bound::Lower => offsets.first_inside(series.unit, start),
        };
        let is_inside = self.ahead.as_of.saturating_sub(shift) >= start;
        self.sum(series, lowest..=i64::MAX, is_inside, bound)
    }

    /// The sum of the buckets in `range` that do not lie ahead, and of those ahead that the bound
    /// accepts if `with_later`.
    fn sum(self, series: &Series<'_>, range: RangeInclusive<i64>, with_later: bool, bound: Bound) -> u64 {
        let Series { pairs, unit, .. } = series;
        let last = |at: i64| self.cell.offsets().last_touched(*unit, at.saturating_sub(self.cell.shift()));
        let highest = last(self.ahead.after);
        let sum = pairs.sum(*range.start(), highest.min(*range.end()));
        if !with_later || pairs.newest() <= highest {
            return sum;
        }
        let accepted = match bound {
            Bound::Upper => i64::MAX,
            Bound::Lower => last(self.ahead.accepted()),
        };
        sum.saturating_add(pairs.sum(highest.saturating_add(1), accepted))
    }

    fn calendar(self, window: Calendar<'_>, bound: Bound) -> u64 {
        let Calendar { unit, buckets, lowest, last, zone } = window;
        let TimedCell { cell, ahead } = self;
        let series = cell.series_of(unit);
        let by_label = |series: &Series<'_>| {
            let window = lowest..=last.unwrap_or(i64::MAX);
            let is_inside = window.contains(&number_at(unit, ahead.as_of, zone));
            self.sum(series, window, is_inside, bound)
        };
        // Shifted buckets are not those of the calendar.
        let is_plain = cell.shift() == 0 && ahead.until.is_none();
        let is_known = |series: &Series<'_>| {
            is_plain && buckets <= 2 * i64::from(series.buckets) && series.is_complete_from(lowest)
        };
        if let Some(series) = series.filter(is_known) {
            return by_label(&series);
        }
        // The bucket may have begun at another instant under another offset.
        let (begins, offsets) = (start_of(unit, lowest, zone, i64::MIN), cell.offsets());
        let start = match bound {
            Bound::Upper => begins.min(offsets.start_of(unit, lowest)),
            Bound::Lower => begins.max(offsets.end_of(unit, lowest.saturating_sub(1))),
        };
        // The longest that the window can be, so that the same series answers at every instant.
        let reach = buckets.saturating_mul(unit.greatest_span());
        // What the series has counts in any case.
        let known = series.as_ref().filter(|_| is_plain).map_or(0, by_label);
        if last.is_some() && bound == Bound::Lower {
            return known;
        }
        known.max(self.rolling(start, reach, bound))
    }
}

fn number_at(unit: Unit, at: i64, zone: &Zone) -> i64 {
    Numbers::of_unit(unit, at, zone.segment(at).offset)
}
