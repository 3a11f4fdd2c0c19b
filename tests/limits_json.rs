//! Limits as JSON.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::Arc;

use chrono::{Duration, NaiveDate, Weekday};
use common::stores::{clock, in_memory};
use tiny_counter::{Error, Limit, Schedule, TimeUnit};

const EVERY_RULE: &str = r#"{
    "version": 1,
    "all": [
        { "at_most": 1, "event": "review_prompt", "within": "P7D" },
        { "at_most": 5, "event": "review_prompt", "within": { "months": 6 } },
        { "at_least": 3, "event": "launch", "within": { "days": 28 } },
        { "at_least": 2, "event": "größe \"\\ \u00e4\ud83d\ude00", "within": "PT1H30M" },
        { "at_least": 1, "event": "purchase", "within": "ever" },
        { "cooldown": "PT36H", "event": "crash" },
        { "happened_within": "PT0.5S", "event": "tap" },
        { "during": { "from": "22:30", "to": "07:00", "zone": "local" } },
        { "outside_of": { "days": ["sun", "sat"], "zone": "utc" } },
        { "during": { "first": "2026-03-01", "last": "2026-03-31", "zone": "local" } },
        { "any": [
            { "all": [ { "cooldown": "PT1S", "event": "a" }, { "cooldown": "P2W", "event": "b" } ] },
            { "none": [ { "happened_within": "P1D", "event": "c" } ] }
        ] }
    ],
    "also_record": ["any_message", "~all"]
}"#;

fn every_rule() -> Limit {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let cooldown = |event: &str, wait| Limit::new().cooldown(event, wait);
    let both = cooldown("a", Duration::seconds(1)).cooldown("b", Duration::weeks(2));
    let neither = Limit::new().none_of([Limit::new().within("c", Duration::days(1))]);
    Limit::new()
        .at_most("review_prompt", 1, Duration::days(7))
        .at_most("review_prompt", 5, (6, TimeUnit::Months))
        .at_least("launch", 3, (28, TimeUnit::Days))
        .at_least("größe \"\\ ä😀", 2, Duration::minutes(90))
        .at_least("purchase", 1, TimeUnit::Ever)
        .cooldown("crash", Duration::hours(36))
        .within("tap", Duration::milliseconds(500))
        .during(Schedule::daily_local_tz((22, 30), (7, 0)).unwrap())
        .outside_of(Schedule::weekends())
        .during(Schedule::dates_local_tz(date("2026-03-01"), date("2026-03-31")).unwrap())
        .any_of([both, neither])
        .also_record("any_message")
        .also_record("~all")
}

#[test]
fn every_rule_is_read_and_written() {
    let read = Limit::from_json(EVERY_RULE).unwrap();
    assert_eq!(read, every_rule());
    let written = read.to_json().unwrap();
    assert_eq!(Limit::from_json(&written).unwrap(), read);
    assert!(
        written.starts_with(r#"{"version":1,"all":[{"at_most":1,"event":"review_prompt","within":"P7D"},"#)
    );
    assert_eq!(Limit::from_json(r#"{"version":1,"all":[]}"#).unwrap(), Limit::new());
    let control = Limit::new().cooldown("\u{1}\n", Duration::days(1));
    assert_eq!(Limit::from_json(&control.to_json().unwrap()).unwrap(), control);
    let same = Limit::new().during(Schedule::hours(9, 24).unwrap()).during(Schedule::weekdays_local_tz());
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let days = Schedule::days_of_week_local_tz(&days).unwrap();
    assert_eq!(Limit::from_json(&same.to_json().unwrap()).unwrap(), same);
    assert_eq!(same, Limit::new().during(Schedule::daily((9, 0), (24, 0)).unwrap()).during(days));
}

#[test]
fn what_was_read_decides() {
    let store = in_memory(&clock());
    let text = r#"{"version":1,"all":[{"at_most":1,"event":"x","within":"P7D"}],"also_record":["any"]}"#;
    let limit = store.prepare(Limit::from_json(text).unwrap()).unwrap();
    limit.check_and_record("x").unwrap();
    assert!(!limit.allowed("x"));
    assert_eq!(store.query("any").lifetime(), Some(1));
    // Changing a rule keeps the history.
    let wider = store.prepare(Limit::from_json(&text.replace(":1,\"event", ":2,\"event")).unwrap()).unwrap();
    assert!(wider.check_and_record("x").is_ok() && !wider.allowed("x"));
}

#[test]
fn a_set_of_limits_is_read_as_a_whole_or_not_at_all() {
    let text = r#"{ "version": 1, "limits": {
        "review": { "all": [ { "at_most": 1, "event": "x", "within": "P7D" } ] },
        "of/fer~": { "all": [], "also_record": ["any"] }
    } }"#;
    let set = Limit::set_from_json(text).unwrap();
    assert_eq!(set.keys().collect::<Vec<_>>(), ["of/fer~", "review"]);
    assert_eq!(set["review"], Limit::new().at_most("x", 1, Duration::days(7)));
    let wrong = |from: &str, to: &str| match Limit::set_from_json(&text.replace(from, to)) {
        Err(Error::InvalidArgument(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(
        wrong("P7D", "P1M").starts_with("/limits/review/all/0/within: expected a duration of a fixed length")
    );
    assert!(
        wrong("[\"any\"]", "[\"any\", 3]").starts_with("/limits/of~1fer~0/also_record/1: expected a string")
    );
    assert!(wrong("\"limits\"", "\"rules\"").contains("no other word"));
}

/// The error for a limit whose only rule is this.
fn error_of(rule: &str) -> String {
    match Limit::from_json(&format!(r#"{{"version":1,"all":[{rule}]}}"#)) {
        Err(Error::InvalidArgument(text)) => text,
        other => panic!("{rule}: {other:?}"),
    }
}

#[test]
fn an_error_names_the_place_and_what_was_expected() {
    let at_most =
        |count: &str, window: &str| format!(r#"{{"at_most":{count},"event":"x","within":{window}}}"#);
    let during = |schedule: &str| format!(r#"{{"during":{{{schedule},"zone":"utc"}}}}"#);
    for (rule, expected) in [
        (at_most("-1", "\"ever\""), "/all/0/at_most: expected a whole number from 0 to 4294967295"),
        (at_most("1.5", "\"ever\""), "/all/0/at_most: expected a whole number"),
        (at_most("4294967296", "\"ever\""), "/all/0/at_most: expected a whole number"),
        (at_most("\"1\"", "\"ever\""), "/all/0/at_most: expected a whole number"),
        (at_most("1", "\"7 days\""), "/all/0/within: expected a duration of a fixed length"),
        (at_most("1", "\"PT0S\""), "/all/0/within: expected at least 1 millisecond"),
        (at_most("1", "7"), "/all/0/within: expected a duration like"),
        (at_most("1", "{\"days\":0}"), "/all/0/within/days: expected 1 or more"),
        (at_most("1", "{\"day\":1}"), "/all/0/within/day: expected seconds"),
        (at_most("1", "{\"days\":1,\"weeks\":1}"), "/all/0/within: expected a duration like"),
        (r#"{"at_most":1,"within":"P1D"}"#.into(), "/all/0: expected the word \"event\""),
        (r#"{"cooldown":"P1D","event":"x","within":"P1D"}"#.into(), "/all/0/within: expected no other word"),
        (r#"{"at_mots":1,"event":"x"}"#.into(), "/all/0: expected a rule with one of at_most, at_least"),
        (
            r#"{"cooldown":"P1Y","event":"x"}"#.into(),
            "/all/0/cooldown: expected a duration of a fixed length; for months",
        ),
        ("[]".into(), "/all/0: expected an object"),
        (r#"{"any":[]}"#.into(), "/all/0/any: all of, any of and none of need at least one rule"),
        (r#"{"any":[{"none":[7]}]}"#.into(), "/all/0/any/0/none/0: expected an object"),
        (during(r#""from":"7:00","to":"08:00""#), "/all/0/during/from: expected a time"),
        (during(r#""from":"07:00","to":"24:01""#), "/all/0/during: "),
        (during(r#""from":"07:00","to":"07:00""#), "/all/0/during: a daily schedule must start and end"),
        (during(r#""from":"07:00""#), "/all/0/during: expected the word \"to\""),
        (during(r#""days":["mon","Tue"]"#), "/all/0/during/days/1: expected mon, tue"),
        (during(r#""days":[]"#), "/all/0/during: a schedule of days of the week needs"),
        (during(r#""first":"2026-02-30","last":"2026-03-01""#), "/all/0/during/first: expected a date"),
        (during(r#""first":"2026-03-02","last":"2026-03-01""#), "/all/0/during: the last date"),
        (during(r#""from":"07:00","days":["mon"]"#), "/all/0/during: expected either"),
        (r#"{"during":{"days":["mon"],"zone":"CET"}}"#.into(), "/all/0/during/zone: expected \"local\""),
    ] {
        let error = error_of(&rule);
        assert!(error.starts_with(expected), "{rule}: {error}");
    }
    let nested = (0..5)
        .fold(r#"{"cooldown":"P1D","event":"x"}"#.to_owned(), |rule, _| format!(r#"{{"any":[{rule}]}}"#));
    assert!(error_of(&nested).contains("at most 4 deep"), "{}", error_of(&nested));
    let many = vec![r#"{"cooldown":"P1D","event":"x"}"#; 65].join(",");
    assert!(error_of(&many).starts_with("/all: expected at most 64 rules"));
    let halves =
        vec![format!(r#"{{"any":[{}]}}"#, vec![r#"{"cooldown":"P1D","event":"x"}"#; 33].join(",")); 2];
    assert!(error_of(&halves.join(",")).contains("at most 64 rules"));
}

#[test]
fn documents_that_are_wrong_as_a_whole_are_errors() {
    let error = |text: &str| match Limit::from_json(text) {
        Err(Error::InvalidArgument(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(error(r#"{"version":2,"all":[],"new":1}"#).starts_with("/version: expected 1; update the app"));
    assert!(error(r#"{"all":[]}"#).contains("\"version\""));
    assert!(error(r#"{"version":1}"#).contains("\"all\""));
    assert!(error(r#"{"version":1,"all":[],"al":[]}"#).starts_with("/al: expected no other word"));
    assert!(error(r#"{"version":1,"all":[],"also_record":["x","x"]}"#).contains("only once"));
    assert!(error("[1]").starts_with("/: expected an object"));
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "nul",
        "01x",
        "-",
        "\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\u{1}\"",
        "{} {}",
        "{\"a\":1,\"a\":1}",
        "\"\\u12g4\"",
        "'a'",
    ] {
        assert!(error(text).starts_with("not JSON: expected "), "{text}: {}", error(text));
    }
    assert!(error("{\n  \"version\": x").ends_with("in line 2, column 14"));
    assert!(error(&"[".repeat(1 << 20)).contains("fewer nested values"));
    assert!(error(&" ".repeat((1 << 20) + 1)).contains("1 MiB"));
    let custom = Limit::new().during(Schedule::Custom(Arc::new(|_| true)));
    assert!(matches!(custom.to_json(), Err(Error::InvalidArgument(_))));
    assert!(Limit::new().cooldown("x", Duration::zero()).to_json().is_err());
}

#[test]
fn cutting_and_changing_a_document_never_panics_and_what_is_read_can_be_written() {
    let (mut read, mut refused) = (0, 0);
    let mut check = |text: &str| match Limit::from_json(text) {
        Ok(limit) => {
            assert_eq!(Limit::from_json(&limit.to_json().unwrap()).unwrap(), limit);
            read += 1;
        }
        Err(Error::InvalidArgument(_) | Error::InvalidEvent { .. }) => refused += 1,
        Err(error) => panic!("{error:?}"),
    };
    for (at, _) in EVERY_RULE.char_indices() {
        check(&EVERY_RULE[..at]);
        for part in ["", "\"", "0", "9", "-", "{", "]", ",", "M", "\\", " "] {
            let rest = EVERY_RULE[at..].chars().next().map_or(0, char::len_utf8);
            check(&format!("{}{part}{}", &EVERY_RULE[..at], &EVERY_RULE[at + rest..]));
        }
    }
    assert!(read > 500 && refused > 5_000, "{read} {refused}");
}

#[test]
fn the_examples_of_the_documentation_can_be_read() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md")).unwrap();
    let mut examples = 0;
    for example in page.split("```json\n").skip(1) {
        let example = example.split("```").next().unwrap();
        let read = Limit::from_json(example).map(|_| ());
        let read =
            if example.contains("\"limits\"") { Limit::set_from_json(example).map(|_| ()) } else { read };
        read.unwrap_or_else(|error| panic!("{example}: {error}"));
        examples += 1;
    }
    assert_eq!(examples, 3);
}
