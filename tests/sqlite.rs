//! The store on an SQLite database: whole persists, other connections, other stores, and files that are damaged or something else.

#![cfg(all(feature = "storage-sqlite", feature = "serde-bincode"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Duration;
use proptest::prelude::*;
use rusqlite::Connection;
use support::{clock, under};
use tiny_counter::storage::{MemoryStorage, Sqlite};
use tiny_counter::{Error, EventStore, Storage, TestClock, TimeUnit};

fn on(path: &Path, clock: &TestClock) -> EventStore {
    under(clock).with_storage(Sqlite::open(path).unwrap()).build().unwrap()
}

fn ever(store: &EventStore, event: &str) -> Option<u32> {
    store.query(event).ever().sum()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    (dir, path)
}

/// A database as a store with a few events leaves it, in one file.
fn written() -> Vec<u8> {
    let (_dir, path) = folder();
    let store = on(&path, &clock());
    for name in 0..60 {
        store.record_count(format!("event {name}"), 1 + name);
    }
    store.close().unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "closing leaves one file");
    fs::read(path).unwrap()
}

#[test]
fn what_was_persisted_is_there_after_reopening() {
    let (_dir, path) = folder();
    let clock = clock();
    let store = on(&path, &clock);
    store.record_count("x", 3);
    store.record_count("known", 0);
    store.persist().unwrap();
    store.record("x");
    drop(store);
    clock.advance(Duration::days(1));
    let store = on(&path, &clock);
    assert_eq!(store.query("x").last_days(2).into_buckets(), [0, 4]);
    assert_eq!(store.events(), ["known", "x"]);
    store.limit().at_most("x", 9, TimeUnit::Days).check_and_record("x").unwrap();
    assert_eq!(ever(&on(&path, &clock), "x"), Some(5), "a decision is written at once");
    store.erase_event("known").unwrap();
    store.close().unwrap();
    assert_eq!(on(&path, &clock).events(), ["x"]);
}

#[test]
fn any_name_is_a_key() {
    let (_dir, path) = folder();
    let long = "é".repeat(512);
    let names = ["", "\0", "a\0b", "a", "A", "'; DROP TABLE events; --", "é", "e\u{301}", "🎉", "%_", &long];
    let store = on(&path, &clock());
    for (count, name) in (1..).zip(names) {
        store.record_count(name, count);
    }
    store.close().unwrap();
    let store = on(&path, &clock());
    for (count, name) in (1..).zip(names) {
        assert_eq!(ever(&store, name), Some(count), "{name:?}");
    }
    assert_eq!(store.events().len(), names.len());
}

#[test]
fn a_reader_hinders_no_persist_and_sees_what_it_began_with() {
    let (_dir, path) = folder();
    let store = on(&path, &clock());
    store.record("x");
    store.persist().unwrap();
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let events = || reader.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(events(), 1);
    for _ in 0..3 {
        store.record("x");
        store.record("y");
        store.persist().unwrap();
    }
    assert_eq!(events(), 1);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(events(), 2);
    assert_eq!(ever(&on(&path, &clock()), "x"), Some(4));
}

#[test]
fn a_writer_elsewhere_makes_a_persist_wait_for_another_time_and_nothing_is_lost() {
    let (_dir, path) = folder();
    let store = on(&path, &clock());
    store.record("x");
    store.persist().unwrap();
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.record("x");
    assert!(matches!(store.persist(), Err(Error::Unavailable { .. })));
    assert!(store.is_dirty() && store.health().storage_fails);
    assert_eq!(ever(&store, "x"), Some(2));
    assert_eq!(ever(&on(&path, &clock()), "x"), Some(1));
    writer.execute_batch("ROLLBACK").unwrap();
    store.persist().unwrap();
    assert!(!store.is_dirty() && !store.health().storage_fails);
    assert_eq!(ever(&on(&path, &clock()), "x"), Some(2));
}

#[test]
fn of_two_stores_on_one_database_the_first_that_writes_goes_on_alone() {
    let (_dir, path) = folder();
    let clock = clock();
    let before = on(&path, &clock);
    before.record("x");
    before.close().unwrap();
    let (first, second) = (on(&path, &clock), on(&path, &clock));
    first.record("x");
    second.record_count("x", 100);
    second.record_count("y", 100);
    first.persist().unwrap();
    for _ in 0..2 {
        assert!(matches!(second.persist(), Err(Error::Unavailable { .. })));
        assert!(second.export_bytes().is_err(), "what is not durable under this lane does not leave it");
        first.record("x");
        first.persist().unwrap();
    }
    assert!(second.close().is_err());
    first.close().unwrap();
    let again = on(&path, &clock);
    assert_eq!((ever(&again, "x"), ever(&again, "y")), (Some(4), None));
    again.record("y");
    again.persist().unwrap();
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_log_takes_over_what_a_database_holds_also_while_its_store_is_open() {
    use tiny_counter::formatter::BincodeFormat;
    let (dir, path) = folder();
    let clock = clock();
    let before = on(&path, &clock);
    before.record_count("x", 3);
    before.persist().unwrap();
    let store = support::on_log(&clock, &dir.path().join("log"));
    for (round, changed) in [(0, 1), (1, 1), (2, 1)] {
        let database = Sqlite::open(&path).unwrap();
        assert_eq!(store.migrate(&database, &BincodeFormat).unwrap().events_changed, changed);
        assert_eq!(store.migrate(&database, &BincodeFormat).unwrap().events_changed, 0);
        assert_eq!(ever(&store, "x"), Some(3 + round));
        before.record("x");
        before.persist().unwrap();
    }
    before.close().unwrap();
}

#[test]
fn a_transaction_is_kept_whole_or_not_at_all_and_goes_with_its_owner() {
    let (_dir, path) = folder();
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
fn a_save_that_fails_takes_the_whole_persist_back_and_the_next_one_saves_it() {
    let (_dir, path) = folder();
    let clock = clock();
    let store = on(&path, &clock);
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
    assert_eq!(ever(&on(&path, &clock), "a"), Some(1), "all or nothing");
    other.execute_batch("DROP TRIGGER full").unwrap();
    store.persist().unwrap();
    let again = on(&path, &clock);
    assert_eq!((ever(&again, "a"), ever(&again, "b")), (Some(2), Some(1)));
}

#[test]
fn a_database_that_was_cut_short_is_damaged() {
    let (_dir, path) = folder();
    let whole = written();
    for cut in (1..16).chain((0..whole.len()).step_by(257).skip(1)).chain((4096..whole.len()).step_by(4096)) {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })), "cut at {cut}");
    }
}

#[test]
fn a_database_with_a_flipped_bit_is_damaged_or_says_what_it_said() {
    let (_dir, path) = folder();
    let whole = written();
    let clock = clock();
    fs::write(&path, &whole).unwrap();
    let said = on(&path, &clock).export_all().unwrap();
    let mut damaged = 0;
    for bit in (0..whole.len() * 8).step_by(61) {
        let mut bent = whole.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bent).unwrap();
        match Sqlite::open(&path) {
            Ok(storage) => {
                let store = under(&clock).with_storage(storage).build().unwrap();
                assert_eq!(store.export_all().unwrap(), said, "bit {bit}");
            }
            Err(Error::Corrupt { .. } | Error::Incompatible { .. }) => damaged += 1,
            Err(other) => panic!("bit {bit}: {other:?}"),
        }
    }
    assert!(damaged > 100, "{damaged}");
}

#[test]
fn an_event_that_was_changed_from_outside_is_named() {
    let (_dir, path) = folder();
    let clock = clock();
    let store = on(&path, &clock);
    store.record("x");
    store.record("y");
    store.close().unwrap();
    let store = on(&path, &clock);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("UPDATE events SET counter = zeroblob(length(counter)) WHERE name = 'x'").unwrap();
    assert_eq!((ever(&store, "x"), ever(&store, "y")), (None, Some(1)));
    assert_eq!(store.health().quarantined, ["x"]);
    drop(store);
    match Sqlite::open(&path) {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("x")),
        other => panic!("{other:?}"),
    }
    other.execute_batch("UPDATE events SET counter = zeroblob(100 << 20) WHERE name = 'x'").unwrap();
    assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })));
    other.execute_batch("DELETE FROM events WHERE name = 'x'").unwrap();
    assert_eq!(ever(&on(&path, &clock), "y"), Some(1));
    other.execute_batch("UPDATE events SET name = 'z'").unwrap();
    assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })), "counts under another name");
}

#[test]
fn what_is_no_database_of_ours_is_told_and_left_alone() {
    let (dir, path) = folder();
    fs::write(&path, "tea and biscuits ".repeat(300)).unwrap();
    assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })));
    assert_eq!(fs::read(&path).unwrap(), "tea and biscuits ".repeat(300).as_bytes());
    let foreign = dir.path().join("foreign.db");
    Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        .unwrap();
    let before = fs::read(&foreign).unwrap();
    assert!(matches!(Sqlite::open(&foreign), Err(Error::Corrupt { .. })));
    assert_eq!(fs::read(&foreign).unwrap(), before);
    let newer = dir.path().join("newer.db");
    drop(Sqlite::open(&newer).unwrap());
    Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 7").unwrap();
    assert!(matches!(Sqlite::open(&newer), Err(Error::Incompatible { found: 7, .. })));
    assert!(matches!(Sqlite::open(dir.path()), Err(Error::Io { .. })));
    assert!(matches!(Sqlite::open(dir.path().join("none/x.db")), Err(Error::Io { .. })));
    drop(Sqlite::open(":memory:").unwrap());
    assert!(!Path::new(":memory:").exists());
}

#[cfg(unix)]
#[test]
fn the_files_are_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, path) = folder();
    let store = on(&path, &clock());
    store.record("x");
    store.persist().unwrap();
    let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 3, "the database and what SQLite keeps beside it");
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
    fn a_store_on_a_database_says_what_one_in_memory_says(steps in proptest::collection::vec(step(), 1..40)) {
        let (_dir, path) = folder();
        let clock = clock();
        let memory = under(&clock).with_storage(MemoryStorage::new()).build().unwrap();
        let mut store = on(&path, &clock);
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
                    store = on(&path, &clock);
                }
            }
            prop_assert_eq!(store.events(), memory.events());
            for event in memory.events() {
                let said = |store: &EventStore| {
                    let query = || store.query(&event);
                    let days = query().last_days(56).into_buckets();
                    (query().lifetime(), query().last_seen(), query().first_seen(), days, ever(store, &event))
                };
                prop_assert_eq!(said(&store), said(&memory));
            }
        }
    }
}

#[test]
fn a_closed_store_keeps_no_file_open_though_another_thread_has_asked_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let store = EventStore::builder().with_storage(Sqlite::open(&path).unwrap()).build().unwrap();
    store.record("a");
    let (asked, close) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = store.query("a").ever().sum();
            asked.wait();
            close.wait();
        });
        asked.wait();
        store.shutdown().unwrap();
        let files = fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name());
        let files: Vec<_> = files.collect();
        close.wait();
        assert_eq!(files, ["events.db"], "all of it is in the file itself, which can be copied");
    });
    assert!(matches!(store.persist(), Err(Error::Closed)));
}
