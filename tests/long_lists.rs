//! Lists that grow for years: a persist writes only what changed, however long the lists are.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::path::Path;

use chrono::Duration;
use common::stores::{clock, in_memory, noon, on_log, sync};
use tiny_counter::{EventStore, TestClock};

/// The bytes that a persist of one recording adds to the log: the median of nine.
fn cost_of_a_persist(store: &EventStore, dir: &Path, clock: &TestClock) -> u64 {
    let len = || fs::metadata(dir.join("events.log")).unwrap().len();
    let mut costs: Vec<u64> = (0..9)
        .map(|_| {
            clock.advance(Duration::minutes(1));
            let before = len();
            store.record("tap");
            store.persist().unwrap();
            // A compaction makes the log shorter.
            len().saturating_sub(before)
        })
        .collect();
    costs.sort_unstable();
    costs[4]
}

#[test]
fn a_persist_after_five_thousand_erasures_writes_as_much_as_without() {
    let clock = clock();
    let cost = |erased: usize| {
        let dir = tempfile::tempdir().unwrap();
        let (store, peer) = (on_log(&clock, dir.path()), in_memory(&clock));
        for number in 0..erased {
            let name = format!("secret {number}");
            peer.record(&name);
            peer.erase_event(&name).unwrap();
        }
        sync(&peer, &store);
        store.persist().unwrap();
        let cost = cost_of_a_persist(&store, dir.path(), &clock);
        store.erase_event("tap").unwrap();
        let before = fs::metadata(dir.path().join("events.log")).unwrap().len();
        store.record("tap");
        store.erase_event("tap").unwrap();
        (cost, fs::metadata(dir.path().join("events.log")).unwrap().len() - before)
    };
    let ((without, erasure), (with, erasure_with)) = (cost(0), cost(5_000));
    assert!(with <= without + 100, "{with} bytes instead of {without}");
    // An erasure writes its page.
    assert!(erasure_with <= erasure + 256 * 24, "{erasure_with} bytes instead of {erasure}");
}

#[test]
fn a_thousand_erasures_survive_a_restart() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (store, peer) = (on_log(&clock, dir.path()), in_memory(&clock));
    let names: Vec<String> = (0..1_000).map(|number| format!("secret {number}")).collect();
    names.iter().for_each(|name| store.record(name));
    let old = store.export_bytes().unwrap();
    names.iter().for_each(|name| _ = store.erase_event(name).unwrap());
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    peer.merge_bytes(&old).unwrap();
    sync(&peer, &store);
    assert!(store.events().is_empty(), "{:?}", store.events());
    sync(&store, &peer);
    assert!(peer.events().is_empty(), "{:?}", peer.events());
}

#[test]
fn a_persist_with_five_hundred_known_replicas_writes_as_much_as_without() {
    let clock = clock();
    let cost = |replicas: usize| {
        let dir = tempfile::tempdir().unwrap();
        let store = on_log(&clock, dir.path());
        for number in 0..replicas {
            let peer = in_memory(&clock);
            peer.record(format!("event {}", number % 100));
            sync(&peer, &store);
        }
        store.persist().unwrap();
        cost_of_a_persist(&store, dir.path(), &clock)
    };
    let (without, with) = (cost(0), cost(500));
    assert!(with <= without + 100, "{with} bytes instead of {without}");
}

#[test]
fn reservations_that_expired_long_ago_leave_their_event() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    for _ in 0..250 {
        store.limit().reserve_for("tap", Duration::seconds(1)).unwrap();
    }
    let burdened = cost_of_a_persist(&store, dir.path(), &clock);
    for _ in 0..5 {
        clock.advance(Duration::days(1));
        store.record("other");
        store.persist().unwrap();
    }
    let cost = cost_of_a_persist(&store, dir.path(), &clock);
    assert!(burdened > 4_000 && cost < 500, "{cost} bytes after {burdened}");
}

#[test]
fn a_reservation_that_expired_under_a_wrong_clock_is_there_when_the_clock_is_right() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    let key = store.limit().reserve_for("dialog", Duration::days(2)).unwrap();
    clock.set(noon() + Duration::days(900));
    store.record("tap");
    store.persist().unwrap();
    clock.set(noon() + Duration::days(1));
    assert_eq!(store.reservations().len(), 1);
    store.commit_reservation(key).unwrap();
}
