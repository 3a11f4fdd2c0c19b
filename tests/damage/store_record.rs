//! A log whose store record was lost. The record knows how often everything was erased.

use std::fs;
use std::path::Path;

use chrono::Duration;
use tiny_counter::EventStore;

use super::common::files::log_file;
use super::common::stores::{clock, ever, in_memory, on_log, sync};

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
        // The store never heard of it before it erased everything.
        assert_eq!(ever(&peer, "theirs"), Some(1).filter(|_| !is_peer_erased));
    }
}

/// Damages the value of every record with this key in the log, and nothing else.
fn damage_records(dir: &Path, key: &str) {
    let mut bytes = fs::read(log_file(dir)).unwrap();
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(key.as_bytes())).collect();
    assert!(!found.is_empty());
    for at in found {
        // The checksum of the head stands between the key and the value.
        bytes[at + key.len() + 4] ^= 1;
    }
    fs::write(log_file(dir), bytes).unwrap();
}

#[test]
fn a_reservation_is_found_although_the_list_of_reserved_events_was_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = on_log(&clock(), dir.path());
    store.record("tap");
    let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
    store.close().unwrap();
    damage_records(dir.path(), "~reserved-0");
    let store = on_log(&clock(), dir.path());
    assert_eq!(store.health().losses.len(), 1);
    assert_eq!(store.reservations().len(), 1);
    store.commit_reservation(key).unwrap();
    store.acknowledge_loss().unwrap();
    store.close().unwrap();
    let store = on_log(&clock(), dir.path());
    assert_eq!((ever(&store, "dialog"), store.health().losses.len()), (Some(1), 0));
}

#[test]
fn a_lost_page_of_the_sync_state_is_no_loss_and_what_it_knew_is_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, peer) = (on_log(&clock(), dir.path()), in_memory(&clock()));
    store.record("tap");
    for _ in 0..3 {
        peer.record("tap");
        sync(&store, &peer);
        store.persist().unwrap();
    }
    let news = |store: &EventStore| peer.export_since(&store.knowledge().unwrap()).unwrap().len();
    let nothing_new = news(&store);
    store.close().unwrap();
    damage_records(dir.path(), "~claims-0");
    let store = on_log(&clock(), dir.path());
    assert!(store.health().losses.is_empty());
    assert!(news(&store) > nothing_new);
    sync(&store, &peer);
    assert_eq!([&store, &peer].map(|store| ever(store, "tap")), [Some(4); 2]);
}
