//! One file an event: any name, other people's files, unfinished ones.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::fs;

use support::{clock, under};
use tiny_counter::storage::FilePerEvent;
use tiny_counter::{Error, Storage};

#[test]
fn any_name_has_a_file_of_its_own() {
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
fn other_files_are_left_alone_and_unfinished_ones_are_removed() {
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
fn an_extension_is_a_plain_word_and_a_folder_is_a_folder() {
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
