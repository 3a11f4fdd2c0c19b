//! Replacing events by imported counters.

use std::collections::BTreeSet;

use super::Engine;
use super::entry::Entry;
use super::join_event::{check_size, stored_bytes};
use super::markers::BUILT_IN;
use crate::bounds::MAX_REPLACED;
use crate::counter::body::Body;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::join::settle;
use crate::counter::lane::{CellKey, LaneCell, LaneId, Replaced, ReplacedCell, Was};
use crate::error::Result;

impl Engine {
    /// Checks whether an event can be replaced by `counter`.
    ///
    /// # Errors
    /// As `check_merge`.
    pub(crate) fn check_import(&self, name: &str, counter: &SingleEventCounter) -> Result<()> {
        check_size(name, counter.cells.iter().map(stored_bytes).sum())
    }

    /// Replaces an event by an imported counter.
    ///
    /// What the counter holds of cells of this device becomes one new cell. It replaces every cell
    /// of this device, here and in the counter. If there is none, no cell is made. The cells of
    /// other devices are put as they are, and erased ones are left out.
    pub(crate) fn import(&mut self, name: &str, counter: SingleEventCounter) {
        let keys: Vec<_> = counter.cells.iter().map(|cell| (cell.key(), cell.replaced.clone())).collect();
        let (live, newly_erased) = settle(&keys, |key| self.lanes.is_erased(key));
        let live: BTreeSet<CellKey> = live.into_iter().collect();
        self.erase_cells(newly_erased);
        let (ours, theirs): (Vec<LaneCell>, Vec<LaneCell>) =
            counter.cells.iter().cloned().partition(|cell| self.is_own_cell(cell.key()));
        let mut entry = Entry::new(name);
        self.keep_local(&mut entry);
        let replaced = self.events.get(name).map_or_else(Vec::new, |known| {
            known.replaceable(self.lane, |key| self.is_own_cell(key), |key| self.lanes.is_erased(key))
        });
        let mut others: Vec<LaneCell> =
            theirs.into_iter().filter(|cell| live.contains(&cell.key())).collect();
        let known = self.events.get(name).map_or_else(Vec::new, Entry::all_others);
        let concerned: BTreeSet<LaneId> = others
            .iter()
            .chain(known.iter().filter(|cell| !self.is_own_cell(cell.key())))
            .map(|cell| cell.lane)
            .collect();
        if !ours.is_empty() || !replaced.is_empty() {
            // What was erased here can be brought back only like this.
            let mut imported = counter;
            imported.drop_replaced();
            let mut cells = imported.counted();
            cells.retain(|cell| self.is_own_cell(cell.key()));
            cells.sort_unstable_by_key(|cell| cell.stamp);
            let body = Body::sum(cells.into_iter().map(|cell| cell.body));
            self.replace_own(&mut entry, &ours, replaced, &body);
        }
        others.retain(|cell| self.admit_lane(cell.lane));
        others.iter().for_each(|cell| self.lanes.note_cell(cell.lane, cell.stamp));
        for cell in others.iter().filter(|cell| cell.body.is_forked()) {
            self.lanes.change_claim(cell.lane, |claim| claim.is_forked = true);
        }
        entry.set_others(others);
        entry.stale.is_merged = true;
        // Nothing joins an event without cells, so no store keeps one.
        entry.deleted_pending_write = entry.is_vacant();
        let now = self.clock.now();
        entry.observe_ahead(now, || self.stamps.next(now).number);
        self.give_up_claims(concerned);
        self.quarantined.remove(name);
        self.events.insert(entry);
        if BUILT_IN.contains(&name) {
            self.markers.declare(name);
        }
        self.renew_marker(name);
        self.touch(name);
        // A state with other cells is another state.
        self.next_stamp();
        self.leave_outranked_lane(name);
        self.leave_full_lane();
    }

    /// Takes over what is not part of the counter.
    fn keep_local(&self, entry: &mut Entry) {
        if let Some(known) = self.events.get(&entry.name) {
            (entry.marks, entry.in_flight) = (known.marks, known.in_flight);
            entry.copy_reservations(known);
        }
    }

    /// Begins the cell that holds what was imported of lanes of this device.
    fn replace_own(&mut self, entry: &mut Entry, ours: &[LaneCell], known: Vec<ReplacedCell>, body: &Body) {
        // The counter can be that of another event, whose cells live and die on their own.
        let keys: BTreeSet<CellKey> = known.iter().map(|cell| cell.key).collect();
        let was = |cell: &ReplacedCell| match cell.was {
            _ if self.lanes.is_erased(cell.key) => Was::Erased,
            Was::Counted if !keys.contains(&cell.key) => Was::Unknown,
            was => was,
        };
        let of_counter = ours.iter().flat_map(|cell| {
            let itself = ReplacedCell { key: cell.key(), was: Was::Counted };
            cell.replaced.cells().iter().copied().chain([itself])
        });
        let of_counter = of_counter.map(|cell| ReplacedCell { was: was(&cell), ..cell });
        let mut replaced = known;
        replaced.extend(of_counter);
        let mut replaced = Replaced::new(replaced).cells().to_vec();
        // Beyond the limit the oldest are erased instead.
        replaced.sort_unstable_by_key(|cell| std::cmp::Reverse(cell.key.birth));
        let oldest = replaced.split_off(MAX_REPLACED.min(replaced.len()));
        self.erase_cells(oldest.into_iter().map(|cell| cell.key).collect());
        let (horizon, tracking) = (self.load_horizon(), &self.clock.tracking);
        entry.own = Some(crate::counter::cell::Cell::open(body, tracking, horizon.as_ref()).0);
        let stamp = self.stamps.next_of_cell(self.clock.now());
        (entry.birth, entry.stamp) = (stamp, stamp);
        // What was counted under an unwatched step is still counted as of its closing.
        let births = ours.iter().map(|cell| cell.birth.number);
        if let Some(closed) = births.filter_map(|birth| self.clock.view.closing_of(birth)).max() {
            self.add_unwatched_births(stamp.number - 1, stamp.number, closed);
        }
        entry.set_replaced(Replaced::new(replaced));
        // The next import must find what it replaces.
        entry.show();
    }

    /// Gives up what is claimed of lanes, after something of them was replaced.
    pub(super) fn give_up_claims(&mut self, lanes: impl IntoIterator<Item = LaneId>) {
        let mut is_lowered = false;
        for lane in lanes {
            if !self.lanes.claim(lane).is_empty() {
                self.lanes.change_claim(lane, |claim| claim.stamps = Default::default());
                is_lowered = true;
            }
        }
        if is_lowered {
            self.change_epoch();
        }
    }

    /// Gives up what is claimed of all other lanes, after a loss.
    pub(crate) fn give_up_all_claims(&mut self) {
        let lanes: Vec<LaneId> = self.lanes.claims.iter().map(|(lane, _)| *lane).collect();
        for lane in lanes {
            self.lanes.change_claim(lane, |claim| claim.stamps = Default::default());
        }
        self.change_epoch();
    }

    fn change_epoch(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.lowers_claims = true;
        self.partial_exports.clear();
        self.next_stamp();
    }
}
