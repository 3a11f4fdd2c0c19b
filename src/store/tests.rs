//! The background writes of a log: events that cannot be read, and threads that cannot be started.

#[cfg(feature = "storage-fs")]
mod hooked_log;
#[cfg(feature = "storage-fs")]
mod portions;
#[cfg(feature = "storage-fs")]
mod rewrites;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::EventStore;
use super::auto_persist;
use super::backend::Backend;
use super::shared::Shared;
use crate::clock::TimeSource;
use crate::codec::StoredEvent;
use crate::counter::tracking::Tracking;
use crate::engine::{Changes, Due, Engine};
use crate::error::{Error, Result};
use crate::storage::key::Part;
use crate::time::zone::Zone;

/// A log that holds one event, which cannot be read.
#[derive(Default)]
struct Fake {
    loads: AtomicUsize,
    /// The names of the events of each write.
    writes: Mutex<Vec<Vec<String>>>,
    /// Whether reading again can help.
    is_unavailable: bool,
}

impl Fake {
    fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }
}

impl Backend for Arc<Fake> {
    fn writes_in_background(&self) -> bool {
        true
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    fn may_hold(&self, name: &str) -> bool {
        name == "unreadable"
    }

    fn load_part(&self, name: &str, part: Part) -> Result<Option<StoredEvent>> {
        if name != "unreadable" || part == Part::Others {
            return Ok(None);
        }
        self.loads.fetch_add(1, Ordering::SeqCst);
        let (what, event) = ("as the test wants it".to_owned(), Some(name.to_owned()));
        Err(if self.is_unavailable {
            Error::Unavailable { what, event }
        } else {
            Error::Corrupt { what, event }
        })
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(vec!["unreadable".to_owned()])
    }

    fn load_record(&self, _name: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        let names = changes.events().map(|(name, ..)| name.to_owned()).collect();
        self.writes.lock().push(names);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }

    fn close(&self) {}
}

fn shared(log: &Arc<Fake>) -> Arc<Shared> {
    shared_that_writes(log, false)
}

fn shared_that_writes(log: &Arc<Fake>, inline: bool) -> Arc<Shared> {
    let mut engine = Engine::new(Tracking::default(), Zone::default());
    engine.write_in_background();
    let storage: Box<dyn Backend> = Box::new(log.clone());
    Arc::new(Shared::new(TimeSource::System, engine, Some(storage), None, inline))
}

/// Records in memory, without waking the writer.
fn record(shared: &Shared, name: &str) {
    shared.with_memory_at(shared.now(), |engine| engine.record(name, 1, || shared.may_hold(name)));
}

#[test]
fn a_damaged_event_is_no_reason_to_repeat_a_background_write() {
    let log = Arc::new(Fake::default());
    let shared = shared(&log);
    record(&shared, "unreadable");
    record(&shared, "good");
    // The writer repeats a write that fails.
    shared.flush(Due::Unwritten, false).unwrap();
    assert_eq!(*log.writes.lock(), [["good"]]);
    assert!(log.loads() <= 2, "{} reads", log.loads());
    for _ in 0..10 {
        record(&shared, "good");
        shared.flush(Due::Unwritten, false).unwrap();
    }
    assert!(log.loads() <= 2 * 11, "{} reads", log.loads());
    assert_eq!(*log.writes.lock(), [["good"]; 11]);
    assert!(!shared.storage_fails());
    assert!(shared.flush(Due::Dirty, true).is_err(), "who persists learns of it");
}

#[test]
fn what_was_recorded_and_could_not_be_written_inline_is_no_error() {
    let log = Arc::new(Fake { is_unavailable: true, ..Fake::default() });
    let store = EventStore { shared: shared_that_writes(&log, true) };
    record(&store.shared, "unreadable");
    assert!(store.shared.flush(Due::Unwritten, false).is_err(), "nothing can be written");
    assert!(store.app_version("1.0").unwrap());
    assert!(!store.app_version("1.0").unwrap(), "it is recorded");
    store.record_count("plus", 2);
    store.balance_delta("plus", "minus").unwrap();
    assert_eq!(store.query("minus").lifetime(), Some(2));
}

#[test]
fn a_background_write_is_repeated_as_long_as_an_event_cannot_be_read_yet() {
    let log = Arc::new(Fake { is_unavailable: true, ..Fake::default() });
    let shared = shared(&log);
    record(&shared, "unreadable");
    record(&shared, "good");
    assert!(matches!(shared.flush(Due::Unwritten, false), Err(Error::Unavailable { .. })));
    assert_eq!(*log.writes.lock(), [["good"]], "the others are written");
    assert!(shared.storage_fails());
}

/// Waits without sleeping.
fn wait_until(what: &str, is_done: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_done() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_writer_that_cannot_be_started_is_started_by_the_next_recording() {
    let log = Arc::new(Fake::default());
    let store = EventStore { shared: shared(&log) };
    let writer = &store.shared.background_writer;
    writer.fail_starts(2);
    store.record("a");
    assert!(!writer.is_running());
    store.persist().unwrap();
    assert_eq!(*log.writes.lock(), [["a"]], "to persist needs no thread");
    store.record("b");
    assert!(!writer.is_running());
    store.record("c");
    assert!(writer.is_running());
    wait_until("it is never written", || log.writes.lock().len() == 2);
    assert_eq!(*log.writes.lock(), [vec!["a"], vec!["b", "c"]]);
}

#[test]
fn a_thread_that_persists_and_cannot_be_started_is_started_by_a_recording() {
    let store = EventStore { shared: shared(&Arc::default()) };
    store.shared.auto_persist.fail_starts(2);
    auto_persist::start(&store.shared, Duration::from_millis(1));
    store.record("a");
    assert!(!store.shared.auto_persist.is_running());
    store.record("b");
    assert!(store.shared.auto_persist.is_running());
    wait_until("it is never persisted", || !store.is_dirty());
}
