//! How the counts of a lane are read at one instant, in particular those that lie ahead of the
//! clock.

use std::sync::Arc;

use super::body::SeenTimes;
use super::lane::{LaneCell, LaneId};
use crate::bounds::JITTER;
use crate::time::bucket::Numbers;
use crate::time::current_buckets::CurrentBuckets;
use crate::time::instant::SECOND;
use crate::time::unit::Unit;

/// The instant of a question or decision, and the state of the clock that the answer depends on.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) now: i64,
    pub(crate) current: CurrentBuckets,
    /// The open step of the clock: the instant at which it was noticed, and the buckets of that
    /// instant.
    pub(crate) noticed: Option<(i64, Numbers)>,
    /// Lanes, in ascending order, that another storage of this device counted. They are read like
    /// the own lane, because the same clock counted them.
    pub(crate) local_legacy_lanes: Arc<[LaneId]>,
}

/// How to read own entries that lie ahead of a clock that went back. Uncertain entries can make a
/// limit refuse, but never pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FutureEntries {
    /// They count as of the instant at which the step was noticed. Questions, `at_most` and
    /// `cooldown` use this.
    Clamp,
    /// They do not count. `at_least` and `within` use this.
    Exclude,
}

/// The future-bucket policy of one lane and unit: how to read bucket numbers ahead of the clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct FuturePolicy {
    current: i64,
    /// The highest number ahead of the current bucket that counts.
    max_believed: i64,
    /// The bucket as which a believed number ahead is read.
    read_as: i64,
}

impl FuturePolicy {
    /// The bucket as which a bucket number counts; `None` if it does not count.
    #[inline]
    pub(super) fn read(self, number: i64) -> Option<i64> {
        if number <= self.current {
            return Some(number);
        }
        (number <= self.max_believed).then_some(self.read_as)
    }
}

impl View {
    /// The number of the current bucket.
    #[inline]
    pub(crate) fn number(&self, unit: Unit) -> i64 {
        // `current` can be up to a minute old if seconds are not tracked.
        match unit {
            Unit::Seconds => self.now.div_euclid(SECOND),
            _ => self.current.numbers.get(unit),
        }
    }

    /// The policy for this store's own lane.
    pub(super) fn own_policy(&self, unit: Unit, future: FutureEntries) -> FuturePolicy {
        let current = self.number(unit);
        let (max_believed, read_as) = match (&self.noticed, future) {
            (None, _) => (i64::MAX, current),
            (Some((_, noticed)), FutureEntries::Clamp) => (i64::MAX, noticed.get(unit).min(current)),
            (Some(_), FutureEntries::Exclude) => (current, current),
        };
        FuturePolicy { current, max_believed, read_as }
    }

    /// The policy for another lane, whose seen times are `seen`.
    pub(super) fn policy_of(
        &self,
        cell: &LaneCell,
        seen: Option<SeenTimes>,
        unit: Unit,
        future: FutureEntries,
    ) -> FuturePolicy {
        if self.is_local_legacy(cell.lane) {
            return self.own_policy(unit, future);
        }
        let current = self.number(unit);
        let max_believed = if self.believes(seen) { self.current.max_believable.get(unit) } else { current };
        FuturePolicy { current, max_believed, read_as: current }
    }

    /// The instant as which a time of the own lane counts.
    pub(crate) fn own_instant(&self, at: i64) -> i64 {
        let read_as = || self.noticed.map_or(self.now, |(noticed, _)| noticed.min(self.now));
        if at <= self.now { at } else { read_as() }
    }

    /// Whether another storage of this device counted the lane.
    pub(super) fn is_local_legacy(&self, lane: LaneId) -> bool {
        !self.local_legacy_lanes.is_empty() && self.local_legacy_lanes.binary_search(&lane).is_ok()
    }

    /// Whether the times of another lane are believed: its clock is not too far ahead of ours.
    pub(super) fn believes(&self, seen: Option<SeenTimes>) -> bool {
        seen.is_none_or(|seen| seen.last <= self.now.saturating_add(JITTER))
    }
}
