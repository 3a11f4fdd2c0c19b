//! The conversion of an event to and from its stored form, and adding the stored part to what was
//! recorded before it was read.

use super::{Entry, Stale};
use crate::bounds::MAX_SMALL_STEP;
use crate::codec::{self, StoredEvent, StoredParts};
use crate::counter::cell::Cell;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::kept::Horizon;
use crate::counter::lane::{AheadCell, CellKey, EarlierCell, LaneCell, LaneId, Replaced};
use crate::counter::stamp::Stamp;
use crate::counter::tracking::Tracking;
use crate::counter::view::View;
use crate::engine::StepBirths;

impl Entry {
    /// Splits a counter into the cell of `lane` and the cells of other lanes. Also returns whether
    /// the cell of `lane` is encoded differently from now on.
    pub(crate) fn from_counter(
        name: &str,
        mut counter: SingleEventCounter,
        lane: Option<LaneId>,
        tracking: &Tracking,
        horizon: Option<&Horizon>,
    ) -> (Entry, bool) {
        let mut ours = lane.map_or_else(Vec::new, |lane| counter.take_lane(lane));
        // A shifted cell is not added to any more.
        let own = ours.iter().rposition(|cell| cell.body.head().shift == 0).map(|index| ours.remove(index));
        let mut entry = Entry::new(name);
        let mut changed = false;
        if let Some(cell) = own {
            (entry.birth, entry.stamp) = (cell.birth, cell.stamp);
            let (own, is_changed) = Cell::open(&cell.body, tracking, horizon);
            (entry.own, changed) = (Some(own), is_changed);
            entry.set_replaced(cell.replaced);
        }
        entry.set_earlier(ours.into_iter().map(EarlierCell::from).collect());
        entry.set_others(counter.cells);
        entry.show();
        (entry, changed)
    }

    /// `from_counter` for an event that was stored. `marks` is absent if what was stored about
    /// markers is not valid any more; otherwise it says whether the event is a marker.
    pub(crate) fn from_stored(
        name: &str,
        stored: StoredParts,
        marks: Option<bool>,
        lane: Option<LaneId>,
        tracking: &Tracking,
        horizon: Option<&Horizon>,
    ) -> (Entry, bool) {
        let is_in_place = is_in_place(&stored, lane);
        let stored = stored.joined();
        let (mut entry, changed) = Entry::from_counter(name, stored.counter, lane, tracking, horizon);
        let mut local = stored.local;
        entry.change_origin(|origin| {
            origin.reservations = std::mem::take(&mut local.reservations).into();
            origin.ahead = std::mem::take(&mut local.ahead).into_iter().map(AheadCell::from).collect();
        });
        if let Some(is_marker) = marks {
            entry.set_stored_marks(local, is_marker);
        }
        entry.stale = if is_in_place { Stale { event: changed, ..Stale::default() } } else { Stale::BOTH };
        (entry, changed)
    }

    /// The event as it is exported.
    #[inline(never)]
    pub(crate) fn to_counter(&self, lane: Option<LaneId>, tracking: &Tracking) -> SingleEventCounter {
        let mut counter = SingleEventCounter { own: lane, cells: self.all_others() };
        if let Some(lane) = lane {
            self.earlier().iter().for_each(|cell| counter.put(cell.clone().of(lane)));
        }
        if let Some((lane, own)) = lane.zip(self.own.as_ref()) {
            let (birth, stamp, replaced) = (self.birth, self.stamp, self.replaced());
            counter.put(LaneCell { lane, birth, stamp, replaced, body: own.seal(tracking) });
        }
        counter
    }

    /// Appends the value of the event without the cells of other lanes. `scratch` is a buffer for
    /// the own cell.
    pub(crate) fn put(
        &self,
        lane: Option<LaneId>,
        tracking: &Tracking,
        scratch: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        self.put_counter(lane, &[], tracking, scratch, out);
        codec::put_local(self.reservations(), &[], out);
        self.put_marks(out);
    }

    /// Appends the value of the cells of other lanes.
    pub(crate) fn put_others(&self, lane: Option<LaneId>, out: &mut Vec<u8>) {
        let others = self.stored_others(lane);
        codec::put_head(None, others.len(), out);
        others.into_iter().for_each(|cell| put_other(cell, out));
        codec::put_local(&[], self.ahead(), out);
    }

    /// Appends the value of the event with everything in it.
    pub(crate) fn put_merged(
        &self,
        lane: Option<LaneId>,
        tracking: &Tracking,
        scratch: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        self.put_counter(lane, &self.stored_others(lane), tracking, scratch, out);
        codec::put_local(self.reservations(), self.ahead(), out);
        self.put_marks(out);
    }

    /// Whether there are cells of other lanes to be stored.
    pub(crate) fn has_others(&self) -> bool {
        self.iter_others().next().is_some()
    }

    /// The cells of other lanes as they are stored, ascending by key.
    fn stored_others(&self, lane: Option<LaneId>) -> Vec<&LaneCell> {
        let lane_of_cells = lane.filter(|_| self.counts_own());
        let mut others: Vec<&LaneCell> =
            self.iter_others().filter(|cell| lane_of_cells != Some(cell.lane)).collect();
        others.sort_unstable_by_key(|cell| cell.key());
        others
    }

    fn put_counter(
        &self,
        lane: Option<LaneId>,
        others: &[&LaneCell],
        tracking: &Tracking,
        scratch: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        let lane_of_cells = lane.filter(|_| self.counts_own());
        let others = || others.iter().copied();
        let ours = self.earlier().len() + usize::from(self.own.is_some());
        let ours = lane_of_cells.map_or(0, |_| ours);
        codec::put_head(lane, others().count() + ours, out);
        let Some(lane) = lane_of_cells else { return others().for_each(|cell| put_other(cell, out)) };
        others().filter(|cell| cell.lane < lane).for_each(|cell| put_other(cell, out));
        let key = |birth| CellKey { lane, birth };
        let put_earlier = |cell: &EarlierCell, out: &mut _| {
            codec::put_cell(key(cell.birth), cell.stamp, &cell.replaced, cell.body.bytes(), out);
        };
        let (older, younger) =
            self.earlier().split_at(self.earlier().partition_point(|cell| cell.birth < self.birth));
        older.iter().for_each(|cell| put_earlier(cell, out));
        if let Some(cell) = &self.own {
            scratch.clear();
            cell.put(tracking, scratch);
            codec::put_cell(key(self.birth), self.stamp, &self.replaced(), scratch, out);
        }
        younger.iter().for_each(|cell| put_earlier(cell, out));
        others().filter(|cell| cell.lane > lane).for_each(|cell| put_other(cell, out));
    }

    /// Adds the stored part of an event to what was recorded before it was read.
    pub(crate) fn add_stored(
        &mut self,
        stored: Entry,
        births: StepBirths,
        (tracking, view): (&Tracking, &View),
        occurrences: impl Iterator<Item = Stamp>,
    ) {
        let current = &view.current.numbers;
        let recorded = std::mem::replace(self, stored);
        self.add_recorded_marks(&recorded, view, occurrences);
        let lowest_clock =
            recorded.origin.as_ref().and_then(|origin| origin.lowest_clock).unwrap_or(i64::MAX);
        self.marks = recorded.marks;
        self.stale = self.stale.or(recorded.stale);
        self.deleted_pending_write = recorded.deleted_pending_write;
        self.in_flight = recorded.in_flight;
        let reservations = self.reservations().iter().chain(recorded.reservations()).cloned().collect();
        self.change_origin(|origin| origin.reservations = reservations);
        let stored_stamp = self.stamp;
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
        // A cell that was begun under the open step is shifted if the clock is set.
        let begun_after = births.begun_after;
        let has_begun = self.birth.number <= begun_after && recorded.birth.number > begun_after;
        let is_under_step = has_begun && self.has_room_for_cell();
        if !is_large_step && !is_under_step && recorded_earlier.is_empty() {
            stored.absorb(tracking, &later, lowest_clock, current);
            self.own = Some(stored);
            return;
        }
        // The clock went back between the two, so their buckets must not mix.
        let sealed = EarlierCell {
            birth: self.birth,
            stamp: stored_stamp,
            replaced: self.replaced(),
            body: stored.seal(tracking),
        };
        self.set_replaced(Replaced::default());
        self.add_earlier([vec![sealed], recorded_earlier.into_vec()].concat());
        (self.own, self.birth) = (Some(later), recorded.birth);
    }
}

/// Whether each cell is in the value to which the next write saves it.
fn is_in_place(stored: &StoredParts, lane: Option<LaneId>) -> bool {
    let StoredParts { event, others } = stored;
    let is_own = |cell: &LaneCell| Some(cell.lane) == lane;
    let is_plain =
        |event: &StoredEvent| event.counter.cells.iter().all(is_own) && event.local.ahead.is_empty();
    event.as_ref().is_none_or(is_plain)
        && others.as_ref().is_none_or(|others| !others.counter.cells.iter().any(is_own))
}

fn put_other(cell: &LaneCell, out: &mut Vec<u8>) {
    codec::put_cell(cell.key(), cell.stamp, &cell.replaced, cell.body.bytes(), out);
}
