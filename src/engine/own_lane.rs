//! The store's own lane: which stamps it issued, and when it has to be left.

use super::Engine;
use crate::bounds::{MAX_CLAIMED_OPENINGS, MAX_ERASED_BIRTHS, MAX_ISSUED_OPENINGS, MAX_RETIRED_LANES};
use crate::codec::{Basis, KnownLane, Message};
use crate::counter::coverage::Coverage;
use crate::counter::lane::LaneId;
use crate::counter::stamp::Stamp;

impl Engine {
    /// Whether the store has a lane of its own.
    pub(crate) fn has_lane(&self) -> bool {
        self.lane.is_some()
    }

    /// Takes a lane that was just drawn as the own one, unless there is one.
    pub(crate) fn set_lane_if_absent(&mut self, drawn: LaneId) {
        self.lane.get_or_insert(drawn);
    }

    /// The stamps of the own lane that this store issued.
    pub(super) fn issued(&self) -> Coverage {
        let known = self.lane.and_then(|lane| self.lanes.facts.get(&lane));
        let mut issued = known.map(|facts| facts.issued.clone()).unwrap_or_default();
        issued.add(self.previous);
        if self.stamps.last > self.opening_stamp {
            issued.add(Stamp::new(self.stamps.last, self.stamps.opening));
        }
        issued
    }

    /// What the store claims of its own lane.
    pub(super) fn own_claim(&self) -> Coverage {
        let mut claim = self.issued();
        claim.trim(MAX_CLAIMED_OPENINGS);
        claim
    }

    /// Adds the stamps of the opening before this one to those that the own lane issued.
    pub(super) fn note_previous_opening(&mut self) {
        let previous = std::mem::take(&mut self.previous);
        if let Some(lane) = self.lane.filter(|_| !previous.is_none()) {
            self.lanes.change_facts(lane, |facts| {
                facts.issued.add(previous);
                facts.issued.trim(MAX_ISSUED_OPENINGS);
            });
        }
    }

    /// The state of this store, for which others can leave out what it has.
    pub(super) fn basis(&self) -> Basis {
        let is_new = self.stamps.last > self.opening_stamp;
        let stamp = if is_new { Stamp::new(self.stamps.last, self.stamps.opening) } else { self.previous };
        Basis { epoch: self.epoch, stamp }
    }

    /// Whether this store was in that state, and has lost nothing since.
    pub(super) fn was_at(&self, basis: &Basis) -> bool {
        basis.epoch == self.epoch
            && self.epoch != 0
            && (basis.stamp.is_none() || self.issued().has(basis.stamp))
    }

    /// Whether a message shows a state of the own lane that this store never had.
    ///
    /// Everything that this store exports is durable before. So it knows every stamp of its lane
    /// that it is shown. Otherwise it is an older copy of itself, or another store continues a copy
    /// of it.
    pub(crate) fn is_older_copy(&self, message: &Message) -> bool {
        let Some(lane) = self.lane else { return false };
        let issued = self.issued();
        let parts = message.lanes.iter().filter(|part| part.lane == lane);
        let cells = message.events.iter().flat_map(|(_, counter)| counter.cells_of(lane));
        parts.into_iter().any(|part| !part.claim.is_within(&issued) || !part.erased.is_within(&issued))
            || cells.into_iter().any(|cell| !issued.has(cell.stamp))
    }

    /// As `is_older_copy`, for what another store knows of the own lane.
    pub(super) fn is_behind(&self, known: &[KnownLane]) -> bool {
        let Some(lane) = self.lane else { return false };
        let issued = self.issued();
        known.iter().filter(|known| known.lane == lane).any(|known| {
            !known.claim.is_within(&issued)
                || !known.erased.is_within(&issued)
                || known.beside.iter().any(|stamp| !issued.has(*stamp))
        })
    }

    /// Makes the own lane one of the others. A new one is drawn at the next write. What nobody else
    /// knows yet is counted in the new one.
    #[inline(never)]
    pub(crate) fn retire_lane(&mut self) {
        let Some(old) = self.lane else { return };
        let issued = self.own_claim();
        (self.lane, self.previous) = (None, Stamp::default());
        self.lanes.change_facts(old, |facts| facts.issued = Coverage::default());
        self.lanes.change_claim(old, |claim| _ = claim.stamps.join(&issued));
        self.add_retired_lane(old, self.stamps.last);
        let tracking = &self.clock.tracking;
        for entry in self.events.iter_mut().filter(|entry| !entry.unloaded) {
            entry.give_to(old, tracking);
        }
        self.next_stamp();
    }

    /// Leaves the own lane if its next stamp is erased already, or if it has half as many erased
    /// cells as a lane can have. So the erasures of a store never close its lane.
    pub(super) fn leave_full_lane(&mut self) {
        let Some(lane) = self.lane else { return };
        let next = Stamp::new(self.stamps.last + 1, self.stamps.opening);
        let is_erased = self.lanes.facts.get(&lane).is_some_and(|facts| facts.erased.has(next));
        if is_erased || self.lanes.erased_births(lane) >= MAX_ERASED_BIRTHS / 2 {
            self.retire_lane();
        }
    }

    /// Compares the lane of the store that wrote a stored event with the own lane. If they differ,
    /// this device's clock counted the other lane too, up to `last`.
    pub(super) fn observe_stored_lane(&mut self, lane: LaneId, last: u64) {
        if self.lane != Some(lane) {
            self.add_retired_lane(lane, last);
        }
    }

    /// Notes that this device's clock counted a lane up to a stamp with the number `last`.
    fn add_retired_lane(&mut self, lane: LaneId, last: u64) {
        let retired = &self.clock.view.retired_lanes;
        if retired.len() >= MAX_RETIRED_LANES && !self.clock.view.is_retired(lane) {
            return;
        }
        self.lanes.change_facts(lane, |facts| facts.retired = facts.retired.max(Some(last)));
        self.renew_retired_lanes();
    }

    /// Takes over which lanes this device's clock counted.
    pub(super) fn renew_retired_lanes(&mut self) {
        let own = self.lane;
        let facts = self.lanes.facts.iter().filter(|(lane, _)| Some(**lane) != own);
        let mut retired: Vec<(LaneId, u64)> =
            facts.filter_map(|(lane, facts)| facts.retired.map(|last| (*lane, last))).collect();
        retired.sort_unstable();
        self.clock.view.retired_lanes = retired.into();
    }

    /// Adds the lanes that wrote the counters of a message from another storage of this device.
    pub(crate) fn add_migrated_lanes(&mut self, message: &Message) {
        let counters = message.events.iter().map(|(_, counter)| counter);
        for counter in counters {
            let Some(own) = counter.own else { continue };
            let last = counter.cells_of(own).map(|cell| cell.stamp.number).max().unwrap_or(0);
            self.observe_stored_lane(own, last);
            // Counts ahead of the clock show that it went back, as they do in the own lane.
            for seen in counter.cells_of(own).filter_map(|cell| cell.body.head().seen_at_last()) {
                self.clock.watch.observe_recorded(seen);
            }
        }
    }

    /// Whether this device counted a lane.
    pub(super) fn is_own(&self, lane: LaneId) -> bool {
        self.lane == Some(lane) || self.clock.view.is_retired(lane)
    }
}
