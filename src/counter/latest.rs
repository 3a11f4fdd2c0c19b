//! When an event last happened, for windows that begin then, and how often another one happened
//! since.

use super::cell_ref::TimedCell;
use super::lane::{AheadCell, LaneCell};
use super::reading::Reading;
use super::window::Bound;

/// How often this device counted an event since an occurrence of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownCount {
    pub(crate) count: u64,
    /// The number of the occurrence.
    pub(crate) after: u64,
}

impl<'a> Reading<'a> {
    /// The earliest and the latest instant at which the event can have last happened; absent if it
    /// never happened. The first of them is absent if no instant is certain. With `of_device`, only
    /// what this device counted is taken into account.
    pub(crate) fn latest_between(&self, of_device: bool) -> Option<(Option<i64>, i64)> {
        let others = self.others().iter().filter(|cell| !of_device || self.is_of_device(cell));
        let others = others.filter_map(|cell| {
            let early =
                if self.far_received(cell).is_some() { None } else { self.other(cell).earliest_last() };
            Some((early, self.latest_in(cell)?))
        });
        let own = self.own_cells().filter_map(|cell| Some((cell.earliest_last(), cell.latest_last()?)));
        // If the early instant is later than the late one, the clock that showed it was set since.
        // So it is not certain.
        own.chain(others)
            .map(|(early, late)| (early.filter(|early| *early <= late), late))
            .reduce(|(early, late), (other_early, other_late)| (early.max(other_early), late.max(other_late)))
    }

    /// The latest instant at which the event can have happened on another device, apart from what
    /// was taken in before this store issued `number`.
    pub(crate) fn latest_of_others(&self, number: u64) -> Option<i64> {
        let others = self.others().iter().filter(|cell| !self.is_known_before(cell, number));
        others.filter_map(|cell| self.latest_in(cell)).max()
    }

    /// A bound of the count at or after `start`. If it is known how often this device counted the
    /// event since, `known` is that number.
    pub(crate) fn since(&self, start: i64, bound: Bound, known: Option<KnownCount>) -> u64 {
        let count = |cell: TimedCell<'_>| cell.since(start, bound);
        let is_known = |cell: &LaneCell| known.is_some_and(|known| self.is_known_before(cell, known.after));
        let is_counted = |cell: &&LaneCell| {
            !is_known(cell) && (bound == Bound::Upper || self.far_received(cell).is_none())
        };
        let others = self
            .others()
            .iter()
            .filter(is_counted)
            .map(|cell| count(self.other(cell)))
            .fold(0, u64::saturating_add);
        match known {
            Some(known) => others.saturating_add(known.count),
            None => self.own_cells().map(count).fold(others, u64::saturating_add),
        }
    }

    /// The latest instant at which the event can have last happened in a cell of another lane.
    fn latest_in(&self, cell: &'a LaneCell) -> Option<i64> {
        let latest = self.other(cell).latest_last()?;
        Some(self.far_received(cell).map_or(latest, |received| latest.min(received)))
    }

    /// When a cell of another lane was received that then lay far ahead of the clock; absent for
    /// other cells. Its times say nothing, also when the clock has passed them, but that everything
    /// in it happened until then.
    fn far_received(&self, cell: &LaneCell) -> Option<i64> {
        let note = self.note_of(cell).filter(|note| note.is_far())?;
        Some(self.view.own_time(note.received, note.number).min(self.view.now))
    }

    fn note_of(&self, cell: &LaneCell) -> Option<&AheadCell> {
        let place = self.ahead.binary_search_by_key(&cell.key(), |note| note.key).ok()?;
        self.ahead.get(place)
    }

    /// Whether the order of what the cell counted and of the occurrence with this number is known:
    /// this device counted the cell in a lane that it left, which its tallies have, or the cell was
    /// received or taken in from another storage of this device before.
    fn is_known_before(&self, cell: &LaneCell, number: u64) -> bool {
        if self.note_of(cell).is_some_and(|note| note.is_far() && note.number <= number) {
            return true;
        }
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
