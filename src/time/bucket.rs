//! From an instant to the absolute numbers of its buckets.
//!
//! Seconds, minutes and hours count from the Unix epoch in UTC. Days count from 1970-01-01 of the local calendar, weeks
//! from the Monday before it, months and years from year 0.

use chrono::{Datelike, NaiveDate};

use super::instant::{DAY, HOUR, JITTER, MINUTE, SECOND, clamp};
use super::unit::Unit;

/// 1970-01-01 as chrono counts days.
const EPOCH_FROM_CE: i64 = 719_163;
/// How many dates another device may be ahead of ours: Pago Pago and Kiritimati are 25 hours apart.
const DATES_AHEAD: i64 = 2;

/// One bucket number for each unit, in the order of their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers([i64; 7]);

impl Numbers {
    /// The buckets of `millis` where the local clock is `offset` milliseconds ahead of UTC.
    pub(crate) fn at(millis: i64, offset: i64) -> Numbers {
        let millis = clamp(millis);
        let (days, weeks, months, years) = civil(local_day(millis, offset));
        Numbers([
            millis.div_euclid(SECOND),
            millis.div_euclid(MINUTE),
            millis.div_euclid(HOUR),
            days,
            weeks,
            months,
            years,
        ])
    }

    /// The furthest buckets that a believed device may have reached when we are at `millis`.
    pub(crate) fn max_believable(millis: i64, offset: i64) -> Numbers {
        let ahead = clamp(millis.saturating_add(JITTER));
        let (days, weeks, months, years) = civil(local_day(millis, offset) + DATES_AHEAD);
        Numbers([
            ahead.div_euclid(SECOND),
            ahead.div_euclid(MINUTE),
            ahead.div_euclid(HOUR),
            days,
            weeks,
            months,
            years,
        ])
    }

    #[inline]
    pub(crate) fn of(&self, unit: Unit) -> i64 {
        self.0.get(usize::from(unit.code())).copied().unwrap_or(0)
    }
}

/// The local date of an instant, in days since 1970-01-01.
pub(crate) fn local_day(millis: i64, offset: i64) -> i64 {
    clamp(millis).saturating_add(offset).div_euclid(DAY)
}

fn civil(day: i64) -> (i64, i64, i64, i64) {
    // The epoch was a Thursday, three days after its Monday.
    let week = (day + 3).div_euclid(7);
    let date = date_of(day);
    let year = i64::from(date.year());
    (day, week, year * 12 + i64::from(date.month0()), year)
}

pub(crate) fn date_of(day: i64) -> NaiveDate {
    i32::try_from(day.saturating_add(EPOCH_FROM_CE))
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .unwrap_or_default()
}

/// The first day of a civil bucket, in days since 1970-01-01.
pub(crate) fn first_day(unit: Unit, number: i64) -> i64 {
    let of_month = |year: i64, month: i64| {
        let date = i32::try_from(year)
            .ok()
            .zip(u32::try_from(month).ok())
            .and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1));
        date.unwrap_or_default().num_days_from_ce()
    };
    match unit {
        Unit::Weeks => number.saturating_mul(7).saturating_sub(3),
        Unit::Months => i64::from(of_month(number.div_euclid(12), number.rem_euclid(12) + 1)) - EPOCH_FROM_CE,
        Unit::Years => i64::from(of_month(number, 1)) - EPOCH_FROM_CE,
        Unit::Seconds | Unit::Minutes | Unit::Hours | Unit::Days => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::instant::{EARLIEST, LATEST};

    #[test]
    fn the_epoch_is_a_thursday_of_january_1970() {
        let numbers = Numbers::at(0, 0);
        assert_eq!(Unit::ALL.map(|unit| numbers.of(unit)), [0, 0, 0, 0, 0, 1970 * 12, 1970]);
        // Monday 1970-01-05 begins the next week.
        assert_eq!(Numbers::at(4 * DAY, 0).of(Unit::Weeks), 1);
        assert_eq!(Numbers::at(4 * DAY - 1, 0).of(Unit::Weeks), 0);
    }

    #[test]
    fn the_local_date_decides_and_utc_hours_do_not_move() {
        let west = Numbers::at(0, -HOUR);
        assert_eq!(Unit::ALL.map(|unit| west.of(unit)), [0, 0, 0, -1, 0, 1969 * 12 + 11, 1969]);
    }

    #[test]
    fn first_day_is_the_way_back_for_every_civil_bucket() {
        for day in (-700_000..2_900_000).step_by(17) {
            let (_, week, month, year) = civil(day);
            for (unit, number) in
                [(Unit::Days, day), (Unit::Weeks, week), (Unit::Months, month), (Unit::Years, year)]
            {
                let first = first_day(unit, number);
                assert!(first <= day, "{unit:?} {number}");
                assert_eq!(Numbers::at(first * DAY, 0).of(unit), number, "{unit:?} of day {day}");
                assert!(first == day || Numbers::at((first - 1) * DAY, 0).of(unit) == number - 1);
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_have_numbers() {
        for millis in [EARLIEST, LATEST, i64::MIN, i64::MAX] {
            for offset in [-18 * HOUR, 0, 18 * HOUR] {
                let numbers = Numbers::at(millis, offset);
                let believable = Numbers::max_believable(millis, offset);
                for unit in Unit::ALL {
                    assert!(numbers.of(unit).abs() < 1 << 39);
                    assert!(believable.of(unit) >= numbers.of(unit));
                }
            }
        }
    }
}
