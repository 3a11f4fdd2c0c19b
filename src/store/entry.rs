//! One event in memory.

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

/// An event: the own lane's cell, open, and the others', as they came.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) own: Option<Cell>,
    pub(crate) stamp: u64,
    /// The own cell's stamp as it was read from the storage: it can have left the device.
    pub(crate) stored: u64,
    pub(crate) generation: Generation,
    pub(crate) others: Box<[LaneCell]>,
    pub(crate) marks: Marks,
    /// Handed to a persist that has not come back yet.
    pub(crate) in_flight: bool,
    /// What is stored has not been added in yet.
    pub(crate) unloaded: bool,
    /// Erased, and the storage has not been told.
    pub(crate) gone: bool,
}

impl Entry {
    pub(crate) fn new(generation: Generation) -> Entry {
        Entry {
            own: None,
            stamp: 0,
            stored: 0,
            generation,
            others: Box::default(),
            marks: Marks::default(),
            in_flight: false,
            unloaded: false,
            gone: false,
        }
    }

    /// Takes a counter apart into the own cell and the others'.
    pub(crate) fn from_counter(
        mut counter: SingleEventCounter,
        lane: Option<LaneId>,
        tracking: &Tracking,
    ) -> Entry {
        let own = lane.and_then(|lane| counter.take(lane));
        Entry {
            stamp: own.as_ref().map_or(0, |cell| cell.stamp),
            own: own.map(|cell| Cell::open(&cell.body, tracking)),
            others: counter.cells.into(),
            ..Entry::new(counter.generation)
        }
    }

    /// The event as it is stored and exchanged.
    pub(crate) fn to_counter(&self, lane: Option<LaneId>, tracking: &Tracking) -> SingleEventCounter {
        let mut counter =
            SingleEventCounter { generation: self.generation, own: lane, cells: self.others.to_vec() };
        if let Some((lane, own)) = lane.zip(self.own.as_ref()) {
            counter.put(LaneCell { lane, stamp: self.stamp, body: own.seal(tracking) });
        }
        counter
    }

    /// Adds the stored part of an event to what was recorded, by the clock at `now`, before it was read.
    pub(crate) fn add_stored(&mut self, stored: Entry, tracking: &Tracking, now: i64, current: &Numbers) {
        let recorded = std::mem::replace(self, stored);
        self.marks = recorded.marks;
        self.gone = recorded.gone;
        self.in_flight = recorded.in_flight;
        if self.generation < recorded.generation {
            self.generation = recorded.generation;
            (self.own, self.others) = (None, Box::default());
        }
        self.stamp = self.stamp.max(recorded.stamp);
        self.own = match (self.own.take(), recorded.own) {
            (Some(mut stored), Some(later)) => {
                stored.absorb(tracking, &later, now, current);
                Some(stored)
            }
            (stored, later) => stored.or(later),
        };
    }

    pub(crate) fn is_known(&self) -> bool {
        !self.gone
    }

    pub(crate) fn reading<'a>(&'a self, tracking: &'a Tracking, view: &'a View) -> Reading<'a> {
        Reading { own: self.own.as_ref(), others: &self.others, tracking, view }
    }

    /// The bytes held for the event.
    pub(crate) fn heap(&self) -> usize {
        let others: usize = self.others.iter().map(|cell| cell.body.bytes().len()).sum();
        size_of::<Entry>()
            + self.own.as_ref().map_or(0, Cell::heap)
            + self.others.len() * size_of::<LaneCell>()
            + others
    }
}
