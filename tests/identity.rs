//! Stores with an identity: copies of a folder, and identities that are lost or added later.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::path::Path;

use chrono::Duration;
use common::files::{copy_folder, log_file};
use common::stores::{clock, ever, on_log, under};
use tiny_counter::{Error, EventStore, TestClock, TimeUnit};

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
fn a_copy_keeps_the_reservations_of_the_original_until_they_expire() {
    let ([dir, restored, apart], clock) = ([(); 3].map(|()| tempfile::tempdir().unwrap()), clock());
    let [old, new] = ["old", "new"].map(|name| apart.path().join(name));
    let store = with_identity(dir.path(), &old, &clock);
    for event in ["a", "b", "c"] {
        store.limit().reserve_for(event, Duration::hours(1)).unwrap();
    }
    copy_folder(dir.path(), restored.path());
    for pending in [3, 2] {
        let copied = with_identity(restored.path(), &new, &clock);
        let reserved = copied.reservations();
        assert_eq!(reserved.len(), pending);
        copied.commit_reservation(reserved[0].key).unwrap();
    }
    clock.advance(Duration::hours(1));
    assert!(with_identity(restored.path(), &new, &clock).reservations().is_empty());
    assert!(store.reservations().is_empty());
}

#[test]
fn a_store_killed_while_it_gets_its_identity_remains_the_same_device() {
    let ([dir, apart], clock) = ([(); 2].map(|()| tempfile::tempdir().unwrap()), clock());
    let token = apart.path().join("token");
    let store = on_log(&clock, dir.path());
    store.record("a");
    let key = store.limit().reserve_for("a", Duration::hours(1)).unwrap();
    store.close().unwrap();
    let before = fs::read(log_file(dir.path())).unwrap();
    drop(with_identity(dir.path(), &token, &clock));
    let after = fs::read(log_file(dir.path())).unwrap();
    let frame_begins = |at: &usize| after[*at..].starts_with(&[0xF9, 0x7C, 0x63, 0xFE]);
    let frames: Vec<usize> = (before.len()..after.len()).filter(frame_begins).collect();
    let [_, first_is_stored, file_is_written, _] = frames[..] else { panic!("{frames:?}") };
    // The log up to any byte, before and after the file got its name.
    let without_token = (before.len()..=file_is_written).map(|len| (len, false));
    for (len, has_token) in without_token.chain((first_is_stored..=after.len()).map(|len| (len, true))) {
        let [killed, apart] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        // The header and the synced length stand before the first frame.
        fs::write(log_file(killed.path()), [&before[..48], &after[48..len]].concat()).unwrap();
        let there = apart.path().join("token");
        if has_token {
            fs::copy(&token, &there).unwrap();
        }
        for lives in 1..3 {
            let store = with_identity(killed.path(), &there, &clock);
            assert!(store.health().losses.is_empty(), "{len} {has_token}");
            assert_eq!(store.commit_reservation(key).is_ok(), lives == 1, "{len} {has_token}");
            let lanes = store.export_all().unwrap()["a"].replicas();
            assert_eq!((ever(&store, "a"), lanes), (Some(2), 1), "{len} {has_token}");
        }
    }
}

#[test]
fn a_token_without_its_log_is_a_loss_until_it_is_acknowledged() {
    let ([dir, apart], clock) = ([(); 2].map(|()| tempfile::tempdir().unwrap()), clock());
    let (folder, token) = (dir.path().join("log"), apart.path().join("token"));
    with_identity(&folder, &token, &clock).record("a");
    fs::remove_dir_all(&folder).unwrap();
    // As after a kill of the process that noticed it: the log is new, and nothing was written to it.
    drop(on_log(&clock, &folder));
    for _ in 0..3 {
        let store = with_identity(&folder, &token, &clock);
        assert_eq!(store.health().losses.len(), 1);
        assert!(!store.limit().at_most("a", 1, TimeUnit::Ever).allowed("a"));
    }
    with_identity(&folder, &token, &clock).acknowledge_loss().unwrap();
    assert!(with_identity(&folder, &token, &clock).health().losses.is_empty());
}

#[test]
fn an_identity_that_cannot_be_written_is_an_error_and_changes_nothing() {
    let ([dir, apart], clock) = ([(); 2].map(|()| tempfile::tempdir().unwrap()), clock());
    let token = apart.path().join("folder/token");
    let store = with_identity(dir.path(), &token, &clock);
    store.record("a");
    let key = store.limit().reserve_for("a", Duration::hours(1)).unwrap();
    store.close().unwrap();
    let log = fs::read(log_file(dir.path())).unwrap();
    let (folder, aside) = (token.parent().unwrap(), apart.path().join("aside"));
    fs::rename(folder, &aside).unwrap();
    // The folder is not found and cannot be created, as if its storage were not available.
    std::os::unix::fs::symlink("nowhere", folder).unwrap();
    assert!(under(&clock).with_log(dir.path()).with_identity(&token).build().is_err());
    assert!(fs::read(log_file(dir.path())).unwrap() == log);
    fs::remove_file(folder).unwrap();
    fs::rename(&aside, folder).unwrap();
    let store = with_identity(dir.path(), &token, &clock);
    store.commit_reservation(key).unwrap();
    assert_eq!((ever(&store, "a"), store.export_all().unwrap()["a"].replicas()), (Some(2), 1));
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
