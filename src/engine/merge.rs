//! Joining what other stores export.

use std::collections::BTreeSet;

use super::Engine;
use super::entry::Entry;
use crate::bounds::{MAX_EVENT_BYTES, MAX_FOREIGN_LANES};
use crate::codec::{LanePart, Message};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::join::join;
use crate::counter::lane::{LaneCell, LaneId};
use crate::error::{Error, Result};

/// What a merge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// How many events have other counts now, new ones included.
    pub events_changed: usize,
    /// How many replicas of other stores the data held. A replica is what one store counted.
    pub replicas: usize,
    /// How many conflicting copies of counts the data held: two stores counted one event under one
    /// identity, as after an app container was copied. The greater count of each bucket was kept.
    pub conflicting_copies: usize,
    /// How many events were left out or taken in part: they would take more than 8 MiB, or they
    /// belong to more than 1,024 replicas.
    pub refused: usize,
    /// How many replicas were left out because this store has counts of 1,024 others.
    /// `forget_replicas` makes room. What was left out is merged with a later export.
    pub replicas_refused: usize,
    /// Whether this store counts under a new identity now. Either the data held a later state of its
    /// own replica: it had gone back to an older state, as after a restored backup, or another store
    /// continues a copy of it. It keeps what it had counted, but what both counted of one event can
    /// be too low. Or another device has forgotten its replica: then what it had counted is erased.
    pub restarted: bool,
}

/// Events with their counters.
pub(crate) type NamedCounters = Vec<(String, SingleEventCounter)>;

/// What a merge changed besides the events of the message.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    pub(crate) report: MergeReport,
    /// Whether cells of other events are erased too.
    pub(crate) erases: bool,
}

impl Engine {
    /// Joins a message with what is known. Every event of it must have been loaded.
    pub(crate) fn merge(&mut self, message: Message) -> Merged {
        let mut report = MergeReport { replicas: self.foreign_lanes(&message), ..MergeReport::default() };
        if self.is_older_copy(&message) {
            self.retire_lane();
            report.restarted = true;
        }
        let closes = self.merge_closed(&message.lanes);
        let mut refused_lanes = self.admit_lanes(&message);
        report.replicas_refused = refused_lanes.len();
        let erases = self.merge_erased(&message.lanes, &refused_lanes) || closes;
        let is_for_this_state = message.basis.as_ref().is_none_or(|basis| self.was_at(basis));
        let mut forked = BTreeSet::new();
        // Each event is dropped as soon as it is joined, so that the message and the result need
        // not fit into memory together.
        for (name, theirs) in message.events {
            let mut cells = theirs.cells;
            let (own, had_cells) = (self.lane, !cells.is_empty());
            // Nobody else can know more of the own lane, so it stays out of the join.
            cells.retain(|cell| Some(cell.lane) != own && !self.lanes.is_closed(cell.lane));
            let lanes = cells.len();
            cells.retain(|cell| self.lanes.claims.contains(&cell.lane));
            let is_too_large = self.check_size(&name, &cells).is_err();
            report.refused += usize::from(is_too_large || cells.len() < lanes);
            if is_too_large {
                refused_lanes.extend(cells.iter().map(|cell| cell.lane));
                continue;
            }
            if cells.is_empty() && had_cells {
                continue;
            }
            let (is_changed, conflicts) = self.join_event(&name, &cells);
            report.events_changed += usize::from(is_changed);
            report.conflicting_copies += conflicts.len();
            forked.extend(conflicts);
        }
        if report.events_changed > 0 {
            // A state with other cells is another state.
            self.next_stamp();
        }
        let refused = match message.section {
            Some(section) => self.partial_exports.add(section, refused_lanes),
            None => Some(refused_lanes),
        };
        for part in &message.lanes {
            let is_refused = refused.as_ref().is_none_or(|refused| refused.contains(&part.lane));
            self.merge_claim(part, is_for_this_state && !is_refused);
        }
        for lane in forked {
            self.lanes.change_claim(lane, |claim| claim.is_forked = true);
        }
        self.leave_full_lane();
        Merged { report, erases }
    }

    fn foreign_lanes(&self, message: &Message) -> usize {
        let cells = message.events.iter().flat_map(|(_, counter)| &counter.cells);
        let lanes: BTreeSet<LaneId> =
            cells.map(|cell| cell.lane).filter(|lane| Some(*lane) != self.lane).collect();
        lanes.len()
    }

    /// Takes in which lanes are erased as a whole. They need no room among the others. Returns whether
    /// there are new ones.
    fn merge_closed(&mut self, parts: &[LanePart]) -> bool {
        let mut is_new = false;
        for LanePart { lane, .. } in parts.iter().filter(|part| part.erased.is_all()) {
            let is_known = self.lanes.claims.contains(lane) || self.lanes.facts.contains(lane);
            if (is_known || self.lanes.room_for_closed() > 0) && !self.lanes.is_closed(*lane) {
                self.lanes.close(*lane);
                is_new = true;
            }
        }
        if is_new {
            self.note_erased_lanes();
        }
        is_new
    }

    /// Takes in that cells of other lanes became erased.
    pub(super) fn note_erased_lanes(&mut self) {
        // A state that knows of other erasures is another state.
        self.next_stamp();
        self.sweep.begin();
    }

    /// Makes room for the lanes of a message. Returns those for which there is none.
    fn admit_lanes(&mut self, message: &Message) -> BTreeSet<LaneId> {
        let cells = message.events.iter().flat_map(|(_, counter)| &counter.cells).map(|cell| cell.lane);
        let erases = |part: &&LanePart| !part.erased.is_empty() || !part.births.is_empty();
        let parts = message.lanes.iter().filter(erases).map(|part| part.lane);
        let lanes: BTreeSet<LaneId> = cells.chain(parts).collect();
        lanes.into_iter().filter(|lane| !self.lanes.is_closed(*lane) && !self.admit_lane(*lane)).collect()
    }

    /// Takes in which cells are erased. Returns whether there are new ones.
    fn merge_erased(&mut self, parts: &[LanePart], refused: &BTreeSet<LaneId>) -> bool {
        let mut is_new = false;
        for LanePart { lane, erased, births, .. } in parts.iter().filter(|part| !refused.contains(&part.lane))
        {
            is_new |= self.lanes.erase_all(*lane, erased);
            is_new |= self.lanes.merge_erased(*lane, births);
        }
        if is_new {
            self.note_erased_lanes();
        }
        is_new
    }

    /// Raises what this store claims of a lane, if it has now everything that is claimed.
    fn merge_claim(&mut self, part: &LanePart, is_whole: bool) {
        if self.lane == Some(part.lane) || self.lanes.is_closed(part.lane) {
            return;
        }
        let known = self.lanes.claim(part.lane);
        let is_raised = is_whole && !known.has_all(&part.claim);
        let is_forked = part.is_forked && !self.lanes.is_forked(part.lane);
        if (is_raised || is_forked) && self.admit_lane(part.lane) {
            self.lanes.change_claim(part.lane, |claim| {
                claim.is_forked |= part.is_forked;
                if is_raised {
                    claim.stamps.join(&part.claim);
                }
            });
            // A state with other claims is another state.
            self.next_stamp();
        }
    }

    /// Whether something of the lane may be merged. If so, the lane has a claim from now on.
    pub(super) fn admit_lane(&mut self, lane: LaneId) -> bool {
        if self.lane == Some(lane) || self.lanes.claims.contains(&lane) {
            return true;
        }
        let has_room = self.lanes.claims.len() < MAX_FOREIGN_LANES;
        if has_room {
            self.lanes.change_claim(lane, |_| ());
        }
        has_room
    }

    /// Joins cells of other lanes with an event. Returns whether it has other counts now, and the
    /// lanes in which two stores counted.
    fn join_event(&mut self, name: &str, cells: &[LaneCell]) -> (bool, Vec<LaneId>) {
        let is_new = !self.events.get(name).is_some_and(Entry::is_known);
        let mut others = self.events.get(name).map_or_else(Vec::new, Entry::all_others);
        let before = others.clone();
        let live: Vec<LaneCell> =
            cells.iter().filter(|cell| !self.lanes.is_erased(cell.key())).cloned().collect();
        if live.is_empty() && !cells.is_empty() {
            return (false, Vec::new());
        }
        live.iter().for_each(|cell| self.lanes.note_cell(cell.lane, cell.stamp));
        let joined = join(&mut others, &live);
        if let Some((instant, _)) = self.horizon() {
            others.iter_mut().for_each(|cell| {
                if let Some(aged) = cell.body.aged(instant) {
                    cell.body = aged;
                }
            });
        }
        if others == before && !is_new {
            return (false, joined.conflicts);
        }
        let (now, lane) = (self.clock.now(), self.lane);
        if !self.events.contains(name) {
            self.events.insert(Entry::new(name));
        }
        let mut newly_erased = None;
        if let Some(entry) = self.events.get_mut(name) {
            entry.set_others(others);
            newly_erased = entry.settle(lane, |key| self.lanes.is_erased(key));
            entry.observe_ahead(now, || self.stamps.next(now).number);
            // An erased event is known again as soon as it has counts.
            let is_empty = !entry.counts_own() && entry.others().is_empty();
            // If its cells replace each other, none is left.
            let is_erased = !cells.is_empty() && entry.reservations().is_empty();
            entry.deleted_pending_write = is_empty && (entry.deleted_pending_write || is_erased);
        }
        self.erase_cells(newly_erased.unwrap_or_default());
        self.leave_outranked_lane(name);
        let is_changed = is_new || self.events.get(name).is_some_and(|entry| entry.all_others() != before);
        if is_changed {
            self.touch(name);
        }
        (is_changed, joined.conflicts)
    }

    /// Drops what is erased of events in memory, after a merge that erased cells of any event.
    pub(crate) fn drop_erased(&mut self, names: &[String]) {
        names.iter().for_each(|name| self.drop_erased_cells(name));
    }

    fn drop_erased_cells(&mut self, name: &str) {
        let lane = self.lane;
        let Some(entry) = self.events.get_mut(name).filter(|entry| !entry.unloaded) else { return };
        let Some(newly_erased) = entry.settle(lane, |key| self.lanes.is_erased(key)) else { return };
        if !entry.counts_own() && entry.others().is_empty() {
            entry.empty();
            entry.deleted_pending_write = true;
            self.process_reservations.note_erased(name);
        }
        self.erase_cells(newly_erased);
        self.touch(name);
    }

    /// Checks whether cells can be joined with an event.
    ///
    /// # Errors
    /// `TooLarge` if the event would not fit into every storage.
    pub(crate) fn check_merge(&self, name: &str, counter: &SingleEventCounter) -> Result<()> {
        self.check_size(name, &counter.cells)
    }

    fn check_size(&self, name: &str, cells: &[LaneCell]) -> Result<()> {
        let known = self.events.get(name).map_or_else(Vec::new, Entry::all_others);
        // Of a cell that both have, one stays. The own lane stays out of the join.
        let of_known = known.iter().map(|known| {
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
