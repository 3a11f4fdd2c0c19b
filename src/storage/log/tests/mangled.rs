//! Every way in which bytes, frames and sectors of a file can change. After each, either nothing
//! synced is missing or a loss is reported.

use std::ops::Range;

use super::super::frame::Head;
use super::super::header::{self, HeaderState};
use super::super::synced_len::FIRST_FRAME;
use super::model::{Change, Model, front, is_clean, open, write};
use super::sim::SimDisk;

const EVENTS: [&str; 20] =
    ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t"];

/// A log with 20 events in batches of one to three frames, each synced.
struct Log {
    bytes: Vec<u8>,
    model: Model,
    /// The bytes after each sync but the last.
    older: Vec<Vec<u8>>,
}

fn new_log() -> Log {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let (log, _) = open(&disk, &dir);
    let (mut model, mut older) = (Model::default(), Vec::new());
    for (number, event) in (1_u8..).zip(EVENTS) {
        let mut batch = vec![Change::Put(event, vec![number; usize::from(number) * 3])];
        if number % 2 == 0 {
            batch.push(Change::Meta(vec![number; 30]));
        }
        if number % 5 == 0 {
            batch.push(Change::Put("a", vec![number; 12]));
        }
        write(&log, &batch).unwrap();
        model.apply(&batch);
        log.sync().unwrap();
        older.push(disk.content(&dir.join("events.log")).unwrap());
    }
    Log { bytes: older.pop().unwrap(), model, older }
}

/// The frames of a log.
fn frames(bytes: &[u8]) -> Vec<Range<usize>> {
    let HeaderState::Valid(header) = header::read(bytes) else { panic!("no header") };
    let mut frames: Vec<Range<usize>> = Vec::new();
    let mut at = FIRST_FRAME;
    while let Some((head, _)) = Head::read(&bytes[at..], header.seed()) {
        frames.push(at..at + head.frame_len());
        at += head.frame_len();
    }
    assert_eq!(at, bytes.len());
    frames
}

/// Opens `bytes` as a log, and checks that what is missing is reported, that a copy is kept then,
/// and that the first write changes nothing else. Returns what was read, and whether a loss is
/// reported.
fn check(bytes: &[u8], expected: &Model, how: &str) -> (Model, bool) {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let path = dir.join("events.log");
    disk.put(&path, bytes);
    let (log, report) = open(&disk, &dir);
    let found = Model::of(&log);
    for (key, value) in &expected.values {
        let is_reported = report.lost_unknown || report.lost.contains(key);
        assert!(is_reported || found.values.get(key) == Some(value), "{how}: {key} is missing");
    }
    assert!(report.lost_unknown || found.meta == expected.meta, "{how}: the metadata is missing");
    let is_loss = report.lost_unknown || !report.lost.is_empty();
    assert!(!is_loss || bytes.is_empty() || !report.kept_aside.is_empty(), "{how}: no copy was kept");
    write(&log, &[Change::Put("after", vec![1])]).unwrap();
    drop(log);
    let (log, again) = open(&disk, &dir);
    assert!(is_clean(&again), "{how}: {again:?}");
    let mut after = Model::of(&log);
    after.values.remove("after");
    assert_eq!(after, found, "{how}");
    (found, is_loss)
}

#[test]
fn truncated_files() {
    let log = new_log();
    // The last mark is not synced.
    let synced = log.bytes.len() - 40;
    for len in 0..log.bytes.len() {
        let (_, is_loss) = check(&log.bytes[..len], &log.model, &format!("truncated to {len}"));
        assert_eq!(is_loss, len < synced, "truncated to {len}");
    }
}

#[test]
fn flipped_bits() {
    let log = new_log();
    for bit in 0..log.bytes.len() * 8 {
        let mut bytes = log.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        check(&bytes, &log.model, &format!("bit {bit} flipped"));
    }
}

#[test]
fn removed_and_inserted_bytes() {
    let log = new_log();
    for at in 0..log.bytes.len() {
        for len in [1, 2, 7, 40, 100, 512] {
            let end = (at + len).min(log.bytes.len());
            let removed = [&log.bytes[..at], &log.bytes[end..]].concat();
            check(&removed, &log.model, &format!("{len} bytes removed at {at}"));
            let zeros = vec![0; len];
            let inserted = [&log.bytes[..at], &zeros, &log.bytes[at..]].concat();
            let (found, _) = check(&inserted, &log.model, &format!("{len} bytes inserted at {at}"));
            assert!(found.values.len() >= EVENTS.len() - 1, "{len} bytes inserted at {at}");
            let zeroed = [&log.bytes[..at], &zeros[..end - at], &log.bytes[end..]].concat();
            check(&zeroed, &log.model, &format!("{len} bytes zeroed at {at}"));
        }
    }
}

#[test]
fn removed_moved_swapped_and_repeated_frames() {
    let log = new_log();
    let frames = frames(&log.bytes);
    let file = |order: &[usize]| {
        let mut bytes = log.bytes[..FIRST_FRAME].to_vec();
        order.iter().for_each(|frame| bytes.extend_from_slice(&log.bytes[frames[*frame].clone()]));
        bytes
    };
    let whole: Vec<usize> = (0..frames.len()).collect();
    assert_eq!(file(&whole), log.bytes);
    for first in 0..frames.len() {
        let mut removed = whole.clone();
        removed.remove(first);
        let (found, _) = check(&file(&removed), &log.model, &format!("frame {first} removed"));
        let missing = EVENTS.iter().filter(|event| !found.values.contains_key(**event)).count();
        assert!(missing <= 1, "without frame {first}, {missing} events are missing");
        for second in 0..=frames.len() {
            let mut repeated = whole.clone();
            repeated.insert(second, first);
            let (found, _) = check(&file(&repeated), &log.model, &format!("{first} repeated at {second}"));
            assert_eq!(found, log.model, "frame {first} repeated at {second}");
            // Behind the last mark only whole batches in their order count.
            let is_behind = |place: usize| place >= frames.len() - 1;
            let mut moved = removed.clone();
            moved.insert(second.min(removed.len()), first);
            let (found, _) = check(&file(&moved), &log.model, &format!("{first} moved to {second}"));
            assert!(
                found == log.model || is_behind(first) || is_behind(second),
                "frame {first} moved to {second}"
            );
            let mut swapped = whole.clone();
            swapped.swap(first, second.min(whole.len() - 1));
            let (found, _) = check(&file(&swapped), &log.model, &format!("{first} swapped with {second}"));
            assert!(
                found == log.model || is_behind(first) || is_behind(second),
                "frame {first} swapped with {second}"
            );
        }
    }
}

#[test]
fn sectors_of_other_and_older_files() {
    let (log, other) = (new_log(), new_log());
    let mut sources = log.older.clone();
    sources.extend([other.bytes, vec![0; log.bytes.len()], vec![0xFF; log.bytes.len()]]);
    for (number, source) in sources.iter().enumerate() {
        for sector in [64, 512, 4096] {
            for at in (0..log.bytes.len()).step_by(sector) {
                let end = (at + sector).min(log.bytes.len());
                // A whole file that is an older or another log cannot be told from the right one.
                if end - at == log.bytes.len() && number < log.older.len() + 1 {
                    continue;
                }
                let mut bytes = log.bytes.clone();
                for (i, byte) in bytes[at..end].iter_mut().enumerate() {
                    *byte = source.get(at + i).copied().unwrap_or(0);
                }
                check(&bytes, &log.model, &format!("{sector} bytes of {number} at {at}"));
            }
        }
    }
}

#[test]
fn the_header_of_another_log_in_front_of_the_frames() {
    let (log, other) = (new_log(), new_log());
    let HeaderState::Valid(header) = header::read(&other.bytes) else { panic!("no header") };
    for front in [
        &other.bytes[..24],
        &other.bytes[..FIRST_FRAME],
        &front(header, FIRST_FRAME as u64),
        &other.older[0],
        &[0; 24],
        &[0; FIRST_FRAME],
    ] {
        let mut bytes = log.bytes.clone();
        bytes[..front.len()].copy_from_slice(front);
        let (found, _) = check(&bytes, &log.model, "another header");
        assert!(found.values.len() >= EVENTS.len() - 2, "the marks contain the id of the frames");
    }
}

#[test]
fn the_header_of_another_log_in_front_of_frames_without_marks() {
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    let path = dir.join("events.log");
    drop(open(&disk, &dir));
    let front_of_another = disk.content(&path).unwrap();
    disk.put(&path, &new_log().older[0]);
    let (log, _) = open(&disk, &dir);
    for event in EVENTS {
        write(&log, &[Change::Put(event, vec![1; 20])]).unwrap();
    }
    drop(log);
    let bytes = disk.content(&path).unwrap();
    let unsynced = &bytes[bytes.len() - EVENTS.len() * 45..];
    for front in [&front_of_another[..FIRST_FRAME], &front_of_another[..]] {
        disk.put(&path, &[front, unsynced].concat());
        let (_, report) = open(&disk, &dir);
        let cut_frames_are_kept = report.lost_unknown && report.kept_aside.len() == 1;
        assert_eq!(cut_frames_are_kept, front.len() == FIRST_FRAME);
    }
}

#[test]
fn the_whole_file_of_another_log_behind_a_part_of_this_one() {
    let (log, other) = (new_log(), new_log());
    for frame in frames(&log.bytes) {
        let bytes = [&log.bytes[..frame.end], &other.bytes].concat();
        check(&bytes, &log.model, &format!("another log at {}", frame.end));
        let bytes = [&other.bytes[..], &log.bytes[frame.start..]].concat();
        let (found, is_loss) = check(&bytes, &other.model, &format!("another log before {}", frame.start));
        assert!(is_loss || found == other.model);
    }
}
