//! The constructors of schedules, and the check of a schedule.

use chrono::{Datelike, NaiveDate, Weekday};

use super::Schedule;
use crate::error::{Error, Result};

/// The minutes of a day.
const MINUTES: u16 = 24 * 60;

impl Schedule {
    /// From `start_hour` to `end_hour` of UTC.
    ///
    /// # Errors
    /// `InvalidHour` for a start above 23 or an end above 24, `InvalidRange` unless the start is
    /// before the end.
    pub fn hours(start_hour: u8, end_hour: u8) -> Result<Self> {
        hours(start_hour, end_hour, false, start_hour < end_hour)
    }

    /// From `start_hour` to `end_hour` of the store's zone.
    ///
    /// # Errors
    /// As `hours`.
    pub fn hours_local_tz(start_hour: u8, end_hour: u8) -> Result<Self> {
        hours(start_hour, end_hour, true, start_hour < end_hour)
    }

    /// From `start_hour` to `end_hour` of the next day, by the store's zone if `use_local_tz` is
    /// true, otherwise by UTC.
    ///
    /// # Errors
    /// `InvalidHour` for an hour above 23, `InvalidRange` unless the end is before the start.
    pub fn hours_overnight(start_hour: u8, end_hour: u8, use_local_tz: bool) -> Result<Self> {
        check_hour(end_hour, 23)?;
        hours(start_hour, end_hour, use_local_tz, start_hour > end_hour)
    }

    /// From one time of the day to another, each an hour and a minute of UTC. If the start is after
    /// the end, the schedule runs over midnight: `daily((22, 30), (7, 0))` holds at night.
    ///
    /// # Errors
    /// `InvalidHour` for an hour above 23, `InvalidArgument` for a minute above 59, and for equal
    /// times. The end may be `(24, 0)`.
    pub fn daily(start: (u8, u8), end: (u8, u8)) -> Result<Self> {
        daily(start, end, false)
    }

    /// As `daily`, but of the store's zone.
    ///
    /// # Errors
    /// As `daily`.
    pub fn daily_local_tz(start: (u8, u8), end: (u8, u8)) -> Result<Self> {
        daily(start, end, true)
    }

    /// Some days of the week, UTC.
    ///
    /// # Errors
    /// `InvalidArgument` for no days.
    pub fn days_of_week(days: &[Weekday]) -> Result<Self> {
        days_of_week(days, false)
    }

    /// Some days of the week by the store's zone.
    ///
    /// # Errors
    /// As `days_of_week`.
    pub fn days_of_week_local_tz(days: &[Weekday]) -> Result<Self> {
        days_of_week(days, true)
    }

    /// From one date to another, both included, UTC.
    ///
    /// # Errors
    /// `InvalidArgument` if the last date is before the first, and for dates outside the years 1 to
    /// 9999.
    pub fn dates(first: NaiveDate, last: NaiveDate) -> Result<Self> {
        checked(Schedule::Dates { first, last, use_local_tz: false })
    }

    /// From one date to another, both included, by the store's zone.
    ///
    /// # Errors
    /// As `dates`.
    pub fn dates_local_tz(first: NaiveDate, last: NaiveDate) -> Result<Self> {
        checked(Schedule::Dates { first, last, use_local_tz: true })
    }

    /// Monday to Friday, UTC.
    pub fn weekdays() -> Self {
        Schedule::Weekdays { use_local_tz: false }
    }

    /// Monday to Friday by the store's zone.
    pub fn weekdays_local_tz() -> Self {
        Schedule::Weekdays { use_local_tz: true }
    }

    /// Saturday and Sunday, UTC.
    pub fn weekends() -> Self {
        Schedule::Weekends { use_local_tz: false }
    }

    /// Saturday and Sunday by the store's zone.
    pub fn weekends_local_tz() -> Self {
        Schedule::Weekends { use_local_tz: true }
    }

    /// Checks hours, minutes, days and dates. The constructors and deserialization check them by
    /// this function, and limits check them again: the variants can be written without a
    /// constructor.
    ///
    /// # Errors
    /// `InvalidHour` for a start above 23 or an end above 24, `InvalidRange` if they are equal;
    /// `InvalidArgument` for minutes, days and dates.
    pub(crate) fn check(&self) -> Result<()> {
        match *self {
            Schedule::Hours { start_hour, end_hour, .. } => {
                check_hour(start_hour, 23)?;
                check_hour(end_hour, 24)?;
                if start_hour == end_hour { Err(Error::InvalidRange(start_hour, end_hour)) } else { Ok(()) }
            }
            Schedule::Daily { start_minute, end_minute, .. } => {
                check_minute(start_minute, MINUTES - 1)?;
                check_minute(end_minute, MINUTES)?;
                if start_minute == end_minute {
                    return Err(invalid("a daily schedule must start and end at different times"));
                }
                Ok(())
            }
            Schedule::DaysOfWeek { days, .. } if days.is_empty() => {
                Err(invalid("a schedule of days of the week needs at least one day"))
            }
            Schedule::Dates { first, last, .. } if last < first => {
                Err(invalid("the last date of a schedule must not be before the first"))
            }
            Schedule::Dates { first, last, .. } if first.year() < 1 || last.year() > 9999 => {
                Err(invalid("the dates of a schedule must lie in the years 1 to 9999"))
            }
            _ => Ok(()),
        }
    }
}

fn checked(schedule: Schedule) -> Result<Schedule> {
    schedule.check().map(|()| schedule)
}

fn daily(start: (u8, u8), end: (u8, u8), use_local_tz: bool) -> Result<Schedule> {
    let minute = |(hour, minute): (u8, u8), most| {
        check_hour(hour, most)?;
        if minute > 59 {
            return Err(Error::InvalidArgument(format!("invalid minute {minute}: use 0 to 59")));
        }
        Ok(u16::from(hour) * 60 + u16::from(minute))
    };
    let (start_minute, end_minute) = (minute(start, 23)?, minute(end, 24)?);
    checked(Schedule::Daily { start_minute, end_minute, use_local_tz })
}

fn days_of_week(days: &[Weekday], use_local_tz: bool) -> Result<Schedule> {
    checked(Schedule::DaysOfWeek { days: days.iter().copied().collect(), use_local_tz })
}

/// The hours, if they are valid and `is_ordered`.
fn hours(start_hour: u8, end_hour: u8, use_local_tz: bool, is_ordered: bool) -> Result<Schedule> {
    let schedule = checked(Schedule::Hours { start_hour, end_hour, use_local_tz })?;
    if is_ordered { Ok(schedule) } else { Err(Error::InvalidRange(start_hour, end_hour)) }
}

fn check_hour(hour: u8, most: u8) -> Result<()> {
    if hour <= most { Ok(()) } else { Err(Error::InvalidHour(hour)) }
}

fn check_minute(minute: u16, most: u16) -> Result<()> {
    if minute <= most {
        return Ok(());
    }
    let text = format!("invalid minute of the day {minute}: use 0 to 1,439, or 1,440 as an end");
    Err(Error::InvalidArgument(text))
}

fn invalid(text: &str) -> Error {
    Error::InvalidArgument(text.into())
}
