//! `FilePerEvent`: file names, files of others, unfinished files.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;

use common::stores::{clock, under};
use tiny_counter::storage::FilePerEvent;
use tiny_counter::{Error, Storage};

#[test]
fn every_event_name_has_its_own_file() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let open = || under(&clock).with_storage(FilePerEvent::new(dir.path(), "bin").unwrap()).build().unwrap();
    let (long, cut) = ("é".repeat(512), format!("{}nul", "a".repeat(200)));
    let names = [
        "",
        "..",
        "NUL",
        "nul",
        "a/b",
        "A",
        "a",
        "🎉",
        ".tmp",
        "x.bin",
        "aux.txt",
        "a.",
        "a ",
        "caf\u{e9}",
        "cafe\u{301}",
        &cut,
        &long,
    ];
    let store = open();
    for (count, name) in (1..).zip(names) {
        store.record_count(name, count);
    }
    store.close().unwrap();
    let store = open();
    let mut known = names.map(str::to_owned);
    known.sort_unstable();
    assert_eq!(store.events(), known);
    for (count, name) in (1..).zip(names) {
        assert_eq!(store.query(name).ever().sum(), Some(count), "{name}");
    }
    store.erase_event("A").unwrap();
    store.close().unwrap();
    assert_eq!(open().query("A").ever().sum(), None);
    assert_eq!(open().query("a").ever().sum(), Some(7));
}

#[test]
fn files_of_others_are_kept_and_unfinished_files_are_removed() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let path = |name: &str| dir.path().join(name);
    for foreign in ["notes.txt", "e-A.bin", "x.tmp", "e-x.json"] {
        fs::write(path(foreign), b"mine").unwrap();
    }
    fs::write(path("e-x.bin.tmp"), b"half").unwrap();
    let mut storage = FilePerEvent::new(dir.path(), "bin").unwrap();
    assert!(!path("e-x.bin.tmp").exists());
    assert!(storage.list_keys().unwrap().is_empty());
    storage.save("x", b"1".to_vec()).unwrap();
    storage.save("x", b"2".to_vec()).unwrap();
    storage.sync().unwrap();
    assert_eq!(storage.list_keys().unwrap(), ["x"]);
    assert_eq!(fs::read(path("e-x.bin")).unwrap(), b"2");
    storage.delete("x").unwrap();
    storage.delete("x").unwrap();
    assert_eq!(storage.load("x").unwrap(), None);
    for foreign in ["notes.txt", "e-A.bin", "x.tmp", "e-x.json"] {
        assert_eq!(fs::read(path(foreign)).unwrap(), b"mine");
    }
    drop(under(&clock).with_storage(storage).build().unwrap());
}

#[test]
fn an_invalid_extension_or_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for extension in ["", ".", "tmp", "a/b", "..", "ä", &"x".repeat(17)] {
        assert!(
            matches!(FilePerEvent::new(dir.path(), extension), Err(Error::InvalidArgument(_))),
            "{extension}"
        );
    }
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(matches!(FilePerEvent::new(&file, "bin"), Err(Error::Io { .. })));
}
