//! Tests of the calls, through the exported symbols.

// The memory of a caller is written to.
#![allow(unsafe_code)]

use std::sync::Arc;

use super::c::*;
use super::calls::{ABSENT, ABSENT_FLOAT, DONE, NO_INTEGER, NOT_DONE, UNKNOWN};
use super::numbers::{EventLimit, Number, Numbered, issue};
use crate::{EventStore, Limit, Measure, QueryRange, Question, TimeUnit};

fn store() -> Arc<EventStore> {
    Arc::new(EventStore::new())
}

fn event(store: &Arc<EventStore>, name: &str) -> i64 {
    issue(Numbered::Event(Arc::new(store.event_handle(name.into()).unwrap())))
}

fn limit(store: &EventStore, limit: Limit, event: &str) -> Number {
    Number::of(Numbered::Limit(Arc::new(EventLimit {
        core: store.prepare(limit).unwrap(),
        event: event.into(),
    })))
}

fn question(store: &EventStore, question: Question) -> Number {
    Number::of(Numbered::Question(Arc::new(store.prepare_question(question).unwrap())))
}

fn today(event: &str, measure: Measure) -> Question {
    let range = QueryRange::Units(TimeUnit::Days, 0..1);
    Question::Counts { events: vec![event.into()], range, measure }
}

#[test]
fn a_number_records_until_it_is_released() {
    let store = store();
    let tap = event(&store, "tap");
    assert_eq!(tiny_counter_record(tap, 3), DONE);
    assert_eq!(tiny_counter_record(tap, 0), DONE);
    tiny_counter_release(tap);
    tiny_counter_release(tap);
    assert_eq!(tiny_counter_record(tap, 4), UNKNOWN);
    assert_eq!(store.query("tap").lifetime(), Some(3));
}

#[test]
fn the_number_of_an_event_does_not_keep_its_store_open() {
    let store = store();
    let tap = event(&store, "tap");
    assert_eq!(Arc::strong_count(&store), 1);
    drop(store);
    // As on a closed store.
    assert_eq!(tiny_counter_record(tap, 1), DONE);
    tiny_counter_release(tap);
}

#[test]
fn an_unknown_number_or_an_invalid_count_does_nothing() {
    let store = store();
    let tap = event(&store, "tap");
    for count in [-1, 1 << 32, i64::MIN, i64::MAX] {
        assert_eq!(tiny_counter_record(tap, count), NOT_DONE, "{count}");
    }
    let always = limit(&store, Limit::new(), "tap");
    let lifetime = question(&store, Question::Lifetime { events: vec!["tap".into()] });
    for number in [0, -1, i64::MIN, i64::MAX, always.0, lifetime.0] {
        assert_eq!(tiny_counter_record(number, 1), UNKNOWN, "{number}");
    }
    for number in [0, -1, i64::MIN, i64::MAX, tap, lifetime.0] {
        assert_eq!(tiny_counter_allowed(number), UNKNOWN, "{number}");
        assert_eq!(tiny_counter_check_and_record(number), UNKNOWN, "{number}");
    }
    for number in [0, -1, i64::MIN, i64::MAX, tap, always.0] {
        assert_eq!(tiny_counter_integer(number), NO_INTEGER, "{number}");
        assert!(tiny_counter_float(number).is_nan(), "{number}");
    }
    assert_eq!(store.query("tap").lifetime(), None);
    tiny_counter_release(tap);
}

#[test]
fn a_limit_is_asked_and_records() {
    let store = store();
    let once = limit(&store, Limit::new().at_most("x", 1, TimeUnit::Days).also_record("any"), "x");
    assert_eq!(tiny_counter_allowed(once.0), DONE);
    assert_eq!(store.query("x").lifetime(), None);
    assert_eq!(tiny_counter_check_and_record(once.0), DONE);
    assert_eq!(tiny_counter_allowed(once.0), NOT_DONE);
    assert_eq!(tiny_counter_check_and_record(once.0), NOT_DONE);
    assert_eq!(store.query("x").lifetime(), Some(1));
    assert_eq!(store.query("any").lifetime(), Some(1));
}

#[test]
fn a_question_is_answered_by_an_integer_or_a_float() {
    let store = store();
    store.record_count("x", 6);
    store.record_count("y", 8);
    let ask = |asked: Question| {
        let number = question(&store, asked);
        (tiny_counter_integer(number.0), tiny_counter_float(number.0))
    };
    assert_eq!(ask(today("x", Measure::Total)).0, 6);
    assert_eq!(ask(today("x", Measure::CountNonzero)).0, 1);
    assert_eq!(ask(today("x", Measure::Average)), (NO_INTEGER, 6.0));
    assert_eq!(ask(today("z", Measure::Total)).0, ABSENT);
    assert_eq!(ask(today("z", Measure::Average)), (ABSENT, ABSENT_FLOAT));
    let (integer, float) = ask(today("x", Measure::Buckets));
    assert!(integer == NO_INTEGER && float.is_nan());
    let (ago, _) = ask(Question::LastSeen { events: vec!["x".into()] });
    assert!((0..60_000).contains(&ago), "{ago}");
    let (positive, negative, range) = ("x".into(), "y".into(), QueryRange::Units(TimeUnit::Days, 0..1));
    assert_eq!(ask(Question::Delta { positive, negative, range }).0, -2);
}

#[test]
fn buckets_are_written_if_there_is_room() {
    let store = store();
    store.record_count("x", 3);
    store.record_count_ago("x", 4, chrono::Duration::days(2));
    let days = |days| Question::Counts {
        events: vec!["x".into()],
        range: QueryRange::Units(TimeUnit::Days, 0..days),
        measure: Measure::Buckets,
    };
    let ask = |asked, room: i64| {
        let mut counts = [9; 5];
        let number = question(&store, asked);
        // SAFETY: there is room for five.
        let written = unsafe { tiny_counter_buckets(number.0, counts.as_mut_ptr(), room) };
        (written, counts)
    };
    assert_eq!(ask(days(3), 3), (3, [3, 0, 4, 9, 9]));
    assert_eq!(ask(days(3), 2), (-1, [9; 5]));
    assert_eq!(ask(days(6), 5), (-1, [9; 5]));
    assert_eq!(ask(days(0), 0), (0, [9; 5]));
    assert_eq!(ask(days(3), -1), (-1, [9; 5]));
    assert_eq!(ask(Question::Lifetime { events: vec!["x".into()] }, 5), (-1, [9; 5]));
    let never = Question::Counts {
        events: vec!["y".into()],
        range: QueryRange::Units(TimeUnit::Days, 0..2),
        measure: Measure::Buckets,
    };
    let (written, _) = ask(never, 5);
    assert_eq!(usize::try_from(written).unwrap(), store.query("y").last_days(2).into_buckets().len());
    store.shutdown().unwrap();
    assert_eq!(ask(days(3), 5), (-1, [9; 5]));
}

#[test]
fn a_closed_store_does_nothing() {
    let store = store();
    let (tap, once) = (event(&store, "tap"), limit(&store, Limit::new(), "tap"));
    let lifetime = question(&store, Question::Lifetime { events: vec!["tap".into()] });
    let average = question(&store, today("tap", Measure::Average));
    store.record("tap");
    store.shutdown().unwrap();
    // As `EventStore::record`, which logs a warning.
    assert_eq!(tiny_counter_record(tap, 1), DONE);
    assert_eq!(tiny_counter_allowed(once.0), NOT_DONE);
    assert_eq!(tiny_counter_check_and_record(once.0), NOT_DONE);
    assert_eq!(tiny_counter_integer(lifetime.0), NO_INTEGER);
    assert!(tiny_counter_float(average.0).is_nan());
    tiny_counter_release(tap);
}

#[test]
fn many_numbers_are_released_in_any_order() {
    let store = store();
    let numbers: Vec<i64> = (0..100_000).map(|n| event(&store, &format!("e{}", n % 10))).collect();
    let (even, odd): (Vec<_>, Vec<_>) = numbers.iter().partition(|number| **number % 2 == 0);
    even.iter().for_each(|number| tiny_counter_release(*number));
    assert!(even.iter().all(|number| tiny_counter_record(*number, 1) == UNKNOWN));
    assert!(odd.iter().all(|number| tiny_counter_record(*number, 1) == DONE));
    odd.iter().rev().for_each(|number| tiny_counter_release(*number));
    assert_eq!(
        odd.iter().chain(&even).filter(|number| tiny_counter_record(**number, 1) != UNKNOWN).count(),
        0
    );
}

#[cfg(not(target_os = "ios"))]
#[test]
fn the_native_methods_of_kotlin_are_the_same_calls() {
    use super::jni::*;
    let (env, class) = (std::ptr::null(), std::ptr::null());
    let store = store();
    let tap = event(&store, "tap");
    assert_eq!(Java_dev_tinycounter_Direct_record(env, class, tap, 5), DONE);
    let once = limit(&store, Limit::new().at_most("x", 1, TimeUnit::Days), "x");
    assert_eq!(Java_dev_tinycounter_Direct_allowed(env, class, once.0), DONE);
    assert_eq!(Java_dev_tinycounter_Direct_checkAndRecord(env, class, once.0), DONE);
    assert_eq!(Java_dev_tinycounter_Direct_allowed(env, class, once.0), NOT_DONE);
    let (total, average) = (today("tap", Measure::Total), today("tap", Measure::Average));
    assert_eq!(Java_dev_tinycounter_Direct_integer(env, class, question(&store, total).0), 5);
    assert_eq!(Java_dev_tinycounter_Direct_float(env, class, question(&store, average).0), 5.0);
    Java_dev_tinycounter_Direct_release(env, class, tap);
    assert_eq!(Java_dev_tinycounter_Direct_record(env, class, tap, 5), UNKNOWN);
    assert_eq!(Java_dev_tinycounter_Direct_interface(env, class), tiny_counter_interface());
}

/// Decisions whose write fails.
#[cfg(feature = "serde-bincode")]
mod writes {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::calls::NOT_WRITTEN;
    use super::*;
    use crate::{Error, Storage};

    #[derive(Default)]
    struct Fails {
        values: HashMap<String, Vec<u8>>,
        now: Arc<AtomicBool>,
    }

    impl Storage for Fails {
        fn save(&mut self, key: &str, data: Vec<u8>) -> crate::Result<()> {
            if self.now.load(Ordering::Relaxed) {
                return Err(Error::Storage("the disk is full".into()));
            }
            self.values.insert(key.into(), data);
            Ok(())
        }

        fn load(&self, key: &str) -> crate::Result<Option<Vec<u8>>> {
            Ok(self.values.get(key).cloned())
        }

        fn delete(&mut self, key: &str) -> crate::Result<()> {
            self.values.remove(key);
            Ok(())
        }

        fn list_keys(&self) -> crate::Result<Vec<String>> {
            Ok(self.values.keys().cloned().collect())
        }
    }

    #[test]
    fn what_could_not_be_written_is_counted_once_and_written_later() {
        let storage = Fails::default();
        let fails = storage.now.clone();
        let store = EventStore::builder().with_storage(storage).build().unwrap();
        let prepared = store.prepare(Limit::new().at_most("x", 2, TimeUnit::Days)).unwrap();
        let limit = EventLimit { core: prepared.clone(), event: "x".into() };
        let twice = Number::of(Numbered::Limit(Arc::new(limit)));

        fails.store(true, Ordering::Relaxed);
        assert_eq!(tiny_counter_check_and_record(twice.0), NOT_WRITTEN);
        assert!(matches!(prepared.write_recorded("x"), Err(Error::NotWritten(_))));
        fails.store(false, Ordering::Relaxed);
        prepared.write_recorded("x").unwrap();
        prepared.write_recorded("x").unwrap();
        assert_eq!(store.query("x").lifetime(), Some(1));
        assert_eq!(tiny_counter_check_and_record(twice.0), DONE);
        assert_eq!(tiny_counter_check_and_record(twice.0), NOT_DONE);
    }
}
