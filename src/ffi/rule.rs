//! The rules of limits.

use super::checked;
use super::error::EventStoreError;
use super::types::TimeUnit;
use crate::{Limiter, TimeWindow};

/// The time that a rule looks back over.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Window {
    /// Calendar units, the current one included: one day is today.
    Calendar {
        /// How many units, 1 or more.
        count: i64,
        /// The unit. `Ever` is all time; the number, 1 or more, is ignored.
        unit: TimeUnit,
    },
    /// The last `millis` milliseconds. If the window begins inside a bucket, the whole bucket
    /// counts for `AtMost` and does not count for `AtLeast`. With a limit or count of 1 the window
    /// is exact to the millisecond.
    Rolling {
        /// The length in milliseconds: 1 or more, at most 10,000 years.
        millis: i64,
    },
}

/// Recurring times.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Schedule {
    /// From the start of one hour to the start of another. If the start is after the end, the
    /// schedule runs over midnight.
    Hours {
        /// The first hour of the schedule, 0 to 23.
        start: i32,
        /// The hour at whose start the schedule ends: 0 to 24, or 0 to 23 if it runs over midnight.
        /// It must differ from `start`.
        end: i32,
        /// True: in the store's time zone. False: in UTC.
        local: bool,
    },
    /// Monday to Friday.
    Weekdays {
        /// True: in the store's time zone. False: in UTC.
        local: bool,
    },
    /// Saturday and Sunday.
    Weekends {
        /// True: in the store's time zone. False: in UTC.
        local: bool,
    },
}

/// One condition of a limit. It names the event that it looks at.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum Rule {
    /// The event happened fewer than `limit` times in the window. Pending reservations count.
    AtMost {
        /// The event that is counted.
        event: String,
        /// How often it may happen, 0 to 4,294,967,295.
        limit: i64,
        /// The time that the rule looks back over.
        window: Window,
    },
    /// The event happened at least `count` times in the window.
    AtLeast {
        /// The event that is counted.
        event: String,
        /// How often it must have happened, 0 to 4,294,967,295.
        count: i64,
        /// The time that the rule looks back over.
        window: Window,
    },
    /// The event did not happen within the last `millis` milliseconds. Pending reservations count.
    Cooldown {
        /// The event that must not have happened.
        event: String,
        /// The duration in milliseconds: 1 or more, at most 10,000 years.
        millis: i64,
    },
    /// The event happened within the last `millis` milliseconds.
    Within {
        /// The event that must have happened.
        event: String,
        /// The duration in milliseconds: 1 or more, at most 10,000 years.
        millis: i64,
    },
    /// Now is a time of the schedule.
    During {
        /// The times at which the rule passes.
        schedule: Schedule,
    },
    /// Now is not a time of the schedule.
    OutsideOf {
        /// The times at which the rule does not pass.
        schedule: Schedule,
    },
}

impl Rule {
    /// Adds this rule to a limit.
    pub(super) fn add_to(self, limit: Limiter<'_>) -> Result<Limiter<'_>, EventStoreError> {
        Ok(match self {
            Rule::AtMost { event, limit: most, window } => {
                limit.at_most(event, checked::count(most)?, crate::Window::try_from(window)?)
            }
            Rule::AtLeast { event, count, window } => {
                limit.at_least(event, checked::count(count)?, crate::Window::try_from(window)?)
            }
            Rule::Cooldown { event, millis } => limit.cooldown(event, checked::span(millis)?),
            Rule::Within { event, millis } => limit.within(event, checked::span(millis)?),
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
            Window::Rolling { millis } => Self::Rolling(checked::span(millis)?),
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
