//! All cells of one event, as they are exported, merged and stored.

use super::lane::{Generation, LaneCell, LaneId};

/// The counts of one event from all devices. `export_all` returns it and `merge_all` takes it.
///
/// Counters can be merged in any order. Merging the same counter again changes nothing.
#[derive(Debug, Clone, Default)]
pub struct SingleEventCounter {
    pub(crate) generation: Generation,
    /// The lane of the store that wrote this; only in stored counters.
    pub(crate) own: Option<LaneId>,
    /// Ascending by lane, each lane once.
    pub(crate) cells: Vec<LaneCell>,
}

impl PartialEq for SingleEventCounter {
    /// Whether the counts are equal. Which store wrote them is not compared.
    fn eq(&self, other: &Self) -> bool {
        self.generation == other.generation && self.cells == other.cells
    }
}

impl SingleEventCounter {
    pub(crate) fn cell(&self, lane: LaneId) -> Option<&LaneCell> {
        self.place(lane).ok().and_then(|place| self.cells.get(place))
    }

    pub(crate) fn place(&self, lane: LaneId) -> Result<usize, usize> {
        self.cells.binary_search_by(|cell| cell.lane.cmp(&lane))
    }

    /// Adds a cell, or replaces the one of the same lane.
    pub(crate) fn put(&mut self, cell: LaneCell) {
        match self.place(cell.lane) {
            Ok(place) => {
                if let Some(known) = self.cells.get_mut(place) {
                    *known = cell;
                }
            }
            Err(place) => self.cells.insert(place, cell),
        }
    }

    pub(crate) fn take(&mut self, lane: LaneId) -> Option<LaneCell> {
        self.place(lane).ok().map(|place| self.cells.remove(place))
    }

    /// Drops all counts and raises the generation.
    pub(crate) fn erase(&mut self) {
        self.generation = self.generation.next();
        self.cells.clear();
    }

    /// Raises the counter to a generation. Counts of a lower one are dropped.
    pub(crate) fn raise(&mut self, generation: Generation) {
        if self.generation < generation {
            self.generation = generation;
            self.cells.clear();
        }
    }
}
