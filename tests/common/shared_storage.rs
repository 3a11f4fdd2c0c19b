//! A storage in memory that outlives its store and can be made to fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tiny_counter::storage::MemoryStorage;
use tiny_counter::{Error, Result, Storage};

/// All clones hold the same values.
#[derive(Debug, Clone, Default)]
pub struct SharedStorage {
    values: Arc<Mutex<MemoryStorage>>,
    fails_to_save: Arc<AtomicBool>,
    fails_to_load: Arc<AtomicBool>,
}

impl SharedStorage {
    /// From now on saving and deleting work or fail.
    pub fn set_saving(&self, works: bool) {
        self.fails_to_save.store(!works, Ordering::SeqCst);
    }

    /// From now on loading and listing work or fail.
    pub fn set_loading(&self, works: bool) {
        self.fails_to_load.store(!works, Ordering::SeqCst);
    }

    /// Another storage with the same values.
    pub fn backup(&self) -> SharedStorage {
        let mut copy = SharedStorage::default();
        for key in self.list_keys().unwrap() {
            copy.save(&key, self.load(&key).unwrap().unwrap()).unwrap();
        }
        copy
    }

    fn to_save(&self) -> Result<MutexGuard<'_, MemoryStorage>> {
        match self.fails_to_save.load(Ordering::SeqCst) {
            true => Err(Error::Storage("no space left".into())),
            false => Ok(self.values.lock().unwrap()),
        }
    }

    fn to_load(&self) -> Result<MutexGuard<'_, MemoryStorage>> {
        match self.fails_to_load.load(Ordering::SeqCst) {
            true => Err(Error::Storage("the device is locked".into())),
            false => Ok(self.values.lock().unwrap()),
        }
    }
}

impl Storage for SharedStorage {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.to_save()?.save(key, data)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.to_load()?.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.to_save()?.delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.to_load()?.list_keys()
    }

    fn begin_transaction(&mut self) -> Result<()> {
        self.values.lock().unwrap().begin_transaction()
    }

    fn commit_transaction(&mut self) -> Result<()> {
        self.to_save()?.commit_transaction()
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        self.values.lock().unwrap().rollback_transaction()
    }
}
