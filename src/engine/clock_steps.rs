//! What a large step of the clock means for the counts.
//!
//! While a large step is open, the buckets of before and after must not mix. So the first recording
//! of an event begins another cell. If the clock is set meanwhile and monotonic time shows by how
//! much, the cells that were begun under the step are shifted by that much. If the process ended
//! meanwhile, that cannot be known. Then everything in these cells may have happened as late as the
//! end of the step.

use super::Engine;
use crate::bounds::{MAX_SMALL_STEP, MAX_UNWATCHED_STEPS};
use crate::counter::view::UnwatchedStep;
use crate::time::clock_watch::{ClockWatch, ClosedStep};
use crate::time::instant;

/// The births that belong to the open large step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StepBirths {
    /// Cells with a higher birth were begun since the step opened.
    pub(crate) opened: u64,
    /// Cells with a higher birth were begun since the notice. It is higher than `opened` if the
    /// clock went back again and nothing shows by how much.
    pub(crate) noticed: u64,
    /// Only cells with a higher birth are added to. It is higher than `noticed` if the clock was
    /// set since.
    pub(crate) begun_after: u64,
}

impl StepBirths {
    /// The births of a step that opens when `stamp` was the last one issued.
    fn at(stamp: u64) -> StepBirths {
        StepBirths { opened: stamp, noticed: stamp, begun_after: stamp }
    }

    /// The births as they are stored; `None` if no large step is open.
    pub(super) fn to_record(self) -> Option<[u64; 3]> {
        let StepBirths { opened, noticed, begun_after } = self;
        (self != StepBirths::default()).then_some([opened, noticed, begun_after])
    }

    pub(super) fn from_record([opened, noticed, begun_after]: [u64; 3]) -> StepBirths {
        StepBirths { opened, noticed, begun_after }
    }
}

impl Engine {
    /// Moves the clock to a reading, forwards or back. `monotonic` is the monotonic time, if
    /// `ClockWatch::wants_monotonic` asks for it and it is known.
    pub(crate) fn advance_clock(&mut self, reading: i64, monotonic: Option<i64>) {
        let (before, shown) = (self.clock.watch, self.clock.now());
        let observed = self.clock.advance(reading, monotonic);
        let births = self.clock.births;
        let jump = observed.jump.and_then(|jump| self.large_jump(jump));
        if let Some(jump) = jump {
            // What an earlier process counted under the step may not be in memory.
            let is_continuous = before.is_step_continuous();
            let after = if is_continuous { births.noticed } else { births.noticed.max(self.opening_stamp) };
            self.shift_under_step(jump, before, after, observed.closed.map(|_| births.opened));
            if !is_continuous && observed.closed.is_none() {
                self.add_unwatched(births.opened, observed.now);
            }
        }
        if observed.went_back {
            self.put_markers_back(observed.now, shown.saturating_sub(observed.now));
        }
        if let Some(closed) = observed.closed {
            self.end_step(closed, before, births);
        } else if self.clock.watch.is_step_large() {
            let is_renewed = observed.is_step_changed && observed.jump.is_none();
            if births == StepBirths::default() {
                self.clock.births = StepBirths::at(self.next_stamp().number);
            } else if jump.is_some() || is_renewed {
                let noticed = if is_renewed { self.stamps.last } else { births.noticed };
                self.clock.births = StepBirths { noticed, begun_after: self.stamps.last, ..births };
            }
        }
        if observed.is_step_changed || observed.went_back || observed.jump.is_some() {
            self.clock.renew_view(observed.now);
            // Other buckets are today's, and times ahead of the clock are read in another way.
            self.watches.note_all();
        }
    }

    /// By how much a jump of the clock shifts what was counted under the step; `None` if the jump
    /// is small. What was counted under a clock that was a few minutes wrong is not shifted. The
    /// next large jump makes up for it, so that nothing is shifted to before it happened.
    fn large_jump(&mut self, jump: i64) -> Option<i64> {
        let small = if self.clock.births == StepBirths::default() { 0 } else { self.clock.small_jumps };
        let (small, large) = match jump.abs() > MAX_SMALL_STEP {
            true => (0, Some(jump.saturating_add(small))),
            false => (small.saturating_add(jump).max(0), None),
        };
        self.clock.small_jumps = small;
        large
    }

    /// Shifts everything with a number above `after`, and losses that were noticed under the step,
    /// because the clock was set by `jump` milliseconds. If the step closes, events are counted
    /// again in a cell from before it, which is one with a birth up to `resumes`.
    fn shift_under_step(&mut self, jump: i64, before: ClockWatch, after: u64, resumes: Option<u64>) {
        let horizon = self.load_horizon();
        let (tracking, now, lane, stamps) =
            (&self.clock.tracking, self.clock.now(), self.lane, &mut self.stamps);
        let (mut shifted, mut latest) = (Vec::new(), None);
        self.markers.change_times(|latest| latest.shifted(after, jump));
        for entry in self.events.iter_mut() {
            if !self.markers.is_empty() {
                self.markers.begin_tallies(entry, &self.clock.view);
            }
            let was_changed = entry.shift_cells(after, jump, lane, tracking, || stamps.next_of_cell(now));
            let is_shifted = [
                entry.shift_reservations(after, jump),
                entry.shift_ahead(after, jump),
                entry.change_latest(|latest| latest.shifted(after, jump)),
            ];
            latest = latest.max(entry.latest_time_after(after));
            if let Some(upto) = resumes.filter(|_| entry.own.is_none()) {
                entry.resume_cell(upto, tracking, horizon.as_ref());
            }
            if was_changed {
                entry.stamp = stamps.next_of_cell(now);
            }
            if was_changed || is_shifted.contains(&true) {
                shifted.push(entry.name.clone());
            }
        }
        let lost = self.shift_losses(before, |at| instant::shifted(at, jump));
        // Small corrections that were not shifted can leave times ahead of the clock. They are read
        // like those of a clock that went back.
        if let Some(latest) = latest.max(lost) {
            self.clock.watch.observe_recorded(latest);
        }
        shifted.iter().for_each(|name| self.touch(name));
    }

    /// Ends a large step.
    fn end_step(&mut self, closed: ClosedStep, before: ClockWatch, births: StepBirths) {
        self.clock.births = StepBirths::default();
        if !closed.is_large || (closed.is_continuous && births.opened == births.noticed) {
            return;
        }
        self.add_unwatched(births.opened, closed.at);
        self.shift_losses(before, |_| closed.at);
    }

    /// Notes that everything in the cells that were begun after birth `after` may have happened as
    /// late as `at`.
    fn add_unwatched(&mut self, after: u64, at: i64) {
        self.add_unwatched_births(after, self.stamps.last, at);
    }

    /// As `add_unwatched`, for births up to `upto`.
    pub(super) fn add_unwatched_births(&mut self, after: u64, upto: u64, at: i64) {
        let mut steps = self.clock.view.unwatched.to_vec();
        steps.retain(|step| step.after != after);
        steps.push(UnwatchedStep { after, upto, closed: at });
        let extra = steps.len().saturating_sub(MAX_UNWATCHED_STEPS);
        self.clock.view.unwatched = steps.split_off(extra).into();
    }

    /// Changes the instants of losses that were noticed under the open step of `watch`, and returns
    /// the latest of them.
    fn shift_losses(&mut self, watch: ClockWatch, shifted: impl Fn(i64) -> i64) -> Option<i64> {
        let (noticed, latest) = watch.noticed().zip(watch.latest)?;
        let under_step = self.losses.iter_mut().filter(|(_, at, _)| (noticed..=latest).contains(at));
        let shifted = under_step.map(|(_, at, _)| {
            *at = shifted(*at);
            *at
        });
        shifted.max()
    }
}
