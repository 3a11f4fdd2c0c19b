//! Lane ids, generations, and the cell of one lane.

use std::fmt;

use super::body::Body;
use crate::bounds::MAX_GENERATION;

/// The random id of a lane. A lane holds the counts of one store, and only that store writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LaneId(pub(crate) [u8; 16]);

impl fmt::Debug for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The number of times that everything was erased, and the number of times that this event was
/// erased since then. Counts of a lower generation are erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Generation {
    pub(crate) store: u32,
    pub(crate) event: u32,
}

impl Generation {
    /// The generation after an erase of this event.
    pub(crate) fn next(self) -> Generation {
        Generation { event: self.event.saturating_add(1).min(MAX_GENERATION), ..self }
    }

    /// Both numbers as one. Its order is that of generations.
    pub(crate) fn to_number(self) -> u64 {
        u64::from(self.store) << 32 | u64::from(self.event)
    }

    /// The generation of which `to_number` returns `number`.
    pub(crate) fn from_number(number: u64) -> Generation {
        let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
        Generation { store: u32::from_be_bytes([a, b, c, d]), event: u32::from_be_bytes([e, f, g, h]) }
    }

    /// The first generation of every event in a generation of the store.
    pub(crate) fn of_store(store: u32) -> Generation {
        Generation { store, event: 0 }
    }
}

/// The birth of the first cell of an event in a lane, unless a large step of the clock is open. It
/// is always the same, so that an import replaces the cell although its stored form cannot be read.
pub(crate) const FIRST_BIRTH: u64 = 1;

/// A cell in its encoded form, as it is stored and exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LaneCell {
    pub(crate) lane: LaneId,
    /// [`FIRST_BIRTH`], or the stamp under which the cell was begun. A lane can have several cells
    /// of one event: it begins another one when its clock goes back by a large step.
    pub(crate) birth: u64,
    /// The number that the lane's writer issued for the last change of this cell.
    pub(crate) stamp: u64,
    pub(crate) body: Body,
}

/// A cell of the own lane that the store no longer adds to, in its encoded form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EarlierCell {
    pub(crate) birth: u64,
    pub(crate) stamp: u64,
    pub(crate) body: Body,
}

impl EarlierCell {
    /// The cell as one of a lane.
    pub(crate) fn of(self, lane: LaneId) -> LaneCell {
        let EarlierCell { birth, stamp, body } = self;
        LaneCell { lane, birth, stamp, body }
    }
}

impl From<LaneCell> for EarlierCell {
    fn from(cell: LaneCell) -> EarlierCell {
        let LaneCell { birth, stamp, body, .. } = cell;
        EarlierCell { birth, stamp, body }
    }
}

/// A lane that is not the own one any more, or that another storage of this device counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LegacyLane {
    pub(crate) lane: LaneId,
    /// If this store did not issue the numbers of the lane: the number that it issued when it took
    /// in what the lane counted.
    pub(crate) taken_in: Option<u64>,
}

/// A cell of another lane whose last time lies ahead of this store's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AheadCell {
    pub(crate) key: (LaneId, u64),
    /// Its last time.
    pub(crate) last: i64,
    /// When this store first had the cell with that last time, by its own clock.
    pub(crate) received: i64,
    /// The number that this store issued then.
    pub(crate) number: u64,
}

impl LaneCell {
    /// What tells the cell from all others of its event. Cells are ordered by it.
    pub(crate) fn key(&self) -> (LaneId, u64) {
        (self.lane, self.birth)
    }
}
