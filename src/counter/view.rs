//! The instant at which counts are read, and how times ahead of the clock are read.

use std::sync::Arc;

use super::body::SeenTimes;
use super::lane::{AheadCell, LaneCell, LaneId, LegacyLane};
use crate::bounds::{ACCEPTED_AHEAD, MAX_OWN_CELLS};
use crate::time::bucket::Numbers;
use crate::time::current_buckets::CurrentBuckets;
use crate::time::instant::SECOND;
use crate::time::unit::Unit;

/// The instant of a question or decision, and the state of the clock that the answer depends on.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) now: i64,
    pub(crate) current: CurrentBuckets,
    /// The open step of the clock.
    pub(crate) step: Option<ViewedStep>,
    /// The last stamp that was issued before the notice of the open large step; 0 if none is open.
    pub(crate) step_stamp: u64,
    /// Large steps during which the process ended, so that it is not known when the clock was set.
    pub(crate) unwatched: Arc<[UnwatchedStep]>,
    /// Other lanes that this device's clock counted, in ascending order. They are read like the own
    /// lane.
    pub(crate) legacy_lanes: Arc<[LegacyLane]>,
    /// Losses that were noticed under a large step that closes until this instant.
    pub(crate) late_losses: Option<LateLosses>,
}

/// The open step of the clock, as it is read at one instant: two instants, each with its buckets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ViewedStep {
    /// When the step was noticed.
    pub(crate) noticed: (i64, Numbers),
    /// When the clock last went back. What lies ahead of the clock was recorded before.
    pub(crate) went_back: (i64, Numbers),
}

/// Losses that count as of the closing of a step, because it is not known when the clock was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LateLosses {
    /// The first and the last instant at which they were noticed.
    pub(crate) noticed: (i64, i64),
    pub(crate) closed: i64,
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

    /// The instant as which the latest time counts that `at_least` and `within` accept.
    pub(super) fn accepted_last(self, seen: SeenTimes) -> Option<i64> {
        let times = [seen.ahead, Some(seen.last)].into_iter().flatten();
        times.filter(|at| *at <= self.accepted()).map(|at| self.read(at)).max()
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
            step: None,
            step_stamp: 0,
            unwatched: Arc::default(),
            legacy_lanes: Arc::default(),
            late_losses: None,
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

    /// The number of the bucket of an instant up to now.
    pub(super) fn number_at(&self, unit: Unit, at: i64) -> i64 {
        let current = self.number(unit);
        if at >= self.now {
            return current;
        }
        let known = self.step.iter().flat_map(|step| [&step.noticed, &step.went_back]);
        let known = known.into_iter().find(|(instant, _)| *instant == at);
        let by_offset = || Numbers::of_unit(unit, at, i64::from(self.current.offset) * SECOND);
        known.map_or_else(by_offset, |(_, numbers)| numbers.get(unit)).min(current)
    }

    /// How times ahead are read in a cell of this device. `number` was issued at the last recording
    /// in the cell or later.
    #[inline]
    pub(super) fn own_ahead(&self, birth: u64, number: u64) -> Ahead {
        let (after, as_of) = match &self.step {
            None => (self.now, self.now),
            // A cell that was not added to since the notice of a large step holds nothing that
            // happened after it.
            Some(step) if self.step_stamp > 0 && number <= self.step_stamp => {
                let noticed = step.noticed.0.min(self.now);
                (noticed, noticed)
            }
            Some(step) => (self.now, step.went_back.0.min(self.now)),
        };
        let until = if self.unwatched.is_empty() { None } else { self.until(birth) };
        Ahead { after, as_of, reads_as_noticed: true, is_asked: true, until }
    }

    #[cold]
    fn until(&self, birth: u64) -> Option<i64> {
        // The clock can have gone back since.
        self.closing_of(birth).map(|closed| self.own_instant(closed))
    }

    /// When the unwatched step closed under which a cell was begun; absent if there was none.
    pub(crate) fn closing_of(&self, birth: u64) -> Option<i64> {
        let mut steps = self.unwatched.iter().rev();
        let step = steps.find(|step| step.after < birth && birth <= step.upto)?;
        Some(step.closed)
    }

    /// The instant as which a time counts that the own clock showed when `number` was issued.
    pub(crate) fn own_time(&self, at: i64, number: u64) -> i64 {
        let ahead = self.own_ahead(number, number);
        ahead.read(at).max(ahead.until.unwrap_or(i64::MIN))
    }

    /// How times ahead are read in a cell of another lane. `all` has all cells of other lanes, and
    /// `ahead` says since when those are known that lie ahead of the clock.
    pub(super) fn ahead_of(
        &self,
        cell: &LaneCell,
        seen: Option<SeenTimes>,
        all: &[LaneCell],
        ahead: &[AheadCell],
    ) -> Ahead {
        // Once the clock has reached the last time, nothing in the cell lies ahead any more.
        let received = ahead.binary_search_by_key(&cell.key(), |known| known.key).ok();
        let received = received.and_then(|at| ahead.get(at)).filter(|known| known.last > self.now);
        let received = received.map(|known| self.own_time(known.received, known.number).min(self.now));
        // What lies ahead without such a note was merged before the clock went back.
        let as_of = received.unwrap_or_else(|| self.own_instant(i64::MAX));
        // What has a later stamp than the last own one was counted by another device.
        let legacy = self.legacy(cell.lane).filter(|legacy| cell.stamp.number <= legacy.last);
        match legacy.map(|legacy| legacy.taken_in) {
            None => {
                let is_asked = self.accepts(seen);
                Ahead { after: self.now, as_of, reads_as_noticed: false, is_asked, until: None }
            }
            // This store counted it under an earlier identity.
            Some(None) => {
                let upto = |is_before: fn(&LaneId, &LaneId) -> bool| {
                    all.partition_point(|other| is_before(&other.lane, &cell.lane))
                };
                let cells = upto(|other, lane| other <= lane) - upto(|other, lane| other < lane);
                let (birth, stamp) = (cell.birth.number, cell.stamp.number);
                self.own_ahead(birth, last_number(birth, stamp, cells))
            }
            // Its numbers are those of another storage. It was counted before it was taken in.
            Some(Some(taken_in)) => {
                let read = self.own_ahead(taken_in, taken_in);
                if read.after < self.now { read } else { Ahead { as_of, ..read } }
            }
        }
    }

    /// The instant as which a time counts that this device's clock showed. If it lies ahead of the
    /// clock, the clock went back since.
    pub(crate) fn own_instant(&self, at: i64) -> i64 {
        let read_as = || self.step.as_ref().map_or(self.now, |step| step.went_back.0.min(self.now));
        if at <= self.now { at } else { read_as() }
    }

    /// The instant as which a loss counts that was noticed at `at`.
    pub(crate) fn loss_instant(&self, at: i64) -> i64 {
        let is_late = |late: &LateLosses| (late.noticed.0..=late.noticed.1).contains(&at);
        self.late_losses.filter(is_late).map_or_else(|| self.own_instant(at), |late| late.closed)
    }

    /// The lane, if this device's clock counted it.
    pub(crate) fn legacy(&self, lane: LaneId) -> Option<LegacyLane> {
        if self.legacy_lanes.is_empty() {
            return None;
        }
        let found = self.legacy_lanes.binary_search_by(|legacy| legacy.lane.cmp(&lane)).ok()?;
        self.legacy_lanes.get(found).copied()
    }

    /// Whether it is a lane that this store left.
    pub(crate) fn is_retired(&self, lane: LaneId) -> bool {
        self.legacy(lane).is_some_and(|legacy| legacy.taken_in.is_none())
    }

    /// Whether an instant that this device's clock showed when `number` was issued does not lie
    /// ahead of the clock.
    pub(crate) fn is_past(&self, at: i64, number: u64) -> bool {
        at <= self.own_ahead(number, number).after
    }

    /// Whether questions accept the times of another lane: its clock is not too far ahead of ours.
    pub(super) fn accepts(&self, seen: Option<SeenTimes>) -> bool {
        seen.is_none_or(|seen| seen.last <= self.now.saturating_add(ACCEPTED_AHEAD))
    }
}

/// A number that was issued at the last recording in a cell or later. The event has so many `cells`
/// of the lane.
///
/// Under a large step the first recording of an event begins another cell, so a cell that was begun
/// before holds nothing later. Only an event that has no room for another cell adds to it. The
/// stamp is no such number otherwise: a change that is no recording raises it too.
#[inline]
pub(super) fn last_number(birth: u64, stamp: u64, cells: usize) -> u64 {
    if cells < MAX_OWN_CELLS { birth } else { stamp }
}
