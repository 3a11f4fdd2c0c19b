//! A storage that keeps what it deletes until the store tells it to purge.

#![cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use common::*;
use tiny_counter::{Error, EventStore, Result, Storage, TestClock};

#[derive(Debug, Clone, Default)]
struct Journaled {
    values: SharedStorage,
    deleted: Arc<Mutex<Vec<String>>>,
    purges: Arc<AtomicUsize>,
    fails_to_purge: Arc<AtomicBool>,
}

impl Storage for Journaled {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.values.save(key, data)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.values.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.deleted.lock().unwrap().push(key.to_owned());
        self.values.delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.values.list_keys()
    }

    fn holds_deleted(&self) -> bool {
        self.deleted.lock().unwrap().iter().any(|key| !key.starts_with('~'))
    }

    fn purge_deleted(&mut self) -> Result<()> {
        self.purges.fetch_add(1, SeqCst);
        if self.fails_to_purge.load(SeqCst) {
            return Err(Error::Storage("the journal is in use".into()));
        }
        self.deleted.lock().unwrap().clear();
        Ok(())
    }
}

fn open(clock: &TestClock, storage: &Journaled) -> EventStore {
    under(clock).with_storage(storage.clone()).build().unwrap()
}

/// A storage with the events "a" to "e", and a store on it.
fn filled() -> (TestClock, Journaled, EventStore) {
    let (clock, storage) = (clock(), Journaled::default());
    let store = open(&clock, &storage);
    ["a", "b", "c", "d", "e"].into_iter().for_each(|event| store.record(event));
    store.persist().unwrap();
    (clock, storage, store)
}

#[test]
fn a_persist_purges_once_for_all_events_that_were_erased_before_it() {
    let (_, storage, store) = filled();
    for event in ["a", "b", "c"] {
        store.erase_event(event).unwrap().unwrap();
    }
    assert_eq!(storage.purges.load(SeqCst), 0);
    assert!(store.is_dirty());
    store.persist().unwrap();
    store.persist().unwrap();
    store.close().unwrap();
    assert_eq!(storage.purges.load(SeqCst), 1);
}

#[test]
fn erasing_several_events_purges_before_it_returns() {
    let (_, storage, store) = filled();
    store.erase_events(["a", "b"]).unwrap();
    assert_eq!(storage.purges.load(SeqCst), 1);
    store.erase_all().unwrap();
    assert_eq!(storage.purges.load(SeqCst), 2);
}

#[test]
fn a_failed_purge_is_an_error_and_the_next_persist_tries_again() {
    let (clock, storage, store) = filled();
    storage.fails_to_purge.store(true, SeqCst);
    assert!(store.erase_events(["a"]).is_err());
    store.record("b");
    assert!(store.persist().is_err());
    assert!(store.is_dirty(), "the purge is still due");
    assert_eq!(
        ever(&open(&clock, &Journaled { values: storage.values.backup(), ..storage.clone() }), "b"),
        Some(2)
    );
    storage.fails_to_purge.store(false, SeqCst);
    store.persist().unwrap();
    assert!(!store.is_dirty() && !storage.holds_deleted());
}

#[test]
fn a_store_that_was_killed_before_the_purge_purges_at_the_first_persist_or_at_the_close() {
    for closes in [false, true] {
        let (clock, storage, store) = filled();
        store.erase_event("a").unwrap().unwrap();
        let killed = Journaled { values: storage.values.backup(), ..Journaled::default() };
        killed.deleted.lock().unwrap().push("a".into());
        let store = open(&clock, &killed);
        assert!(store.is_dirty());
        match closes {
            true => store.close().unwrap(),
            false => store.persist().unwrap(),
        }
        assert_eq!(killed.purges.load(SeqCst), 1);
    }
}
