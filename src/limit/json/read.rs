//! Rules that are read from their JSON form.

use chrono::{Duration, NaiveDate, WeekdaySet};

use super::duration::{Fault, parse};
use super::node::{Node, Object};
use super::place::one_of;
use super::text::Value;
use super::words::{DAYS, RULES, UNITS, find};
use crate::bounds::{MAX_GROUP_DEPTH, MAX_RULES};
use crate::error::{Error, Result};
use crate::limit::{Constraint, Schedule};
use crate::time::unit::TimeUnit;
use crate::time::window::{TimeWindow, Window};

/// How much a limit can still hold.
pub(super) struct Room {
    rules: usize,
    depth: usize,
}

impl Room {
    pub(super) fn new() -> Room {
        Room { rules: MAX_RULES, depth: MAX_GROUP_DEPTH }
    }
}

/// The rules of a list.
pub(super) fn rules(list: Node<'_>, room: &mut Room) -> Result<Vec<Constraint>> {
    list.list("a list of rules", |node| rule(node, room))
}

fn rule(node: Node<'_>, room: &mut Room) -> Result<Constraint> {
    let members = node.object("a rule as an object")?;
    let word = word(members)?;
    match word {
        "all" | "any" | "none" => group(members, word, room),
        _ if room.rules == 0 => Err(node.place.fault("expected at most 64 rules in a limit")),
        _ => {
            room.rules -= 1;
            single(members, word)
        }
    }
}

/// The word that says what the rule is.
fn word(members: Object<'_>) -> Result<&'static str> {
    let mut words = RULES.into_iter().filter(|word| members.has(word));
    match (words.next(), words.next()) {
        (Some(word), None) => Ok(word),
        (Some(one), Some(other)) => {
            let fault = format!("a rule is `{one}` or `{other}`, not both; write two rules");
            Err(members.place.fault(fault))
        }
        (None, _) => {
            let expected = format!("expected one of the words {}", one_of(&RULES));
            // A wrong word more likely than a missing one.
            match members.names().find(|name| !matches!(*name, "of" | "within")) {
                Some(other) => Err(members.place.member(other).fault(expected)),
                None => Err(members.place.fault(expected)),
            }
        }
    }
}

fn group(members: Object<'_>, word: &str, room: &mut Room) -> Result<Constraint> {
    members.only(&[word])?;
    if room.depth == 0 {
        return Err(members.place.fault("groups may be nested at most 4 deep"));
    }
    room.depth -= 1;
    let constraints = members.required(word, |list| match rules(list, room)? {
        rules if rules.is_empty() => Err(list.expected("at least one rule")),
        rules => Ok(rules),
    })?;
    room.depth += 1;
    Ok(match word {
        "all" => Constraint::AllOf { constraints },
        "any" => Constraint::AnyOf { constraints },
        _ => Constraint::NoneOf { constraints },
    })
}

/// A rule that is not a group.
fn single(members: Object<'_>, word: &str) -> Result<Constraint> {
    if let "during" | "outside_of" = word {
        members.only(&[word])?;
        let schedule = members.required(word, schedule)?;
        return Ok(if word == "during" {
            Constraint::During { schedule }
        } else {
            Constraint::OutsideOf { schedule }
        });
    }
    let compares = matches!(word, "at_most" | "at_least");
    let known = [word, "of", "within"];
    members.only(known.get(..if compares { 3 } else { 2 }).unwrap_or_default())?;
    let event_id = members.required("of", |node| node.event())?;
    if !compares {
        let duration = members.required(word, |node| duration(node, "days such as \"P30D\""))?;
        return Ok(if word == "cooldown" {
            Constraint::Cooldown { event_id, duration }
        } else {
            Constraint::Within { prerequisite_event: event_id, duration }
        });
    }
    let number = members.required(word, |node| node.integer(0))?;
    let window = members.required("within", window)?;
    Ok(match (word, window) {
        ("at_most", Window::Calendar(TimeWindow { count: window_count, time_unit })) => {
            Constraint::AtMost { event_id, limit: number, window_count, time_unit }
        }
        (_, Window::Calendar(TimeWindow { count: window_count, time_unit })) => {
            Constraint::AtLeast { event_id, count: number, window_count, time_unit }
        }
        ("at_most", Window::Rolling(window)) => Constraint::AtMostRolling { event_id, limit: number, window },
        (_, Window::Rolling(window)) => Constraint::AtLeastRolling { event_id, count: number, window },
    })
}

fn window(node: Node<'_>) -> Result<Window> {
    const EXPECTED: &str = "a duration such as \"P7D\", a calendar count such as {\"days\": 7}, or \"ever\"";
    match node.value {
        Value::Text(text) if text == "ever" => Ok(TimeUnit::Ever.into()),
        Value::Text(text) if text.starts_with('P') => {
            duration(node, "a calendar count such as {\"months\": 1}").map(Window::Rolling)
        }
        Value::Object(_) => {
            let members = node.object(EXPECTED)?;
            let [(unit, value)] = members.members else { return Err(node.place.fault(one_unit())) };
            let place = node.place.member(unit);
            let time_unit = find(&UNITS, unit).ok_or_else(|| place.fault(one_unit()))?;
            let count = Node { value, place: &place }.integer(1)?;
            Ok(Window::Calendar(TimeWindow {
                count: usize::try_from(count).unwrap_or(usize::MAX),
                time_unit,
            }))
        }
        _ => Err(node.expected(EXPECTED)),
    }
}

fn one_unit() -> String {
    format!("expected one unit, which is {}", one_of(&UNITS.map(|(unit, _)| unit)))
}

/// A duration. `instead` says what to write for months and years.
fn duration(node: Node<'_>, instead: &str) -> Result<Duration> {
    let Value::Text(text) = node.value else { return Err(node.expected("a duration such as \"P7D\"")) };
    parse(text).map(Duration::milliseconds).map_err(|fault| match fault {
        Fault::Form => node.expected("a duration such as \"P7D\", \"PT36H\" or \"P1DT12H30M\""),
        Fault::Calendar => {
            node.place.fault(format!("months and years differ in length; write {instead} instead"))
        }
        Fault::Bounds => node.expected("a duration from \"PT0.001S\" to \"P3660000D\""),
    })
}

fn schedule(node: Node<'_>) -> Result<Schedule> {
    let members = node.object("a schedule as an object")?;
    let zone = |node: Node<'_>| {
        let zones = [("local", true), ("utc", false)];
        node.text("\"local\" or \"utc\"", |zone| find(&zones, zone))
    };
    let schedule = if members.has("from") || members.has("until") {
        members.only(&["from", "until", "zone"])?;
        let use_local_tz = members.optional("zone", zone)?.unwrap_or(true);
        let start_minute =
            members.required("from", |node| node.text("a time such as \"07:30\"", start_of_day))?;
        let end_minute = members.required("until", |node| {
            node.text("a time such as \"22:30\", at most \"24:00\"", minute_of_day)
        })?;
        Schedule::Daily { start_minute, end_minute, use_local_tz }
    } else if members.has("weekdays") {
        members.only(&["weekdays", "zone"])?;
        let use_local_tz = members.optional("zone", zone)?.unwrap_or(true);
        let days = members.required("weekdays", weekdays)?;
        Schedule::DaysOfWeek { days, use_local_tz }
    } else if members.has("first_date") || members.has("last_date") {
        members.only(&["first_date", "last_date", "zone"])?;
        let use_local_tz = members.optional("zone", zone)?.unwrap_or(true);
        let read = |node: Node<'_>| node.text("a date such as \"2026-12-24\"", date);
        let (first, last) = (members.required("first_date", read)?, members.required("last_date", read)?);
        Schedule::Dates { first, last, use_local_tz }
    } else {
        let kinds = "expected `from` and `until`, or `weekdays`, or `first_date` and `last_date`";
        return Err(node.place.fault(kinds));
    };
    match schedule.check() {
        Ok(()) => Ok(schedule),
        Err(Error::InvalidArgument(fault)) => Err(node.place.fault(fault)),
        Err(error) => Err(node.place.fault(error.to_string())),
    }
}

fn weekdays(list: Node<'_>) -> Result<WeekdaySet> {
    let expected = format!("one of the days {}", one_of(&DAYS.map(|(day, _)| day)));
    let mut days = WeekdaySet::EMPTY;
    list.list("a list of days", |node| {
        let day = node.text(&expected, |day| find(&DAYS, day))?;
        if days.insert(day) { Ok(()) } else { Err(node.place.fault("the list has this day more than once")) }
    })?;
    Ok(days)
}

/// The minute of a time of the day before 24:00.
fn start_of_day(text: &str) -> Option<u16> {
    minute_of_day(text).filter(|minute| *minute < 24 * 60)
}

/// The minute of a time of the day: two digits, a colon, two digits.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    let time = u16::try_from(hour * 60 + minute).ok()?;
    (minute < 60 && time <= 24 * 60).then_some(time)
}

/// A date of the years 0000 to 9999: the year, the month and the day with dashes.
fn date(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let year = i32::try_from(digits(year, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?)
}

/// A number of exactly so many digits.
fn digits(text: &str, length: usize) -> Option<u32> {
    let is_number = text.len() == length && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
