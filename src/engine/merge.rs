//! Joining what other stores export.

use std::cmp::Ordering;

use super::Engine;
use super::entry::Entry;
use super::erasures::Erasures;
use super::version_vector::seen_stamps;
use crate::bounds::MAX_EVENT_BYTES;
use crate::codec::{LaneRange, Message};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::join::{compare, is_believable};
use crate::counter::lane::{Generation, LaneCell, LaneId};
use crate::error::{Error, Result};

/// What a merge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// How many events have other counts now, new ones included.
    pub events_changed: usize,
    /// How many replicas of other stores the data held. A replica is what one store counted.
    pub replicas: usize,
    /// How many cells came with a known stamp and other counts: two stores count under one
    /// identity, as after an app container was copied. The version with the larger bytes was kept.
    pub conflicting_copies: usize,
    /// How many events were left out: they claim more erasures than are possible, or they would
    /// take more than 8 MiB.
    pub refused: usize,
    /// Whether the data held a later state of this store's own replica, so this store had gone
    /// back to an older state, as after a restored backup. It counts under a new identity now.
    /// What it had counted under the old one since then is lost.
    pub restarted: bool,
}

/// A message, and what was computed from it before the merge.
pub(crate) struct Received {
    pub(crate) message: Message,
    /// How many lanes of other stores the message has cells of.
    foreign_lanes: usize,
    /// The highest stamp of each of its lane ranges.
    seen: Vec<(LaneRange, u64)>,
    erasures: Erasures,
}

impl Received {
    /// `own` is the lane of the store that merges the message.
    pub(crate) fn new(message: Message, own: Option<LaneId>, erasures: Erasures) -> Received {
        let foreign_lanes = foreign_lanes(&message.events, own);
        let seen = seen_stamps(&message);
        Received { message, foreign_lanes, seen, erasures }
    }
}

fn foreign_lanes(events: &NamedCounters, own: Option<LaneId>) -> usize {
    let mut lanes: Vec<&LaneId> =
        events.iter().flat_map(|(_, counter)| &counter.cells).map(|cell: &LaneCell| &cell.lane).collect();
    lanes.retain(|lane| Some(**lane) != own);
    lanes.sort_unstable();
    lanes.dedup();
    lanes.len()
}

/// Events with their counters.
pub(crate) type NamedCounters = Vec<(String, SingleEventCounter)>;

impl Engine {
    /// Joins a message with what is known. Every event of it must have been loaded.
    pub(crate) fn merge(&mut self, received: Received) -> MergeReport {
        let Received { message, foreign_lanes, seen, erasures } = received;
        let mut report = MergeReport { replicas: foreign_lanes, ..MergeReport::default() };
        if self.is_restored(&message) {
            self.retire_lane();
            report.restarted = true;
        }
        self.observe_erasures(&message, &erasures);
        // Each event is dropped as soon as it is joined, so that the message and the result need
        // not fit into memory together.
        for (name, mut theirs) in message.events {
            let name = name.as_str();
            let known = self.events.get(name).map(Entry::generation);
            let ours = known.unwrap_or_else(|| self.generation_of(name));
            if self.check_merge(name, &theirs).is_err() {
                report.refused += 1;
                continue;
            }
            if known.is_none() && theirs.generation < ours {
                // The event was erased after the message was made, so it stays unknown.
                continue;
            }
            // Nobody else can know more of the own lane, so it stays out of the join.
            let others = self.events.get(name).map_or_else(Vec::new, |entry| entry.others().to_vec());
            let mut joined = SingleEventCounter { generation: ours, own: None, cells: others };
            if let Some(lane) = self.lane {
                theirs.take_lane(lane);
            }
            let done = joined.join(&theirs);
            report.conflicting_copies += done.conflicting_copies;
            if done.changed || known.is_none() {
                report.events_changed += 1;
                self.replace_others(name, joined);
            }
        }
        if report.refused == 0 {
            self.raise_version_vector(seen);
        }
        report
    }

    pub(crate) fn own_lane(&self) -> Option<LaneId> {
        self.lane
    }

    /// Whether a message holds a later state of the own lane than this store has.
    fn is_restored(&self, message: &Message) -> bool {
        self.lane.is_some_and(|lane| self.is_behind(lane, &message.events))
    }

    /// Whether one of the events holds a later state of `lane`, our own, than this store has.
    ///
    /// Everything that this store exports is durable before. So it has every cell of its lane that
    /// it is shown, with the same stamp or a later one, or it issued the stamp since the opening.
    /// Otherwise this store is an older copy of itself.
    fn is_behind(&self, lane: LaneId, events: &NamedCounters) -> bool {
        events.iter().any(|(name, counter)| {
            let mut theirs = counter.cells_of(lane).peekable();
            if theirs.peek().is_none() {
                return false;
            }
            let entry = self.events.get(name);
            match counter.generation.cmp(&self.generation(name)) {
                Ordering::Less => return false,
                // This store wrote that after an erasure that it does not know of.
                Ordering::Greater => return true,
                Ordering::Equal => {}
            }
            let Some(entry) = entry.filter(|entry| entry.counts_own()) else { return true };
            let ours = entry.to_counter(Some(lane), &self.clock.tracking);
            theirs.any(|theirs| {
                let is_behind = match ours.cell(theirs.key()) {
                    Some(cell) => compare(cell, theirs).0 == Ordering::Less,
                    // An import may have replaced it.
                    None => theirs.stamp > entry.stamp,
                };
                is_behind || (theirs.stamp > entry.stored_stamp() && theirs.stamp <= self.opening_stamp)
            })
        })
    }

    /// Checks whether an event can be joined with `counter`.
    ///
    /// # Errors
    /// `Corrupt` if the counter claims more erasures than are possible; `TooLarge` if the event
    /// would not fit into every storage.
    pub(crate) fn check_merge(&self, name: &str, counter: &SingleEventCounter) -> Result<()> {
        let ours = self.generation(name);
        check_generation(name, ours, counter)?;
        let known = self.events.get(name).map_or(&[][..], Entry::others);
        let known = match ours.cmp(&counter.generation) {
            // What was erased takes no room.
            Ordering::Greater => return Ok(()),
            Ordering::Less => &[],
            Ordering::Equal => known,
        };
        // Of a lane that both know, one cell stays. The own lane stays out of the join.
        let known = known.iter().map(|cell| {
            let theirs = counter.cell(cell.key()).map_or(0, stored_bytes);
            stored_bytes(cell).saturating_sub(theirs)
        });
        let theirs = counter.cells.iter().filter(|cell| Some(cell.lane) != self.lane).map(stored_bytes);
        check_size(name, known.chain(theirs).sum())
    }

    /// Replaces the cells of other lanes by the joined ones.
    fn replace_others(&mut self, name: &str, joined: SingleEventCounter) {
        let now = self.clock.now();
        if !self.events.contains(name) {
            self.events.insert(Entry::new(name, joined.generation));
        }
        if let Some(entry) = self.events.get_mut(name) {
            if entry.generation() < joined.generation {
                entry.empty(joined.generation);
            }
            entry.set_others(joined.cells);
            entry.observe_ahead(now, || {
                self.stamp += 1;
                self.stamp
            });
            // An erased event is known again as soon as it has counts.
            let is_empty = !entry.counts_own() && entry.others().is_empty();
            entry.deleted_pending_write &= is_empty;
        }
        self.touch(name);
    }
}

/// Checks that a counter does not claim more erasures than are possible.
pub(super) fn check_generation(name: &str, ours: Generation, counter: &SingleEventCounter) -> Result<()> {
    if !is_believable(ours, counter.generation) {
        return Err(Error::Corrupt {
            what: "the counts claim more erasures than are possible; export them again".into(),
            event: Some(name.to_owned()),
        });
    }
    Ok(())
}

/// The bytes that a cell takes in a storage, with room for its lane and its stamp.
pub(super) fn stored_bytes(cell: &LaneCell) -> usize {
    64 + cell.body.bytes().len()
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
