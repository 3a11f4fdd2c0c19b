//! Counters that no store makes, because they are too large. They are refused with an error that
//! names the event, and harm nothing.

#![cfg(feature = "serde-json")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::collections::HashMap;

use common::*;
use serde_json::{Value, json};
use tiny_counter::{Error, EventStore, Result, SingleEventCounter};

/// The JSON of a counter with one replica that counted 1.
fn template() -> Value {
    let maker = in_memory(&clock());
    maker.record("x");
    serde_json::to_value(maker.export_all().unwrap().remove("x")).unwrap()
}

/// A counter of `replicas` replicas that take about `bytes` bytes each.
fn large(replicas: u32, bytes: usize) -> SingleEventCounter {
    let mut counter = template();
    let template = counter["lanes"][0].clone();
    let newest = template["units"][0]["counts"][0][0].as_i64().unwrap();
    // A count of 2^60 takes 9 bytes, and the distance to the next bucket one more.
    let counts: Vec<Value> = (0..bytes / 10).map(|back| json!([newest - back as i64, 1_u64 << 60])).collect();
    let lanes = (1..=replicas).map(|number| {
        let mut lane = template.clone();
        lane["lane"] = json!(format!("{number:032x}"));
        lane["units"][0]["counts"] = counts.clone().into();
        lane["units"][0]["buckets"] = json!(100_000);
        lane
    });
    counter["lanes"] = lanes.collect();
    counter["own"] = Value::Null;
    serde_json::from_value(counter).unwrap()
}

fn too_large() -> SingleEventCounter {
    large(10, 1 << 20)
}

/// Every call that takes counters, given one of "forged" among others.
fn each_call(store: &EventStore, forged: &SingleEventCounter) -> [Result<()>; 4] {
    let good = in_memory(&clock());
    for name in ["a", "mine", "z"] {
        good.record_count(name, 50);
    }
    let mut events: HashMap<String, SingleEventCounter> = good.export_all().unwrap();
    events.insert("forged".to_owned(), forged.clone());
    [
        store.merge_event("forged", forged.clone()),
        store.merge_all(events.clone()),
        store.import_event("forged", forged.clone()),
        store.import_all(events),
    ]
}

fn nothing_was_changed(store: &EventStore) {
    assert_eq!(store.events(), ["mine"], "all or nothing");
    assert_eq!(ever(store, "mine"), Some(1));
    assert!(!store.is_dirty());
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_counter_that_is_too_large_is_refused_and_the_store_goes_on() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record("mine");
    store.persist().unwrap();
    for done in each_call(&store, &too_large()) {
        match done {
            Err(Error::TooLarge { event, .. }) => assert_eq!(event.as_deref(), Some("forged")),
            other => panic!("{other:?}"),
        }
        nothing_was_changed(&store);
    }
    store.record("forged");
    store.record_count("mine", 5);
    store.persist().unwrap();
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    assert_eq!((ever(&store, "forged"), ever(&store, "mine")), (Some(1), Some(6)));
}

#[test]
fn a_counter_that_is_too_large_is_refused_by_a_store_on_a_storage() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("mine");
    store.persist().unwrap();
    for done in each_call(&store, &too_large()) {
        assert!(matches!(done, Err(Error::TooLarge { event: Some(event), .. }) if event == "forged"));
        nothing_was_changed(&store);
    }
    store.record("mine");
    store.close().unwrap();
    assert_eq!(ever(&on_storage(&clock, &storage), "mine"), Some(2));
}

#[test]
fn the_merge_of_an_export_leaves_out_the_refused_event_and_reports_it() {
    // The export of a store in which a counter of 6 MiB was merged.
    let sender = in_memory(&clock());
    sender.record("good");
    sender.merge_event("large", large(6, 1 << 20)).unwrap();
    let export = sender.export_bytes().unwrap();
    let store = in_memory(&clock());
    // Other replicas of the same event take 6 MiB already.
    let mut others = serde_json::to_value(large(12, 1 << 20)).unwrap();
    others["lanes"].as_array_mut().unwrap().drain(..6);
    store.merge_event("large", serde_json::from_value(others).unwrap()).unwrap();
    let before = ever(&store, "large");
    let report = store.merge_bytes(&export).unwrap();
    assert_eq!((report.refused, report.events_changed), (1, 1));
    assert_eq!((ever(&store, "large"), ever(&store, "good")), (before, Some(1)));
}

#[test]
fn a_large_counter_that_is_known_is_merged_again_without_an_error() {
    let store = in_memory(&clock());
    let counter = large(6, 1 << 20);
    for _ in 0..2 {
        store.merge_event("large", counter.clone()).unwrap();
    }
    let peer = in_memory(&clock());
    let export = store.export_bytes().unwrap();
    for changed in [1, 0] {
        let report = peer.merge_bytes(&export).unwrap();
        assert_eq!((report.refused, report.events_changed), (0, changed));
    }
}
