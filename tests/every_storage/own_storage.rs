//! A storage of the app without transactions. It outlives its stores and keeps a copy of its values
//! after each change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tiny_counter::{Error, Result, Storage};

type Values = BTreeMap<String, Vec<u8>>;

/// All clones hold the same values.
#[derive(Debug, Clone, Default)]
pub struct OwnStorage(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    values: Values,
    /// The values after each change.
    copies: Vec<Values>,
    /// How many changes work before one fails; none fails if it is absent.
    changes_until_failure: Option<usize>,
}

impl OwnStorage {
    pub fn holding(values: Values) -> OwnStorage {
        OwnStorage(Arc::new(Mutex::new(Inside { values, ..Inside::default() })))
    }

    /// The values after each change since the last call.
    pub fn take_copies(&self) -> Vec<Values> {
        std::mem::take(&mut self.0.lock().unwrap().copies)
    }

    /// Makes one change fail, after `changes` others. The failed one is stored all the same.
    pub fn fail_after(&self, changes: usize) {
        self.0.lock().unwrap().changes_until_failure = Some(changes);
    }

    /// Whether the change to fail is still to come, which it then no longer is.
    pub fn take_failure(&self) -> bool {
        self.0.lock().unwrap().changes_until_failure.take().is_some()
    }

    fn change(&self, change: impl FnOnce(&mut Values)) -> Result<()> {
        let mut inside = self.0.lock().unwrap();
        change(&mut inside.values);
        let copy = inside.values.clone();
        inside.copies.push(copy);
        match inside.changes_until_failure.take() {
            Some(0) => return Err(Error::Storage("the disk is full".into())),
            left => inside.changes_until_failure = left.map(|left| left - 1),
        }
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
