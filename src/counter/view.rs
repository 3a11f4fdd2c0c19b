//! The instant at which counts are read, and how times ahead of the clock are read.

use std::sync::Arc;

use super::body::SeenTimes;
use super::lane::{AheadCell, LaneCell, LaneId};
use crate::bounds::ACCEPTED_AHEAD;
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
    /// The last stamp that was issued before the notice of the open large step; 0 if none is open.
    pub(crate) step_stamp: u64,
    /// Large steps during which the process ended, so that it is not known when the clock was set.
    pub(crate) unwatched: Arc<[UnwatchedStep]>,
    /// Earlier lanes of this device, ascending, each with the number of its last own stamp. Up to
    /// it they are read like the own lane, because the same clock counted them.
    pub(crate) retired_lanes: Arc<[(LaneId, u64)]>,
}

/// How the times of one cell are read that lie ahead of the clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead {
    /// Times after this instant lie ahead.
    pub(super) after: i64,
    /// The instant as which `at_most` and `cooldown` read them.
    pub(super) as_of: i64,
    /// Whether this device's clock counted the cell. Questions then read times ahead as of the
    /// same instant.
    pub(super) reads_as_noticed: bool,
    /// Whether questions accept the clock of the cell. Otherwise times ahead do not count yet.
    pub(super) is_asked: bool,
    /// For `at_most` and `cooldown` everything in the cell may have happened as late as this.
    pub(super) until: Option<i64>,
}

/// A large step of the clock during which the process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnwatchedStep {
    /// Cells with a higher birth were begun under it,
    pub(crate) after: u64,
    /// up to this birth.
    pub(crate) upto: u64,
    /// When the clock passed the peak.
    pub(crate) closed: i64,
}

impl Ahead {
    /// The instant as which a time counts for `at_most` and `cooldown`.
    pub(super) fn read(self, at: i64) -> i64 {
        if at <= self.after { at } else { self.as_of }
    }

    /// The latest time that `at_least` and `within` accept.
    pub(super) fn accepted(self) -> i64 {
        self.after.saturating_add(ACCEPTED_AHEAD)
    }

    /// The instant as which the latest time counts for questions.
    pub(super) fn last(self, seen: SeenTimes) -> i64 {
        let last = self.read(seen.last);
        seen.ahead.map_or(last, |ahead| last.max(self.read(ahead)))
    }

    /// The instant as which the latest time counts for `at_most` and `cooldown`.
    pub(super) fn latest(self, seen: SeenTimes) -> i64 {
        self.last(seen).max(self.until.unwrap_or(i64::MIN))
    }

    /// The latest time that `at_least` and `within` accept, not after `after`.
    pub(super) fn accepted_last(self, seen: SeenTimes) -> Option<i64> {
        let times = [seen.ahead, Some(seen.last)].into_iter().flatten();
        times.filter(|at| *at <= self.accepted()).max().map(|at| at.min(self.after))
    }
}

impl UnwatchedStep {
    /// The step as it is stored.
    pub(crate) fn to_record(self) -> (u64, u64, i64) {
        (self.after, self.upto, self.closed)
    }

    pub(crate) fn from_record((after, upto, closed): (u64, u64, i64)) -> UnwatchedStep {
        UnwatchedStep { after, upto, closed }
    }
}

impl View {
    /// The view at an instant, if no step of the clock is known.
    pub(crate) fn at(now: i64, current: CurrentBuckets) -> View {
        View {
            now,
            current,
            noticed: None,
            step_stamp: 0,
            unwatched: Arc::default(),
            retired_lanes: Arc::default(),
        }
    }

    /// The number of the current bucket.
    #[inline]
    pub(crate) fn number(&self, unit: Unit) -> i64 {
        // `current` can be up to a minute old if seconds are not tracked.
        match unit {
            Unit::Seconds => self.now.div_euclid(SECOND),
            _ => self.current.numbers.get(unit),
        }
    }

    /// How times ahead are read in a cell of this device.
    #[inline]
    pub(super) fn own_ahead(&self, birth: u64, stamp: u64) -> Ahead {
        let noticed = self.own_instant(i64::MAX);
        // A cell that was not added to since the notice of a large step holds nothing that happened
        // after it. One that was added to may hold something that happened just now.
        let (after, as_of) = match self.step_stamp {
            0 => (self.now, noticed),
            step if stamp <= step => (noticed, noticed),
            _ => (self.now, self.now),
        };
        let until = if self.unwatched.is_empty() { None } else { self.until(birth) };
        Ahead { after, as_of, reads_as_noticed: true, is_asked: true, until }
    }

    #[cold]
    fn until(&self, birth: u64) -> Option<i64> {
        let mut steps = self.unwatched.iter().rev();
        steps.find(|step| step.after < birth && birth <= step.upto).map(|step| step.closed)
    }

    /// The instant as which a time counts that the own clock showed when `number` was issued.
    pub(crate) fn own_time(&self, at: i64, number: u64) -> i64 {
        let ahead = self.own_ahead(number, number);
        ahead.read(at).max(ahead.until.unwrap_or(i64::MIN))
    }

    /// How times ahead are read in the cell of another lane.
    pub(super) fn ahead_of(&self, cell: &LaneCell, seen: Option<SeenTimes>, ahead: &[AheadCell]) -> Ahead {
        if self.retired(cell.lane).is_some_and(|last| cell.stamp.number <= last) {
            // Its births are not those of this store. It is read as begun before any step.
            return self.own_ahead(0, 0);
        }
        let received = ahead.iter().find(|known| known.key == cell.key());
        Ahead {
            after: self.now,
            as_of: received.map_or(self.now, |known| known.received.min(self.now)),
            reads_as_noticed: false,
            is_asked: self.accepts(seen),
            until: None,
        }
    }

    /// The instant as which a time of the own lane counts.
    pub(crate) fn own_instant(&self, at: i64) -> i64 {
        let read_as = || self.noticed.map_or(self.now, |(noticed, _)| noticed.min(self.now));
        if at <= self.now { at } else { read_as() }
    }

    /// Of an earlier lane of this device, the number of its last own stamp.
    fn retired(&self, lane: LaneId) -> Option<u64> {
        let found = self.retired_lanes.binary_search_by_key(&lane, |(lane, _)| *lane).ok()?;
        self.retired_lanes.get(found).map(|(_, last)| *last)
    }

    /// Whether it is an earlier lane of this device.
    pub(crate) fn is_retired(&self, lane: LaneId) -> bool {
        self.retired(lane).is_some()
    }

    /// Whether questions accept the times of another lane: its clock is not too far ahead of ours.
    pub(super) fn accepts(&self, seen: Option<SeenTimes>) -> bool {
        seen.is_none_or(|seen| seen.last <= self.now.saturating_add(ACCEPTED_AHEAD))
    }
}
