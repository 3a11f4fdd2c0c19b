//! What a store knows of its own clock.

use super::unit::MINUTE;

/// By how much a clock may go back without being a step.
pub const JITTER: i64 = 15 * MINUTE;

/// The clock went back by more than [`JITTER`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What the clock showed when the step was noticed.
    pub noticed: i64,
    /// The latest instant that the clock has shown. The step ends when the clock shows it again.
    pub peak: i64,
}

#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// The latest instant since the last step.
    pub latest: i64,
    pub step: Option<Step>,
}

impl Watch {
    pub fn new() -> Watch {
        Watch { latest: i64::MIN / 2, step: None }
    }

    pub fn see(&mut self, now: i64) {
        if now < self.latest - JITTER {
            let peak = self.step.map_or(self.latest, |step| step.peak.max(self.latest));
            *self = Watch { latest: now, step: Some(Step { noticed: now, peak }) };
        }
        self.latest = self.latest.max(now);
        self.step = self.step.filter(|step| now < step.peak);
    }
}
