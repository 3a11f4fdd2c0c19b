//! A storage, a formatter or a clock that panics. Later writes happen and save everything.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tiny_counter::{EventStore, Formatter, Result, SingleEventCounter};

use super::common::*;
use super::hooked::Hooked;

#[cfg(feature = "serde-bincode")]
use tiny_counter::formatter::BincodeFormat as AnyFormat;
#[cfg(not(feature = "serde-bincode"))]
use tiny_counter::formatter::JsonFormat as AnyFormat;

/// Waits without sleeping until everything is saved.
fn wait_until_clean(store: &EventStore) {
    let start = Instant::now();
    while store.is_dirty() {
        assert!(start.elapsed() < Duration::from_secs(20), "it is never saved");
        std::thread::yield_now();
    }
}

/// The next calls panic.
#[derive(Clone, Default)]
struct Panicking(Arc<AtomicUsize>);

impl Formatter for Panicking {
    fn serialize(&self, counter: &SingleEventCounter) -> Result<Vec<u8>> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "a panic of a formatter, as the test wants it");
        AnyFormat.serialize(counter)
    }

    fn deserialize(&self, bytes: &[u8]) -> Result<SingleEventCounter> {
        AnyFormat.deserialize(bytes)
    }

    fn extension(&self) -> &'static str {
        AnyFormat.extension()
    }
}

fn panics() {
    panic!("a panic of a storage, as the test wants it");
}

#[test]
fn a_persist_in_which_the_storage_panicked_is_repeated_by_the_next_one() {
    let storage = Hooked::default();
    let (store, _) = storage.store();
    store.record_count("x", 3);
    store.record_count("y", 4);
    storage.call(1, |_| panics());
    assert!(catch_unwind(AssertUnwindSafe(|| store.persist())).is_err());
    assert!(store.is_dirty());
    assert!(store.health().storage_fails);
    store.persist().unwrap();
    assert!(!store.is_dirty());
    assert!(!store.health().storage_fails);
    let saved = on_storage(&clock(), &storage.storage);
    assert_eq!((ever(&saved, "x"), ever(&saved, "y")), (Some(3), Some(4)));
}

#[test]
fn closing_saves_what_a_panic_of_the_storage_left_unsaved() {
    let storage = Hooked::default();
    let (store, _) = storage.store();
    store.record_count("x", 3);
    store.erase_event("x").unwrap();
    store.record_count("y", 4);
    storage.call(1, |_| panics());
    let limit = || store.limit().at_most("y", 5, tiny_counter::TimeUnit::Ever);
    assert!(catch_unwind(AssertUnwindSafe(|| limit().check_and_record("y"))).is_err());
    assert!(!limit().allowed("y"), "it is counted");
    store.shutdown().unwrap();
    assert_eq!(ever(&on_storage(&clock(), &storage.storage), "y"), Some(5));
}

#[test]
fn auto_persist_goes_on_after_a_panic_of_the_storage() {
    let storage = Hooked::default();
    storage.call(2, |_| panics());
    let builder = under(&clock()).with_storage(storage.clone());
    let store = builder.auto_persist(chrono::Duration::milliseconds(1)).build().unwrap();
    for count in 1..=2 {
        store.record("x");
        wait_until_clean(&store);
        assert_eq!(ever(&on_storage(&clock(), &storage.storage), "x"), Some(count));
    }
}

#[test]
fn auto_persist_goes_on_after_a_panic_of_the_formatter() {
    let (storage, format) = (SharedStorage::default(), Panicking::default());
    format.0.store(2, Ordering::SeqCst);
    let builder = under(&clock()).with_storage(storage.clone()).with_format(format);
    let store = builder.auto_persist(chrono::Duration::milliseconds(1)).build().unwrap();
    store.record("x");
    wait_until_clean(&store);
    assert_eq!(ever(&on_storage(&clock(), &storage), "x"), Some(1));
}

/// A clock that panics once on the thread that writes to the log.
#[cfg(feature = "storage-fs")]
struct PanicsOnTheWriter {
    clock: tiny_counter::TestClock,
    called_on_the_writer: std::sync::Mutex<std::sync::mpsc::Sender<()>>,
    has_panicked: std::sync::atomic::AtomicBool,
}

#[cfg(feature = "storage-fs")]
impl tiny_counter::Clock for PanicsOnTheWriter {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        if std::thread::current().name() == Some("tiny-counter-log") {
            let _ = self.called_on_the_writer.lock().unwrap().send(());
            let has_panicked = self.has_panicked.swap(true, Ordering::SeqCst);
            assert!(has_panicked, "a panic of a clock, as the test wants it");
        }
        self.clock.now()
    }
}

#[cfg(feature = "storage-fs")]
#[test]
fn the_log_is_written_in_the_background_after_a_panic_of_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let (called, is_called) = std::sync::mpsc::channel();
    let clock = Arc::new(PanicsOnTheWriter {
        clock: clock(),
        called_on_the_writer: called.into(),
        has_panicked: false.into(),
    });
    let store = EventStore::builder().with_clock(clock).with_log(dir.path()).build().unwrap();
    store.record("x");
    // The write that panicked, and the one that is tried again.
    for _ in 0..2 {
        is_called.recv_timeout(Duration::from_secs(20)).unwrap();
    }
    store.close().unwrap();
    assert_eq!(ever(&on_log(&super::common::clock(), dir.path()), "x"), Some(1));
}
