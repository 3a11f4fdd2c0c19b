//! The store's time: the latest instant, the current buckets, the zone and the open clock step.

use std::sync::Arc;

use super::clock_steps::StepBirths;
use crate::counter::tracking::Tracking;
use crate::counter::view::{LateLosses, UnwatchedStep, View, ViewedStep};
use crate::time::bucket::{Numbers, local_day};
use crate::time::clock_watch::{ClockWatch, Observed};
use crate::time::current_buckets::CurrentBuckets;
use crate::time::unit::Unit;
use crate::time::zone::Zone;

#[cfg_attr(test, derive(Clone))]
pub(crate) struct ClockState {
    pub(crate) tracking: Tracking,
    finest: Unit,
    pub(crate) zone: Zone,
    /// The latest reading of the clock. It can be up to a second below the latest instant.
    pub(crate) reading: i64,
    /// How counts are read at the latest instant.
    pub(crate) view: View,
    /// The current bucket number of each tracked unit, in the order of `tracking`.
    pub(crate) tracked_numbers: Vec<i64>,
    pub(crate) watch: ClockWatch,
    /// The births that belong to the open large step; all 0 if none is open.
    pub(crate) births: StepBirths,
    /// By how much the clock was at most set ahead, in small jumps, since something was counted
    /// under the open large step.
    pub(crate) small_jumps: i64,
}

impl ClockState {
    pub(crate) fn new(tracking: Tracking, zone: Zone) -> ClockState {
        let view = View::at(0, CurrentBuckets::never());
        ClockState {
            finest: tracking.finest().unwrap_or(Unit::Years),
            // Allocated here, so that the first question allocates nothing.
            tracked_numbers: Vec::with_capacity(tracking.units().len()),
            tracking,
            zone,
            reading: 0,
            view,
            watch: ClockWatch::default(),
            births: StepBirths::default(),
            small_jumps: 0,
        }
    }

    pub(crate) fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
        self.renew_view(self.view.now);
    }

    /// The current instant: the latest one that the clock was moved to.
    #[inline]
    pub(crate) fn now(&self) -> i64 {
        self.view.now
    }

    /// Moves to a reading of the clock if no step is open and none opens, and updates the current
    /// buckets. Returns whether it did; if not, `Engine::advance_clock` has to be called.
    #[inline]
    pub(crate) fn advance_forward(&mut self, reading: i64) -> bool {
        let Some(now) = self.watch.observe_forward(reading) else { return false };
        self.reading = reading;
        self.view.now = now;
        if !self.view.current.holds(now) {
            self.renew_view(now);
        }
        true
    }

    /// Moves to a reading of the clock, forwards or back, and updates the current buckets.
    pub(super) fn advance(&mut self, reading: i64, monotonic: Option<i64>) -> Observed {
        let observed = self.watch.observe(reading, monotonic);
        self.reading = reading;
        self.view.now = observed.now;
        if observed.is_step_changed || observed.went_back || !self.view.current.holds(observed.now) {
            self.renew_view(observed.now);
        }
        observed
    }

    #[cold]
    pub(super) fn renew_view(&mut self, now: i64) {
        self.view = self.view_of(now, self.watch);
        let numbers = &self.view.current.numbers;
        self.tracked_numbers.clear();
        self.tracked_numbers.extend(self.tracking.units().iter().map(|(unit, _)| numbers.get(*unit)));
    }

    /// How counts will be read at `then` if nothing else is recorded and the clock is not set.
    pub(crate) fn view_at(&self, then: i64) -> View {
        let mut watch = self.watch;
        let closed = watch.observe(then, None).closed.filter(|closed| closed.is_large);
        let mut view = self.view_of(then, watch);
        if closed.is_some() {
            view.step_stamp = 0;
            if !self.watch.is_step_continuous() || self.births.opened != self.births.noticed {
                let closed = self.watch.closes_at(then);
                let step = UnwatchedStep { after: self.births.opened, upto: u64::MAX, closed };
                let noticed = self.watch.noticed().zip(self.watch.latest);
                view.late_losses = noticed.map(|noticed| LateLosses { noticed, closed });
                view.unwatched = view.unwatched.iter().copied().chain([step]).collect();
            }
        }
        view
    }

    fn view_of(&self, now: i64, watch: ClockWatch) -> View {
        let numbered = |at| (at, Numbers::at(at, self.zone.segment(at).offset));
        View {
            now,
            current: CurrentBuckets::at(now, &self.zone, self.finest),
            step: watch.step.map(|step| ViewedStep {
                noticed: numbered(step.noticed),
                went_back: numbered(step.went_back),
            }),
            step_stamp: self.births.noticed,
            unwatched: Arc::clone(&self.view.unwatched),
            legacy_lanes: Arc::clone(&self.view.legacy_lanes),
            late_losses: None,
        }
    }

    /// The offset of the local clock at the latest instant, in seconds.
    #[inline]
    pub(crate) fn offset(&self) -> i32 {
        self.view.current.offset
    }

    /// The current local date, in days since 1970-01-01.
    pub(super) fn today(&self) -> i64 {
        local_day(self.now(), self.zone.segment(self.now()).offset)
    }
}
