//! Rules that are read from their JSON form.

use chrono::{Duration, NaiveDate, WeekdaySet};

use super::duration::{Fault, parse};
use super::node::{Node, Object};
use super::place::{Read, list};
use super::text::Value;
use super::words::{DAYS, RULES, UNITS, find};
use crate::bounds::{MAX_GROUP_DEPTH, MAX_RULES};
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
pub(super) fn rules(list: &Node<'_>, room: &mut Room) -> Read<Vec<Constraint>> {
    let mut rules = Vec::new();
    for node in list.list("a list of rules")? {
        rules.push(rule(&node, room)?);
    }
    Ok(rules)
}

fn rule(node: &Node<'_>, room: &mut Room) -> Read<Constraint> {
    let members = node.object("a rule as an object")?;
    let word = word(members)?;
    match word {
        "all" | "any" | "none" => group(members, word, room),
        _ if room.rules == 0 => Err(node.fault("expected at most 64 rules in a limit")),
        _ => {
            room.rules -= 1;
            single(members, word)
        }
    }
}

/// The word that says what the rule is.
fn word(members: Object<'_>) -> Read<&'static str> {
    let mut words = RULES.into_iter().filter(|word| members.has(word));
    match (words.next(), words.next()) {
        (Some(word), None) => Ok(word),
        (Some(one), Some(other)) => {
            let fault = format!("a rule is `{one}` or `{other}`, not both; write two rules");
            Err(members.place.fault(fault))
        }
        (None, _) => {
            let expected = format!("expected one of the words {}", list(&RULES));
            // A wrong word is more likely than a missing one.
            match members.members().find(|(name, _)| !matches!(*name, "of" | "within")) {
                Some((_, other)) => Err(other.fault(expected)),
                None => Err(members.place.fault(expected)),
            }
        }
    }
}

fn group(members: Object<'_>, word: &str, room: &mut Room) -> Read<Constraint> {
    members.only(&[word])?;
    if room.depth == 0 {
        return Err(members.place.fault("groups may be nested at most 4 deep"));
    }
    room.depth -= 1;
    let list = members.required(word)?;
    let constraints = rules(&list, room)?;
    if constraints.is_empty() {
        return Err(list.expected("at least one rule"));
    }
    room.depth += 1;
    Ok(match word {
        "all" => Constraint::AllOf { constraints },
        "any" => Constraint::AnyOf { constraints },
        _ => Constraint::NoneOf { constraints },
    })
}

/// A rule that is not a group.
fn single(members: Object<'_>, word: &str) -> Read<Constraint> {
    match word {
        "during" | "outside_of" => {
            members.only(&[word])?;
            let schedule = schedule(&members.required(word)?)?;
            let is_during = word == "during";
            Ok(if is_during { Constraint::During { schedule } } else { Constraint::OutsideOf { schedule } })
        }
        "at_most" | "at_least" => {
            members.only(&[word, "of", "within"])?;
            let number = members.required(word)?.integer(0)?;
            let event_id = members.required("of")?.event()?;
            let within = members.required("within")?;
            Ok(comparison(word, number, event_id, window(&within)?))
        }
        _ => {
            members.only(&[word, "of"])?;
            let duration = duration(&members.required(word)?, "days such as \"P30D\"")?;
            let event_id = members.required("of")?.event()?;
            Ok(if word == "cooldown" {
                Constraint::Cooldown { event_id, duration }
            } else {
                Constraint::Within { prerequisite_event: event_id, duration }
            })
        }
    }
}

fn comparison(word: &str, number: u32, event_id: String, window: Window<'_>) -> Constraint {
    let (limit, count) = (number, number);
    match (word, window) {
        ("at_most", Window::Calendar(TimeWindow { count: window_count, time_unit })) => {
            Constraint::AtMost { event_id, limit, window_count, time_unit }
        }
        (_, Window::Calendar(TimeWindow { count: window_count, time_unit })) => {
            Constraint::AtLeast { event_id, count, window_count, time_unit }
        }
        ("at_most", Window::Rolling(window)) => Constraint::AtMostRolling { event_id, limit, window },
        (_, Window::Rolling(window)) => Constraint::AtLeastRolling { event_id, count, window },
        ("at_most", Window::Since(marker)) => {
            Constraint::AtMostSince { event_id, limit, marker: marker.into() }
        }
        (_, Window::Since(marker)) => Constraint::AtLeastSince { event_id, count, marker: marker.into() },
    }
}

fn window<'a>(node: &'a Node<'_>) -> Read<Window<'a>> {
    const EXPECTED: &str = "a duration such as \"P7D\", a calendar count such as {\"days\": 7}, a \
                            marker such as {\"since\": \"update\"}, or \"ever\"";
    match node.value {
        Value::Text(text) if text == "ever" => Ok(TimeUnit::Ever.into()),
        Value::Text(text) if text.starts_with('P') => {
            duration(node, "a calendar count such as {\"months\": 1}").map(Window::Rolling)
        }
        Value::Object(_) => {
            let members = node.object(EXPECTED)?;
            match members.optional("since") {
                Some(marker) => {
                    members.only(&["since"])?;
                    marker.event_name().map(Window::Since)
                }
                None => calendar(members),
            }
        }
        _ => Err(node.expected(EXPECTED)),
    }
}

fn calendar<'a>(members: Object<'_>) -> Read<Window<'a>> {
    let expected = || format!("expected `since` or one of the units {}", list(&UNITS.map(|(unit, _)| unit)));
    let mut units = members.members();
    let (Some((unit, count)), None) = (units.next(), units.next()) else {
        return Err(members.place.fault(expected()));
    };
    let time_unit = find(&UNITS, unit).ok_or_else(|| count.fault(expected()))?;
    let count = usize::try_from(count.integer(1)?).unwrap_or(usize::MAX);
    Ok(Window::Calendar(TimeWindow { count, time_unit }))
}

/// A duration. `instead` says what to write for months and years.
fn duration(node: &Node<'_>, instead: &str) -> Read<Duration> {
    let parsed = node.text().ok_or(Fault::Form).and_then(parse);
    parsed.map(Duration::milliseconds).map_err(|fault| match fault {
        Fault::Form => node.expected("a duration such as \"P7D\", \"PT36H\" or \"P1DT12H30M\""),
        Fault::Calendar => node.fault(format!("months and years differ in length; write {instead} instead")),
        Fault::Bounds => node.expected("a duration from \"PT0.001S\" to \"P3660000D\""),
    })
}

fn schedule(node: &Node<'_>) -> Read<Schedule> {
    let members = node.object("a schedule as an object")?;
    let use_local_tz = match members.optional("zone") {
        Some(zone) => match zone.text() {
            Some("local") => true,
            Some("utc") => false,
            _ => return Err(zone.expected("\"local\" or \"utc\"")),
        },
        None => true,
    };
    let schedule = if members.has("from") || members.has("until") {
        members.only(&["from", "until", "zone"])?;
        let start_minute = time(&members.required("from")?, 24 * 60 - 1)?;
        let end_minute = time(&members.required("until")?, 24 * 60)?;
        Schedule::Daily { start_minute, end_minute, use_local_tz }
    } else if members.has("weekdays") {
        members.only(&["weekdays", "zone"])?;
        Schedule::DaysOfWeek { days: weekdays(&members.required("weekdays")?)?, use_local_tz }
    } else if members.has("first_date") || members.has("last_date") {
        members.only(&["first_date", "last_date", "zone"])?;
        let (first, last) = (date(&members.required("first_date")?)?, date(&members.required("last_date")?)?);
        Schedule::Dates { first, last, use_local_tz }
    } else {
        let kinds = "expected `from` and `until`, or `weekdays`, or `first_date` and `last_date`";
        return Err(node.fault(kinds));
    };
    schedule.check().map_err(|error| node.fault(error.to_string()))?;
    Ok(schedule)
}

fn weekdays(node: &Node<'_>) -> Read<WeekdaySet> {
    let mut days = WeekdaySet::EMPTY;
    for item in node.list("a list of days")? {
        let expected = || item.expected(&format!("one of the days {}", list(&DAYS.map(|(day, _)| day))));
        let day = item.text().and_then(|day| find(&DAYS, day)).ok_or_else(expected)?;
        if !days.insert(day) {
            return Err(item.fault("the list has this day more than once"));
        }
    }
    Ok(days)
}

/// The minute of a time of the day, which is at most `last`.
fn time(node: &Node<'_>, last: u16) -> Read<u16> {
    let minute = node.text().and_then(minute_of_day).filter(|minute| *minute <= last);
    minute.ok_or_else(|| {
        node.expected(&format!("a time from \"00:00\" to \"{:02}:{:02}\"", last / 60, last % 60))
    })
}

/// The minute of two digits, a colon and two digits.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    if minute < 60 { u16::try_from(hour * 60 + minute).ok() } else { None }
}

fn date(node: &Node<'_>) -> Read<NaiveDate> {
    node.text().and_then(day).ok_or_else(|| node.expected("a date such as \"2026-12-24\""))
}

/// The day of four digits, two digits and two digits with dashes between them.
fn day(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let year = i32::try_from(digits(year, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?)
}

/// A number of exactly so many digits.
fn digits(text: &str, length: usize) -> Option<u32> {
    let is_number = text.len() == length && text.bytes().all(|digit| digit.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}
