//! A storage that calls a function before a save. Like a database, it has one transaction at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use tiny_counter::{Error, EventStore, Result, Storage};

use super::common::*;

type Hook = Arc<dyn Fn(&str) + Send + Sync>;

/// All clones are the same storage and have the same hook.
#[derive(Clone, Default)]
pub struct Hooked {
    pub storage: SharedStorage,
    hook: Arc<Mutex<Option<Hook>>>,
    in_transaction: bool,
}

impl Hooked {
    /// The next `times` saves call `hook` first.
    pub fn call(&self, times: usize, hook: impl Fn(&str) + Send + Sync + 'static) {
        let left = AtomicUsize::new(times);
        *self.hook.lock().unwrap() = Some(Arc::new(move |key: &str| {
            let left = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if left.is_ok() {
                hook(key);
            }
        }));
    }

    /// A store on this storage, and a place in which the hook finds it.
    pub fn store(&self) -> (Arc<EventStore>, Arc<OnceLock<Weak<EventStore>>>) {
        let store = under(&clock()).with_storage(self.clone()).build().unwrap();
        let (store, place) = (Arc::new(store), Arc::new(OnceLock::new()));
        place.set(Arc::downgrade(&store)).unwrap();
        (store, place)
    }
}

impl Storage for Hooked {
    fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
        let hook = self.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(key);
        }
        self.storage.save(key, data)
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.storage.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.storage.delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.storage.list_keys()
    }

    fn begin_transaction(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.in_transaction, true) {
            return Err(Error::Storage("a transaction is open already".into()));
        }
        self.storage.begin_transaction()
    }

    fn commit_transaction(&mut self) -> Result<()> {
        self.in_transaction = false;
        self.storage.commit_transaction()
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        self.in_transaction = false;
        self.storage.rollback_transaction()
    }
}
