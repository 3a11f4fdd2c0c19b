//! Whether the clock went back, and what that does to what it had counted ahead of now.

use super::instant::JITTER;

/// What a store knows of its clock. It is kept with the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ClockWatch {
    /// The latest instant seen since the last step.
    pub(crate) latest: Option<i64>,
    /// The step that is still open: the clock has not passed what it showed before.
    pub(crate) step: Option<Step>,
}

/// The clock went back by more than the jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// The instant, by the new time, at which it was noticed.
    pub(crate) noticed: i64,
    /// The latest instant that was ever seen before.
    pub(crate) peak: i64,
}

impl ClockWatch {
    /// Takes note of the time. A further step back renews the notice, so that what waits for it waits again: it
    /// fails closed, and not for ever. Says whether a step began, was renewed or is over.
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
                let over = self.step.is_some_and(|step| now >= step.peak);
                if over {
                    self.step = None;
                }
                over
            }
        }
    }

    /// Takes note of an instant that was recorded under an earlier reading of this clock.
    pub(crate) fn observe_recorded(&mut self, instant: i64) {
        match &mut self.step {
            Some(step) => step.peak = step.peak.max(instant),
            None => self.latest = Some(self.latest.map_or(instant, |latest| latest.max(instant))),
        }
    }

    /// The instant at which own entries ahead of `now` are read: when the step was noticed, or now where there was none.
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
    fn a_quarter_of_an_hour_back_is_jitter_and_more_is_a_step() {
        assert_eq!(watched(&[DAY, DAY - 15 * MINUTE]).noticed(), None);
        assert_eq!(watched(&[DAY, DAY - 15 * MINUTE - 1]).noticed(), Some(DAY - 15 * MINUTE - 1));
    }

    #[test]
    fn small_steps_add_up_against_the_latest_instant() {
        assert_eq!(watched(&[DAY, DAY - 10 * MINUTE, DAY - 20 * MINUTE]).noticed(), Some(DAY - 20 * MINUTE));
    }

    #[test]
    fn a_notice_stands_until_the_clock_passes_what_it_had_shown() {
        assert_eq!(watched(&[60 * DAY, 0, 59 * DAY]).noticed(), Some(0));
        assert_eq!(watched(&[60 * DAY, 0, 60 * DAY]).noticed(), None);
    }

    #[test]
    fn a_further_step_renews_the_notice_and_keeps_the_peak() {
        let watch = watched(&[60 * DAY, 10 * DAY, 30 * DAY, 11 * DAY]);
        assert_eq!(watch.step, Some(Step { noticed: 11 * DAY, peak: 60 * DAY }));
    }

    #[test]
    fn an_instant_found_in_storage_counts_as_seen() {
        let mut watch = ClockWatch::default();
        watch.observe_recorded(9 * DAY);
        watch.observe(DAY);
        assert_eq!(watch.step, Some(Step { noticed: DAY, peak: 9 * DAY }));
        watch.observe_recorded(12 * DAY);
        assert_eq!(watch.step, Some(Step { noticed: DAY, peak: 12 * DAY }));
    }
}
