//! Migrating from one storage to another: everything once, whatever is repeated or interrupted, and
//! the old storage stays unchanged.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod clock_steps;
#[path = "../common/mod.rs"]
mod common;
mod old_store;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::Duration;
use common::shared_storage::SharedStorage;
use common::stores::{clock, event_keys, in_memory, on_log, on_storage, under};
use old_store::{answers, changed, contents, files, filled, old_store};
use tempfile::tempdir;
use tiny_counter::formatter::BincodeFormat;
use tiny_counter::storage::{FilePerEvent, MemoryStorage};
use tiny_counter::{Error, Result, Storage};

#[test]
fn a_migration_keeps_every_answer_and_leaves_the_old_files_unchanged() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let before = (answers(&old_store(&clock, &old)), contents(old.path()));
    assert!(before.0.len() > 5 * 10);
    let store = on_log(&clock, new.path());
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 5);
    assert_eq!(answers(&store), before.0);
    assert_eq!(contents(old.path()), before.1);
    drop(store);
    assert_eq!(answers(&on_log(&clock, new.path())), before.0);
}

#[test]
fn a_repeated_migration_counts_nothing_twice() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.record_count("launch", 2);
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.record_count("launch", 40);
    let before = answers(&store);
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(answers(&store), before);
    store.close().unwrap();
    let store = on_log(&clock, new.path());
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(answers(&store), before);
    let all = (0..800u64).map(|day| 1 + day % 3).sum::<u64>() + 5 * 89 + 42;
    assert_eq!(store.query("launch").lifetime(), Some(all));
}

#[test]
fn the_next_migration_brings_what_the_old_store_counted_since() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    let lifetime = store.query("search").lifetime().unwrap();
    for round in 1..4 {
        let before = old_store(&clock, &old);
        before.record_count("search", 10);
        before.record_count("late", 10);
        before.close().unwrap();
        store.record("search");
        store.record("late");
        assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 2);
        assert_eq!(store.query("search").lifetime(), Some(lifetime + round * 11));
        assert_eq!(store.query("late").lifetime(), Some(round * 11));
        clock.advance(Duration::minutes(1));
    }
}

#[test]
fn other_devices_count_a_migrated_store_once() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    let before = old_store(&clock, &old);
    before.record_count("x", 3);
    let earlier = before.export_bytes().unwrap();
    before.close().unwrap();
    let (store, tablet) = (on_log(&clock, new.path()), in_memory(&clock));
    tablet.merge_bytes(&earlier).unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.record("x");
    let report = tablet.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!(
        (report.replicas, report.conflicting_copies),
        (2, 0),
        "the old store's lane and the new store's own"
    );
    assert_eq!(tablet.query("x").lifetime(), Some(4));
    // The same with an export of only what is new.
    let watch = in_memory(&clock);
    watch.merge_bytes(&store.export_since(&watch.knowledge().unwrap()).unwrap()).unwrap();
    let before = old_store(&clock, &old);
    before.record("x");
    before.close().unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    watch.merge_bytes(&store.export_since(&watch.knowledge().unwrap()).unwrap()).unwrap();
    assert_eq!(watch.query("x").lifetime(), Some(5));
    assert_eq!(store.query("x").lifetime(), Some(5));
}

#[test]
fn a_migration_does_not_bring_back_erased_events() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.erase_event("launch").unwrap();
    store.close().unwrap();
    let store = on_log(&clock, new.path());
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(store.query("launch").lifetime(), None);
    store.erase_all().unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    assert!(store.events().is_empty());
}

/// A read-only storage whose n-th load fails and that lists every key twice.
struct Interrupted {
    kept: FilePerEvent,
    left: AtomicUsize,
}

impl Storage for Interrupted {
    fn save(&mut self, _key: &str, _data: Vec<u8>) -> Result<()> {
        panic!("the old storage is only read");
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            1 => Err(Error::Storage("the card was pulled out".into())),
            _ => self.kept.load(key),
        }
    }

    fn delete(&mut self, _key: &str) -> Result<()> {
        panic!("the old storage is only read");
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        let mut twice = self.kept.list_keys()?;
        twice.extend(self.kept.list_keys()?);
        Ok(twice)
    }
}

#[test]
fn an_interrupted_migration_takes_all_or_nothing() {
    let (clock, old) = (clock(), tempdir().unwrap());
    filled(&clock, &old);
    let names = old_store(&clock, &old).events();
    let whole = answers(&old_store(&clock, &old));
    assert_eq!(names.len(), 5);
    let keys = event_keys(&files(&old));
    let values = |name: &String| [name.clone(), format!("~others-{name}")];
    let is_there = |name: &String| values(name).into_iter().filter(|key| keys.contains(key)).count();
    // Each value is read once, and an event has up to two.
    let reads: Vec<&String> = names.iter().flat_map(|name| vec![name; is_there(name)]).collect();
    assert!(reads.len() > names.len());
    for failing in 1..=reads.len() + 1 {
        let new = tempdir().unwrap();
        let store = on_log(&clock, new.path());
        let storage = Interrupted { kept: files(&old), left: failing.into() };
        let done = store.migrate(&storage, &BincodeFormat);
        drop(store);
        let store = on_log(&clock, new.path());
        match reads.get(failing - 1) {
            Some(name) => {
                let Err(Error::Unavailable { event, .. }) = done else { panic!("{done:?}") };
                assert_eq!(event.as_ref(), Some(*name));
                assert!(store.events().is_empty());
                store.migrate(&storage, &BincodeFormat).unwrap();
            }
            None => assert_eq!(changed(done.unwrap()), names.len()),
        }
        assert_eq!(answers(&store), whole);
    }
}

#[test]
fn a_migration_with_an_unreadable_event_names_it_and_takes_nothing() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.record("here");
    let file = old.path().join("e-search.bin");
    let whole = std::fs::read(&file).unwrap();
    let mut newer = whole.clone();
    newer[4] = 2;
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for (bytes, is_newer) in [(newer, true), (damaged, false), (b"{}".to_vec(), false), (Vec::new(), false)] {
        std::fs::write(&file, bytes).unwrap();
        match store.migrate(&files(&old), &BincodeFormat) {
            Err(Error::Incompatible { event, found: 2, .. }) if is_newer => {
                assert_eq!(event.as_deref(), Some("search"))
            }
            Err(Error::Corrupt { event, .. }) if !is_newer => assert_eq!(event.as_deref(), Some("search")),
            other => panic!("{other:?}"),
        }
        assert_eq!(store.events(), ["here"]);
    }
    std::fs::write(&file, whole).unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    assert_eq!(store.events().len(), 6);
}

#[test]
fn a_key_that_is_not_an_event_name_is_an_error() {
    let mut storage = MemoryStorage::new();
    storage.save(&"x".repeat(1025), Vec::new()).unwrap();
    let done = in_memory(&clock()).migrate(&storage, &BincodeFormat);
    assert!(matches!(done, Err(Error::InvalidEvent { .. })));
}

#[cfg(feature = "serde-json")]
#[test]
fn a_storage_is_read_only_with_its_own_format() {
    use tiny_counter::formatter::JsonFormat;
    let (clock, storage) = (clock(), SharedStorage::default());
    let before = under(&clock).with_storage(storage.clone()).with_format(JsonFormat).build().unwrap();
    before.record_count("x", 3);
    before.close().unwrap();
    let store = in_memory(&clock);
    let Err(Error::Corrupt { event, .. }) = store.migrate(&storage, &BincodeFormat) else {
        panic!("JSON was read as binary")
    };
    assert_eq!(event.as_deref(), Some("x"));
    store.migrate(&storage, &JsonFormat).unwrap();
    assert_eq!(store.query("x").lifetime(), Some(3));
}

#[test]
fn any_storage_can_be_migrated_into_any_store_also_into_its_own() {
    let (clock, old) = (clock(), SharedStorage::default());
    let before = under(&clock).with_storage(old.clone()).build().unwrap();
    before.record_count("x", 3);
    before.close().unwrap();
    let new = SharedStorage::default();
    let open = |storage: &SharedStorage| on_storage(&clock, storage);
    let store = open(&new);
    store.migrate(&old, &BincodeFormat).unwrap();
    drop(store);
    let store = open(&new);
    store.record("x");
    store.persist().unwrap();
    assert_eq!(changed(store.migrate(&old, &BincodeFormat).unwrap()), 0);
    assert_eq!(changed(store.migrate(&new, &BincodeFormat).unwrap()), 0, "its own");
    assert_eq!(store.query("x").lifetime(), Some(4));
    drop(store);
    let before = open(&old);
    before.record("x");
    before.close().unwrap();
    let store = open(&new);
    store.migrate(&old, &BincodeFormat).unwrap();
    assert_eq!(store.query("x").lifetime(), Some(5));
    drop(store);
    assert_eq!(open(&new).query("x").lifetime(), Some(5));
}

#[test]
fn a_migration_that_cannot_be_saved_counts_and_the_next_one_saves_it() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), SharedStorage::default());
    filled(&clock, &old);
    let store = under(&clock).with_storage(new.clone()).build().unwrap();
    new.set_saving(false);
    assert!(matches!(store.migrate(&files(&old), &BincodeFormat), Err(Error::Storage(_))));
    assert!(store.query("launch").lifetime().is_some());
    new.set_saving(true);
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(event_keys(&new).len(), 5);
    store.shutdown().unwrap();
    assert!(matches!(store.migrate(&files(&old), &BincodeFormat), Err(Error::Closed)));
}

#[cfg(feature = "storage-sqlite")]
#[test]
fn a_database_can_be_migrated_into_a_log_while_its_store_is_open() {
    use tiny_counter::formatter::BincodeFormat;
    let (dir, path) = common::stores::sqlite_folder();
    let clock = clock();
    let before = common::stores::on_sqlite(&clock, &path);
    before.record_count("x", 3);
    before.persist().unwrap();
    let store = on_log(&clock, &dir.path().join("log"));
    for (round, changed) in [(0, 1), (1, 1), (2, 1)] {
        let database = tiny_counter::storage::Sqlite::open(&path).unwrap();
        assert_eq!(store.migrate(&database, &BincodeFormat).unwrap().events_changed, changed);
        assert_eq!(store.migrate(&database, &BincodeFormat).unwrap().events_changed, 0);
        assert_eq!(common::stores::ever(&store, "x"), Some(3 + round));
        before.record("x");
        before.persist().unwrap();
    }
    before.close().unwrap();
}

#[test]
fn what_other_devices_counted_is_migrated_too() {
    let (clock, old) = (clock(), SharedStorage::default());
    let (store, device) = (on_storage(&clock, &old), in_memory(&clock));
    store.record_count("both", 2);
    for name in ["both", "theirs"] {
        device.record_count(name, 3);
    }
    store.merge_bytes(&device.export_bytes().unwrap()).unwrap();
    store.close().unwrap();
    let store = in_memory(&clock);
    assert_eq!(changed(store.migrate(&old, &BincodeFormat).unwrap()), 2);
    assert_eq!(["both", "theirs"].map(|name| store.query(name).lifetime()), [Some(5), Some(3)]);
    assert_eq!(changed(store.migrate(&old, &BincodeFormat).unwrap()), 0);
    assert_eq!(changed(store.merge_bytes(&device.export_bytes().unwrap()).unwrap()), 0);
}

/// A storage that fails from the first batch on, as if the process were killed there.
#[derive(Clone, Default)]
struct Killed {
    values: SharedStorage,
    is_dead: Arc<AtomicBool>,
}

impl Killed {
    fn write(&mut self, write: impl FnOnce(&mut SharedStorage) -> Result<()>) -> Result<()> {
        match self.is_dead.load(Ordering::Relaxed) {
            true => Err(Error::Storage("killed".into())),
            false => write(&mut self.values),
        }
    }
}

impl Storage for Killed {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.write(|values| values.save(key, data))?;
        self.is_dead.fetch_or(key == "~batch", Ordering::Relaxed);
        Ok(())
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.values.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.write(|values| values.delete(key))
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.values.list_keys()
    }
}

#[test]
fn a_decision_that_a_kill_interrupted_is_migrated_after_a_store_completed_it() {
    let (clock, old) = (clock(), Killed::default());
    let before = under(&clock).with_storage(old.clone()).build().unwrap();
    before.limit().also_record("any").check_and_record("message").unwrap_err();
    let store = in_memory(&clock);
    let error = store.migrate(&old.values, &BincodeFormat).unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert!(store.events().is_empty());
    on_storage(&clock, &old.values).close().unwrap();
    store.migrate(&old.values, &BincodeFormat).unwrap();
    assert_eq!(["message", "any"].map(|name| store.query(name).lifetime()), [Some(1), Some(1)]);
}
