//! The counts of other devices are stored apart from the own ones of an event, so that a recording
//! does not write them again.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::sync::{Arc, Mutex};

use chrono::Duration;
use common::SharedStorage;
use common::stores::{clock, ever, in_memory, on_log, on_storage, under};
use tiny_counter::{EventStore, Result, Storage, TestClock};

/// How much more a recording may write with other devices than without.
const ALLOWANCE: usize = 64;

/// A storage that notes the key and the length of each value that is saved.
#[derive(Clone, Default)]
struct Counting {
    values: SharedStorage,
    saved: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Counting {
    fn take(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.saved.lock().unwrap())
    }
}

impl Storage for Counting {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.saved.lock().unwrap().push((key.to_owned(), data.len()));
        self.values.save(key, data)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.values.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.values.delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.values.list_keys()
    }
}

/// Merges the counts of other devices, each with some buckets.
fn merge_devices(store: &EventStore, devices: usize, clock: &TestClock) {
    for _ in 0..devices {
        let device = in_memory(clock);
        for ago in 0..9 {
            device.record_ago("tap", Duration::hours(50 * ago));
        }
        store.merge_bytes(&device.export_bytes().unwrap()).unwrap();
    }
}

/// The bytes that the log grows by with each of some recordings, after the first one.
fn growth_of_a_log(devices: usize) -> Vec<usize> {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record("tap");
    merge_devices(&store, devices, &clock);
    store.persist().unwrap();
    let len = || fs::metadata(dir.path().join("events.log")).unwrap().len() as usize;
    let mut growth = Vec::new();
    for _ in 0..5 {
        clock.advance(Duration::minutes(1));
        let before = len();
        store.record("tap");
        store.persist().unwrap();
        growth.push(len() - before);
    }
    growth
}

#[test]
fn a_recording_on_an_event_of_64_devices_appends_as_much_to_the_log_as_on_one_of_one_device() {
    let (alone, with_others) = (growth_of_a_log(0), growth_of_a_log(63));
    for (alone, with_others) in alone.into_iter().zip(with_others) {
        assert!(with_others <= alone + ALLOWANCE, "{with_others} bytes instead of {alone}");
    }
}

/// The bytes of each value that some recordings save, and the storage.
fn saved_by_recordings(devices: usize) -> (Vec<Vec<(String, usize)>>, Counting) {
    let (clock, storage) = (clock(), Counting::default());
    let store = under(&clock).with_storage(storage.clone()).build().unwrap();
    store.record("tap");
    merge_devices(&store, devices, &clock);
    store.persist().unwrap();
    let mut saved = Vec::new();
    for round in 0..6 {
        clock.advance(Duration::minutes(1));
        storage.take();
        store.record("tap");
        if round % 2 == 0 {
            store.persist().unwrap();
        } else {
            store.limit().check_and_record("tap").unwrap();
        }
        saved.push(storage.take());
    }
    (saved, storage)
}

#[test]
fn a_recording_on_an_event_of_64_devices_saves_as_much_as_on_one_of_one_device() {
    let ((alone, _), (with_others, storage)) = (saved_by_recordings(0), saved_by_recordings(63));
    let bytes = |saved: &[(String, usize)]| saved.iter().map(|(_, len)| len).sum::<usize>();
    for (alone, with_others) in alone.iter().zip(&with_others) {
        assert!(bytes(with_others) <= bytes(alone) + ALLOWANCE, "{with_others:?} instead of {alone:?}");
    }
    assert!(storage.load("~others-tap").unwrap().unwrap().len() > 6_000);
}

#[test]
fn a_merge_saves_the_counts_of_other_devices_and_not_the_own_ones() {
    let (clock, storage) = (clock(), Counting::default());
    let store = under(&clock).with_storage(storage.clone()).build().unwrap();
    store.record("tap");
    store.persist().unwrap();
    storage.take();
    merge_devices(&store, 1, &clock);
    store.persist().unwrap();
    let keys = || {
        let mut keys: Vec<String> = storage.take().into_iter().map(|(key, _)| key).collect();
        keys.retain(|key| key.ends_with("tap"));
        keys
    };
    assert_eq!(keys(), ["~others-tap"]);
    // What is known already is no reason to save it again.
    let device = in_memory(&clock);
    device.record("tap");
    let export = device.export_bytes().unwrap();
    store.merge_bytes(&export).unwrap();
    store.persist().unwrap();
    assert_eq!(keys(), ["~others-tap"]);
    store.merge_bytes(&export).unwrap();
    store.record("tap");
    store.persist().unwrap();
    assert_eq!(keys(), ["tap"]);
    store.close().unwrap();
    // Nor is reading them.
    let store = under(&clock).with_storage(storage.clone()).build().unwrap();
    assert_eq!(ever(&store, "tap"), Some(12));
    store.record("tap");
    store.persist().unwrap();
    assert_eq!(keys(), ["tap"]);
    store.persist_all().unwrap();
    assert_eq!(keys(), ["~others-tap", "tap"]);
    store.close().unwrap();
}

#[test]
fn an_event_that_only_other_devices_count_has_one_value() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    merge_devices(&store, 2, &clock);
    store.close().unwrap();
    let mut keys = storage.list_keys().unwrap();
    keys.retain(|key| key.ends_with("tap"));
    assert_eq!(keys, ["~others-tap"]);
    let store = on_storage(&clock, &storage);
    assert_eq!((store.events(), ever(&store, "tap")), (vec!["tap".to_owned()], Some(18)));
    store.record("tap");
    store.close().unwrap();
    assert_eq!(ever(&on_storage(&clock, &storage), "tap"), Some(19));
}

#[test]
fn the_value_of_an_event_without_other_devices_has_no_value_beside_it() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    store.record("tap");
    merge_devices(&store, 1, &clock);
    store.persist().unwrap();
    let replicas = store.replicas().unwrap();
    let theirs: Vec<_> = replicas.into_iter().filter(|one| !one.is_own).map(|one| one.id).collect();
    assert_eq!(theirs.len(), 1);
    store.forget_replicas(theirs).unwrap();
    store.persist().unwrap();
    assert!(storage.load("~others-tap").unwrap().is_none());
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    assert_eq!(ever(&store, "tap"), Some(1));
    assert!(store.health().losses.is_empty());
}
