//! A storage without transactions that outlives its store and keeps a copy after each change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tiny_counter::{Result, Storage};

type Values = BTreeMap<String, Vec<u8>>;

/// All clones hold the same values.
#[derive(Debug, Clone, Default)]
pub struct OwnStorage(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    values: Values,
    /// The values after each change.
    copies: Vec<Values>,
}

impl OwnStorage {
    pub fn holding(values: Values) -> OwnStorage {
        OwnStorage(Arc::new(Mutex::new(Inside { values, copies: Vec::new() })))
    }

    /// The values after each change since the last call.
    pub fn take_copies(&self) -> Vec<Values> {
        std::mem::take(&mut self.0.lock().unwrap().copies)
    }

    fn change(&self, change: impl FnOnce(&mut Values)) -> Result<()> {
        let mut inside = self.0.lock().unwrap();
        change(&mut inside.values);
        let copy = inside.values.clone();
        inside.copies.push(copy);
        Ok(())
    }
}

impl Storage for OwnStorage {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.change(|values| _ = values.insert(key.to_owned(), data))
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().values.get(key).cloned())
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.change(|values| _ = values.remove(key))
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        Ok(self.0.lock().unwrap().values.keys().cloned().collect())
    }
}
