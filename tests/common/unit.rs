//! The seven units and the number of the bucket that an instant falls into.

use chrono::DateTime;
use tiny_counter::TimeUnit;

use super::calendar::dates;

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// The instant that an RFC 3339 text names, in milliseconds since the Unix epoch.
pub fn millis(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

use Unit::{Days, Hours, Minutes, Months, Seconds, Weeks, Years};

impl Unit {
    pub const ALL: [Unit; 7] = [Seconds, Minutes, Hours, Days, Weeks, Months, Years];

    pub fn is_civil(self) -> bool {
        self >= Days
    }

    /// The shortest time that one of them lasts.
    pub fn span(self) -> i64 {
        match self {
            Seconds => SECOND,
            Minutes => MINUTE,
            Hours => HOUR,
            Days => DAY,
            Weeks => 7 * DAY,
            Months => 28 * DAY,
            Years => 365 * DAY,
        }
    }

    /// The longest time that one of them lasts.
    pub fn longest(self) -> i64 {
        match self {
            Months => 31 * DAY,
            Years => 366 * DAY,
            _ => self.span(),
        }
    }

    pub fn public(self) -> TimeUnit {
        match self {
            Seconds => TimeUnit::Seconds,
            Minutes => TimeUnit::Minutes,
            Hours => TimeUnit::Hours,
            Days => TimeUnit::Days,
            Weeks => TimeUnit::Weeks,
            Months => TimeUnit::Months,
            Years => TimeUnit::Years,
        }
    }

    /// The number of the civil unit of a date, which is given by its own number.
    pub fn of_date(self, day: i64) -> i64 {
        let date = dates()[day as usize];
        match self {
            Days => day,
            Weeks => date.week,
            Months => date.month_number(),
            Years => date.year,
            _ => panic!("{self:?} is not a civil unit"),
        }
    }

    /// The number of the first date of a civil unit.
    pub fn first_date(self, number: i64) -> i64 {
        let (mut before, mut first) = (-1, dates().len() as i64 - 1);
        while before + 1 < first {
            let middle = (before + first) / 2;
            if self.of_date(middle) < number { before = middle } else { first = middle }
        }
        first
    }
}

/// The number of an instant's bucket in every unit, by the UTC offset at that instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers([i64; 7]);

impl Numbers {
    pub fn of(at: i64, offset_seconds: i32) -> Numbers {
        Numbers::at_offset(at, i64::from(offset_seconds) * SECOND)
    }

    /// `of` for an offset in milliseconds.
    pub fn at_offset(at: i64, offset: i64) -> Numbers {
        let day = (at + offset).div_euclid(DAY);
        Numbers(Unit::ALL.map(|unit| match unit {
            Seconds | Minutes | Hours => at.div_euclid(unit.span()),
            civil => civil.of_date(day),
        }))
    }

    pub fn get(&self, unit: Unit) -> i64 {
        self.0[unit as usize]
    }
}
