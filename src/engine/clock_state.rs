//! The store's time: the latest instant, the current buckets, the zone and the open clock step.

use std::sync::Arc;

use crate::counter::tracking::Tracking;
use crate::counter::view::View;
use crate::time::bucket::{Numbers, local_day};
use crate::time::clock_watch::ClockWatch;
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
        self.view.current = CurrentBuckets::never();
    }

    /// Moves to another instant, forwards or back, and updates the current buckets.
    #[inline]
    pub(crate) fn advance_to(&mut self, now: i64) {
        let stepped = self.watch.observe(now);
        self.view.now = now;
        if stepped || !self.view.current.holds(now) {
            self.renew_view(now);
        }
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
        watch.observe(then);
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

    /// The local date at `now`, in days since 1970-01-01.
    pub(super) fn today(&self, now: i64) -> i64 {
        local_day(now, self.zone.segment(now).offset)
    }
}
