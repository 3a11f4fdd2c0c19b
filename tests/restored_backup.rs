//! A store that was restored from a backup, while other devices have newer counts of it.

#![cfg(any(feature = "storage-fs", feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::*;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::{EventStore, TestClock};

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_restored_storage_counts_in_a_new_lane_beside_its_history() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record_count("x", 3);
    store.record("y");
    store.persist().unwrap();
    let restored = storage.backup();
    for _ in 0..5 {
        store.record("x");
    }
    let newer = store.export_bytes().unwrap();
    let store = on_storage(&clock, &restored);
    assert!(store.merge_bytes(&newer).unwrap().restarted);
    store.record("x");
    store.close().unwrap();
    assert_eq!(ever(&on_storage(&clock, &restored), "x"), Some(9));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_single_event_of_a_continued_original_is_not_sent_again_and_again() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let original = on_storage(&clock, &storage);
    original.record("x");
    original.persist().unwrap();
    let copy = on_storage(&clock, &storage.backup());
    original.record("y");
    let single = original.export_all().unwrap().remove("y").unwrap();
    clock.advance(Duration::minutes(1));
    copy.record("x");
    copy.export_bytes().unwrap();
    copy.merge_event("y", single).unwrap();
    let tablet = in_memory(&clock);
    for changed in [2, 0] {
        let delta = copy.export_since(&tablet.knowledge().unwrap()).unwrap();
        assert_eq!(tablet.merge_bytes(&delta).unwrap().events_changed, changed);
        assert_eq!(in_memory(&clock).merge_bytes(&delta).unwrap().events_changed, changed);
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_store_that_hears_that_another_one_counts_in_its_lane_leaves_it_and_both_agree() {
    for by_delta in [false, true] {
        let (storage, clock) = (SharedStorage::default(), clock());
        let original = on_storage(&clock, &storage);
        original.record("x");
        original.persist().unwrap();
        let copy = on_storage(&clock, &storage.backup());
        clock.advance(Duration::minutes(1));
        copy.record("x");
        let counters = copy.export_all().unwrap();
        clock.advance(Duration::minutes(1));
        original.record("x");
        let tablet = in_memory(&clock);
        tablet.merge_bytes(&original.export_bytes().unwrap()).unwrap();
        tablet.merge_all(counters).unwrap();
        if by_delta {
            // It hears it when it is asked.
            let delta = original.export_since(&tablet.knowledge().unwrap()).unwrap();
            tablet.merge_bytes(&delta).unwrap();
        } else {
            assert!(original.merge_bytes(&tablet.export_bytes().unwrap()).unwrap().restarted);
        }
        original.record("x");
        sync(&original, &tablet);
        // Of each bucket that both counted the greater count is left, also of all time.
        assert_eq!([ever(&original, "x"), ever(&tablet, "x")], [Some(3), Some(3)]);
        assert_eq!(original.export_all().unwrap()["x"], tablet.export_all().unwrap()["x"]);
    }
}

/// A store with one recording of `x` and a copy of it, which recorded `x` on two other days.
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
fn original_and_copy(clock: &TestClock) -> [EventStore; 2] {
    let storage = SharedStorage::default();
    let original = on_storage(clock, &storage);
    original.record("x");
    original.persist().unwrap();
    let copy = on_storage(clock, &storage.backup());
    for store in [&original, &copy] {
        clock.advance(Duration::days(1));
        store.record("x");
    }
    [original, copy]
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn counts_that_only_a_counter_joins_reach_everybody() {
    let clock = clock();
    let [original, copy] = original_and_copy(&clock);
    let of_original = original.export_all().unwrap();
    let of_copy = copy.export_bytes().unwrap();
    // One device joins both, gives a counter to a second one, and is lost.
    let [lost, second, third] = [(); 3].map(|()| in_memory(&clock));
    lost.merge_all(of_original).unwrap();
    lost.merge_bytes(&of_copy).unwrap();
    second.merge_all(lost.export_all().unwrap()).unwrap();
    third.merge_bytes(&of_copy).unwrap();
    for (from, to) in [(&second, &third), (&third, &second)] {
        to.merge_bytes(&from.export_since(&to.knowledge().unwrap()).unwrap()).unwrap();
    }
    assert_eq!([&second, &third].map(|store| store.query("x").lifetime()), [Some(3), Some(3)]);
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_restored_log_does_not_replace_newer_counts_on_other_devices() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let phone = on_log(&clock, dir.path());
    phone.record("x");
    phone.persist().unwrap();
    let restored = tempfile::tempdir().unwrap();
    copy_folder(dir.path(), restored.path());
    for _ in 0..99 {
        phone.record("x");
    }
    let tablet = in_memory(&clock);
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    phone.close().unwrap();
    let phone = on_log(&clock, restored.path());
    phone.record("x");
    // Also with an export of only what is new.
    let newer = tablet.export_since(&phone.knowledge().unwrap()).unwrap();
    assert!(phone.merge_bytes(&newer).unwrap().restarted);
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(ever(&tablet, "x"), Some(100));
    phone.record("x");
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(ever(&tablet, "x"), Some(101));
    assert_eq!(ever(&phone, "x"), Some(101));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn stores_that_heard_of_different_copies_agree_by_deltas_although_only_old_buckets_differ() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let original = on_storage(&clock, &storage);
    original.record_ago("x", Duration::days(20));
    original.persist().unwrap();
    let copy = |ago: Duration| {
        let copy = on_storage(&clock, &storage.backup());
        clock.advance(Duration::minutes(1));
        copy.record_ago("x", ago);
        copy.export_bytes().unwrap()
    };
    let copies = [Duration::days(3), Duration::days(5), Duration::zero()].map(copy);
    let heard = |of: [usize; 2]| {
        let store = in_memory(&clock);
        of.iter().for_each(|at| assert_eq!(store.merge_bytes(&copies[*at]).unwrap().refused, 0));
        store
    };
    let [a, b] = [heard([0, 2]), heard([1, 2])];
    let days = |store: &EventStore| store.query("x").last_days(10).into_buckets();
    assert_ne!(days(&a), days(&b));
    let tell = |from: &EventStore, to: &EventStore| {
        let delta = from.export_since(&to.knowledge().unwrap()).unwrap();
        to.merge_bytes(&delta).unwrap();
        delta.len()
    };
    for _ in 0..3 {
        tell(&a, &b);
        tell(&b, &a);
    }
    assert_eq!(days(&a), days(&b));
    assert!(tell(&a, &b) < 100 && tell(&b, &a) < 100, "there is nothing to tell any more");
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_store_that_dropped_old_buckets_and_one_that_did_not_tell_each_other_nothing() {
    let (storage, clock, kept) = (SharedStorage::default(), clock(), SharedStorage::default());
    let original = on_storage(&clock, &storage);
    original.record("x");
    original.persist().unwrap();
    clock.advance(Duration::days(100));
    let copies = [(); 2].map(|()| {
        let copy = on_storage(&clock, &storage.backup());
        clock.advance(Duration::minutes(1));
        copy.record("x");
        copy.export_bytes().unwrap()
    });
    let [mut ages, stays] = [on_storage(&clock, &kept), in_memory(&clock)];
    for (store, bytes) in
        [(&ages, &copies[0]), (&ages, &copies[1]), (&stays, &copies[1]), (&stays, &copies[0])]
    {
        store.merge_bytes(bytes).unwrap();
    }
    let days = |store: &EventStore| store.export_all().unwrap().remove("x").unwrap();
    assert!(days(&ages) == days(&stays));
    for _ in 0..6 {
        // Each opening adds the date of a persist.
        ages.record("other");
        ages.close().unwrap();
        clock.advance(Duration::days(10));
        ages = on_storage(&clock, &kept);
    }
    ages.compact().unwrap();
    assert!(days(&ages) != days(&stays), "an old bucket is dropped");
    let tell = |from: &EventStore, to: &EventStore| {
        let delta = from.export_since(&to.knowledge().unwrap()).unwrap();
        to.merge_bytes(&delta).unwrap().replicas
    };
    tell(&ages, &stays);
    assert_eq!([tell(&ages, &stays), tell(&stays, &ages)], [0, 0]);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn two_copies_that_count_one_event_are_reported_as_conflicting() {
    let clock = clock();
    let [original, copy] = original_and_copy(&clock);
    let tablet = in_memory(&clock);
    let conflicts = [&original, &copy]
        .map(|store| tablet.merge_bytes(&store.export_bytes().unwrap()).unwrap().conflicting_copies);
    assert_eq!(conflicts, [0, 1], "each of them counted on another day");
    assert_eq!(tablet.query("x").lifetime(), Some(3));
}
