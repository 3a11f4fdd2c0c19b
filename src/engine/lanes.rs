//! Which lane is the store's own, and which lanes this device's clock counted before.

use super::Engine;
use crate::bounds::MAX_LOCAL_LEGACY_LANES;
use crate::codec::Message;
use crate::counter::lane::{EarlierCell, LaneCell, LaneId, LegacyLane};

impl Engine {
    /// Whether the store has a lane of its own.
    pub(crate) fn has_lane(&self) -> bool {
        self.lane.is_some()
    }

    /// Takes a lane that was just drawn as the own one, unless there is one.
    pub(crate) fn set_lane_if_absent(&mut self, drawn: LaneId) {
        self.lane.get_or_insert(drawn);
    }

    /// Sets the other lanes that this device's clock counted.
    pub(super) fn set_legacy_lanes(&mut self, mut lanes: Vec<LegacyLane>) {
        lanes.retain(|legacy| Some(legacy.lane) != self.lane);
        lanes.sort_unstable_by_key(|legacy| legacy.lane);
        lanes.dedup_by_key(|legacy| legacy.lane);
        lanes.truncate(MAX_LOCAL_LEGACY_LANES);
        self.clock.view.legacy_lanes = lanes.into();
    }

    /// Takes in the lanes that wrote the counters of a message from another storage of this device.
    pub(crate) fn take_in_legacy_lanes(&mut self, message: &Message) {
        let number = self.stamp.saturating_add(1);
        for (name, counter) in &message.events {
            let Some(lane) = counter.own else { continue };
            let is_new = |cell: &LaneCell| self.stamp_of_other(name, cell) < cell.stamp;
            if counter.cells_of(lane).any(is_new) {
                self.stamp = number;
                self.add_legacy_lane(LegacyLane { lane, taken_in: Some(number) });
            }
            // Counts ahead of the clock show that it went back, as they do in the own lane.
            for seen in counter.cells_of(lane).filter_map(|cell| cell.body.head().seen_at_last()) {
                self.clock.watch.observe_recorded(seen);
            }
        }
    }

    /// The stamp of a cell of another lane; 0 if it is not known.
    fn stamp_of_other(&self, name: &str, cell: &LaneCell) -> u64 {
        let known = self.events.get(name).map_or(&[][..], |entry| entry.others());
        known.iter().find(|known| known.key() == cell.key()).map_or(0, |known| known.stamp)
    }

    /// Makes the own lane one of the others. A new one is drawn at the next write.
    ///
    /// This is for a store that cannot be sure what it exported under the old lane. What was
    /// counted since the opening must not pass for the latest state of the old lane: a new event
    /// moves to the new lane, and an older one keeps the stamp under which it was stored.
    #[inline(never)]
    pub(crate) fn retire_lane(&mut self) {
        let Some(old) = self.lane.take() else { return };
        self.add_legacy_lane(LegacyLane { lane: old, taken_in: None });
        let opening = self.opening_stamp;
        let belongs_to_old_lane =
            |entry: &&mut super::Entry| !entry.unloaded && (entry.stored_stamp() > 0 || opening == 0);
        // A cell that was begun since the opening moves to the new lane.
        let is_older = |birth: u64| birth <= opening || opening == 0;
        for entry in self.events.iter_mut().filter(belongs_to_old_lane) {
            let changed_since = entry.stamp > opening && opening > 0;
            let stamp = if changed_since { entry.stored_stamp() } else { entry.stamp };
            let birth = entry.birth;
            let own = entry.own.take_if(|_| is_older(birth)).map(|own| {
                entry.birth = 0;
                EarlierCell { birth, stamp, body: own.seal(&self.clock.tracking) }
            });
            let (older, newer): (Vec<_>, Vec<_>) =
                entry.take_earlier().into_iter().partition(|cell| is_older(cell.birth));
            entry.set_earlier(newer);
            let mut others = entry.take_others();
            others.extend(older.into_iter().chain(own).map(|cell| cell.of(old)));
            others.sort_unstable_by_key(LaneCell::key);
            entry.set_others(others);
        }
    }

    /// Compares the lane of the store that wrote a stored event with the own lane. If they differ
    /// and the other lane is not known, another store of this device counted it before this
    /// opening.
    pub(super) fn observe_stored_lane(&mut self, lane: LaneId) {
        let is_known = self.clock.view.legacy_lanes.iter().any(|legacy| legacy.lane == lane);
        if self.lane != Some(lane) && !is_known {
            self.add_legacy_lane(LegacyLane { lane, taken_in: Some(self.opening_stamp) });
        }
    }

    /// Adds a lane. The numbers of a lane of this store stay known.
    fn add_legacy_lane(&mut self, added: LegacyLane) {
        let mut lanes = self.clock.view.legacy_lanes.to_vec();
        match lanes.iter_mut().find(|legacy| legacy.lane == added.lane) {
            Some(legacy) => legacy.taken_in = legacy.taken_in.and(added.taken_in),
            None => lanes.push(added),
        }
        if added.taken_in.is_none_or(|number| number > self.clock.births.opened) {
            // What it counted under an open step is not shifted if the clock is set.
            self.clock.watch.break_continuity();
        }
        self.set_legacy_lanes(lanes);
    }
}
