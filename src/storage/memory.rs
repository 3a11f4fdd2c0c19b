//! A storage in memory.

use std::collections::BTreeMap;

use super::Storage;
use crate::error::Result;

/// Keeps all values in memory, for tests and previews.
///
/// Everything is lost when the storage is dropped, and a clone is an independent copy. No call
/// fails. Transactions are supported; beginning a second one replaces the state to which a rollback
/// returns.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    values: BTreeMap<String, Vec<u8>>,
    /// The values at the beginning of the open transaction.
    before: Option<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStorage {
    /// Creates an empty storage.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Storage for MemoryStorage {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.values.insert(key.to_owned(), data);
        Ok(())
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.values.get(key).cloned())
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.values.remove(key);
        Ok(())
    }

    /// No other storage has these values.
    fn is_atomic(&self) -> bool {
        true
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        Ok(self.values.keys().cloned().collect())
    }

    fn begin_transaction(&mut self) -> Result<()> {
        self.before = Some(self.values.clone());
        Ok(())
    }

    fn commit_transaction(&mut self) -> Result<()> {
        self.before = None;
        Ok(())
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        if let Some(before) = self.before.take() {
            self.values = before;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_restores_the_values_before_the_transaction() {
        let mut storage = MemoryStorage::new();
        storage.save("a", vec![1]).unwrap();
        storage.begin_transaction().unwrap();
        storage.save("a", vec![2]).unwrap();
        storage.delete("a").unwrap();
        storage.save("b", vec![3]).unwrap();
        storage.rollback_transaction().unwrap();
        assert_eq!(storage.load("a").unwrap(), Some(vec![1]));
        assert_eq!(storage.list_keys().unwrap(), ["a"]);
    }
}
