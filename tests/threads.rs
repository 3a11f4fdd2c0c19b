//! Many threads on one store: limits are never exceeded, nothing deadlocks, nothing is lost.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use common::*;
use tiny_counter::TimeUnit;

/// Runs `work` on eight threads at once and waits for all of them.
fn crowd(work: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for number in 0..8 {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
}

#[test]
fn check_and_record_never_exceeds_the_limit() {
    let store = in_memory(&clock());
    let allowed = AtomicU32::new(0);
    crowd(|_| {
        for _ in 0..500 {
            if store.limit().at_most("x", 100, TimeUnit::Days).check_and_record("x").is_ok() {
                allowed.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    assert_eq!(allowed.into_inner(), 100);
    assert_eq!(store.query("x").last_days(1).sum(), Some(100));
}

#[test]
fn reservations_never_exceed_the_limit_however_they_end() {
    let store = in_memory(&clock());
    let committed = AtomicU32::new(0);
    crowd(|number| {
        for round in 0..300 {
            let Ok(reservation) = store.limit().at_most("x", 50, TimeUnit::Days).reserve("x") else {
                continue;
            };
            match (number + round) % 3 {
                0 => {
                    reservation.commit();
                    committed.fetch_add(1, Ordering::SeqCst);
                }
                1 => reservation.cancel(),
                _ => drop(reservation),
            }
        }
    });
    assert!((1..=50).contains(&committed.load(Ordering::SeqCst)));
    assert_eq!(store.query("x").last_days(1).sum(), Some(committed.into_inner()));
    let left = store.limit().at_most("x", 51, TimeUnit::Days).usage("x").unwrap();
    assert_eq!(left.count, store.query("x").last_days(1).sum().unwrap(), "no reservation is pending");
}

#[test]
fn queries_of_several_events_never_deadlock_and_see_one_instant() {
    let store = in_memory(&clock());
    store.balance_delta("a", "b").unwrap();
    store.record("a");
    store.record("b");
    crowd(|number| {
        for _ in 0..2_000 {
            match number % 4 {
                0 => {
                    // Adds to the lower of the two counts.
                    store.balance_delta("plus", "minus").unwrap();
                    store.record("plus");
                    store.balance_delta("plus", "minus").unwrap();
                }
                1 => assert_eq!(store.query_ratio("a", "a").last_days(1), Some(1.0)),
                2 => {
                    // "a" is always recorded first.
                    assert!(store.query_ratio("a", "b").ever().unwrap() >= 1.0);
                    assert!(store.query_ratio("b", "a").ever().unwrap() <= 1.0);
                }
                _ => {
                    store.record("a");
                    store.record("b");
                    assert!(store.query_many(&["b", "a", "b"]).ever().sum().is_some());
                }
            }
        }
    });
    assert_eq!(store.query_delta("plus", "minus").ever().sum(), 0);
}

#[cfg(feature = "storage-fs")]
#[test]
fn recording_persisting_exporting_merging_and_compacting_at_once_lose_nothing() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    let other = in_memory(&clock);
    other.record_count("x", 1_000_000);
    let bytes = other.export_bytes().unwrap();
    crowd(|number| {
        for round in 0..100 {
            store.record(["x", "y", "z"][round % 3]);
            match number {
                0 => store.persist().unwrap(),
                1 => drop(store.merge_bytes(&bytes).unwrap()),
                2 => drop(store.export_all().unwrap()),
                3 => store
                    .limit()
                    .at_most("d", 1_000, chrono::Duration::days(9))
                    .check_and_record("d")
                    .unwrap(),
                _ => {}
            }
        }
    });
    store.close().unwrap();
    let mut store = on_log(&clock, dir.path());
    let counts = |store: &tiny_counter::EventStore| {
        ["x", "y", "z", "d"].map(|name| store.query(name).lifetime().unwrap())
    };
    assert_eq!(counts(&store), [8 * 34 + 1_000_000, 8 * 33, 8 * 33, 100]);
    store.compact().unwrap();
    assert_eq!(counts(&store), [8 * 34 + 1_000_000, 8 * 33, 8 * 33, 100]);
}
