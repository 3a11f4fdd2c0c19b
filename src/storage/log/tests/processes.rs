//! Several stores on one folder, in this process and in others.

use std::io::ErrorKind;

use super::super::disk::Disk;
use super::super::open::open_on;
use super::fault::Fault;
use super::model::{Change, NOW, open, write};
use super::sim::SimDisk;
use crate::error::{Error, Result};

fn put(key: &'static str) -> [Change; 1] {
    [Change::Put(key, vec![1; 10])]
}

fn is_unavailable<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::Unavailable { .. }))
}

#[test]
fn a_second_store_on_a_folder_is_rejected_until_the_first_is_dropped_or_closed() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (first, _) = open(&disk, &dir);
    assert!(is_unavailable(&open_on(disk.shared(), &dir, NOW)));
    drop(first);
    let (second, _) = open(&disk, &dir);
    second.close();
    open(&disk, &dir);
}

#[test]
fn a_failed_opening_does_not_block_the_next_one() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    disk.fail_at(5, Fault::Error(ErrorKind::PermissionDenied));
    assert!(is_unavailable(&open_on(disk.shared(), &dir, NOW)));
    open(&disk, &dir);
}

#[test]
fn every_call_on_a_closed_store_returns_closed() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    write(&log, &put("a")).unwrap();
    log.close();
    log.close();
    assert!(matches!(log.load("a"), Err(Error::Closed)));
    assert!(matches!(log.load("b"), Err(Error::Closed)));
    for answer in [write(&log, &put("b")), write(&log, &[]), log.sync(), log.compact()] {
        assert!(matches!(answer, Err(Error::Closed)), "{answer:?}");
    }
}

#[test]
fn a_write_waits_for_another_process_and_then_fails() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    let other = disk.lock_file(&dir.join("events.lock")).unwrap();
    assert!(other.try_lock().unwrap());
    assert!(is_unavailable(&write(&log, &put("a"))));
    other.unlock().unwrap();
    write(&log, &put("a")).unwrap();
}

#[test]
fn a_file_that_was_written_replaced_emptied_zeroed_or_removed_is_not_overwritten() {
    type Change = fn(&SimDisk, &std::path::Path);
    let written: Change = |disk, path| disk.patch(path, |bytes| bytes.push(0));
    let replaced: Change = |disk, path| {
        let bytes = disk.content(path).unwrap();
        disk.put(path, &bytes);
    };
    let removed: Change = |disk, path| disk.remove(path).unwrap();
    let emptied: Change = |disk, path| disk.patch(path, Vec::clear);
    let zeroed: Change = |disk, path| disk.patch(path, |bytes| bytes.fill(0));
    let of_another: Change = |disk, path| {
        let (other, elsewhere) = (SimDisk::default(), SimDisk::dir());
        drop(open(&other, &elsewhere));
        let front = other.content(&elsewhere.join("events.log")).unwrap();
        disk.patch(path, |bytes| bytes[..front.len()].copy_from_slice(&front));
    };
    for has_records in [false, true] {
        for (reads, change) in [
            (true, written),
            (true, replaced),
            (true, removed),
            (false, emptied),
            (false, zeroed),
            (!has_records, of_another),
        ] {
            let (disk, dir) = (SimDisk::default(), SimDisk::dir());
            let path = dir.join("events.log");
            let (log, _) = open(&disk, &dir);
            if has_records {
                write(&log, &put("a")).unwrap();
                write(&log, &put("b")).unwrap();
            }
            let keys = log.keys();
            change(&disk, &path);
            let found = disk.content(&path);
            assert!(is_unavailable(&write(&log, &put("c"))));
            assert!(is_unavailable(&log.compact()));
            assert!(!has_records || is_unavailable(&log.sync()));
            assert_eq!((disk.content(&path), log.keys().len()), (found, keys.len()));
            for key in keys {
                match log.load(&key) {
                    Ok(value) => assert_eq!(value, Some(vec![1; 10])),
                    Err(error) => assert!(!reads && matches!(error, Error::Corrupt { .. }), "{error}"),
                }
            }
        }
    }
}

#[test]
fn opening_removes_an_unfinished_file_unless_another_process_is_writing() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let unfinished = dir.join("events.log.tmp");
    drop(open(&disk, &dir));
    disk.put(&unfinished, b"half of a log");
    let other = disk.lock_file(&dir.join("events.lock")).unwrap();
    assert!(other.try_lock().unwrap());
    drop(open(&disk, &dir));
    assert!(disk.content(&unfinished).is_some());
    other.unlock().unwrap();
    drop(open(&disk, &dir));
    assert!(disk.content(&unfinished).is_none());
}
