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

#[test]
fn erasing_several_events_returns_what_was_known_and_reaches_other_devices() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    for event in ["x", "y", "z"] {
        a.record_count(event, 2);
        b.record(event);
    }
    sync(&a, &b);
    let removed = a.erase_events(["x", "z", "x", "never"]).unwrap();
    let mut names: Vec<&String> = removed.keys().collect();
    names.sort();
    assert_eq!(names, ["x", "z"]);
    assert_eq!((removed["x"].lifetime(), removed["z"].lifetime()), (3, 3));
    assert_eq!(a.events(), ["y"]);
    sync(&a, &b);
    assert_eq!((a.events(), b.events()), (vec!["y".to_owned()], vec!["y".to_owned()]));
    assert!(a.erase_events(Vec::<String>::new()).unwrap().is_empty());
    assert!(a.erase_events(["x"]).unwrap().is_empty());
}

#[test]
fn a_list_with_an_invalid_name_erases_nothing() {
    let (clock, long) = (clock(), "x".repeat(1_025));
    let store = in_memory(&clock);
    store.record("x");
    let error = store.erase_events(["x", &long]).unwrap_err();
    assert!(matches!(error, tiny_counter::Error::InvalidEvent { .. }), "{error}");
    assert_eq!(ever(&store, "x"), Some(1));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_list_with_an_event_that_cannot_be_read_erases_nothing() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("x");
    store.record("y");
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    assert_eq!(ever(&store, "x"), Some(1));
    storage.set_loading(false);
    assert!(store.erase_events(["x", "y"]).is_err());
    storage.set_loading(true);
    assert_eq!((ever(&store, "x"), ever(&store, "y")), (Some(1), Some(1)));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_erasure_of_several_events_that_cannot_be_written_is_written_by_the_next_persist() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    ["x", "y", "z"].iter().for_each(|event| store.record(*event));
    store.persist().unwrap();
    storage.set_saving(false);
    assert!(store.erase_events(["x", "y"]).is_err());
    assert_eq!(store.events(), ["z"]);
    assert_eq!(event_keys(&storage), ["x", "y", "z"]);
    storage.set_saving(true);
    store.persist().unwrap();
    assert_eq!(event_keys(&storage), ["z"]);
}

#[cfg(feature = "storage-fs")]
#[test]
fn erasing_a_damaged_event_ends_its_loss_and_removes_its_name_from_the_files() {
    for together in [false, true] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        let store = on_log(&clock, dir.path());
        store.record("a private name");
        store.record("x");
        store.close().unwrap();
        damage_event(dir.path(), "a private name");
        let store = on_log(&clock, dir.path());
        assert_eq!(store.health().losses.len(), 1);
        store.record("x");
        store.persist().unwrap();
        let kept = store.health().kept_aside;
        assert!(kept.len() == 1 && files_hold(dir.path(), "a private name"));
        let limit = || store.limit().at_most("a private name", 1, chrono::Duration::days(1));
        assert!(limit().check("a private name").is_err());
        if together {
            store.erase_events(["a private name"]).unwrap();
            assert!(store.health().kept_aside.is_empty() && !kept[0].exists());
            assert!(!files_hold(dir.path(), "a private name"));
        } else {
            store.erase_event("a private name").unwrap();
            store.persist().unwrap();
            assert!(kept[0].exists(), "it is kept for diagnosis");
            std::fs::remove_file(&kept[0]).unwrap();
            assert!(!files_hold(dir.path(), "a private name"));
        }
        assert!(store.health().losses.is_empty());
        limit().check("a private name").unwrap();
        store.close().unwrap();
        let store = on_log(&clock, dir.path());
        assert!(store.health().losses.is_empty());
        assert_eq!(store.events(), ["x"]);
    }
}

#[cfg(feature = "storage-fs")]
#[test]
fn erasing_everything_removes_copies_of_damaged_files_and_ends_every_loss() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    std::fs::write(log_file(dir.path()), "not a log, but it holds a private name".repeat(9)).unwrap();
    let store = on_log(&clock, dir.path());
    assert_eq!(store.health().losses.len(), 1);
    assert!(store.erase_all().unwrap().is_empty());
    assert!(!files_hold(dir.path(), "a private name"));
    assert!(store.health().losses.is_empty() && store.health().kept_aside.is_empty());
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn events_that_are_not_named_stay_however_many_others_are_erased() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let names: Vec<String> = (0..66_000).map(|number| number.to_string()).collect();
    let (erased, kept) = names.split_at(65_900);
    let [phone, tablet] = [on_storage(&clock, &storage), in_memory(&clock)];
    names.iter().for_each(|name| phone.record(name));
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    tablet.erase_events(erased).unwrap();
    let count =
        |store: &tiny_counter::EventStore| kept.iter().filter(|name| ever(store, name) == Some(1)).count();
    assert_eq!(count(&tablet), kept.len());
    phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    assert_eq!(phone.events().len(), kept.len());
    assert_eq!(count(&phone), kept.len());
    phone.close().unwrap();
    let phone = on_storage(&clock, &storage);
    assert_eq!(count(&phone), kept.len());
}
