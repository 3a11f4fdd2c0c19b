//! Reads the counts of an event at one instant, over all its lanes.

use super::body::SeenTimes;
use super::cell::Cell;
use super::lane::LaneCell;
use super::series::Pairs;
use super::tracking::Tracking;
use super::view::{FutureEntries, FuturePolicy, View};
use crate::bounds::JITTER;
use crate::time::bucket;
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

impl Reading<'_> {
    /// Calls `visit` with the number and the count of every bucket of `unit` that counts, lane by
    /// lane. The number is the one that the bucket is read as. Numbers below `lowest` are skipped.
    pub(crate) fn visit(
        &self,
        unit: Unit,
        future: FutureEntries,
        lowest: i64,
        mut visit: impl FnMut(i64, u64),
    ) {
        if let Some((cell, (index, _))) = self.own.zip(self.tracking.find(unit)) {
            visit_lane(
                cell.pairs(self.tracking, index),
                self.view.own_policy(unit, future),
                lowest,
                &mut visit,
            );
        }
        for cell in self.others {
            let head = cell.body.head();
            let policy = self.view.policy_of(cell, head.seen, unit, future);
            visit_lane(head.pairs(unit), policy, lowest, &mut visit);
        }
    }

    /// Adds the count of bucket `newest` and of each one before it to `counts`, newest first.
    #[inline]
    pub(crate) fn add_buckets(&self, unit: Unit, newest: i64, counts: &mut [u64]) {
        let length = i64::try_from(counts.len()).unwrap_or(i64::MAX);
        let oldest = newest.saturating_sub(length).saturating_add(1);
        self.visit(unit, FutureEntries::Clamp, oldest, |number, count| {
            let index = usize::try_from(newest.saturating_sub(number)).ok();
            if let Some(sum) = index.and_then(|index| counts.get_mut(index)) {
                *sum = sum.saturating_add(count);
            }
        });
    }

    /// The sum of the buckets in the range `back`, counted back from the current bucket, which is
    /// 0.
    #[inline]
    pub(crate) fn sum(&self, unit: Unit, future: FutureEntries, back: std::ops::Range<i64>) -> u64 {
        let current = self.view.number(unit);
        let range = (current - back.end + 1, current - back.start);
        let own = match (self.own, self.tracking.find(unit)) {
            (Some(cell), Some((index, _))) => sum_in(
                cell.pairs(self.tracking, index),
                || self.view.own_policy(unit, future),
                current,
                range,
            ),
            _ => 0,
        };
        if self.others.is_empty() { own } else { own.saturating_add(self.sum_of_others(unit, future, range)) }
    }

    #[cold]
    fn sum_of_others(&self, unit: Unit, future: FutureEntries, range: (i64, i64)) -> u64 {
        let current = self.view.number(unit);
        self.others.iter().fold(0, |sum, cell| {
            let head = cell.body.head();
            let policy = || self.view.policy_of(cell, head.seen, unit, future);
            sum.saturating_add(sum_in(head.pairs(unit), policy, current, range))
        })
    }

    /// Whether the own lane is the only one and has counts in `unit`. Also true for an event
    /// without any cell.
    #[inline]
    pub(crate) fn only_own_has(&self, unit: Unit) -> bool {
        let holds = |cell: &Cell| self.tracking.find(unit).is_some_and(|(index, _)| cell.holds(index));
        self.others.is_empty() && self.own.is_none_or(holds)
    }

    /// The sum of all counts since the event was first recorded.
    pub(crate) fn lifetime(&self) -> u64 {
        let own = self.own.map_or(0, |cell| cell.lifetime);
        self.others.iter().fold(own, |sum, cell| sum.saturating_add(cell.body.head().lifetime))
    }

    /// The instant at which the event last happened. Times of clocks that are too far ahead are not
    /// believed.
    pub(crate) fn last_seen(&self, future: FutureEntries, zone: &Zone) -> Option<i64> {
        let own = self.own.and_then(Cell::seen).and_then(|seen| self.own_last(seen, future));
        let others = self.others.iter().filter_map(|cell| self.other_last(cell, future, zone));
        others.chain(own).max()
    }

    fn own_last(&self, seen: SeenTimes, future: FutureEntries) -> Option<i64> {
        // The clock showed this time before it went back.
        let is_uncertain = |at: i64| at > self.view.now && self.view.noticed.is_some();
        let read = |at: i64| {
            (future == FutureEntries::Clamp || !is_uncertain(at)).then(|| self.view.own_instant(at))
        };
        seen.ahead.and_then(read).max(read(seen.last))
    }

    /// The instant at which another lane last counted. If its clock is too far ahead, the answer is
    /// from its newest bucket that is not ahead: the end of the bucket for `Clamp`, its start for
    /// `Exclude`.
    fn other_last(&self, cell: &LaneCell, future: FutureEntries, zone: &Zone) -> Option<i64> {
        let head = cell.body.head();
        let (now, seen) = (self.view.now, head.seen?);
        if self.view.is_local_legacy(cell.lane) {
            return self.own_last(seen, future);
        }
        if self.view.believes(Some(seen)) {
            return Some(seen.last.min(now));
        }
        let newest = |stored: super::body::StoredSeries<'_>| {
            let unit = stored.unit;
            let current = self.view.number(unit);
            let (number, _) = stored.pairs().find(|(number, _)| *number <= current)?;
            Some(match future {
                FutureEntries::Clamp => start_of(unit, number + 1, zone, i64::MIN).saturating_sub(1).min(now),
                FutureEntries::Exclude => start_of(unit, number, zone, i64::MIN).max(seen.first).min(now),
            })
        };
        // The finest unit comes first and is the most precise.
        head.series().find_map(newest)
    }

    /// The instant at which the event first happened. Times of clocks that are too far ahead are
    /// not believed.
    pub(crate) fn first_seen(&self) -> Option<i64> {
        let now = self.view.now;
        let own = self.own.and_then(Cell::seen).map(|seen| self.view.own_instant(seen.first));
        let others = self.others.iter().filter_map(|cell| {
            let first = seen_times(cell)?.first;
            if self.view.is_local_legacy(cell.lane) {
                return Some(self.view.own_instant(first));
            }
            (first <= now.saturating_add(JITTER)).then_some(first)
        });
        others.chain(own).min()
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

/// The seen times of another lane; `None` if it counted nothing.
pub(crate) fn seen_times(cell: &LaneCell) -> Option<SeenTimes> {
    cell.body.head().seen
}
