//! A store on its log.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::stores::{clock, on_log, under};
use tiny_counter::Error;

#[test]
fn opening_and_querying_creates_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = on_log(&clock(), &dir.path().join("new"));
    assert_eq!(store.query("x").ever().sum(), None);
    store.close().unwrap();
    assert!(!dir.path().join("new").exists());
}

#[test]
fn persisted_counts_are_there_after_reopening() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record_count("x", 3);
    store.record_count("known", 0);
    store.persist().unwrap();
    assert!(!store.is_dirty());
    store.record("x");
    store.close().unwrap();
    clock.advance(Duration::days(1));
    let store = on_log(&clock, dir.path());
    assert_eq!(store.query("x").last_days(2).into_buckets(), [0, 4]);
    assert_eq!(store.query("known").ever().sum(), Some(0));
    assert_eq!(store.events(), ["known", "x"]);
    store.record("x");
    assert_eq!(store.query("x").last_days(2).into_buckets(), [1, 4]);
}

#[test]
fn a_second_store_on_a_folder_is_refused_until_the_first_is_closed() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let first = on_log(&clock, dir.path());
    first.record("x");
    let same_folder = dir.path().join(".");
    assert!(matches!(under(&clock).with_log(&same_folder).build(), Err(Error::Unavailable { .. })));
    first.close().unwrap();
    assert_eq!(on_log(&clock, dir.path()).query("x").ever().sum(), Some(1));
}
