//! Joining the cells of one event of a message.

use std::collections::BTreeSet;

use super::Engine;
use super::entry::Entry;
use crate::bounds::MAX_EVENT_BYTES;
use crate::codec::Cells;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::join::{Joined, join};
use crate::counter::lane::{LaneCell, LaneId};
use crate::error::{Error, Result};

/// What a join did with one event.
#[derive(Debug, Default)]
pub(super) struct JoinedEvent {
    /// Whether it has other cells, or the same ones with other stamps.
    pub(super) is_changed: bool,
    pub(super) counts_changed: bool,
    /// How many versions differed because two stores counted in a cell.
    pub(super) conflicts: usize,
    /// The lanes in which two stores counted.
    pub(super) forked: Vec<LaneId>,
}

/// The cells of an event of a message.
#[derive(Debug, Default)]
pub(super) struct TakenCells {
    /// Those that can be joined; absent if there is nothing to join.
    pub(super) cells: Option<Vec<LaneCell>>,
    /// Whether something was refused.
    pub(super) is_refused: bool,
    /// The lanes of cells that were refused because the event would be too large.
    pub(super) refused: BTreeSet<LaneId>,
}

impl Engine {
    /// Takes the cells of an event that can be joined with it.
    pub(super) fn take_cells(&self, name: &str, cells: Cells<'_>) -> TakenCells {
        let mut taken = TakenCells::default();
        let (mut ours, mut bytes) = (Vec::new(), 0);
        for cell in cells {
            // Nobody else can know more of the own lane, so it stays out of the join.
            if Some(cell.lane) == self.lane || self.lanes.is_closed(cell.lane) {
                continue;
            }
            if !self.lanes.claims.contains(&cell.lane) {
                taken.is_refused = true;
                continue;
            }
            bytes += stored_bytes(&cell);
            if bytes > MAX_EVENT_BYTES {
                taken.refused.extend(std::mem::take(&mut ours).iter().map(|cell: &LaneCell| cell.lane));
                taken.refused.insert(cell.lane);
            } else {
                ours.push(cell);
            }
        }
        if bytes > MAX_EVENT_BYTES || self.check_size(name, &ours).is_err() {
            taken.is_refused = true;
            taken.refused.extend(ours.iter().map(|cell| cell.lane));
        } else if !ours.is_empty() {
            taken.cells = Some(ours);
        }
        taken
    }

    /// Joins cells of other lanes with an event.
    pub(super) fn join_event(&mut self, name: &str, mut cells: Vec<LaneCell>) -> JoinedEvent {
        cells.retain(|cell| !self.lanes.is_erased(cell.key()));
        if cells.is_empty() {
            return JoinedEvent::default();
        }
        cells.iter().for_each(|cell| self.lanes.note_cell(cell.lane, cell.stamp));
        let horizon = self.horizon().map(|(instant, _)| instant);
        let age = |cell: &mut LaneCell| {
            if let Some(aged) = horizon.and_then(|horizon| cell.body.aged(horizon)) {
                cell.body = aged;
            }
        };
        let (now, lane) = (self.clock.now(), self.lane);
        let is_new = !self.events.get(name).is_some_and(Entry::is_known);
        if !self.events.contains(name) {
            self.events.insert(Entry::new(name));
        }
        let Some(entry) = self.events.get_mut(name) else { return JoinedEvent::default() };
        let (before, stale) = (entry.cells(), entry.stale);
        let view = &self.clock.view;
        let of_device = entry.device_cells(view);
        let may_change_retired = cells.iter().any(|cell| view.is_retired(cell.lane));
        let retired = may_change_retired.then(|| entry.retired_counts(view));
        let mut others = entry.take_others();
        let mut is_aged = false;
        // What only becomes older is no change.
        for cell in &mut others {
            let bytes = cell.body.bytes().len();
            age(cell);
            is_aged |= cell.body.bytes().len() < bytes;
        }
        let Joined { is_changed, counts_changed, added, conflicts, forked } = join(&mut others, cells, age);
        entry.set_others(others);
        if !is_changed && added.is_empty() && !is_new {
            if !is_aged {
                entry.stale = stale;
            }
            return JoinedEvent { conflicts, forked, ..JoinedEvent::default() };
        }
        if retired.is_some_and(|before| entry.retired_counts(view) != before) {
            // A copy of this store counted in a lane of this device.
            entry.forget_since(self.markers.occurrences());
        }
        let newly_erased = entry.settle(lane, |key| self.lanes.is_erased(key));
        entry.note_dropped(of_device, view, self.markers.occurrences());
        entry.observe_ahead(now, || self.stamps.next(now).number);
        // An erased event is known again as soon as it has counts. If its cells replace each other,
        // none is left.
        entry.deleted_pending_write = entry.is_vacant();
        let left = match newly_erased {
            None => added.len(),
            Some(_) => entry.count_others(&added),
        };
        let is_other = is_new || left > 0 || entry.cells() - left < before;
        self.renew_marker(name);
        self.erase_cells(newly_erased.unwrap_or_default());
        self.leave_outranked_lane(name);
        let is_changed = is_changed || is_other;
        if is_changed {
            self.touch_stale(name);
        }
        JoinedEvent { is_changed, counts_changed: counts_changed || is_other, conflicts, forked }
    }

    /// Checks whether cells can be joined with an event.
    ///
    /// # Errors
    /// `TooLarge` if the event would not fit into every storage.
    pub(crate) fn check_merge(&self, name: &str, counter: &SingleEventCounter) -> Result<()> {
        self.check_size(name, &counter.cells)
    }

    fn check_size(&self, name: &str, cells: &[LaneCell]) -> Result<()> {
        let known = self.events.get(name).into_iter().flat_map(Entry::iter_others);
        // Of a cell that both have, one stays. The own lane stays out of the join.
        let of_known = known.map(|known| {
            let theirs = cells.binary_search_by_key(&known.key(), LaneCell::key).ok();
            let theirs = theirs.and_then(|at| cells.get(at)).map_or(0, stored_bytes);
            stored_bytes(known).saturating_sub(theirs)
        });
        let theirs = cells.iter().filter(|cell| Some(cell.lane) != self.lane).map(stored_bytes);
        check_size(name, of_known.chain(theirs).sum())
    }
}

/// The bytes that a cell takes in a storage, with room for its lane and its stamps.
pub(super) fn stored_bytes(cell: &LaneCell) -> usize {
    64 + cell.body.bytes().len() + 32 * cell.replaced.cells().len()
}

/// Checks that cells of this size fit into every storage as one event.
pub(super) fn check_size(name: &str, bytes: usize) -> Result<()> {
    if bytes > MAX_EVENT_BYTES {
        return Err(Error::TooLarge {
            what: "the counts of all replicas of an event may take at most 8 MiB; erase the event on a \
                   device that no longer needs it"
                .into(),
            event: Some(name.to_owned()),
        });
    }
    Ok(())
}
