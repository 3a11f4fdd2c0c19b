//! Reading what was written: complete, truncated, and with any bit flipped.

use std::path::PathBuf;

use super::super::header;
use super::super::synced_len::FIRST_FRAME;
use super::model::{Change, Model, Step, is_clean, open, run, script};
use super::sim::SimDisk;

/// The log after the script. `states` holds the length of the file and the content after each step.
struct Written {
    dir: PathBuf,
    bytes: Vec<u8>,
    states: Vec<(usize, Model)>,
    /// The synced length, and the content at that length.
    synced: (usize, Model),
}

fn written(steps: &[Step]) -> Written {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    let (mut model, mut states, mut synced) = (Model::default(), Vec::new(), (0, Model::default()));
    for step in steps {
        let before = usize::try_from(log.file_len()).unwrap();
        run(&log, step).unwrap();
        let len = usize::try_from(log.file_len()).unwrap();
        match step {
            Step::Write(changes) => model.apply(changes),
            Step::Sync => synced = (before, model.clone()),
            Step::Compact => panic!("a compaction starts a new file"),
        }
        states.push((len, model.clone()));
    }
    let bytes = disk.content(&dir.join("events.log")).unwrap();
    Written { dir, bytes, states, synced }
}

fn without_compaction() -> Vec<Step> {
    script().into_iter().filter(|step| !matches!(step, Step::Compact)).collect()
}

#[test]
fn the_next_store_reads_what_was_written() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let mut model = Model::default();
    for step in script() {
        let (log, report) = open(&disk, &dir);
        assert!(is_clean(&report), "{report:?}");
        assert_eq!(Model::of(&log), model);
        run(&log, &step).unwrap();
        if let Step::Write(changes) = &step {
            model.apply(changes);
        }
        assert_eq!(Model::of(&log), model);
        assert!(!log.contains("never there") && log.load("never there").unwrap().is_none());
    }
    assert_eq!(Model::of(&open(&disk, &dir).0), model);
}

#[test]
fn opening_creates_a_log_and_syncing_it_without_a_record_writes_nothing() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    for _ in 0..2 {
        let (log, report) = open(&disk, &dir);
        let moment = disk.moment();
        log.sync().unwrap();
        log.write(std::iter::empty()).unwrap();
        assert!(is_clean(&report) && log.keys().is_empty() && log.meta().is_none());
        assert_eq!((disk.names(), disk.moment()), (vec![dir.join("events.log")], moment));
    }
    let image = disk.power_lost(disk.moment(), || false);
    assert_eq!(image.content(&dir.join("events.log")).unwrap().len(), 88, "the header and a mark");
}

#[test]
fn a_second_sync_without_a_write_in_between_does_nothing() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    for steps in [&script()[..], &[Step::Sync]] {
        let (log, _) = open(&disk, &dir);
        steps.iter().for_each(|step| run(&log, step).unwrap());
        log.sync().unwrap();
        let calls = disk.calls();
        log.sync().unwrap();
        assert_eq!(disk.calls(), calls);
    }
    let (log, _) = open(&disk, &dir);
    let calls = disk.calls();
    log.sync().unwrap();
    assert_eq!(disk.calls(), calls, "a synced file needs no sync after it is opened");
}

#[test]
fn a_truncated_file_gives_a_state_that_was_written_or_a_loss() {
    let written = written(&without_compaction());
    for len in 0..=written.bytes.len() {
        let disk = SimDisk::default();
        disk.put(&written.dir.join("events.log"), &written.bytes[..len]);
        let (log, report) = open(&disk, &written.dir);
        let expected = written.states.iter().rev().find(|(end, _)| *end <= len);
        if len < written.synced.0 {
            assert!(report.lost_unknown, "{len}: {report:?}");
            assert_eq!(report.kept_aside.len(), usize::from(len > 0), "{len}");
            for (key, value) in Model::of(&log).values {
                let known = |model: &Model| model.values.get(&key) == Some(&value);
                assert!(written.states.iter().any(|(_, model)| known(model)), "{len}: {key}");
            }
        } else {
            assert!(is_clean(&report), "{len}: {report:?}");
            let expected = expected.map_or(&written.synced.1, |(_, model)| model);
            assert_eq!(Model::of(&log), *expected, "{len}");
        }
        run(&log, &Step::Write(vec![Change::Put("new", vec![1])])).unwrap();
        drop(log);
        let (log, report) = open(&disk, &written.dir);
        assert!(is_clean(&report), "{len}: {report:?}");
        assert_eq!(log.load("new").unwrap(), Some(vec![1]));
        assert_eq!(log.keys().len(), Model::of(&log).values.len());
    }
}

#[test]
fn a_flipped_bit_never_gives_a_wrong_value_or_an_unreported_loss() {
    let written = written(&without_compaction());
    let (synced, model) = &written.synced;
    let every: Vec<&Model> = written.states.iter().map(|(_, model)| model).collect();
    for bit in 0..written.bytes.len() * 8 {
        let mut bytes = written.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let disk = SimDisk::default();
        disk.put(&written.dir.join("events.log"), &bytes);
        let (log, report) = open(&disk, &written.dir);
        let found = Model::of(&log);
        for (key, value) in &found.values {
            assert!(every.iter().any(|model| model.values.get(key) == Some(value)), "{bit}: {key}");
        }
        if report.lost_unknown {
            continue;
        }
        // One copy of the synced length is left.
        let is_front = (header::LEN..FIRST_FRAME).contains(&(bit / 8));
        // If the damaged keys are known, all other values are unchanged.
        if bit / 8 < *synced && !is_front {
            let last = &written.states[written.states.len() - 1].1;
            for (key, value) in &last.values {
                assert!(report.lost.contains(key) || found.values.get(key) == Some(value), "{bit}: {key}");
            }
            assert_eq!(found.meta, last.meta, "{bit}");
            assert_eq!(report.kept_aside.len(), 1, "{bit}");
        } else {
            assert!(is_clean(&report), "{bit}: {report:?}");
            assert!(every.contains(&&found), "{bit}");
            assert!(
                found == *model || written.states.iter().any(|(end, state)| end > synced && *state == found)
            );
        }
    }
}
