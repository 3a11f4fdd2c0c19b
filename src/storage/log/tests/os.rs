//! The log on the real file system.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::super::recover::recover;
use super::super::{LogStore, Op};
use super::model::{Model, NOW, Step, is_clean, run, script};
use crate::error::Error;

#[test]
fn real_files_contain_what_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    for step in script() {
        let (log, report) = LogStore::open(&dir.path().join("a/b"), NOW).unwrap();
        assert!(is_clean(&report));
        assert_eq!(Model::of(&log), model);
        run(&log, &step).unwrap();
        if let Step::Write(changes) = &step {
            model.apply(changes);
        }
        assert_eq!(log.file_len(), fs::metadata(dir.path().join("a/b/events.log")).unwrap().len());
    }
    assert_eq!(Model::of(&LogStore::open(&dir.path().join("a/b"), NOW).unwrap().0), model);
}

#[test]
fn opening_creates_the_folder_and_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new/folder");
    for _ in 0..2 {
        let (log, report) = LogStore::open(&folder, NOW).unwrap();
        log.sync().unwrap();
        assert!(is_clean(&report) && log.keys().is_empty());
        assert_eq!(fs::metadata(folder.join("events.log")).unwrap().len(), log.file_len());
        assert!(!folder.join("events.log.tmp").exists());
    }
}

#[test]
fn a_removed_folder_is_an_error_and_is_not_created_again() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new");
    for has_written in [false, true] {
        let (log, _) = LogStore::open(&folder, NOW).unwrap();
        let write = || log.write([Op::Meta { value: b"1" }].into_iter());
        if has_written {
            write().unwrap();
        }
        fs::remove_dir_all(&folder).unwrap();
        assert!(matches!(write(), Err(Error::Unavailable { .. })));
        assert!(!folder.exists());
    }
}

#[cfg(unix)]
#[test]
fn the_files_are_private_to_the_user() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new");
    let (log, _) = LogStore::open(&folder, NOW).unwrap();
    log.write([Op::Put { key: "a", value: b"1" }].into_iter()).unwrap();
    log.compact().unwrap();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[cfg(unix)]
#[test]
fn another_path_of_the_same_folder_is_recognised() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("not there yet");
    std::os::unix::fs::symlink(dir.path(), dir.path().join("link")).unwrap();
    let (log, _) = LogStore::open(&folder, NOW).unwrap();
    for name in ["not there yet/", "./not there yet", "link/not there yet", "link/link/not there yet"] {
        let second = LogStore::open(&dir.path().join(name), NOW);
        assert!(matches!(second, Err(Error::Unavailable { .. })), "{name}");
    }
    drop(log);
}

#[test]
fn a_folder_in_place_of_the_file_or_a_file_in_place_of_the_folder_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("events.log")).unwrap();
    assert!(matches!(LogStore::open(dir.path(), NOW), Err(Error::Io { .. })));
    fs::write(dir.path().join("file"), b"").unwrap();
    for blocked in ["file", "file/folder"] {
        assert!(matches!(LogStore::open(&dir.path().join(blocked), NOW), Err(Error::Io { .. })));
    }
}

#[test]
fn readers_see_whole_values_while_others_write_and_compact() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = LogStore::open(dir.path(), NOW).unwrap();
    let done = AtomicBool::new(false);
    log.write([Op::Put { key: "a", value: &[0; 300] }].into_iter()).unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let value = log.load("a").unwrap().unwrap();
                    assert!(value.len() == 300 && value.iter().all(|byte| *byte == value[0]));
                }
            });
        }
        for round in 0..200 {
            log.write([Op::Put { key: "a", value: &[round; 300] }].into_iter()).unwrap();
            if round % 10 == 0 {
                log.compact().unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_reader_never_takes_the_running_write_of_another_process_for_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = LogStore::open(dir.path(), NOW).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let file = log.folder.disk.open(&log.folder.log).unwrap();
                assert!(recover(&log.folder, &*file).unwrap().front.is_some());
            }
        });
        for round in 0..250 {
            log.write([Op::Put { key: "a", value: &[round; 300] }].into_iter()).unwrap();
            log.sync().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_file_with_mostly_replaced_records_wants_compaction_and_shrinks() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = LogStore::open(dir.path(), NOW).unwrap();
    let write = |key: &str| log.write([Op::Put { key, value: &[7; 1000] }].into_iter()).unwrap();
    (0..40).for_each(|_| write("a"));
    assert!(!log.wants_compaction(), "a small file is not compacted");
    (0..40).for_each(|_| write("a"));
    assert!(log.wants_compaction());
    log.compact().unwrap();
    assert!(!log.wants_compaction() && log.file_len() < 1200);
    (0..100).for_each(|n| write(&n.to_string()));
    assert!(!log.wants_compaction(), "all records are live");
    drop(log);
    let (log, report) = LogStore::open(dir.path(), NOW).unwrap();
    assert!(is_clean(&report));
    assert_eq!(log.keys().len(), 101);
}
