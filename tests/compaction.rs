//! Compacting a store.

#![cfg(any(feature = "storage-fs", feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::*;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::TimeUnit;
#[cfg(feature = "storage-fs")]
use tiny_counter::storage::{Log, Writes};

#[cfg(feature = "storage-fs")]
#[test]
fn compacting_shrinks_the_file_and_keeps_every_count() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = under(&clock).with_log(Log::new(dir.path()).writes(Writes::Inline)).build().unwrap();
    for _ in 0..300 {
        store.record("x");
    }
    let before = log_file(dir.path()).metadata().unwrap().len();
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    assert!(log_file(dir.path()).metadata().unwrap().len() < before / 20);
    assert_eq!(store.query("x").ever().sum(), Some(300));
    drop(store);
    assert_eq!(on_log(&clock, dir.path()).query("x").ever().sum(), Some(300));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn compacting_frees_memory_and_events_are_loaded_again_on_demand() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let mut store = on_storage(&clock, &storage);
    store.record_count("x", 5);
    assert!(store.memory_usage() > 0);
    let reservation = store.limit().at_most("x", 6, TimeUnit::Days).reserve("x").unwrap();
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    assert!(store.limit().at_most("x", 6, TimeUnit::Days).check("x").is_err(), "a reservation survives");
    reservation.commit();
    assert_eq!(store.query("x").ever().sum(), Some(6));
}
