//! A damaged event in a storage that holds one value per event.

use chrono::Duration;
use tiny_counter::{Error, Storage, TimeUnit};

use super::common::shared_storage::SharedStorage;
use super::common::stores::{clock, event_keys, ever, in_memory, noon, on_storage, sync};

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
    assert!(event_keys(&storage).is_empty());
    store.record("x");
    store.persist().unwrap();
    assert_eq!(on_storage(&clock, &storage).query("x").lifetime(), Some(1));
}

/// A storage with 7 damaged counts of "damaged", and 2 of "other". The first value is an export of
/// a time at which nothing was damaged.
fn with_a_damaged_event() -> (Vec<u8>, SharedStorage) {
    let (mut storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record_count("damaged", 7);
    store.record_count("other", 2);
    let export = store.export_bytes().unwrap();
    store.close().unwrap();
    let mut bytes = storage.load("damaged").unwrap().unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    storage.save("damaged", bytes).unwrap();
    (export, storage)
}

#[test]
fn an_event_that_is_damaged_in_a_storage_hinders_no_other() {
    let (_, storage) = with_a_damaged_event();
    let store = on_storage(&clock(), &storage);
    store.record("damaged");
    store.record_count("new", 3);
    assert_eq!(store.try_events().unwrap(), ["damaged", "new", "other"]);
    assert_eq!(store.erase_event("other").unwrap().unwrap().lifetime(), 2);
    match store.export_all() {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("damaged")),
        other => panic!("{other:?}"),
    }
    assert!(store.persist().is_err());
    let health = store.health();
    assert_eq!(health.quarantined, ["damaged"]);
    assert_eq!(health.losses.len(), 1);
    assert_eq!((health.losses[0].event.as_deref(), health.losses[0].noticed), (Some("damaged"), noon()));
    assert!(!health.storage_fails);
    drop(store);
    let store = on_storage(&clock(), &storage);
    assert_eq!((ever(&store, "other"), ever(&store, "new")), (None, Some(3)));
}

#[test]
fn an_acknowledged_loss_in_a_storage_loses_and_doubles_nothing_on_a_peer() {
    let (export, storage) = with_a_damaged_event();
    let peer = in_memory(&clock());
    peer.merge_bytes(&export).unwrap();
    let store = on_storage(&clock(), &storage);
    store.record_count("damaged", 3);
    assert_eq!(ever(&store, "damaged"), Some(3));
    store.acknowledge_loss().unwrap();
    let health = store.health();
    assert!(health.losses.is_empty() && health.quarantined.is_empty(), "{health:?}");
    store.limit().at_most("damaged", 4, TimeUnit::Ever).check_and_record("damaged").unwrap();
    store.close().unwrap();
    let store = on_storage(&clock(), &storage);
    assert_eq!((ever(&store, "damaged"), ever(&store, "other")), (Some(4), Some(2)));
    store.record("other");
    sync(&store, &peer);
    for store in [&store, &peer] {
        assert_eq!((ever(store, "damaged"), ever(store, "other")), (Some(11), Some(3)));
    }
    store.close().unwrap();
    let store = on_storage(&clock(), &storage);
    assert_eq!((ever(&store, "damaged"), ever(&store, "other")), (Some(11), Some(3)));
}

#[test]
fn a_damaged_event_of_a_storage_that_was_not_recorded_since_is_removed_by_acknowledging() {
    let (_, storage) = with_a_damaged_event();
    let store = on_storage(&clock(), &storage);
    assert!(store.query("damaged").try_lifetime().is_err());
    store.acknowledge_loss().unwrap();
    assert_eq!(store.try_events().unwrap(), ["other"]);
    assert_eq!(event_keys(&storage), ["other"]);
}

#[cfg(feature = "serde-bincode")]
#[test]
fn an_event_of_a_newer_version_is_not_given_up_when_losses_are_acknowledged() {
    let (_, mut storage) = with_a_damaged_event();
    let mut newer = storage.load("other").unwrap().unwrap();
    newer[4] = 2;
    storage.save("other", newer.clone()).unwrap();
    let store = on_storage(&clock(), &storage);
    store.record("damaged");
    store.record("other");
    assert_eq!(store.try_events().unwrap(), ["damaged", "other"]);
    assert_eq!(store.health().quarantined, ["damaged", "other"]);
    let losses: Vec<Option<String>> = store.health().losses.into_iter().map(|loss| loss.event).collect();
    assert_eq!(losses, [Some("damaged".to_owned())], "data of a newer version is not lost");
    let acknowledged = store.acknowledge_loss();
    assert!(matches!(acknowledged, Ok(()) | Err(Error::Incompatible { .. })), "{acknowledged:?}");
    assert_eq!(store.health().quarantined, ["other"]);
    assert!(store.limit().cooldown("other", Duration::days(1)).check("other").is_err());
    drop(store);
    assert_eq!(storage.load("other").unwrap().unwrap(), newer);
    assert_eq!(ever(&on_storage(&clock(), &storage), "damaged"), Some(1));
}
