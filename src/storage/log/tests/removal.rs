//! Removed keys and old copies of damaged files: what the files still hold of them.

use std::path::Path;

use super::super::LogStore;
use super::model::{Change, Dice, Model, NOW, Step, open, run};
use super::sim::SimDisk;
use crate::bounds::LOG_MAX_DAMAGED_COPY_AGE;

const SECRET: &str = "secret name";

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(SECRET.len()).any(|found| found == SECRET.as_bytes())
}

fn any_file_holds(disk: &SimDisk) -> bool {
    disk.names().iter().any(|path| disk.content(path).is_some_and(|bytes| holds(&bytes)))
}

fn put(key: &'static str, len: usize) -> Change {
    Change::Put(key, vec![3; len])
}

/// Runs steps that remove the secret key and then rewrite the file once.
fn run_steps(log: &LogStore, mut after: impl FnMut(&Step)) {
    let steps = [
        Step::Write(vec![put(SECRET, 90), put("a", 40), Change::Meta(vec![9; 20])]),
        Step::Sync,
        Step::Write(vec![put(SECRET, 70), put("b", 300)]),
        Step::Write(vec![Change::Delete(SECRET), put("a", 50)]),
        Step::Sync,
        Step::Compact,
        Step::Write(vec![put("c", 30)]),
        Step::Sync,
    ];
    for step in steps {
        run(log, &step).unwrap();
        after(&step);
    }
}

/// Opens a copy of the disk in another folder.
fn reopened(image: &SimDisk, dir: &Path) -> LogStore {
    let elsewhere = SimDisk::dir();
    image.move_dir(dir, &elsewhere);
    open(image, &elsewhere).0
}

#[test]
fn the_file_itself_says_after_a_kill_at_any_moment_whether_it_holds_a_removed_key() {
    let (disk, dir, mut dice) = (SimDisk::default(), SimDisk::dir(), Dice(0xE5A5E));
    let (log, _) = open(&disk, &dir);
    let (mut before, mut removed, mut rewritten, mut images) = (disk.moment(), false, false, 0);
    run_steps(&log, |step| {
        for moment in before..=disk.moment() {
            for combination in 0..40 {
                let image = disk.power_lost(moment, || match combination {
                    0 => false,
                    1 => true,
                    _ => dice.below(2) == 0,
                });
                let found = reopened(&image, &dir);
                let model = Model::of(&found);
                let is_live = model.values.contains_key(SECRET);
                assert!(!(removed && is_live), "a removal that was synced stays");
                if removed {
                    assert_eq!(
                        (model.values["b"].len(), model.values["a"].len()),
                        (300, 50),
                        "nothing else is lost"
                    );
                }
                if !is_live && !found.holds_removed() {
                    // What is left of an unfinished write is cut off by the next one.
                    run(&found, &Step::Write(vec![put("next", 1)])).unwrap();
                    assert!(!any_file_holds(&image), "{step:?} at {moment}, combination {combination}");
                }
                images += 1;
            }
        }
        before = disk.moment();
        removed |= matches!(step, Step::Sync) && log.holds_removed();
        rewritten |= matches!(step, Step::Compact);
        assert_eq!(log.holds_removed(), removed_now(&log, rewritten), "{step:?}");
        assert_eq!(rewritten, !any_file_holds(&disk), "{step:?}");
        if rewritten {
            let image = disk.power_lost(disk.moment(), || false);
            assert!(!any_file_holds(&image) && !reopened(&image, &dir).holds_removed());
        }
    });
    assert!(images > 500);
}

/// Whether the log must hold a removed key: the secret one was there and no longer is.
fn removed_now(log: &LogStore, rewritten: bool) -> bool {
    !rewritten && !log.contains(SECRET)
}

#[test]
fn a_removal_of_many_keys_is_rewritten_once() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    let keys = ["k1", "k2", "k3", "k4"];
    run(&log, &Step::Write(keys.map(|key| put(key, 9)).into())).unwrap();
    for key in keys {
        run(&log, &Step::Write(vec![Change::Delete(key)])).unwrap();
    }
    assert!(log.holds_removed());
    log.compact().unwrap();
    assert!(!log.holds_removed() && log.keys().is_empty());
}

#[test]
fn a_failed_rewrite_leaves_the_removal_due() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    run(&log, &Step::Write(vec![put(SECRET, 9), put("a", 9)])).unwrap();
    run(&log, &Step::Write(vec![Change::Delete(SECRET)])).unwrap();
    disk.break_down_changes(Some(super::fault::Fault::Error(std::io::ErrorKind::StorageFull)));
    log.compact().unwrap_err();
    assert!(log.holds_removed());
    disk.heal();
    log.compact().unwrap();
    assert!(!log.holds_removed() && !any_file_holds(&disk));
}

/// A log whose damaged file was copied, and the path of the copy.
fn copied() -> (SimDisk, std::path::PathBuf, std::path::PathBuf) {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    disk.put(&dir.join("events.log"), SECRET.repeat(9).as_bytes());
    let (log, report) = open(&disk, &dir);
    run(&log, &Step::Write(vec![put("a", 9)])).unwrap();
    let copy = report.kept_aside[0].clone();
    assert!(holds(&disk.content(&copy).unwrap()));
    (disk, dir, copy)
}

#[test]
fn copies_of_damaged_files_are_removed_on_request() {
    let (disk, dir, copy) = copied();
    let (log, _) = open(&disk, &dir);
    log.remove_copies().unwrap();
    assert!(disk.content(&copy).is_none());
    let image = disk.power_lost(disk.moment(), || false);
    assert!(!any_file_holds(&image), "power loss does not bring them back");
    log.remove_copies().unwrap();
}

#[test]
fn a_copy_of_a_damaged_file_that_is_older_than_30_days_is_removed_at_the_next_opening() {
    let limit = i64::try_from(LOG_MAX_DAMAGED_COPY_AGE).unwrap();
    for (age, stays) in [(0, true), (limit, true), (-limit, true), (limit + 1, false), (-limit - 1, false)] {
        let (disk, dir, copy) = copied();
        disk.set_modified(&copy, NOW - age);
        let (log, _) = open(&disk, &dir);
        assert_eq!(disk.content(&copy).is_some(), stays, "{age}");
        assert_eq!(log.keys(), ["a"]);
    }
}
