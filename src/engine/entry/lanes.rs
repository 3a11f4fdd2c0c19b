//! The cells of an event in all lanes: dropping those that are erased or replaced, and giving the
//! own ones to another lane.

use std::collections::BTreeSet;

use super::{Entry, Stale};
use crate::counter::join::settle;
use crate::counter::lane::{CellKey, EarlierCell, LaneCell, LaneId, Replaced, ReplacedCell, Was};
use crate::counter::stamp::Stamp;
use crate::counter::tracking::Tracking;

impl Entry {
    /// The keys of all cells, each with the cells that it replaces. Those of this store are left
    /// out if nobody else knows them.
    pub(crate) fn keys(&self, lane: Option<LaneId>) -> Vec<(CellKey, Replaced)> {
        let lane = lane.filter(|_| self.is_shown);
        let ours = lane.into_iter().flat_map(|lane| {
            let key = move |birth| CellKey { lane, birth };
            self.own_cells().map(move |(birth, replaced)| (key(birth), replaced))
        });
        let others = self.iter_others().map(|cell| (cell.key(), cell.replaced.clone()));
        ours.chain(others).collect()
    }

    /// The births of the cells of this store, each with the cells that it replaces.
    fn own_cells(&self) -> impl Iterator<Item = (Stamp, Replaced)> {
        let own = self.own.as_ref().map(|_| (self.birth, self.replaced()));
        let earlier = self.earlier().iter().map(|cell| (cell.birth, cell.replaced.clone()));
        earlier.chain(own)
    }

    /// Whether a cell of this store counts in the place of one of another lane. Of cells that
    /// replace the same cell only the youngest counts.
    pub(super) fn outranks(&self, cell: &LaneCell) -> bool {
        self.own_cells().any(|(birth, replaced)| birth > cell.birth && replaced.meets(&cell.replaced))
    }

    /// Whether a cell of another lane counts in the place of one of this store.
    pub(crate) fn is_outranked(&self) -> bool {
        let others = self.all_others();
        self.own_cells().any(|(birth, replaced)| {
            others.iter().any(|cell| cell.birth > birth && replaced.meets(&cell.replaced))
        })
    }

    /// The cells that become erased with the event: each of them, and those that it replaces.
    pub(crate) fn erasable(&self, lane: Option<LaneId>) -> Vec<CellKey> {
        let keys = self.keys(lane);
        let replaced = keys.iter().flat_map(|(_, replaced)| replaced.cells());
        let replaced = replaced.filter(|cell| cell.is_erased_too()).map(|cell| cell.key);
        keys.iter().map(|(key, _)| *key).chain(replaced).collect()
    }

    /// Drops the cells that are erased, and those that another cell replaces. Returns the cells
    /// that become erased by this; absent if nothing was dropped.
    pub(crate) fn settle(
        &mut self,
        lane: Option<LaneId>,
        is_erased: impl Fn(CellKey) -> bool,
    ) -> Option<Vec<CellKey>> {
        let keys = self.keys(lane);
        let is_plain = keys.iter().all(|(key, replaced)| replaced.cells().is_empty() && !is_erased(*key));
        if is_plain {
            return None;
        }
        let (left, newly_erased) = settle(&keys, is_erased);
        let stale = self.stale;
        let left: BTreeSet<CellKey> = left.into_iter().collect();
        let is_left = |key: CellKey| left.contains(&key);
        let before = self.cells();
        let mut others = self.take_others();
        others.retain(|cell| is_left(cell.key()));
        if let Some(lane) = lane.filter(|_| self.is_shown) {
            let is_left = |birth: Stamp| is_left(CellKey { lane, birth });
            let mut earlier = self.take_earlier();
            earlier.retain(|cell| is_left(cell.birth));
            self.set_earlier(earlier);
            let birth = self.birth;
            if self.own.take_if(|_| !is_left(birth)).is_some() {
                self.birth = Stamp::default();
                self.set_replaced(Replaced::default());
            }
            // Nobody knows the next cell.
            self.show();
        }
        self.set_others(others);
        self.stale = if self.cells() < before { stale.or(Stale::BOTH) } else { stale };
        (self.cells() < before || !newly_erased.is_empty()).then_some(newly_erased)
    }

    /// Makes the cells of this store cells of another lane. What nobody else knows stays its own.
    pub(crate) fn give_to(&mut self, lane: LaneId, tracking: &Tracking) {
        if !self.is_shown {
            return;
        }
        let own = self.own.take().map(|own| {
            let (birth, stamp, replaced) = (self.birth, self.stamp, self.replaced());
            EarlierCell { birth, stamp, replaced, body: own.seal(tracking) }
        });
        self.birth = Stamp::default();
        self.set_replaced(Replaced::default());
        let mut others = self.all_others();
        others.extend(self.take_earlier().into_iter().chain(own).map(|cell| cell.of(lane)));
        others.sort_unstable_by_key(LaneCell::key);
        self.set_others(others);
        self.stale.event = true;
        self.is_shown = false;
    }

    /// The cells that a new cell of this store replaces: those of this device, and those that they
    /// replaced.
    pub(crate) fn replaceable(
        &self,
        lane: Option<LaneId>,
        is_own: impl Fn(CellKey) -> bool,
        is_erased: impl Fn(CellKey) -> bool,
    ) -> Vec<ReplacedCell> {
        let mut cells = Vec::new();
        for (key, replaced) in self.keys(lane).into_iter().filter(|(key, _)| is_own(*key)) {
            cells.extend_from_slice(replaced.cells());
            cells.push(ReplacedCell { key, was: Was::Counted });
        }
        cells.iter_mut().filter(|cell| is_erased(cell.key)).for_each(|cell| cell.was = Was::Erased);
        cells
    }
}
