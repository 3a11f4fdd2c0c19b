//! Who counted what: lanes that are found in a storage, that were restored from a backup, and what leaves a store.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::fs;
use std::path::Path;

use chrono::Duration;
use support::{Shared, clock, in_memory, on_log, under};
use tiny_counter::{Error, EventStore, Storage, TestClock};

fn on(storage: &Shared, clock: &TestClock) -> EventStore {
    under(clock).with_storage(storage.clone()).build().unwrap()
}

fn ever(store: &EventStore, event: &str) -> Option<u32> {
    store.query(event).ever().sum()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A storage with the contents of another.
fn backup(storage: &Shared) -> Shared {
    let mut copy = Shared::default();
    for key in storage.list_keys().unwrap() {
        copy.save(&key, storage.load(&key).unwrap().unwrap()).unwrap();
    }
    copy
}

#[test]
fn what_is_imported_or_merged_before_the_lane_is_known_is_not_lost() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record("a");
    store.record_count("b", 5);
    let mut counters = store.export_all().unwrap();
    store.erase_event("b").unwrap();
    store.close().unwrap();
    let counter = counters.remove("b").unwrap();
    on(&storage, &clock).import_event("b", counter.clone()).unwrap();
    assert_eq!(ever(&on(&storage, &clock), "b"), Some(5));
    let other = backup(&storage);
    let store = on(&other, &clock);
    store.merge_event("b", counter).unwrap();
    store.record("b");
    store.close().unwrap();
    assert_eq!(ever(&on(&other, &clock), "b"), Some(6));
}

#[test]
fn a_restored_storage_begins_anew_beside_its_history() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record_count("x", 3);
    store.record("y");
    store.persist().unwrap();
    let restored = backup(&storage);
    for _ in 0..5 {
        store.record("x");
    }
    let newer = store.export_bytes().unwrap();
    let store = on(&restored, &clock);
    assert!(store.merge_bytes(&newer).unwrap().restarted);
    store.record("x");
    store.close().unwrap();
    assert_eq!(ever(&on(&restored, &clock), "x"), Some(9));
}

#[test]
fn a_restored_log_does_not_replace_what_the_others_know_of_it() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let phone = on_log(&clock, dir.path());
    phone.record("x");
    phone.persist().unwrap();
    let restored = tempfile::tempdir().unwrap();
    copy(dir.path(), restored.path());
    for _ in 0..99 {
        phone.record("x");
    }
    let tablet = in_memory(&clock);
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    phone.close().unwrap();
    let phone = on_log(&clock, restored.path());
    phone.record("x");
    // Even where only news are asked for.
    let news = tablet.export_since(&phone.knowledge().unwrap()).unwrap();
    assert!(phone.merge_bytes(&news).unwrap().restarted);
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(ever(&tablet, "x"), Some(100));
    phone.record("x");
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(ever(&tablet, "x"), Some(101));
    assert_eq!(ever(&phone, "x"), Some(101));
}

#[test]
fn an_export_leaves_dirty_what_is_dirty() {
    let (storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record("x");
    for _ in 0..2 {
        assert_eq!(store.export_dirty().unwrap().len(), 1);
        store.export_bytes().unwrap();
        assert!(store.is_dirty());
    }
    store.persist().unwrap();
    assert!(store.export_dirty().unwrap().is_empty());
}

#[test]
fn an_erasure_returns_what_was_counted_with_or_without_a_storage() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    for store in [in_memory(&clock), on_log(&clock, dir.path())] {
        store.record_count("x", 3);
        assert_eq!(store.erase_event("x").unwrap().unwrap().lifetime(), 3);
        store.record_count("x", 4);
        assert_eq!(store.erase_all().unwrap()["x"].lifetime(), 4);
    }
}

#[test]
fn what_a_store_hears_or_notices_without_counting_anything_survives_closing() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let other = in_memory(&clock);
    other.record("x");
    let old = other.export_bytes().unwrap();
    on_log(&clock, dir.path()).erase_all().unwrap();
    let store = on_log(&clock, dir.path());
    store.merge_bytes(&old).unwrap();
    assert_eq!(ever(&store, "x"), None, "everything was erased before");
    store.record("mine");
    store.close().unwrap();

    clock.advance(-Duration::days(30));
    let wait = Duration::hours(2);
    assert!(!on_log(&clock, dir.path()).limit().cooldown("mine", wait).allowed("mine"));
    for _ in 0..2 {
        clock.advance(Duration::hours(1));
        let _ = on_log(&clock, dir.path()).health();
    }
    let store = on_log(&clock, dir.path());
    assert!(store.limit().cooldown("mine", wait).allowed("mine"), "the notice does not move at each start");
}

#[test]
fn a_loss_that_was_acknowledged_stays_so() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    for number in 0..50 {
        store.record(format!("event {number}"));
    }
    store.close().unwrap();
    let log = dir.path().join("events.log");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&log, bytes).unwrap();
    let store = on_log(&clock, dir.path());
    assert_eq!(store.health().losses.len(), 1);
    store.acknowledge_loss().unwrap();
    store.close().unwrap();
    assert!(on_log(&clock, dir.path()).health().losses.is_empty());
}

#[test]
fn a_damaged_event_hinders_no_other_and_can_be_replaced_or_erased() {
    let (mut storage, clock) = (Shared::default(), clock());
    let store = on(&storage, &clock);
    store.record("good");
    store.record("bad");
    let counters = store.export_all().unwrap();
    store.close().unwrap();
    for replace in [false, true] {
        storage.save("bad", b"junk".to_vec()).unwrap();
        let store = on(&storage, &clock);
        assert_eq!(store.query_many(&["bad", "good"]).ever().sum(), Some(1));
        store.limit().at_most("good", 9, Duration::days(1)).check_and_record("other").unwrap();
        if replace {
            store.import_event("bad", counters["bad"].clone()).unwrap();
        } else {
            assert!(store.erase_event("bad").unwrap().is_some());
        }
        store.close().unwrap();
        assert_eq!(ever(&on(&storage, &clock), "bad"), replace.then_some(1));
    }
}

#[test]
fn a_limit_goes_by_coarser_units_where_its_own_was_not_counted() {
    let clock = clock();
    let analytics = under(&clock).for_analytics().build().unwrap();
    analytics.record_count("x", 5);
    let phone = in_memory(&clock);
    phone.merge_bytes(&analytics.export_bytes().unwrap()).unwrap();
    let limit = |n| phone.limit().at_most("x", n, Duration::hours(10));
    assert!(!limit(5).allowed("x"), "a limit never passes because it could not count");
    assert!(limit(6).allowed("x"));
    clock.advance(Duration::hours(10));
    assert!(limit(5).allowed("x"));
}

/// A store on a log in `dir`, with its identity in another folder, as an app has it.
fn with_identity(dir: &Path, token: &Path, clock: &TestClock) -> EventStore {
    under(clock).with_log(dir).with_identity(token).build().unwrap()
}

#[test]
fn a_copy_without_the_identity_goes_on_beside_the_original_and_nothing_counts_twice() {
    let ([dir, restored, apart], clock) = ([(); 3].map(|()| tempfile::tempdir().unwrap()), clock());
    let [old, new] = ["old/phone", "new/phone"].map(|name| apart.path().join(name));
    let store = with_identity(dir.path(), &old, &clock);
    store.record_count("a", 10);
    store.persist().unwrap();
    copy(dir.path(), restored.path());
    store.record_count("a", 5);
    let copied = with_identity(restored.path(), &new, &clock);
    assert_eq!(ever(&copied, "a"), Some(10));
    copied.record_count("a", 100);
    copied.close().unwrap();
    // Opened more than once before the two meet.
    let copied = with_identity(restored.path(), &new, &clock);
    copied.record_count("a", 100);
    let report = copied.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert!(!report.restarted, "that was known at the opening");
    store.merge_bytes(&copied.export_bytes().unwrap()).unwrap();
    assert_eq!((ever(&store, "a"), ever(&copied, "a")), (Some(215), Some(215)));
    store.close().unwrap();
    let store = with_identity(dir.path(), &old, &clock);
    store.record("a");
    assert_eq!(store.export_all().unwrap()["a"].replicas(), 2, "the original goes on as it was");
}

#[test]
fn a_store_that_gets_an_identity_later_stays_what_it_was() {
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
fn an_identity_that_was_lost_or_damaged_makes_history_and_one_that_cannot_be_read_is_an_error() {
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
fn a_copy_that_has_counted_nothing_settles_no_reservation_of_the_original() {
    let ([dir, restored, apart], clock) = ([(); 3].map(|()| tempfile::tempdir().unwrap()), clock());
    let [old, new] = ["old", "new"].map(|name| apart.path().join(name));
    let store = with_identity(dir.path(), &old, &clock);
    let key = store.limit().reserve_for("a", Duration::hours(1)).unwrap();
    copy(dir.path(), restored.path());
    let copied = with_identity(restored.path(), &new, &clock);
    assert!(copied.commit_reservation(key).is_err());
    store.commit_reservation(key).unwrap();
    store.merge_bytes(&copied.export_bytes().unwrap()).unwrap();
    assert_eq!(ever(&store, "a"), Some(1));
}

#[test]
fn a_store_that_is_killed_after_it_got_its_identity_keeps_its_reservations() {
    let ([dir, killed, apart], clock) = ([(); 3].map(|()| tempfile::tempdir().unwrap()), clock());
    let token = apart.path().join("token");
    let store = on_log(&clock, dir.path());
    store.record("a");
    let key = store.limit().reserve_for("a", Duration::hours(1)).unwrap();
    store.close().unwrap();
    let store = with_identity(dir.path(), &token, &clock);
    copy(dir.path(), killed.path());
    drop(store);
    let store = with_identity(killed.path(), &token, &clock);
    store.commit_reservation(key).unwrap();
    assert_eq!((ever(&store, "a"), store.export_all().unwrap()["a"].replicas()), (Some(2), 1));
}
