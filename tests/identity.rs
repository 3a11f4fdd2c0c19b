//! Stores with an identity: copies of a folder, and identities that are lost or added later.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::path::Path;

use chrono::Duration;
use common::files::copy_folder;
use common::stores::{clock, ever, on_log, under};
use tiny_counter::{Error, EventStore, TestClock};

/// A store on a log in `dir`, with its identity in another folder, as in an app.
fn with_identity(dir: &Path, token: &Path, clock: &TestClock) -> EventStore {
    under(clock).with_log(dir).with_identity(token).build().unwrap()
}

#[test]
fn a_copy_without_the_identity_counts_beside_the_original_and_nothing_counts_twice() {
    let ([dir, restored, apart], clock) = ([(); 3].map(|()| tempfile::tempdir().unwrap()), clock());
    let [old, new] = ["old/phone", "new/phone"].map(|name| apart.path().join(name));
    let store = with_identity(dir.path(), &old, &clock);
    store.record_count("a", 10);
    store.persist().unwrap();
    copy_folder(dir.path(), restored.path());
    store.record_count("a", 5);
    let copied = with_identity(restored.path(), &new, &clock);
    assert_eq!(ever(&copied, "a"), Some(10));
    copied.record_count("a", 100);
    copied.close().unwrap();
    // Opened twice before the two merge.
    let copied = with_identity(restored.path(), &new, &clock);
    copied.record_count("a", 100);
    let report = copied.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert!(!report.restarted, "the copy was detected when it was opened");
    store.merge_bytes(&copied.export_bytes().unwrap()).unwrap();
    assert_eq!((ever(&store, "a"), ever(&copied, "a")), (Some(215), Some(215)));
    store.close().unwrap();
    let store = with_identity(dir.path(), &old, &clock);
    store.record("a");
    assert_eq!(store.export_all().unwrap()["a"].replicas(), 2, "the original keeps its lane");
}

#[test]
fn a_store_that_gets_an_identity_later_remains_the_same_device() {
    let ([dir, apart], clock) = ([(); 2].map(|()| tempfile::tempdir().unwrap()), clock());
    let token = apart.path().join("token");
    for round in 0..4 {
        let store = match round {
            0 => on_log(&clock, dir.path()),
            _ => with_identity(dir.path(), &token, &clock),
        };
        store.record("a");
        store.close().unwrap();
    }
    let store = with_identity(dir.path(), &token, &clock);
    assert_eq!((ever(&store, "a"), store.export_all().unwrap()["a"].replicas()), (Some(4), 1));
    assert_eq!(fs::read(&token).unwrap().len(), 16);
}

#[test]
fn a_lost_or_damaged_identity_starts_a_new_lane_and_an_unreadable_one_is_an_error() {
    let ([dir, apart], clock) = ([(); 2].map(|()| tempfile::tempdir().unwrap()), clock());
    let token = apart.path().join("token");
    let count = |lanes: usize| {
        let store = with_identity(dir.path(), &token, &clock);
        store.record("a");
        assert_eq!(store.export_all().unwrap()["a"].replicas(), lanes);
    };
    count(1);
    count(1);
    fs::remove_file(&token).unwrap();
    count(2);
    for damaged in [&b""[..], &[7; 15], &[7; 17], &[7; 16]] {
        fs::write(&token, damaged).unwrap();
        let store = with_identity(dir.path(), &token, &clock);
        assert_eq!(fs::read(&token).unwrap().len(), 16);
        store.record("a");
    }
    let store = with_identity(dir.path(), &token, &clock);
    assert_eq!((ever(&store, "a"), store.export_all().unwrap()["a"].replicas()), (Some(7), 6));
    drop(store);
    fs::remove_file(&token).unwrap();
    fs::create_dir(&token).unwrap();
    let unreadable = under(&clock).with_log(dir.path()).with_identity(&token).build();
    assert!(matches!(unreadable, Err(Error::Unavailable { .. })));
    fs::remove_dir(&token).unwrap();
    assert_eq!(ever(&with_identity(dir.path(), &token, &clock), "a"), Some(7), "nothing is lost");
    let without_log = under(&clock).with_identity(&token).build();
    assert!(matches!(without_log, Err(Error::ConfigMismatch(_))));
}

#[test]
fn a_copy_cannot_commit_a_reservation_of_the_original() {
    let ([dir, restored, apart], clock) = ([(); 3].map(|()| tempfile::tempdir().unwrap()), clock());
    let [old, new] = ["old", "new"].map(|name| apart.path().join(name));
    let store = with_identity(dir.path(), &old, &clock);
    let key = store.limit().reserve_for("a", Duration::hours(1)).unwrap();
    copy_folder(dir.path(), restored.path());
    let copied = with_identity(restored.path(), &new, &clock);
    assert!(copied.commit_reservation(key).is_err());
    store.commit_reservation(key).unwrap();
    store.merge_bytes(&copied.export_bytes().unwrap()).unwrap();
    assert_eq!(ever(&store, "a"), Some(1));
}

#[test]
fn a_store_killed_right_after_it_got_its_identity_keeps_its_reservations() {
    let ([dir, killed, apart], clock) = ([(); 3].map(|()| tempfile::tempdir().unwrap()), clock());
    let token = apart.path().join("token");
    let store = on_log(&clock, dir.path());
    store.record("a");
    let key = store.limit().reserve_for("a", Duration::hours(1)).unwrap();
    store.close().unwrap();
    let store = with_identity(dir.path(), &token, &clock);
    copy_folder(dir.path(), killed.path());
    drop(store);
    let store = with_identity(killed.path(), &token, &clock);
    store.commit_reservation(key).unwrap();
    assert_eq!((ever(&store, "a"), store.export_all().unwrap()["a"].replicas()), (Some(2), 1));
}
