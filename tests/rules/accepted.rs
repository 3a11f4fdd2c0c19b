//! Documents that are accepted, and the form in which they are written again.
//!
//! `NAME.canonical.json` is what `to_json` writes for `NAME.json`. `TINY_COUNTER_WRITE_FIXTURES=1
//! cargo test --test rules` writes what is missing.

use std::fs;

use tiny_counter::{Limit, LimitSet, Result};

use super::schema::Schema;
use super::{fixture, json, read};

const LIMITS: [&str; 3] = ["every_rule", "groups", "no_rules"];
const SETS: [&str; 3] = ["app", "no_limits", "since"];

fn limit(text: &str) -> Result<String> {
    Limit::from_json(text)?.to_json()
}

fn set(text: &str) -> Result<String> {
    LimitSet::from_json(text)?.to_json()
}

/// The accepted documents, and what reads and writes each of them.
fn documents() -> impl Iterator<Item = (&'static str, fn(&str) -> Result<String>)> {
    let limits = LIMITS.map(|name| (name, limit as fn(&str) -> Result<String>));
    limits.into_iter().chain(SETS.map(|name| (name, set as fn(&str) -> Result<String>)))
}

#[test]
fn every_document_is_written_as_its_canonical_form() {
    for (name, rewrite) in documents() {
        let canonical = format!("{name}.canonical.json");
        let written = rewrite(&read(&format!("{name}.json"))).unwrap();
        if std::env::var_os("TINY_COUNTER_WRITE_FIXTURES").is_some() && !fixture(&canonical).exists() {
            fs::write(fixture(&canonical), format!("{written}\n")).unwrap();
        }
        assert_eq!(format!("{written}\n"), read(&canonical), "{name}");
        assert_eq!(rewrite(&written).unwrap(), written, "{name}: the canonical form stays as it is");
    }
}

#[test]
fn every_accepted_document_passes_the_schema() {
    let schema = Schema::of_rules();
    for (name, _) in documents() {
        for file in [format!("{name}.json"), format!("{name}.canonical.json")] {
            assert!(schema.accepts(&json(&read(&file))), "{file}");
        }
    }
}

#[test]
fn a_limit_is_that_of_the_rust_calls() {
    use chrono::Duration;
    use tiny_counter::{Schedule, TimeUnit};

    let rules = LimitSet::from_json(&read("app.json")).unwrap();
    assert!(rules.names().eq(["off/for ~now", "offer", "review_prompt", "tip"]));
    assert_eq!((rules.len(), rules.is_empty(), rules.get("Tip")), (4, false, None));
    let review = Limit::new()
        .at_most("review_prompt", 1, Duration::days(7))
        .at_least("launch", 3, TimeUnit::Ever)
        .cooldown("crash", Duration::days(2))
        .during(Schedule::hours_local_tz(9, 21).unwrap());
    assert_eq!(rules.get("review_prompt"), Some(&review));
    let tip = Limit::new()
        .at_most("tip", 2, TimeUnit::Days)
        .at_most("any_message", 3, Duration::days(7))
        .none_of([Limit::new().within("crash", Duration::hours(1))])
        .also_record("any_message");
    assert_eq!(rules.get("tip"), Some(&tip));
    assert!(rules.iter().map(|(name, _)| name).eq(rules.names()));
    let same: LimitSet = rules.iter().map(|(name, limit)| (name.to_owned(), limit.clone())).collect();
    assert_eq!(same, rules);
}

#[test]
fn a_byte_order_mark_and_any_white_space_are_allowed() {
    let text = "\u{feff} \r\n\t{ \"version\" :1 , \"all\":[ ] } \n";
    assert_eq!(Limit::from_json(text).unwrap(), Limit::new());
}
