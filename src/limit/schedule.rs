//! Schedules: times of the day, days of the week, dates, or a function of the app.

mod constructors;
mod pattern;
#[cfg(feature = "serde")]
mod unchecked;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc, Weekday, WeekdaySet};
#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use self::pattern::Pattern;
use crate::time::bucket::day_of;
use crate::time::instant::{DAY, to_time};
use crate::time::zone::Zone;

/// Recurring times, or dates. Local ones use the store's time zone.
///
/// Two schedules are equal if they hold at the same times, and functions of the app if they are the
/// same `Arc`.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(try_from = "unchecked::Unchecked"))]
#[non_exhaustive]
pub enum Schedule {
    /// From the start of one hour to the start of another. If the start is after the end, the
    /// schedule runs over midnight.
    Hours {
        /// The first hour in which it holds, 0 to 23.
        start_hour: u8,
        /// The hour at whose start it ends, 0 to 24.
        end_hour: u8,
        /// True: by the store's zone. False: by UTC.
        use_local_tz: bool,
    },
    /// From one minute of the day to another. If the start is after the end, the schedule runs over
    /// midnight.
    Daily {
        /// The first minute in which it holds, 0 to 1,439: 22:30 is 1,350.
        start_minute: u16,
        /// The minute at whose start it ends, 0 to 1,440.
        end_minute: u16,
        /// True: by the store's zone. False: by UTC.
        use_local_tz: bool,
    },
    /// Monday to Friday.
    Weekdays {
        /// True: by the store's zone. False: by UTC.
        use_local_tz: bool,
    },
    /// Saturday and Sunday.
    Weekends {
        /// True: by the store's zone. False: by UTC.
        use_local_tz: bool,
    },
    /// Some days of the week.
    DaysOfWeek {
        /// The days on which it holds, at least one.
        #[cfg_attr(feature = "serde", serde(serialize_with = "unchecked::serialize_days"))]
        days: WeekdaySet,
        /// True: by the store's zone. False: by UTC.
        use_local_tz: bool,
    },
    /// From the beginning of one date to the end of another.
    Dates {
        /// The first date on which it holds.
        first: NaiveDate,
        /// The last date on which it holds.
        last: NaiveDate,
        /// True: by the store's zone. False: by UTC.
        use_local_tz: bool,
    },
    /// A function of the app. It is called once for each decision with the instant of the decision,
    /// and may ask the store. Such a schedule cannot be serialized, and a refusal because of it has
    /// no `retry_after`.
    #[cfg_attr(feature = "serde", serde(skip))]
    Custom(Arc<dyn Fn(DateTime<Utc>) -> bool + Send + Sync>),
}

impl Schedule {
    /// When it holds; absent for a function of the app.
    fn pattern(&self) -> Option<Pattern> {
        let hour = |hour: u8| u16::from(hour).saturating_mul(60);
        Some(match *self {
            Schedule::Hours { start_hour, end_hour, .. } => Pattern::daily(hour(start_hour), hour(end_hour)),
            Schedule::Daily { start_minute, end_minute, .. } => Pattern::daily(start_minute, end_minute),
            Schedule::Weekdays { .. } => Pattern::Days { from_monday: 0b001_1111 },
            Schedule::Weekends { .. } => Pattern::Days { from_monday: 0b110_0000 },
            Schedule::DaysOfWeek { days, .. } => Pattern::days(days),
            Schedule::Dates { first, last, .. } => {
                Pattern::Dates { first: day_of(first), last: day_of(last) }
            }
            Schedule::Custom(_) => return None,
        })
    }

    /// Whether it holds at an instant; false for a function of the app.
    pub(super) fn holds(&self, at: i64, zone: &Zone) -> bool {
        let offset = if self.is_local() { zone.segment(at).offset } else { 0 };
        self.pattern().is_some_and(|pattern| pattern.holds(at.saturating_add(offset)))
    }

    /// Calls a function of the app; absent for the other schedules.
    pub(super) fn ask_app(&self, at: i64) -> Option<bool> {
        match self {
            Schedule::Custom(function) => Some(function(to_time(at))),
            _ => None,
        }
    }

    /// Whether the schedule is a function of the app.
    #[inline]
    pub(crate) fn is_custom(&self) -> bool {
        matches!(self, Schedule::Custom(_))
    }

    /// The first instant after `now` at which the answer changes; absent if it never does, and for
    /// a function of the app.
    pub(super) fn changes(&self, now: i64, zone: &Zone) -> Option<i64> {
        self.pattern()?.changes(now, self.is_local().then_some(zone))
    }

    /// How long after `now` the schedule does not change any more, in milliseconds; 0 for recurring
    /// times.
    pub(super) fn ends_after(&self, now: i64) -> i64 {
        let Schedule::Dates { last, .. } = self else { return 0 };
        // The local date differs from that of UTC by less than two days.
        (day_of(*last) + 2).saturating_mul(DAY).saturating_sub(now).max(0)
    }

    fn is_local(&self) -> bool {
        match self {
            Schedule::Hours { use_local_tz, .. }
            | Schedule::Daily { use_local_tz, .. }
            | Schedule::Weekdays { use_local_tz }
            | Schedule::Weekends { use_local_tz }
            | Schedule::DaysOfWeek { use_local_tz, .. }
            | Schedule::Dates { use_local_tz, .. } => *use_local_tz,
            Schedule::Custom(_) => false,
        }
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        match (self, other) {
            (Schedule::Custom(one), Schedule::Custom(other)) => Arc::ptr_eq(one, other),
            _ => self.is_local() == other.is_local() && self.pattern() == other.pattern(),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = if self.is_local() { "local time" } else { "UTC" };
        match self {
            Schedule::Hours { start_hour, end_hour, .. } => {
                write!(f, "from {start_hour}:00 to {end_hour}:00 {zone}")
            }
            Schedule::Daily { start_minute, end_minute, .. } => {
                let time = |minute: u16| format!("{}:{:02}", minute / 60, minute % 60);
                write!(f, "from {} to {} {zone}", time(*start_minute), time(*end_minute))
            }
            Schedule::Weekdays { .. } => write!(f, "Monday to Friday, {zone}"),
            Schedule::Weekends { .. } => write!(f, "on Saturday and Sunday, {zone}"),
            Schedule::DaysOfWeek { days, .. } => {
                write!(f, "on ")?;
                days.iter(Weekday::Mon).try_for_each(|day| write!(f, "{day}, "))?;
                write!(f, "{zone}")
            }
            Schedule::Dates { first, last, .. } => write!(f, "from {first} to {last}, {zone}"),
            Schedule::Custom(_) => write!(f, "when the app's own schedule holds"),
        }
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schedule({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Result};

    #[test]
    fn hours_are_checked() {
        assert!(Schedule::hours(0, 24).is_ok());
        assert!(matches!(Schedule::hours(24, 24), Err(Error::InvalidHour(24))));
        assert!(matches!(Schedule::hours(9, 25), Err(Error::InvalidHour(25))));
        assert!(matches!(Schedule::hours(9, 9), Err(Error::InvalidRange(9, 9))));
        assert!(matches!(Schedule::hours(17, 9), Err(Error::InvalidRange(17, 9))));
        assert!(Schedule::hours_overnight(22, 6, false).is_ok());
        assert!(matches!(Schedule::hours_overnight(6, 22, false), Err(Error::InvalidRange(6, 22))));
    }

    #[test]
    fn an_error_about_hours_says_what_is_wrong() {
        let text = |hours: Result<Schedule>| hours.unwrap_err().to_string();
        assert_eq!(text(Schedule::hours(9, 9)), "invalid hours 9 to 9: start and end must be different");
        assert_eq!(
            text(Schedule::hours(17, 9)),
            "invalid hours 17 to 9: the range ends before it starts; use an overnight range"
        );
        assert_eq!(
            text(Schedule::hours_overnight(6, 22, false)),
            "invalid hours 6 to 22: an overnight range must end before it starts"
        );
    }

    #[test]
    fn minutes_days_and_dates_are_checked() {
        assert!(Schedule::daily((22, 30), (7, 0)).is_ok());
        assert!(Schedule::daily((0, 0), (24, 0)).is_ok());
        assert!(matches!(Schedule::daily((24, 0), (7, 0)), Err(Error::InvalidHour(24))));
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (before, far) = (date("-0001-01-01"), date("+10000-01-01"));
        let (first, last) = (date("2026-03-01"), date("2026-03-31"));
        assert!(Schedule::dates(first, last).is_ok() && Schedule::dates(first, first).is_ok());
        for schedule in [
            Schedule::daily((7, 60), (8, 0)),
            Schedule::daily((7, 0), (24, 1)),
            Schedule::daily((7, 5), (7, 5)),
            Schedule::days_of_week(&[]),
            Schedule::dates(last, first),
            Schedule::dates(before, first),
            Schedule::dates_local_tz(first, far),
        ] {
            assert!(matches!(schedule, Err(Error::InvalidArgument(_))), "{schedule:?}");
        }
    }

    #[test]
    fn schedules_are_equal_if_they_hold_at_the_same_times() {
        assert_eq!(Schedule::hours(9, 17).unwrap(), Schedule::daily((9, 0), (17, 0)).unwrap());
        assert_ne!(Schedule::hours(9, 17).unwrap(), Schedule::hours_local_tz(9, 17).unwrap());
        let weekend = [Weekday::Sun, Weekday::Sat];
        assert_eq!(Schedule::weekends(), Schedule::days_of_week(&weekend).unwrap());
        assert_ne!(Schedule::weekdays(), Schedule::weekends());
        assert_eq!(Schedule::daily((18, 0), (0, 0)).unwrap(), Schedule::hours(18, 24).unwrap());
        let custom = Schedule::Custom(Arc::new(|_| true));
        assert_eq!(custom, custom.clone());
        assert_ne!(custom, Schedule::Custom(Arc::new(|_| true)));
    }

    #[test]
    fn a_schedule_reads_as_words() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let words = |schedule: Result<Schedule>| schedule.unwrap().to_string();
        assert_eq!(words(Schedule::daily((22, 5), (24, 0))), "from 22:05 to 24:00 UTC");
        let days = Schedule::days_of_week_local_tz(&[Weekday::Fri, Weekday::Mon]);
        assert_eq!(words(days), "on Mon, Fri, local time");
        let dates = Schedule::dates(date("2026-03-01"), date("2026-03-31"));
        assert_eq!(words(dates), "from 2026-03-01 to 2026-03-31, UTC");
    }

    #[cfg(feature = "serde-json")]
    #[test]
    fn a_schedule_that_is_read_is_checked() {
        let text = |start: u8, end: u8| {
            format!(r#"{{"Hours":{{"start_hour":{start},"end_hour":{end},"use_local_tz":true}}}}"#)
        };
        for (start, end, good) in
            [(9, 17, true), (22, 6, true), (9, 9, false), (9, 25, false), (25, 9, false)]
        {
            assert_eq!(serde_json::from_str::<Schedule>(&text(start, end)).is_ok(), good, "{start} {end}");
        }
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for schedule in [
            Schedule::hours_overnight(22, 6, true),
            Schedule::daily((22, 30), (7, 0)),
            Schedule::days_of_week(&[Weekday::Fri, Weekday::Mon]),
            Schedule::dates_local_tz(date("2026-03-01"), date("2026-03-31")),
        ] {
            let schedule = schedule.unwrap();
            let back: Schedule = serde_json::from_str(&serde_json::to_string(&schedule).unwrap()).unwrap();
            assert_eq!(back, schedule);
        }
        for invalid in [
            r#"{"Daily":{"start_minute":5,"end_minute":5,"use_local_tz":true}}"#,
            r#"{"Daily":{"start_minute":1440,"end_minute":5,"use_local_tz":true}}"#,
            r#"{"Daily":{"start_minute":5,"end_minute":1441,"use_local_tz":true}}"#,
            r#"{"DaysOfWeek":{"days":[],"use_local_tz":true}}"#,
            r#"{"Dates":{"first":"2026-03-02","last":"2026-03-01","use_local_tz":true}}"#,
        ] {
            assert!(serde_json::from_str::<Schedule>(invalid).is_err(), "{invalid}");
        }
    }
}
