//! Schedules: hours of the day, days of the week, or a function of the app.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::bounds::MAX_SCHEDULE_LOOKAHEAD;
use crate::error::{Error, Result};
use crate::time::bucket::local_day;
use crate::time::instant::{DAY, HOUR, to_time};
use crate::time::zone::Zone;

/// Recurring times. Local ones use the store's time zone.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(try_from = "Unchecked"))]
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
    /// A function of the app. It is called once for each decision with the instant of the decision,
    /// and may ask the store. Such a schedule cannot be serialized, and a refusal because of it has
    /// no `retry_after`.
    #[cfg_attr(feature = "serde", serde(skip))]
    Custom(Arc<dyn Fn(DateTime<Utc>) -> bool + Send + Sync>),
}

/// A deserialized schedule whose hours have not been checked.
#[cfg(feature = "serde")]
#[derive(Deserialize)]
enum Unchecked {
    Hours { start_hour: u8, end_hour: u8, use_local_tz: bool },
    Weekdays { use_local_tz: bool },
    Weekends { use_local_tz: bool },
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Schedule {
    type Error = Error;

    fn try_from(unchecked: Unchecked) -> Result<Schedule> {
        let schedule = match unchecked {
            Unchecked::Hours { start_hour, end_hour, use_local_tz } => {
                Schedule::Hours { start_hour, end_hour, use_local_tz }
            }
            Unchecked::Weekdays { use_local_tz } => Schedule::Weekdays { use_local_tz },
            Unchecked::Weekends { use_local_tz } => Schedule::Weekends { use_local_tz },
        };
        schedule.check()?;
        Ok(schedule)
    }
}

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

    /// Checks the hours. The constructors and deserialization check them too, but the variants can
    /// be written without a constructor.
    ///
    /// # Errors
    /// `InvalidHour` for a start above 23 or an end above 24, `InvalidRange` if they are equal.
    pub(super) fn check(&self) -> Result<()> {
        let Schedule::Hours { start_hour, end_hour, .. } = *self else { return Ok(()) };
        check_hour(start_hour, 23)?;
        check_hour(end_hour, 24)?;
        if start_hour == end_hour { Err(Error::InvalidRange(start_hour, end_hour)) } else { Ok(()) }
    }

    fn holds(&self, at: i64, zone: &Zone) -> bool {
        let offset = if self.is_local() { zone.segment(at).offset } else { 0 };
        // 1970-01-01 was a Thursday, the fourth day from Monday.
        let weekday = (local_day(at, offset) + 3).rem_euclid(7);
        let hour = (at + offset).rem_euclid(DAY) / HOUR;
        match self {
            Schedule::Hours { start_hour, end_hour, .. } => {
                let (start, end) = (i64::from(*start_hour), i64::from(*end_hour));
                if start < end { start <= hour && hour < end } else { start <= hour || hour < end }
            }
            Schedule::Weekdays { .. } => weekday < 5,
            Schedule::Weekends { .. } => weekday >= 5,
            Schedule::Custom(function) => function(to_time(at)),
        }
    }

    /// Calls the function of a custom schedule; absent for the other schedules.
    fn evaluate_custom(&self, at: i64) -> Option<bool> {
        match self {
            Schedule::Custom(function) => Some(function(to_time(at))),
            _ => None,
        }
    }

    /// The first instant after `now` at which the answer changes; absent if it does not change
    /// within nine days, and for custom schedules.
    pub(super) fn changes(&self, now: i64, zone: &Zone) -> Option<i64> {
        if matches!(self, Schedule::Custom(_)) {
            return None;
        }
        let holds = self.holds(now, zone);
        let mut at = now;
        while at < now + MAX_SCHEDULE_LOOKAHEAD {
            // The answer changes only at a whole hour of the schedule's clock or when that clock jumps.
            let segment = zone.segment_ahead(at);
            let offset = if self.is_local() { segment.offset } else { 0 };
            let hour = ((at + offset).div_euclid(HOUR) + 1) * HOUR - offset;
            at = if self.is_local() { hour.min(segment.until) } else { hour };
            if self.holds(at, zone) != holds {
                return Some(at);
            }
        }
        None
    }

    fn is_local(&self) -> bool {
        match self {
            Schedule::Hours { use_local_tz, .. }
            | Schedule::Weekdays { use_local_tz }
            | Schedule::Weekends { use_local_tz } => *use_local_tz,
            Schedule::Custom(_) => false,
        }
    }
}

/// The hours, if they are valid and `is_ordered`.
fn hours(start_hour: u8, end_hour: u8, use_local_tz: bool, is_ordered: bool) -> Result<Schedule> {
    let schedule = Schedule::Hours { start_hour, end_hour, use_local_tz };
    schedule.check()?;
    if is_ordered { Ok(schedule) } else { Err(Error::InvalidRange(start_hour, end_hour)) }
}

fn check_hour(hour: u8, most: u8) -> Result<()> {
    if hour <= most { Ok(()) } else { Err(Error::InvalidHour(hour)) }
}

/// A schedule with the result of a custom function. The function is called before the lock, because
/// it may call the store.
#[derive(Clone)]
pub(crate) struct EvaluatedSchedule {
    schedule: Schedule,
    result: Option<bool>,
}

impl EvaluatedSchedule {
    pub(crate) fn new(schedule: Schedule) -> EvaluatedSchedule {
        EvaluatedSchedule { schedule, result: None }
    }

    pub(crate) fn evaluate(&mut self, now: i64) {
        self.result = self.schedule.evaluate_custom(now);
    }

    /// Whether the schedule is a function of the app.
    pub(crate) fn is_custom(&self) -> bool {
        matches!(self.schedule, Schedule::Custom(_))
    }

    pub(super) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(super) fn holds(&self, at: i64, zone: &Zone) -> bool {
        self.result.unwrap_or_else(|| self.schedule.holds(at, zone))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = if self.is_local() { "local time" } else { "UTC" };
        match self {
            Schedule::Hours { start_hour, end_hour, .. } => {
                write!(f, "from {start_hour}:00 to {end_hour}:00 {zone}")
            }
            Schedule::Weekdays { .. } => write!(f, "Monday to Friday, {zone}"),
            Schedule::Weekends { .. } => write!(f, "on Saturday and Sunday, {zone}"),
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
    fn a_change_is_the_first_instant_with_another_answer() {
        // Clocks go forward from 2:00 to 3:00 and back from 3:00 to 2:00 local time.
        let (spring, autumn) = (1_711_846_800_000, 1_729_990_800_000);
        let zone = Zone::table(3_600, vec![(spring, 7_200), (autumn, 3_600)]).unwrap();
        let schedules = [
            Schedule::hours_local_tz(2, 3).unwrap(),
            Schedule::hours_local_tz(9, 17).unwrap(),
            Schedule::hours_overnight(22, 6, true).unwrap(),
            Schedule::weekdays_local_tz(),
            Schedule::weekends(),
        ];
        for schedule in schedules {
            for start in [spring - 40 * HOUR, autumn - 40 * HOUR] {
                for now in (start..start + 80 * HOUR).step_by(29 * 60_000) {
                    let change = schedule.changes(now, &zone).unwrap();
                    assert_ne!(schedule.holds(change, &zone), schedule.holds(now, &zone));
                    let mut between = now;
                    while between < change {
                        assert_eq!(schedule.holds(between, &zone), schedule.holds(now, &zone));
                        between += 60_000;
                    }
                    assert_eq!(schedule.holds(change - 1, &zone), schedule.holds(now, &zone));
                }
            }
        }
        assert!(Schedule::hours(0, 24).unwrap().changes(0, &zone).is_none());
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
        let night = Schedule::hours_overnight(22, 6, true).unwrap();
        let back: Schedule = serde_json::from_str(&serde_json::to_string(&night).unwrap()).unwrap();
        assert_eq!(back.to_string(), night.to_string());
    }
}
