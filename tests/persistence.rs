//! What is saved, when, and what happens where saving or reading fails.

#![cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use chrono::Duration;
use support::{Shared, clock, under};
use tiny_counter::{Answer, Error, EventStore, Question, TestClock, TimeUnit};

fn on(storage: &Shared, clock: &TestClock) -> EventStore {
    under(clock).with_storage(storage.clone()).build().unwrap()
}

#[test]
fn what_was_persisted_is_there_after_reopening() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record_count("x", 3);
    store.record_count("known", 0);
    store.record_ago("old", Duration::days(9999));
    store.persist().unwrap();
    assert!(!store.is_dirty());
    drop(store);
    clock.advance(Duration::days(1));
    let store = on(&storage, &clock);
    assert_eq!(store.query("x").last_days(2).into_buckets(), [0, 3]);
    assert_eq!(store.query("x").last_seen(), Some(Duration::days(1)));
    assert_eq!(store.query("known").ever().sum(), Some(0));
    assert_eq!(store.query("old").ever().sum(), Some(0));
    assert_eq!(store.query("old").lifetime(), Some(1));
    assert!(!store.is_dirty(), "a question writes nothing");
}

#[test]
fn what_is_recorded_before_a_load_is_added_to_what_is_stored() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record_count("x", 3);
    store.close().unwrap();
    storage.set_loading(false);
    let store = on(&storage, &clock);
    store.record_count("x", 4);
    assert_eq!(store.query("x").ever().sum(), Some(4), "memory alone answers while nothing can be read");
    assert!(store.health().storage_fails);
    assert!(matches!(
        store.limit().at_most("x", 9, TimeUnit::Days).check("x"),
        Err(Error::Unavailable { .. })
    ));
    assert!(store.persist().is_err(), "what could not be read is not overwritten");
    assert!(store.is_dirty());
    assert!(store.export_all().is_err());
    storage.set_loading(true);
    assert_eq!(store.query("x").ever().sum(), Some(7));
    store.persist().unwrap();
    assert_eq!(on(&storage, &clock).query("x").lifetime(), Some(7));
}

#[test]
fn a_question_can_be_asked_so_that_memory_alone_is_no_answer() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record_count("x", 3);
    store.record_count("y", 6);
    store.close().unwrap();
    storage.set_loading(false);
    let store = on(&storage, &clock);
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
fn a_full_disk_loses_nothing_and_the_next_persist_saves_it_all() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record("a");
    store.persist().unwrap();
    storage.set_saving(false);
    store.record("a");
    store.record("b");
    assert!(matches!(store.persist(), Err(Error::Storage(_))));
    assert!(store.is_dirty());
    let decided = store.limit().at_most("c", 1, TimeUnit::Days).check_and_record("c");
    assert!(matches!(decided, Err(Error::Storage(_))));
    let refused = store.limit().at_most("c", 1, TimeUnit::Days).check("c");
    assert!(refused.unwrap_err().as_limit_exceeded().is_some(), "a count that could not be written stays");
    assert_eq!(on(&storage, &clock).query("a").ever().sum(), Some(1), "all or nothing");
    storage.set_saving(true);
    store.persist().unwrap();
    assert!(!store.is_dirty());
    let again = on(&storage, &clock);
    assert_eq!(["a", "b", "c"].map(|name| again.query(name).ever().sum()), [Some(2), Some(1), Some(1)]);
}

#[test]
fn a_decision_is_written_at_once() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.limit().at_most("x", 2, TimeUnit::Days).check_and_record("x").unwrap();
    assert_eq!(on(&storage, &clock).query("x").ever().sum(), Some(1));
    store.limit().at_most("x", 2, TimeUnit::Days).reserve("x").unwrap().try_commit().unwrap();
    assert_eq!(on(&storage, &clock).query("x").ever().sum(), Some(2));
    assert!(store.is_dirty(), "written, and not yet safe from a loss of power");
}

#[test]
fn dropping_a_store_persists_and_resetting_leaves_it_at_that() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record("x");
    store.reset_dirty();
    assert!(!store.is_dirty());
    store.persist().unwrap();
    assert_eq!(on(&storage, &clock).query("x").ever().sum(), None);
    store.record("y");
    drop(store);
    assert_eq!(on(&storage, &clock).query("y").ever().sum(), Some(1));
}

#[test]
fn compacting_lets_go_of_memory_and_reads_again() {
    let (storage, clock) = (Shared::default(), clock());
    let mut store = on(&storage, &clock);
    store.record_count("x", 5);
    assert!(store.memory_usage() > 0);
    let held = store.limit().at_most("x", 6, TimeUnit::Days).reserve("x").unwrap();
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    assert!(store.limit().at_most("x", 6, TimeUnit::Days).check("x").is_err(), "a reservation survives");
    held.commit();
    assert_eq!(store.query("x").ever().sum(), Some(6));
}

#[test]
fn without_a_storage_persisting_is_an_error_and_nothing_is_dropped() {
    let mut store = under(&clock()).build().unwrap();
    store.record("x");
    assert!(matches!(store.persist(), Err(Error::Storage(_))));
    assert!(matches!(store.compact(), Err(Error::Storage(_))));
    assert_eq!(store.query("x").ever().sum(), Some(1));
    store.close().unwrap();
}

#[test]
fn a_closed_store_says_so() {
    let store = on(&Shared::default(), &clock());
    store.record("x");
    let held = store.limit().at_most("x", 9, TimeUnit::Days).reserve("x").unwrap();
    store.shutdown().unwrap();
    store.shutdown().unwrap();
    store.record("x");
    assert!(matches!(store.persist(), Err(Error::Closed)));
    assert!(matches!(store.limit().check("x"), Err(Error::Closed)));
    assert!(matches!(store.export_bytes(), Err(Error::Closed)));
    assert!(matches!(held.try_commit(), Err(Error::Closed)));
    assert_eq!(store.query("x").ever().sum(), Some(1), "what was counted can still be asked for");
}

#[test]
fn other_units_change_no_count_that_both_can_hold() {
    let (storage, clock) = (Shared::default(), clock());
    let with = |hours: usize, days: usize| {
        let builder = under(&clock).with_storage(storage.clone());
        let builder = if hours > 0 { builder.track_hours(hours) } else { builder };
        builder.track_days(days).build().unwrap()
    };
    let store = with(9, 30);
    store.record_ago("x", Duration::days(20));
    store.record_ago("x", Duration::hours(5));
    drop(store);
    let store = with(0, 10);
    assert_eq!(store.query("x").last_days(30).sum(), Some(1));
    assert_eq!(store.query("x").last_hours(9).sum(), None);
    store.record("x");
    drop(store);
    let store = with(9, 30);
    assert_eq!(store.query("x").last_days(30).sum(), Some(3));
    assert_eq!(
        store.query("x").last_hours(9).sum(),
        Some(1),
        "hours were not counted while they were not tracked"
    );
}

#[test]
fn bytes_of_another_kind_are_an_error_that_names_the_event_and_stay_where_they_are() {
    use tiny_counter::Storage;
    let (mut storage, clock) = (Shared::default(), clock());
    storage.save("x", b"not a counter".to_vec()).unwrap();
    let store = on(&storage, &clock);
    store.record("x");
    store.record("y");
    match store.export_all() {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("x")),
        other => panic!("{other:?}"),
    }
    assert!(store.persist().is_err());
    assert_eq!(store.health().quarantined, ["x"]);
    drop(store);
    assert_eq!(storage.load("x").unwrap().unwrap(), b"not a counter");
    let store = on(&storage, &clock);
    assert_eq!(store.query("y").ever().sum(), Some(1), "what could be saved is");
    assert!(store.health().quarantined.is_empty(), "it was not asked for yet");
    assert_eq!(store.query("x").ever().sum(), None);
    assert_eq!(store.health().quarantined, ["x"]);
    store.erase_event("x").unwrap();
    assert!(store.health().quarantined.is_empty());
    store.record("x");
    store.persist().unwrap();
    assert_eq!(on(&storage, &clock).query("x").lifetime(), Some(1));
}

#[test]
fn everything_can_be_erased_although_something_is_damaged() {
    use tiny_counter::Storage;
    let (mut storage, clock) = (Shared::default(), clock());
    for event in ["x", "z"] {
        storage.save(event, b"not a counter".to_vec()).unwrap();
    }
    let store = on(&storage, &clock);
    store.record("x");
    store.record_count("y", 7);
    let removed = store.erase_all().unwrap();
    assert_eq!(removed.keys().collect::<Vec<_>>(), ["y"]);
    assert!(store.health().quarantined.is_empty());
    assert!(store.events().is_empty());
    assert!(storage.list_keys().unwrap().is_empty());
    store.record("x");
    store.persist().unwrap();
    assert_eq!(on(&storage, &clock).query("x").lifetime(), Some(1));
}
