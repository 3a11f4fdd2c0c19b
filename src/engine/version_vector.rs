//! The version vector: up to which stamp each lane is known completely. In the public interface it
//! is called the sync state.

use super::Engine;
use crate::bounds::MAX_KNOWN_LANES;
use crate::codec::{LaneRange, Message};
use crate::counter::lane::LaneId;

impl Engine {
    /// The version vector that is given to other stores.
    ///
    /// It claims no more of the own lane than was there when the store was opened. If the store
    /// was restored from a backup, others then send what is missing.
    pub(crate) fn version_vector(&self) -> Vec<(LaneId, u64)> {
        let own = if self.opening_stamp == 0 { self.stamp } else { self.last_stamp_before_opening };
        self.known_lanes(own)
    }

    /// The known lanes with the own one, ascending.
    fn known_lanes(&self, own: u64) -> Vec<(LaneId, u64)> {
        let others = self.version_vector.iter().map(|(lane, stamp)| (LaneId(*lane), *stamp));
        let others = others.filter(|(lane, _)| Some(*lane) != self.lane);
        let mut known: Vec<_> = others.chain(self.lane.map(|lane| (lane, own))).collect();
        known.sort_unstable();
        known
    }

    /// The lane ranges of a message that holds everything.
    pub(super) fn lane_ranges(&self) -> Vec<LaneRange> {
        let known = self.known_lanes(self.stamp).into_iter();
        known.map(|(lane, upto)| LaneRange { lane, base: 0, upto }).collect()
    }

    /// Raises the version vector by what a message held. A lane is raised only if the message
    /// begins where the known part ends.
    pub(super) fn raise_version_vector(&mut self, seen: Vec<(LaneRange, u64)>) {
        for (range, seen) in seen.into_iter().filter(|(range, _)| Some(range.lane) != self.lane) {
            let known = self.version_vector.get(&range.lane.0).copied().unwrap_or(0);
            let has_room = known > 0 || self.version_vector.len() < MAX_KNOWN_LANES;
            if range.base <= known && seen > known && has_room {
                self.version_vector.insert(range.lane.0, seen);
            }
        }
    }

    /// Gives up what is known of other lanes, after something of them was replaced or lost.
    pub(crate) fn clear_version_vector(&mut self) {
        self.version_vector.clear();
        self.given_up += 1;
        self.lowers_version_vector = true;
    }
}

/// The highest stamp of each lane that the message really holds. A claim beyond that counts for
/// nothing.
pub(super) fn seen_stamps(message: &Message) -> Vec<(LaneRange, u64)> {
    let mut seen: Vec<(LaneRange, u64)> = message.lanes.iter().map(|range| (*range, 0)).collect();
    for cell in message.events.iter().flat_map(|(_, counter)| &counter.cells) {
        if let Ok(index) = seen.binary_search_by_key(&cell.lane, |(range, _)| range.lane)
            && let Some((range, seen)) = seen.get_mut(index)
        {
            *seen = cell.stamp.min(range.upto).max(*seen);
        }
    }
    seen
}
