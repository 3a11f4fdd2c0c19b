//! A process that is killed leaves the database and its write-ahead log as they are: copies of the two, taken at any moment and cut anywhere,
//! hold whole persists from the first on.

#![cfg(all(feature = "storage-sqlite", feature = "serde-bincode"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{clock, under};
use tiny_counter::storage::Sqlite;
use tiny_counter::{EventStore, Storage, TestClock};

/// The database and its log, as a kill leaves them: what the processes share in memory is gone.
struct Left {
    database: Vec<u8>,
    log: Vec<u8>,
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

impl Left {
    fn behind(path: &Path) -> Left {
        Left { database: fs::read(path).unwrap(), log: fs::read(log_of(path)).unwrap() }
    }

    /// Puts a copy into a folder of its own, with the log's first bytes.
    fn copy(&self, log: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events.db");
        fs::write(&path, &self.database).unwrap();
        fs::write(log_of(&path), log).unwrap();
        (dir, path)
    }
}

fn on(path: &Path, clock: &TestClock) -> EventStore {
    under(clock).with_storage(Sqlite::open(path).unwrap()).build().unwrap()
}

fn counts(store: &EventStore) -> [Option<u32>; 2] {
    ["a", "b"].map(|name| store.query(name).ever().sum())
}

fn record(store: &EventStore) {
    store.record("a");
    store.record("b");
}

#[test]
fn what_was_persisted_before_a_kill_is_there_and_counting_goes_on() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let path = dir.path().join("events.db");
    let store = on(&path, &clock);
    for persisted in 1..=5 {
        record(&store);
        store.persist().unwrap();
        record(&store);
        let left = Left::behind(&path);
        let (_dir, copy) = left.copy(&left.log);
        let again = on(&copy, &clock);
        assert_eq!(counts(&again), [Some(2 * persisted - 1); 2], "a persist is in the files when it returns");
        record(&again);
        again.close().unwrap();
        assert_eq!(counts(&on(&copy, &clock)), [Some(2 * persisted); 2]);
    }
}

#[test]
fn a_kill_in_the_middle_of_a_persist_leaves_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let mut storage = Sqlite::open(&path).unwrap();
    storage.save("kept", vec![1]).unwrap();
    let before = Left::behind(&path).log.len();
    storage.begin_transaction().unwrap();
    storage.delete("kept").unwrap();
    // More than SQLite holds in memory, so that a part of it reaches the log before the commit.
    for name in 0..64 {
        storage.save(&name.to_string(), vec![7; 128 << 10]).unwrap();
    }
    let left = Left::behind(&path);
    assert!(left.log.len() > before, "a part was written");
    let (_dir, copy) = left.copy(&left.log);
    let again = Sqlite::open(&copy).unwrap();
    assert_eq!(again.list_keys().unwrap(), ["kept"]);
    assert_eq!(again.load("kept").unwrap(), Some(vec![1]));
    storage.commit_transaction().unwrap();
    let left = Left::behind(&path);
    let (_dir, copy) = left.copy(&left.log);
    assert_eq!(Sqlite::open(&copy).unwrap().list_keys().unwrap().len(), 64);
}

#[test]
fn a_log_that_ends_anywhere_holds_whole_persists_from_the_first_on() {
    const PERSISTS: u32 = 6;
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let path = dir.path().join("events.db");
    // What is in the database's own file is there whatever becomes of the log.
    let store = on(&path, &clock);
    record(&store);
    store.close().unwrap();
    let store = on(&path, &clock);
    for _ in 0..PERSISTS {
        record(&store);
        store.persist().unwrap();
    }
    let left = Left::behind(&path);
    let (mut last, mut seen) = (1, vec![1]);
    for cut in (0..left.log.len()).step_by(509).chain([left.log.len()]) {
        let (_dir, copy) = left.copy(&left.log[..cut]);
        let [a, b] = counts(&on(&copy, &clock)).map(Option::unwrap);
        assert_eq!(a, b, "cut at {cut}: all or nothing");
        assert!(a >= last, "cut at {cut}: {a} after {last}");
        if a > last {
            seen.push(a);
        }
        last = a;
    }
    assert_eq!(seen, Vec::from_iter(1..=PERSISTS + 1), "each persist has its place in the log");
}
