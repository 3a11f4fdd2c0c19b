//! Joining what other stores export.

use std::collections::BTreeSet;

use super::Engine;
use crate::bounds::MAX_FOREIGN_LANES;
use crate::codec::{Incoming, LanePart};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::LaneId;

/// What a merge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// How many events have other counts now, new ones included, and those of which an erasure took
    /// counts. An event of which only an erasure is new counts only if it is in memory.
    pub events_changed: usize,
    /// How many replicas of other stores the data held. A replica is what one store counted.
    pub replicas: usize,
    /// How many conflicting copies of counts the data held: two stores counted one event under one
    /// identity, as after an app container was copied. The greater count of each bucket was kept.
    /// Copies that counted only in the same buckets look like one that counted on, and are not
    /// found.
    pub conflicting_copies: usize,
    /// How many events were left out or taken in part: they would take more than 8 MiB, or they
    /// belong to more than 1,024 replicas.
    pub refused: usize,
    /// How many replicas were left out because this store has counts of 1,024 others.
    /// `forget_replicas` makes room. What was left out is merged with a later export.
    pub replicas_refused: usize,
    /// Whether this store counts under a new identity now. Either the data held a later state of
    /// its own replica: it had gone back to an older state, as after a restored backup, or another
    /// store continues a copy of it. It keeps what it had counted, but what both counted of one
    /// event can be too low. Or another device has forgotten its replica: then what it had counted
    /// is erased.
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
    pub(crate) fn merge(&mut self, message: &Incoming<'_>) -> Merged {
        let mut lanes = message.lanes_of_cells();
        let is_other = |lane: &&LaneId| Some(**lane) != self.lane;
        let mut report =
            MergeReport { replicas: lanes.iter().filter(is_other).count(), ..MergeReport::default() };
        if self.is_older_copy(message) {
            self.retire_lane();
            report.restarted = true;
        }
        let closes = self.merge_closed(message);
        let erases =
            |part: &LanePart| !part.erased.is_all() && (!part.erased.is_empty() || !part.births.is_empty());
        lanes.extend(message.parts().filter(erases).map(|part| part.lane));
        lanes.retain(|lane| !self.lanes.is_closed(*lane) && !self.admit_lane(*lane));
        let mut refused_lanes = lanes;
        report.replicas_refused = refused_lanes.len();
        let erases = self.merge_erased(message, &refused_lanes) || closes;
        let is_for_this_state = message.basis().is_none_or(|basis| self.was_at(&basis));
        let (mut forked, mut is_changed) = (BTreeSet::new(), false);
        message.each_event(|name, cells| {
            let taken = self.take_cells(name, cells);
            report.refused += usize::from(taken.is_refused);
            refused_lanes.extend(taken.refused);
            let Some(cells) = taken.cells else { return };
            let joined = self.join_event(name, cells);
            report.events_changed += usize::from(joined.counts_changed);
            report.conflicting_copies += joined.conflicts;
            forked.extend(joined.forked);
            is_changed |= joined.is_changed;
        });
        if is_changed {
            // A state with other cells is another state.
            self.next_stamp();
        }
        let refused = match message.section() {
            Some(section) => self.partial_exports.add(section, refused_lanes),
            None => Some(refused_lanes),
        };
        for part in message.parts() {
            let is_refused = refused.as_ref().is_none_or(|refused| refused.contains(&part.lane));
            self.merge_claim(&part, is_for_this_state && !is_refused);
        }
        for lane in forked {
            self.lanes.change_claim(lane, |claim| claim.is_forked = true);
        }
        self.leave_full_lane();
        Merged { report, erases }
    }

    /// Takes in which lanes are erased as a whole. They need no room among the others. Lanes that
    /// the store does not know are taken in as long as there is room for them. Returns whether
    /// there are new ones.
    fn merge_closed(&mut self, message: &Incoming<'_>) -> bool {
        let (mut closed, mut room) = (BTreeSet::new(), self.lanes.room_for_closed());
        let is_new = |part: &LanePart| part.erased.is_all() && !self.lanes.is_closed(part.lane);
        for LanePart { lane, .. } in message.parts().filter(is_new) {
            let is_known = self.lanes.claims.contains(&lane) || self.lanes.facts.contains(&lane);
            if is_known || room > 0 {
                room = room.saturating_sub(1);
                closed.insert(lane);
            }
        }
        let is_new = !closed.is_empty();
        self.lanes.close(&closed);
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
        // Events that were not read can lose cells too.
        self.watches.note_all();
    }

    /// Takes in which cells are erased. Returns whether there are new ones.
    fn merge_erased(&mut self, message: &Incoming<'_>, refused: &BTreeSet<LaneId>) -> bool {
        let mut is_new = false;
        for LanePart { lane, erased, births, .. } in
            message.parts().filter(|part| !refused.contains(&part.lane) && !part.erased.is_all())
        {
            // Closing a lane of this device would lose what it counts in it.
            let Engine { lane: own, clock, lanes, .. } = self;
            let is_own = |lane: LaneId| *own == Some(lane) || clock.view.legacy(lane).is_some();
            is_new |= lanes.erase_all(lane, &erased);
            is_new |= lanes.merge_erased(lane, &births, is_own);
            is_new |= lanes.shorten_erased(is_own);
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

    /// Drops what is erased of events in memory, after a merge that erased cells of any event.
    /// Returns how many of them lost cells.
    pub(crate) fn drop_erased(&mut self, names: &[String]) -> usize {
        names.iter().filter(|name| self.drop_erased_cells(name)).count()
    }

    fn drop_erased_cells(&mut self, name: &str) -> bool {
        let lane = self.lane;
        let Some(entry) = self.events.get_mut(name).filter(|entry| !entry.unloaded) else { return false };
        let (before, of_device) = (entry.cells(), entry.device_cells(&self.clock.view));
        let Some(newly_erased) = entry.settle(lane, |key| self.lanes.is_erased(key)) else { return false };
        let has_fewer = entry.cells() < before;
        entry.note_dropped(of_device, &self.clock.view, self.markers.occurrences());
        if !entry.counts_own() && entry.others().is_empty() {
            entry.empty();
            entry.deleted_pending_write = true;
            self.process_reservations.note_erased(name);
        }
        self.renew_marker(name);
        self.erase_cells(newly_erased);
        self.touch(name);
        has_fewer
    }
}
