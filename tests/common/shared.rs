//! A storage in memory that outlives its store.

use std::sync::{Arc, Mutex};

use tiny_counter::storage::MemoryStorage;
use tiny_counter::{Result, Storage};

#[derive(Debug, Clone, Default)]
pub struct SharedMemory(Arc<Mutex<MemoryStorage>>);

impl Storage for SharedMemory {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.0.lock().unwrap().save(key, data)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.lock().unwrap().load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.0.lock().unwrap().delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.0.lock().unwrap().list_keys()
    }

    fn begin_transaction(&mut self) -> Result<()> {
        self.0.lock().unwrap().begin_transaction()
    }

    fn commit_transaction(&mut self) -> Result<()> {
        self.0.lock().unwrap().commit_transaction()
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        self.0.lock().unwrap().rollback_transaction()
    }
}
