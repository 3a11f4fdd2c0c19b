//! Failures of file system calls: each call once in every way, all calls for a while, and at
//! random.

use std::io::ErrorKind;
use std::path::Path;

use super::super::open::open_on;
use super::fault::Fault;
use super::model::{Dice, Model, NOW, Step, is_clean, open, run, script};
use super::sim::SimDisk;

const FAULTS: [Fault; 6] = [
    Fault::Error(ErrorKind::Other),
    Fault::Error(ErrorKind::StorageFull),
    Fault::Error(ErrorKind::Interrupted),
    Fault::Short,
    Fault::HalfThenError,
    Fault::DoneThenError,
];

/// What a store with failures may contain.
struct Expected {
    /// All acknowledged batches.
    acknowledged: Model,
    /// The same with one of the batches that failed later: a failed batch is there as a whole or
    /// not at all.
    failed: Vec<Model>,
    /// The possible contents after power loss.
    after_power_loss: Vec<Model>,
}

impl Expected {
    fn new() -> Expected {
        let acknowledged = Model::default();
        Expected { after_power_loss: vec![acknowledged.clone()], acknowledged, failed: Vec::new() }
    }

    /// Runs a step and updates the expectation. Returns whether the step succeeded.
    fn run(&mut self, log: &super::super::LogStore, step: &Step) -> bool {
        let done = run(log, step).is_ok();
        match step {
            Step::Write(changes) => {
                let mut model = self.acknowledged.clone();
                model.apply(changes);
                self.after_power_loss.push(model.clone());
                if done {
                    (self.acknowledged, self.failed) = (model, Vec::new());
                } else {
                    self.failed.push(model);
                }
            }
            Step::Sync | Step::Compact if done => {
                self.after_power_loss = vec![self.acknowledged.clone()];
                self.after_power_loss.extend(self.failed.clone());
            }
            Step::Sync | Step::Compact => {}
        }
        done
    }

    fn check(&self, disk: &SimDisk, dir: &Path, dice: &mut Dice, what: &str) {
        let found = found(disk.killed(), dir, what);
        assert!(found == self.acknowledged || self.failed.contains(&found), "{what}: {found:?}");
        for combination in 0..4 {
            let image = disk.power_lost(disk.moment(), || match combination {
                0 => false,
                1 => true,
                _ => dice.below(2) == 0,
            });
            let found = self::found(image, dir, what);
            assert!(self.after_power_loss.contains(&found), "{what}, combination {combination}: {found:?}");
        }
    }
}

fn found(image: SimDisk, dir: &Path, what: &str) -> Model {
    let elsewhere = SimDisk::dir();
    image.move_dir(dir, &elsewhere);
    let (log, report) = open(&image, &elsewhere);
    assert!(is_clean(&report), "{what}: {report:?}");
    Model::of(&log)
}

#[test]
fn if_any_call_fails_no_acknowledged_batch_is_lost_and_the_next_step_succeeds() {
    let mut dice = Dice(0xFA17);
    for fault in FAULTS {
        for call in 0.. {
            let (disk, dir) = (SimDisk::default(), SimDisk::dir());
            disk.fail_at(call, fault);
            let Ok((log, _)) = open_on(disk.shared(), &dir, NOW) else {
                continue;
            };
            let mut expected = Expected::new();
            let mut failures = 0;
            for step in script() {
                let done = expected.run(&log, &step);
                let what = format!("{fault:?} at call {call}, after {step:?}");
                failures += usize::from(!done);
                assert!(failures <= 1, "{what}: a second failure");
                if !done {
                    expected.check(&disk, &dir, &mut dice, &what);
                    assert!(expected.run(&log, &step), "{what}: trying again");
                }
                expected.check(&disk, &dir, &mut dice, &what);
            }
            let all_tried = disk.calls() <= call;
            disk.heal();
            assert_eq!(Model::of(&log), expected.acknowledged, "{fault:?} at call {call}");
            if all_tried {
                break;
            }
        }
    }
}

#[test]
fn a_disk_that_fails_for_a_while_loses_no_acknowledged_batch() {
    let mut dice = Dice(0xBAD);
    for fault in FAULTS
        .into_iter()
        .filter(|fault| !matches!(fault, Fault::Short | Fault::Error(ErrorKind::Interrupted)))
    {
        for from in 0..script().len() {
            for len in 1..4 {
                let (disk, dir) = (SimDisk::default(), SimDisk::dir());
                let (log, _) = open(&disk, &dir);
                let mut expected = Expected::new();
                for (i, step) in script().iter().enumerate() {
                    let bad = (from..from + len).contains(&i);
                    disk.break_down(bad.then_some(fault));
                    let done = expected.run(&log, step);
                    let what = format!("{fault:?} from {from} for {len}, after {i}");
                    assert!(done || bad, "{what}");
                    expected.check(&disk, &dir, &mut dice, &what);
                }
                disk.heal();
                assert_eq!(Model::of(&log), expected.acknowledged);
            }
        }
    }
}

#[test]
fn a_disk_that_fails_at_random_loses_no_acknowledged_batch() {
    let mut dice = Dice(0x0DD5);
    for seed in 1..200 {
        let (disk, dir) = (SimDisk::default(), SimDisk::dir());
        let (log, _) = open(&disk, &dir);
        let mut expected = Expected::new();
        let fault = FAULTS[usize::try_from(seed).unwrap() % FAULTS.len()];
        disk.fail_at_random(2 + seed % 9, fault, seed * 0x9E37_79B9);
        for (i, step) in script().iter().chain(&script()).enumerate() {
            expected.run(&log, step);
            expected.check(&disk, &dir, &mut dice, &format!("{fault:?}, seed {seed}, after {i}"));
        }
        disk.heal();
        assert_eq!(Model::of(&log), expected.acknowledged);
        run(&log, &Step::Sync).unwrap();
        let image = disk.power_lost(disk.moment(), || false);
        assert_eq!(found(image, &dir, "at the end"), expected.acknowledged);
    }
}

#[test]
fn a_failed_compaction_leaves_the_file_unchanged_and_writable() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    run(&log, &script()[0]).unwrap();
    // The calls of a compaction are: lock, inspect the file, read its header, remove an unfinished
    // file, create the new file, read the old one, write the new one.
    for call in [4, 5, 6] {
        disk.fail_at(call, Fault::HalfThenError);
        log.compact().unwrap_err();
        assert_eq!(disk.names(), [dir.join("events.log")], "{call}");
    }
    let calls = disk.calls();
    run(&log, &script()[1]).unwrap();
    assert_eq!(disk.calls() - calls, 5, "lock, inspect, read the header, write, unlock");
}

#[test]
fn a_failed_sync_rewrites_the_file() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    run(&log, &script()[0]).unwrap();
    run(&log, &script()[1]).unwrap();
    let before = disk.content(&dir.join("events.log")).unwrap();
    // The calls of a sync are: lock, inspect the file, read its header, sync.
    disk.fail_at(3, Fault::Error(ErrorKind::Other));
    log.sync().unwrap();
    let after = disk.content(&dir.join("events.log")).unwrap();
    assert_ne!(before[..24], after[..24], "the file is a new one");
    let expected = Model::of(&log);
    let image = disk.power_lost(disk.moment(), || false);
    assert_eq!(found(image, &dir, "after a failed sync"), expected);
}

#[test]
fn a_file_that_cannot_be_opened_is_never_an_empty_store() {
    use crate::error::Error;
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    run(&open(&disk, &dir).0, &script()[0]).unwrap();
    let calls = {
        let before = disk.calls();
        drop(open(&disk, &dir));
        disk.calls() - before
    };
    for fault in [
        Fault::Error(ErrorKind::PermissionDenied),
        Fault::Error(ErrorKind::Other),
        Fault::Errno(5),
        Fault::Errno(126),
    ] {
        // The first calls look for an unfinished file and 4 old copies; their failure is ignored.
        for call in 5..calls {
            disk.heal();
            disk.fail_at(call, fault);
            let error = open_on(disk.shared(), &dir, NOW).unwrap_err();
            assert!(matches!(error, Error::Unavailable { .. }), "{fault:?}: {error}");
        }
    }
    disk.heal();
    assert_eq!(open(&disk, &dir).0.keys().len(), 2, "the next opening finds all events");
}
