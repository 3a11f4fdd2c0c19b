//! What behaviour tests share: stores under a test clock, and storages that can be shared and made to fail.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[cfg(feature = "storage-fs")]
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use tiny_counter::storage::MemoryStorage;
use tiny_counter::{Error, EventStore, EventStoreBuilder, Result, Storage, TestClock, Zone};

/// A Wednesday, 12:00:00 UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_248_000, 0).unwrap()
}

pub fn clock() -> TestClock {
    TestClock::build_for_testing_at(noon())
}

/// A builder under `clock`, in UTC.
pub fn under(clock: &TestClock) -> EventStoreBuilder {
    EventStore::builder().with_clock(Arc::new(clock.clone())).with_zone(Zone::utc())
}

pub fn in_memory(clock: &TestClock) -> EventStore {
    under(clock).build().unwrap()
}

#[cfg(feature = "storage-fs")]
pub fn on_log(clock: &TestClock, dir: &Path) -> EventStore {
    under(clock).with_log(dir).build().unwrap()
}

/// A storage that outlives its store, and fails where it is told to.
#[derive(Clone, Default)]
pub struct Shared {
    kept: Arc<Mutex<MemoryStorage>>,
    pub fails_to_save: Arc<AtomicBool>,
    pub fails_to_load: Arc<AtomicBool>,
}

impl Shared {
    pub fn set_saving(&self, works: bool) {
        self.fails_to_save.store(!works, Ordering::SeqCst);
    }

    pub fn set_loading(&self, works: bool) {
        self.fails_to_load.store(!works, Ordering::SeqCst);
    }

    fn saving(&self) -> Result<std::sync::MutexGuard<'_, MemoryStorage>> {
        match self.fails_to_save.load(Ordering::SeqCst) {
            true => Err(Error::Storage("no space left".into())),
            false => Ok(self.kept.lock().unwrap()),
        }
    }
}

impl Storage for Shared {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.saving()?.save(key, data)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self.fails_to_load.load(Ordering::SeqCst) {
            true => Err(Error::Storage("the device is locked".into())),
            false => self.kept.lock().unwrap().load(key),
        }
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.saving()?.delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        match self.fails_to_load.load(Ordering::SeqCst) {
            true => Err(Error::Storage("the device is locked".into())),
            false => self.kept.lock().unwrap().list_keys(),
        }
    }

    fn begin_transaction(&mut self) -> Result<()> {
        self.kept.lock().unwrap().begin_transaction()
    }

    fn commit_transaction(&mut self) -> Result<()> {
        self.saving()?.commit_transaction()
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        self.kept.lock().unwrap().rollback_transaction()
    }
}
