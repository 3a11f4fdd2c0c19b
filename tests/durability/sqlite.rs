//! A kill leaves the database and its write-ahead log as they are at that moment. Copies of both
//! files, taken at any moment and cut anywhere, hold whole persists from the first on.

use std::fs;
use std::path::{Path, PathBuf};

use tiny_counter::storage::Sqlite;
use tiny_counter::{EventStore, Storage};

use super::common::stores::{clock, on_sqlite, sqlite_folder};

/// The database and its write-ahead log, as a kill leaves them: the shared memory is gone.
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

    /// Writes a copy into a new folder, with `log` as the write-ahead log.
    fn copy(&self, log: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let (dir, path) = sqlite_folder();
        fs::write(&path, &self.database).unwrap();
        fs::write(log_of(&path), log).unwrap();
        (dir, path)
    }
}

fn counts(store: &EventStore) -> [Option<u32>; 2] {
    ["a", "b"].map(|name| store.query(name).ever().sum())
}

fn record(store: &EventStore) {
    store.record("a");
    store.record("b");
}

#[test]
fn a_persist_survives_a_kill_and_counting_goes_on() {
    let ((_dir, path), clock) = (sqlite_folder(), clock());
    let store = on_sqlite(&clock, &path);
    for persisted in 1..=5 {
        record(&store);
        store.persist().unwrap();
        record(&store);
        let left = Left::behind(&path);
        let (_dir, copy) = left.copy(&left.log);
        let again = on_sqlite(&clock, &copy);
        assert_eq!(counts(&again), [Some(2 * persisted - 1); 2], "a persist is in the files when it returns");
        record(&again);
        again.close().unwrap();
        assert_eq!(counts(&on_sqlite(&clock, &copy)), [Some(2 * persisted); 2]);
    }
}

#[test]
fn a_kill_during_a_persist_leaves_the_persist_before() {
    let (_dir, path) = sqlite_folder();
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
    assert!(left.log.len() > before, "a part of the transaction was written");
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
fn a_write_ahead_log_cut_anywhere_holds_whole_persists_from_the_first_on() {
    const PERSISTS: u32 = 6;
    let ((_dir, path), clock) = (sqlite_folder(), clock());
    // One persist is in the database file itself, and so does not depend on the log.
    let store = on_sqlite(&clock, &path);
    record(&store);
    store.close().unwrap();
    let store = on_sqlite(&clock, &path);
    for _ in 0..PERSISTS {
        record(&store);
        store.persist().unwrap();
    }
    let left = Left::behind(&path);
    let (mut last, mut seen) = (1, vec![1]);
    for cut in (0..left.log.len()).step_by(509).chain([left.log.len()]) {
        let (_dir, copy) = left.copy(&left.log[..cut]);
        let [a, b] = counts(&on_sqlite(&clock, &copy)).map(Option::unwrap);
        assert_eq!(a, b, "cut at {cut}: all or nothing");
        assert!(a >= last, "cut at {cut}: {a} after {last}");
        if a > last {
            seen.push(a);
        }
        last = a;
    }
    assert_eq!(seen, Vec::from_iter(1..=PERSISTS + 1), "some cut ends after each persist");
}
