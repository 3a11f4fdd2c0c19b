//! Queries, single and in batches.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Duration;
use common::*;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::Error;
use tiny_counter::{
    Answer, CountBounds, EventStore, Measure, QueryRange, Question, RangeQuery, TestClock, TimeUnit,
};

fn store() -> (EventStore, TestClock) {
    let clock = clock_at(instant("2026-03-10T12:00:00Z"));
    (in_memory(&clock), clock)
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

/// Two events over four days: 1, 0, 2 and today 4 of `a`; 0, 0, 3 and today 0 of `b`.
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
fn a_question_about_one_event_equals_its_query() {
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
            let question = Question::Bounds { events: names(&[event]), range: range.clone() };
            let expected = query().bounds().map_or(Answer::Absent, Answer::Bounds);
            assert_eq!(store.ask(&[question]).unwrap(), [expected], "{event} {range:?}");
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
fn the_dates_of_the_first_and_the_last_recording_are_exact_and_never_after_now() {
    let clock = clock();
    let store = in_memory(&clock);
    let first = store.clock_now() - Duration::days(400) + Duration::milliseconds(7);
    store.record_at("a", first).unwrap();
    store.record("b");
    clock.advance(Duration::milliseconds(1_234));
    assert_eq!((store.query("a").first_date(), store.query("a").last_date()), (Some(first), Some(first)));
    assert_eq!(store.query("b").last_date(), Some(store.clock_now() - Duration::milliseconds(1_234)));
    assert_eq!(store.query("never").last_date(), None);
    let both = || names(&["a", "b", "never"]);
    let answers =
        store.ask(&[Question::FirstDate { events: both() }, Question::LastDate { events: both() }]).unwrap();
    assert_eq!(answers, [Answer::Date(first), Answer::Date(store.query("b").last_date().unwrap())]);
    // Another device's clock is ahead by less than is accepted.
    let other = in_memory(&clock_at(store.clock_now() + Duration::seconds(30)));
    other.record("c");
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    assert_eq!(store.query("c").last_date(), Some(store.clock_now()));
    assert_eq!(store.query("c").last_seen(), Some(Duration::zero()));
}

#[test]
fn the_bounds_of_several_events_add_up_and_say_whether_all_is_known() {
    let clock = clock();
    let store = under(&clock).track_days(3).build().unwrap();
    store.record("a");
    clock.advance(Duration::days(30));
    store.record_count("a", 2);
    store.record_count("b", 3);
    let bounds = |days: usize| {
        let range = QueryRange::Units(TimeUnit::Days, 0..days);
        store.ask(&[Question::Bounds { events: names(&["a", "b"]), range }]).unwrap()
    };
    assert_eq!(bounds(3), [Answer::Bounds(CountBounds { lower: 5, upper: 5 })]);
    assert_eq!(
        bounds(40),
        [Answer::Bounds(
            store
                .query("a")
                .last_days(40)
                .bounds()
                .map(|a| { CountBounds { lower: a.lower + 3, upper: a.upper + 3 } })
                .unwrap()
        )]
    );
    let is_complete = |events: &[&str], days: usize| {
        let range = QueryRange::Units(TimeUnit::Days, 0..days);
        store.ask(&[Question::IsComplete { events: names(events), range }]).unwrap() == [Answer::Flag(true)]
    };
    assert!(store.query("a").last_days(3).is_complete() && is_complete(&["a", "b"], 3));
    // A sum ends at the tracked buckets.
    assert_eq!(store.query("a").last_days(40).sum(), Some(2));
    assert!(!store.query("a").last_days(40).is_complete() && !is_complete(&["a", "b"], 40));
    assert_eq!(store.query("b").last_days(40).sum(), Some(3));
    assert!(store.query("b").last_days(40).is_complete() && is_complete(&["b", "never"], 40));
    assert!(!store.query("never").last_days(3).is_complete() && !is_complete(&["never"], 3));
}

#[test]
fn a_question_about_several_events_adds_them_together() {
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
fn questions_about_ratios_and_differences_equal_their_queries() {
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
fn a_batch_of_questions_is_answered_at_one_instant() {
    let (store, _) = store();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                store.record("x");
            }
        });
        let total = || counts(&["x"], days(0..1), Measure::Total);
        while store.query("x").lifetime().is_none() {
            std::thread::yield_now();
        }
        for _ in 0..2_000 {
            let answers =
                store.ask(&[total(), Question::Lifetime { events: names(&["x"]) }, total()]).unwrap();
            assert_eq!(answers[0], answers[1]);
            assert_eq!(answers[1], answers[2]);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn queries_with_try_fail_if_the_storage_cannot_be_read() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record_count("x", 3);
    store.record_count("y", 6);
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    storage.set_loading(false);
    let (x, week) = (|| store.query("x"), || store.query("x").last_days(7));
    let many = || store.query_many(&["x", "y"]).last_days(7);
    let delta = || store.query_delta("y", "x").ever();
    let questions = [Question::Lifetime { events: vec!["x".into()] }];
    let fails = [
        x().try_last_seen().is_err(),
        x().try_first_seen().is_err(),
        x().try_first_seen_in(TimeUnit::Days).is_err(),
        x().try_lifetime().is_err(),
        week().try_sum().is_err(),
        week().try_total().is_err(),
        week().try_average().is_err(),
        week().try_average_nonzero().is_err(),
        week().try_count_nonzero().is_err(),
        week().try_last_seen().is_err(),
        week().try_first_seen().is_err(),
        week().try_into_buckets().is_err(),
        many().try_sum().is_err(),
        many().try_average().is_err(),
        store.query_ratio("x", "y").try_last_years(1).is_err(),
        store.query_ratio("x", "y").try_ever().is_err(),
        delta().try_sum().is_err(),
        delta().try_average().is_err(),
        store.try_events().is_err(),
        store.ask(&questions).is_err(),
    ];
    assert_eq!(fails, [true; 20]);
    assert!(matches!(week().try_sum(), Err(Error::Unavailable { .. })));
    assert!(matches!(store.try_events(), Err(Error::Unavailable { .. })));
    assert_eq!(store.ask_memory(&questions).unwrap(), [Answer::Absent]);
    storage.set_loading(true);
    assert_eq!(week().try_sum().unwrap(), Some(3));
    assert_eq!(week().try_into_buckets().unwrap(), [3, 0, 0, 0, 0, 0, 0]);
    assert_eq!(x().try_last_seen().unwrap(), Some(Duration::zero()));
    assert_eq!(many().try_sum().unwrap(), Some(9));
    assert_eq!(store.query_ratio("x", "y").try_ever().unwrap(), Some(0.5));
    assert_eq!(delta().try_sum().unwrap(), 3);
    assert_eq!(store.try_events().unwrap(), ["x", "y"]);
    assert_eq!(store.ask(&questions).unwrap(), [Answer::Count(3)]);
}

#[test]
fn the_buckets_of_days_weeks_months_and_years_have_their_dates_and_those_without_counts_are_there() {
    let clock = clock(); // Wednesday, 2025-06-18
    let store = in_memory(&clock);
    store.record_count("x", 3);
    store.record_ago("x", Duration::days(2));
    store.record_count_ago("x", 2, Duration::days(40));
    let dated = |range: RangeQuery| -> Vec<String> {
        let counts = range.buckets_by_date().into_iter();
        counts.map(|counted| format!("{} {}", counted.date, counted.count)).collect()
    };
    let x = || store.query("x");
    assert_eq!(dated(x().last_days(4)), ["2025-06-15 0", "2025-06-16 1", "2025-06-17 0", "2025-06-18 3"]);
    assert_eq!(dated(x().last_days(4).take(2)), ["2025-06-17 0", "2025-06-18 3"]);
    assert_eq!(dated(x().days(1..3)), ["2025-06-16 1", "2025-06-17 0"]);
    assert_eq!(dated(x().last_weeks(2)), ["2025-06-09 0", "2025-06-16 4"]);
    assert_eq!(dated(x().last_months(3)), ["2025-04-01 0", "2025-05-01 2", "2025-06-01 4"]);
    assert_eq!(dated(x().last_years(1)), ["2025-01-01 6"]);
    assert_eq!(dated(x().ever()).len(), 4, "years are the longest unit");
    assert_eq!(x().last_days(56).buckets_by_date().len(), 56);
    assert!(x().last_hours(3).buckets_by_date().is_empty());
    assert!(x().last_seconds(3).buckets_by_date().is_empty());
    assert!(store.query("never").last_days(3).buckets_by_date().is_empty());
    let question = |measure| Question::Counts {
        events: vec!["x".into(), "never".into()],
        range: QueryRange::Units(TimeUnit::Days, 0..2),
        measure,
    };
    let Answer::Dated(counts) = &store.ask(&[question(Measure::BucketsByDate)]).unwrap()[0] else { panic!() };
    assert_eq!(counts, &x().last_days(2).buckets_by_date());
}
