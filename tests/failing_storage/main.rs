//! A storage that fails: what was acknowledged stays, memory stays right, and the next attempt
//! succeeds.

#![cfg(any(feature = "storage-fs", feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod any_call;
#[path = "../common/mod.rs"]
mod common;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod faulty;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod health;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod history;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod hooked;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod panics;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod reentrant;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod run;

use common::*;
use tiny_counter::Error;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::TimeUnit;

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_full_disk_loses_nothing_and_the_next_persist_saves_everything() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("a");
    store.persist().unwrap();
    storage.set_saving(false);
    store.record("a");
    store.record("b");
    assert!(matches!(store.persist(), Err(Error::Storage(_))));
    assert!(store.is_dirty());
    let decided = store.limit().at_most("c", 1, TimeUnit::Days).check_and_record("c");
    let Err(Error::NotWritten(cause)) = decided else { panic!("{decided:?}") };
    assert!(matches!(*cause, Error::Storage(_)), "the limit allowed it, and the storage failed: {cause}");
    let refused = store.limit().at_most("c", 1, TimeUnit::Days).check("c");
    assert!(
        refused.unwrap_err().as_limit_exceeded().is_some(),
        "a count that could not be written remains in memory"
    );
    assert_eq!(on_storage(&clock, &storage).query("a").ever().sum(), Some(1), "all or nothing");
    storage.set_saving(true);
    store.persist().unwrap();
    assert!(!store.is_dirty());
    let again = on_storage(&clock, &storage);
    assert_eq!(["a", "b", "c"].map(|name| again.query(name).ever().sum()), [Some(2), Some(1), Some(1)]);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn recordings_made_while_loading_fails_are_added_to_the_stored_counts() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record_count("x", 3);
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    storage.set_loading(false);
    store.record_count("x", 4);
    assert_eq!(
        store.query("x").ever().sum(),
        Some(4),
        "while nothing can be loaded, queries answer from memory"
    );
    assert!(store.health().storage_fails);
    assert!(matches!(
        store.limit().at_most("x", 9, TimeUnit::Days).check("x"),
        Err(Error::Unavailable { .. })
    ));
    assert!(store.persist().is_err(), "an event that cannot be loaded is not overwritten");
    assert!(store.is_dirty());
    assert!(store.export_all().is_err());
    storage.set_loading(true);
    assert_eq!(store.query("x").ever().sum(), Some(7));
    store.persist().unwrap();
    assert_eq!(on_storage(&clock, &storage).query("x").lifetime(), Some(7));
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_the_counts_stay() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let blocked = dir.path().join("file");
    std::fs::write(&blocked, b"in the way").unwrap();
    let opened = under(&clock).with_log(blocked.join("log")).build();
    assert!(matches!(opened, Err(Error::Unavailable { .. } | Error::Io { .. } | Error::Storage(_))));
    std::fs::remove_file(&blocked).unwrap();
    let store = on_log(&clock, &blocked.join("log"));
    store.record("x");
    let aside = dir.path().join("aside");
    std::fs::rename(&blocked, &aside).unwrap();
    std::fs::write(&blocked, b"in the way").unwrap();
    assert!(store.persist().is_err());
    assert_eq!(store.query("x").ever().sum(), Some(1));
    std::fs::remove_file(&blocked).unwrap();
    std::fs::rename(&aside, &blocked).unwrap();
    store.persist().unwrap();
}
