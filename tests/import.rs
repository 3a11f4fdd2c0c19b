//! Importing counters, which replaces counts.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::*;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::Storage as _;

#[test]
fn an_import_replaces_counts_here_and_after_a_merge_everywhere() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record_count("x", 5);
    let backup = a.export_all().unwrap();
    a.record_count("x", 70);
    sync(&a, &b);
    a.import_all(backup).unwrap();
    assert_eq!(a.query("x").ever().sum(), Some(5));
    sync(&a, &b);
    assert_eq!(b.query("x").ever().sum(), Some(5));
    assert_eq!(a.query("x").ever().sum(), Some(5));
}

#[test]
fn an_import_on_a_new_device_continues_the_counts_of_the_old_one() {
    let clock = clock();
    let [old, new] = [in_memory(&clock), in_memory(&clock)];
    old.record_count("x", 5);
    new.record_count("x", 1);
    new.import_event("x", old.export_all().unwrap().remove("x").unwrap()).unwrap();
    assert_eq!(new.query("x").ever().sum(), Some(5));
    new.record("x");
    sync(&old, &new);
    assert_eq!(old.query("x").ever().sum(), Some(6));
    assert_eq!(new.query("x").ever().sum(), Some(6));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn what_an_import_replaced_does_not_come_back_from_a_peer_after_a_restart() {
    for is_damaged in [false, true] {
        let (storage, clock) = (SharedStorage::default(), clock());
        let (a, b) = (on_storage(&clock, &storage), in_memory(&clock));
        a.record("other");
        a.record_count("x", 5);
        let mut backup = a.export_all().unwrap();
        a.record_count("x", 70);
        sync(&a, &b);
        a.close().unwrap();
        if is_damaged {
            storage.clone().save("x", b"damaged".to_vec()).unwrap();
        }
        let a = on_storage(&clock, &storage);
        a.import_event("x", backup.remove("x").unwrap()).unwrap();
        let report = a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
        assert!(!report.restarted, "the store is no older copy");
        assert_eq!(ever(&a, "x"), Some(5));
        sync(&a, &b);
        assert_eq!((ever(&a, "x"), ever(&b, "x")), (Some(5), Some(5)));
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_import_or_merge_before_anything_was_loaded_is_not_lost() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("a");
    store.record_count("b", 5);
    let mut counters = store.export_all().unwrap();
    store.erase_event("b").unwrap();
    store.close().unwrap();
    let counter = counters.remove("b").unwrap();
    on_storage(&clock, &storage).import_event("b", counter.clone()).unwrap();
    assert_eq!(ever(&on_storage(&clock, &storage), "b"), Some(5));
    let other = storage.backup();
    let store = on_storage(&clock, &other);
    store.merge_event("b", counter).unwrap();
    store.record("b");
    store.close().unwrap();
    assert_eq!(ever(&on_storage(&clock, &other), "b"), Some(6));
}

#[test]
fn an_import_of_another_device_s_counts_replaces_the_own_ones_everywhere() {
    let clock = clock();
    let [phone, tablet, other] = [(); 3].map(|()| in_memory(&clock));
    phone.record_count("x", 3);
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    other.record_count("x", 5);
    let counter = other.export_all().unwrap().remove("x").unwrap();
    phone.import_event("x", counter).unwrap();
    assert_eq!(phone.query("x").lifetime(), Some(5));
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(tablet.query("x").lifetime(), Some(5));
    let report = phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    assert!(!report.restarted, "what was replaced is no later state of the phone");
    assert_eq!(phone.query("x").lifetime(), Some(5));
}

#[test]
fn an_import_brings_back_an_erased_event_that_was_imported_before_it_was_erased() {
    let clock = clock();
    let [phone, tablet] = [(); 2].map(|()| in_memory(&clock));
    phone.record("x");
    let saved = phone.export_all().unwrap();
    phone.import_all(saved).unwrap();
    let saved = phone.export_all().unwrap();
    phone.erase_event("x").unwrap();
    phone.import_all(saved).unwrap();
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!((ever(&phone, "x"), ever(&tablet, "x")), (Some(1), Some(1)));
}

#[test]
fn what_was_erased_before_an_import_stays_erased_with_the_imported_counts() {
    let clock = clock();
    let [phone, tablet] = [(); 2].map(|()| in_memory(&clock));
    phone.record("x");
    let saved = phone.export_all().unwrap();
    phone.erase_event("x").unwrap();
    phone.import_all(saved.clone()).unwrap();
    // The tablet hears of the import, but not of the first erasure.
    tablet.merge_all(phone.export_all().unwrap()).unwrap();
    tablet.erase_event("x").unwrap();
    tablet.merge_all(saved).unwrap();
    assert_eq!(tablet.query("x").lifetime(), None, "the counts of before both erasures came back");
}

#[test]
fn an_event_that_is_imported_under_another_name_lives_and_is_erased_on_its_own() {
    let clock = clock();
    for erased in ["old", "new"] {
        let [phone, tablet] = [(); 2].map(|()| in_memory(&clock));
        phone.record("old");
        let counter = phone.export_all().unwrap().remove("old").unwrap();
        phone.import_event("new", counter).unwrap();
        phone.erase_event(erased).unwrap();
        tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
        for store in [&phone, &tablet] {
            for name in ["old", "new"] {
                assert_eq!(store.query(name).lifetime().is_none(), name == erased, "{name} after {erased}");
            }
        }
    }
}

#[test]
fn an_import_replaces_what_was_counted_before_and_under_a_clock_step() {
    let clock = clock();
    let [phone, tablet] = [(); 2].map(|()| in_memory(&clock));
    phone.record_count("x", 3);
    let saved = phone.export_all().unwrap().remove("x").unwrap();
    clock.set(noon() - chrono::Duration::days(30));
    phone.record_count("x", 4);
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(tablet.query("x").lifetime(), Some(7));
    phone.import_event("x", saved).unwrap();
    assert_eq!(phone.query("x").lifetime(), Some(3));
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(tablet.query("x").lifetime(), Some(3));
    assert!(!phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap().restarted);
    assert_eq!(phone.query("x").lifetime(), Some(3));
    assert_eq!(tablet.export_all().unwrap()["x"].replicas(), 1, "one store, whatever its clock did");
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_import_of_counts_that_are_erased_leaves_no_event() {
    let clock = clock();
    let [phone, tablet] = [(); 2].map(|()| in_memory(&clock));
    phone.record("x");
    let first = phone.export_all().unwrap();
    tablet.merge_all(first.clone()).unwrap();
    tablet.erase_event("x").unwrap();
    phone.import_all(first).unwrap();
    let imported = phone.export_all().unwrap();
    // The import replaced what is erased here, so nothing is left of it.
    tablet.import_all(imported).unwrap();
    assert_eq!(tablet.events(), Vec::<String>::new());
    let sent = tablet.export_bytes().unwrap();
    let other = in_memory(&clock);
    assert_eq!(other.merge_bytes(&sent).unwrap().events_changed, 0);
    assert_eq!(other.events(), Vec::<String>::new());
}

#[test]
fn an_import_is_received_at_the_time_of_the_call() {
    let minutes = chrono::Duration::minutes;
    let (ours, theirs) = (clock(), clock_at(noon() + minutes(10)));
    let (store, other) = (in_memory(&ours), in_memory(&theirs));
    for idle in [0, 2] {
        [&ours, &theirs].iter().for_each(|clock| clock.advance(chrono::Duration::days(idle)));
        other.record("x");
        store.import_all(other.export_all().unwrap()).unwrap();
        let cooldown = || store.limit().cooldown("x", minutes(60));
        assert_eq!(retry_after(cooldown(), "x"), Some(minutes(70)), "idle for {idle} days");
    }
}

#[test]
fn an_own_export_that_is_imported_under_a_clock_step_shuts_no_limit() {
    let clock = clock_at(instant("2030-03-01T12:00:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    clock.set(instant("2026-03-01T12:00:00Z"));
    store.record("y");
    clock.advance(chrono::Duration::days(2));
    store.import_all(store.export_all().unwrap()).unwrap();
    assert!(store.limit().cooldown("x", chrono::Duration::days(1)).allowed("x"));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_event_that_was_imported_under_another_name_lives_on_when_one_of_the_two_is_erased() {
    for (erased, left) in [("old", "new"), ("new", "old")] {
        let (storage, clock) = (SharedStorage::default(), clock());
        let (store, tablet) = (on_storage(&clock, &storage), in_memory(&clock));
        store.record_count("old", 3);
        tablet.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        store.import_event("new", store.export_all().unwrap().remove("old").unwrap()).unwrap();
        store.erase_event(erased).unwrap();
        tablet.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        store.close().unwrap();
        for store in [on_storage(&clock, &storage), tablet] {
            assert_eq!((store.events(), ever(&store, left)), (vec![left.to_owned()], Some(3)));
        }
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_import_into_an_older_copy_of_its_store_begins_a_new_replica_at_once() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let (phone, tablet) = (on_storage(&clock, &storage), in_memory(&clock));
    phone.record_count("x", 5);
    phone.persist().unwrap();
    let backup = storage.backup();
    phone.record_count("x", 3);
    phone.record("y");
    let saved = phone.export_all().unwrap();
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    for names in [&["x"][..], &["y"], &["x", "y"]] {
        let backup = backup.backup();
        let older = on_storage(&clock, &backup);
        let mut saved = saved.clone();
        saved.retain(|name, _| names.contains(&name.as_str()));
        older.import_all(saved).unwrap();
        older.record_count("x", 2);
        older.close().unwrap();
        let older = on_storage(&clock, &backup);
        assert!(!older.merge_bytes(&tablet.export_bytes().unwrap()).unwrap().restarted, "{names:?}");
        assert_eq!((ever(&older, "x"), ever(&older, "y")), (Some(10), Some(1)), "{names:?}");
        let heard = in_memory(&clock);
        heard.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
        heard.merge_bytes(&older.export_bytes().unwrap()).unwrap();
        assert_eq!((ever(&heard, "x"), ever(&heard, "y")), (Some(10), Some(1)), "{names:?}");
    }
}

#[test]
fn an_import_replaces_nothing_of_a_replica_that_nobody_knows() {
    let clock = clock();
    let [phone, tablet] = [(); 2].map(|()| in_memory(&clock));
    let imports = || {
        phone.record("x");
        phone.import_all(tablet.export_all().unwrap()).unwrap();
        let counter = phone.export_all().unwrap().remove("x").unwrap();
        assert_eq!((counter.replicas(), ever(&phone, "x")), (1, Some(4)));
    };
    phone.record("x");
    sync(&phone, &tablet);
    tablet.erase_event("x").unwrap();
    phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    tablet.record_count("x", 4);
    imports();
    // It exported the event without a cell of its own.
    imports();
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_import_right_after_a_store_left_its_replica_is_counted_once() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let original = on_storage(&clock, &storage);
    original.record_count("x", 5);
    original.persist().unwrap();
    let restored = on_storage(&clock, &storage.backup());
    original.record("x");
    let newer = original.export_bytes().unwrap();
    assert!(restored.merge_bytes(&newer).unwrap().restarted);
    // The second import has to replace what the first one replaced.
    for _ in 0..2 {
        let x = original.export_all().unwrap().remove("x").unwrap();
        restored.import_event("x", x).unwrap();
        restored.merge_bytes(&newer).unwrap();
        assert_eq!(ever(&restored, "x"), Some(6));
    }
    restored.import_event("x", tiny_counter::SingleEventCounter::default()).unwrap();
    restored.merge_bytes(&newer).unwrap();
    assert_eq!(ever(&restored, "x"), Some(0));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_import_on_a_device_and_on_its_restored_copy_is_counted_once() {
    for imports_first in [true, false] {
        let (storage, clock) = (SharedStorage::default(), clock());
        let original = on_storage(&clock, &storage);
        original.record_count("x", 5);
        original.persist().unwrap();
        let restored = on_storage(&clock, &storage.backup());
        original.record("other");
        let newer = original.export_bytes().unwrap();
        assert!(restored.merge_bytes(&newer).unwrap().restarted);
        let x = original.export_all().unwrap().remove("x").unwrap();
        let stores = if imports_first { [&original, &restored] } else { [&restored, &original] };
        for store in stores {
            clock.advance(chrono::Duration::minutes(1));
            store.import_event("x", x.clone()).unwrap();
        }
        for _ in 0..2 {
            sync(&original, &restored);
            assert_eq!([ever(&original, "x"), ever(&restored, "x")], [Some(5), Some(5)]);
        }
        // What both count from now on counts.
        original.record("x");
        restored.record_count("x", 10);
        sync(&original, &restored);
        assert_eq!([ever(&original, "x"), ever(&restored, "x")], [Some(16), Some(16)]);
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn what_a_crash_takes_of_an_import_comes_back_with_the_next_delta() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let (a, b) = (in_memory(&clock), on_storage(&clock, &storage));
    a.record("x");
    b.record("other");
    b.knowledge().unwrap();
    b.persist().unwrap();
    b.import_event("x", a.export_all().unwrap().remove("x").unwrap()).unwrap();
    let delta = a.export_since(&b.knowledge().unwrap()).unwrap();
    let b = on_storage(&clock, &storage.backup());
    b.merge_bytes(&delta).unwrap();
    b.merge_bytes(&a.export_since(&b.knowledge().unwrap()).unwrap()).unwrap();
    assert_eq!(ever(&b, "x"), Some(1));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_event_that_a_copy_imported_from_its_original_can_be_erased_there() {
    for steps in 0..8 {
        let (clock, storage) = (clock(), SharedStorage::default());
        let advance = |step: u32| {
            if steps & (1 << step) > 0 {
                clock.advance(chrono::Duration::hours(14));
            }
        };
        let original = on_storage(&clock, &storage);
        original.record("other");
        original.persist().unwrap();
        let copy = on_storage(&clock, &storage.backup());
        advance(0);
        original.record("x");
        let x = original.export_all().unwrap().remove("x").unwrap();
        advance(1);
        copy.import_event("x", x.clone()).unwrap();
        let tablet = in_memory(&clock);
        tablet.import_event("x", x).unwrap();
        original.merge_bytes(&copy.export_bytes().unwrap()).unwrap();
        advance(2);
        copy.erase_event("x").unwrap();
        let stores = [original, copy, tablet];
        for (a, b) in [(0, 1), (0, 2), (1, 2), (0, 1)] {
            let [a, b] = [&stores[a], &stores[b]];
            b.merge_bytes(&a.export_since(&b.knowledge().unwrap()).unwrap()).unwrap();
            a.merge_bytes(&b.export_since(&a.knowledge().unwrap()).unwrap()).unwrap();
        }
        assert_eq!(stores.each_ref().map(|store| ever(store, "x")), [None; 3], "{steps:b}");
    }
}
