//! Erasing events, here and on other devices.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::*;
#[cfg(feature = "storage-fs")]
use tiny_counter::storage::{Log, Writes};

#[test]
fn an_erased_event_stays_erased_on_every_device_that_merges_the_erasure() {
    let clock = clock();
    let [a, b, c] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("x");
    sync(&a, &b);
    sync(&b, &c);
    let removed = a.erase_event("x").unwrap().unwrap();
    assert_eq!(a.erase_event("x").unwrap(), None);
    assert_eq!(a.query("x").ever().sum(), None);
    b.record("x");
    sync(&a, &b);
    sync(&b, &c);
    for store in [&a, &b, &c] {
        assert_eq!(store.query("x").ever().sum(), None);
        assert!(store.events().is_empty());
    }
    c.merge_event("x", removed).unwrap();
    assert_eq!(c.query("x").ever().sum().unwrap_or(0), 0, "an old copy does not bring it back");
    c.record("x");
    sync(&a, &c);
    assert_eq!(a.query("x").ever().sum(), Some(1), "recorded again it begins anew");
}

#[test]
fn an_old_export_does_not_bring_an_erased_event_to_a_device_that_never_had_it() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    let old = a.export_bytes().unwrap();
    a.erase_event("x").unwrap();
    b.merge_bytes(&a.export_bytes().unwrap()).unwrap();
    assert_eq!(b.merge_bytes(&old).unwrap().events_changed, 0);
    assert!(b.events().is_empty());
}

#[test]
fn erase_all_erases_everywhere_what_the_eraser_knew_and_nothing_else() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("known");
    sync(&a, &b);
    b.record("known");
    b.record("unknown");
    assert_eq!(a.erase_all().unwrap().len(), 2);
    sync(&a, &b);
    assert_eq!((a.events(), b.events()), (vec!["unknown".into()], vec!["unknown".into()]));
    b.record("known");
    sync(&a, &b);
    assert_eq!(a.query("known").ever().sum(), Some(1));
}

#[cfg(feature = "storage-fs")]
#[test]
fn erasing_returns_the_counts_with_and_without_a_storage() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    for store in [in_memory(&clock), on_log(&clock, dir.path())] {
        store.record_count("x", 3);
        assert_eq!(store.erase_event("x").unwrap().unwrap().lifetime(), 3);
        store.record_count("x", 4);
        assert_eq!(store.erase_all().unwrap()["x"].lifetime(), 4);
    }
}

#[cfg(feature = "storage-fs")]
#[test]
fn an_erased_event_is_gone_from_the_file_after_compacting() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = on_log(&clock, dir.path());
    store.record("a private name");
    store.persist().unwrap();
    store.erase_event("a private name").unwrap().unwrap();
    store.compact().unwrap();
    drop(store);
    let bytes = std::fs::read(log_file(dir.path())).unwrap();
    assert!(!bytes.windows(14).any(|window| window == b"a private name"));
    let store = on_log(&clock, dir.path());
    assert!(store.events().is_empty());
    store.record("a private name");
    store.close().unwrap();
    assert_eq!(on_log(&clock, dir.path()).query("a private name").ever().sum(), Some(1));
}

#[cfg(feature = "storage-fs")]
#[test]
fn an_event_recorded_after_an_erasure_elsewhere_stays_dirty_until_a_persist() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let open = || under(&clock).with_log(Log::new(dir.path()).writes(Writes::Inline)).build().unwrap();
    let store = open();
    store.record("x");
    let other = in_memory(&clock);
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    other.erase_event("x").unwrap();
    store.close().unwrap();
    // Heard of while the event is stored and not in memory.
    let store = open();
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    store.record("x");
    assert!(store.is_dirty());
    store.persist().unwrap();
    assert!(!store.is_dirty());
    drop(store);
    assert_eq!(open().query("x").ever().sum(), Some(1));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn everything_can_be_erased_again_after_a_storage_was_reopened() {
    let (storage, clock) = (SharedStorage::default(), clock());
    for _ in 0..3 {
        let store = on_storage(&clock, &storage);
        store.record("x");
        store.close().unwrap();
        let store = on_storage(&clock, &storage);
        assert_eq!(store.erase_all().unwrap()["x"].lifetime(), 1);
        assert!(store.events().is_empty());
        store.record("y");
        store.close().unwrap();
        let store = on_storage(&clock, &storage);
        assert_eq!(store.events(), ["y"]);
        store.erase_all().unwrap();
        store.close().unwrap();
        assert!(on_storage(&clock, &storage).events().is_empty());
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_event_recorded_after_reopening_outlives_an_earlier_erasure_of_everything() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("x");
    store.erase_all().unwrap();
    store.record("old");
    store.close().unwrap();
    // The storage does not keep how often everything was erased. It stands in "old" only.
    let store = on_storage(&clock, &storage);
    store.record("new");
    store.close().unwrap();
    for names in [["old", "new"], ["new", "old"]] {
        let store = on_storage(&clock, &storage);
        assert_eq!(names.map(|name| ever(&store, name)), [Some(1), Some(1)], "{names:?}");
        store.close().unwrap();
    }
}
