//! Limits in their JSON form.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate, Weekday};

use super::document::{check_length, check_limit_name};
use super::duration;
use super::node::check_name;
use super::place::{Place, Read};
use super::text::quote;
use super::words::{DAYS, UNITS, VERSION, word_for};
use crate::bounds::MAX_LIMITS;
use crate::limit::{Constraint, Limit, LimitSet, Schedule};
use crate::time::instant::millis_of;
use crate::time::unit::TimeUnit;

/// The beginning of a document, up to the members behind the version.
fn begin() -> String {
    format!("{{\"version\":{VERSION},")
}

/// The document of one limit.
pub(super) fn document(limit: &Limit) -> Read<String> {
    let mut text = begin();
    members(limit, &Place::Document, &mut text)?;
    text.push('}');
    Ok(text)
}

/// The document of a set.
pub(super) fn set(set: &LimitSet) -> Read<String> {
    let limits = Place::Document;
    let limits = limits.member("limits");
    if set.len() > MAX_LIMITS {
        return Err(limits.fault("a set may have at most 1,024 limits"));
    }
    let mut text = begin() + "\"limits\":{";
    for (index, (name, limit)) in set.iter().enumerate() {
        let place = limits.member(name);
        check_limit_name(name, &place)?;
        text.push_str(if index == 0 { "" } else { "," });
        quote(name, &mut text);
        text.push_str(":{");
        members(limit, &place, &mut text)?;
        text.push('}');
    }
    text.push_str("}}");
    check_length(&text).map(|()| text)
}

/// Adds the members of a limit.
///
/// # Errors
/// `InvalidRules` with the place at which the limit cannot be written.
fn members(limit: &Limit, place: &Place<'_>, to: &mut String) -> Read<()> {
    limit.check().map_err(|error| place.fault(error.to_string()))?;
    rules("all", &limit.constraints(), place, to)?;
    let mut before = ",\"also_record\":[";
    for event in limit.also_recorded() {
        to.push_str(before);
        quote(event, to);
        before = ",";
    }
    if before == "," {
        to.push(']');
    }
    Ok(())
}

/// Adds a member that is a list of rules.
fn rules(word: &str, constraints: &[Constraint], place: &Place<'_>, to: &mut String) -> Read<()> {
    let _ = write!(to, "\"{word}\":[");
    for (index, constraint) in constraints.iter().enumerate() {
        to.push_str(if index == 0 { "{" } else { ",{" });
        rule(constraint, &place.member(word).item(index), to)?;
        to.push('}');
    }
    to.push(']');
    Ok(())
}

/// Adds the members of a rule.
fn rule(rule: &Constraint, place: &Place<'_>, to: &mut String) -> Read<()> {
    if let Some(event) = rule.event_id() {
        check_name(event, &place.member("of"))?;
    }
    match rule {
        Constraint::AtMost { event_id, limit, window_count, time_unit } => {
            compare("at_most", *limit, event_id, to);
            calendar(*window_count, *time_unit, place, to)
        }
        Constraint::AtLeast { event_id, count, window_count, time_unit } => {
            compare("at_least", *count, event_id, to);
            calendar(*window_count, *time_unit, place, to)
        }
        Constraint::AtMostRolling { event_id, limit, window } => {
            compare("at_most", *limit, event_id, to);
            millis(millis_of(*window), &place.member("within"), to)
        }
        Constraint::AtLeastRolling { event_id, count, window } => {
            compare("at_least", *count, event_id, to);
            millis(millis_of(*window), &place.member("within"), to)
        }
        Constraint::AtMostSince { event_id, limit, marker } => {
            compare("at_most", *limit, event_id, to);
            since(marker, place, to)
        }
        Constraint::AtLeastSince { event_id, count, marker } => {
            compare("at_least", *count, event_id, to);
            since(marker, place, to)
        }
        Constraint::Cooldown { event_id, duration } => {
            wait("cooldown", millis_of(*duration), event_id, place, to)
        }
        Constraint::Within { prerequisite_event, duration } => {
            wait("happened_within", millis_of(*duration), prerequisite_event, place, to)
        }
        Constraint::During { schedule: times } => schedule("during", times, place, to),
        Constraint::OutsideOf { schedule: times } => schedule("outside_of", times, place, to),
        Constraint::AllOf { constraints } => rules("all", constraints, place, to),
        Constraint::AnyOf { constraints } => rules("any", constraints, place, to),
        Constraint::NoneOf { constraints } => rules("none", constraints, place, to),
    }
}

/// Adds the members of a rule that compares a count, up to the value of its window.
fn compare(word: &str, number: u32, event: &str, to: &mut String) {
    let _ = write!(to, "\"{word}\":{number},\"of\":");
    quote(event, to);
    to.push_str(",\"within\":");
}

fn since(marker: &str, place: &Place<'_>, to: &mut String) -> Read<()> {
    let within = place.member("within");
    check_name(marker, &within.member("since"))?;
    to.push_str("{\"since\":");
    quote(marker, to);
    to.push('}');
    Ok(())
}

fn wait(word: &str, length: i64, event: &str, place: &Place<'_>, to: &mut String) -> Read<()> {
    let _ = write!(to, "\"{word}\":");
    millis(length, &place.member(word), to)?;
    to.push_str(",\"of\":");
    quote(event, to);
    Ok(())
}

fn millis(millis: i64, place: &Place<'_>, to: &mut String) -> Read<()> {
    if !duration::is_in_bounds(millis) {
        return Err(place.fault("a rule document can have durations up to 10,000 years"));
    }
    duration::write(millis, to);
    Ok(())
}

fn calendar(count: usize, unit: TimeUnit, place: &Place<'_>, to: &mut String) -> Read<()> {
    if unit == TimeUnit::Ever {
        to.push_str("\"ever\"");
        return Ok(());
    }
    if u32::try_from(count).is_err() {
        let fault = "a rule document can have calendar counts up to 4294967295";
        return Err(place.member("within").fault(fault));
    }
    let _ = write!(to, "{{\"{}\":{count}}}", word_for(&UNITS, &unit));
    Ok(())
}

fn schedule(word: &str, schedule: &Schedule, place: &Place<'_>, to: &mut String) -> Read<()> {
    let _ = write!(to, "\"{word}\":{{");
    let hours = |hour: &u8| u16::from(*hour) * 60;
    let is_local = match schedule {
        Schedule::Hours { start_hour, end_hour, use_local_tz } => {
            times(hours(start_hour), hours(end_hour), to);
            use_local_tz
        }
        Schedule::Daily { start_minute, end_minute, use_local_tz } => {
            times(*start_minute, *end_minute, to);
            use_local_tz
        }
        Schedule::Weekdays { use_local_tz } => {
            days(DAYS.iter().take(5), to);
            use_local_tz
        }
        Schedule::Weekends { use_local_tz } => {
            days(DAYS.iter().skip(5), to);
            use_local_tz
        }
        Schedule::DaysOfWeek { days: set, use_local_tz } => {
            days(DAYS.iter().filter(|(_, day)| set.contains(*day)), to);
            use_local_tz
        }
        Schedule::Dates { first, last, use_local_tz } => {
            date("first_date", *first, to);
            to.push(',');
            date("last_date", *last, to);
            use_local_tz
        }
        Schedule::Custom(_) => {
            return Err(place
                .member(word)
                .fault("a schedule that is a function of the app has no JSON form"));
        }
    };
    to.push_str(if *is_local { "}" } else { ",\"zone\":\"utc\"}" });
    Ok(())
}

fn times(from: u16, until: u16, to: &mut String) {
    // Equal schedules have one form.
    let until = if until == 0 { 24 * 60 } else { until };
    let [(from_hour, from), (hour, until)] = [from, until].map(|minute| (minute / 60, minute % 60));
    let _ = write!(to, "\"from\":\"{from_hour:02}:{from:02}\",\"until\":\"{hour:02}:{until:02}\"");
}

fn days<'a>(days: impl Iterator<Item = &'a (&'static str, Weekday)>, to: &mut String) {
    let days: Vec<&str> = days.map(|(day, _)| *day).collect();
    let _ = write!(to, "\"weekdays\":[\"{}\"]", days.join("\",\""));
}

fn date(member: &str, date: NaiveDate, to: &mut String) {
    let _ = write!(to, "\"{member}\":\"{:04}-{:02}-{:02}\"", date.year(), date.month(), date.day());
}
