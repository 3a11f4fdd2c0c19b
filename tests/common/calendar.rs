//! The calendar from 1970 to 2099, made by walking it day by day.

use std::sync::OnceLock;

/// One date, and the number of its week.
#[derive(Debug, Clone, Copy)]
pub struct Date {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    /// The number of Mondays since 1970-01-01, which numbers the ISO weeks consecutively.
    pub week: i64,
}

impl Date {
    /// A consecutive number of the month.
    pub fn month_number(&self) -> i64 {
        self.year * 12 + self.month
    }
}

/// All dates from 1970-01-01, a Thursday; the index is the day's number.
pub fn dates() -> &'static [Date] {
    static DATES: OnceLock<Vec<Date>> = OnceLock::new();
    DATES.get_or_init(walk)
}

fn walk() -> Vec<Date> {
    let mut dates = Vec::new();
    let mut week = 0;
    for year in 1970..2100 {
        for month in 1..=12 {
            for day in 1..=days_in(year, month) {
                // Day 0 is a Thursday, so day 4 is the first Monday.
                if dates.len() % 7 == 4 {
                    week += 1;
                }
                dates.push(Date { year, month, day, week });
            }
        }
    }
    dates
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
