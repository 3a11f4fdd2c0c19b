//! The remains of a failed batch must not appear among the records of the next one.

use std::path::Path;

use super::fault::Fault;
use super::model::{Change, Model, is_clean, open, write};
use super::sim::SimDisk;

/// Two frames of two sectors each, so that power loss can remove either as a whole.
fn batch(byte: u8) -> [Change; 2] {
    [Change::Put("one", vec![byte; 101]), Change::Put("two", vec![byte; 101])]
}

/// Every state that power loss can leave: one for each combination of unsynced sectors.
fn after_power_loss(disk: &SimDisk, dir: &Path) -> Vec<Model> {
    let mut choices = 0;
    drop(disk.power_lost(disk.moment(), || {
        choices += 1;
        true
    }));
    assert!((1..14).contains(&choices), "{choices}");
    let image_of = |chosen: u32| {
        let mut next = 0;
        let image = disk.power_lost(disk.moment(), || {
            next += 1;
            chosen & (1 << (next - 1)) != 0
        });
        let elsewhere = SimDisk::dir();
        image.move_dir(dir, &elsewhere);
        let (log, report) = open(&image, &elsewhere);
        assert!(is_clean(&report), "{chosen:b}: {report:?}");
        Model::of(&log)
    };
    (0..1 << choices).map(image_of).collect()
}

fn after(batches: &[u8]) -> Model {
    let mut model = Model::default();
    batches.iter().for_each(|byte| model.apply(&batch(*byte)));
    model
}

#[test]
fn a_torn_batch_found_at_opening_never_mixes_with_the_next_batch() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    write(&log, &batch(1)).unwrap();
    log.sync().unwrap();
    write(&log, &batch(2)).unwrap();
    drop(log);
    // The end of the batch is missing at the next start.
    disk.patch(&dir.join("events.log"), |bytes| {
        let len = bytes.len();
        bytes[len - 20..].fill(0);
    });
    let (log, _) = open(&disk, &dir);
    assert_eq!(Model::of(&log), after(&[1]));
    write(&log, &batch(3)).unwrap();
    for found in after_power_loss(&disk, &dir) {
        assert!(found == after(&[1]) || found == after(&[3]), "{found:?}");
    }
}

#[test]
fn a_partly_written_batch_never_mixes_with_the_next_batch() {
    for fault in [Fault::HalfThenError, Fault::DoneThenError] {
        let (disk, dir) = (SimDisk::default(), SimDisk::dir());
        let (log, _) = open(&disk, &dir);
        write(&log, &batch(1)).unwrap();
        log.sync().unwrap();
        // The calls of a write are: lock, inspect the file, write.
        disk.fail_at(2, fault);
        write(&log, &batch(2)).unwrap_err();
        assert_eq!(Model::of(&log), after(&[1]));
        write(&log, &batch(3)).unwrap();
        for found in after_power_loss(&disk, &dir) {
            assert!(found == after(&[1]) || found == after(&[3]), "{fault:?}: {found:?}");
        }
    }
}

#[test]
fn a_sync_after_a_restart_covers_earlier_writes() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    write(&log, &batch(1)).unwrap();
    write(&log, &batch(2)).unwrap();
    drop(log);
    let (log, _) = open(&disk, &dir);
    log.sync().unwrap();
    assert!(with_only_synced_data(&disk, &dir) == after(&[2]));
}

#[test]
fn the_next_sync_repeats_a_failed_sync_of_the_folder() {
    for call in 0.. {
        let (disk, dir) = (SimDisk::default(), SimDisk::dir());
        let (log, _) = open(&disk, &dir);
        let before = disk.calls();
        disk.fail_at(call, Fault::Error(std::io::ErrorKind::Other));
        let written = write(&log, &batch(1));
        let all_tried = disk.calls() <= before + call;
        disk.heal();
        if written.is_ok() {
            log.sync().unwrap();
            assert_eq!(with_only_synced_data(&disk, &dir), after(&[1]), "{call}");
        }
        if all_tried {
            break;
        }
    }
}

fn with_only_synced_data(disk: &SimDisk, dir: &Path) -> Model {
    let image = disk.power_lost(disk.moment(), || false);
    let elsewhere = SimDisk::dir();
    image.move_dir(dir, &elsewhere);
    Model::of(&open(&image, &elsewhere).0)
}
