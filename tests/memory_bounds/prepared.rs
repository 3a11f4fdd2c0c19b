//! Prepared limits and questions allocate nothing when they are asked.

use chrono::Duration;
use tiny_counter::{Answer, EventStore, Limit, Measure, QueryRange, Question, Schedule, TimeUnit, since};

use crate::allocator::most;
use crate::common::shared_storage::SharedStorage;
use crate::common::stores::{clock, in_memory, on_log, on_storage, under};

/// A name that is too long to be kept inline.
const LONG: &str = "an event with a name that is much longer than forty bytes, as generated names are";

fn limit() -> Limit {
    let branch = Limit::new().at_least("launch", 2, Duration::days(28)).within(LONG, Duration::days(3));
    let limit = Limit::new()
        .at_most("prompt", 3, Duration::days(7))
        .at_most("prompt", 9, (28, TimeUnit::Days))
        .at_least("launch", 1, TimeUnit::Ever)
        .at_most("prompt", 9, since(LONG))
        .at_least("launch", 1, since("update"))
        .cooldown("crash", Duration::days(2));
    let limit = limit.during(Schedule::daily((8, 0), (22, 0)).unwrap()).outside_of(Schedule::weekends());
    limit.any_of([branch.clone(), Limit::new().none_of([branch])]).also_record(LONG)
}

fn filled() -> (tiny_counter::TestClock, EventStore) {
    let clock = clock();
    let store = under(&clock).with_marker(LONG).with_marker("update").build().unwrap();
    for event in ["launch", "prompt", LONG] {
        store.record_ago(event, Duration::days(20));
    }
    store.record("update");
    store.record(LONG);
    store.record("launch");
    (clock, store)
}

#[test]
fn a_prepared_limit_allocates_nothing_when_it_is_asked() {
    let (clock, store) = filled();
    let prepared = store.prepare(limit()).unwrap();
    // The first decision makes room for counts.
    prepared.check_and_record("prompt").unwrap();
    clock.advance(Duration::seconds(5));
    let (_, allocated) = most(|| {
        prepared.check("prompt").unwrap();
        assert!(prepared.allowed("prompt"));
        assert_eq!(prepared.usage("prompt").unwrap().remaining, 2);
        prepared.check_and_record("prompt").unwrap();
        prepared.check_and_record("prompt").unwrap();
        assert!(!prepared.allowed("prompt"), "a refusal without details");
    });
    assert_eq!(allocated, 0);
    let (refused, allocated) = most(|| prepared.check("prompt"));
    assert!(refused.is_err() && allocated > 0, "the details of a refusal are allocated");
}

#[test]
fn a_prepared_question_allocates_nothing_when_it_is_asked() {
    let (_clock, store) = filled();
    let events = || vec!["launch".to_owned(), LONG.to_owned(), "never".to_owned()];
    let mut questions =
        vec![Question::LastSeen { events: events() }, Question::FirstSeen { events: events() }];
    questions.push(Question::Lifetime { events: events() });
    let measures = [Measure::Total, Measure::Average, Measure::AverageNonzero, Measure::CountNonzero];
    for measure in measures.into_iter().chain([Measure::Newest, Measure::Oldest]) {
        for range in [QueryRange::Units(TimeUnit::Days, 0..56), QueryRange::Rolling(Duration::days(30))] {
            questions.push(Question::Counts { events: events(), range, measure });
        }
    }
    questions.push(Question::Since { events: events(), marker: "update".to_owned() });
    let range = || QueryRange::Units(TimeUnit::Weeks, 0..9);
    let (one, other) = (|| "launch".to_owned(), || LONG.to_owned());
    questions.push(Question::Ratio { numerator: one(), denominator: other(), range: range() });
    questions.push(Question::Delta { positive: one(), negative: other(), range: range() });
    questions.push(Question::DeltaAverage { positive: one(), negative: other(), range: range() });
    for question in questions {
        let prepared = store.prepare_question(question.clone()).unwrap();
        let (answer, allocated) = most(|| prepared.ask().unwrap());
        assert_eq!(allocated, 0, "{question:?}");
        assert_eq!([answer], store.ask(&[question]).unwrap()[..]);
    }
}

#[test]
fn asking_about_events_that_never_happened_allocates_nothing_in_a_stored_store() {
    let (clock, dir, storage) = (clock(), tempfile::tempdir().unwrap(), SharedStorage::default());
    // A store that is opened again has read nothing yet.
    for _ in ["new", "opened again"] {
        for store in [in_memory(&clock), on_log(&clock, dir.path()), on_storage(&clock, &storage)] {
            for event in ["prompt", "~reserved", LONG] {
                let limit = Limit::new().at_most(event, 1, Duration::days(7));
                let limit = store.prepare(limit.cooldown("crash", Duration::days(2))).unwrap();
                let events = vec![event.to_owned(), "crash".to_owned()];
                let question = store.prepare_question(Question::LastSeen { events }).unwrap();
                let ask = || (limit.allowed(event), limit.check(event), question.ask());
                let (answers, allocated) = most(ask);
                assert!(matches!(answers, (true, Ok(()), Ok(Answer::Absent))), "{answers:?}");
                assert_eq!(allocated, 0);
            }
            store.record("launch");
        }
    }
}
