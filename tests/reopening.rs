//! Opening a store again: after it was closed, after its files could not be read, and after another
//! process changed them.

#![allow(clippy::restriction, clippy::pedantic)]
#![cfg(feature = "storage-fs")]

mod common;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::Duration;
use common::*;
use tiny_counter::{
    Answer, Error, EventStoreBuilder, Limit, Question, Schedule, TestClock, TimeUnit, Zone, since,
};

fn builder(clock: &TestClock, dir: &tempfile::TempDir) -> EventStoreBuilder {
    under(clock).with_log(dir.path().join("store"))
}

#[test]
fn a_closed_store_that_is_reopened_continues_with_its_limits_questions_and_settings() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = builder(&clock, &dir).with_marker("m").track_days(3).build().unwrap();
    let tap = || store.record("tap");
    let question = Question::Lifetime { events: vec!["tap".into()] };
    let count = store.prepare_question(question).unwrap();
    let limit = store.prepare(Limit::new().at_most("tap", 4, since("m"))).unwrap();
    let reservation = store.limit().at_most("x", 1, Duration::days(1)).reserve("x").unwrap();
    tap();
    let replica = store.replicas().unwrap();
    store.shutdown().unwrap();
    tap();
    assert!(matches!(limit.check("tap"), Err(Error::Closed)));

    store.reopen().unwrap();
    tap();
    limit.check_and_record("tap").unwrap();
    assert_eq!(count.ask().unwrap(), Answer::Count(3), "what a closed store drops is not counted");
    assert_eq!(store.tracked_intervals(), [(TimeUnit::Days, 3)]);
    assert_eq!(store.replicas().unwrap().len(), replica.len(), "it counts under the same identity");
    let full = store.limit().at_most("x", 1, Duration::days(1));
    assert!(full.check("x").is_err(), "the reservation still counts");
    reservation.try_commit().unwrap();
    store.shutdown().unwrap();
    let again = builder(&clock, &dir).track_days(3).build().unwrap();
    assert_eq!((again.query("tap").lifetime(), again.query("x").lifetime()), (Some(3), Some(1)));
}

#[test]
fn a_store_built_closed_touches_no_file_and_answers_as_a_closed_one_until_it_is_reopened() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    builder(&clock, &dir).build().unwrap().record_count("x", 2);
    let blocked = dir.path().join("blocked");
    fs::rename(dir.path().join("store"), &blocked).unwrap();

    let store = builder(&clock, &dir).with_identity(dir.path().join("identity")).build_closed().unwrap();
    assert!(!dir.path().join("store").exists() && !dir.path().join("identity").exists());
    store.record("x");
    let limit = store.prepare(Limit::new().at_most("x", 4, Duration::days(1))).unwrap();
    assert!(!limit.allowed("x"));
    assert!(matches!(limit.check_and_record("x"), Err(Error::Closed)));
    assert!(matches!(store.persist(), Err(Error::Closed)));

    fs::rename(&blocked, dir.path().join("store")).unwrap();
    store.reopen().unwrap();
    limit.check_and_record("x").unwrap();
    assert_eq!(store.query("x").lifetime(), Some(3));
    assert!(store.health().losses.is_empty());
    assert!(dir.path().join("identity").exists());
}

#[test]
fn a_store_whose_folder_cannot_be_read_stays_closed_and_can_be_reopened_later() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let first = builder(&clock, &dir).build().unwrap();
    first.record("x");
    let second = builder(&clock, &dir).build_closed().unwrap();
    for _ in 0..2 {
        assert!(matches!(second.reopen(), Err(Error::Unavailable { .. })), "the folder is open already");
        assert!(matches!(second.persist(), Err(Error::Closed)));
    }
    first.shutdown().unwrap();
    second.reopen().unwrap();
    assert_eq!(second.query("x").lifetime(), Some(1));
    assert!(matches!(first.reopen(), Err(Error::Unavailable { .. })));
}

#[test]
fn a_store_whose_file_was_replaced_is_refused_until_it_is_reopened() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = builder(&clock, &dir).build().unwrap();
    store.record("x");
    store.persist().unwrap();
    let log = dir.path().join("store/events.log");
    let copy = fs::read(&log).unwrap();
    store.record("x");
    store.persist().unwrap();
    fs::remove_file(&log).unwrap();
    fs::write(&log, copy).unwrap();

    store.record("lost");
    assert!(matches!(store.persist(), Err(Error::Unavailable { .. })));
    store.reopen().unwrap();
    assert_eq!((store.query("x").lifetime(), store.query("lost").lifetime()), (Some(1), None));
    store.record("x");
    store.persist().unwrap();
    assert_eq!(store.query("x").lifetime(), Some(2));
}

#[test]
fn an_open_store_that_can_write_persists_and_keeps_what_it_has() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = builder(&clock, &dir).build().unwrap();
    store.record("x");
    store.reopen().unwrap();
    assert!(!store.is_dirty());
    assert_eq!(store.query("x").lifetime(), Some(1));
}

#[test]
fn a_reopened_store_writes_in_the_background_and_at_its_interval_again() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = Arc::new(builder(&clock, &dir).auto_persist(Duration::milliseconds(1)).build().unwrap());
    store.shutdown().unwrap();
    store.reopen().unwrap();
    store.record("x");
    while store.is_dirty() {
        std::thread::yield_now();
    }
}

#[test]
fn a_zone_that_was_set_while_the_store_was_closed_counts_after_it_is_reopened() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = builder(&clock, &dir).build().unwrap();
    store.shutdown().unwrap();
    store.set_zone(Zone::fixed(13 * 3_600).unwrap());
    store.reopen().unwrap();
    // Noon in UTC is 1 a.m. there.
    let night = store.limit().during(Schedule::hours_local_tz(0, 2).unwrap());
    assert!(night.allowed("x"));
}

#[test]
fn a_store_in_memory_or_on_a_storage_of_the_app_cannot_be_reopened() {
    let clock = clock();
    assert!(matches!(in_memory(&clock).reopen(), Err(Error::Storage(_))));
    assert!(matches!(under(&clock).build_closed(), Err(Error::ConfigMismatch(_))));
    #[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
    {
        let storage = SharedStorage::default();
        assert!(matches!(
            under(&clock).with_storage(storage.clone()).build_closed(),
            Err(Error::ConfigMismatch(_))
        ));
        let store = on_storage(&clock, &storage);
        store.record("x");
        store.reopen().unwrap();
        assert!(!store.is_dirty(), "an open one persists");
        store.shutdown().unwrap();
        assert!(matches!(store.reopen(), Err(Error::ConfigMismatch(_))));
    }
}

#[test]
fn exports_that_run_while_a_store_is_closed_and_reopened_are_whole_or_say_that_it_is_closed() {
    const TURNS: u32 = 60;
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let store = builder(&clock, &dir).build().unwrap();
    // So many that an export takes several portions.
    for event in 0..3_000 {
        store.record(format!("event {event}"));
    }
    let recorded = AtomicU32::new(0);
    let peer = in_memory(&clock);
    std::thread::scope(|scope| {
        let exports = scope.spawn(|| {
            let (mut whole, mut closed) = (0, 0);
            while recorded.load(Ordering::SeqCst) < TURNS {
                match store.export_bytes() {
                    Ok(bytes) => {
                        peer.merge_bytes(&bytes).unwrap();
                        assert_eq!(peer.events().len() as u32, 3_000 + u32::from(ever(&peer, "x").is_some()));
                        assert!(ever(&peer, "x").unwrap_or(0) <= recorded.load(Ordering::SeqCst) + 1);
                        whole += 1;
                    }
                    Err(error) => {
                        assert!(matches!(error, Error::Closed), "{error}");
                        closed += 1;
                    }
                }
            }
            (whole, closed)
        });
        for _ in 0..TURNS {
            store.record("x");
            store.shutdown().unwrap();
            store.reopen().unwrap();
            recorded.fetch_add(1, Ordering::SeqCst);
        }
        let (whole, closed) = exports.join().unwrap();
        println!("{whole} exports, {closed} closed");
    });
    peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!((ever(&store, "x"), ever(&peer, "x")), (Some(TURNS), Some(TURNS)));
    assert!(
        !store.replicas().unwrap().iter().any(|replica| replica.is_retired),
        "it is still the same replica"
    );
}
