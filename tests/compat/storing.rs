//! Stores over storages and formatters, the app's own ones among them.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex};

use crate::SingleEventCounter;
use crate::counter::formatter::BincodeFormat;
use crate::counter::storage::MemoryStorage;
use crate::counter::{Error, EventStore, Formatter, Result, Storage};

/// A storage of the app that outlives its stores.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Storage for Shelf {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        if key.starts_with("secret:") {
            return Err(Error::Storage(format!("{key} may not be kept")));
        }
        self.0.lock().unwrap().insert(key.to_string(), data);
        Ok(())
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        Ok(self.0.lock().unwrap().keys().cloned().collect())
    }
}

#[test]
fn a_storage_of_the_app_is_read_by_the_next_store() -> std::result::Result<(), Box<dyn StdError>> {
    let shelf = Shelf::default();
    let store = EventStore::builder().with_storage(shelf.clone()).build()?;
    store.record_count("play", 3);
    assert!(store.is_dirty());
    store.persist()?;
    assert!(!store.is_dirty());
    store.record("play");
    store.close()?;
    let mut keys = shelf.list_keys()?;
    keys.retain(|key| !key.starts_with('~'));
    assert_eq!(keys, ["play"]);

    let store = EventStore::builder().with_storage(shelf.clone()).build()?;
    assert_eq!(store.query("play").ever().sum(), Some(4));
    store.record("secret:x");
    assert!(matches!(store.persist(), Err(Error::Storage(why)) if why.contains("secret:x")));
    Ok(())
}

/// A formatter that wraps another one and adds a mark of its own.
struct Marked<F> {
    inner: F,
    mark: u8,
}

impl<F: Formatter> Formatter for Marked<F> {
    fn serialize(&self, value: &SingleEventCounter) -> Result<Vec<u8>> {
        let mut bytes = self.inner.serialize(value)?;
        bytes.push(self.mark);
        Ok(bytes)
    }

    fn deserialize(&self, bytes: &[u8]) -> Result<SingleEventCounter> {
        match bytes.split_last() {
            Some((mark, bytes)) if *mark == self.mark => self.inner.deserialize(bytes),
            _ => Err(Error::Serialization("no mark".to_string())),
        }
    }

    fn extension(&self) -> &'static str {
        "marked"
    }
}

#[test]
fn a_formatter_of_the_app_writes_and_reads_the_counters() {
    let shelf = Shelf::default();
    let open = |mark| {
        let format = Marked { inner: BincodeFormat, mark };
        EventStore::builder().with_storage(shelf.clone()).with_format(format).build()
    };
    let store = open(b'!').unwrap();
    store.record_count("play", 2);
    store.close().unwrap();
    assert_eq!(shelf.load("play").unwrap().unwrap().last(), Some(&b'!'));
    assert_eq!(open(b'!').unwrap().query("play").ever().sum(), Some(2));
}

#[test]
fn compacting_needs_a_store_that_is_mutable() -> Result<()> {
    fn tidy(store: &mut EventStore) -> Result<Option<u32>> {
        store.compact()?;
        Ok(store.query("play").ever().sum())
    }
    let mut store = EventStore::builder().with_storage(MemoryStorage::new()).build()?;
    store.record_count("play", 3);
    let before = store.query("play").last_days(7).sum();
    assert_eq!(tidy(&mut store)?, before);
    let shared = Arc::new(Mutex::new(store));
    shared.lock().unwrap().compact()?;
    assert_eq!(shared.lock().unwrap().query("play").ever().sum(), Some(3));
    Ok(())
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_file_per_event_is_read_by_the_next_store() -> std::result::Result<(), Box<dyn StdError>> {
    use crate::counter::storage::FilePerEvent;

    fn open(folder: &std::path::Path) -> Result<EventStore> {
        let storage = FilePerEvent::new(folder, "bin")?;
        EventStore::builder().with_storage(storage).with_format(BincodeFormat).build()
    }
    let folder = tempfile::tempdir()?;
    {
        let store = open(folder.path())?;
        store.record_count("play", 2);
        store.record("stop");
    }
    let names = std::fs::read_dir(folder.path())?.map(|entry| Ok(entry?.file_name()));
    let names = names.collect::<std::io::Result<Vec<_>>>()?;
    let is_event = |name: &str| name.ends_with(".bin") && !name.starts_with("e-%7e");
    let events = names.iter().filter(|name| is_event(&name.to_string_lossy()));
    assert_eq!(events.count(), 2, "dropping a store saves it");
    let store = open(folder.path())?;
    let both = store.query_many(&["play", "stop"]).ever();
    assert_eq!(both.sum(), Some(3));
    store.record("play");
    store.persist_all()?;
    store.close()?;
    assert_eq!(open(folder.path())?.query("play").ever().sum(), Some(3));
    Ok(())
}
