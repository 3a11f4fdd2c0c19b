//! Which lane is the store's own, and which lanes this device's clock counted before.

use super::Engine;
use crate::bounds::MAX_LOCAL_LEGACY_LANES;
use crate::codec::Message;
use crate::counter::lane::{EarlierCell, LaneCell, LaneId};

impl Engine {
    /// Whether the store has a lane of its own.
    pub(crate) fn has_lane(&self) -> bool {
        self.lane.is_some()
    }

    /// Takes a lane that was just drawn as the own one, unless there is one.
    pub(crate) fn set_lane_if_absent(&mut self, drawn: LaneId) {
        self.lane.get_or_insert(drawn);
    }

    /// Sets the lanes of other storages that were counted by this device's clock. They are read by
    /// the rules of the own lane.
    pub(super) fn set_local_legacy_lanes(&mut self, mut lanes: Vec<LaneId>) {
        lanes.retain(|lane| Some(*lane) != self.lane);
        lanes.sort_unstable();
        lanes.dedup();
        lanes.truncate(MAX_LOCAL_LEGACY_LANES);
        self.clock.view.local_legacy_lanes = lanes.into();
    }

    /// Adds the lanes that wrote the counters of a message from another storage of this device.
    pub(crate) fn add_local_legacy_lanes(&mut self, message: &Message) {
        let counters = || message.events.iter().map(|(_, counter)| counter);
        let mut lanes = self.clock.view.local_legacy_lanes.to_vec();
        lanes.extend(counters().filter_map(|counter| counter.own));
        self.set_local_legacy_lanes(lanes);
        let cells =
            counters().flat_map(|counter| counter.own.into_iter().flat_map(|own| counter.cells_of(own)));
        // Counts ahead of the clock show that it went back, as they do in the own lane.
        for seen in cells.filter_map(|cell| cell.body.head().seen_at_last()) {
            self.clock.watch.observe_recorded(seen);
        }
    }

    /// Makes the own lane one of the others. A new one is drawn at the next write.
    ///
    /// This is for a store that cannot be sure what it exported under the old lane. What was
    /// counted since the opening must not pass for the latest state of the old lane: a new event
    /// moves to the new lane, and an older one keeps the stamp under which it was stored.
    #[inline(never)]
    pub(crate) fn retire_lane(&mut self) {
        let Some(old) = self.lane.take() else { return };
        self.add_local_legacy_lane(old);
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

    /// Compares the lane of the store that wrote a stored event with the own lane. If they differ,
    /// the other lane becomes a local legacy lane, because this device's clock counted it.
    pub(super) fn observe_stored_lane(&mut self, lane: LaneId) {
        if self.lane != Some(lane) {
            self.add_local_legacy_lane(lane);
        }
    }

    fn add_local_legacy_lane(&mut self, lane: LaneId) {
        let known = &self.clock.view.local_legacy_lanes;
        if known.binary_search(&lane).is_err() {
            let lanes = known.iter().copied().chain([lane]).collect();
            self.set_local_legacy_lanes(lanes);
        }
    }
}
