//! The schedules of rules.

use chrono::{Datelike, NaiveDate};

use super::checked;
use super::error::EventStoreError;

/// Recurring times, or dates.
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
    /// From one time of the day to another. If the start is after the end, the schedule runs over
    /// midnight.
    Daily {
        /// When it begins.
        start: TimeOfDay,
        /// When it ends. It must differ from `start`.
        end: TimeOfDay,
        /// True: in the store's time zone. False: in UTC.
        local: bool,
    },
    /// Some days of the week.
    DaysOfWeek {
        /// The days, at least one.
        days: Vec<Weekday>,
        /// True: in the store's time zone. False: in UTC.
        local: bool,
    },
    /// From the beginning of one date to the end of another.
    Dates {
        /// The first date.
        first: CalendarDate,
        /// The last date, not before `first`.
        last: CalendarDate,
        /// True: in the store's time zone. False: in UTC.
        local: bool,
    },
}

/// A minute of the day.
#[derive(Debug, Clone, Copy, uniffi::Record)]
pub struct TimeOfDay {
    /// The hour, 0 to 23. The end of a schedule may be 24:00.
    pub hour: i32,
    /// The minute of the hour, 0 to 59.
    pub minute: i32,
    /// What follows the minute, in nanoseconds: 0, because a schedule counts in minutes.
    pub nanoseconds: i64,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// A date of the calendar, in the years 1 to 9999.
#[derive(Debug, Clone, Copy, uniffi::Record)]
pub struct CalendarDate {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: i32,
    /// The day of the month, from 1 on.
    pub day: i32,
}

impl TryFrom<Schedule> for crate::Schedule {
    type Error = EventStoreError;

    fn try_from(schedule: Schedule) -> Result<Self, EventStoreError> {
        Ok(match schedule {
            Schedule::Hours { start, end, local } => checked::hours(start, end, local)?,
            Schedule::Weekdays { local } => Self::Weekdays { use_local_tz: local },
            Schedule::Weekends { local } => Self::Weekends { use_local_tz: local },
            Schedule::Daily { start, end, local } => {
                checked::daily(start.hour_and_minute()?, end.hour_and_minute()?, local)?
            }
            Schedule::DaysOfWeek { days, local } => Self::DaysOfWeek {
                days: days.into_iter().map(chrono::Weekday::from).collect(),
                use_local_tz: local,
            },
            Schedule::Dates { first, last, local } => {
                Self::Dates { first: first.try_into()?, last: last.try_into()?, use_local_tz: local }
            }
        })
    }
}

impl TryFrom<crate::Schedule> for Schedule {
    type Error = EventStoreError;

    fn try_from(schedule: crate::Schedule) -> Result<Self, EventStoreError> {
        Ok(match schedule {
            crate::Schedule::Hours { start_hour, end_hour, use_local_tz: local } => {
                Self::Hours { start: start_hour.into(), end: end_hour.into(), local }
            }
            crate::Schedule::Daily { start_minute, end_minute, use_local_tz: local } => {
                Self::Daily { start: start_minute.into(), end: end_minute.into(), local }
            }
            crate::Schedule::Weekdays { use_local_tz: local } => Self::Weekdays { local },
            crate::Schedule::Weekends { use_local_tz: local } => Self::Weekends { local },
            crate::Schedule::DaysOfWeek { days, use_local_tz: local } => {
                Self::DaysOfWeek { days: days.iter(chrono::Weekday::Mon).map(Weekday::from).collect(), local }
            }
            crate::Schedule::Dates { first, last, use_local_tz: local } => {
                Self::Dates { first: first.into(), last: last.into(), local }
            }
            crate::Schedule::Custom(_) => return Err(checked::no_custom_schedule().into()),
        })
    }
}

/// From a minute of the day.
impl From<u16> for TimeOfDay {
    fn from(minute: u16) -> Self {
        let (hour, minute) = checked::hour_and_minute(minute);
        TimeOfDay { hour, minute, nanoseconds: 0 }
    }
}

impl TimeOfDay {
    fn hour_and_minute(self) -> Result<(u8, u8), EventStoreError> {
        Ok(checked::time_of_day(self.hour, self.minute, self.nanoseconds)?)
    }
}

impl From<Weekday> for chrono::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

impl From<chrono::Weekday> for Weekday {
    fn from(day: chrono::Weekday) -> Self {
        match day {
            chrono::Weekday::Mon => Self::Monday,
            chrono::Weekday::Tue => Self::Tuesday,
            chrono::Weekday::Wed => Self::Wednesday,
            chrono::Weekday::Thu => Self::Thursday,
            chrono::Weekday::Fri => Self::Friday,
            chrono::Weekday::Sat => Self::Saturday,
            chrono::Weekday::Sun => Self::Sunday,
        }
    }
}

impl TryFrom<CalendarDate> for NaiveDate {
    type Error = EventStoreError;

    fn try_from(date: CalendarDate) -> Result<Self, EventStoreError> {
        Ok(checked::date(date.year, date.month, date.day)?)
    }
}

impl From<NaiveDate> for CalendarDate {
    fn from(date: NaiveDate) -> Self {
        CalendarDate {
            year: date.year(),
            month: checked::small(date.month()),
            day: checked::small(date.day()),
        }
    }
}
