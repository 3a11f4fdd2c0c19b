//! From JSON values to limits. Every error names its place as a JSON pointer.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, Weekday};

use super::VERSION;
use super::duration;
use super::value::Value;
use crate::bounds::MAX_RULES;
use crate::error::{Error, Result};
use crate::limit::constraint::Constraint;
use crate::limit::rules::Limit;
use crate::limit::schedule::Schedule;
use crate::time::unit::TimeUnit;
use crate::time::window::{TimeWindow, Window};

type Object = [(String, Value)];

pub(super) const UNITS: [(&str, TimeUnit); 7] = [
    ("seconds", TimeUnit::Seconds),
    ("minutes", TimeUnit::Minutes),
    ("hours", TimeUnit::Hours),
    ("days", TimeUnit::Days),
    ("weeks", TimeUnit::Weeks),
    ("months", TimeUnit::Months),
    ("years", TimeUnit::Years),
];

pub(super) const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

/// The words by which a rule is recognized, each with the other words of that rule.
const RULES: [(&str, &[&str]); 9] = [
    ("at_most", &["event", "within"]),
    ("at_least", &["event", "within"]),
    ("cooldown", &["event"]),
    ("happened_within", &["event"]),
    ("during", &[]),
    ("outside_of", &[]),
    ("all", &[]),
    ("any", &[]),
    ("none", &[]),
];

/// A place in the document.
pub(super) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: String,
}

impl Place<'_> {
    pub(super) fn root() -> Place<'static> {
        Place { parent: None, step: String::new() }
    }

    fn of(&self, step: impl fmt::Display) -> Place<'_> {
        Place { parent: Some(self), step: step.to_string() }
    }

    fn expected(&self, what: impl fmt::Display) -> Error {
        let place = self.to_string();
        let place = if place.is_empty() { "/" } else { &place };
        Error::InvalidArgument(format!("{place}: expected {what}"))
    }

    /// The same error with the place in front.
    fn named(&self, error: Error) -> Error {
        Error::InvalidArgument(format!("{self}: {error}"))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            Some(parent) => write!(f, "{parent}/{}", self.step.replace('~', "~0").replace('/', "~1")),
            None => Ok(()),
        }
    }
}

/// Reads an object with a version.
pub(super) fn versioned<R>(
    value: &Value,
    words: &[&str],
    read: impl FnOnce(&Object) -> Result<R>,
) -> Result<R> {
    let place = Place::root();
    let object = object(value, &place)?;
    // A later version may have other words, so the version comes first.
    let version = required(object, "version", &place)?;
    if number(version, &place.of("version"))? != VERSION {
        return Err(place.of("version").expected(format!("{VERSION}; update the app for a later version")));
    }
    known(object, &[words, &["version"]].concat(), &place)?;
    read(object)
}

pub(super) fn limits(document: &Object) -> Result<BTreeMap<String, Limit>> {
    let root = Place::root();
    let place = root.of("limits");
    let limits = object(required(document, "limits", &root)?, &place)?;
    let read = limits.iter().map(|(name, value)| {
        let place = place.of(name);
        let limit_object = object(value, &place)?;
        known(limit_object, &["all", "also_record"], &place)?;
        Ok((name.clone(), limit(limit_object, &place)?))
    });
    read.collect()
}

pub(super) fn limit(object: &Object, place: &Place<'_>) -> Result<Limit> {
    let rules = rules(required(object, "all", place)?, &place.of("all"))?;
    let mut limit = rules.into_iter().fold(Limit::new(), Limit::constraint);
    if let Some(also) = find(object, "also_record") {
        let place = place.of("also_record");
        for (index, event) in array(also, &place)?.iter().enumerate() {
            limit = limit.also_record(string(event, &place.of(index))?);
        }
    }
    limit.check().map_err(|error| place.named(error))?;
    Ok(limit)
}

/// The rules of a limit or a group.
fn rules(value: &Value, place: &Place<'_>) -> Result<Vec<Constraint>> {
    let values = array(value, place)?;
    if values.len() > MAX_RULES {
        return Err(place.expected(format!("at most {MAX_RULES} rules")));
    }
    let rules = values.iter().enumerate().map(|(index, value)| rule(value, &place.of(index)));
    rules.collect()
}

fn rule(value: &Value, place: &Place<'_>) -> Result<Constraint> {
    let object = object(value, place)?;
    let found = RULES.iter().find(|(word, _)| find(object, word).is_some());
    let Some((word, others)) = found else {
        let words: Vec<&str> = RULES.iter().map(|(word, _)| *word).collect();
        return Err(place.expected(format!("a rule with one of {}", words.join(", "))));
    };
    known(object, &[&[*word], *others].concat(), place)?;
    let (main, at) = (required(object, word, place)?, place.of(word));
    let event = || string(required(object, "event", place)?, &place.of("event")).map(str::to_owned);
    let window = || window(required(object, "within", place)?, &place.of("within"));
    let constraint = match *word {
        "at_most" => {
            let (event_id, limit) = (event()?, number(main, &at)?);
            match window()? {
                Window::Calendar(TimeWindow { count, time_unit }) => {
                    Constraint::AtMost { event_id, limit, window_count: count, time_unit }
                }
                Window::Rolling(window) => Constraint::AtMostRolling { event_id, limit, window },
            }
        }
        "at_least" => {
            let (event_id, count) = (event()?, number(main, &at)?);
            match window()? {
                Window::Calendar(TimeWindow { count: window_count, time_unit }) => {
                    Constraint::AtLeast { event_id, count, window_count, time_unit }
                }
                Window::Rolling(window) => Constraint::AtLeastRolling { event_id, count, window },
            }
        }
        "cooldown" => Constraint::Cooldown { event_id: event()?, duration: span(main, &at)? },
        "happened_within" => Constraint::Within { prerequisite_event: event()?, duration: span(main, &at)? },
        "during" => Constraint::During { schedule: schedule(main, &at)? },
        "outside_of" => Constraint::OutsideOf { schedule: schedule(main, &at)? },
        "all" => Constraint::AllOf { constraints: rules(main, &at)? },
        "any" => Constraint::AnyOf { constraints: rules(main, &at)? },
        _ => Constraint::NoneOf { constraints: rules(main, &at)? },
    };
    // Checked here too, so that the error names the rule.
    Limit::new().constraint(constraint.clone()).check().map_err(|error| at.named(error))?;
    Ok(constraint)
}

fn window(value: &Value, place: &Place<'_>) -> Result<Window> {
    match value {
        Value::String(text) if text == "ever" => Ok(TimeUnit::Ever.into()),
        Value::String(_) => Ok(Window::Rolling(span(value, place)?)),
        Value::Object(object) => {
            let [(word, count)] = &object[..] else { return Err(place.expected(WINDOW)) };
            let unit = UNITS.iter().find(|(name, _)| name == word);
            let (_, unit) = unit.ok_or_else(|| place.of(word).expected("seconds, minutes, ... or years"))?;
            let (count, at) = (number(count, &place.of(word))?, place.of(word));
            let count = usize::try_from(count).ok().filter(|count| *count > 0);
            Ok((count.ok_or_else(|| at.expected("1 or more"))?, *unit).into())
        }
        _ => Err(place.expected(WINDOW)),
    }
}

const WINDOW: &str = "a duration like \"P7D\", a calendar count like { \"days\": 7 }, or \"ever\"";

fn span(value: &Value, place: &Place<'_>) -> Result<chrono::Duration> {
    let span = duration::parse(string(value, place)?).map_err(|expected| place.expected(expected))?;
    if span < chrono::Duration::milliseconds(1) {
        return Err(place.expected("at least 1 millisecond"));
    }
    Ok(span)
}

fn schedule(value: &Value, place: &Place<'_>) -> Result<Schedule> {
    let object = object(value, place)?;
    let has = |word| find(object, word).is_some();
    let words: &[&str] = match (has("from"), has("days"), has("first")) {
        (true, false, false) => &["from", "to", "zone"],
        (false, true, false) => &["days", "zone"],
        (false, false, true) => &["first", "last", "zone"],
        _ => return Err(place.expected("either from and to, or days, or first and last")),
    };
    known(object, words, place)?;
    let text = |word: &'static str| string(required(object, word, place)?, &place.of(word));
    let is_local = match text("zone")? {
        "local" => true,
        "utc" => false,
        _ => return Err(place.of("zone").expected("\"local\" or \"utc\"")),
    };
    let made = if has("from") {
        let time = |word| time(text(word)?).ok_or_else(|| place.of(word).expected("a time like \"22:30\""));
        let make = if is_local { Schedule::daily_local_tz } else { Schedule::daily };
        make(time("from")?, time("to")?)
    } else if has("days") {
        let at = place.of("days");
        let day = |(index, value)| {
            let word = string(value, &at.of(index))?;
            let day = DAYS.iter().find(|(name, _)| *name == word).map(|(_, day)| *day);
            day.ok_or_else(|| at.of(index).expected("mon, tue, wed, thu, fri, sat or sun"))
        };
        let days = array(required(object, "days", place)?, &at)?.iter().enumerate().map(day);
        let make = if is_local { Schedule::days_of_week_local_tz } else { Schedule::days_of_week };
        make(&days.collect::<Result<Vec<Weekday>>>()?)
    } else {
        let date =
            |word| date(text(word)?).ok_or_else(|| place.of(word).expected("a date like \"2026-03-31\""));
        let make = if is_local { Schedule::dates_local_tz } else { Schedule::dates };
        make(date("first")?, date("last")?)
    };
    made.map_err(|error| place.named(error))
}

/// An hour and a minute, each of two digits.
fn time(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let part = |text: &str| {
        let is_valid = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|_| is_valid)
    };
    Some((part(hour)?, part(minute)?))
}

/// A date of ten characters.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text)
}

fn find<'v>(object: &'v Object, word: &str) -> Option<&'v Value> {
    object.iter().find(|(key, _)| key == word).map(|(_, value)| value)
}

fn required<'v>(object: &'v Object, word: &str, place: &Place<'_>) -> Result<&'v Value> {
    find(object, word).ok_or_else(|| place.expected(format!("the word \"{word}\"")))
}

/// Checks that an object has no other words.
fn known(object: &Object, words: &[&str], place: &Place<'_>) -> Result<()> {
    match object.iter().find(|(key, _)| !words.contains(&key.as_str())) {
        Some((key, _)) => Err(place.of(key).expected(format!("no other word than {}", words.join(", ")))),
        None => Ok(()),
    }
}

fn object<'v>(value: &'v Value, place: &Place<'_>) -> Result<&'v Object> {
    if let Value::Object(object) = value { Ok(object) } else { Err(place.expected("an object")) }
}

fn array<'v>(value: &'v Value, place: &Place<'_>) -> Result<&'v [Value]> {
    if let Value::Array(array) = value { Ok(array) } else { Err(place.expected("an array")) }
}

fn string<'v>(value: &'v Value, place: &Place<'_>) -> Result<&'v str> {
    if let Value::String(string) = value { Ok(string) } else { Err(place.expected("a string")) }
}

fn number(value: &Value, place: &Place<'_>) -> Result<u32> {
    let number = if let Value::Number(text) = value { text.parse().ok() } else { None };
    number.ok_or_else(|| place.expected("a whole number from 0 to 4294967295"))
}
