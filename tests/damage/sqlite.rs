//! A damaged SQLite database, and files that are something else.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tiny_counter::Error;
use tiny_counter::storage::Sqlite;

use super::common::stores::{clock, ever, on_sqlite, sqlite_folder, under};

/// A database as a store with a few events leaves it, in one file.
fn written() -> Vec<u8> {
    let (_dir, path) = sqlite_folder();
    let store = on_sqlite(&clock(), &path);
    for name in 0..60 {
        store.record_count(format!("event {name}"), 1 + name);
    }
    store.close().unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "closing leaves one file");
    fs::read(path).unwrap()
}

#[test]
fn a_truncated_database_is_reported_as_damaged() {
    let (_dir, path) = sqlite_folder();
    let whole = written();
    for cut in (1..16).chain((0..whole.len()).step_by(257).skip(1)).chain((4096..whole.len()).step_by(4096)) {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })), "cut at {cut}");
    }
}

#[test]
fn a_flipped_bit_in_a_database_is_detected_or_changes_no_count() {
    let (_dir, path) = sqlite_folder();
    let whole = written();
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
    assert_eq!(ever(&on_sqlite(&clock, &path), "y"), Some(1));
    other.execute_batch("UPDATE events SET name = 'z'").unwrap();
    assert!(matches!(Sqlite::open(&path), Err(Error::Corrupt { .. })), "counts under another name");
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
