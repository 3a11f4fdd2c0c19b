//! A store on an SQLite database: transactions, other connections, other stores.

#![cfg(all(feature = "storage-sqlite", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::sync::Barrier;

use chrono::Duration;
use common::stores::{clock, ever, on_sqlite, sqlite_folder, under};
use proptest::prelude::*;
use rusqlite::Connection;
use tiny_counter::storage::{MemoryStorage, Sqlite};
use tiny_counter::{Error, EventStore, Storage, TimeUnit};

#[test]
fn persisted_counts_are_there_after_reopening() {
    let (_dir, path) = sqlite_folder();
    let clock = clock();
    let store = on_sqlite(&clock, &path);
    store.record_count("x", 3);
    store.record_count("known", 0);
    store.persist().unwrap();
    store.record("x");
    drop(store);
    clock.advance(Duration::days(1));
    let store = on_sqlite(&clock, &path);
    assert_eq!(store.query("x").last_days(2).into_buckets(), [0, 4]);
    assert_eq!(store.events(), ["known", "x"]);
    store.limit().at_most("x", 9, TimeUnit::Days).check_and_record("x").unwrap();
    assert_eq!(ever(&on_sqlite(&clock, &path), "x"), Some(5), "a decision is written at once");
    store.erase_event("known").unwrap();
    store.close().unwrap();
    assert_eq!(on_sqlite(&clock, &path).events(), ["x"]);
}

#[test]
fn every_event_name_is_a_key() {
    let (_dir, path) = sqlite_folder();
    let long = "é".repeat(512);
    let names = ["", "\0", "a\0b", "a", "A", "'; DROP TABLE events; --", "é", "e\u{301}", "🎉", "%_", &long];
    let store = on_sqlite(&clock(), &path);
    for (count, name) in (1..).zip(names) {
        store.record_count(name, count);
    }
    store.close().unwrap();
    let store = on_sqlite(&clock(), &path);
    for (count, name) in (1..).zip(names) {
        assert_eq!(ever(&store, name), Some(count), "{name:?}");
    }
    assert_eq!(store.events().len(), names.len());
}

#[test]
fn a_reader_blocks_no_persist_and_keeps_its_snapshot() {
    let (_dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    store.record("x");
    store.persist().unwrap();
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let events = || {
        reader
            .query_row("SELECT count(*) FROM events WHERE name NOT LIKE '~%'", [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(events(), 1);
    for _ in 0..3 {
        store.record("x");
        store.record("y");
        store.persist().unwrap();
    }
    assert_eq!(events(), 1);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(events(), 2);
    assert_eq!(ever(&on_sqlite(&clock(), &path), "x"), Some(4));
}

#[test]
fn a_persist_fails_while_another_connection_writes_and_loses_nothing() {
    let (_dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    store.record("x");
    store.persist().unwrap();
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.record("x");
    assert!(matches!(store.persist(), Err(Error::Unavailable { .. })));
    assert!(store.is_dirty() && store.health().storage_fails);
    assert_eq!(ever(&store, "x"), Some(2));
    assert_eq!(ever(&on_sqlite(&clock(), &path), "x"), Some(1));
    writer.execute_batch("ROLLBACK").unwrap();
    store.persist().unwrap();
    assert!(!store.is_dirty() && !store.health().storage_fails);
    assert_eq!(ever(&on_sqlite(&clock(), &path), "x"), Some(2));
}

#[test]
fn of_two_stores_on_one_database_only_the_first_to_write_can_persist() {
    let (_dir, path) = sqlite_folder();
    let clock = clock();
    let before = on_sqlite(&clock, &path);
    before.record("x");
    before.close().unwrap();
    let (first, second) = (on_sqlite(&clock, &path), on_sqlite(&clock, &path));
    first.record("x");
    second.record_count("x", 100);
    second.record_count("y", 100);
    first.persist().unwrap();
    for _ in 0..2 {
        assert!(matches!(second.persist(), Err(Error::Unavailable { .. })));
        assert!(second.export_bytes().is_err(), "counts that are not durable are not exported");
        first.record("x");
        first.persist().unwrap();
    }
    assert!(second.close().is_err());
    first.close().unwrap();
    let again = on_sqlite(&clock, &path);
    assert_eq!((ever(&again, "x"), ever(&again, "y")), (Some(4), None));
    again.record("y");
    again.persist().unwrap();
}

#[test]
fn stores_that_create_a_database_at_the_same_time_share_it() {
    let (_dir, path) = sqlite_folder();
    let start = Barrier::new(8);
    let written: usize = std::thread::scope(|scope| {
        let threads = (0..8).map(|number| {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                start.wait();
                let opened = Sqlite::open(path);
                start.wait();
                let mut storage = opened.unwrap();
                usize::from(storage.save(&format!("{number}"), vec![number]).is_ok())
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(written, 1, "all have the same file open");
    assert_eq!(Sqlite::open(&path).unwrap().list_keys().unwrap().len(), 1);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_database_that_is_moved_removed_replaced_or_emptied_while_it_is_open_is_not_overwritten() {
    let (dir, path) = sqlite_folder();
    let other = dir.path().join("other.db");
    Sqlite::open(&other).unwrap().save("other", vec![1]).unwrap();
    let other = fs::read(other).unwrap();
    let changes: [(&str, &dyn Fn()); 7] = [
        ("moved", &|| fs::rename(&path, dir.path().join("moved.db")).unwrap()),
        ("removed", &|| fs::remove_file(&path).unwrap()),
        ("emptied", &|| fs::write(&path, []).unwrap()),
        ("cut", &|| fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(4096).unwrap()),
        ("zeroed", &|| fs::write(&path, vec![0; fs::metadata(&path).unwrap().len() as usize]).unwrap()),
        ("replaced", &|| {
            fs::write(dir.path().join("new.db"), &other).unwrap();
            fs::rename(dir.path().join("new.db"), &path).unwrap();
        }),
        ("overwritten", &|| fs::write(&path, &other).unwrap()),
    ];
    for persisted_before in [false, true] {
        for (how, change) in changes {
            for ending in ["db", "db-wal", "db-shm"] {
                let _ = fs::remove_file(path.with_extension(ending));
            }
            let before = on_sqlite(&clock(), &path);
            // More than one page, so that the log below does not hold everything.
            (0..300).for_each(|name| before.record(format!("event {name}")));
            before.close().unwrap();
            let store = on_sqlite(&clock(), &path);
            if persisted_before {
                store.record("x");
                store.persist().unwrap();
            }
            change();
            let left = fs::read(&path).ok();
            store.record("x");
            for _ in 0..2 {
                match store.persist() {
                    Err(Error::Unavailable { .. } | Error::Corrupt { .. }) => {}
                    done => panic!("{how}, {persisted_before}: {done:?}"),
                }
            }
            drop(store);
            assert!(fs::read(&path).ok() == left, "{how}: the file is as the other program left it");
        }
    }
}

#[test]
fn a_database_that_another_program_tidies_while_it_is_open_stays_usable() {
    let (_dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    for tidy in ["PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "REINDEX", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        store.record("x");
        store.persist().unwrap();
        Connection::open(&path).unwrap().execute_batch(tidy).unwrap();
    }
    store.record("x");
    store.close().unwrap();
    assert_eq!(ever(&on_sqlite(&clock(), &path), "x"), Some(5));
}

#[test]
fn a_transaction_is_atomic_and_is_rolled_back_with_its_connection() {
    let (_dir, path) = sqlite_folder();
    let mut storage = Sqlite::open(&path).unwrap();
    storage.save("a", vec![1]).unwrap();
    storage.begin_transaction().unwrap();
    assert!(storage.begin_transaction().is_err());
    storage.save("a", vec![2]).unwrap();
    storage.save("b", vec![3]).unwrap();
    storage.delete("c").unwrap();
    let other = Sqlite::open(&path).unwrap();
    assert_eq!(other.load("a").unwrap(), Some(vec![1]));
    storage.rollback_transaction().unwrap();
    assert!(storage.rollback_transaction().is_err());
    assert!(storage.commit_transaction().is_err());
    assert_eq!(storage.list_keys().unwrap(), ["a"]);
    storage.begin_transaction().unwrap();
    storage.delete("a").unwrap();
    storage.save("b", Vec::new()).unwrap();
    storage.commit_transaction().unwrap();
    storage.sync().unwrap();
    storage.begin_transaction().unwrap();
    storage.save("d", vec![4]).unwrap();
    drop(storage);
    assert_eq!(other.load("a").unwrap(), None);
    assert_eq!(other.load("b").unwrap(), Some(Vec::new()));
    assert_eq!(other.list_keys().unwrap(), ["b"]);
}

#[test]
fn a_failed_save_rolls_back_the_whole_persist_and_the_next_one_saves_it() {
    let (_dir, path) = sqlite_folder();
    let clock = clock();
    let store = on_sqlite(&clock, &path);
    store.record("a");
    store.persist().unwrap();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.name = 'b' BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
        .unwrap();
    store.record("a");
    store.record("b");
    for _ in 0..2 {
        assert!(matches!(store.persist(), Err(Error::Storage(_))));
    }
    assert_eq!(ever(&on_sqlite(&clock, &path), "a"), Some(1), "all or nothing");
    other.execute_batch("DROP TRIGGER full").unwrap();
    store.persist().unwrap();
    let again = on_sqlite(&clock, &path);
    assert_eq!((ever(&again, "a"), ever(&again, "b")), (Some(2), Some(1)));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    store.record("x");
    store.persist().unwrap();
    let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 3, "the database and two files of SQLite beside it");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Record(u8, u32),
    Wait(i64),
    Persist,
    Erase(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4u8, 0..9u32).prop_map(|(event, count)| Step::Record(event, count)),
        3 => (0..3_000_000i64).prop_map(Step::Wait),
        2 => Just(Step::Persist),
        1 => (0..4u8).prop_map(Step::Erase),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_store_on_a_database_gives_the_same_answers_as_one_in_memory(steps in proptest::collection::vec(step(), 1..40)) {
        let (_dir, path) = sqlite_folder();
        let clock = clock();
        let memory = under(&clock).with_storage(MemoryStorage::new()).build().unwrap();
        let mut store = on_sqlite(&clock, &path);
        for step in steps {
            match step {
                Step::Record(event, count) => {
                    [&store, &memory].into_iter().for_each(|store| store.record_count(event.to_string(), count));
                }
                Step::Wait(seconds) => clock.advance(Duration::seconds(seconds)),
                Step::Persist => [&store, &memory].into_iter().for_each(|store| store.persist().unwrap()),
                Step::Erase(event) => {
                    let erased = [&store, &memory].map(|store| store.erase_event(event.to_string()).unwrap().is_some());
                    prop_assert_eq!(erased[0], erased[1]);
                }
                Step::Reopen => {
                    store.close().unwrap();
                    store = on_sqlite(&clock, &path);
                }
            }
            prop_assert_eq!(store.events(), memory.events());
            for event in memory.events() {
                let numbers = |store: &EventStore| {
                    let query = || store.query(&event);
                    let days = query().last_days(56).into_buckets();
                    (query().lifetime(), query().last_seen(), query().first_seen(), days, ever(store, &event))
                };
                prop_assert_eq!(numbers(&store), numbers(&memory));
            }
        }
    }
}

#[test]
fn a_reader_that_prevents_the_removal_of_erased_names_is_an_error_of_the_persist_which_still_saves() {
    let (dir, path) = sqlite_folder();
    let clock = clock();
    let store = on_sqlite(&clock, &path);
    store.record("secret");
    store.record("x");
    store.persist().unwrap();
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM events").unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    store.erase_event("secret").unwrap().unwrap();
    store.record("x");
    assert!(matches!(store.persist(), Err(Error::Unavailable { .. })));
    let stored: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM events WHERE name IN ('secret', 'x')", [], |row| row.get(0))
        .unwrap();
    assert_eq!(stored, 1, "the erasure is stored");
    assert!(store.is_dirty());
    drop(reader);
    store.persist().unwrap();
    assert!(!store.is_dirty() && !common::files_hold(dir.path(), "secret"));
    drop(store);
    assert_eq!(ever(&on_sqlite(&clock, &path), "x"), Some(2));
}
