//! What the limits of a document decide.
//!
//! `fixtures/rules/decisions.json` and `decisions_since.json` are tables: the file of the rules, the
//! zone, the markers that the store declares, and steps in the order of their instants. A step with `record` records an event. A step with `limit` asks the
//! limit of this name: with `ask` without recording, with `decide` with recording. `allowed` is the
//! answer. `retry_at` is the first instant at which the whole limit passes if nothing else is
//! recorded; null if waiting does not help. The same table is for every language.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use tiny_counter::{EventStore, Limit, LimitSet};

use super::{json, read};
use crate::common::stores::{clock, clock_at, in_memory, instant, under};

fn at(step: &Value) -> DateTime<Utc> {
    instant(step["at"].as_str().unwrap())
}

#[test]
fn a_document_decides_as_the_table_says() {
    decide_as("decisions.json");
}

#[test]
fn a_document_with_markers_decides_as_the_table_says() {
    decide_as("decisions_since.json");
}

fn decide_as(table: &str) {
    let table = json(&read(table));
    let rules = LimitSet::from_json(&read(table["rules"].as_str().unwrap())).unwrap();
    assert_eq!(table["zone"], "UTC");
    let steps = table["steps"].as_array().unwrap();
    let clock = clock_at(at(&steps[0]));
    let markers = table["markers"].as_array().into_iter().flatten();
    let declared = markers.fold(under(&clock), |builder, name| builder.with_marker(name.as_str().unwrap()));
    let store = declared.build().unwrap();
    for step in steps {
        clock.set(at(step));
        if let Some(event) = step["record"].as_str() {
            store.record(event);
            continue;
        }
        let limit = rules.get(step["limit"].as_str().unwrap()).unwrap();
        let prepared = store.prepare(limit.clone()).unwrap();
        let answer = match (step["ask"].as_str(), step["decide"].as_str()) {
            (Some(event), None) => prepared.check(event),
            (None, Some(event)) => prepared.check_and_record(event),
            _ => panic!("{step}"),
        };
        assert_eq!(answer.is_ok(), step["allowed"].as_bool().unwrap(), "{step}");
        if let Err(error) = answer {
            let wait = error.as_limit_exceeded().expect("a refusal").allowed_after();
            let retry_at = step["retry_at"].as_str().map(instant);
            assert_eq!(wait.map(|wait| at(step) + wait), retry_at, "{step}");
        }
    }
    for (name, _) in rules.iter() {
        assert!(steps.iter().any(|step| step["limit"] == name), "no step asks {name}");
    }
}

/// A limit of one rule.
fn one(rule: &str) -> Limit {
    Limit::from_json(&format!(r#"{{"version": 1, "all": [{rule}]}}"#)).unwrap()
}

fn allows(store: &EventStore, limit: Limit) -> bool {
    store.prepare(limit).unwrap().allowed("prompt")
}

#[test]
fn a_changed_rule_sees_the_whole_history() {
    let clock = clock();
    let store = in_memory(&clock);
    let hour = Duration::hours(1);
    let first = store.prepare(one(r#"{"at_most": 3, "of": "prompt", "within": "P1D"}"#)).unwrap();
    for _ in 0..3 {
        first.check_and_record("prompt").unwrap();
        clock.advance(hour);
    }
    assert!(!first.allowed("prompt"));
    // Other numbers, windows and kinds of rules count what was recorded under the first rule.
    assert!(allows(&store, one(r#"{"at_most": 4, "of": "prompt", "within": "P1D"}"#)));
    assert!(!allows(&store, one(r#"{"at_most": 3, "of": "prompt", "within": {"weeks": 1}}"#)));
    assert!(allows(&store, one(r#"{"at_least": 3, "of": "prompt", "within": "ever"}"#)));
    assert!(!allows(&store, one(r#"{"at_least": 4, "of": "prompt", "within": "ever"}"#)));
    assert!(allows(&store, one(r#"{"cooldown": "PT1H", "of": "prompt"}"#)));
    assert!(!allows(&store, one(r#"{"cooldown": "PT1H0.001S", "of": "prompt"}"#)));
    // And the first rule again, as if it had never been away.
    assert!(!first.allowed("prompt"));
    assert_eq!(store.query("prompt").ever().sum(), Some(3));
}
