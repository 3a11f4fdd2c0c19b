//! One event in memory.

mod lanes;
mod own_cells;
mod reservations;
mod stored_form;
mod tallies;

use std::collections::BTreeSet;

use tallies::MarkerState;
pub(crate) use tallies::{MarkerTime, Tally};

use crate::codec::ReservationRecord;
use crate::counter::cell::Cell;
use crate::counter::join::counted;
use crate::counter::lane::{AheadCell, CellKey, EarlierCell, LaneCell, Replaced};
use crate::counter::other_cells::OtherCells;
use crate::counter::reading::Reading;
use crate::counter::stamp::Stamp;
use crate::counter::tracking::Tracking;
use crate::counter::view::View;

/// Why an event has to be written or synced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Changed since the last persist or `reset_dirty`.
    pub(crate) dirty: bool,
    /// Changed since it was last handed to the storage.
    pub(crate) unwritten: bool,
    /// Changed since the last sync, so a power loss would lose the change.
    pub(crate) undurable: bool,
}

impl Marks {
    pub(crate) const ALL: Marks = Marks { dirty: true, unwritten: true, undurable: true };

    pub(crate) fn or(self, other: Marks) -> Marks {
        Marks {
            dirty: self.dirty || other.dirty,
            unwritten: self.unwritten || other.unwritten,
            undurable: self.undurable || other.undurable,
        }
    }
}

/// Which stored values of an event lack what is in memory. A write saves only these. It does not
/// say that a write is due: a retired lane moves its cells without one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stale {
    /// The value of the event.
    pub(crate) event: bool,
    /// The value of the cells of other lanes.
    pub(crate) others: bool,
    /// The event was replaced. A storage without transactions must not keep a part of what it was
    /// beside a part of what it is. So the next write saves everything in the value of the event.
    pub(crate) is_merged: bool,
}

impl Stale {
    pub(crate) const BOTH: Stale = Stale { event: true, others: true, is_merged: false };

    pub(crate) fn or(self, other: Stale) -> Stale {
        Stale {
            event: self.event || other.event,
            others: self.others || other.others,
            is_merged: self.is_merged || other.is_merged,
        }
    }
}

/// One event: the cell of this store, ready for counting, and the cells of other lanes.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Entry {
    pub(crate) name: Box<str>,
    pub(crate) own: Option<Cell>,
    /// The birth of the own cell; none without one.
    pub(crate) birth: Stamp,
    /// The stamp of the last change of the own cell.
    pub(crate) stamp: Stamp,
    /// Absent for an event that was only recorded here, since the store was opened.
    origin: Option<Box<Origin>>,
    pub(crate) marks: Marks,
    pub(crate) stale: Stale,
    /// Handed to a persist that has not ended yet.
    pub(crate) in_flight: bool,
    /// The stored part has not been read yet.
    pub(crate) unloaded: bool,
    /// A storage or another store may know the cells of this store.
    pub(crate) is_shown: bool,
    /// Erased here. The storage may still have it, so the entry stays until that is written.
    pub(crate) deleted_pending_write: bool,
}

/// Fields of an event that was stored, merged or erased before.
#[derive(Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Clone))]
struct Origin {
    /// The cells of other lanes that count, ascending by key.
    others: OtherCells,
    /// The cells of other lanes that do not count, because another cell replaces the same ones.
    uncounted: Box<[LaneCell]>,
    /// The cells that the own cell replaces.
    replaced: Replaced,
    /// The cells of the own lane that are older than the own cell, oldest first.
    earlier: Box<[EarlierCell]>,
    /// The lowest clock reading of a recording made before the stored part was read.
    lowest_clock: Option<i64>,
    /// The stored reservations, ascending by number.
    reservations: Box<[ReservationRecord]>,
    /// The cells of `others` whose last time lies ahead of the clock, or lay far ahead of it when
    /// they were received, ascending by key.
    ahead: Box<[AheadCell]>,
    /// How often the event was recorded since the latest occurrences of markers, in the order in
    /// which they are declared.
    tallies: Box<[Tally]>,
    /// Absent for events that are no markers.
    marker: Option<Box<MarkerState>>,
}

impl Entry {
    pub(crate) fn new(name: &str) -> Entry {
        Entry {
            name: name.into(),
            own: None,
            birth: Stamp::default(),
            stamp: Stamp::default(),
            origin: None,
            marks: Marks::default(),
            stale: Stale::default(),
            in_flight: false,
            unloaded: false,
            is_shown: false,
            deleted_pending_write: false,
        }
    }

    #[inline]
    pub(crate) fn others(&self) -> &[LaneCell] {
        self.origin.as_ref().map_or(&[], |origin| origin.others.cells())
    }

    fn has_cells(&self) -> bool {
        self.counts_own() || !self.others().is_empty()
    }

    /// Whether there is nothing to store of the event.
    pub(super) fn is_vacant(&self) -> bool {
        !self.has_cells() && self.reservations().is_empty()
    }

    /// Sets the cells of other lanes, ascending by key.
    #[inline(never)]
    pub(crate) fn set_others(&mut self, cells: Vec<LaneCell>) {
        self.stale.others = true;
        let is_plain = cells.iter().all(|cell| cell.replaced.cells().is_empty());
        let (others, uncounted): (Vec<_>, Vec<_>) = match is_plain {
            true => (cells, Vec::new()),
            false => {
                // Own cells count as well.
                let mut counted = counted(&cells).into_iter();
                let mut counts = |cell: &LaneCell| counted.next().unwrap_or_default() && !self.outranks(cell);
                cells.into_iter().partition(&mut counts)
            }
        };
        self.change_origin(|origin| (origin.others, origin.uncounted) = (others.into(), uncounted.into()));
    }

    /// All cells of other lanes, ascending by key.
    #[inline(never)]
    pub(crate) fn all_others(&self) -> Vec<LaneCell> {
        let mut all: Vec<LaneCell> = self.iter_others().cloned().collect();
        if all.len() > self.others().len() {
            all.sort_unstable_by_key(LaneCell::key);
        }
        all
    }

    /// All cells of other lanes: those that count, then the others.
    pub(crate) fn iter_others(&self) -> impl Iterator<Item = &LaneCell> {
        let uncounted = self.origin.as_ref().map_or(&[][..], |origin| &origin.uncounted);
        self.others().iter().chain(uncounted)
    }

    /// Removes and returns all cells of other lanes, ascending by key.
    #[inline(never)]
    pub(crate) fn take_others(&mut self) -> Vec<LaneCell> {
        let (mut others, mut uncounted) = (Vec::new(), Vec::new());
        self.change_origin(|origin| {
            others = std::mem::take(&mut origin.others).into_cells();
            uncounted = std::mem::take(&mut origin.uncounted).into_vec();
        });
        if !uncounted.is_empty() {
            others.append(&mut uncounted);
            others.sort_unstable_by_key(LaneCell::key);
        }
        others
    }

    /// How many of these cells of other lanes there are.
    pub(crate) fn count_others(&self, keys: &[CellKey]) -> usize {
        let keys: BTreeSet<&CellKey> = keys.iter().collect();
        self.iter_others().filter(|cell| keys.contains(&cell.key())).count()
    }

    /// How many cells there are.
    pub(crate) fn cells(&self) -> usize {
        self.iter_others().count() + self.earlier().len() + usize::from(self.own.is_some())
    }

    /// The cells that the own cell replaces.
    pub(crate) fn replaced(&self) -> Replaced {
        self.origin.as_ref().map_or_else(Replaced::default, |origin| origin.replaced.clone())
    }

    pub(crate) fn set_replaced(&mut self, replaced: Replaced) {
        self.change_origin(|origin| origin.replaced = replaced);
    }

    /// Keeps the lowest clock reading until the stored part is added.
    #[inline]
    pub(crate) fn observe_clock(&mut self, now: i64) {
        if self.unloaded {
            self.change_origin(|origin| {
                origin.lowest_clock = Some(origin.lowest_clock.map_or(now, |known| known.min(now)))
            });
        }
    }

    /// Ends the wait for a stored part, because there is none to add.
    pub(crate) fn end_loading(&mut self) {
        self.unloaded = false;
        self.change_origin(|origin| origin.lowest_clock = None);
    }

    fn change_origin(&mut self, change: impl FnOnce(&mut Origin)) {
        let mut origin = self.origin.take().unwrap_or_default();
        change(&mut origin);
        self.origin = (*origin != Origin::default()).then_some(origin);
    }

    /// Drops all counts and stored reservations.
    pub(crate) fn empty(&mut self) {
        (self.own, self.birth, self.stamp, self.origin) = (None, Stamp::default(), Stamp::default(), None);
        self.is_shown = false;
        self.stale = Stale::BOTH;
    }

    /// Notes of cells of other lanes whose last time lies ahead of the clock, or lay far ahead of
    /// it when they were received, ascending by key.
    pub(crate) fn ahead(&self) -> &[AheadCell] {
        self.origin.as_ref().map_or(&[], |origin| &origin.ahead)
    }

    fn known_ahead(&self, key: CellKey) -> Option<&AheadCell> {
        let at = self.ahead().binary_search_by_key(&key, |known| known.key).ok()?;
        self.ahead().get(at)
    }

    /// Notes since when the cells of other lanes are known that lie ahead of `now`, the instant of
    /// the next number. A cell that was known with the same last time keeps its note. If it lay far
    /// ahead, it keeps it also when the clock has passed it: windows since a marker need it.
    #[inline(never)]
    pub(crate) fn observe_ahead(&mut self, now: i64, mut next_number: impl FnMut() -> u64) {
        let mut number = None;
        let found = self.others().iter().filter_map(|cell| {
            let last = cell.body.head().seen_at_last()?;
            let known = self.known_ahead(cell.key()).filter(|known| known.last == last).copied();
            if last <= now {
                return known.filter(AheadCell::is_far);
            }
            Some(known.unwrap_or_else(|| {
                let number = *number.get_or_insert_with(&mut next_number);
                AheadCell { key: cell.key(), last, received: now, number }
            }))
        });
        let found: Box<[AheadCell]> = found.collect();
        if *found != *self.ahead() {
            self.stale.others = true;
            self.change_origin(|origin| origin.ahead = found);
        }
    }

    /// The times that this store's clock showed, as far as the event tells, each with a number that
    /// was issued then or before. A cell of another lane did not lie ahead when it was merged,
    /// unless there is a note.
    pub(crate) fn shown_times(&self) -> impl Iterator<Item = (i64, u64)> {
        let own = self.own.as_ref().and_then(Cell::seen).map(|seen| (seen.latest(), self.birth.number));
        let earlier = self.earlier().iter().map(|cell| (cell.body.head().seen_at_last(), cell.birth.number));
        let is_noted = |cell: &&LaneCell| self.known_ahead(cell.key()).is_some();
        let others = self.others().iter().filter(move |cell| !is_noted(cell));
        let others = others.map(|cell| (cell.body.head().seen_at_last(), 0));
        let made = self.reservations().iter().map(|reservation| (reservation.made, reservation.number));
        let cells = earlier.chain(others).filter_map(|(last, number)| last.zip(Some(number)));
        own.into_iter().chain(cells).chain(made)
    }

    /// Whether this store counts it: it has an own cell and is not erased.
    pub(crate) fn counts_itself(&self) -> bool {
        self.counts_own() && !self.deleted_pending_write
    }

    /// Whether the store knows the event. An event that is only reserved is not known.
    pub(crate) fn is_known(&self) -> bool {
        !self.deleted_pending_write && (self.has_cells() || self.reservations().is_empty())
    }

    /// Whether it changed since the last persist that ended.
    pub(crate) fn is_dirty(&self) -> bool {
        self.marks.dirty || self.in_flight
    }

    #[inline]
    pub(crate) fn reading<'a>(&'a self, tracking: &'a Tracking, view: &'a View) -> Reading<'a> {
        let (earlier, others, ahead): (&[_], _, &[_]) = match &self.origin {
            Some(origin) => (&origin.earlier, Some(&origin.others), &origin.ahead),
            None => (&[], None, &[]),
        };
        let (own, birth, stamp) = (self.own.as_ref(), self.birth.number, self.stamp.number);
        Reading { own, birth, stamp, earlier, others, ahead, tracking, view }
    }

    /// The bytes of memory that the event takes.
    pub(crate) fn heap(&self) -> usize {
        let origin = self.origin.as_ref().map_or(0, |origin| {
            let others = origin.others.cells().iter().chain(&origin.uncounted);
            let others = others.map(|cell| size_of::<LaneCell>() + cell.body.bytes().len());
            let earlier =
                origin.earlier.iter().map(|cell| size_of::<EarlierCell>() + cell.body.bytes().len());
            let cells: usize = others.chain(earlier).sum();
            let reservations = origin.reservations.len() * size_of::<ReservationRecord>();
            let ahead = origin.ahead.len() * size_of::<AheadCell>();
            size_of::<Origin>() + origin.others.sum_heap() + cells + reservations + ahead
        });
        let marks = self.heap_of_marks();
        size_of::<Entry>() + self.name.len() + self.own.as_ref().map_or(0, Cell::heap) + origin + marks
    }
}
