//! What time it is, and how everything is read by it.

use std::sync::Arc;

use crate::counter::reading::View;
use crate::counter::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::frame::Frame;
use crate::time::unit::Unit;
use crate::time::watch::ClockWatch;
use crate::time::zone::Zone;

pub(crate) struct Present {
    pub(crate) tracking: Tracking,
    finest: Unit,
    pub(crate) zone: Zone,
    /// How everything is read at the latest instant that was asked about.
    pub(crate) view: View,
    /// The numbers of the current buckets of the tracked units, in their order.
    pub(crate) current: Vec<i64>,
    pub(crate) watch: ClockWatch,
}

impl Present {
    pub(crate) fn new(tracking: Tracking, zone: Zone) -> Present {
        Present {
            finest: tracking.finest().unwrap_or(Unit::Years),
            tracking,
            zone,
            view: View { now: 0, frame: Frame::never(), noticed: None, past: Arc::default() },
            current: Vec::new(),
            watch: ClockWatch::default(),
        }
    }

    pub(crate) fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
        self.view.frame = Frame::never();
    }

    /// Takes note of the time and brings the current buckets up to date.
    #[inline]
    pub(crate) fn turn_to(&mut self, now: i64) {
        let stepped = self.watch.observe(now);
        self.view.now = now;
        if stepped || !self.view.frame.holds(now) {
            self.renew_view(now);
        }
    }

    #[cold]
    fn renew_view(&mut self, now: i64) {
        self.view = self.view_of(now, self.watch);
        let numbers = &self.view.frame.numbers;
        self.current.clear();
        self.current.extend(self.tracking.units().iter().map(|(unit, _)| numbers.of(*unit)));
    }

    /// How everything will be read at `then` if nothing else is recorded.
    pub(crate) fn view_at(&self, then: i64) -> View {
        let mut watch = self.watch;
        watch.observe(then);
        self.view_of(then, watch)
    }

    fn view_of(&self, now: i64, watch: ClockWatch) -> View {
        View {
            now,
            frame: Frame::at(now, &self.zone, self.finest),
            noticed: watch.noticed().map(|at| (at, Numbers::at(at, self.zone.segment(at).offset))),
            past: Arc::clone(&self.view.past),
        }
    }

    /// The local date, in days since 1970-01-01.
    pub(crate) fn today(&mut self, now: i64) -> i64 {
        self.turn_to(now);
        self.view.frame.numbers.of(Unit::Days)
    }
}
