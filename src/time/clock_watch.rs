//! Detects that the clock went back, and when it has passed its earlier times again.

use crate::bounds::JITTER;

/// What a store has seen of its clock. The store record keeps it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ClockWatch {
    /// The latest instant since the last step.
    pub(crate) latest: Option<i64>,
    /// The open step: the clock has not passed the peak yet.
    pub(crate) step: Option<Step>,
}

/// A step: the clock went back by more than the jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The instant at which the step was noticed, by the new time.
    pub(crate) noticed: i64,
    /// The latest instant that was seen before.
    pub(crate) peak: i64,
}

impl ClockWatch {
    /// Observes the current time. Returns whether a step opened, was renewed or closed.
    ///
    /// A further step back renews the notice: limits refuse for longer, but pass nothing early.
    #[inline]
    pub(crate) fn observe(&mut self, now: i64) -> bool {
        match self.latest {
            Some(latest) if now < latest => {
                if latest - now > JITTER {
                    let peak = self.step.map_or(latest, |step| step.peak.max(latest));
                    self.step = Some(Step { noticed: now, peak });
                    self.latest = Some(now);
                    return true;
                }
                false
            }
            _ => {
                self.latest = Some(now);
                let closes = self.step.is_some_and(|step| now >= step.peak);
                if closes {
                    self.step = None;
                }
                closes
            }
        }
    }

    /// Observes a recorded instant that was read from storage. This clock showed it earlier.
    pub(crate) fn observe_recorded(&mut self, instant: i64) {
        match &mut self.step {
            Some(step) => step.peak = step.peak.max(instant),
            None => self.latest = Some(self.latest.map_or(instant, |latest| latest.max(instant))),
        }
    }

    /// The instant at which the open step was noticed. Own entries that lie ahead of the clock
    /// count as of this instant, or as of now if no step is open.
    pub(crate) fn noticed(&self) -> Option<i64> {
        self.step.map(|step| step.noticed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::instant::{DAY, MINUTE};

    fn watched(times: &[i64]) -> ClockWatch {
        let mut watch = ClockWatch::default();
        for time in times {
            watch.observe(*time);
        }
        watch
    }

    #[test]
    fn fifteen_minutes_back_is_jitter_and_more_is_a_step() {
        assert_eq!(watched(&[DAY, DAY - 15 * MINUTE]).noticed(), None);
        assert_eq!(watched(&[DAY, DAY - 15 * MINUTE - 1]).noticed(), Some(DAY - 15 * MINUTE - 1));
    }

    #[test]
    fn small_steps_back_are_measured_from_the_latest_instant() {
        assert_eq!(watched(&[DAY, DAY - 10 * MINUTE, DAY - 20 * MINUTE]).noticed(), Some(DAY - 20 * MINUTE));
    }

    #[test]
    fn a_step_is_open_until_the_clock_passes_the_peak() {
        assert_eq!(watched(&[60 * DAY, 0, 59 * DAY]).noticed(), Some(0));
        assert_eq!(watched(&[60 * DAY, 0, 60 * DAY]).noticed(), None);
    }

    #[test]
    fn a_further_step_renews_the_notice_and_keeps_the_peak() {
        let watch = watched(&[60 * DAY, 10 * DAY, 30 * DAY, 11 * DAY]);
        assert_eq!(watch.step, Some(Step { noticed: 11 * DAY, peak: 60 * DAY }));
    }

    #[test]
    fn an_instant_from_storage_counts_as_seen() {
        let mut watch = ClockWatch::default();
        watch.observe_recorded(9 * DAY);
        watch.observe(DAY);
        assert_eq!(watch.step, Some(Step { noticed: DAY, peak: 9 * DAY }));
        watch.observe_recorded(12 * DAY);
        assert_eq!(watch.step, Some(Step { noticed: DAY, peak: 12 * DAY }));
    }
}
