//! Which lane is the store's own: taken up from what is stored, given up where it can no longer be trusted. And which were this device's before.

use std::collections::BTreeSet;

use super::state::State;
use crate::counter::cell::Cell;
use crate::counter::lane::{LaneCell, LaneId};

/// The most lanes that are remembered as this device's past; any other is read as another device's.
const MOST_PAST: usize = 1_000;

impl State {
    /// Lanes that were counted by this device's clock: what lies ahead in them after that went back is read as what lies ahead in the own one.
    pub(crate) fn set_past(&mut self, lanes: BTreeSet<LaneId>) {
        self.present.view.past =
            lanes.into_iter().filter(|lane| Some(*lane) != self.lane).take(MOST_PAST).collect();
    }

    /// The own lane becomes one of the others; a new one is drawn when something is written next. For when this store can no
    /// longer be sure of what it had given out under the old one. What was counted since the opening must not pass for the lane's latest:
    /// a new event goes along into the new lane, an older one keeps the stamp under which it was stored.
    pub(crate) fn retire_lane(&mut self) {
        let Some(old) = self.lane.take() else { return };
        self.retired.push(old);
        let base = self.base;
        for entry in
            self.events.iter_mut().filter(|entry| !entry.unloaded && (entry.stored() > 0 || base == 0))
        {
            let Some(own) = entry.own.take() else { continue };
            let stamp = if entry.stamp > base && base > 0 { entry.stored() } else { entry.stamp };
            let cell = LaneCell { lane: old, stamp, body: own.seal(&self.present.tracking) };
            let mut others = entry.take_others();
            others.push(cell);
            others.sort_unstable_by_key(|cell| cell.lane);
            entry.set_others(others);
        }
    }

    /// Takes a lane that is found in the storage as the own one, unless it was given up. Cells of it that came from elsewhere before are its
    /// beginnings.
    pub(crate) fn adopt(&mut self, lane: LaneId) -> bool {
        if self.lane.is_some() || self.retired.contains(&lane) {
            return false;
        }
        self.lane = Some(lane);
        let now = self.present.watch.latest.unwrap_or(i64::MAX);
        for entry in self.events.iter_mut().filter(|entry| !entry.unloaded) {
            let Ok(place) = entry.others().binary_search_by(|cell| cell.lane.cmp(&lane)) else { continue };
            let mut others = entry.take_others();
            let found = others.remove(place);
            entry.set_others(others);
            let mut own = Cell::open(&found.body, &self.present.tracking);
            if let Some(later) = &entry.own {
                own.absorb(&self.present.tracking, later, now, &self.present.view.frame.numbers);
            }
            self.stamp = self.stamp.max(found.stamp) + 1;
            (entry.own, entry.stamp) = (Some(own), self.stamp);
            entry.set_stored(found.stamp);
        }
        true
    }
}
