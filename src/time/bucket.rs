//! Bucket numbers: the absolute number of the bucket that contains an instant, for each unit.
//!
//! Seconds, minutes and hours are numbered from the Unix epoch in UTC. Days are numbered from
//! 1970-01-01 of the local calendar, weeks from the Monday before that, months and years from
//! year 0.

use chrono::{Datelike, NaiveDate};

use super::instant::{DAY, HOUR, MINUTE, SECOND, clamp};
use super::unit::Unit;

/// 1970-01-01 in days from 0001-01-01, as chrono counts them.
const EPOCH_FROM_CE: i64 = 719_163;

/// One bucket number for each unit, in the order of the unit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers([i64; 7]);

impl Numbers {
    /// The buckets of `millis` if the local clock is `offset` milliseconds ahead of UTC.
    pub(crate) fn at(millis: i64, offset: i64) -> Numbers {
        let (millis, day) = (clamp(millis), local_day(millis, offset));
        let (days, weeks, months, years) = civil(day);
        let [seconds, minutes, hours] = [SECOND, MINUTE, HOUR].map(|length| millis.div_euclid(length));
        Numbers([seconds, minutes, hours, days, weeks, months, years])
    }

    /// The bucket of one unit that holds an instant, if the local clock is `offset` milliseconds
    /// ahead of UTC.
    #[inline]
    pub(crate) fn of_unit(unit: Unit, millis: i64, offset: i64) -> i64 {
        match unit {
            Unit::Seconds | Unit::Minutes | Unit::Hours => clamp(millis).div_euclid(unit.least_span()),
            Unit::Days => local_day(millis, offset),
            // 1970-01-01 was a Thursday, three days after a Monday.
            Unit::Weeks => (local_day(millis, offset) + 3).div_euclid(7),
            Unit::Months | Unit::Years => Numbers::at(millis, offset).get(unit),
        }
    }

    #[inline]
    pub(crate) fn get(&self, unit: Unit) -> i64 {
        self.0.get(usize::from(unit.code())).copied().unwrap_or(0)
    }
}

/// The local date of an instant, in days since 1970-01-01.
pub(crate) fn local_day(millis: i64, offset: i64) -> i64 {
    clamp(millis).saturating_add(offset).div_euclid(DAY)
}

/// The bucket numbers of a local date: day, week, month and year.
fn civil(day: i64) -> (i64, i64, i64, i64) {
    // The epoch was a Thursday, three days after a Monday.
    let week = (day + 3).div_euclid(7);
    let date = date_of(day);
    let year = i64::from(date.year());
    (day, week, year * 12 + i64::from(date.month0()), year)
}

/// The date of a day number; 1970-01-01 for a number that chrono cannot represent.
pub(crate) fn date_of(day: i64) -> NaiveDate {
    i32::try_from(day.saturating_add(EPOCH_FROM_CE))
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .unwrap_or_default()
}

/// The day number of a date.
pub(crate) fn day_of(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - EPOCH_FROM_CE
}

/// The first day of a bucket of days, weeks, months or years, in days since 1970-01-01.
pub(crate) fn first_day(unit: Unit, number: i64) -> i64 {
    let start_of_month = |year: i64, month: i64| {
        let date = i32::try_from(year)
            .ok()
            .zip(u32::try_from(month).ok())
            .and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1));
        date.unwrap_or_default().num_days_from_ce()
    };
    match unit {
        Unit::Weeks => number.saturating_mul(7).saturating_sub(3),
        Unit::Months => {
            i64::from(start_of_month(number.div_euclid(12), number.rem_euclid(12) + 1)) - EPOCH_FROM_CE
        }
        Unit::Years => i64::from(start_of_month(number, 1)) - EPOCH_FROM_CE,
        Unit::Seconds | Unit::Minutes | Unit::Hours | Unit::Days => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::instant::{EARLIEST, LATEST};

    #[test]
    fn the_epoch_is_a_thursday_in_january_1970() {
        let numbers = Numbers::at(0, 0);
        assert_eq!(Unit::ALL.map(|unit| numbers.get(unit)), [0, 0, 0, 0, 0, 1970 * 12, 1970]);
        // Monday 1970-01-05 begins the next week.
        assert_eq!(Numbers::at(4 * DAY, 0).get(Unit::Weeks), 1);
        assert_eq!(Numbers::at(4 * DAY - 1, 0).get(Unit::Weeks), 0);
    }

    #[test]
    fn the_offset_changes_civil_buckets_but_not_hours() {
        let west = Numbers::at(0, -HOUR);
        assert_eq!(Unit::ALL.map(|unit| west.get(unit)), [0, 0, 0, -1, 0, 1969 * 12 + 11, 1969]);
    }

    #[test]
    fn the_first_day_of_a_civil_bucket_is_the_first_with_its_number() {
        for day in (-700_000..2_900_000).step_by(17) {
            let (_, week, month, year) = civil(day);
            for (unit, number) in
                [(Unit::Days, day), (Unit::Weeks, week), (Unit::Months, month), (Unit::Years, year)]
            {
                let first = first_day(unit, number);
                assert!(first <= day, "{unit:?} {number}");
                assert_eq!(Numbers::at(first * DAY, 0).get(unit), number, "{unit:?} of day {day}");
                assert!(first == day || Numbers::at((first - 1) * DAY, 0).get(unit) == number - 1);
            }
        }
    }

    #[test]
    fn the_earliest_and_latest_instants_have_bucket_numbers() {
        for millis in [EARLIEST, LATEST, i64::MIN, i64::MAX] {
            for offset in [-18 * HOUR, 0, 18 * HOUR] {
                let numbers = Numbers::at(millis, offset);
                for unit in Unit::ALL {
                    assert_eq!(Numbers::of_unit(unit, millis, offset), numbers.get(unit));
                    assert!(numbers.get(unit).abs() < 1 << 39);
                }
            }
        }
    }
}
