//! Which lanes the store knows, and forgetting some of them to make room for others.

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use super::entry::Entry;
use crate::counter::lane::LaneId;
use crate::error::{Error, Result};

/// What the store has of a lane.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LaneContent {
    /// How many events have a cell of the lane.
    pub(crate) events: usize,
    /// The last time of its cells.
    pub(crate) last_seen: Option<i64>,
}

/// A lane that the store knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownReplica {
    pub(crate) lane: LaneId,
    pub(crate) content: LaneContent,
    pub(crate) is_own: bool,
    pub(crate) is_retired: bool,
}

impl Engine {
    /// Adds what events in memory have of each lane.
    pub(crate) fn add_content(&self, names: &[String], content: &mut BTreeMap<LaneId, LaneContent>) {
        for entry in names.iter().filter_map(|name| self.events.get(name)) {
            let mut lanes = BTreeSet::new();
            for (lane, last) in self.last_times(entry) {
                let known = content.entry(lane).or_default();
                known.events += usize::from(lanes.insert(lane));
                known.last_seen = known.last_seen.max(last);
            }
        }
    }

    /// The lane and the last time of each cell.
    fn last_times(&self, entry: &Entry) -> Vec<(LaneId, Option<i64>)> {
        let own = entry.own.as_ref().map(|own| own.seen().map(|seen| seen.latest()));
        let earlier = entry.earlier().iter().map(|cell| cell.body.head().seen_at_last());
        let ours = earlier.chain(own).filter_map(|last| Some((self.lane?, last)));
        let others = entry.all_others();
        ours.chain(others.iter().map(|cell| (cell.lane, cell.body.head().seen_at_last()))).collect()
    }

    /// All lanes that the store knows, the least recently seen first. `content` is that of all
    /// events.
    pub(crate) fn replicas(&self, content: &BTreeMap<LaneId, LaneContent>) -> Vec<KnownReplica> {
        let claimed = self.lanes.claims.iter().map(|(lane, _)| *lane);
        let lanes: BTreeSet<LaneId> = claimed.chain(content.keys().copied()).chain(self.lane).collect();
        let replica = |lane: LaneId| KnownReplica {
            lane,
            content: content.get(&lane).copied().unwrap_or_default(),
            is_own: self.lane == Some(lane),
            is_retired: self.lane != Some(lane)
                && self.lanes.facts.get(&lane).is_some_and(|facts| facts.legacy.is_some()),
        };
        let mut replicas: Vec<KnownReplica> = lanes.into_iter().map(replica).collect();
        replicas.sort_by_key(|replica| replica.content.last_seen);
        replicas
    }

    /// Erases whole lanes, with what they count later, so that they take no room among the others.
    /// Returns how many of them were known.
    ///
    /// # Errors
    /// `InvalidArgument` for the own lane. Nothing is changed then.
    pub(crate) fn forget_replicas(&mut self, lanes: &BTreeSet<LaneId>) -> Result<usize> {
        if self.lane.is_some_and(|own| lanes.contains(&own)) {
            return Err(Error::InvalidArgument(
                "a store cannot forget its own replica; erase its events instead".into(),
            ));
        }
        let is_known = |lane: &&LaneId| {
            self.lanes.claims.contains(lane)
                || (self.lanes.facts.contains(lane) && !self.lanes.is_closed(**lane))
        };
        let known: BTreeSet<LaneId> = lanes.iter().filter(is_known).copied().collect();
        self.lanes.close(&known);
        if !known.is_empty() {
            self.note_erased_lanes();
        }
        Ok(known.len())
    }
}
