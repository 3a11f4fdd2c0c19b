//! When an event last happened, for windows that begin then, and how often another one happened
//! since.

use super::cell_ref::TimedCell;
use super::lane::LaneCell;
use super::reading::Reading;
use super::window::Bound;

/// How often this device counted an event since an occurrence of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownCount {
    pub(crate) count: u64,
    /// The number of the occurrence.
    pub(crate) after: u64,
}

impl Reading<'_> {
    /// The earliest and the latest instant at which the event can have last happened; absent if it
    /// never happened. The first of them is absent if no instant is certain. With `of_device`, only
    /// what this device counted is taken into account.
    pub(crate) fn latest_between(&self, of_device: bool) -> Option<(Option<i64>, i64)> {
        let others = self.others().iter().filter(|cell| !of_device || self.is_of_device(cell));
        let cells = self.own_cells().chain(others.map(|cell| self.other(cell)));
        let times = cells.filter_map(|cell| Some((cell.earliest_last(), cell.latest_last()?)));
        times
            .reduce(|(early, late), (other_early, other_late)| (early.max(other_early), late.max(other_late)))
    }

    /// The latest instant at which the event can have happened on another device, apart from what
    /// was taken in before this store issued `number`.
    pub(crate) fn latest_of_others(&self, number: u64) -> Option<i64> {
        let others = self.others().iter().filter(|cell| !self.is_known_before(cell, number));
        others.filter_map(|cell| self.other(cell).latest_last()).max()
    }

    /// A bound of the count at or after `start`. If it is known how often this device counted the
    /// event since, `known` is that number.
    pub(crate) fn since(&self, start: i64, bound: Bound, known: Option<KnownCount>) -> u64 {
        let count = |cell: TimedCell<'_>| cell.since(start, bound);
        let is_known = |cell: &LaneCell| known.is_some_and(|known| self.is_known_before(cell, known.after));
        let others = self.others().iter().filter(|cell| !is_known(cell));
        let others = others.map(|cell| count(self.other(cell))).fold(0, u64::saturating_add);
        match known {
            Some(known) => others.saturating_add(known.count),
            None => self.own_cells().map(count).fold(others, u64::saturating_add),
        }
    }

    /// Whether the order of what the cell counted and of the occurrence with this number is known:
    /// this device counted the cell in a lane that it left, which its tallies have, or the cell was
    /// taken in from another storage of this device before.
    fn is_known_before(&self, cell: &LaneCell, number: u64) -> bool {
        self.view.legacy(cell.lane).is_some_and(|legacy| match legacy.taken_in {
            None => true,
            Some(taken_in) => taken_in <= number && cell.stamp.number <= legacy.last,
        })
    }

    /// Whether this device counted the cell, in a lane that it left.
    fn is_of_device(&self, cell: &LaneCell) -> bool {
        self.view.is_retired(cell.lane)
    }
}

impl TimedCell<'_> {
    /// The latest instant at which the event can have last happened.
    fn latest_last(self) -> Option<i64> {
        self.cell.seen().map(|seen| self.ahead.latest(seen))
    }

    /// An instant that is not later than the last time of the cell. Times that lie ahead of the
    /// clock say nothing, so it can be earlier by any amount.
    fn earliest_last(self) -> Option<i64> {
        let TimedCell { cell, ahead } = self;
        let seen = cell.seen()?;
        let is_past = |at: &i64| *at <= ahead.after;
        let last = [Some(seen.last), seen.ahead].into_iter().flatten().filter(is_past).max();
        let (offsets, shift) = (cell.offsets(), cell.shift());
        let mut begins = None;
        let mut find_bucket = || {
            cell.find(|series| {
                let start = |(number, _)| offsets.start_of(series.unit, number).saturating_add(shift);
                let mut starts = series.pairs.map(start);
                begins = starts.find(is_past);
                begins.is_some()
            });
            begins
        };
        last.or_else(&mut find_bucket).or(Some(seen.first).filter(is_past))
    }
}
