//! One event in memory.

use crate::codec;
use crate::counter::cell::Cell;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{Generation, LaneCell, LaneId};
use crate::counter::reading::{Reading, View};
use crate::counter::tracking::Tracking;
use crate::time::bucket::Numbers;

/// What has to be done with an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Changed since the last persist or `reset_dirty`.
    pub(crate) dirty: bool,
    /// The storage has not been given it.
    pub(crate) unwritten: bool,
    /// A loss of power would lose it.
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

/// An event: the own lane's cell, open, and what came from elsewhere.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: Box<str>,
    pub(crate) own: Option<Cell>,
    pub(crate) stamp: u64,
    /// Nothing for an event that was only ever recorded here, since the opening.
    origin: Option<Box<Origin>>,
    pub(crate) marks: Marks,
    /// Handed to a persist that has not come back yet.
    pub(crate) in_flight: bool,
    /// What is stored has not been added in yet.
    pub(crate) unloaded: bool,
    /// Erased, and the storage has not been told.
    pub(crate) gone: bool,
}

/// What an event has that was stored, merged or erased.
#[derive(Debug, Default, PartialEq, Eq)]
struct Origin {
    /// The own cell's stamp as it was read from the storage: it can have left the device.
    stored: u64,
    generation: Generation,
    /// The others' cells, as they came, ascending by lane.
    others: Box<[LaneCell]>,
    /// The lowest that the clock showed at a recording before the stored part was read.
    lowest: Option<i64>,
}

impl Entry {
    pub(crate) fn new(name: &str, generation: Generation) -> Entry {
        let mut entry = Entry {
            name: name.into(),
            own: None,
            stamp: 0,
            origin: None,
            marks: Marks::default(),
            in_flight: false,
            unloaded: false,
            gone: false,
        };
        entry.set_generation(generation);
        entry
    }

    pub(crate) fn stored(&self) -> u64 {
        self.origin.as_ref().map_or(0, |origin| origin.stored)
    }

    pub(crate) fn generation(&self) -> Generation {
        self.origin.as_ref().map_or_else(Generation::default, |origin| origin.generation)
    }

    #[inline]
    pub(crate) fn others(&self) -> &[LaneCell] {
        self.origin.as_ref().map_or(&[], |origin| &origin.others)
    }

    pub(crate) fn set_stored(&mut self, stamp: u64) {
        self.change_origin(|origin| origin.stored = stamp);
    }

    pub(crate) fn set_generation(&mut self, generation: Generation) {
        self.change_origin(|origin| origin.generation = generation);
    }

    pub(crate) fn set_others(&mut self, others: Vec<LaneCell>) {
        self.change_origin(|origin| origin.others = others.into());
    }

    pub(crate) fn take_others(&mut self) -> Vec<LaneCell> {
        let mut taken = Vec::new();
        self.change_origin(|origin| taken = std::mem::take(&mut origin.others).into_vec());
        taken
    }

    /// Takes note of the clock at a recording, for when the stored part is added in.
    #[inline]
    pub(crate) fn note_clock(&mut self, now: i64) {
        if self.unloaded {
            self.change_origin(|origin| {
                origin.lowest = Some(origin.lowest.map_or(now, |known| known.min(now)))
            });
        }
    }

    /// The storage holds nothing of it that would have to be added in.
    pub(crate) fn end_loading(&mut self) {
        self.unloaded = false;
        self.change_origin(|origin| origin.lowest = None);
    }

    fn change_origin(&mut self, change: impl FnOnce(&mut Origin)) {
        let mut origin = self.origin.take().unwrap_or_default();
        change(&mut origin);
        self.origin = (*origin != Origin::default()).then_some(origin);
    }

    /// Takes a counter apart into the own cell and the others'.
    pub(crate) fn from_counter(
        name: &str,
        mut counter: SingleEventCounter,
        lane: Option<LaneId>,
        tracking: &Tracking,
    ) -> Entry {
        let own = lane.and_then(|lane| counter.take(lane));
        let mut entry = Entry {
            stamp: own.as_ref().map_or(0, |cell| cell.stamp),
            own: own.map(|cell| Cell::open(&cell.body, tracking)),
            ..Entry::new(name, counter.generation)
        };
        entry.set_others(counter.cells);
        entry
    }

    /// The event as it is stored and exchanged.
    pub(crate) fn to_counter(&self, lane: Option<LaneId>, tracking: &Tracking) -> SingleEventCounter {
        let mut counter =
            SingleEventCounter { generation: self.generation(), own: lane, cells: self.others().to_vec() };
        if let Some((lane, own)) = lane.zip(self.own.as_ref()) {
            counter.put(LaneCell { lane, stamp: self.stamp, body: own.seal(tracking) });
        }
        counter
    }

    /// Appends the bytes of the event as it is stored. `scratch` is room for a moment.
    pub(crate) fn put(
        &self,
        lane: Option<LaneId>,
        tracking: &Tracking,
        scratch: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        let own = lane.zip(self.own.as_ref());
        let others = || self.others().iter().filter(|cell| own.is_none_or(|(lane, _)| lane != cell.lane));
        codec::put_head(self.generation(), lane, others().count() + usize::from(own.is_some()), out);
        let put =
            |cell: &LaneCell, out: &mut _| codec::put_cell(cell.lane, cell.stamp, cell.body.bytes(), out);
        let Some((lane, cell)) = own else { return others().for_each(|cell| put(cell, out)) };
        others().filter(|cell| cell.lane < lane).for_each(|cell| put(cell, out));
        scratch.clear();
        cell.put(tracking, scratch);
        codec::put_cell(lane, self.stamp, scratch, out);
        others().filter(|cell| cell.lane > lane).for_each(|cell| put(cell, out));
    }

    /// Adds the stored part of an event to what was recorded before it was read.
    pub(crate) fn add_stored(&mut self, stored: Entry, tracking: &Tracking, current: &Numbers) {
        let recorded = std::mem::replace(self, stored);
        let lowest = recorded.origin.as_ref().and_then(|origin| origin.lowest).unwrap_or(i64::MAX);
        self.marks = recorded.marks;
        self.gone = recorded.gone;
        self.in_flight = recorded.in_flight;
        if self.generation() < recorded.generation() {
            self.empty(recorded.generation());
        }
        self.stamp = self.stamp.max(recorded.stamp);
        self.own = match (self.own.take(), recorded.own) {
            (Some(mut stored), Some(later)) => {
                stored.absorb(tracking, &later, lowest, current);
                Some(stored)
            }
            (stored, later) => stored.or(later),
        };
    }

    /// Drops all counts and goes on under another generation.
    pub(crate) fn empty(&mut self, generation: Generation) {
        self.own = None;
        self.change_origin(|origin| (origin.generation, origin.others) = (generation, Box::default()));
    }

    pub(crate) fn is_known(&self) -> bool {
        !self.gone
    }

    #[inline]
    pub(crate) fn reading<'a>(&'a self, tracking: &'a Tracking, view: &'a View) -> Reading<'a> {
        Reading { own: self.own.as_ref(), others: self.others(), tracking, view }
    }

    /// The bytes held for the event.
    pub(crate) fn heap(&self) -> usize {
        let origin = self.origin.as_ref().map_or(0, |origin| {
            let bodies: usize = origin.others.iter().map(|cell| cell.body.bytes().len()).sum();
            size_of::<Origin>() + origin.others.len() * size_of::<LaneCell>() + bodies
        });
        size_of::<Entry>() + self.name.len() + self.own.as_ref().map_or(0, Cell::heap) + origin
    }
}
