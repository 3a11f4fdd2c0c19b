//! What a store knows of its own clock.

use super::unit::{MINUTE, SECOND};

/// By how much a clock may go back without being a step: readings of threads can come so late.
pub const LATE: i64 = SECOND;

/// By how much the clock of another device may be ahead and is believed.
pub const BELIEVED_AHEAD: i64 = 15 * MINUTE;

/// The clock went back by more than [`LATE`].
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

    /// Takes in what the clock shows, and returns the current instant: time does not go back
    /// without a step.
    pub fn see(&mut self, shown: i64) -> i64 {
        let now = if shown < self.latest - LATE { shown } else { shown.max(self.latest) };
        if now < self.latest {
            let peak = self.step.map_or(self.latest, |step| step.peak.max(self.latest));
            *self = Watch { latest: now, step: Some(Step { noticed: now, peak }) };
        }
        self.latest = now;
        self.step = self.step.filter(|step| now < step.peak);
        now
    }
}
