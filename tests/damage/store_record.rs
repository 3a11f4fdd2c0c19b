//! A log whose store record was lost. The record knows how often everything was erased.

use std::fs;
use std::path::Path;

use super::common::files::log_file;
use super::common::stores::{clock, ever, in_memory, on_log};

/// Damages every store record in the log, and nothing else.
fn damage_store_records(dir: &Path) {
    let mut bytes = fs::read(log_file(dir)).unwrap();
    // A frame begins with four marker bytes and its kind. 3 is a store record, which has no key, so
    // its value follows the head of 20 bytes.
    let frame = [0xF9, 0x7C, 0x63, 0xFE, 3];
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&frame)).collect();
    assert!(!found.is_empty());
    for at in found {
        bytes[at + 20] ^= 1;
    }
    fs::write(log_file(dir), bytes).unwrap();
}

/// A log in which everything was erased twice before "old" was recorded, without its store record.
fn without_its_record(dir: &Path) {
    let store = on_log(&clock(), dir);
    for _ in 0..2 {
        store.record("erased");
        store.erase_all().unwrap();
    }
    store.record("old");
    store.record("older");
    store.close().unwrap();
    damage_store_records(dir);
}

#[test]
fn everything_is_erased_although_the_store_record_was_lost() {
    for is_read in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        without_its_record(dir.path());
        let store = on_log(&clock(), dir.path());
        assert_eq!(store.health().losses.len(), 1);
        store.record("new");
        if is_read {
            assert_eq!(ever(&store, "old"), Some(1));
        }
        assert_eq!(store.erase_all().unwrap().len(), 3);
        assert!(store.events().is_empty());
        drop(store);
        let store = on_log(&clock(), dir.path());
        assert!(store.events().is_empty());
        assert_eq!(["old", "older", "new"].map(|name| ever(&store, name)), [None; 3]);
    }
}

#[test]
fn what_is_recorded_after_the_store_record_was_lost_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    without_its_record(dir.path());
    let store = on_log(&clock(), dir.path());
    store.record("new");
    store.persist().unwrap();
    assert_eq!(ever(&store, "old"), Some(1));
    store.record("newer");
    store.close().unwrap();
    let names = ["old", "new", "older", "newer"];
    let store = on_log(&clock(), dir.path());
    assert_eq!(names.map(|name| ever(&store, name)), [Some(1); 4]);
    store.merge_bytes(&in_memory(&clock()).export_bytes().unwrap()).unwrap();
    assert_eq!(names.map(|name| ever(&store, name)), [Some(1); 4]);
}

#[test]
fn a_peer_takes_what_is_recorded_after_the_store_record_was_lost() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    without_its_record(dir.path());
    let peer = in_memory(&clock);
    // The peer knows of both erasures.
    for _ in 0..2 {
        peer.erase_all().unwrap();
    }
    let store = on_log(&clock, dir.path());
    store.record("new");
    peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
    for store in [&store, &peer] {
        assert_eq!((ever(store, "old"), ever(store, "new")), (Some(1), Some(1)));
    }
}

#[test]
fn what_is_recorded_after_the_store_record_was_lost_and_everything_was_erased_is_kept_and_reaches_a_peer() {
    for is_peer_erased in [false, true] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        without_its_record(dir.path());
        let peer = in_memory(&clock);
        peer.record("theirs");
        // The peer knows of both earlier erasures.
        for _ in 0..2 * usize::from(is_peer_erased) {
            peer.erase_all().unwrap();
        }
        let store = on_log(&clock, dir.path());
        store.record("before");
        store.erase_all().unwrap();
        store.record("after");
        store.record("old");
        store.close().unwrap();
        let store = on_log(&clock, dir.path());
        let counts = |store| ["before", "older", "after", "old"].map(|name| ever(store, name));
        assert_eq!(counts(&store), [None, None, Some(1), Some(1)]);
        peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        assert_eq!([counts(&store), counts(&peer)], [[None, None, Some(1), Some(1)]; 2]);
        assert_eq!(ever(&peer, "theirs"), None);
    }
}
