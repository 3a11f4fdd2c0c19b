//! All cells of one event: what is exported, merged and stored.

use super::lane::{Generation, LaneCell, LaneId};

/// Everything that is known of one event, from all devices: what `export_all` hands out and `merge_all` takes.
///
/// Merging the same counter again changes nothing, whatever the order and however often.
#[derive(Debug, Clone, Default)]
pub struct SingleEventCounter {
    pub(crate) generation: Generation,
    /// The lane of the store that wrote this.
    pub(crate) own: Option<LaneId>,
    /// Ascending by lane, each lane once.
    pub(crate) cells: Vec<LaneCell>,
}

impl PartialEq for SingleEventCounter {
    /// The same counts, whoever wrote them down.
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

    /// Puts a cell in the place of what its lane had.
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

    /// Removes what was counted, here and wherever this is heard of.
    pub(crate) fn erase(&mut self) {
        self.generation = self.generation.next();
        self.cells.clear();
    }

    /// Lifts the counter to a generation: what was counted under a lower one goes.
    pub(crate) fn raise(&mut self, generation: Generation) {
        if self.generation < generation {
            self.generation = generation;
            self.cells.clear();
        }
    }
}
