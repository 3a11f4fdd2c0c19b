//! The examples in `docs/rules.md` are documents and rules that are accepted.

use chrono::Duration;
use tiny_counter::{EventStore, Limit, LimitSet, TimeUnit};

use super::json;
use super::schema::Schema;

/// The examples of the page, in their order.
pub fn examples() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    let page = std::fs::read_to_string(path).unwrap();
    let blocks = page.split("```json\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn every_example_of_the_documentation_is_accepted_and_fits_a_store() {
    let examples = examples();
    assert!(examples.len() >= 10);
    let schema = Schema::of_rules();
    let store = EventStore::builder().with_marker("review_prompt").build().unwrap();
    for example in &examples {
        let value = json(example);
        let document = match value.get("version") {
            Some(_) => example.to_owned(),
            None => format!("{{\"version\": 1, \"all\": [{example}]}}"),
        };
        assert!(schema.accepts(&json(&document)), "{example}");
        let limits: Vec<Limit> = if value.get("limits").is_some() {
            LimitSet::from_json(&document).unwrap().iter().map(|(_, limit)| limit.clone()).collect()
        } else {
            vec![Limit::from_json(&document).unwrap()]
        };
        for limit in limits {
            store.prepare(limit).unwrap();
        }
    }
}

#[test]
fn the_default_store_reaches_as_far_as_the_documentation_says() {
    let store = EventStore::new();
    let fits = |within: &str| {
        let text = format!(r#"{{"version": 1, "all": [{{"at_most": 2, "of": "x", "within": {within}}}]}}"#);
        store.prepare(Limit::from_json(&text).unwrap()).is_ok()
    };
    for (unit, most) in
        [("minutes", 60), ("hours", 72), ("days", 56), ("weeks", 52), ("months", 12), ("years", 4)]
    {
        assert!(fits(&format!("{{\"{unit}\": {most}}}")), "{most} {unit}");
        assert!(!fits(&format!("{{\"{unit}\": {}}}", most + 1)), "{most} {unit}");
    }
    let reach = [TimeUnit::Minutes, TimeUnit::Hours, TimeUnit::Days, TimeUnit::Weeks, TimeUnit::Years]
        .map(|unit| store.reach(unit).unwrap());
    let expected = [
        Duration::minutes(119),
        Duration::hours(143),
        Duration::days(111),
        Duration::weeks(103),
        Duration::days(2_555),
    ];
    assert_eq!(reach, expected);
    assert!(!fits(r#"{"seconds": 1}"#));
    assert!(fits(r#""P2555D""#));
    assert!(!fits(r#""P2555DT0.001S""#));
}
