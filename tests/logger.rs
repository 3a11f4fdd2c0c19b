//! A logger of the app that calls the store, or panics. No call hangs or recurses without end, and
//! the background writer goes on.

#![cfg(all(feature = "storage-fs", any(feature = "serde-bincode", feature = "serde-json")))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use common::*;
use tiny_counter::storage::{Log, Writes};
use tiny_counter::{Error, EventStore, Result, Storage, TimeUnit};

type Hook = Arc<dyn Fn(&str) + Send + Sync>;

/// The logger calls it for each message. One test at a time uses it.
static HOOK: Mutex<Option<Hook>> = Mutex::new(None);
static ONE_TEST: Mutex<()> = Mutex::new(());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let hook = HOOK.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(&record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Runs `test` while the logger calls `hook`. Fails if `test` does not end within a minute.
fn with_logger(hook: impl Fn(&str) + Send + Sync + 'static, test: impl FnOnce() + Send + 'static) {
    static SET: Once = Once::new();
    let _one = ONE_TEST.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    SET.call_once(|| {
        log::set_logger(&Logger).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
    *HOOK.lock().unwrap() = Some(Arc::new(hook));
    let (ended, is_ended) = channel();
    let thread = std::thread::spawn(move || {
        test();
        ended.send(()).unwrap();
    });
    let result = is_ended.recv_timeout(Duration::from_secs(60));
    // Dropped without the lock, because it can hold the last reference to a store.
    let hook = HOOK.lock().unwrap().take();
    drop(hook);
    match result {
        Err(RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => thread.join().unwrap(),
    }
}

/// The store that the logger calls, and the messages so far.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<StoreAndMessages>>);

type StoreAndMessages = (Option<Arc<EventStore>>, Vec<String>);

impl Logged {
    fn call(&self, message: &str, call: impl Fn(&EventStore)) {
        let store = {
            let mut logged = self.0.lock().unwrap();
            logged.1.push(message.to_owned());
            logged.0.clone()
        };
        store.iter().for_each(|store| call(store));
    }

    fn set(&self, store: EventStore) -> Arc<EventStore> {
        let store = Arc::new(store);
        self.0.lock().unwrap().0 = Some(store.clone());
        store
    }

    fn messages(&self) -> Vec<String> {
        self.0.lock().unwrap().1.clone()
    }
}

/// A storage whose saves and rollbacks fail.
struct Failing(SharedStorage);

impl Storage for Failing {
    fn save(&mut self, _: &str, _: Vec<u8>) -> Result<()> {
        Err(Error::Storage("as the test wants it".into()))
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.load(key)
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        self.0.delete(key)
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        self.0.list_keys()
    }

    fn rollback_transaction(&mut self) -> Result<()> {
        Err(Error::Storage("as the test wants it".into()))
    }
}

fn inline(dir: &Path) -> EventStore {
    under(&clock()).with_log(Log::new(dir).writes(Writes::Inline)).build().unwrap()
}

#[test]
fn a_logger_that_is_called_within_a_write_can_record_and_other_writes_are_an_error() {
    let logged = Logged::default();
    let called = logged.clone();
    let hook = move |message: &str| {
        called.call(message, |store| {
            store.record("logged");
            assert!(store.persist().is_err());
            assert!(store.limit().at_most("y", 9, TimeUnit::Days).check_and_record("y").is_err());
            assert!(store.query("not in memory").ever().sum().is_none());
            assert!(store.shutdown().is_err());
        });
    };
    with_logger(hook, move || {
        let store = under(&clock()).with_storage(Failing(SharedStorage::default())).build().unwrap();
        let store = logged.set(store);
        store.record("x");
        assert!(store.persist().is_err());
        let messages = logged.messages().len();
        assert!((1..5).contains(&messages), "{:?}", logged.messages());
        let counts = ["x", "logged"].map(|name| store.query(name).lifetime().unwrap() as usize);
        assert_eq!(counts, [1, messages]);
    });
}

#[test]
fn a_recording_that_is_not_counted_is_logged() {
    let logged = Logged::default();
    let called = logged.clone();
    with_logger(
        move |message| called.call(message, |_| ()),
        move || {
            let store = logged.set(in_memory(&clock()));
            store.record_ago("x", chrono::Duration::seconds(-60));
            assert_eq!(logged.messages(), [""; 0]);
            store.record_ago("x", chrono::Duration::milliseconds(-60_001));
            store.record_count_ago("x", 5, chrono::Duration::MIN);
            assert_eq!(logged.messages().len(), 2, "{:?}", logged.messages());
            assert!(logged.messages().iter().all(|message| message.contains("in the future")));
            store.record_ago("y".repeat(1_025), chrono::Duration::zero());
            assert_eq!(logged.messages().len(), 3, "{:?}", logged.messages());
            assert_eq!(store.query("x").lifetime(), Some(1));
        },
    );
}

#[test]
fn a_logger_that_records_is_not_called_for_ever_if_its_recordings_fail() {
    let logged = Logged::default();
    let called = logged.clone();
    with_logger(
        move |message| called.call(message, |store| store.record("logged")),
        move || {
            let parent = tempfile::tempdir().unwrap();
            let dir = parent.path().join("store");
            let store = logged.set(inline(&dir));
            std::fs::remove_dir_all(&dir).unwrap();
            store.record("x");
            assert_eq!(logged.messages().len(), 1, "{:?}", logged.messages());
            assert_eq!(["x", "logged"].map(|name| ever(&store, name)), [Some(1), Some(1)]);
            store.shutdown().unwrap_err();
            store.record("x");
            assert_eq!(logged.messages().len(), 2, "{:?}", logged.messages());
        },
    );
}

#[test]
fn the_log_is_written_in_the_background_after_panics_of_the_logger() {
    let (failed, has_failed) = channel();
    let failed = Mutex::new(failed);
    let hook = move |message: &str| {
        if message.contains("could not be written") {
            let _ = failed.lock().unwrap().send(());
            std::panic::panic_any("a panic of the logger, as the test wants it");
        }
    };
    with_logger(hook, move || {
        let parent = tempfile::tempdir().unwrap();
        let (dir, away) = (parent.path().join("store"), parent.path().join("away"));
        let store = on_log(&clock(), &dir);
        store.record("x");
        store.persist().unwrap();
        std::fs::rename(&dir, &away).unwrap();
        store.record("x");
        for _ in 0..2 {
            has_failed.recv_timeout(Duration::from_secs(20)).unwrap();
        }
        std::fs::rename(&away, &dir).unwrap();
        let start = std::time::Instant::now();
        while store.health().storage_fails {
            assert!(start.elapsed() < Duration::from_secs(20), "it is never written");
            std::thread::yield_now();
        }
        store.close().unwrap();
        assert_eq!(ever(&on_log(&clock(), &dir), "x"), Some(2));
    });
}
