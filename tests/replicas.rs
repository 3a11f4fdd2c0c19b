//! The replicas that a store knows, and forgetting some of them.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use common::shared_storage::SharedStorage;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use common::stores::on_storage;
use common::stores::{clock, ever, in_memory, sync};
use tiny_counter::{Error, EventStore, TestClock};

/// The most replicas of others that a store takes.
const ROOM: usize = 1_024;

fn own_id(store: &EventStore) -> String {
    store.replicas().unwrap().into_iter().find(|replica| replica.is_own).unwrap().id
}

/// Exports of so many devices that counted `x` once, `number` seconds after each other.
fn exports_of_devices(clock: &TestClock, count: usize) -> Vec<Vec<u8>> {
    let export = |_| {
        let device = in_memory(clock);
        device.record("x");
        clock.advance(Duration::seconds(1));
        device.export_bytes().unwrap()
    };
    (0..count).map(export).collect()
}

fn merge(store: &EventStore, exports: &[Vec<u8>]) -> (usize, usize) {
    let reports = exports.iter().map(|bytes| store.merge_bytes(bytes).unwrap());
    reports.fold((0, 0), |sum, report| (sum.0 + report.refused, sum.1 + report.replicas_refused))
}

#[test]
fn the_replicas_of_a_store_are_listed_the_least_recently_seen_first() {
    let clock = clock();
    let [phone, tablet, new] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    tablet.record("x");
    tablet.record("y");
    let seen = tablet.clock_now();
    clock.advance(Duration::days(3));
    phone.record("x");
    phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    let replicas = phone.replicas().unwrap();
    let [old, own] = replicas.as_slice() else { panic!("{replicas:?}") };
    assert_eq!((old.last_seen, old.events, old.is_own, old.is_retired), (Some(seen), 2, false, false));
    assert_eq!((own.last_seen, own.events, own.is_own), (Some(seen + Duration::days(3)), 1, true));
    assert_eq!(old.id, own_id(&tablet));
    assert!(new.replicas().unwrap().is_empty());
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_replica_of_this_device_from_before_a_restored_backup_is_listed_as_retired() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let device = on_storage(&clock, &storage);
    device.record("x");
    device.persist().unwrap();
    let backup = storage.backup();
    device.record("x");
    let later = device.export_bytes().unwrap();
    let before = own_id(&device);
    let restored = on_storage(&clock, &backup);
    assert!(restored.merge_bytes(&later).unwrap().restarted);
    restored.record("x");
    let replicas = restored.replicas().unwrap();
    let retired: Vec<_> = replicas.iter().filter(|replica| replica.is_retired).collect();
    assert_eq!((retired.len(), &retired[0].id, retired[0].is_own), (1, &before, false));
    assert_ne!(own_id(&restored), before);
}

#[test]
fn a_new_device_is_accepted_by_a_full_store_that_forgets_a_replica() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("x");
    let exports = exports_of_devices(&clock, ROOM);
    assert_eq!(merge(&store, &exports), (0, 0));
    let new = in_memory(&clock);
    new.record("x");
    let bytes = new.export_bytes().unwrap();
    let report = store.merge_bytes(&bytes).unwrap();
    assert_eq!((report.refused, report.replicas_refused), (1, 1), "there is no room");
    assert_eq!(ever(&store, "x"), Some(1 + ROOM as u32));

    let replicas = store.replicas().unwrap();
    let oldest = replicas.iter().find(|replica| !replica.is_own).unwrap();
    assert_eq!(replicas.len(), ROOM + 1);
    assert_eq!(store.forget_replicas([&oldest.id]).unwrap(), 1);
    assert_eq!(ever(&store, "x"), Some(ROOM as u32));
    assert_eq!(merge(&store, &[bytes]), (0, 0));
    assert_eq!(ever(&store, "x"), Some(1 + ROOM as u32));
    // What was forgotten neither counts nor takes room when it comes again.
    assert_eq!(merge(&store, &exports), (0, 0));
    assert_eq!(ever(&store, "x"), Some(1 + ROOM as u32));
    assert_eq!(store.replicas().unwrap().len(), ROOM + 1);
}

#[test]
fn a_full_store_has_room_again_when_another_one_forgot_replicas() {
    let clock = clock();
    let [phone, tablet] = [in_memory(&clock), in_memory(&clock)];
    let exports = exports_of_devices(&clock, ROOM);
    merge(&phone, &exports);
    merge(&tablet, &exports);
    let ids: Vec<String> = phone.replicas().unwrap().into_iter().map(|replica| replica.id).collect();
    assert_eq!(phone.forget_replicas(&ids).unwrap(), ROOM);
    phone.record("x");
    assert_eq!(merge(&tablet, &[phone.export_bytes().unwrap()]), (0, 0));
    assert_eq!(ever(&tablet, "x"), Some(1));
    assert_eq!(tablet.replicas().unwrap().len(), 1);
    let third = in_memory(&clock);
    assert_eq!(merge(&third, &[tablet.export_bytes().unwrap()]), (0, 0));
    assert_eq!(merge(&third, &exports), (0, 0));
    assert_eq!((ever(&third, "x"), third.replicas().unwrap().len()), (Some(1), 1));
}

#[test]
fn a_store_that_forgot_4096_replicas_can_forget_more() {
    let clock = clock();
    let store = in_memory(&clock);
    let others = |store: &EventStore| -> Vec<String> {
        store.replicas().unwrap().into_iter().map(|replica| replica.id).collect()
    };
    for _ in 0..4 {
        merge(&store, &exports_of_devices(&clock, ROOM));
        assert_eq!(store.forget_replicas(others(&store)).unwrap(), ROOM);
    }
    let last = exports_of_devices(&clock, ROOM);
    merge(&store, &last);
    assert_eq!(ever(&store, "x"), Some(ROOM as u32));
    assert_eq!(store.forget_replicas(others(&store)).unwrap(), ROOM);
    merge(&store, &last);
    assert_eq!(ever(&store, "x"), None, "these are forgotten, and earlier ones in their place");
    // A store that hears of all of them has room for its own devices.
    let other = in_memory(&clock);
    assert_eq!(merge(&other, &[store.export_bytes().unwrap()]), (0, 0));
    assert!(other.replicas().unwrap().is_empty());
    assert!(store.knowledge().unwrap().len() < 140_000);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_forgotten_replica_that_is_used_goes_on_under_a_new_identity_and_loses_nothing_later() {
    let clock = clock();
    let (phone, storage) = (in_memory(&clock), SharedStorage::default());
    let tablet = on_storage(&clock, &storage);
    tablet.record("x");
    phone.record("x");
    sync(&phone, &tablet);
    let before = own_id(&tablet);
    phone.forget_replicas([&before]).unwrap();
    tablet.record("x");
    tablet.record("unheard");
    tablet.persist().unwrap();

    // It hears of it.
    let report = tablet.merge_bytes(&phone.export_since(&tablet.knowledge().unwrap()).unwrap()).unwrap();
    assert!(report.restarted);
    assert_eq!((ever(&tablet, "x"), ever(&tablet, "unheard")), (Some(1), None));
    tablet.record_count("x", 2);
    tablet.record_count("new", 3);
    sync(&phone, &tablet);
    for store in [&phone, &tablet] {
        assert_eq!((ever(store, "x"), ever(store, "new"), ever(store, "unheard")), (Some(3), Some(3), None));
    }
    assert_ne!(own_id(&tablet), before);
    drop(tablet);
    let tablet = on_storage(&clock, &storage);
    assert_eq!((ever(&tablet, "x"), ever(&tablet, "new")), (Some(3), Some(3)));
    assert!(!tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap().restarted);
}

#[test]
fn a_forgotten_replica_goes_on_under_a_new_identity_when_it_is_shown_a_sync_state() {
    let clock = clock();
    let [phone, tablet] = [in_memory(&clock), in_memory(&clock)];
    tablet.record("x");
    sync(&phone, &tablet);
    let before = own_id(&tablet);
    phone.forget_replicas([&before]).unwrap();
    tablet.export_since(&phone.knowledge().unwrap()).unwrap();
    tablet.record("later");
    assert_ne!(own_id(&tablet), before);
    phone.merge_bytes(&tablet.export_since(&phone.knowledge().unwrap()).unwrap()).unwrap();
    assert_eq!((ever(&phone, "later"), ever(&phone, "x")), (Some(1), None));
}

#[test]
fn a_delta_leaves_out_what_its_receiver_forgot() {
    let clock = clock();
    let [phone, tablet, third] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    for number in 0..200 {
        third.record(format!("event {number}"));
    }
    tablet.merge_bytes(&third.export_bytes().unwrap()).unwrap();
    sync(&phone, &tablet);
    let empty = tablet.export_since(&phone.knowledge().unwrap()).unwrap().len();
    phone.forget_replicas([own_id(&third)]).unwrap();
    let delta = tablet.export_since(&phone.knowledge().unwrap()).unwrap();
    assert!(delta.len() <= empty, "{} bytes, {empty} without a forgotten replica", delta.len());
    tablet.merge_bytes(&phone.export_since(&tablet.knowledge().unwrap()).unwrap()).unwrap();
    assert!(tablet.events().is_empty());
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn what_is_forgotten_stays_forgotten_after_reopening_and_leaves_the_storage_with_a_persist() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let old = in_memory(&clock);
    old.record("theirs");
    let export = old.export_bytes().unwrap();
    let store = on_storage(&clock, &storage);
    store.record("ours");
    store.merge_bytes(&export).unwrap();
    store.persist().unwrap();
    drop(store);
    // The event is not in memory.
    let store = on_storage(&clock, &storage);
    store.forget_replicas([own_id(&old)]).unwrap();
    let killed = storage.backup();
    store.persist().unwrap();
    assert!(common::stores::event_keys(&storage).iter().all(|key| key == "ours"));
    drop(store);
    for storage in [storage, killed] {
        let store = on_storage(&clock, &storage);
        store.merge_bytes(&export).unwrap();
        assert_eq!(store.events(), ["ours"]);
        assert_eq!(store.replicas().unwrap().len(), 1);
        assert!(store.health().losses.is_empty());
    }
}

#[test]
fn an_own_or_invalid_id_changes_nothing_and_an_unknown_one_is_not_counted() {
    let clock = clock();
    let [phone, tablet] = [in_memory(&clock), in_memory(&clock)];
    phone.record("x");
    tablet.record("x");
    sync(&phone, &tablet);
    let [own, other] = [own_id(&phone), own_id(&tablet)];
    let invalid = ["", "x", &other[1..], &other.replace(|_| true, "+"), &format!("{other}0")];
    for id in invalid.into_iter().chain([own.as_str()]) {
        let refused = phone.forget_replicas([other.as_str(), id]);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{id:?} {refused:?}");
    }
    assert_eq!(ever(&phone, "x"), Some(2));
    let unknown = "0".repeat(32);
    assert_eq!(phone.forget_replicas([&other, &unknown, &other]).unwrap(), 1);
    assert_eq!(phone.forget_replicas([&other]).unwrap(), 0, "again");
    assert_eq!(phone.forget_replicas(Vec::<String>::new()).unwrap(), 0);
    assert_eq!(ever(&phone, "x"), Some(1));
}

/// xorshift64*
fn below(state: &mut u64, n: usize) -> usize {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    ((state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize) % n
}

#[test]
fn devices_agree_after_merges_in_any_order_on_what_no_forgotten_replica_counted() {
    for seed in 1..150u64 {
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let (clock, mut forgotten) = (clock(), BTreeSet::new());
        let devices: Vec<EventStore> = (0..4).map(|_| in_memory(&clock)).collect();
        // What each replica counted of each event.
        let mut counted: BTreeMap<(String, usize), u32> = BTreeMap::new();
        let mut flight: Vec<Vec<u8>> = Vec::new();
        for _ in 0..60 {
            clock.advance(Duration::seconds(1));
            let (d, e) = (below(&mut random, 4), below(&mut random, 3));
            let device = &devices[d];
            match below(&mut random, 10) {
                0..3 => {
                    device.record(format!("{e}"));
                    flight.push(device.export_bytes().unwrap());
                    *counted.entry((own_id(device), e)).or_default() += 1;
                }
                3 => {
                    let known = devices[below(&mut random, 4)].knowledge().unwrap();
                    flight.push(device.export_since(&known).unwrap());
                }
                4 => flight.extend(device.export_parts(200).unwrap()),
                5 => {
                    let replicas = device.replicas().unwrap();
                    let others: Vec<_> = replicas.iter().filter(|replica| !replica.is_own).collect();
                    if !others.is_empty() {
                        let id = &others[below(&mut random, others.len())].id;
                        device.forget_replicas([id]).unwrap();
                        forgotten.insert(id.clone());
                    }
                }
                _ if flight.is_empty() => {}
                _ => _ = device.merge_bytes(&flight[below(&mut random, flight.len())]).unwrap(),
            }
        }
        for (from, to) in (0..3).flat_map(|_| (0..4).flat_map(|from| (0..4).map(move |to| (from, to)))) {
            let known = devices[to].knowledge().unwrap();
            devices[to].merge_bytes(&devices[from].export_since(&known).unwrap()).unwrap();
        }
        let truth = |event| -> u32 {
            let of_event = counted.iter().filter(|((id, e), _)| *e == event && !forgotten.contains(id));
            of_event.map(|(_, count)| *count).sum()
        };
        for (device, event) in devices.iter().flat_map(|device| (0..3).map(move |event| (device, event))) {
            let count = ever(device, &event.to_string()).unwrap_or(0);
            assert_eq!(count, truth(event), "seed {seed}, event {event}");
        }
        let first = devices[0].export_all().unwrap();
        assert!(devices.iter().all(|device| device.export_all().unwrap() == first), "seed {seed}");
    }
}
