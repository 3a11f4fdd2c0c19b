//! One event in memory.

mod reservations;

use crate::bounds::{MAX_OWN_CELLS, MAX_SMALL_STEP};
use crate::codec::{self, ReservationRecord, StoredEvent};
use crate::counter::cell::Cell;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{AheadCell, EarlierCell, Generation, LaneCell, LaneId};
use crate::counter::reading::Reading;
use crate::counter::tracking::Tracking;
use crate::counter::view::View;
use crate::time::bucket::Numbers;
use crate::time::instant::clamp;

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

/// One event: the cell of this store, ready for counting, and the cells of other lanes.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: Box<str>,
    pub(crate) own: Option<Cell>,
    /// The birth of the own cell; 0 without one.
    pub(crate) birth: u64,
    pub(crate) stamp: u64,
    /// Absent for an event that was only recorded here, since the store was opened.
    origin: Option<Box<Origin>>,
    pub(crate) marks: Marks,
    /// Handed to a persist that has not ended yet.
    pub(crate) in_flight: bool,
    /// The stored part has not been read yet.
    pub(crate) unloaded: bool,
    /// Erased here. The storage may still have it, so the entry stays until that is written.
    pub(crate) deleted_pending_write: bool,
}

/// Fields of an event that was stored, merged or erased before.
#[derive(Debug, Default, PartialEq, Eq)]
struct Origin {
    /// The stamp of the own cell as it was read from the storage. Cells up to it may have been
    /// exported.
    stored_stamp: u64,
    generation: Generation,
    /// The cells of other lanes, ascending by key.
    others: Box<[LaneCell]>,
    /// The cells of the own lane that are older than the own cell, oldest first.
    earlier: Box<[EarlierCell]>,
    /// The lowest clock reading of a recording made before the stored part was read.
    lowest_clock: Option<i64>,
    /// The stored reservations, ascending by number.
    reservations: Box<[ReservationRecord]>,
    /// The cells of `others` whose last time lies ahead of the clock, ascending by key.
    ahead: Box<[AheadCell]>,
}

impl Entry {
    pub(crate) fn new(name: &str, generation: Generation) -> Entry {
        let mut entry = Entry {
            name: name.into(),
            own: None,
            birth: 0,
            stamp: 0,
            origin: None,
            marks: Marks::default(),
            in_flight: false,
            unloaded: false,
            deleted_pending_write: false,
        };
        entry.set_generation(generation);
        entry
    }

    pub(crate) fn stored_stamp(&self) -> u64 {
        self.origin.as_ref().map_or(0, |origin| origin.stored_stamp)
    }

    pub(crate) fn generation(&self) -> Generation {
        self.origin.as_ref().map_or_else(Generation::default, |origin| origin.generation)
    }

    #[inline]
    pub(crate) fn others(&self) -> &[LaneCell] {
        self.origin.as_ref().map_or(&[], |origin| &origin.others)
    }

    /// The cells of the own lane that are older than the own cell, oldest first.
    #[inline]
    pub(crate) fn earlier(&self) -> &[EarlierCell] {
        self.origin.as_ref().map_or(&[], |origin| &origin.earlier)
    }

    #[inline(never)]
    pub(crate) fn set_earlier(&mut self, earlier: Vec<EarlierCell>) {
        self.change_origin(|origin| origin.earlier = earlier.into());
    }

    /// Removes and returns the earlier cells.
    #[inline(never)]
    pub(crate) fn take_earlier(&mut self) -> Vec<EarlierCell> {
        let mut taken = Vec::new();
        self.change_origin(|origin| taken = std::mem::take(&mut origin.earlier).into_vec());
        taken
    }

    /// Whether there is a cell of this store.
    pub(crate) fn counts_own(&self) -> bool {
        self.own.is_some() || !self.earlier().is_empty()
    }

    fn has_cells(&self) -> bool {
        self.counts_own() || !self.others().is_empty()
    }

    pub(crate) fn set_stored_stamp(&mut self, stamp: u64) {
        self.change_origin(|origin| origin.stored_stamp = stamp);
    }

    fn set_generation(&mut self, generation: Generation) {
        self.change_origin(|origin| origin.generation = generation);
    }

    #[inline(never)]
    pub(crate) fn set_others(&mut self, others: Vec<LaneCell>) {
        self.change_origin(|origin| origin.others = others.into());
    }

    #[inline(never)]
    pub(crate) fn take_others(&mut self) -> Vec<LaneCell> {
        let mut taken = Vec::new();
        self.change_origin(|origin| taken = std::mem::take(&mut origin.others).into_vec());
        taken
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

    /// Splits a counter into the cell of `lane` and the cells of other lanes. Also returns whether
    /// the cell of `lane` is encoded differently from now on.
    pub(crate) fn from_counter(
        name: &str,
        mut counter: SingleEventCounter,
        lane: Option<LaneId>,
        tracking: &Tracking,
        horizon: Option<&Numbers>,
    ) -> (Entry, bool) {
        let mut ours = lane.map_or_else(Vec::new, |lane| counter.take_lane(lane));
        // A shifted cell is not added to any more.
        let own = ours.iter().rposition(|cell| cell.body.head().shift == 0).map(|index| ours.remove(index));
        let mut entry = Entry::new(name, counter.generation);
        let mut changed = false;
        if let Some(cell) = own {
            (entry.birth, entry.stamp) = (cell.birth, cell.stamp);
            let (own, is_changed) = Cell::open(&cell.body, tracking, horizon);
            (entry.own, changed) = (Some(own), is_changed);
        }
        entry.set_earlier(ours.into_iter().map(EarlierCell::from).collect());
        entry.set_others(counter.cells);
        (entry, changed)
    }

    /// `from_counter` for an event that was stored.
    pub(crate) fn from_stored(
        name: &str,
        stored: StoredEvent,
        lane: Option<LaneId>,
        tracking: &Tracking,
        horizon: Option<&Numbers>,
    ) -> (Entry, bool) {
        let (mut entry, changed) = Entry::from_counter(name, stored.counter, lane, tracking, horizon);
        entry.change_origin(|origin| {
            origin.reservations = stored.local.reservations.into();
            origin.ahead = stored.local.ahead.into_iter().map(AheadCell::from).collect();
        });
        (entry, changed)
    }

    /// The event as it is exported.
    #[inline(never)]
    pub(crate) fn to_counter(&self, lane: Option<LaneId>, tracking: &Tracking) -> SingleEventCounter {
        let mut counter =
            SingleEventCounter { generation: self.generation(), own: lane, cells: self.others().to_vec() };
        if let Some(lane) = lane {
            self.earlier().iter().for_each(|cell| counter.put(cell.clone().of(lane)));
        }
        if let Some((lane, own)) = lane.zip(self.own.as_ref()) {
            counter.put(LaneCell { lane, birth: self.birth, stamp: self.stamp, body: own.seal(tracking) });
        }
        counter
    }

    /// Appends the stored form of the event. `scratch` is a buffer for the own cell.
    pub(crate) fn put(
        &self,
        lane: Option<LaneId>,
        tracking: &Tracking,
        scratch: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        self.put_counter(lane, tracking, scratch, out);
        codec::put_local(self.reservations(), self.ahead(), out);
    }

    fn put_counter(
        &self,
        lane: Option<LaneId>,
        tracking: &Tracking,
        scratch: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        let lane_of_cells = lane.filter(|_| self.counts_own());
        let others = || self.others().iter().filter(|cell| lane_of_cells != Some(cell.lane));
        let ours = self.earlier().len() + usize::from(self.own.is_some());
        let ours = lane_of_cells.map_or(0, |_| ours);
        codec::put_head(self.generation(), lane, others().count() + ours, out);
        let put =
            |cell: &LaneCell, out: &mut _| codec::put_cell(cell.key(), cell.stamp, cell.body.bytes(), out);
        let Some(lane) = lane_of_cells else { return others().for_each(|cell| put(cell, out)) };
        others().filter(|cell| cell.lane < lane).for_each(|cell| put(cell, out));
        let put_earlier = |cell: &EarlierCell, out: &mut _| {
            codec::put_cell((lane, cell.birth), cell.stamp, cell.body.bytes(), out);
        };
        let (older, younger) =
            self.earlier().split_at(self.earlier().partition_point(|cell| cell.birth < self.birth));
        older.iter().for_each(|cell| put_earlier(cell, out));
        if let Some(cell) = &self.own {
            scratch.clear();
            cell.put(tracking, scratch);
            codec::put_cell((lane, self.birth), self.stamp, scratch, out);
        }
        younger.iter().for_each(|cell| put_earlier(cell, out));
        others().filter(|cell| cell.lane > lane).for_each(|cell| put(cell, out));
    }

    /// Adds the stored part of an event to what was recorded before it was read.
    pub(crate) fn add_stored(&mut self, stored: Entry, tracking: &Tracking, current: &Numbers) {
        let recorded = std::mem::replace(self, stored);
        let lowest_clock =
            recorded.origin.as_ref().and_then(|origin| origin.lowest_clock).unwrap_or(i64::MAX);
        self.marks = recorded.marks;
        self.deleted_pending_write = recorded.deleted_pending_write;
        self.in_flight = recorded.in_flight;
        if self.generation() < recorded.generation() {
            self.empty(recorded.generation());
        }
        let reservations = self.reservations().iter().chain(recorded.reservations()).cloned().collect();
        self.change_origin(|origin| origin.reservations = reservations);
        self.stamp = self.stamp.max(recorded.stamp);
        let recorded_earlier = recorded.origin.map_or_else(Box::default, |origin| origin.earlier);
        let Some(later) = recorded.own else {
            return self.add_earlier(recorded_earlier.into_vec());
        };
        let Some(mut stored) = self.own.take() else {
            (self.own, self.birth) = (Some(later), recorded.birth);
            return self.add_earlier(recorded_earlier.into_vec());
        };
        let latest = stored.seen().map_or(i64::MIN, |seen| seen.latest());
        let is_large_step = latest.saturating_sub(lowest_clock) > MAX_SMALL_STEP;
        if !is_large_step && recorded_earlier.is_empty() {
            stored.absorb(tracking, &later, lowest_clock, current);
            self.own = Some(stored);
            return;
        }
        // The clock went back between the two, so their buckets must not mix.
        let sealed = EarlierCell {
            birth: self.birth,
            stamp: self.stored_stamp().max(self.birth),
            body: stored.seal(tracking),
        };
        self.add_earlier([vec![sealed], recorded_earlier.into_vec()].concat());
        (self.own, self.birth) = (Some(later), recorded.birth);
    }

    /// Adds cells of this store that are not added to.
    #[inline(never)]
    fn add_earlier(&mut self, cells: Vec<EarlierCell>) {
        let mut earlier = self.take_earlier();
        earlier.extend(cells);
        earlier.sort_unstable_by_key(|cell| cell.birth);
        self.set_earlier(earlier);
    }

    /// Begins another cell of this store, with the entry's stamp as its birth. The cell before it,
    /// which had the stamp `before`, stays as it is.
    pub(crate) fn begin_cell(&mut self, before: u64, tracking: &Tracking) {
        if let Some(own) = self.own.take() {
            self.add_earlier(vec![EarlierCell {
                birth: self.birth,
                stamp: before,
                body: own.seal(tracking),
            }]);
        }
        (self.own, self.birth) = (Some(Cell::new(tracking)), self.stamp);
    }

    /// Shifts the own cells with a birth above `after` by `jump` milliseconds. They are not added to
    /// any more. Returns whether there are any.
    pub(crate) fn shift_cells(
        &mut self,
        after: u64,
        jump: i64,
        tracking: &Tracking,
        mut next_stamp: impl FnMut() -> u64,
    ) -> bool {
        let mut earlier = self.take_earlier();
        if self.birth > after
            && let Some(own) = self.own.take()
        {
            let birth = std::mem::take(&mut self.birth);
            if own.seen().is_some() {
                earlier.push(EarlierCell { birth, stamp: 0, body: own.seal(tracking) });
            }
        }
        let mut is_shifted = false;
        for cell in earlier.iter_mut().filter(|cell| cell.birth > after) {
            (cell.stamp, cell.body) = (next_stamp(), cell.body.shifted(jump));
            is_shifted = true;
        }
        self.add_earlier(earlier);
        is_shifted
    }

    /// Adds to the youngest cell again that was begun by `upto`, if there is one.
    pub(crate) fn resume_cell(&mut self, upto: u64, tracking: &Tracking, horizon: Option<&Numbers>) {
        let mut earlier = self.take_earlier();
        let is_resumed = |cell: &EarlierCell| cell.birth <= upto && cell.body.head().shift == 0;
        if let Some(index) = earlier.iter().rposition(is_resumed) {
            let cell = earlier.remove(index);
            self.birth = cell.birth;
            self.own = Some(Cell::open(&cell.body, tracking, horizon).0);
        }
        self.set_earlier(earlier);
    }

    /// Shifts the stored reservations with a number above `after`. Returns whether there are any.
    pub(crate) fn shift_reservations(&mut self, after: u64, jump: i64) -> bool {
        let mut is_shifted = false;
        if self.reservations().iter().any(|reservation| reservation.number > after) {
            self.change_origin(|origin| {
                for reservation in origin.reservations.iter_mut().filter(|found| found.number > after) {
                    reservation.made = clamp(reservation.made.saturating_add(jump));
                    is_shifted = true;
                }
            });
        }
        is_shifted
    }

    /// Drops old buckets of the cells of this store. `horizon` is the beginning of the horizon's date
    /// and its buckets. Returns whether there were any.
    pub(crate) fn age(
        &mut self,
        tracking: &Tracking,
        (instant, horizon): &(i64, Numbers),
        mut next_stamp: impl FnMut() -> u64,
    ) -> bool {
        let mut is_aged = self.own.as_mut().is_some_and(|own| own.age(tracking, horizon));
        if is_aged {
            self.stamp = next_stamp();
        }
        if !self.earlier().is_empty() {
            let mut earlier = self.take_earlier();
            for cell in &mut earlier {
                if let Some(body) = cell.body.aged(*instant) {
                    (cell.stamp, cell.body) = (next_stamp(), body);
                    is_aged = true;
                }
            }
            self.add_earlier(earlier);
        }
        is_aged
    }

    /// Whether this store may begin another cell of the event.
    pub(crate) fn has_room_for_cell(&self) -> bool {
        self.earlier().len() + 1 < MAX_OWN_CELLS
    }

    /// Drops all counts and stored reservations and continues under another generation.
    pub(crate) fn empty(&mut self, generation: Generation) {
        (self.own, self.birth) = (None, 0);
        self.change_origin(|origin| {
            (origin.generation, origin.others, origin.earlier) = (generation, Box::default(), Box::default());
            origin.reservations = Box::default();
            origin.ahead = Box::default();
        });
    }

    /// The cells of other lanes whose last time lies ahead of the clock, ascending by key.
    pub(crate) fn ahead(&self) -> &[AheadCell] {
        self.origin.as_ref().map_or(&[], |origin| &origin.ahead)
    }

    /// Notes since when the cells of other lanes are known that lie ahead of `now`. A cell that was
    /// known with the same last time keeps its instant.
    #[inline(never)]
    pub(crate) fn observe_ahead(&mut self, now: i64) {
        let found = self.others().iter().filter_map(|cell| {
            let last = cell.body.head().seen_at_last().filter(|last| *last > now)?;
            let mut known = self.ahead().iter();
            let known = known.find(|known| (known.key, known.last) == (cell.key(), last));
            Some(AheadCell { key: cell.key(), last, received: known.map_or(now, |known| known.received) })
        });
        let found: Box<[AheadCell]> = found.collect();
        if *found != *self.ahead() {
            self.change_origin(|origin| origin.ahead = found);
        }
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
        Reading {
            own: self.own.as_ref(),
            birth: self.birth,
            stamp: self.stamp,
            earlier: self.earlier(),
            others: self.others(),
            ahead: self.ahead(),
            tracking,
            view,
        }
    }

    /// The bytes of memory that the event takes.
    pub(crate) fn heap(&self) -> usize {
        let origin = self.origin.as_ref().map_or(0, |origin| {
            let others = origin.others.iter().map(|cell| size_of::<LaneCell>() + cell.body.bytes().len());
            let earlier =
                origin.earlier.iter().map(|cell| size_of::<EarlierCell>() + cell.body.bytes().len());
            let cells: usize = others.chain(earlier).sum();
            let reservations = origin.reservations.len() * size_of::<ReservationRecord>();
            size_of::<Origin>() + cells + reservations
        });
        size_of::<Entry>() + self.name.len() + self.own.as_ref().map_or(0, Cell::heap) + origin
    }
}
