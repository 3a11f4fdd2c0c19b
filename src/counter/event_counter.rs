//! All cells of one event. This is the form that is exported, merged and stored.

use super::join::{counted, settle};
use super::lane::{LaneCell, LaneId};

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
    /// The lane of the store that wrote this. Only stored counters have it.
    pub(crate) own: Option<LaneId>,
    /// Ascending by lane and birth, each once.
    pub(crate) cells: Vec<LaneCell>,
}

impl PartialEq for SingleEventCounter {
    /// Compares the counts. The store that wrote them is not compared.
    fn eq(&self, other: &Self) -> bool {
        self.cells == other.cells
    }
}

impl SingleEventCounter {
    /// The cells of a lane, oldest first.
    pub(crate) fn cells_of(&self, lane: LaneId) -> impl Iterator<Item = &LaneCell> {
        self.cells.iter().filter(move |cell| cell.lane == lane)
    }

    /// The cells that count.
    pub(crate) fn counted(&self) -> Vec<LaneCell> {
        let counted = counted(&self.cells);
        self.cells.iter().zip(counted).filter(|(_, counts)| *counts).map(|(cell, _)| cell.clone()).collect()
    }

    /// Drops the cells that other cells replace.
    pub(crate) fn drop_replaced(&mut self) {
        let keys: Vec<_> = self.cells.iter().map(|cell| (cell.key(), cell.replaced.clone())).collect();
        let (left, _) = settle(&keys, |_| false);
        // Both lists have the same order.
        let mut left = left.into_iter().peekable();
        self.cells.retain(|cell| left.next_if_eq(&cell.key()).is_some());
    }

    /// Adds a cell, or replaces the one with the same key.
    pub(crate) fn put(&mut self, cell: LaneCell) {
        match self.cells.binary_search_by_key(&cell.key(), LaneCell::key) {
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
}
