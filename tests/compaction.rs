//! Compacting a store.

#![cfg(any(feature = "storage-fs", feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::*;
use tiny_counter::EventStore;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::TimeUnit;
#[cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
use tiny_counter::storage::FilePerEvent;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::storage::MemoryStorage;
#[cfg(feature = "storage-fs")]
use tiny_counter::storage::{Log, Writes};

#[cfg(feature = "storage-fs")]
#[test]
fn compacting_shrinks_the_file_and_keeps_every_count() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = under(&clock).with_log(Log::new(dir.path()).writes(Writes::Inline)).build().unwrap();
    for _ in 0..300 {
        store.record("x");
    }
    let before = log_file(dir.path()).metadata().unwrap().len();
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    let after = log_file(dir.path()).metadata().unwrap().len();
    // The rest is mostly the store record.
    assert!(after < before / 8, "{after} bytes of {before}");
    assert_eq!(store.query("x").ever().sum(), Some(300));
    drop(store);
    assert_eq!(on_log(&clock, dir.path()).query("x").ever().sum(), Some(300));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn compacting_frees_memory_and_events_are_loaded_again_on_demand() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let mut store = on_storage(&clock, &storage);
    store.record_count("x", 5);
    assert!(store.memory_usage() > 0);
    let reservation = store.limit().at_most("x", 6, TimeUnit::Days).reserve("x").unwrap();
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    assert!(store.limit().at_most("x", 6, TimeUnit::Days).check("x").is_err(), "a reservation survives");
    reservation.commit();
    assert_eq!(store.query("x").ever().sum(), Some(6));
}

/// Records, marks everything as clean and compacts. No count may be lost.
fn loses_nothing_without_dirty_marks(mut store: EventStore) {
    store.record_count("saved", 5);
    store.persist().unwrap();
    store.record_count("saved", 2);
    store.record_count("never saved", 3);
    store.reset_dirty();
    store.compact().unwrap();
    assert_eq!((ever(&store, "saved"), ever(&store, "never saved")), (Some(7), Some(3)));
    store.record("never saved");
    store.close().unwrap();
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn compacting_a_store_whose_events_were_marked_as_clean_loses_nothing() {
    let (storage, clock) = (SharedStorage::default(), clock());
    loses_nothing_without_dirty_marks(under(&clock).with_storage(MemoryStorage::new()).build().unwrap());
    loses_nothing_without_dirty_marks(on_storage(&clock, &storage));
    let store = on_storage(&clock, &storage);
    assert_eq!(ever(&store, "never saved"), Some(4), "recorded again, it is saved");
}

#[cfg(feature = "storage-fs")]
#[test]
fn compacting_a_log_whose_events_were_marked_as_clean_loses_nothing() {
    for writes in [Writes::Inline, Writes::Background] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        let log = Log::new(dir.path()).writes(writes);
        loses_nothing_without_dirty_marks(under(&clock).with_log(log).build().unwrap());
        let store = on_log(&clock, dir.path());
        assert_eq!((ever(&store, "saved"), ever(&store, "never saved")), (Some(7), Some(4)));
    }
}

#[cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#[test]
fn compacting_files_whose_events_were_marked_as_clean_loses_nothing() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let files = FilePerEvent::new(dir.path(), "bin").unwrap();
    loses_nothing_without_dirty_marks(under(&clock).with_storage(files).build().unwrap());
}

#[cfg(all(feature = "storage-sqlite", feature = "serde-bincode"))]
#[test]
fn compacting_a_database_whose_events_were_marked_as_clean_loses_nothing() {
    let (_dir, path) = sqlite_folder();
    loses_nothing_without_dirty_marks(on_sqlite(&clock(), &path));
}
