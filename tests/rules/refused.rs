//! Documents that are refused, and limits that have no JSON form.

use std::sync::Arc;

use chrono::{Duration, NaiveDate, Weekday};
use tiny_counter::{Constraint, Error, Limit, LimitSet, Schedule, TimeUnit};

use super::schema::Schema;
use super::{json, read};

/// The place that an error names.
fn place(error: &Error) -> &str {
    match error {
        Error::InvalidRules { place, .. } => place,
        Error::Incompatible { .. } => "/version",
        error => panic!("another error: {error:?}"),
    }
}

#[test]
fn every_refused_document_has_an_error_with_its_place_and_text() {
    let cases = json(&read("refused.json"));
    for case in cases.as_array().unwrap() {
        let text = case["document"].as_str().unwrap();
        let error = if case["set"] == true {
            LimitSet::from_json(text).map(drop).expect_err(text)
        } else {
            Limit::from_json(text).map(drop).expect_err(text)
        };
        assert_eq!(
            (place(&error), &*error.to_string()),
            (case["place"].as_str().unwrap(), case["text"].as_str().unwrap())
        );
    }
    assert!(cases.as_array().unwrap().len() > 70);
}

#[test]
fn what_is_refused_does_not_pass_the_schema_unless_a_schema_cannot_tell() {
    let schema = Schema::of_rules();
    for case in json(&read("refused.json")).as_array().unwrap() {
        let text = case["document"].as_str().unwrap();
        // What is not JSON is refused before a schema is asked.
        if let Ok(document) = serde_json::from_str(text) {
            assert_eq!(schema.accepts(&document), case["schema"] == "cannot tell", "{text}");
        }
    }
}

#[test]
fn a_document_that_is_cut_or_changed_is_refused_with_a_place_or_says_the_same_when_it_is_written() {
    let document = read("every_rule.json");
    let (mut accepted, mut refused) = (0, 0);
    let mut check = |text: &str| match Limit::from_json(text) {
        Ok(limit) => {
            assert_eq!(Limit::from_json(&limit.to_json().unwrap()).unwrap(), limit);
            accepted += 1;
        }
        Err(Error::InvalidRules { place, .. }) => {
            assert!(place.is_empty() || place.starts_with('/'), "{place}");
            refused += 1;
        }
        Err(Error::Incompatible { .. }) => refused += 1,
        Err(error) => panic!("{error:?}"),
    };
    for (at, c) in document.char_indices() {
        let (before, rest) = (&document[..at], &document[at + c.len_utf8()..]);
        check(before);
        for part in ["", "\"", "0", "9", "-", "{", "]", ",", "M", "\\", " "] {
            check(&format!("{before}{part}{rest}"));
        }
    }
    assert!(accepted > 500 && refused > 5_000, "{accepted} {refused}");
}

#[test]
fn a_limit_that_has_no_json_form_names_the_place() {
    let custom = || Schedule::Custom(Arc::new(|_| true));
    let one = |limit: Limit| Limit::new().cooldown("x", Duration::days(1)).any_of([limit]);
    let long = Duration::days(3_660_000) + Duration::milliseconds(1);
    for (limit, place_of_fault) in [
        (one(Limit::new().during(custom())), "/all/1/any/0/during"),
        (one(Limit::new().outside_of(custom())), "/all/1/any/0/outside_of"),
        (one(Limit::new().at_most("x", 1, Duration::MAX)), "/all/1/any/0/within"),
        (one(Limit::new().at_least("x", 1, long)), "/all/1/any/0/within"),
        (one(Limit::new().cooldown("x", long)), "/all/1/any/0/cooldown"),
        (one(Limit::new().within("x", long)), "/all/1/any/0/happened_within"),
        (one(Limit::new().at_most("x", 1, (1 << 32, TimeUnit::Days))), "/all/1/any/0/within"),
        (one(Limit::new().at_most("ü".repeat(513), 1, TimeUnit::Days)), "/all/1/any/0/of"),
        (one(Limit::new().at_most("x", 1, (0, TimeUnit::Days))), ""),
        (one(Limit::new()), ""),
        (Limit::new().also_record("x").also_record("x"), ""),
    ] {
        assert_eq!(place(&limit.to_json().unwrap_err()), place_of_fault);
        let set: LimitSet = [("a/b".to_owned(), limit)].into_iter().collect();
        assert_eq!(place(&set.to_json().unwrap_err()), format!("/limits/a~1b{place_of_fault}"));
    }
    for name in [String::new(), "x".repeat(1_025)] {
        let set: LimitSet = [(name.clone(), Limit::new())].into_iter().collect();
        assert_eq!(place(&set.to_json().unwrap_err()), format!("/limits/{name}"));
    }
}

#[test]
fn schedules_that_say_the_same_are_written_the_same() {
    let written = |schedule| Limit::new().during(schedule).to_json().unwrap();
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    assert_eq!(written(Schedule::weekdays()), written(Schedule::days_of_week(&days).unwrap()));
    assert_eq!(written(Schedule::hours(9, 24).unwrap()), written(Schedule::daily((9, 0), (24, 0)).unwrap()));
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert!(
        written(Schedule::dates(date("0001-02-03"), date("2026-12-24")).unwrap())
            .contains(r#"{"first_date":"0001-02-03","last_date":"2026-12-24","zone":"utc"}"#)
    );
}

#[test]
fn all_time_is_one_window_whatever_its_number_of_units_is() {
    let ever = |count| Limit::new().at_least("x", 1, (count, TimeUnit::Ever));
    assert_eq!(ever(5), ever(1));
    assert_eq!(ever(5).to_json().unwrap(), ever(1).to_json().unwrap());
    let rule =
        Constraint::AtLeast { event_id: "x".into(), count: 1, window_count: 1, time_unit: TimeUnit::Ever };
    assert_eq!(ever(5).constraints(), [rule]);
    assert!(ever(0).to_json().is_err());
}
