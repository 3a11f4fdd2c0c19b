//! A storage that forgets everything with the process.

use std::collections::BTreeMap;

use super::Storage;
use crate::error::Result;

/// Keeps counters in memory, for tests and previews.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    kept: BTreeMap<String, Vec<u8>>,
    /// What was there when the transaction began.
    before: Option<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStorage {
    /// An empty storage.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Storage for MemoryStorage {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        self.kept.insert(key.to_owned(), data);
        Ok(())
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.kept.get(key).cloned())
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.kept.remove(key);
        Ok(())
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        Ok(self.kept.keys().cloned().collect())
    }

    fn begin_transaction(&mut self) -> Result<()> {
        self.before = Some(self.kept.clone());
        Ok(())
    }

    fn commit_transaction(&mut self) -> Result<()> {
        self.before = None;
        Ok(())
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        if let Some(before) = self.before.take() {
            self.kept = before;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rolled_back_transaction_leaves_no_trace() {
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
