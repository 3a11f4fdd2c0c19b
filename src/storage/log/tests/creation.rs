//! A new store: only a file that does not exist and can be created.

use std::io::ErrorKind;

use super::super::open::open_on;
use super::fault::Fault;
use super::model::{NOW, Step, is_clean, open, run, script};
use super::sim::SimDisk;
use crate::error::Error;

/// EPERM, EIO, EACCES, EMFILE, ENOSPC, EROFS and ENOKEY.
const ERRNOS: [i32; 7] = [1, 5, 13, 24, 28, 30, 126];

/// How many calls the first opening of a folder makes.
fn calls_of_a_first_opening() -> usize {
    let disk = SimDisk::default();
    drop(open(&disk, &SimDisk::dir()));
    disk.calls()
}

#[test]
fn a_log_that_cannot_be_created_is_an_error_and_the_next_opening_creates_it() {
    for errno in ERRNOS {
        let mut failures = 0;
        for call in 0..calls_of_a_first_opening() {
            let (disk, dir) = (SimDisk::default(), SimDisk::dir());
            disk.fail_at(call, Fault::Errno(errno));
            match open_on(disk.shared(), &dir, NOW) {
                Ok((_, report)) => assert!(is_clean(&report)),
                Err(Error::Unavailable { what, .. }) => {
                    failures += 1;
                    let is_key_error = cfg!(target_os = "linux") && errno == 126;
                    assert_eq!(what.contains("unlocked"), is_key_error, "{what}");
                }
                Err(error) => panic!("{errno} at call {call}: {error}"),
            }
            let (log, report) = open(&disk, &dir);
            assert!(is_clean(&report) && log.keys().is_empty());
            run(&log, &script()[0]).unwrap();
            run(&log, &Step::Sync).unwrap();
            let elsewhere = SimDisk::dir();
            let image = disk.power_lost(disk.moment(), || false);
            image.move_dir(&dir, &elsewhere);
            assert_eq!(open(&image, &elsewhere).0.keys().len(), 2, "{errno} at call {call}");
        }
        // The searches for an unfinished file and for 4 old copies may fail, and the release of the
        // lock.
        assert_eq!(failures, calls_of_a_first_opening() - 6, "{errno}");
    }
}

#[test]
fn a_store_that_cannot_be_seen_is_not_a_new_one() {
    for fault in ERRNOS.map(Fault::Errno).into_iter().chain([Fault::Error(ErrorKind::StorageFull)]) {
        let (disk, dir) = (SimDisk::default(), SimDisk::dir());
        // As on Android before the first unlock: files are not found, and cannot be created.
        disk.break_down_changes(Some(fault));
        let error = open_on(disk.shared(), &dir, NOW).unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{fault:?}: {error}");
        disk.heal();
        assert!(disk.names().is_empty());
        open(&disk, &dir);
    }
}

#[test]
fn power_loss_during_the_first_opening_leaves_a_new_store() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    drop(open(&disk, &dir));
    for moment in 0..=disk.moment() {
        for choices in 0..64 {
            let mut next = 0;
            let image = disk.power_lost(moment, || {
                next += 1;
                choices >> (next - 1) & 1 == 1
            });
            let (log, report) = open(&image, &dir);
            assert!(is_clean(&report) && log.keys().is_empty(), "{moment}: {report:?}");
        }
    }
}
