//! Detects that the clock went back, when it has passed its earlier times again, and by how much it
//! was set meanwhile.

use super::instant::shifted;
use crate::bounds::{MAX_LATE_READING, MAX_SMALL_STEP};

#[cfg(test)]
mod tests;

/// What a store has seen of its clock. The store record keeps the latest instant and the notice and
/// peak of the step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ClockWatch {
    /// The latest instant since the last step.
    pub(crate) latest: Option<i64>,
    /// The open step: the clock has not passed the peak yet.
    pub(crate) step: Option<Step>,
}

/// A step: the clock went back by more than `MAX_LATE_READING`.
///
/// While a large step is open, the clock is compared with monotonic time. If the clock moves by
/// more or less than the time that passed, it was set. That is a *jump*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The instant at which the step was noticed, by the time that the clock shows now: a jump
    /// moves it.
    pub(crate) noticed: i64,
    /// The latest instant that was seen before.
    pub(crate) peak: i64,
    /// The instant at which the clock last went back, by the time that it shows now. Whatever this
    /// clock showed and lies ahead of it now was shown before that instant.
    pub(crate) went_back: i64,
    /// Whether the clock went back by more than `MAX_SMALL_STEP`. A step can become large, but it
    /// does not become small again, although a jump can bring the notice close to the peak.
    pub(crate) is_large: bool,
    /// What both clocks showed at the last comparison; `None` if monotonic time was not known then.
    anchor: Option<Anchor>,
    /// Whether monotonic time was known at every comparison since the step became large.
    is_continuous: bool,
}

/// What both clocks showed at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Anchor {
    wall: i64,
    monotonic: i64,
}

/// What a reading of the clock shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// The current instant: the reading, or the latest instant if the reading is slightly below it.
    pub(crate) now: i64,
    /// Whether a step opened or closed, or its notice changed.
    pub(crate) is_step_changed: bool,
    /// Whether the clock went back.
    pub(crate) went_back: bool,
    /// By how many milliseconds the clock was set under a large step, negative if it was set back.
    pub(crate) jump: Option<i64>,
    /// The step that closed.
    pub(crate) closed: Option<ClosedStep>,
}

/// A step that closed, because the clock passed the peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClosedStep {
    pub(crate) is_large: bool,
    /// When it closed: as the clock passed the peak if it was not set since the observation before,
    /// otherwise now.
    pub(crate) at: i64,
    /// Whether it was compared with monotonic time from its opening (or from the moment at which it
    /// became large) to its end. Every jump under it is then known.
    pub(crate) is_continuous: bool,
}

impl ClockWatch {
    /// Observes a reading if that needs no more than this: no step opens, closes or changes, and no
    /// comparison is due. Returns the current instant, or `None` if `observe` has to be called.
    #[inline]
    pub(crate) fn observe_forward(&mut self, reading: i64) -> Option<i64> {
        let latest = self.latest.filter(|latest| !is_back(*latest, reading))?;
        let now = reading.max(latest);
        if self.step.is_some_and(|step| step.is_changed_by(latest, now)) {
            return None;
        }
        self.latest = Some(now);
        Some(now)
    }

    /// Whether a reading shows that the clock went back, unless the reading is wrong.
    pub(crate) fn is_back(&self, reading: i64) -> bool {
        self.latest.is_some_and(|latest| is_back(latest, reading))
    }

    /// Whether `observe` needs monotonic time for this reading: a step becomes large, or a large
    /// one is open and the clock moved by more than a recording takes.
    pub(crate) fn wants_monotonic(&self, reading: i64) -> bool {
        let latest = self.latest.unwrap_or(reading);
        match self.step {
            Some(step) if step.is_large => step.is_comparison_due(latest, reading),
            Some(step) if self.is_back(reading) => step.with_notice(reading).is_wide(),
            Some(step) => step.is_wide(),
            None => Step::new(reading, latest).is_wide(),
        }
    }

    /// Observes a reading of the clock, and of monotonic time if it is wanted and known.
    ///
    /// If the clock went back further and no jump explains it, the notice is renewed: limits refuse
    /// for longer, but pass nothing early.
    pub(crate) fn observe(&mut self, reading: i64, monotonic: Option<i64>) -> Observed {
        let (latest, went_back) = (self.latest.unwrap_or(reading), self.is_back(reading));
        let now = if went_back { reading } else { reading.max(latest) };
        self.latest = Some(now);
        let mut observed = Observed { now, went_back, ..Observed::default() };
        // Whether the clock may have been set since the observation before.
        let mut was_set = false;
        let step = match self.step {
            None if went_back => Step::new(now, latest),
            None => return observed,
            Some(step) if step.is_large && step.is_comparison_due(latest, now) => {
                let (step, difference) = step.compare(now, monotonic);
                was_set = difference.is_none_or(|difference| difference.abs() > MAX_LATE_READING);
                observed.jump = difference.filter(|difference| difference.abs() > MAX_LATE_READING);
                match difference {
                    None if went_back => step.with_notice(now),
                    _ => step.shifted(observed.jump.unwrap_or(0)),
                }
            }
            Some(step) if went_back => step.with_notice(now),
            Some(step) => step,
        };
        let step = if went_back { Step { went_back: now, ..step } } else { step };
        let step = if !step.is_large && step.is_wide() { step.enlarged(now, monotonic) } else { step };
        let noticed = self.noticed();
        self.step = (now < step.peak).then_some(step);
        if self.step.is_none() {
            let is_continuous = step.is_large && step.is_continuous;
            let at = if was_set { now } else { step.peak };
            observed.closed = Some(ClosedStep { is_large: step.is_large, at, is_continuous });
        }
        observed.is_step_changed = self.noticed() != noticed;
        observed
    }

    /// When the open step closes if the clock runs to `then`, after the peak: as the clock passes
    /// the peak. Without monotonic time it closes at `then`, because the clock may be set before.
    pub(crate) fn closes_at(&self, then: i64) -> i64 {
        self.step.filter(|step| step.anchor.is_some()).map_or(then, |step| step.peak)
    }

    /// Observes a recorded instant that was read from storage. This clock showed it earlier.
    pub(crate) fn observe_recorded(&mut self, instant: i64) {
        match &mut self.step {
            Some(step) => step.peak = step.peak.max(instant),
            None => self.latest = Some(self.latest.map_or(instant, |latest| latest.max(instant))),
        }
    }

    /// Observes a recorded instant that was read from storage and that this clock showed since the
    /// notice of the open step. If it lies ahead, the clock went back since.
    pub(crate) fn observe_recorded_under_step(&mut self, instant: i64) {
        match self.step {
            Some(step) if instant < step.peak => {
                self.latest = Some(self.latest.map_or(instant, |latest| latest.max(instant)));
            }
            _ => self.observe_recorded(instant),
        }
    }

    /// Notes that not everything of the open step can be shifted if the clock is set.
    pub(crate) fn break_continuity(&mut self) {
        if let Some(step) = &mut self.step {
            step.is_continuous = false;
        }
    }

    /// Whether a large step is open.
    pub(crate) fn is_step_large(&self) -> bool {
        self.step.is_some_and(|step| step.is_large)
    }

    /// Whether monotonic time was known at every comparison since the open step became large.
    pub(crate) fn is_step_continuous(&self) -> bool {
        self.step.is_some_and(|step| step.is_continuous)
    }

    /// The instant at which the open step was noticed.
    pub(crate) fn noticed(&self) -> Option<i64> {
        self.step.map(|step| step.noticed)
    }
}

/// Whether the clock went back from `latest` to `reading`. Slightly less is a late reading.
#[inline]
fn is_back(latest: i64, reading: i64) -> bool {
    latest.saturating_sub(reading) > MAX_LATE_READING
}

impl Step {
    /// A step that opens.
    fn new(noticed: i64, peak: i64) -> Step {
        let went_back = noticed;
        Step { noticed, peak, went_back, is_large: false, anchor: None, is_continuous: false }
    }

    /// A step that an earlier process noticed. Nobody compared the clock between the two processes.
    pub(crate) fn restored((noticed, peak, went_back): (i64, i64, i64), is_large: bool) -> Step {
        Step { is_large, went_back, ..Step::new(noticed, peak) }
    }

    /// The step with another notice.
    fn with_notice(self, noticed: i64) -> Step {
        Step { noticed, ..self }
    }

    /// The step after the clock was set by `jump` milliseconds.
    fn shifted(self, jump: i64) -> Step {
        Step { noticed: shifted(self.noticed, jump), went_back: shifted(self.went_back, jump), ..self }
    }

    fn is_wide(&self) -> bool {
        self.peak.saturating_sub(self.noticed) > MAX_SMALL_STEP
    }

    /// The step when it becomes large.
    fn enlarged(self, now: i64, monotonic: Option<i64>) -> Step {
        let (step, _) = self.compare(now, monotonic);
        Step { is_large: true, is_continuous: monotonic.is_some(), ..step }
    }

    /// Whether an observation of `now`, which is not before `latest`, changes the step.
    #[inline]
    fn is_changed_by(&self, latest: i64, now: i64) -> bool {
        let is_due = if self.is_large { self.is_comparison_due(latest, now) } else { self.is_wide() };
        is_due || now >= self.peak
    }

    /// Whether the clock has to be compared with monotonic time. It is if the clock moved by more
    /// than a jump has to be, so frequent recordings do not read monotonic time.
    fn is_comparison_due(&self, latest: i64, now: i64) -> bool {
        self.anchor.is_none() || latest.abs_diff(now) > MAX_LATE_READING.unsigned_abs()
    }

    /// Compares the clock with monotonic time since the last comparison. The second result says by
    /// how much more the clock moved; `None` if monotonic time is or was not known.
    fn compare(self, now: i64, monotonic: Option<i64>) -> (Step, Option<i64>) {
        let difference = self.anchor.zip(monotonic).map(|(anchor, monotonic)| {
            let passed = monotonic.saturating_sub(anchor.monotonic);
            now.saturating_sub(anchor.wall).saturating_sub(passed)
        });
        let anchor = monotonic.map(|monotonic| Anchor { wall: now, monotonic });
        (Step { anchor, is_continuous: self.is_continuous && difference.is_some(), ..self }, difference)
    }
}
