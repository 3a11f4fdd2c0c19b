//! Units of time.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::instant::{DAY, HOUR, MINUTE, SECOND};

/// A unit of time.
///
/// Seconds, minutes and hours are those of UTC. Days, weeks, months and years are those of the
/// local calendar in the store's zone at the time of the recording.
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
    /// ISO weeks of the local calendar, from Monday to Sunday.
    Weeks,
    /// Months of the local calendar.
    Months,
    /// Years of the local calendar.
    Years,
    /// All time. In a query: all buckets of the tracked unit that reaches back furthest. In a
    /// limit: all counts since the event was first recorded. It cannot be tracked as a unit.
    Ever,
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

    /// The unit; `None` for `Ever`.
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

    /// The unit as a public type.
    pub(crate) fn to_public(self) -> TimeUnit {
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

    /// Whether the buckets depend on the local date.
    pub(crate) fn is_civil(self) -> bool {
        self >= Unit::Days
    }

    /// The minimum length of a bucket in milliseconds: a month has at least 28 days, a year 365.
    /// For seconds, minutes and hours it is exact.
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

    /// At least the maximum length of a bucket in milliseconds. A local date lasts up to two days,
    /// if the local clock is set back by a day.
    pub(crate) fn greatest_span(self) -> i64 {
        match self {
            Unit::Seconds | Unit::Minutes | Unit::Hours => self.least_span(),
            Unit::Days => 2 * DAY,
            Unit::Weeks => 8 * DAY,
            Unit::Months => 32 * DAY,
            Unit::Years => 367 * DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_converts_to_a_code_and_to_a_public_unit_and_back() {
        for unit in Unit::ALL {
            assert_eq!(Unit::from_code(unit.code()), Some(unit));
            assert_eq!(Unit::of(unit.to_public()), Some(unit));
        }
        assert_eq!(Unit::from_code(7), None);
        assert_eq!(Unit::of(TimeUnit::Ever), None);
    }
}
