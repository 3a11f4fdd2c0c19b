//! From limits to JSON.

use std::fmt::Write;

use chrono::{Duration, NaiveDate, Weekday};

use super::VERSION;
use super::duration;
use super::read::{DAYS, UNITS};
use crate::error::{Error, Result};
use crate::limit::constraint::Constraint;
use crate::limit::rules::Limit;
use crate::limit::schedule::Schedule;
use crate::time::unit::TimeUnit;

pub(super) fn limit(limit: &Limit) -> Result<String> {
    let mut text = format!("{{\"version\":{VERSION},\"all\":{}", rules(&limit.constraints())?);
    let also: Vec<String> = limit.also_recorded().map(string).collect();
    if !also.is_empty() {
        text += &format!(",\"also_record\":[{}]", also.join(","));
    }
    Ok(text + "}")
}

fn rules(constraints: &[Constraint]) -> Result<String> {
    let rules: Result<Vec<String>> = constraints.iter().map(rule).collect();
    Ok(format!("[{}]", rules?.join(",")))
}

fn rule(constraint: &Constraint) -> Result<String> {
    let counted = |word: &str, count: &u32, event: &str, window: String| {
        format!("{{\"{word}\":{count},\"event\":{},\"within\":{window}}}", string(event))
    };
    let timed = |word: &str, span: &Duration, event: &str| {
        format!("{{\"{word}\":{},\"event\":{}}}", rolling(*span), string(event))
    };
    Ok(match constraint {
        Constraint::AtMost { event_id, limit, window_count, time_unit } => {
            counted("at_most", limit, event_id, calendar(*window_count, *time_unit))
        }
        Constraint::AtMostRolling { event_id, limit, window } => {
            counted("at_most", limit, event_id, rolling(*window))
        }
        Constraint::AtLeast { event_id, count, window_count, time_unit } => {
            counted("at_least", count, event_id, calendar(*window_count, *time_unit))
        }
        Constraint::AtLeastRolling { event_id, count, window } => {
            counted("at_least", count, event_id, rolling(*window))
        }
        Constraint::Cooldown { event_id, duration } => timed("cooldown", duration, event_id),
        Constraint::Within { prerequisite_event, duration } => {
            timed("happened_within", duration, prerequisite_event)
        }
        Constraint::During { schedule } => format!("{{\"during\":{}}}", self::schedule(schedule)?),
        Constraint::OutsideOf { schedule } => format!("{{\"outside_of\":{}}}", self::schedule(schedule)?),
        Constraint::AllOf { constraints } => format!("{{\"all\":{}}}", rules(constraints)?),
        Constraint::AnyOf { constraints } => format!("{{\"any\":{}}}", rules(constraints)?),
        Constraint::NoneOf { constraints } => format!("{{\"none\":{}}}", rules(constraints)?),
    })
}

fn calendar(count: usize, unit: TimeUnit) -> String {
    let word = UNITS.iter().find(|(_, known)| *known == unit);
    // A count beyond 32 bits is beyond everything that can be tracked.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    word.map_or_else(|| "\"ever\"".to_owned(), |(word, _)| format!("{{\"{word}\":{count}}}"))
}

fn rolling(span: Duration) -> String {
    format!("\"{}\"", duration::text(span))
}

fn schedule(schedule: &Schedule) -> Result<String> {
    let zone = |is_local: bool| if is_local { "local" } else { "utc" };
    let daily = |start: u16, end: u16, is_local: bool| {
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        format!("{{\"from\":\"{}\",\"to\":\"{}\",\"zone\":\"{}\"}}", time(start), time(end), zone(is_local))
    };
    let days = |is_on: &dyn Fn(Weekday) -> bool, is_local: bool| {
        let days = DAYS.iter().filter(|(_, day)| is_on(*day));
        let words: Vec<String> = days.map(|(word, _)| format!("\"{word}\"")).collect();
        format!("{{\"days\":[{}],\"zone\":\"{}\"}}", words.join(","), zone(is_local))
    };
    let dates = |first: NaiveDate, last: NaiveDate, is_local: bool| {
        format!("{{\"first\":\"{first}\",\"last\":\"{last}\",\"zone\":\"{}\"}}", zone(is_local))
    };
    let is_weekend = |day: Weekday| matches!(day, Weekday::Sat | Weekday::Sun);
    Ok(match *schedule {
        Schedule::Hours { start_hour, end_hour, use_local_tz } => {
            let minute = |hour: u8| u16::from(hour).saturating_mul(60);
            daily(minute(start_hour), minute(end_hour), use_local_tz)
        }
        Schedule::Daily { start_minute, end_minute, use_local_tz } => {
            daily(start_minute, end_minute, use_local_tz)
        }
        Schedule::Weekdays { use_local_tz } => days(&|day| !is_weekend(day), use_local_tz),
        Schedule::Weekends { use_local_tz } => days(&is_weekend, use_local_tz),
        Schedule::DaysOfWeek { days: on, use_local_tz } => days(&|day| on.contains(day), use_local_tz),
        Schedule::Dates { first, last, use_local_tz } => dates(first, last, use_local_tz),
        Schedule::Custom(_) => {
            let text = "a schedule that is a function of the app cannot be written as JSON";
            return Err(Error::InvalidArgument(text.into()));
        }
    })
}

/// A string with quotation marks.
fn string(text: &str) -> String {
    let mut json = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            letter if letter < ' ' => _ = write!(json, "\\u{:04x}", u32::from(letter)),
            letter => json.push(letter),
        }
    }
    json + "\""
}
