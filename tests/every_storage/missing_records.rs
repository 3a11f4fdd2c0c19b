//! A storage from which values were removed, or in which they were damaged.

use chrono::Duration;
use proptest::prelude::*;
use tiny_counter::{EventStore, Limiter, Storage, TestClock, TimeUnit};

use super::common::{clock, event_keys, ever, in_memory, sync};
use super::home::{Home, Kind};
use super::kill_run::{NAMES, Run, lifetime, open};
use super::kills::any_step;
use super::own_storage::OwnStorage;
use super::property::{cases, check};

/// Fills a storage so that it has every list.
pub fn fill(home: &Home, clock: &TestClock) -> EventStore {
    let (store, peer) = (home.open(clock), in_memory(clock));
    for name in ["a", "b", "erased"] {
        store.record_count(name, 3);
        peer.record_count(name, 2);
    }
    store.close().unwrap();
    // The second opening notes what the first one issued.
    let store = home.open(clock);
    sync(&store, &peer);
    store.erase_event("erased").unwrap();
    store.limit().reserve_for("reserved", Duration::hours(1)).unwrap();
    sync(&store, &peer);
    store.close().unwrap();
    let mut keys = home.storage().list_keys().unwrap();
    keys.retain(|key| event_of(key).is_none());
    keys.sort();
    assert_eq!(keys, ["~claims-0", "~erased-0", "~lanes-0", "~names-0", "~reserved-0", "~store"]);
    peer
}

/// Ways to spoil the value of a key.
pub const SPOIL: [fn(&Home, &str); 4] = [
    |home, key| home.storage().delete(key).unwrap(),
    |home, key| home.storage().save(key, Vec::new()).unwrap(),
    |home, key| home.storage().save(key, b"not a record of a store".to_vec()).unwrap(),
    |home, key| {
        let mut storage = home.storage();
        let mut bytes = storage.load(key).unwrap().unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        storage.save(key, bytes).unwrap();
    },
];

/// The event to which the value of a key belongs; absent for a record of the store.
pub fn event_of(key: &str) -> Option<&str> {
    match key.strip_prefix('~') {
        Some(record) if !record.starts_with('~') => key.strip_prefix("~others-"),
        Some(name) => Some(name),
        None => Some(key),
    }
}

/// Removes both values of an event.
fn remove_event(home: &Home, name: &str) {
    [name, &format!("~others-{name}")].iter().for_each(|key| home.storage().delete(key).unwrap());
}

fn limit(store: &EventStore) -> Limiter<'_> {
    store.limit().at_most("b", 100, TimeUnit::Ever)
}

pub fn lost(store: &EventStore) -> Vec<Option<String>> {
    store.health().losses.into_iter().map(|loss| loss.event).collect()
}

#[test]
fn a_removed_event_is_a_loss_that_names_it() {
    for home in Home::of_storages() {
        let clock = clock();
        fill(&home, &clock);
        remove_event(&home, "a");
        for _ in 0..2 {
            let store = home.open(&clock);
            assert_eq!(lost(&store), [Some("a".to_owned())], "{home:?}");
            assert!(!store.limit().at_most("a", 100, TimeUnit::Ever).allowed("a"), "{home:?}");
            assert!(limit(&store).allowed("b"), "{home:?}");
            assert_eq!((ever(&store, "a"), ever(&store, "b")), (None, Some(5)), "{home:?}");
            store.record("b");
            store.erase_event("b").unwrap();
            store.record_count("b", 5);
        }
        let store = home.open(&clock);
        store.acknowledge_loss().unwrap();
        assert!(store.limit().at_most("a", 100, TimeUnit::Ever).allowed("a"), "{home:?}");
        drop(store);
        assert!(lost(&home.open(&clock)).is_empty(), "{home:?}");
    }
}

#[test]
fn a_removed_event_comes_back_with_the_next_delta_of_a_peer() {
    for home in Home::of_storages() {
        let clock = clock();
        let peer = fill(&home, &clock);
        remove_event(&home, "a");
        let store = home.open(&clock);
        store.record("a");
        store.merge_bytes(&peer.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
        assert_eq!(ever(&store, "a"), Some(6), "{home:?}");
        peer.merge_bytes(&store.export_since(&peer.knowledge().unwrap()).unwrap()).unwrap();
        assert_eq!(ever(&peer, "a"), Some(6), "{home:?}");
    }
}

#[test]
fn a_spoiled_record_is_a_loss_of_unknown_extent_until_it_is_acknowledged() {
    let mut checks = 0;
    for key in ["~store", "~erased-0", "~lanes-0", "~reserved-0", "~names-0"] {
        for (way, spoil) in SPOIL.iter().enumerate() {
            for home in Home::of_storages() {
                let (clock, context) = (clock(), format!("{key} {way} {:?}", home.kind));
                let peer = fill(&home, &clock);
                spoil(&home, key);
                for _ in 0..3 {
                    let store = home.open(&clock);
                    assert_eq!(lost(&store), [None], "{context}");
                    assert!(!limit(&store).allowed("b"), "{context}");
                    assert_eq!(["a", "b"].map(|name| ever(&store, name)), [Some(5); 2], "{context}");
                    assert_eq!(store.events(), ["a", "b"], "{context}");
                    store.record_count("c", 0);
                    store.erase_event("c").unwrap();
                }
                let store = home.open(&clock);
                store.acknowledge_loss().unwrap();
                assert!(lost(&store).is_empty() && limit(&store).allowed("b"), "{context}");
                store.close().unwrap();
                let store = home.open(&clock);
                assert!(lost(&store).is_empty() && limit(&store).allowed("b"), "{context}");
                store.record("a");
                sync(&store, &peer);
                for store in [&store, &peer] {
                    assert_eq!(["a", "b"].map(|name| ever(store, name)), [Some(6), Some(5)], "{context}");
                }
                checks += 1;
            }
        }
    }
    assert!(checks >= 5 * 4 * 3);
}

#[test]
fn the_loss_of_a_spoiled_record_is_acknowledged_at_the_first_opening_too() {
    for key in ["~store", "~erased-0", "~lanes-0", "~reserved-0", "~names-0"] {
        for spoil in SPOIL {
            for home in Home::of_storages() {
                let clock = clock();
                fill(&home, &clock);
                spoil(&home, key);
                let store = home.open(&clock);
                store.acknowledge_loss().unwrap();
                store.close().unwrap();
                assert!(lost(&home.open(&clock)).is_empty(), "{key} {home:?}");
            }
        }
    }
}

#[test]
fn intact_lists_are_used_although_the_store_record_was_lost() {
    for home in Home::of_storages() {
        let clock = clock();
        let (store, peer) = (home.open(&clock), in_memory(&clock));
        store.record("x");
        peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        let old = peer.export_bytes().unwrap();
        store.erase_event("x").unwrap();
        let key = store.limit().reserve_for("reserved", Duration::hours(1)).unwrap();
        store.close().unwrap();
        home.storage().delete("~store").unwrap();
        let store = home.open(&clock);
        store.merge_bytes(&old).unwrap();
        assert_eq!(ever(&store, "x"), None, "{home:?}");
        assert_eq!(store.reservations().len(), 1, "{home:?}");
        store.commit_reservation(key).unwrap();
    }
}

#[test]
fn a_spoiled_sync_state_makes_the_next_delta_larger_and_is_no_loss() {
    for spoil in SPOIL {
        for home in Home::of_storages() {
            let clock = clock();
            let peer = fill(&home, &clock);
            let known = home.open(&clock).knowledge().unwrap();
            spoil(&home, "~claims-0");
            let store = home.open(&clock);
            assert!(lost(&store).is_empty() && limit(&store).allowed("b"), "{home:?}");
            let delta = peer.export_since(&store.knowledge().unwrap()).unwrap();
            assert!(delta.len() > peer.export_since(&known).unwrap().len(), "{home:?}");
            store.merge_bytes(&delta).unwrap();
            assert_eq!(ever(&store, "a"), Some(5), "{home:?}");
            store.close().unwrap();
            let store = home.open(&clock);
            let now = store.knowledge().unwrap();
            let [before, after] = [known, now].map(|known| peer.export_since(&known).unwrap().len());
            // Only the numbers of stamps differ.
            assert!(after <= before + 10, "{home:?}: {after} bytes after {before}");
        }
    }
}

#[test]
fn events_without_any_record_are_taken_over_as_history() {
    for home in Home::of_storages() {
        let clock = clock();
        let peer = fill(&home, &clock);
        let elsewhere = home.copy();
        let mut storage = elsewhere.storage();
        for key in storage.list_keys().unwrap() {
            if !event_keys(storage.as_ref()).contains(&key) {
                storage.delete(&key).unwrap();
            }
        }
        drop(storage);
        for round in 0..3 {
            let store = elsewhere.open(&clock);
            assert!(lost(&store).is_empty() && limit(&store).allowed("b"), "{home:?}");
            assert_eq!(ever(&store, "a"), Some(5 + round), "{home:?}");
            store.record("a");
        }
        let store = elsewhere.open(&clock);
        sync(&store, &peer);
        for store in [&store, &peer] {
            assert_eq!((ever(store, "a"), ever(store, "b")), (Some(8), Some(5)), "{home:?}");
        }
    }
}

#[test]
fn each_of_many_removed_events_is_named_and_a_removed_page_of_names_is_a_loss() {
    for home in Home::of_storages() {
        let clock = clock();
        let store = home.open(&clock);
        (0..600).for_each(|number| store.record(format!("{number:03}")));
        store.close().unwrap();
        let removed = ["000", "255", "256", "300", "599"];
        removed.iter().for_each(|name| home.storage().delete(name).unwrap());
        let store = home.open(&clock);
        assert_eq!(lost(&store), removed.map(|name| Some(name.to_owned())), "{home:?}");
        store.acknowledge_loss().unwrap();
        store.close().unwrap();
        for page in ["~names-0", "~names-1"] {
            home.storage().delete(page).unwrap();
            let store = home.open(&clock);
            assert_eq!((lost(&store), store.events().len()), (vec![None], 595), "{home:?} {page}");
            store.acknowledge_loss().unwrap();
            store.close().unwrap();
            assert!(lost(&home.open(&clock)).is_empty(), "{home:?} {page}");
        }
        home.storage().delete("400").unwrap();
        assert_eq!(lost(&home.open(&clock)), [Some("400".to_owned())], "{home:?}");
    }
}

#[test]
fn the_loss_of_a_damaged_page_of_names_is_acknowledged_although_other_pages_have_room() {
    for home in Home::of_storages() {
        let clock = clock();
        let store = home.open(&clock);
        (0..300).for_each(|number| store.record(format!("{number:03}")));
        store.persist().unwrap();
        (0..100).for_each(|number| _ = store.erase_event(format!("{number:03}")).unwrap());
        store.close().unwrap();
        home.storage().save("~names-1", b"not a list of names".to_vec()).unwrap();
        let store = home.open(&clock);
        assert_eq!((lost(&store), store.events().len()), (vec![None], 200), "{home:?}");
        store.acknowledge_loss().unwrap();
        store.close().unwrap();
        assert!(lost(&home.open(&clock)).is_empty(), "{home:?}");
    }
}

#[test]
fn whatever_is_removed_after_any_sequence_of_calls_is_noticed_and_changes_no_other_count() {
    let scripts = prop::collection::vec(any_step(), 1..40);
    let checks = check(cases(60, 1_000), scripts, |script| {
        let (clock, values) = (clock(), Run::new().values(&script));
        let intact = open(&OwnStorage::holding(values.clone()), &clock);
        assert!(lost(&intact).is_empty());
        // Without an event, what is left can be a storage in which nothing was counted yet.
        let has_events = values.contains_key("~names-0") && !intact.events().is_empty();
        for removed in values.keys().filter(|_| has_events) {
            let mut left = values.clone();
            left.remove(removed);
            let store = open(&OwnStorage::holding(left), &clock);
            let event = event_of(removed).map(str::to_owned);
            match removed.starts_with("~claims-") {
                true => assert!(lost(&store).is_empty(), "{removed}"),
                false => assert_eq!(lost(&store), std::slice::from_ref(&event), "{removed}"),
            }
            // Without the erasures, what was erased elsewhere and not read since is still stored.
            if removed == "~store" || removed.starts_with("~erased-") {
                continue;
            }
            for name in NAMES.into_iter().filter(|name| event.as_deref() != Some(*name)) {
                assert_eq!(lifetime(&store, name), lifetime(&intact, name), "{removed} {name}");
            }
        }
        if has_events { values.len() } else { 0 }
    });
    assert!(checks > 100, "{checks}");
}

#[test]
fn a_damaged_page_of_names_without_events_is_a_loss_until_it_is_acknowledged() {
    for home in Home::of_storages() {
        let clock = clock();
        let store = home.open(&clock);
        store.record("a");
        store.persist().unwrap();
        store.erase_event("a").unwrap();
        store.close().unwrap();
        home.storage().save("~names-0", b"damaged".to_vec()).unwrap();
        let store = home.open(&clock);
        assert_eq!(lost(&store), [None], "{home:?}");
        store.acknowledge_loss().unwrap();
        store.close().unwrap();
        assert!(lost(&home.open(&clock)).is_empty(), "{home:?}");
    }
}

#[test]
fn a_name_that_is_too_long_for_every_call_is_ignored() {
    let (clock, storage) = (clock(), OwnStorage::default());
    let first = open(&storage, &clock);
    first.record("a");
    first.close().unwrap();
    let event = storage.load("a").unwrap().unwrap();
    let mut elsewhere = OwnStorage::default();
    elsewhere.save("a", event.clone()).unwrap();
    elsewhere.save(&"n".repeat(1_025), event).unwrap();
    for count in 1..4 {
        let store = open(&elsewhere, &clock);
        assert!(lost(&store).is_empty() && limit(&store).allowed("b"));
        assert_eq!((store.events(), ever(&store, "a")), (vec!["a".to_owned()], Some(count)));
        in_memory(&clock).merge_bytes(&store.export_bytes().unwrap()).unwrap();
        store.record("a");
    }
}

#[test]
fn an_event_that_is_removed_while_the_store_is_open_is_a_loss_too() {
    for home in Home::of_storages().into_iter().filter(|home| matches!(home.kind, Kind::Memory | Kind::Own)) {
        let clock = clock();
        let mut store = home.open(&clock);
        ["a", "b"].into_iter().for_each(|name| store.record(name));
        store.compact().unwrap();
        home.storage().delete("a").unwrap();
        let once = || store.limit().at_most("a", 1, TimeUnit::Ever);
        assert!(store.export_bytes().is_err(), "{home:?}");
        assert!(!once().allowed("a") && limit(&store).allowed("b"), "{home:?}");
        assert_eq!(lost(&store), [Some("a".to_owned())], "{home:?}");
        assert_eq!(store.events(), ["a", "b"], "a damaged event is listed, {home:?}");
        store.acknowledge_loss().unwrap();
        once().check_and_record("a").unwrap();
        store.close().unwrap();
        let store = home.open(&clock);
        assert_eq!((lost(&store), ever(&store, "a")), (vec![], Some(1)), "{home:?}");
    }
}
