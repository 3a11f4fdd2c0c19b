//! The store's time: the latest instant, the current buckets, the zone and the open clock step.

use std::sync::Arc;

use super::Engine;
use crate::counter::tracking::Tracking;
use crate::counter::view::View;
use crate::time::bucket::{Numbers, local_day};
use crate::time::clock_watch::{ClockWatch, ClosedStep, Observed};
use crate::time::current_buckets::CurrentBuckets;
use crate::time::unit::Unit;
use crate::time::zone::Zone;

pub(crate) struct ClockState {
    pub(crate) tracking: Tracking,
    finest: Unit,
    pub(crate) zone: Zone,
    /// How counts are read at the latest instant.
    pub(crate) view: View,
    /// The current bucket number of each tracked unit, in the order of `tracking`.
    pub(crate) tracked_numbers: Vec<i64>,
    pub(crate) watch: ClockWatch,
}

impl ClockState {
    pub(crate) fn new(tracking: Tracking, zone: Zone) -> ClockState {
        let view = View::at(0, CurrentBuckets::never());
        ClockState {
            finest: tracking.finest().unwrap_or(Unit::Years),
            tracking,
            zone,
            view,
            tracked_numbers: Vec::new(),
            watch: ClockWatch::default(),
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
        self.view.now = now;
        if !self.view.current.holds(now) {
            self.renew_view(now);
        }
        true
    }

    /// Moves to a reading of the clock, forwards or back, and updates the current buckets.
    fn advance(&mut self, reading: i64, monotonic: Option<i64>) -> Observed {
        let observed = self.watch.observe(reading, monotonic);
        self.view.now = observed.now;
        if observed.is_step_changed || !self.view.current.holds(observed.now) {
            self.renew_view(observed.now);
        }
        observed
    }

    #[cold]
    fn renew_view(&mut self, now: i64) {
        self.view = self.view_of(now, self.watch);
        let numbers = &self.view.current.numbers;
        self.tracked_numbers.clear();
        self.tracked_numbers.extend(self.tracking.units().iter().map(|(unit, _)| numbers.get(*unit)));
    }

    /// How counts will be read at `then` if nothing else is recorded.
    pub(crate) fn view_at(&self, then: i64) -> View {
        let mut watch = self.watch;
        watch.observe(then, None);
        self.view_of(then, watch)
    }

    fn view_of(&self, now: i64, watch: ClockWatch) -> View {
        View {
            now,
            current: CurrentBuckets::at(now, &self.zone, self.finest),
            noticed: watch.noticed().map(|at| (at, Numbers::at(at, self.zone.segment(at).offset))),
            begun_after: self.view.begun_after,
            unwatched: Arc::clone(&self.view.unwatched),
            local_legacy_lanes: Arc::clone(&self.view.local_legacy_lanes),
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

impl Engine {
    /// Moves the clock to a reading, forwards or back. `monotonic` is the monotonic time, if
    /// `ClockWatch::wants_monotonic` asks for it and it is known.
    pub(crate) fn advance_clock(&mut self, reading: i64, monotonic: Option<i64>) {
        let observed = self.clock.advance(reading, monotonic);
        if let Some(jump) = observed.jump {
            self.correct_times_under_step(jump);
        }
        if let Some(closed) = observed.closed {
            self.end_step(closed);
        }
    }

    /// The clock was set by `jump` milliseconds under a large step, so everything that was counted
    /// since the step opened happened so much later (earlier if negative) than it was recorded.
    ///
    /// Recorded times are not shifted yet. After a jump back they lie ahead of the clock, so the
    /// notice is renewed: as of the shifted notice a limit would pass early.
    fn correct_times_under_step(&mut self, jump: i64) {
        if jump < 0 {
            self.clock.watch.renew_notice();
            self.clock.renew_view(self.clock.now());
        }
    }

    /// The clock passed the latest instant before the step. Nothing depends on it yet.
    fn end_step(&mut self, _closed: ClosedStep) {}
}
