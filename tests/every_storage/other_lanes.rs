//! The cells of other lanes of an event have a value of their own, on every storage.

use chrono::Duration;
use tiny_counter::{Error, EventStore, Storage, TestClock};

use super::common::{clock, ever, in_memory, sync};
use super::home::{Home, Kind};
use super::kill_run::{lifetime, open};
use super::missing_records::{SPOIL, lost};
use super::own_storage::OwnStorage;

/// A store that counted 3 of "a", and a peer that counted 2.
fn filled(home: &Home, clock: &TestClock) -> EventStore {
    let (store, peer) = (home.open(clock), in_memory(clock));
    store.record_count("a", 3);
    peer.record_count("a", 2);
    sync(&store, &peer);
    store.record("b");
    store.close().unwrap();
    peer
}

fn keys_of(storage: &dyn Storage, name: &str) -> Vec<String> {
    let mut keys = storage.list_keys().unwrap();
    keys.retain(|key| key.ends_with(name));
    keys.sort();
    keys
}

#[test]
fn names_that_look_like_a_key_and_the_longest_ones_keep_both_values() {
    let long = "n".repeat(1_024);
    let names = ["", "~", "~others-", "others-a", "~others-a", "a", "A", "~A", &long];
    for home in Home::all() {
        // The path of a file has a limit.
        let names: Vec<&str> =
            names.into_iter().filter(|name| home.kind != Kind::Files || name.len() < 1_000).collect();
        let (clock, peer) = (clock(), in_memory(&clock()));
        let store = home.open(&clock);
        for (own, name) in (1..).zip(&names) {
            store.record_count(*name, own);
            peer.record_count(*name, 100);
        }
        sync(&store, &peer);
        store.close().unwrap();
        let store = home.open(&clock);
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(store.events(), sorted, "{home:?}");
        for (own, name) in (1..).zip(&names) {
            assert_eq!(ever(&store, name), Some(own + 100), "{home:?} {name}");
            store.record(*name);
        }
        store.close().unwrap();
        let store = home.open(&clock);
        for (own, name) in (1..).zip(&names) {
            assert_eq!(ever(&store, name), Some(own + 101), "{home:?} {name}");
        }
        assert_eq!(
            store.erase_events(names[1..].iter().copied()).unwrap().len(),
            names.len() - 1,
            "{home:?}"
        );
        assert_eq!((store.events(), ever(&store, "")), (vec![String::new()], Some(102)), "{home:?}");
        store.close().unwrap();
        assert_eq!(home.open(&clock).events(), [""], "{home:?}");
        if home.kind != Kind::Log {
            let mut keys = home.storage().list_keys().unwrap();
            keys.retain(|key| key.is_empty() || key.starts_with("~others-"));
            keys.sort();
            assert_eq!(keys, ["", "~others-"], "{home:?}");
        }
    }
}

#[test]
fn a_spoiled_value_of_an_event_is_reported_and_the_other_value_stays() {
    for (key, left) in [("a", 2), ("~others-a", 3)] {
        for (way, spoil) in SPOIL.iter().enumerate() {
            for home in Home::of_storages() {
                let (clock, context) = (clock(), format!("{key} {way} {:?}", home.kind));
                let peer = filled(&home, &clock);
                spoil(&home, key);
                for _ in 0..2 {
                    let store = home.open(&clock);
                    match (way, store.query("a").try_lifetime()) {
                        // A value that is gone is noticed by the opening.
                        (0, found) => assert_eq!(found.unwrap(), Some(left), "{context}"),
                        (_, Err(Error::Corrupt { event, .. })) => {
                            assert_eq!(event.as_deref(), Some("a"), "{context}");
                            assert_eq!(store.health().quarantined, ["a"], "{context}");
                        }
                        (_, found) => panic!("{context}: {found:?}"),
                    }
                    assert_eq!(lost(&store), [Some("a".to_owned())], "{context}");
                    assert!(!store.limit().at_most("a", 100, Duration::days(1)).allowed("a"), "{context}");
                    assert_eq!(ever(&store, "b"), Some(1), "{context}");
                    assert_eq!(store.events(), ["a", "b"], "{context}");
                    // What is recorded meanwhile is added to what can be read.
                    _ = store.close();
                }
                let store = home.open(&clock);
                _ = store.query("a").try_lifetime();
                store.record("a");
                store.acknowledge_loss().unwrap();
                assert!(lost(&store).is_empty(), "{context}");
                assert_eq!(ever(&store, "a"), Some(left as u32 + 1), "{context}");
                store.close().unwrap();
                let store = home.open(&clock);
                assert_eq!((ever(&store, "a"), lost(&store)), (Some(left as u32 + 1), vec![]), "{context}");
                sync(&store, &peer);
                assert_eq!([&store, &peer].map(|store| ever(store, "a")), [Some(6); 2], "{context}");
            }
        }
    }
}

#[test]
fn a_reservation_survives_the_loss_of_the_counts_of_other_devices() {
    for home in Home::of_storages() {
        for spoil in SPOIL {
            let clock = clock();
            drop(filled(&home, &clock));
            let store = home.open(&clock);
            let key = store.limit().reserve_for("a", Duration::days(1)).unwrap();
            store.close().unwrap();
            spoil(&home, "~others-a");
            let store = home.open(&clock);
            _ = store.query("a").try_lifetime();
            store.acknowledge_loss().unwrap();
            store.commit_reservation(key).unwrap();
            store.erase_event("a").unwrap();
            store.close().unwrap();
        }
    }
}

#[test]
fn a_spoiled_value_is_erased_with_the_other_one() {
    for key in ["a", "~others-a"] {
        for spoil in SPOIL {
            for home in Home::of_storages() {
                let (clock, context) = (clock(), format!("{key} {:?}", home.kind));
                drop(filled(&home, &clock));
                spoil(&home, key);
                let store = home.open(&clock);
                store.erase_event("a").unwrap();
                store.close().unwrap();
                assert!(keys_of(home.storage().as_ref(), "a").is_empty(), "{context}");
                let store = home.open(&clock);
                assert_eq!((store.events(), lost(&store)), (vec!["b".to_owned()], vec![]), "{context}");
            }
        }
    }
}

#[test]
fn an_erased_name_of_an_event_of_several_devices_is_in_no_file() {
    const SECRET: &str = "secret";
    for is_own in [false, true] {
        for home in Home::all() {
            let (clock, peer) = (clock(), in_memory(&clock()));
            let store = home.open(&clock);
            store.record("app_launch");
            for name in ["secret visit", "~secret"] {
                peer.record(name);
                store.record_count(name, u32::from(is_own));
            }
            store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
            store.persist().unwrap();
            assert!(home.holds(SECRET), "{home:?}");
            store.erase_event("secret visit").unwrap();
            store.erase_event("~secret").unwrap();
            store.persist().unwrap();
            assert!(!home.holds(SECRET), "{home:?}");
            store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
            store.close().unwrap();
            let store = home.open(&clock);
            assert_eq!((store.events(), lost(&store)), (vec!["app_launch".to_owned()], vec![]), "{home:?}");
            store.close().unwrap();
            assert!(!home.holds(SECRET), "{home:?}");
        }
    }
}

/// Calls `check` with a store on the storage as it was after each change of the storage.
fn killed(storage: &OwnStorage, clock: &TestClock, check: impl Fn(&EventStore, usize)) {
    let copies = storage.take_copies();
    assert!(copies.len() > 3, "{}", copies.len());
    for (copy, values) in copies.into_iter().enumerate() {
        let storage = OwnStorage::holding(values);
        for _ in 0..2 {
            let store = open(&storage, clock);
            assert!(store.health().losses.is_empty(), "{copy}");
            check(&store, copy);
            // It divides what the kill left.
            store.record("z");
            store.persist_all().unwrap();
            store.close().unwrap();
        }
    }
}

/// A store whose lane was retired, because it was restored from a backup: 5 of "a" are in the
/// retired lane, of which 1 is counted since the backup, and 2 are of a peer.
fn restored(clock: &TestClock) -> (OwnStorage, EventStore, EventStore) {
    let (storage, peer) = (OwnStorage::default(), in_memory(clock));
    let store = open(&storage, clock);
    store.record_count("a", 4);
    peer.record_count("a", 2);
    sync(&store, &peer);
    store.close().unwrap();
    let backup = storage.take_copies().pop().unwrap();
    let original = open(&storage, clock);
    original.record("b");
    peer.merge_bytes(&original.export_bytes().unwrap()).unwrap();
    let storage = OwnStorage::holding(backup);
    let store = open(&storage, clock);
    store.record("a");
    store.persist().unwrap();
    (storage, store, peer)
}

#[test]
fn a_kill_while_a_retired_lane_moves_to_the_others_loses_and_doubles_nothing() {
    let clock = clock();
    let (storage, store, peer) = restored(&clock);
    storage.take_copies();
    assert!(store.merge_bytes(&peer.export_bytes().unwrap()).unwrap().restarted);
    store.record("a");
    store.persist().unwrap();
    assert_eq!(lifetime(&store, "a"), 8);
    killed(&storage, &clock, |store, copy| {
        let found = lifetime(store, "a");
        assert!((7..=8).contains(&found), "{copy}: {found}");
    });
}

#[test]
fn a_kill_while_an_import_replaces_a_retired_lane_loses_and_doubles_nothing() {
    let clock = clock();
    let (storage, store, peer) = restored(&clock);
    store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
    store.record("a");
    store.persist().unwrap();
    let counter = store.export_all().unwrap().remove("a").unwrap();
    assert_eq!(counter.lifetime(), 8);
    let values = storage.take_copies().pop().unwrap();
    for is_reopened in [false, true] {
        let storage = OwnStorage::holding(values.clone());
        let mut store = open(&storage, &clock);
        storage.take_copies();
        store.import_event("a", counter.clone()).unwrap();
        if is_reopened {
            store.close().unwrap();
            store = open(&storage, &clock);
        }
        store.record("a");
        store.persist().unwrap();
        store.record("a");
        store.persist().unwrap();
        assert_eq!(lifetime(&store, "a"), 10);
        killed(&storage, &clock, |store, copy| {
            let found = lifetime(store, "a");
            assert!((8..=10).contains(&found), "{copy}: {found}");
        });
        store.close().unwrap();
        assert_eq!(lifetime(&open(&storage, &clock), "a"), 10);
    }
}

#[test]
fn a_kill_while_an_event_of_several_devices_is_erased_leaves_nothing_that_cannot_be_erased() {
    let clock = clock();
    for is_own in [false, true] {
        let (storage, peer) = (OwnStorage::default(), in_memory(&clock));
        let store = open(&storage, &clock);
        store.record_count("a", u32::from(is_own));
        store.record("b");
        peer.record("a");
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        store.persist().unwrap();
        storage.take_copies();
        store.erase_event("a").unwrap();
        for (copy, values) in storage.take_copies().into_iter().enumerate() {
            let storage = OwnStorage::holding(values);
            let store = open(&storage, &clock);
            assert!(store.health().losses.is_empty(), "{copy}");
            store.erase_event("a").unwrap();
            store.persist().unwrap();
            assert_eq!(store.events(), ["b"], "{copy}");
            store.close().unwrap();
            assert!(keys_of(&storage, "a").is_empty(), "{copy}");
            let store = open(&storage, &clock);
            store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
            let found = lifetime(&store, "a");
            assert!(found == 0 || copy == 0, "{copy}: {found}");
        }
    }
}
