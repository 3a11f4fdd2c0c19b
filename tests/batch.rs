//! Questions as data: they say what the queries say, and all of it at one instant.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Duration, TimeZone, Utc};
use tiny_counter::{Answer, Error, EventStore, Measure, QueryRange, Question, TestClock, TimeUnit, Zone};

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 10, 12, 0, 0).unwrap()
}

fn store() -> (EventStore, TestClock) {
    let clock = TestClock::build_for_testing_at(noon());
    let store =
        EventStore::builder().with_clock(Arc::new(clock.clone())).with_zone(Zone::utc()).build().unwrap();
    (store, clock)
}

fn names(events: &[&str]) -> Vec<String> {
    events.iter().map(|name| (*name).to_owned()).collect()
}

fn days(range: std::ops::Range<usize>) -> QueryRange {
    QueryRange::Units(TimeUnit::Days, range)
}

fn counts(events: &[&str], range: QueryRange, measure: Measure) -> Question {
    Question::Counts { events: names(events), range, measure }
}

/// Two events over four days: `a` 1, 0, 2, 4 and `b` 0, 0, 3, 0, today last.
fn four_days() -> EventStore {
    let (store, clock) = store();
    for (a, b) in [(1, 0), (0, 0), (2, 3), (4, 0)] {
        for (name, count) in [("a", a), ("b", b)] {
            if count > 0 {
                store.record_count(name, count);
            }
        }
        clock.advance(Duration::days(1));
    }
    clock.advance(-Duration::days(1));
    store
}

#[test]
fn one_event_is_read_as_its_query_reads_it() {
    let store = four_days();
    let ranges = [
        days(0..7),
        days(1..3),
        days(0..0),
        QueryRange::Units(TimeUnit::Ever, 0..usize::MAX),
        QueryRange::Units(TimeUnit::Seconds, 0..5),
        QueryRange::Rolling(Duration::hours(30)),
    ];
    for event in ["a", "b", "unknown"] {
        for range in ranges.clone() {
            let query = || match range.clone() {
                QueryRange::Units(TimeUnit::Days, range) => store.query(event).days(range),
                QueryRange::Units(TimeUnit::Ever, _) => store.query(event).ever(),
                QueryRange::Units(_, range) => store.query(event).last_seconds(range.end),
                QueryRange::Rolling(window) => store.query(event).rolling(window),
            };
            let count = |count: Option<u64>| count.map_or(Answer::Absent, Answer::Count);
            let number = |number: Option<f64>| number.map_or(Answer::Absent, Answer::Number);
            let place = |place: Option<usize>| count(place.map(|place| place as u64));
            let expected = [
                (Measure::Total, count(query().total())),
                (Measure::Average, number(query().average())),
                (Measure::AverageNonzero, number(query().average_nonzero())),
                (Measure::CountNonzero, place(query().count_nonzero())),
                (Measure::Newest, place(query().last_seen())),
                (Measure::Oldest, place(query().first_seen())),
            ];
            for (measure, expected) in expected {
                let answers = store.ask(&[counts(&[event], range.clone(), measure)]).unwrap();
                assert_eq!(answers, [expected], "{event} {range:?} {measure:?}");
            }
        }
    }
    let answers = store.ask(&[
        counts(&["a"], days(0..5), Measure::Buckets),
        Question::LastSeen { events: names(&["b"]) },
        Question::FirstSeen { events: names(&["a"]) },
        Question::Lifetime { events: names(&["a"]) },
        Question::LastSeen { events: names(&["unknown"]) },
    ]);
    let expected = [
        Answer::Buckets(vec![4, 2, 0, 1, 0]),
        Answer::Ago(Duration::days(1)),
        Answer::Ago(Duration::days(3)),
        Answer::Count(7),
        Answer::Absent,
    ];
    assert_eq!(answers.unwrap(), expected);
}

#[test]
fn several_events_are_read_as_one() {
    let store = four_days();
    let both = ["a", "b", "unknown"];
    let answers = store.ask(&[
        counts(&both, days(0..4), Measure::Total),
        counts(&both, days(0..4), Measure::Buckets),
        counts(&both, days(0..4), Measure::CountNonzero),
        counts(&["b", "b"], days(0..4), Measure::Total),
        counts(&[], days(0..4), Measure::Total),
        Question::LastSeen { events: names(&["b", "a"]) },
        Question::FirstSeen { events: names(&["b", "a"]) },
        Question::Lifetime { events: names(&both) },
    ]);
    let expected = [
        Answer::Count(10),
        Answer::Buckets(vec![4, 5, 0, 1]),
        Answer::Count(3),
        Answer::Count(6),
        Answer::Absent,
        Answer::Ago(Duration::zero()),
        Answer::Ago(Duration::days(3)),
        Answer::Count(10),
    ];
    assert_eq!(answers.unwrap(), expected);
}

#[test]
fn ratios_and_differences_are_those_of_their_queries() {
    let store = four_days();
    let ratio = |one: &str, other: &str| Question::Ratio {
        numerator: one.into(),
        denominator: other.into(),
        range: days(0..4),
    };
    let delta = |range: QueryRange| Question::Delta { positive: "b".into(), negative: "a".into(), range };
    let average = Question::DeltaAverage { positive: "b".into(), negative: "a".into(), range: days(0..4) };
    let answers = store.ask(&[
        ratio("b", "a"),
        ratio("a", "a"),
        ratio("a", "unknown"),
        delta(days(0..4)),
        delta(days(1..2)),
        delta(QueryRange::Units(TimeUnit::Seconds, 0..5)),
        average,
    ]);
    let expected = [
        Answer::Number(store.query_ratio("b", "a").last_days(4).unwrap()),
        Answer::Number(1.0),
        Answer::Absent,
        Answer::Difference(-4),
        Answer::Difference(1),
        Answer::Difference(0),
        Answer::Number(store.query_delta("b", "a").last_days(4).average()),
    ];
    assert_eq!(answers.unwrap(), expected);
}

#[test]
fn a_batch_is_read_at_one_instant() {
    let (store, _) = store();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                store.record("x");
            }
        });
        let total = || counts(&["x"], days(0..1), Measure::Total);
        for _ in 0..2_000 {
            let answers =
                store.ask(&[total(), Question::Lifetime { events: names(&["x"]) }, total()]).unwrap();
            assert_eq!(answers[0], answers[1]);
            assert_eq!(answers[1], answers[2]);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_closed_store_does_not_answer() {
    let (store, _) = store();
    store.record("x");
    assert_eq!(store.ask(&[]).unwrap(), []);
    store.shutdown().unwrap();
    assert!(matches!(store.ask(&[]), Err(Error::Closed)));
}
