//! What a store knows of its own clock.

use super::unit::{MINUTE, SECOND};

/// By how much a clock may go back without being a step.
pub const STEP: i64 = SECOND;
/// By how much a clock goes back at most in a small step.
pub const LARGE_STEP: i64 = 15 * MINUTE;
/// How far ahead of the clock lower bounds count what happened.
pub const BELIEVED_AHEAD: i64 = 15 * MINUTE;
/// Whether a series says from where on it has all counts if a clock that was ahead made the store
/// drop some, because the store was persisted on three dates meanwhile.
pub const STATES_DROPS: bool = true;
/// Whether a series has room for the buckets up to now beside those ahead of the clock, however many
/// these are.
pub const HAS_ROOM_FOR_NOW: bool = true;

/// The clock went back by more than [`STEP`].
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
    /// The latest instant ever shown.
    pub peak: i64,
    /// Whether the clock ever went back.
    pub went_back: bool,
    /// Whether it ever went back by so much that what was counted before and after is kept apart.
    pub went_far_back: bool,
    /// How often it went back by more than [`STEP`].
    pub steps: u32,
}

impl Watch {
    pub fn new() -> Watch {
        let never = i64::MIN / 2;
        Watch { latest: never, step: None, peak: never, went_back: false, went_far_back: false, steps: 0 }
    }

    pub fn see(&mut self, now: i64) {
        self.went_back |= now < self.peak;
        self.went_far_back |= now < self.peak - LARGE_STEP;
        self.peak = self.peak.max(now);
        if now < self.latest - STEP {
            let peak = self.step.map_or(self.latest, |step| step.peak.max(self.latest));
            self.steps += 1;
            (self.latest, self.step) = (now, Some(Step { noticed: now, peak }));
        }
        self.latest = self.latest.max(now);
        self.step = self.step.filter(|step| now < step.peak);
    }
}
