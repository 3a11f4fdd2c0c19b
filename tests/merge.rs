//! Merging the counts of several devices.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::collections::HashMap;

use common::stores::{clock, ever, in_memory, sync};
use tiny_counter::{Error, SingleEventCounter};

#[test]
fn a_merge_counts_once_however_often_it_is_repeated_or_relayed() {
    let clock = clock();
    let [a, b, c] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    a.record_count("x", 1);
    b.record_count("x", 10);
    c.record_count("x", 100);
    for _ in 0..2 {
        sync(&a, &b);
        sync(&b, &c);
        sync(&a, &c);
        a.merge_all(c.export_all().unwrap()).unwrap();
    }
    for store in [&a, &b, &c] {
        assert_eq!(store.query("x").last_days(1).sum(), Some(111));
        assert_eq!(store.query("x").lifetime(), Some(111));
    }
    assert_eq!(a.export_all().unwrap(), c.export_all().unwrap());
}

#[test]
fn a_merge_reports_what_it_did() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    a.record("y");
    let bytes = a.export_bytes().unwrap();
    let report = b.merge_bytes(&bytes).unwrap();
    assert_eq!(
        (report.events_changed, report.replicas, report.conflicting_copies, report.refused),
        (2, 1, 0, 0)
    );
    assert!(b.is_dirty());
    assert_eq!(b.merge_bytes(&bytes).unwrap().events_changed, 0);
}

#[test]
fn merging_an_old_export_removes_nothing() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    let old = a.export_bytes().unwrap();
    a.record("x");
    b.merge_bytes(&a.export_bytes().unwrap()).unwrap();
    b.merge_bytes(&old).unwrap();
    assert_eq!(b.query("x").ever().sum(), Some(2));
}

#[test]
fn merging_a_whole_store_adds_all_its_counts() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("x");
    b.record("y");
    a.merge(b).unwrap();
    assert_eq!(a.query("x").ever().sum(), Some(2));
    assert_eq!(a.query("y").ever().sum(), Some(1));
}

#[test]
fn a_damaged_export_changes_nothing() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("x");
    let bytes = a.export_bytes().unwrap();
    for cut in 0..bytes.len() {
        assert!(matches!(b.merge_bytes(&bytes[..cut]), Err(Error::Corrupt { .. })));
    }
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(b.merge_bytes(&damaged).is_err(), "bit {bit}");
    }
    assert_eq!(b.query("x").ever().sum(), Some(1));
    assert_eq!(b.merge_bytes(&bytes).unwrap().events_changed, 1);
}

#[test]
fn an_empty_merge_changes_no_event() {
    let store = in_memory(&clock());
    for number in 0..1_000 {
        store.record(format!("event {number}"));
    }
    store.erase_event("event 7").unwrap();
    store.reset_dirty();
    store.merge_all(HashMap::new()).unwrap();
    assert!(!store.is_dirty());
    let empty = in_memory(&clock());
    let report = store.merge_bytes(&empty.export_bytes().unwrap()).unwrap();
    assert_eq!(report.events_changed, 0);
    assert!(!store.is_dirty());
    assert!(store.export_dirty().unwrap().is_empty());
    assert_eq!(store.events().len(), 999);
}

#[test]
fn stores_that_heard_the_same_in_any_order_export_the_same_bytes() {
    let clock = clock();
    let devices = [(); 3].map(|()| in_memory(&clock));
    for (at, device) in devices.iter().enumerate() {
        device.record_count("each", 1 + at as u32);
        device.record(["a", "b", "c"][at]);
        device.record("erased");
    }
    let early: Vec<_> = devices.iter().map(|device| device.export_bytes().unwrap()).collect();
    devices.iter().for_each(|device| _ = device.erase_event("erased").unwrap());
    devices.iter().for_each(|device| device.record("each"));
    let late: Vec<_> = devices.iter().map(|device| device.export_bytes().unwrap()).collect();
    let parts: Vec<_> = devices.iter().flat_map(|device| device.export_parts(100).unwrap()).collect();
    let heard = |messages: &[&[Vec<u8>]]| {
        let store = in_memory(&clock);
        messages
            .iter()
            .flat_map(|messages| *messages)
            .for_each(|bytes| _ = store.merge_bytes(bytes).unwrap());
        store.export_bytes().unwrap()
    };
    let backwards: Vec<_> = late.iter().rev().cloned().collect();
    let once = heard(&[&late]);
    assert_eq!(heard(&[&backwards, &late]), once);
    assert_eq!(heard(&[&early, &backwards]), once);
    assert_eq!(heard(&[&backwards, &early]), once);
    assert_eq!(heard(&[&parts]), once);
    assert_eq!(heard(&[std::slice::from_ref(&once)]), once);
}

#[test]
fn a_counter_without_counts_makes_no_event_known() {
    let store = in_memory(&clock());
    store.merge_event("x", SingleEventCounter::default()).unwrap();
    store.import_event("y", SingleEventCounter::default()).unwrap();
    assert_eq!(store.events(), Vec::<String>::new());
    store.record("x");
    store.merge_event("x", SingleEventCounter::default()).unwrap();
    assert_eq!(ever(&store, "x"), Some(1));
}
