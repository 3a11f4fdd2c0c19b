//! Lane ids and cells.

use std::fmt;

use super::body::Body;
use super::stamp::Stamp;
use crate::bounds::{ACCEPTED_AHEAD, MAX_REPLACED};

/// The random id of a lane. A lane holds the counts of one store, and only that store writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LaneId(pub(crate) [u8; 16]);

impl LaneId {
    /// The opening of the stamps of an import with this id. It tells an import from what a store
    /// counts.
    pub(crate) fn import_opening(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }
}

impl fmt::Display for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What tells a cell from all others: its lane, and the stamp under which it was begun there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CellKey {
    pub(crate) lane: LaneId,
    pub(crate) birth: Stamp,
}

/// The cells whose place a cell takes. They count nowhere any more where this cell is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Replaced(Option<Box<[ReplacedCell]>>);

/// A cell whose place another one takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReplacedCell {
    pub(crate) key: CellKey,
    pub(crate) was: Was,
}

/// What the store knew of a cell when it replaced it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub(crate) enum Was {
    /// It was erased. The cell that replaces it lives on, because an import can bring erased counts
    /// back on purpose.
    Erased,
    /// The store did not have it under this name, so it may belong to another event. An erasure of
    /// one of the two cells is none of the other.
    Unknown,
    /// It counted. If one of the two cells is erased, the other one is erased too.
    Counted,
}

impl Was {
    /// Its number in exports and in stored values.
    pub(crate) fn code(self) -> u8 {
        match self {
            Was::Counted => 0,
            Was::Erased => 1,
            Was::Unknown => 2,
        }
    }

    pub(crate) fn from_code(code: u64) -> Option<Was> {
        [Was::Counted, Was::Erased, Was::Unknown].into_iter().find(|was| u64::from(was.code()) == code)
    }
}

impl ReplacedCell {
    /// Whether the cell that replaces it is erased if this one is.
    pub(crate) fn is_fatal(&self) -> bool {
        self.was == Was::Counted
    }

    /// Whether it is erased if the cell that replaces it is.
    pub(crate) fn is_erased_too(&self) -> bool {
        self.was != Was::Unknown
    }
}

impl Replaced {
    /// Takes replaced cells in any order.
    pub(crate) fn new(mut cells: Vec<ReplacedCell>) -> Replaced {
        // A cell that is listed twice was erased if either says so.
        cells.sort_unstable_by_key(|cell| (cell.key, cell.was));
        cells.dedup_by_key(|cell| cell.key);
        // Only forged cells list more.
        cells.drain(..cells.len().saturating_sub(MAX_REPLACED));
        Replaced((!cells.is_empty()).then(|| cells.into()))
    }

    /// Ascending by key.
    pub(crate) fn cells(&self) -> &[ReplacedCell] {
        self.0.as_deref().unwrap_or_default()
    }

    pub(crate) fn has(&self, key: CellKey) -> bool {
        self.cells().binary_search_by_key(&key, |cell| cell.key).is_ok()
    }

    /// Whether both replace the same cell.
    pub(crate) fn meets(&self, other: &Replaced) -> bool {
        // Of many cells most replace few others, so this takes no longer than to read them.
        let (shorter, longer) =
            if self.cells().len() <= other.cells().len() { (self, other) } else { (other, self) };
        shorter.cells().iter().any(|cell| longer.has(cell.key))
    }

    /// The cells that either replaces.
    pub(crate) fn joined(&self, other: &Replaced) -> Replaced {
        match other.0.is_none() || self == other {
            true => self.clone(),
            false => Replaced::new([self.cells(), other.cells()].concat()),
        }
    }
}

/// A cell in its encoded form, as it is stored and exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LaneCell {
    pub(crate) lane: LaneId,
    /// The stamp under which the cell was begun. A lane can have several cells of one event: it
    /// begins another one when the event was erased, or when its clock goes back by a large step.
    pub(crate) birth: Stamp,
    /// The stamp that the lane's writer issued for the last change of this cell.
    pub(crate) stamp: Stamp,
    pub(crate) replaced: Replaced,
    pub(crate) body: Body,
}

/// A cell of the own lane that the store no longer adds to, in its encoded form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EarlierCell {
    pub(crate) birth: Stamp,
    pub(crate) stamp: Stamp,
    pub(crate) replaced: Replaced,
    pub(crate) body: Body,
}

impl EarlierCell {
    /// The cell as one of a lane.
    pub(crate) fn of(self, lane: LaneId) -> LaneCell {
        let EarlierCell { birth, stamp, replaced, body } = self;
        LaneCell { lane, birth, stamp, replaced, body }
    }
}

impl From<LaneCell> for EarlierCell {
    fn from(cell: LaneCell) -> EarlierCell {
        let LaneCell { birth, stamp, replaced, body, .. } = cell;
        EarlierCell { birth, stamp, replaced, body }
    }
}

/// A lane that is not the own one any more, or that another storage of this device counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LegacyLane {
    pub(crate) lane: LaneId,
    /// The number of its last stamp that this device issued.
    pub(crate) last: u64,
    /// If this store did not issue the numbers of the lane: the number that it issued when it took
    /// in what the lane counted.
    pub(crate) taken_in: Option<u64>,
}

/// A cell of another lane whose last time lies ahead of this store's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AheadCell {
    pub(crate) key: CellKey,
    /// Its last time.
    pub(crate) last: i64,
    /// When this store first had the cell with that last time, by its own clock.
    pub(crate) received: i64,
    /// The number that this store issued then.
    pub(crate) number: u64,
}

impl AheadCell {
    /// Whether it lay so far ahead that the clock of its device is not accepted.
    pub(crate) fn is_far(&self) -> bool {
        self.last.saturating_sub(self.received) > ACCEPTED_AHEAD
    }
}

impl LaneCell {
    /// Whether it has counts of another library, which were taken over once.
    pub(super) fn is_import(&self) -> bool {
        self.birth.opening == self.lane.import_opening()
    }

    /// The stamps of a lane that the cell names.
    pub(crate) fn stamps_of(&self, lane: LaneId) -> impl Iterator<Item = Stamp> {
        let own = [self.birth, self.stamp].into_iter().filter(move |_| self.lane == lane);
        let replaced = self.replaced.cells().iter().filter(move |replaced| replaced.key.lane == lane);
        own.chain(replaced.map(|replaced| replaced.key.birth))
    }

    /// Cells are ordered by it.
    pub(crate) fn key(&self) -> CellKey {
        CellKey { lane: self.lane, birth: self.birth }
    }
}
