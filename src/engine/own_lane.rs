//! The store's own lane: which stamps it issued, and when it has to be left.

use super::Engine;
use super::entry::Entry;
use super::lanes::LaneFacts;
use crate::bounds::{MAX_CLAIMED_OPENINGS, MAX_ERASED_BIRTHS, MAX_ISSUED_OPENINGS, MAX_RETIRED_LANES};
use crate::codec::{Basis, Incoming, KnownLane, LanePart};
use crate::counter::coverage::Coverage;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{CellKey, LaneCell, LaneId, LegacyLane};
use crate::counter::stamp::Stamp;

impl Engine {
    /// Whether the store has a lane of its own.
    pub(crate) fn has_lane(&self) -> bool {
        self.lane.is_some()
    }

    /// Takes a lane that was just drawn as the own one, unless there is one.
    pub(crate) fn set_lane_if_absent(&mut self, mut drawn: LaneId) {
        if self.counts_like_an_import(drawn) {
            let [first, ..] = &mut drawn.0;
            *first ^= 1;
        }
        self.lane.get_or_insert(drawn);
    }

    /// Whether stamps of this opening would make cells of the lane look like those of an import.
    pub(super) fn counts_like_an_import(&self, lane: LaneId) -> bool {
        lane.import_opening() == self.stamps.opening
    }

    /// Whether this opening issued a stamp.
    pub(super) fn has_stamps(&self) -> bool {
        self.stamps.last > self.opening_stamp
    }

    /// The stamps of the own lane that this store issued.
    pub(super) fn issued(&self) -> Coverage {
        let known = self.lane.and_then(|lane| self.lanes.facts.get(&lane));
        let mut issued = known.map(|facts| facts.issued.clone()).unwrap_or_default();
        issued.add(self.previous);
        if self.has_stamps() {
            issued.add(Stamp::new(self.stamps.last, self.stamps.opening));
        }
        issued
    }

    /// What the store claims of its own lane: all up to the last stamps of its cells. Stamps of
    /// other changes stay out of it, or each exchange of two idle stores would give a reason for
    /// another one.
    pub(super) fn own_claim(&self) -> Coverage {
        let known = self.lane.and_then(|lane| self.lanes.facts.get(&lane));
        let mut claim = known.map(|facts| facts.counted.clone()).unwrap_or_default();
        claim.add(self.previous_counted);
        claim.add(Stamp::new(self.stamps.counted, self.stamps.opening));
        claim.trim(MAX_CLAIMED_OPENINGS);
        claim
    }

    /// Adds the stamps of the opening before this one to those that the own lane issued.
    pub(super) fn note_previous_opening(&mut self) {
        let previous = std::mem::take(&mut self.previous);
        let counted = std::mem::take(&mut self.previous_counted);
        if let Some(lane) = self.lane.filter(|_| !previous.is_none()) {
            self.lanes.change_facts(lane, |facts| {
                facts.issued.add(previous);
                facts.issued.trim(MAX_ISSUED_OPENINGS);
                facts.counted.add(counted);
                facts.counted.trim(MAX_CLAIMED_OPENINGS);
            });
        }
    }

    /// The state of this store, for which others can leave out what it has.
    pub(super) fn basis(&self) -> Basis {
        let stamp =
            if self.has_stamps() { Stamp::new(self.stamps.last, self.stamps.opening) } else { self.previous };
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
    /// of it. The latter is also so if a store that merged both says that the lane is forked.
    pub(crate) fn is_older_copy(&self, message: &Incoming<'_>) -> bool {
        let Some(lane) = self.lane else { return false };
        let issued = self.issued();
        let floor = |part: &LanePart| part.claim.floor.max(part.erased.floor);
        let mut parts = message.parts().filter(|part| part.lane == lane);
        parts.any(|part| part.is_forked || floor(&part) > issued.highest())
            || message.has_forked_cell(lane)
            || message.stamps_of(lane).into_iter().any(|stamp| !issued.has(stamp))
    }

    /// As `is_older_copy`, for what another store knows of the own lane.
    pub(super) fn is_behind(&self, known: &[KnownLane]) -> bool {
        let Some(lane) = self.lane else { return false };
        let issued = self.issued();
        known.iter().filter(|known| known.lane == lane).any(|known| {
            known.digests.is_some()
                || !known.claim.is_within(&issued)
                || !known.erased.is_within(&issued)
                || known.beside.iter().any(|stamp| !issued.has(*stamp))
        })
    }

    /// Makes the own lane one of the others. A new one is drawn at the next write. What nobody else
    /// knows yet is counted in the new one.
    #[inline(never)]
    pub(crate) fn retire_lane(&mut self) {
        let Some(old) = self.lane else { return };
        let counted = self.own_claim();
        self.lane = None;
        (self.previous, self.previous_counted) = (Stamp::default(), Stamp::default());
        self.lanes.change_facts(old, |facts| {
            (facts.issued, facts.counted) = (Coverage::default(), Coverage::default());
        });
        self.lanes.change_claim(old, |claim| _ = claim.stamps.join(&counted));
        self.add_legacy_lane(LegacyLane { lane: old, last: self.stamps.last, taken_in: None });
        let tracking = &self.clock.tracking;
        let is_known = self.clock.view.is_retired(old);
        for entry in self.events.iter_mut().filter(|entry| !entry.unloaded) {
            entry.give_to(old, tracking);
            if !is_known {
                // The cells are read like those of another device from now on.
                entry.forget_since(self.markers.occurrences());
            }
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

    /// Leaves the own lane if a cell of another lane counts in the place of an own cell of an
    /// event. So what is counted from now on counts beside it.
    pub(super) fn leave_outranked_lane(&mut self, name: &str) {
        if self.events.get(name).is_some_and(Entry::is_outranked) {
            self.retire_lane();
        }
    }

    /// Compares the lane of the store that wrote a stored event with the own lane. If they differ
    /// and the other lane is not known, another store of this device counted it before this
    /// opening, up to `last`.
    pub(super) fn observe_stored_lane(&mut self, lane: LaneId, last: u64) {
        if self.lane != Some(lane) {
            let known = self.clock.view.legacy(lane);
            let taken_in = known.map_or(Some(self.opening_stamp), |legacy| legacy.taken_in);
            self.add_legacy_lane(LegacyLane { lane, last, taken_in });
        }
    }

    /// Notes that this device's clock counted a lane. The numbers of a lane of this store stay
    /// known.
    fn add_legacy_lane(&mut self, added: LegacyLane) {
        let LegacyLane { lane, last, taken_in } = added;
        let known = self.clock.view.legacy(lane);
        if known.is_none() && self.clock.view.legacy_lanes.len() >= MAX_RETIRED_LANES {
            return;
        }
        let is_new = known.is_none_or(|known| known.taken_in != taken_in);
        self.lanes.change_facts(lane, |facts| {
            let known = facts.legacy.unwrap_or((last, taken_in));
            facts.legacy = Some((known.0.max(last), known.1.and(taken_in)));
        });
        if is_new && taken_in.is_none_or(|number| number > self.clock.births.opened) {
            // What it counted under an open step is not shifted if the clock is set.
            self.clock.watch.break_continuity();
        }
        self.renew_legacy_lanes();
    }

    /// Takes over which lanes this device's clock counted.
    pub(super) fn renew_legacy_lanes(&mut self) {
        let own = self.lane;
        let facts = self.lanes.facts.iter().filter(|(lane, _)| Some(**lane) != own);
        let legacy = |(lane, facts): (&LaneId, &LaneFacts)| {
            let (last, taken_in) = facts.legacy?;
            Some(LegacyLane { lane: *lane, last, taken_in })
        };
        let mut lanes: Vec<LegacyLane> = facts.filter_map(legacy).collect();
        lanes.sort_unstable_by_key(|legacy| legacy.lane);
        self.clock.view.legacy_lanes = lanes.into();
    }

    /// Takes in the lanes that wrote the counters from another storage of this device.
    pub(crate) fn take_in_legacy_lanes(&mut self, events: &[(String, SingleEventCounter)]) {
        let mut taken_in = None;
        for (name, counter) in events {
            let Some(lane) = counter.own else { continue };
            let known = self.events.get(name).map_or_else(Vec::new, Entry::all_others);
            let is_new = |cell: &LaneCell| {
                let same = known.binary_search_by_key(&cell.key(), LaneCell::key).ok();
                same.and_then(|at| known.get(at)).is_none_or(|known| known.stamp < cell.stamp)
            };
            if counter.cells_of(lane).any(is_new) {
                let number = *taken_in.get_or_insert_with(|| self.next_stamp().number);
                let last = counter.cells_of(lane).map(|cell| cell.stamp.number).max().unwrap_or(0);
                self.add_legacy_lane(LegacyLane { lane, last, taken_in: Some(number) });
            }
            // Counts ahead of the clock show that it went back, as they do in the own lane.
            for seen in counter.cells_of(lane).filter_map(|cell| cell.body.head().seen_at_last()) {
                self.clock.watch.observe_recorded(seen);
            }
        }
    }

    /// Whether a cell is one of this device. In a lane that it left, another store can have begun
    /// others since.
    pub(super) fn is_own_cell(&self, CellKey { lane, birth }: CellKey) -> bool {
        let legacy = || self.clock.view.legacy(lane);
        self.lane == Some(lane) || legacy().is_some_and(|legacy| birth.number <= legacy.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::StoreRecord;
    use crate::counter::tracking::Tracking;
    use crate::time::unit::TimeUnit;
    use crate::time::zone::Zone;

    fn opened(opening: [u8; 4]) -> Engine {
        let mut engine = Engine::new(Tracking::new(&[(TimeUnit::Days, 7)]).unwrap(), Zone::utc());
        let mut random = [0; 12];
        random[..4].copy_from_slice(&opening);
        engine.set_opening(random);
        engine
    }

    #[test]
    fn a_store_never_counts_like_an_import() {
        let lane = LaneId([7; 16]);
        let mut drawn = opened([7; 4]);
        drawn.set_lane_if_absent(lane);
        assert!(!drawn.counts_like_an_import(drawn.lane.unwrap()));
        let mut resumed = opened([7; 4]);
        resumed.resume(StoreRecord { lane: Some(lane.0), ..StoreRecord::default() });
        assert_eq!(resumed.lane, Some(lane));
        assert!(!resumed.counts_like_an_import(lane));
    }
}
