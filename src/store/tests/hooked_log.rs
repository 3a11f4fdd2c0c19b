//! A log in memory that calls a hook before each read.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::EventStore;
use crate::clock::TimeSource;
use crate::codec::{self, StoreRecord, StoredEvent};
use crate::counter::tracking::Tracking;
use crate::engine::{Changes, Engine};
use crate::error::Result;
use crate::storage::key::{self, Part};
use crate::store::backend::Backend;
use crate::store::shared::Shared;
use crate::time::zone::Zone;

/// The values of events by their keys, and the store record.
type Stored = (BTreeMap<String, StoredEvent>, Option<StoreRecord>);
type Hook = Box<dyn FnMut(&str) + Send>;

/// A log in memory that calls a hook before each read of an event.
#[derive(Default)]
pub struct HookedLog {
    stored: Mutex<Stored>,
    on_load: Mutex<Option<Hook>>,
}

impl Backend for Arc<HookedLog> {
    fn writes_in_background(&self) -> bool {
        true
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn may_hold(&self, name: &str) -> bool {
        let stored = self.stored.lock();
        key::is_any(name, |key| stored.0.contains_key(key))
    }

    fn load_part(&self, name: &str, part: Part) -> Result<Option<StoredEvent>> {
        // The hook is taken meanwhile, so that its own reads do not call it again.
        let hook = self.on_load.lock().take_if(|_| part == Part::Event);
        if let Some(mut hook) = hook {
            hook(name);
            *self.on_load.lock() = Some(hook);
        }
        Ok(self.stored.lock().0.get(&*key::of(name, part)).cloned())
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(key::events(self.stored.lock().0.keys()))
    }

    fn load_record(&self, _name: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        let mut stored = self.stored.lock();
        for (name, part, value) in changes.events() {
            let key = key::of(name, part).into_owned();
            match value {
                Some(bytes) => drop(stored.0.insert(key, codec::event(bytes).unwrap())),
                None => drop(stored.0.remove(&key)),
            }
        }
        let record = changes.record().map(|bytes| codec::store_record(bytes).unwrap());
        stored.1 = record.or(stored.1.take());
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }

    fn close(&self) {}
}

impl HookedLog {
    /// Sets the hook. It gets the name of the event that is read.
    pub fn set_hook(&self, hook: impl FnMut(&str) + Send + 'static) {
        *self.on_load.lock() = Some(Box::new(hook));
    }

    pub fn remove_hook(&self) {
        *self.on_load.lock() = None;
    }

    /// A copy of what is stored.
    pub fn copy(&self) -> Arc<HookedLog> {
        Arc::new(HookedLog { stored: self.stored.lock().clone().into(), ..HookedLog::default() })
    }

    /// A store on this log.
    pub fn store(self: &Arc<Self>) -> Arc<EventStore> {
        let mut engine = Engine::new(Tracking::default(), Zone::default());
        engine.write_in_background();
        let record = self.stored.lock().1.clone();
        record.clone().into_iter().for_each(|record| engine.resume(record));
        let storage: Box<dyn Backend> = Box::new(self.clone());
        let shared = Shared::new(TimeSource::System, engine, Some(storage), record, false);
        Arc::new(EventStore { shared: Arc::new(shared) })
    }
}
