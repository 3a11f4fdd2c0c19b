//! `FilePerEvent`: file names, files of others, unfinished files, two storages on one folder.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chrono::Duration;
use common::stores::{clock, under};
use tiny_counter::storage::FilePerEvent;
use tiny_counter::{Error, EventStore, Result, Storage, TimeUnit};

fn open(dir: impl AsRef<Path>) -> Result<FilePerEvent> {
    FilePerEvent::new(dir, "bin")
}

fn store(storage: FilePerEvent) -> EventStore {
    under(&clock()).with_storage(storage).build().unwrap()
}

fn is_unavailable<R: std::fmt::Debug>(done: Result<R>) -> bool {
    match done {
        Err(Error::Unavailable { .. }) => true,
        Err(Error::NotWritten(cause)) => matches!(*cause, Error::Unavailable { .. }),
        other => panic!("{other:?}"),
    }
}

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

#[test]
fn a_second_storage_on_a_folder_is_refused_until_the_first_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let first = store(open(dir.path()).unwrap());
    first.record_count("x", 5);
    first.persist().unwrap();
    assert!(is_unavailable(open(dir.path())));
    let by_extension = FilePerEvent::new(dir.path(), "json").unwrap();
    assert!(by_extension.list_keys().unwrap().is_empty(), "it has no file in common with the first");
    first.record("x");
    first.close().unwrap();
    let second = store(open(dir.path()).unwrap());
    assert_eq!(second.query("x").lifetime(), Some(6));
    drop(second);
    let storage = open(dir.path()).unwrap();
    let invalid = under(&clock()).with_storage(storage).track_days(0).build();
    assert!(invalid.is_err());
    open(dir.path()).expect("a store that could not be built keeps no lock");
}

#[cfg(unix)]
#[test]
fn every_path_to_a_folder_is_the_same_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, link) = (dir.path().join("a/folder"), dir.path().join("link"));
    let first = open(&folder).unwrap();
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    let dotted = dir.path().join("a/../a/./folder/");
    // As many steps up as any folder can need.
    let up = "../".repeat(std::env::current_dir().unwrap().components().count());
    let relative = Path::new(&up).join(folder.strip_prefix("/").unwrap());
    for path in [&folder, &link, &dotted, &relative] {
        assert!(is_unavailable(open(path)), "{path:?}");
    }
    // A moved folder is still the one that the first has open.
    let moved = dir.path().join("moved");
    fs::rename(&folder, &moved).unwrap();
    assert!(is_unavailable(open(&moved)));
    drop(first);
    open(moved).unwrap();
}

#[test]
fn a_storage_that_only_reads_needs_no_lock_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let missing = FilePerEvent::read_only(dir.path().join("none"), "bin");
    assert!(matches!(missing, Err(Error::Io { .. })));
    assert!(fs::read_dir(dir.path()).unwrap().next().is_none());
    fs::write(dir.path().join("e-x.bin"), b"1").unwrap();
    fs::write(dir.path().join("e-x.bin.tmp"), b"unfinished").unwrap();
    let mut reader = FilePerEvent::read_only(dir.path(), "bin").unwrap();
    assert!(matches!(reader.save("x", b"2".to_vec()), Err(Error::Storage(_))));
    assert!(matches!(reader.delete("x"), Err(Error::Storage(_))));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    let mut writer = open(dir.path()).unwrap();
    writer.save("y", b"3".to_vec()).unwrap();
    for reader in [reader, FilePerEvent::read_only(dir.path(), "bin").unwrap()] {
        assert_eq!(reader.load("x").unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(reader.load("y").unwrap().as_deref(), Some(&b"3"[..]));
        assert_eq!(reader.load("z").unwrap(), None);
    }
}

#[test]
fn a_folder_that_was_moved_removed_or_replaced_is_not_an_empty_storage() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("folder");
    let moves: [&dyn Fn(); 4] = [
        &|| fs::rename(&folder, dir.path().join("moved")).unwrap(),
        &|| fs::remove_dir_all(&folder).unwrap(),
        &|| {
            fs::remove_dir_all(&folder).unwrap();
            drop(open(&folder).unwrap());
        },
        &|| fs::remove_file(folder.join("store.bin.lock")).unwrap(),
    ];
    for (case, change) in moves.iter().enumerate() {
        let mut storage = open(&folder).unwrap();
        storage.save("gift", b"1".to_vec()).unwrap();
        change();
        let had = folder.exists();
        assert!(is_unavailable(storage.save("x", b"2".to_vec())), "{case}");
        assert!(is_unavailable(storage.delete("x")), "{case}");
        assert!(is_unavailable(storage.load("other")), "{case}");
        assert!(is_unavailable(storage.list_keys()), "{case}");
        assert_eq!(folder.exists(), had, "a removed folder is not created again");
    }
    let dir = tempfile::tempdir().unwrap();
    let store = store(open(dir.path().join("folder")).unwrap());
    fs::remove_dir_all(dir.path().join("folder")).unwrap();
    let once = store.limit().at_most("gift", 1, TimeUnit::Ever).check_and_record("gift");
    assert!(is_unavailable(once), "the event can have been in the folder");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_not_a_missing_event() {
    let dir = tempfile::tempdir().unwrap();
    let storage = open(dir.path()).unwrap();
    std::os::unix::fs::symlink(dir.path().join("unmounted"), dir.path().join("e-x.bin")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("e-y.bin"), dir.path().join("e-y.bin")).unwrap();
    fs::create_dir(dir.path().join("e-z.bin")).unwrap();
    for name in ["x", "y", "z"] {
        assert!(storage.load(name).is_err(), "{name}");
        let store = under(&clock()).with_storage(FilePerEvent::read_only(dir.path(), "bin").unwrap());
        let store = store.build().unwrap();
        assert!(store.limit().cooldown(name, Duration::days(1)).check(name).is_err(), "{name}");
    }
}

/// The environment variable of the other process: the folder that it opens.
const OTHER: &str = "TINY_COUNTER_OTHER_PROCESS";

/// Starts a process that holds a storage on the folder until its input ends.
fn other_process(dir: &Path) -> Child {
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "the_other_process", "--nocapture", "--test-threads=1"])
        .env(OTHER, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "opened"), "the other process opens the folder");
    // What it prints later must find a reader.
    std::thread::spawn(move || lines.for_each(drop));
    other
}

#[test]
fn a_folder_that_another_process_has_open_is_refused_until_that_ends_or_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    for kill in [true, false] {
        let mut other = other_process(dir.path());
        assert!(is_unavailable(open(dir.path())));
        let reader = FilePerEvent::read_only(dir.path(), "bin").unwrap();
        assert_eq!(reader.list_keys().unwrap(), ["x"]);
        match kill {
            true => other.kill().unwrap(),
            false => drop(other.stdin.take()),
        }
        assert_eq!(other.wait().unwrap().success(), !kill);
        let storage = open(dir.path()).unwrap();
        assert_eq!(storage.load("x").unwrap().as_deref(), Some(&b"1"[..]));
    }
}

/// Not a test: the process that the other test starts.
#[test]
#[ignore = "started by another test"]
fn the_other_process() {
    let Some(dir) = std::env::var_os(OTHER) else { return };
    let mut storage = open(Path::new(&dir)).unwrap();
    storage.save("x", b"1".to_vec()).unwrap();
    println!("\nopened");
    std::io::stdin().lines().for_each(drop);
    drop(storage);
}

#[test]
fn a_value_that_is_too_long_to_be_read_again_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = open(dir.path()).unwrap();
    files.save("x", vec![1]).unwrap();
    assert!(matches!(files.save("x", vec![0; (64 << 20) + 1]), Err(Error::Storage(_))));
    assert_eq!(files.load("x").unwrap(), Some(vec![1]), "the earlier value stays");
}
