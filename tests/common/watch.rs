//! What a store can know of its own clock.

use super::unit::MINUTE;

/// How far a clock may be off before it is doubted.
pub const JITTER: i64 = 15 * MINUTE;

/// The clock went back by more than the jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When that was noticed, by the clock as it was then.
    pub noticed: i64,
    /// What the clock had shown at most. Once it shows that again nothing is in doubt.
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
