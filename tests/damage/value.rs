//! A damaged event in a storage that holds one value per event.

use chrono::Duration;
use tiny_counter::{Error, Storage};

use super::common::shared_storage::SharedStorage;
use super::common::stores::{clock, ever, on_storage};

#[test]
fn a_damaged_event_affects_no_other_and_can_be_replaced_or_erased() {
    let (mut storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("good");
    store.record("bad");
    let counters = store.export_all().unwrap();
    store.close().unwrap();
    for replace in [false, true] {
        storage.save("bad", b"junk".to_vec()).unwrap();
        let store = on_storage(&clock, &storage);
        assert_eq!(store.query_many(&["bad", "good"]).ever().sum(), Some(1));
        store.limit().at_most("good", 9, Duration::days(1)).check_and_record("other").unwrap();
        if replace {
            store.import_event("bad", counters["bad"].clone()).unwrap();
        } else {
            assert!(store.erase_event("bad").unwrap().is_some());
        }
        store.close().unwrap();
        assert_eq!(ever(&on_storage(&clock, &storage), "bad"), replace.then_some(1));
    }
}

#[test]
fn an_event_that_cannot_be_decoded_is_an_error_that_names_it_and_its_bytes_are_kept() {
    let (mut storage, clock) = (SharedStorage::default(), clock());
    storage.save("x", b"not a counter".to_vec()).unwrap();
    let store = on_storage(&clock, &storage);
    store.record("x");
    store.record("y");
    match store.export_all() {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("x")),
        other => panic!("{other:?}"),
    }
    assert!(store.persist().is_err());
    assert_eq!(store.health().quarantined, ["x"]);
    drop(store);
    assert_eq!(storage.load("x").unwrap().unwrap(), b"not a counter");
    let store = on_storage(&clock, &storage);
    assert_eq!(store.query("y").ever().sum(), Some(1), "the readable event is saved");
    assert!(store.health().quarantined.is_empty(), "it was not loaded yet");
    assert_eq!(store.query("x").ever().sum(), None);
    assert_eq!(store.health().quarantined, ["x"]);
    store.erase_event("x").unwrap();
    assert!(store.health().quarantined.is_empty());
    store.record("x");
    store.persist().unwrap();
    assert_eq!(on_storage(&clock, &storage).query("x").lifetime(), Some(1));
}

#[test]
fn erase_all_works_although_an_event_is_damaged() {
    let (mut storage, clock) = (SharedStorage::default(), clock());
    for event in ["x", "z"] {
        storage.save(event, b"not a counter".to_vec()).unwrap();
    }
    let store = on_storage(&clock, &storage);
    store.record("x");
    store.record_count("y", 7);
    let removed = store.erase_all().unwrap();
    assert_eq!(removed.keys().collect::<Vec<_>>(), ["y"]);
    assert!(store.health().quarantined.is_empty());
    assert!(store.events().is_empty());
    assert!(storage.list_keys().unwrap().is_empty());
    store.record("x");
    store.persist().unwrap();
    assert_eq!(on_storage(&clock, &storage).query("x").lifetime(), Some(1));
}
