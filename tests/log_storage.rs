//! A store on its log.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::path::Path;

use chrono::Duration;
use common::files::log_file;
use common::stores::{clock, ever, on_log, under};
use tiny_counter::{Error, Health, TimeUnit};

#[test]
fn opening_creates_the_log_and_querying_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new");
    let mut contents = Vec::new();
    for _ in 0..2 {
        let store = on_log(&clock(), &folder);
        contents.push(fs::read(log_file(&folder)).unwrap());
        assert_eq!(store.query("x").ever().sum(), None);
        assert_eq!(store.health(), Health::default());
        store.close().unwrap();
        contents.push(fs::read(log_file(&folder)).unwrap());
    }
    contents.dedup();
    assert_eq!(contents.len(), 1);
}

#[test]
fn a_folder_that_cannot_be_created_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), b"in the way").unwrap();
    for blocked in ["file", "file/folder"] {
        let opened = under(&clock()).with_log(dir.path().join(blocked)).build();
        assert!(matches!(opened, Err(Error::Io { .. })), "{blocked}");
    }
}

#[test]
fn a_log_that_disappears_or_is_overwritten_while_it_is_open_is_not_written_again() {
    let changes: [fn(&Path); 5] = [
        |log| fs::write(log, b"").unwrap(),
        |log| fs::write(log, vec![0; fs::metadata(log).unwrap().len() as usize]).unwrap(),
        |log| fs::write(log, b"This is somebody's shopping list").unwrap(),
        |log| fs::remove_file(log).unwrap(),
        |log| fs::remove_dir_all(log.parent().unwrap()).unwrap(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("log");
        let store = on_log(&clock(), &folder);
        store.record_count("x", 3);
        store.persist().unwrap();
        change(&log_file(&folder));
        let found = fs::read(log_file(&folder)).ok();
        store.record("x");
        store.record("y");
        assert!(matches!(store.persist(), Err(Error::Unavailable { .. })), "{number}");
        let decided = store.limit().at_most("y", 9, TimeUnit::Days).check_and_record("y");
        assert!(matches!(decided, Err(Error::NotWritten(_))), "{number}: {decided:?}");
        assert!(store.is_dirty() && store.health().storage_fails);
        assert_eq!(["x", "y"].map(|event| ever(&store, event)), [Some(4), Some(2)], "{number}");
        assert!(store.close().is_err());
        assert_eq!(fs::read(log_file(&folder)).ok(), found, "{number}");
        if found.is_some() {
            assert_eq!(on_log(&clock(), &folder).health().losses.len(), 1, "{number}");
        }
    }
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
