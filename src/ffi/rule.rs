//! The rules of a limit.

use super::error::EventStoreError;
use super::types::TimeUnit;
use crate::{Limiter, TimeWindow, checked};

/// What a rule looks back at.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Window {
    /// Calendar units that end with the current one: one day is today.
    Calendar {
        /// How many units, 1 or more.
        count: i64,
        /// The unit. `Ever` is all time, whatever the number.
        unit: TimeUnit,
    },
    /// The last so much of time.
    Rolling {
        /// How long, in milliseconds, 1 or more.
        millis: i64,
    },
}

/// A recurring stretch of time.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Schedule {
    /// From the start of one hour to the start of another. A start after the end runs over midnight.
    Hours {
        /// The first hour in which it holds, 0 to 23.
        start: i32,
        /// The hour before which it ends, 0 to 24.
        end: i32,
        /// By the store's time zone rather than UTC.
        local: bool,
    },
    /// Monday to Friday.
    Weekdays {
        /// By the store's time zone rather than UTC.
        local: bool,
    },
    /// Saturday and Sunday.
    Weekends {
        /// By the store's time zone rather than UTC.
        local: bool,
    },
}

/// One demand of a limit. Each counts its own event.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Rule {
    /// The event happened fewer than `limit` times in the window. Pending reservations count.
    AtMost {
        /// The event that is counted.
        event: String,
        /// How often it may happen.
        limit: i64,
        /// What the rule looks back at.
        window: Window,
    },
    /// The event happened at least `count` times in the window.
    AtLeast {
        /// The event that is counted.
        event: String,
        /// How often it must have happened.
        count: i64,
        /// What the rule looks back at.
        window: Window,
    },
    /// The event did not happen in the last so much of time.
    Cooldown {
        /// The event whose last time counts.
        event: String,
        /// How long to wait after it, in milliseconds, 0 or more.
        millis: i64,
    },
    /// The event happened in the last so much of time.
    Within {
        /// The event that must have happened.
        event: String,
        /// How long ago at most, in milliseconds, 0 or more.
        millis: i64,
    },
    /// The schedule holds.
    During {
        /// When it is allowed.
        schedule: Schedule,
    },
    /// The schedule does not hold.
    OutsideOf {
        /// When it is not allowed.
        schedule: Schedule,
    },
}

impl Rule {
    /// The limit with this rule as well.
    pub(super) fn add_to(self, limit: Limiter<'_>) -> Result<Limiter<'_>, EventStoreError> {
        Ok(match self {
            Rule::AtMost { event, limit: most, window } => {
                limit.at_most(event, checked::count(most)?, crate::Window::try_from(window)?)
            }
            Rule::AtLeast { event, count, window } => {
                limit.at_least(event, checked::count(count)?, crate::Window::try_from(window)?)
            }
            Rule::Cooldown { event, millis } => limit.cooldown(event, checked::length(millis)?),
            Rule::Within { event, millis } => limit.within(event, checked::length(millis)?),
            Rule::During { schedule } => limit.during(schedule.try_into()?),
            Rule::OutsideOf { schedule } => limit.outside_of(schedule.try_into()?),
        })
    }
}

impl TryFrom<Window> for crate::Window {
    type Error = EventStoreError;

    fn try_from(window: Window) -> Result<Self, EventStoreError> {
        Ok(match window {
            Window::Calendar { count, unit } => {
                Self::Calendar(TimeWindow { count: checked::window(count)?, time_unit: unit.into() })
            }
            Window::Rolling { millis } => Self::Rolling(checked::rolling(millis)?),
        })
    }
}

impl TryFrom<Schedule> for crate::Schedule {
    type Error = EventStoreError;

    fn try_from(schedule: Schedule) -> Result<Self, EventStoreError> {
        Ok(match schedule {
            Schedule::Hours { start, end, local } => checked::hours(start, end, local)?,
            Schedule::Weekdays { local } => Self::Weekdays { use_local_tz: local },
            Schedule::Weekends { local } => Self::Weekends { use_local_tz: local },
        })
    }
}
