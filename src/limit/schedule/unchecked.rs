//! Reading a schedule: it is checked before it is one.

use chrono::{NaiveDate, Weekday, WeekdaySet};
use serde::Deserialize;

use super::Schedule;
use crate::error::{Error, Result};

/// A deserialized schedule that was not checked.
#[derive(Deserialize)]
pub(super) enum Unchecked {
    Hours { start_hour: u8, end_hour: u8, use_local_tz: bool },
    Daily { start_minute: u16, end_minute: u16, use_local_tz: bool },
    Weekdays { use_local_tz: bool },
    Weekends { use_local_tz: bool },
    DaysOfWeek { days: Vec<Weekday>, use_local_tz: bool },
    Dates { first: NaiveDate, last: NaiveDate, use_local_tz: bool },
}

/// The days in their order, from Monday on.
pub(super) fn serialize_days<S: serde::Serializer>(
    days: &WeekdaySet,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.collect_seq(days.iter(Weekday::Mon))
}

impl TryFrom<Unchecked> for Schedule {
    type Error = Error;

    fn try_from(unchecked: Unchecked) -> Result<Schedule> {
        let schedule = match unchecked {
            Unchecked::Hours { start_hour, end_hour, use_local_tz } => {
                Schedule::Hours { start_hour, end_hour, use_local_tz }
            }
            Unchecked::Daily { start_minute, end_minute, use_local_tz } => {
                Schedule::Daily { start_minute, end_minute, use_local_tz }
            }
            Unchecked::Weekdays { use_local_tz } => Schedule::Weekdays { use_local_tz },
            Unchecked::Weekends { use_local_tz } => Schedule::Weekends { use_local_tz },
            Unchecked::DaysOfWeek { days, use_local_tz } => {
                Schedule::DaysOfWeek { days: days.into_iter().collect(), use_local_tz }
            }
            Unchecked::Dates { first, last, use_local_tz } => Schedule::Dates { first, last, use_local_tz },
        };
        schedule.check()?;
        Ok(schedule)
    }
}
