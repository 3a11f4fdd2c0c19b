//! Watching a store: which calls are a change, how changes are collected, and how a watch ends.

#![allow(clippy::restriction, clippy::pedantic)]
#![cfg(any(feature = "serde-bincode", feature = "serde-json"))]

mod common;

use std::sync::Arc;
use std::thread;

use chrono::Duration;
use common::SharedStorage;
use common::stores::{clock, in_memory, noon, on_storage, under};
use tiny_counter::{Changed, Changes, Error, EventStore, Limit, Question, TimeUnit, Zone};

fn events(names: &[&str]) -> Option<Changed> {
    Some(Changed::Events(names.iter().map(|name| (*name).to_owned()).collect()))
}

fn watched() -> (EventStore, Changes) {
    let store = in_memory(&clock());
    let changes = store.changes().unwrap();
    (store, changes)
}

#[test]
fn every_way_to_record_is_a_change_of_its_event() {
    let (store, changes) = watched();
    let ways: [(&str, &dyn Fn()); 12] = [
        ("a", &|| store.record("a")),
        ("a", &|| store.record("a")),
        ("b", &|| store.record_count("b", 0)),
        ("c", &|| store.record_now("c").unwrap()),
        ("c", &|| store.record_count_now("c", 3).unwrap()),
        ("d", &|| store.record_at("d", noon() - Duration::days(1)).unwrap()),
        ("d", &|| store.record_count_at("d", 2, noon()).unwrap()),
        ("e", &|| store.record_ago("e", Duration::hours(1))),
        ("e", &|| store.record_count_ago("e", 2, Duration::days(9_999))),
        ("app:session", &|| store.session()),
        ("app:version", &|| assert!(store.app_version("1").unwrap())),
        ("b", &|| store.balance_delta("a", "b").unwrap()),
    ];
    for (step, (event, way)) in ways.into_iter().enumerate() {
        way();
        let Some(Changed::Events(names)) = changes.take() else { panic!("step {step} is no change") };
        let is_event = |name: &String| name == event || event.starts_with("app:");
        assert!(names.len() == 1 && is_event(&names[0]), "step {step}: {names:?}");
        assert_eq!(changes.take(), None, "step {step} is taken once");
    }
    store.app_version("1").unwrap();
    store.balance_delta("a", "b").unwrap();
    store.record_count("a", 0);
    assert_eq!(changes.take(), None, "nothing was counted");
}

#[test]
fn what_a_decision_counts_or_reserves_is_a_change_and_a_refusal_is_none() {
    let (store, changes) = watched();
    let limit = Limit::new().at_most("tip", 3, Duration::days(1)).also_record("message");
    let tip = store.prepare(limit).unwrap();
    tip.check_and_record("tip").unwrap();
    assert_eq!(changes.take(), events(&["tip", "message"]));
    let once = || store.limit().at_most("x", 2, TimeUnit::Days);
    once().check_and_record("x").unwrap();
    assert_eq!(changes.take(), events(&["x"]));

    let reservation = once().reserve("x").unwrap();
    assert_eq!(changes.take(), events(&["x"]), "a reservation can make a limit refuse");
    assert!(once().check_and_record("x").is_err() && !once().allowed("x") && once().check("x").is_err());
    assert_eq!(changes.take(), None);
    reservation.cancel();
    assert_eq!(changes.take(), events(&["x"]));
    once().reserve("x").unwrap().commit();
    assert_eq!(changes.take(), events(&["x"]));

    let key = tip.reserve_for("tip", Duration::hours(1)).unwrap();
    assert_eq!(changes.take(), events(&["tip", "message"]));
    store.commit_reservation(key).unwrap();
    assert_eq!(changes.take(), events(&["tip", "message"]));
    let key = tip.reserve_for("tip", Duration::hours(1)).unwrap();
    changes.take();
    store.cancel_reservation(key).unwrap();
    assert_eq!(changes.take(), events(&["tip", "message"]));
}

#[test]
fn a_merge_is_a_change_of_the_events_that_it_changes() {
    let (other, _) = watched();
    other.record("a");
    other.record("b");
    let bytes = other.export_bytes().unwrap();
    let (store, changes) = watched();
    store.record("c");
    changes.take();
    store.merge_bytes(&bytes).unwrap();
    let Some(Changed::Events(mut names)) = changes.take() else { panic!() };
    names.sort();
    assert_eq!(names, ["a", "b"]);
    store.merge_bytes(&bytes).unwrap();
    assert_eq!(changes.take(), None, "nothing is new");

    other.record("b");
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    assert_eq!(changes.take(), events(&["b"]));
    other.erase_event("a").unwrap();
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    assert!(changes.take().unwrap().concerns("a"));
    assert_eq!(store.query("a").lifetime(), None);
    assert!(changes.take().is_none());
}

#[test]
fn a_merged_erasure_of_an_event_that_was_not_read_is_a_change() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let first = on_storage(&clock, &storage);
    let other = in_memory(&clock);
    other.record("a");
    first.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    first.close().unwrap();
    let store = on_storage(&clock, &storage);
    let changes = store.changes().unwrap();
    other.erase_all().unwrap();
    other.record("b");
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    assert!(changes.take().unwrap().concerns("a"));
}

#[test]
fn an_import_and_an_erasure_are_changes() {
    let (store, changes) = watched();
    store.record("a");
    store.record("b");
    let exported = store.export_all().unwrap();
    changes.take();
    store.erase_event("a").unwrap();
    assert_eq!(changes.take(), events(&["a"]));
    store.erase_event("unknown").unwrap();
    assert_eq!(changes.take(), None);
    store.import_all(exported).unwrap();
    assert!(changes.take().unwrap().concerns("a"));
    store.erase_events(["b"]).unwrap();
    assert_eq!(changes.take(), events(&["b"]));
    store.erase_all().unwrap();
    assert!(changes.take().unwrap().concerns("a"));
}

#[test]
fn what_can_alter_every_answer_is_a_change_of_all_events() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("a");
    let changes = store.changes().unwrap();
    store.set_zone(Zone::fixed(3_600).unwrap());
    assert_eq!(changes.take(), Some(Changed::All));
    clock.set(noon() - Duration::days(2));
    assert_eq!(store.query("a").last_seen(), Some(Duration::zero()));
    assert_eq!(changes.take(), Some(Changed::All), "the clock was found to be corrected");
    store.query("a").last_seen();
    assert_eq!(changes.take(), None);
}

#[test]
fn a_loss_that_a_question_finds_is_a_change_and_so_is_its_acknowledgement() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    store.record("a");
    store.close().unwrap();
    let mut damaged = storage.clone();
    tiny_counter::Storage::save(&mut damaged, "a", b"damaged".to_vec()).unwrap();
    let store = on_storage(&clock, &storage);
    let changes = store.changes().unwrap();
    assert_eq!(store.query("a").lifetime(), None);
    assert_eq!(changes.take(), events(&["a"]));
    assert_eq!(store.query("a").lifetime(), None);
    assert_eq!(changes.take(), None, "it was found before");
    store.acknowledge_loss().unwrap();
    assert_eq!(changes.take(), Some(Changed::All));
}

#[test]
fn asking_persisting_exporting_and_time_that_passes_are_no_changes() {
    let (clock, storage) = (clock(), SharedStorage::default());
    on_storage(&clock, &storage).record_count("stored", 3);
    let mut store = on_storage(&clock, &storage);
    store.record("a");
    let changes = store.changes().unwrap();
    clock.advance(Duration::days(1));
    assert_eq!(store.query("stored").last_days(7).sum(), Some(3));
    let lifetime = |event: &str| Question::Lifetime { events: vec![event.into()] };
    store.ask(&[lifetime("a"), lifetime("unknown")]).unwrap();
    store.prepare_question(lifetime("a")).unwrap().ask().unwrap();
    store.limit().at_most("a", 1, Duration::days(7)).explain("a").unwrap();
    store.health();
    store.is_dirty();
    store.persist().unwrap();
    store.persist_all().unwrap();
    store.reset_dirty();
    store.knowledge().unwrap();
    store.export_bytes().unwrap();
    store.export_all().unwrap();
    store.replicas().unwrap();
    store.compact().unwrap();
    assert_eq!(store.query("a").lifetime(), Some(1));
    assert_eq!(changes.take(), None);
}

#[cfg(feature = "storage-fs")]
#[test]
fn closing_and_opening_again_are_changes_of_all_events_and_keep_the_watch() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = common::stores::on_log(&clock, dir.path());
    let changes = store.changes().unwrap();
    store.shutdown().unwrap();
    assert_eq!(changes.take(), Some(Changed::All));
    store.shutdown().unwrap();
    store.record("not counted");
    assert_eq!(changes.take(), None);
    let again = store.changes().unwrap();
    store.reopen().unwrap();
    assert_eq!((changes.take(), again.take()), (Some(Changed::All), Some(Changed::All)));
    store.record("a");
    assert_eq!((changes.take(), again.take()), (events(&["a"]), events(&["a"])));
    store.reopen().unwrap();
    assert_eq!(changes.take(), None, "it was open");
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_store_that_was_changed_and_cannot_be_opened_again_is_a_change() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = common::stores::on_log(&clock, dir.path());
    store.record("a");
    store.persist().unwrap();
    let changes = store.changes().unwrap();
    let log = dir.path().join("events.log");
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    assert!(store.reopen().is_err());
    assert!(matches!(store.export_bytes(), Err(Error::Closed)));
    assert_eq!(changes.take(), Some(Changed::All));
}

#[test]
fn a_burst_is_one_change_and_each_watch_has_its_own() {
    let (store, early) = watched();
    store.record("a");
    let late = store.changes().unwrap();
    for _ in 0..1_000 {
        store.record("b");
        store.record("c");
    }
    assert_eq!(early.take(), events(&["a", "b", "c"]));
    assert_eq!(late.take(), events(&["b", "c"]));
    assert_eq!((early.take(), late.take()), (None, None));
}

#[test]
fn a_watch_collects_64_names_and_then_all_events() {
    let (store, changes) = watched();
    for number in 0..64 {
        store.record(format!("event {number}"));
    }
    store.record("event 0");
    let Some(Changed::Events(names)) = changes.take() else { panic!() };
    assert_eq!(names.len(), 64);
    for number in 0..65 {
        store.record(format!("event {number}"));
    }
    assert_eq!(changes.take(), Some(Changed::All));
    store.record("event 1");
    assert_eq!(changes.take(), events(&["event 1"]), "a taken watch begins anew");
}

#[test]
fn a_store_has_64_watches_and_dropping_or_ending_one_makes_room() {
    let store = in_memory(&clock());
    let mut all: Vec<Changes> = (0..64).map(|_| store.changes().unwrap()).collect();
    assert!(matches!(store.changes(), Err(Error::Unavailable { event: None, .. })));
    all.pop();
    all.push(store.changes().unwrap());
    assert!(store.changes().is_err());
    all[0].end();
    let more = store.changes().unwrap();
    store.record("a");
    assert_eq!((all[0].take(), all[0].next()), (None, None), "it has ended");
    assert_eq!((all[63].take(), more.take()), (events(&["a"]), events(&["a"])));
}

#[test]
fn only_the_events_that_changed_are_concerned() {
    let some = Changed::Events(vec!["a".into(), "b".into()]);
    assert!(some.concerns("a") && some.concerns("b") && !some.concerns("c"));
    assert!(Changed::All.concerns("c"));
}

#[test]
fn waiting_returns_what_changed_before_and_what_changes_later() {
    let (store, changes) = watched();
    store.record("before");
    assert_eq!(changes.next(), events(&["before"]));
    let waiting = thread::scope(|scope| {
        let waiting = scope.spawn(|| changes.next());
        store.record("later");
        waiting.join().unwrap()
    });
    assert_eq!(waiting, events(&["later"]));
}

#[test]
fn a_thread_that_waits_returns_when_the_watch_ends_or_the_store_is_dropped() {
    let (store, changes) = watched();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| changes.next());
        changes.end();
        assert_eq!(waiting.join().unwrap(), None);
    });
    let changes = store.changes().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| changes.next());
        drop(store);
        assert_eq!(waiting.join().unwrap(), None);
    });
    assert_eq!((changes.next(), changes.take()), (None, None));
}

#[test]
fn every_change_reaches_a_thread_that_records_asks_and_watches_in_turn() {
    const THREADS: u64 = 4;
    const EACH: u64 = 500;
    let store = Arc::new(under(&clock()).build().unwrap());
    let changes = store.changes().unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..EACH).for_each(|_| store.record("a")));
        }
        // Whatever was counted last was seen.
        let mut seen = 0;
        while seen < THREADS * EACH {
            let changed = changes.next().unwrap();
            if changed.concerns("a") {
                seen = store.query("a").lifetime().unwrap();
                store.record("seen");
                drop(store.changes().unwrap());
            }
        }
    });
    changes.take();
    assert_eq!(changes.take(), None);
}
