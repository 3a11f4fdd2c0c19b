//! The units that can be tracked, and windows of them.

use chrono::Duration;
#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::instant::{DAY, HOUR, MINUTE, SECOND};

/// A unit of time. Seconds, minutes and hours are those of UTC; days, weeks (ISO, from Monday), months and years are
/// those of the local calendar at the moment of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum TimeUnit {
    /// Seconds of UTC.
    Seconds,
    /// Minutes of UTC.
    Minutes,
    /// Hours of UTC.
    Hours,
    /// Local calendar days.
    Days,
    /// ISO weeks, from Monday, of the local calendar.
    Weeks,
    /// Months of the local calendar.
    Months,
    /// Years of the local calendar.
    Years,
    /// All time: in a query the longest tracked unit with all its buckets, in a limit everything ever counted. It cannot be tracked.
    Ever,
}

/// A calendar window: `count` units ending with the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct TimeWindow {
    /// How many units.
    pub count: usize,
    /// The unit.
    pub time_unit: TimeUnit,
}

impl From<TimeUnit> for TimeWindow {
    fn from(time_unit: TimeUnit) -> Self {
        TimeWindow { count: 1, time_unit }
    }
}

impl From<(usize, TimeUnit)> for TimeWindow {
    fn from((count, time_unit): (usize, TimeUnit)) -> Self {
        TimeWindow { count, time_unit }
    }
}

/// The window of a limit: calendar units that end with the current one, or the last so much of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// Calendar units ending with the current one.
    Calendar(TimeWindow),
    /// The last so much of time.
    Rolling(Duration),
}

impl From<TimeUnit> for Window {
    fn from(unit: TimeUnit) -> Self {
        Window::Calendar(unit.into())
    }
}

impl From<(usize, TimeUnit)> for Window {
    fn from(window: (usize, TimeUnit)) -> Self {
        Window::Calendar(window.into())
    }
}

impl From<TimeWindow> for Window {
    fn from(window: TimeWindow) -> Self {
        Window::Calendar(window)
    }
}

impl From<Duration> for Window {
    fn from(span: Duration) -> Self {
        Window::Rolling(span)
    }
}

/// A unit that can be tracked, finest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl Unit {
    pub(crate) const ALL: [Unit; 7] =
        [Unit::Seconds, Unit::Minutes, Unit::Hours, Unit::Days, Unit::Weeks, Unit::Months, Unit::Years];

    /// The unit, or nothing for `Ever`.
    pub(crate) fn of(unit: TimeUnit) -> Option<Unit> {
        Some(match unit {
            TimeUnit::Seconds => Unit::Seconds,
            TimeUnit::Minutes => Unit::Minutes,
            TimeUnit::Hours => Unit::Hours,
            TimeUnit::Days => Unit::Days,
            TimeUnit::Weeks => Unit::Weeks,
            TimeUnit::Months => Unit::Months,
            TimeUnit::Years => Unit::Years,
            TimeUnit::Ever => return None,
        })
    }

    pub(crate) fn public(self) -> TimeUnit {
        match self {
            Unit::Seconds => TimeUnit::Seconds,
            Unit::Minutes => TimeUnit::Minutes,
            Unit::Hours => TimeUnit::Hours,
            Unit::Days => TimeUnit::Days,
            Unit::Weeks => TimeUnit::Weeks,
            Unit::Months => TimeUnit::Months,
            Unit::Years => TimeUnit::Years,
        }
    }

    /// The number that stands for the unit in stored bytes.
    pub(crate) fn code(self) -> u8 {
        match self {
            Unit::Seconds => 0,
            Unit::Minutes => 1,
            Unit::Hours => 2,
            Unit::Days => 3,
            Unit::Weeks => 4,
            Unit::Months => 5,
            Unit::Years => 6,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Unit> {
        Unit::ALL.get(usize::from(code)).copied()
    }

    /// Whether buckets are numbered by the local date.
    pub(crate) fn is_civil(self) -> bool {
        self >= Unit::Days
    }

    /// The least that one bucket spans, in milliseconds: a month has at least 28 days, a year 365.
    pub(crate) fn least_span(self) -> i64 {
        match self {
            Unit::Seconds => SECOND,
            Unit::Minutes => MINUTE,
            Unit::Hours => HOUR,
            Unit::Days => DAY,
            Unit::Weeks => 7 * DAY,
            Unit::Months => 28 * DAY,
            Unit::Years => 365 * DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_has_a_code_and_a_public_name_that_lead_back() {
        for unit in Unit::ALL {
            assert_eq!(Unit::from_code(unit.code()), Some(unit));
            assert_eq!(Unit::of(unit.public()), Some(unit));
        }
        assert_eq!(Unit::from_code(7), None);
        assert_eq!(Unit::of(TimeUnit::Ever), None);
    }
}
