//! Files that are damaged in their synced part, foreign, or of a newer version.

use std::path::{Path, PathBuf};

use super::super::OpenReport;
use super::super::open::open_on;
use super::model::{Change, NOW, is_clean, open, write};
use super::sim::SimDisk;
use crate::error::Error;

fn put(key: &'static str, byte: u8) -> Change {
    Change::Put(key, vec![byte; 50])
}

/// A synced log with two records of `a`, and one of `b` and of the metadata.
fn store() -> (SimDisk, PathBuf) {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    write(&log, &[put("a", b'1'), Change::Meta(vec![b'm'; 50])]).unwrap();
    write(&log, &[put("a", b'2'), put("b", b'3')]).unwrap();
    log.sync().unwrap();
    (disk, dir)
}

/// Damages the value that consists of repetitions of `byte`.
fn damage(disk: &SimDisk, dir: &Path, byte: u8) {
    disk.patch(&dir.join("events.log"), |bytes| {
        let at = bytes.windows(50).position(|value| value.iter().all(|b| *b == byte)).unwrap();
        bytes[at + 25] ^= 0xFF;
    });
}

fn lost(report: &OpenReport) -> (Vec<&str>, bool) {
    (report.lost.iter().map(String::as_str).collect(), report.lost_unknown)
}

#[test]
fn a_damaged_record_is_reported_and_the_last_good_record_of_the_key_counts() {
    let (disk, dir) = store();
    damage(&disk, &dir, b'2');
    let (log, report) = open(&disk, &dir);
    assert_eq!(lost(&report), (vec!["a"], false));
    assert_eq!(log.load("a").unwrap(), Some(vec![b'1'; 50]));
    assert_eq!(log.load("b").unwrap(), Some(vec![b'3'; 50]));
    assert_eq!(log.meta(), Some(vec![b'm'; 50]));
}

#[test]
fn a_damaged_record_that_was_replaced_later_is_no_loss() {
    let (disk, dir) = store();
    damage(&disk, &dir, b'1');
    let (log, report) = open(&disk, &dir);
    assert_eq!(lost(&report), (vec![], false));
    assert_eq!(report.kept_aside.len(), 1, "the file itself is damaged");
    assert_eq!(log.load("a").unwrap(), Some(vec![b'2'; 50]));
}

#[test]
fn damaged_metadata_is_a_loss_of_unknown_keys() {
    let (disk, dir) = store();
    damage(&disk, &dir, b'm');
    let (log, report) = open(&disk, &dir);
    assert_eq!(lost(&report), (vec![], true));
    assert_eq!(log.meta(), None);
    assert_eq!(log.keys().len(), 2);
}

#[test]
fn damaged_metadata_that_was_replaced_later_is_no_loss() {
    let (disk, dir) = store();
    let (log, _) = open(&disk, &dir);
    write(&log, &[Change::Meta(b"new".to_vec())]).unwrap();
    log.sync().unwrap();
    drop(log);
    damage(&disk, &dir, b'm');
    let (log, report) = open(&disk, &dir);
    assert_eq!(lost(&report), (vec![], false));
    assert_eq!(log.meta(), Some(b"new".to_vec()));
}

#[test]
fn a_damaged_length_does_not_hide_the_records_behind_it() {
    let (disk, dir) = store();
    disk.patch(&dir.join("events.log"), |bytes| {
        let at = bytes.windows(50).position(|value| value.iter().all(|b| *b == b'2')).unwrap();
        // With a key of one byte the length field is 13 bytes before the value.
        bytes[at - 13] = 0xFF;
    });
    let (log, report) = open(&disk, &dir);
    assert_eq!(lost(&report), (vec![], true));
    assert_eq!(log.load("b").unwrap(), Some(vec![b'3'; 50]));
}

#[test]
fn a_loss_is_reported_until_the_first_write_and_the_file_is_copied_once() {
    let (disk, dir) = store();
    damage(&disk, &dir, b'2');
    let damaged = disk.content(&dir.join("events.log"));
    for _ in 0..3 {
        let (log, report) = open(&disk, &dir);
        assert_eq!(lost(&report), (vec!["a"], false));
        assert_eq!(report.kept_aside, [dir.join("events.log.damaged-1")]);
        log.sync().unwrap();
        log.compact().unwrap();
    }
    assert_eq!(disk.content(&dir.join("events.log")), damaged, "opening changes nothing");
    assert_eq!(disk.content(&dir.join("events.log.damaged-1")), damaged);
    let (log, _) = open(&disk, &dir);
    write(&log, &[Change::Meta(b"noted".to_vec())]).unwrap();
    drop(log);
    let (log, report) = open(&disk, &dir);
    assert!(is_clean(&report), "{report:?}");
    assert_eq!(log.meta(), Some(b"noted".to_vec()));
    assert_eq!(log.load("a").unwrap(), Some(vec![b'1'; 50]));
    assert_eq!(disk.names().len(), 2, "the log and its damaged copy");
}

#[test]
fn a_sync_of_a_damaged_file_keeps_the_file_and_makes_its_records_durable() {
    let (disk, dir) = store();
    let (log, _) = open(&disk, &dir);
    write(&log, &[put("c", b'4')]).unwrap();
    drop(log);
    disk.overwrite(&dir.join("events.log"), |bytes| {
        let at = bytes.windows(50).position(|value| value.iter().all(|b| *b == b'2')).unwrap();
        (at + 25, vec![0xFF])
    });
    let (log, report) = open(&disk, &dir);
    assert_eq!(lost(&report), (vec!["a"], false));
    log.sync().unwrap();
    drop(log);
    let image = disk.power_lost(disk.moment(), || false);
    let (log, report) = open(&image, &dir);
    assert_eq!(lost(&report), (vec!["a"], false));
    assert_eq!(log.load("c").unwrap(), Some(vec![b'4'; 50]));
}

#[test]
fn at_most_four_copies_of_damaged_files_are_kept() {
    let (disk, dir) = store();
    for round in 0..7 {
        let (log, _) = open(&disk, &dir);
        write(&log, &[put("a", b'2'), put("b", round)]).unwrap();
        log.sync().unwrap();
        drop(log);
        damage(&disk, &dir, b'2');
    }
    open(&disk, &dir);
    assert_eq!(disk.names().len(), 1 + 4, "the log and its copies");
}

#[test]
fn a_record_damaged_while_the_store_is_open_stays_an_error_after_a_compaction() {
    let (disk, dir) = store();
    let (log, report) = open(&disk, &dir);
    assert!(is_clean(&report));
    damage(&disk, &dir, b'2');
    let corrupt = |error| matches!(error, Error::Corrupt { event: Some(event), .. } if event == "a");
    assert!(corrupt(log.load("a").unwrap_err()));
    assert!(corrupt(log.compact().unwrap_err()));
    assert!(corrupt(log.load("a").unwrap_err()));
    assert_eq!(log.load("b").unwrap(), Some(vec![b'3'; 50]));
    drop(log);
    assert_eq!(lost(&open(&disk, &dir).1), (vec!["a"], false));
}

#[test]
fn a_damaged_header_loses_no_record() {
    let (disk, dir) = store();
    disk.patch(&dir.join("events.log"), |bytes| bytes[..24].fill(0xAA));
    let (log, report) = open(&disk, &dir);
    assert_eq!((lost(&report), report.kept_aside.len()), ((vec![], false), 1));
    assert_eq!(log.load("a").unwrap(), Some(vec![b'2'; 50]));
    write(&log, &[put("c", 7)]).unwrap();
    drop(log);
    let (log, report) = open(&disk, &dir);
    assert!(is_clean(&report));
    assert_eq!(log.keys().len(), 3);
}

#[test]
fn a_foreign_file_is_copied_and_reported_as_a_loss() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let foreign = b"SQLite format 3\0 and then a good deal more".repeat(3000);
    disk.put(&dir.join("events.log"), &foreign);
    let (log, report) = open(&disk, &dir);
    assert_eq!(lost(&report), (vec![], true));
    assert!(log.keys().is_empty() && log.meta().is_none());
    write(&log, &[put("a", 1)]).unwrap();
    assert_eq!(disk.content(&report.kept_aside[0]), Some(foreign));
    assert_eq!(log.load("a").unwrap(), Some(vec![1; 50]));
}

#[test]
fn an_empty_zeroed_or_short_file_is_damaged() {
    let whole = {
        let (disk, dir) = (SimDisk::default(), SimDisk::dir());
        drop(open(&disk, &dir));
        disk.content(&dir.join("events.log")).unwrap()
    };
    let mut files: Vec<Vec<u8>> = (0..whole.len()).map(|len| whole[..len].to_vec()).collect();
    files.extend([10, 24, 48, 88, 5000].map(|len| vec![0; len]));
    for bytes in files {
        let (disk, dir) = (SimDisk::default(), SimDisk::dir());
        disk.put(&dir.join("events.log"), &bytes);
        for _ in 0..2 {
            let (log, report) = open(&disk, &dir);
            log.sync().unwrap();
            log.compact().unwrap();
            assert_eq!(lost(&report), (vec![], true), "{bytes:?}");
            assert_eq!(report.kept_aside.len(), usize::from(!bytes.is_empty()));
            assert!(log.keys().is_empty() && log.meta().is_none());
        }
        let (log, _) = open(&disk, &dir);
        write(&log, &[put("a", 1)]).unwrap();
        drop(log);
        let (log, report) = open(&disk, &dir);
        assert!(is_clean(&report) && log.keys() == ["a"]);
    }
}

#[test]
fn a_log_of_a_newer_version_is_rejected_and_left_unchanged() {
    let (disk, dir) = store();
    disk.patch(&dir.join("events.log"), |bytes| {
        bytes[8] = 2;
        let crc = crc32c::crc32c(&bytes[..20]);
        bytes[20..24].copy_from_slice(&crc.to_le_bytes());
    });
    let before = disk.content(&dir.join("events.log"));
    let error = open_on(disk.shared(), &dir, NOW).unwrap_err();
    assert!(matches!(error, Error::Incompatible { found: 2, supported: 1, .. }), "{error}");
    assert_eq!((disk.content(&dir.join("events.log")), disk.names().len()), (before, 1));
}
