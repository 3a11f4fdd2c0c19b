//! Files that are malicious, or damaged with knowledge of the format.

use super::super::frame::{Frame, FrameKind, MARKER};
use super::super::header::Header;
use super::super::mark::Mark;
use super::model::{Change, Dice, Model, Step, front, open, run, script, write};
use super::sim::SimDisk;
use crate::bounds::{LOG_MAX_VALUE_BYTES, MAX_KEY_BYTES};

/// Opens `bytes` as a log, reads everything, writes to it and opens it again. Returns what was
/// read.
fn reopened(bytes: &[u8]) -> Model {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    disk.put(&dir.join("events.log"), bytes);
    let (log, _) = open(&disk, &dir);
    let found = Model::of(&log);
    write(&log, &[Change::Put("after", vec![1])]).unwrap();
    log.sync().unwrap();
    drop(log);
    let mut again = Model::of(&open(&disk, &dir).0);
    assert_eq!(again.values.remove("after"), Some(vec![1]));
    assert_eq!(again, found);
    found
}

#[test]
fn shuffled_repeated_and_missing_parts_create_no_value() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    let mut values = Vec::new();
    for step in script().iter().filter(|step| !matches!(step, Step::Compact)) {
        run(&log, step).unwrap();
        values.extend(Model::of(&log).values);
    }
    let good = disk.content(&dir.join("events.log")).unwrap();
    let mut dice = Dice(0xD1CE);
    for _ in 0..2000 {
        let mut bytes = good.clone();
        for _ in 0..=dice.below(3) {
            let mut at = || usize::try_from(dice.below(bytes.len() as u64)).unwrap();
            let (from, to, into) = (at(), at(), at());
            let piece = bytes[from.min(to)..from.max(to)].to_vec();
            match dice.below(4) {
                0 => _ = bytes.splice(into..into, piece),
                1 => _ = bytes.drain(from.min(to)..from.max(to)),
                2 => bytes[from.min(to)..from.max(to)].fill(0),
                _ => bytes.truncate(into),
            }
            if bytes.is_empty() {
                break;
            }
        }
        for value in reopened(&bytes).values {
            assert!(values.contains(&value), "{value:?}");
        }
    }
}

#[test]
fn random_bytes_contain_no_record() {
    let mut dice = Dice(0x0153);
    for round in 0..400 {
        let mut bytes = if round % 2 == 0 { front(Header { id: 5 }, 48) } else { Vec::new() };
        while dice.below(40) > 0 {
            match dice.below(3) {
                0 => bytes.extend_from_slice(&MARKER),
                1 => bytes.extend_from_slice(&dice.below(1 << 50).to_le_bytes()),
                _ => bytes.extend_from_slice(&[4, 0, 0, 0, 16, 0, 0, 0]),
            }
        }
        assert_eq!(reopened(&bytes), Model::default());
    }
}

#[test]
fn many_markers_and_large_lengths_are_read_in_one_pass() {
    let header = Header { id: 77 };
    let mut head = Vec::new();
    // A valid head with a length of 1 MiB; the next head follows instead of the value.
    let value = vec![0; 1 << 20];
    Frame { kind: FrameKind::Put, more: false, sequence: 0, key: "k", value: &value }
        .write_damaged(&mut head, header.seed())
        .unwrap();
    head.truncate(21);
    for piece in [&MARKER[..], &head, &[0xF9; 8]] {
        let mut bytes = front(header, 48);
        bytes.extend(piece.iter().cycle().take(3 << 20));
        let offset = bytes.len() as u64;
        Mark { offset, header }.write(&mut bytes, 1).unwrap();
        let (disk, dir) = (SimDisk::default(), SimDisk::dir());
        disk.put(&dir.join("events.log"), &bytes);
        let (log, report) = open(&disk, &dir);
        assert!(log.keys().is_empty() && report.kept_aside.len() == 1);
        assert!(report.lost_unknown);
    }
}

#[test]
fn a_log_stored_as_a_value_in_a_log_is_only_a_value() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    script().iter().for_each(|step| run(&log, step).unwrap());
    let inner = disk.content(&dir.join("events.log")).unwrap();
    write(&log, &[Change::Put("log", inner.clone())]).unwrap();
    log.sync().unwrap();
    let mut expected = Model::of(&log);
    drop(log);
    assert_eq!(Model::of(&open(&disk, &dir).0), expected);
    // If the head is damaged, the value is searched for frames. It contains earlier frames of this
    // file.
    disk.patch(&dir.join("events.log"), |bytes| bytes[inner.len() + 5] ^= 1);
    expected.values.remove("log");
    let (log, report) = open(&disk, &dir);
    assert_eq!((Model::of(&log), report.lost_unknown), (expected, true));
}

#[test]
fn the_longest_key_and_value_are_stored_and_longer_ones_rejected() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    let (key, value) = ("k".repeat(MAX_KEY_BYTES), vec![3; LOG_MAX_VALUE_BYTES]);
    let put = |key, value| log.write([super::super::Op::Put { key, value }].into_iter());
    put(&key, &value).unwrap();
    let too_long = ["k".repeat(MAX_KEY_BYTES + 1), "k".into()];
    for (key, value) in [(&too_long[0], &value[..1]), (&too_long[1], &[&value[..], &[1]].concat()[..])] {
        assert!(matches!(put(key, value), Err(crate::error::Error::Storage(_))));
    }
    drop(log);
    assert_eq!(open(&disk, &dir).0.load(&key).unwrap(), Some(value));
}
