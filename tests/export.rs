//! Exporting counts.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::*;
use tiny_counter::Error;

#[test]
fn export_since_holds_only_what_is_new_and_gives_the_same_counts() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    for name in 0..50 {
        a.record(format!("event {name}"));
    }
    let whole = a.export_since(&b.knowledge().unwrap()).unwrap();
    b.merge_bytes(&whole).unwrap();
    a.record("event 7");
    let newer = a.export_since(&b.knowledge().unwrap()).unwrap();
    assert!(newer.len() < whole.len() / 10, "{} of {}", newer.len(), whole.len());
    b.merge_bytes(&newer).unwrap();
    assert_eq!(b.query("event 7").ever().sum(), Some(2));
    assert_eq!(a.export_all().unwrap(), b.export_all().unwrap());
    assert!(matches!(a.export_since(b"?"), Err(Error::Corrupt { .. })));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_export_leaves_events_dirty() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("x");
    for _ in 0..2 {
        assert_eq!(store.export_dirty().unwrap().len(), 1);
        store.export_bytes().unwrap();
        assert!(store.is_dirty());
    }
    store.persist().unwrap();
    assert!(store.export_dirty().unwrap().is_empty());
}
