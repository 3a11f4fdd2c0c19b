//! All cells of one event. This is the form that is exported, merged and stored.

use super::lane::{Generation, LaneCell, LaneId};

/// The counts of one event from all devices.
///
/// [`export_all`](crate::EventStore::export_all) returns counters, and
/// [`merge_all`](crate::EventStore::merge_all) adds them to another store. Counters can be merged
/// in any order. Merging the same counter again changes nothing.
///
/// A counter can answer questions without a store: [`sum`](Self::sum), [`buckets`](Self::buckets),
/// [`last_seen`](Self::last_seen) and others. With the feature `serde` it can be serialized.
#[derive(Debug, Clone, Default)]
pub struct SingleEventCounter {
    pub(crate) generation: Generation,
    /// The lane of the store that wrote this. Only stored counters have it.
    pub(crate) own: Option<LaneId>,
    /// Ascending by lane and birth, each once.
    pub(crate) cells: Vec<LaneCell>,
}

impl PartialEq for SingleEventCounter {
    /// Compares the counts. The store that wrote them is not compared.
    fn eq(&self, other: &Self) -> bool {
        self.generation == other.generation && self.cells == other.cells
    }
}

impl SingleEventCounter {
    /// The cell with a key.
    pub(crate) fn cell(&self, key: (LaneId, u64)) -> Option<&LaneCell> {
        self.find(key).ok().and_then(|index| self.cells.get(index))
    }

    /// The cells of a lane, oldest first.
    pub(crate) fn cells_of(&self, lane: LaneId) -> impl Iterator<Item = &LaneCell> {
        self.cells.iter().filter(move |cell| cell.lane == lane)
    }

    /// The index of the cell with a key, or else the index at which it has to be inserted.
    fn find(&self, key: (LaneId, u64)) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&key, LaneCell::key)
    }

    /// Adds a cell, or replaces the one with the same key.
    pub(crate) fn put(&mut self, cell: LaneCell) {
        match self.find(cell.key()) {
            Ok(index) => {
                if let Some(known) = self.cells.get_mut(index) {
                    *known = cell;
                }
            }
            Err(index) => self.cells.insert(index, cell),
        }
    }

    /// Removes and returns the cells of a lane, oldest first.
    pub(crate) fn take_lane(&mut self, lane: LaneId) -> Vec<LaneCell> {
        self.cells.extract_if(.., |cell| cell.lane == lane).collect()
    }

    /// Raises the counter to a generation. Drops its counts if they are of a lower one.
    pub(crate) fn raise(&mut self, generation: Generation) {
        if self.generation < generation {
            self.generation = generation;
            self.cells.clear();
        }
    }
}
