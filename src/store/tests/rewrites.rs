//! How often a log is rewritten after erasures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::clock::TimeSource;
use crate::codec::StoredEvent;
use crate::counter::tracking::Tracking;
use crate::engine::{Changes, Engine};
use crate::error::Result;
use crate::storage::key::Part;
use crate::storage::log::LogStore;
use crate::store::EventStore;
use crate::store::backend::Backend;
use crate::store::shared::Shared;
use crate::time::zone::Zone;

/// A log that counts its rewrites, and the writes that change events.
struct CountingLog {
    log: LogStore,
    rewrites: AtomicUsize,
    event_writes: AtomicUsize,
}

impl Backend for Arc<CountingLog> {
    fn writes_in_background(&self) -> bool {
        true
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn may_hold(&self, name: &str) -> bool {
        self.log.may_hold(name)
    }

    fn load_part(&self, name: &str, part: Part) -> Result<Option<StoredEvent>> {
        self.log.load_part(name, part)
    }

    fn names(&self) -> Result<Vec<String>> {
        self.log.names()
    }

    fn load_record(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.log.load_record(name)
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        self.event_writes.fetch_add(usize::from(changes.events().next().is_some()), Ordering::SeqCst);
        Backend::write(&self.log, changes)
    }

    fn sync(&self) -> Result<()> {
        Backend::sync(&self.log)
    }

    fn holds_removed(&self) -> bool {
        Backend::holds_removed(&self.log)
    }

    fn compact(&self) -> Result<()> {
        self.rewrites.fetch_add(1, Ordering::SeqCst);
        Backend::compact(&self.log)
    }

    fn close(&self) {
        Backend::close(&self.log);
    }
}

/// A store with 1,200 events, the log under it, and the folder of the log.
fn filled() -> (EventStore, Arc<CountingLog>, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = LogStore::open(dir.path(), 0).unwrap();
    let log = Arc::new(CountingLog { log, rewrites: AtomicUsize::new(0), event_writes: AtomicUsize::new(0) });
    let mut engine = Engine::new(Tracking::default(), Zone::default());
    engine.write_in_background();
    let storage: Box<dyn Backend> = Box::new(log.clone());
    let shared = Shared::new(TimeSource::System, engine, Some(storage), None, false);
    let store = EventStore { shared: Arc::new(shared) };
    (0..1_200).for_each(|number| store.record(name(number)));
    store.persist().unwrap();
    (store, log, dir)
}

fn name(number: usize) -> String {
    format!("event {number}")
}

#[test]
fn a_persist_rewrites_the_log_once_for_any_number_of_erased_events_and_then_no_more() {
    let (store, log, _dir) = filled();
    for number in 0..300 {
        store.erase_event(name(number)).unwrap().unwrap();
    }
    assert_eq!(log.rewrites.load(Ordering::SeqCst), 0, "an erasure only appends");
    for _ in 0..3 {
        store.persist().unwrap();
        assert_eq!(log.rewrites.load(Ordering::SeqCst), 1);
    }
    store.record("another");
    store.close().unwrap();
    assert_eq!(log.rewrites.load(Ordering::SeqCst), 1);
}

#[test]
fn erasing_several_events_is_one_write_and_one_rewrite() {
    let (store, log, _dir) = filled();
    let writes = log.event_writes.load(Ordering::SeqCst);
    assert_eq!(store.erase_events((0..300).map(name)).unwrap().len(), 300);
    assert_eq!(log.event_writes.load(Ordering::SeqCst), writes + 1);
    assert_eq!(log.rewrites.load(Ordering::SeqCst), 1);
    store.close().unwrap();
    assert_eq!(log.rewrites.load(Ordering::SeqCst), 1);
}
