//! Each example in `docs/rules.md` decides as the sentence beside it says.

use tiny_counter::{EventStore, Limit, LimitSet, Occurrence};

use super::documentation::examples;
use super::json;
use crate::common::stores::{clock, instant, under};

/// What an example decides. The cases are in the order of the page.
struct Case {
    /// A part of the example.
    part: &'static str,
    /// The event that the limit is asked for.
    event: &'static str,
    /// What happened.
    history: Vec<(&'static str, &'static str)>,
    /// When the limit is asked, and whether it allows the event. It is recorded then.
    asked: Vec<(&'static str, bool)>,
}

fn cases() -> Vec<Case> {
    let case = |part, event, history, asked| Case { part, event, history, asked };
    let many = |event, times: &[&'static str]| times.iter().map(|at| (event, *at)).collect::<Vec<_>>();
    let twenty = vec!["2026-03-02T10:00:00Z"; 20];
    vec![
        case(
            r#""limits""#,
            "review_prompt",
            vec![
                ("launch", "2026-03-10T00:00:00Z"),
                ("launch", "2026-03-11T11:00:00Z"),
                ("launch", "2026-03-16T12:00:00Z"),
                ("launch", "2026-06-10T08:00:00Z"),
                ("launch", "2026-06-10T08:00:00Z"),
                ("launch", "2026-06-10T08:00:00Z"),
                ("crash", "2026-06-14T12:20:00Z"),
            ],
            vec![
                ("2026-03-16T11:59:59.999Z", false), // the second launch in seven days was the last
                ("2026-03-16T20:59:59.999Z", true),
                ("2026-06-14T12:00:00Z", false),     // within 90 days
                ("2026-06-15T09:00:00Z", false),     // within 48 hours of the crash
                ("2026-06-16T08:59:59.999Z", false), // before 9 o'clock
                ("2026-06-16T12:19:59.999Z", false), // within 48 hours of the crash
                ("2026-06-16T21:00:00Z", false),     // after 21 o'clock
                ("2026-06-17T09:00:00Z", false),     // the launches were more than six days before
            ],
        ),
        case(
            r#""of": "survey""#,
            "survey",
            vec![],
            vec![("2026-03-10T10:00:00Z", true), ("2027-03-10T10:00:00Z", false)],
        ),
        case(
            r#"{"at_most": 2, "of": "tip""#,
            "tip",
            vec![],
            vec![
                ("2026-03-10T10:00:00Z", true),
                ("2026-03-10T10:00:01Z", true),
                ("2026-03-10T23:59:59.999Z", false),
                ("2026-03-11T00:00:00Z", true),
            ],
        ),
        case(
            r#"{"at_most": 3, "of": "crash""#,
            "prompt",
            many("crash", &["2026-03-09T00:00:00Z", "2026-03-10T10:00:00Z", "2026-03-11T10:00:00Z"]),
            vec![
                ("2026-03-11T09:59:59.999Z", true), // two crashes this week
                ("2026-03-15T23:59:59.999Z", false),
                ("2026-03-16T00:00:00Z", true), // Monday
            ],
        ),
        case(
            r#"{"at_least": 5, "of": "launch""#,
            "prompt",
            many("launch", &["2026-03-10T10:00:00Z"; 4])
                .into_iter()
                .chain([("launch", "2026-03-11T10:00:00Z")])
                .collect(),
            vec![
                ("2026-03-11T09:59:59.999Z", false),
                ("2026-03-11T10:00:00Z", true),
                ("2028-03-11T10:00:00Z", true),
            ],
        ),
        case(
            r#"{"cooldown": "PT12H""#,
            "prompt",
            many("crash", &["2026-03-10T10:00:00.500Z"]),
            vec![
                ("2026-03-10T10:00:00.499Z", true),
                ("2026-03-10T10:00:00.500Z", false),
                ("2026-03-10T22:00:00.499Z", false),
                ("2026-03-10T22:00:00.500Z", true),
            ],
        ),
        case(
            r#"{"happened_within": "PT24H""#,
            "prompt",
            many("purchase", &["2026-03-10T10:00:00.500Z"]),
            vec![
                ("2026-03-10T10:00:00.499Z", false),
                ("2026-03-11T10:00:00.500Z", true),
                ("2026-03-11T10:00:00.501Z", false),
            ],
        ),
        case(
            r#"{"during": {"from": "09:00""#,
            "prompt",
            vec![],
            vec![
                ("2026-03-10T08:59:59.999Z", false),
                ("2026-03-10T09:00:00Z", true),
                ("2026-03-10T20:59:59.999Z", true),
                ("2026-03-10T21:00:00Z", false),
            ],
        ),
        case(
            r#"{"outside_of": {"weekdays": ["sat", "sun"]}}"#,
            "prompt",
            vec![],
            vec![
                ("2026-03-13T23:59:59.999Z", true), // Friday
                ("2026-03-14T00:00:00Z", false),
                ("2026-03-15T23:59:59.999Z", false),
                ("2026-03-16T00:00:00Z", true),
            ],
        ),
        case(
            r#""none": ["#,
            "prompt",
            many("launch", &twenty)
                .into_iter()
                .chain([
                    ("purchase", "2026-03-01T10:00:00Z"),
                    ("crash", "2026-03-03T10:00:00Z"),
                    ("complaint", "2026-03-12T10:00:00Z"),
                    ("purchase", "2026-03-13T10:00:00Z"),
                ])
                .collect(),
            vec![
                ("2026-03-01T09:59:59.999Z", false),
                ("2026-03-01T10:00:00Z", true), // the first purchase
                ("2026-03-02T10:00:00Z", true),
                ("2026-03-02T10:00:00.001Z", true), // 20 launches
                ("2026-03-03T10:00:00Z", false),    // the crash
                ("2026-03-10T10:00:00Z", false),
                ("2026-03-10T10:00:00.001Z", true),
                ("2026-03-12T10:00:00Z", false), // the complaint
                ("2026-03-13T10:00:00Z", true),  // the second purchase
                ("2026-03-14T10:00:00.001Z", false),
            ],
        ),
        case(
            "tiny-counter.session",
            "message",
            many("tiny-counter.session", &["2026-03-10T10:00:00Z", "2026-03-10T12:00:00Z"]),
            vec![
                ("2026-03-10T10:00:01Z", true),
                ("2026-03-10T11:59:59.999Z", false),
                ("2026-03-10T12:00:01Z", true),
                ("2026-03-12T12:00:00Z", false),
            ],
        ),
        case(
            r#"{"since": "review_prompt"}"#,
            "other",
            vec![
                ("launch", "2026-03-10T10:00:00Z"),
                ("launch", "2026-03-10T11:00:00Z"),
                ("review_prompt", "2026-03-10T12:00:00Z"),
                ("launch", "2026-03-11T10:00:00Z"),
                ("launch", "2026-03-11T11:00:00Z"),
                ("launch", "2026-03-11T12:00:00Z"),
            ],
            vec![("2026-03-11T11:59:59.999Z", false), ("2026-03-11T12:00:00Z", true)],
        ),
        case(
            r#""until": "17:00""#,
            "prompt",
            vec![],
            vec![
                ("2026-03-13T08:59:59.999Z", false), // Friday
                ("2026-03-13T09:00:00Z", true),
                ("2026-03-13T17:00:00Z", false),
                ("2026-03-14T10:00:00Z", false),
                ("2026-03-16T16:59:59.999Z", true),
            ],
        ),
    ]
}

/// The limit of an example.
fn limit(example: &str) -> Limit {
    let value = json(example);
    match (value.get("limits"), value.get("version")) {
        (Some(_), _) => LimitSet::from_json(example).unwrap().get("review_prompt").unwrap().clone(),
        (None, Some(_)) => Limit::from_json(example).unwrap(),
        (None, None) => Limit::from_json(&format!("{{\"version\": 1, \"all\": [{example}]}}")).unwrap(),
    }
}

#[test]
fn every_example_of_the_documentation_decides_as_the_page_says() {
    let (page, cases) = (examples(), cases());
    let store = under(&clock()).with_marker("review_prompt").build().unwrap();
    assert_eq!(page.len(), cases.len(), "every example has a case");
    for (example, case) in page.iter().zip(cases) {
        assert!(example.contains(case.part), "{} is not in {example}", case.part);
        let limit = store.prepare(limit(example)).unwrap();
        let history = case.history.iter().map(|(event, at)| Occurrence {
            at: instant(at),
            event_id: (*event).into(),
            count: 1,
        });
        let asked = case.asked.iter().map(|(at, _)| instant(at));
        let allowed = limit.rehearse(case.event, history, asked).unwrap();
        let expected = case.asked.iter().filter(|(_, allowed)| *allowed).map(|(at, _)| instant(at));
        assert_eq!(allowed, expected.collect::<Vec<_>>(), "{example}");
    }
}

#[test]
fn what_the_first_example_shows_is_recorded_with_what_it_also_records() {
    let clock = clock();
    let store: EventStore = under(&clock).build().unwrap();
    let prompt = store.prepare(limit(&examples()[0])).unwrap();
    (0..3).for_each(|_| store.record("launch"));
    assert!(prompt.check_and_record("review_prompt").is_ok());
    assert!(prompt.check_and_record("review_prompt").is_err());
    for event in ["review_prompt", "any_message"] {
        assert_eq!(store.query(event).ever().sum(), Some(1), "{event}");
    }
}
