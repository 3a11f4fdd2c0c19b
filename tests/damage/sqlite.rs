//! A damaged SQLite database, and files that are something else.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tiny_counter::Error;
use tiny_counter::storage::Sqlite;

use super::common::stores::{clock, event_keys, ever, on_sqlite, sqlite_folder, under};

/// A database as a store with so many events leaves it, in one file.
fn written(events: u32) -> Vec<u8> {
    let (_dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    for name in 0..events {
        store.record_count(format!("event {name}"), 1 + name);
    }
    store.close().unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "closing leaves one file");
    fs::read(path).unwrap()
}

#[test]
fn a_database_cut_at_any_byte_is_reported_as_damaged() {
    let (_dir, path) = sqlite_folder();
    let whole = written(1);
    assert!(whole.len() >= 3 * 4096);
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })), "cut at {cut}");
        assert_eq!(fs::read(&path).unwrap(), &whole[..cut], "cut at {cut}: it is not overwritten");
    }
}

#[test]
fn an_empty_or_zeroed_database_is_not_a_new_one() {
    let (_dir, path) = sqlite_folder();
    for len in [0, 1, 100, 511, 512, 4096, 1 << 20] {
        fs::write(&path, vec![0; len]).unwrap();
        match Sqlite::open(&path) {
            Err(Error::Corrupt { what, event: None }) => assert!(what.contains("remove it"), "{what}"),
            other => panic!("{len} zeros: {other:?}"),
        }
        assert_eq!(fs::read(&path).unwrap(), vec![0; len]);
    }
    // A whole database without tables, as another program creates it.
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("VACUUM").unwrap();
    let empty = fs::read(&path).unwrap();
    assert!(!empty.is_empty());
    assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })));
    assert_eq!(fs::read(&path).unwrap(), empty);
}

#[test]
fn files_of_sqlite_without_their_database_are_damage() {
    let (dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    store.record("x");
    store.persist().unwrap();
    let (main, log) = (fs::read(&path).unwrap(), fs::read(path.with_extension("db-wal")).unwrap());
    assert!(!log.is_empty());
    drop(store);
    for ending in ["db-wal", "db-shm", "db-journal"] {
        let left = path.with_extension(ending);
        fs::remove_file(&path).unwrap();
        fs::write(&left, &log).unwrap();
        match Sqlite::open(&path) {
            Err(Error::Corrupt { what, .. }) => assert!(what.contains(&ending[2..]), "{what}"),
            other => panic!("{ending}: {other:?}"),
        }
        assert_eq!((fs::read(&left).unwrap(), path.exists()), (log.clone(), false), "nothing is changed");
        fs::remove_file(&left).unwrap();
        drop(Sqlite::open(&path).unwrap());
    }
    // An emptied main file: SQLite would delete the log beside it.
    fs::write(&path, []).unwrap();
    fs::write(path.with_extension("db-wal"), &log).unwrap();
    assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })));
    assert_eq!(fs::read(path.with_extension("db-wal")).unwrap(), log);
    fs::write(&path, main).unwrap();
    assert_eq!(ever(&on_sqlite(&clock(), &path), "x"), Some(1), "the counts are in the log only");
    #[cfg(unix)]
    {
        let link = dir.path().join("link.db");
        std::os::unix::fs::symlink(dir.path().join("unmounted.db"), &link).unwrap();
        assert!(matches!(Sqlite::open(&link), Err(Error::Io { .. })));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}

#[test]
fn a_flipped_bit_in_a_database_is_detected_or_changes_no_count() {
    let (_dir, path) = sqlite_folder();
    let whole = written(60);
    let clock = clock();
    fs::write(&path, &whole).unwrap();
    let expected = on_sqlite(&clock, &path).export_all().unwrap();
    let mut damaged = 0;
    for bit in (0..whole.len() * 8).step_by(61) {
        let mut damaged_file = whole.clone();
        damaged_file[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &damaged_file).unwrap();
        match Sqlite::open(&path) {
            Ok(storage) => {
                let store = under(&clock).with_storage(storage).build().unwrap();
                assert_eq!(store.export_all().unwrap(), expected, "bit {bit}");
            }
            Err(Error::Corrupt { .. } | Error::Incompatible { .. }) => damaged += 1,
            Err(other) => panic!("bit {bit}: {other:?}"),
        }
    }
    assert!(damaged > 100, "{damaged}");
}

#[test]
fn an_event_that_another_program_changed_is_reported_by_name() {
    let (_dir, path) = sqlite_folder();
    let clock = clock();
    let store = on_sqlite(&clock, &path);
    store.record("x");
    store.record("y");
    store.close().unwrap();
    let store = on_sqlite(&clock, &path);
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
    assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { event: None, .. })), "a missing event");
    other.execute_batch("UPDATE events SET name = 'z' WHERE name = 'y'").unwrap();
    match Sqlite::open(&path) {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("z"), "another name"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_write_ahead_log_of_a_later_time_beside_a_restored_database_is_damage_or_holds_everything() {
    let (_dir, path) = sqlite_folder();
    let log = path.with_extension("db-wal");
    let record_all = || {
        let store = on_sqlite(&clock(), &path);
        for name in 0..60 {
            store.record(format!("event {name}"));
        }
        store.close().unwrap();
    };
    record_all();
    let backup = fs::read(&path).unwrap();
    record_all();
    for restored in [&backup, &fs::read(&path).unwrap()] {
        let store = on_sqlite(&clock(), &path);
        store.record("event 7");
        store.persist().unwrap();
        let later = fs::read(&log).unwrap();
        drop(store);
        let closed = fs::read(&path).unwrap();
        fs::write(&path, restored).unwrap();
        fs::write(&log, later).unwrap();
        let opened = Sqlite::open(&path);
        match restored == &backup {
            true => assert!(matches!(opened, Err(Error::Corrupt { event: None, .. })), "{opened:?}"),
            false => assert_eq!(event_keys(&opened.unwrap()).len(), 60),
        }
        for ending in ["db-wal", "db-shm"] {
            let _ = fs::remove_file(path.with_extension(ending));
        }
        fs::write(&path, closed).unwrap();
    }
}

#[test]
fn a_file_that_is_not_our_database_is_an_error_and_is_left_unchanged() {
    let (dir, path) = sqlite_folder();
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
