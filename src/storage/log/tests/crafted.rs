//! Files built frame by frame, to say what no writer says.

use std::path::PathBuf;

use super::super::frame::{Frame, Kind};
use super::super::header::Header;
use super::super::mark::Mark;
use super::super::{LogStore, OpenReport};
use super::model::{is_clean, open};
use super::sim::SimDisk;

const HEADER: Header = Header { id: 0xC0FFEE };

enum Piece {
    /// A record of a key with a value of one byte: the sequence, the key, the byte, whether the batch goes on.
    Put(u32, &'static str, u8, bool),
    /// A mark: the sequence, and how much it calls safe; all before it, if nothing is said.
    Mark(u32, Option<u64>),
    Junk(&'static [u8]),
}
use Piece::{Junk, Put};

fn opened(pieces: &[Piece]) -> (SimDisk, PathBuf, LogStore, OpenReport) {
    let mut bytes = HEADER.to_bytes().to_vec();
    for piece in pieces {
        let end = bytes.len() as u64;
        match piece {
            Put(sequence, key, byte, more) => {
                Frame { kind: Kind::Put, more: *more, sequence: *sequence, key, value: &[*byte] }
                    .write(&mut bytes, HEADER.seed())
                    .unwrap();
            }
            Piece::Mark(sequence, safe) => {
                Mark { safe: safe.unwrap_or(end), header: HEADER }.write(&mut bytes, *sequence).unwrap();
            }
            Junk(junk) => bytes.extend_from_slice(junk),
        }
    }
    let (disk, dir) = (SimDisk::default(), SimDisk::dir());
    disk.put(&dir.join("events.log"), &bytes);
    let (log, report) = open(&disk, &dir);
    (disk, dir, log, report)
}

fn value(log: &LogStore, key: &str) -> Option<u8> {
    log.load(key).unwrap().map(|value| value[0])
}

#[test]
fn a_missing_number_below_a_mark_is_a_loss_of_unknown_extent() {
    let (.., log, report) = opened(&[Put(0, "a", 1, false), Put(2, "b", 2, false), Piece::Mark(3, None)]);
    assert!(report.lost_unknown && report.kept_aside.len() == 1);
    assert_eq!((value(&log, "a"), value(&log, "b")), (Some(1), Some(2)));
}

#[test]
fn a_missing_number_above_the_marks_ends_the_file() {
    let (.., log, report) = opened(&[Put(0, "a", 1, false), Put(2, "b", 2, false)]);
    assert!(is_clean(&report));
    assert_eq!((value(&log, "a"), value(&log, "b")), (Some(1), None));
}

#[test]
fn a_number_that_comes_twice_does_not_count_twice() {
    let twice = [Put(0, "a", 1, false), Put(1, "a", 2, false), Put(0, "a", 3, false)];
    let (.., log, report) = opened(&twice);
    assert!(is_clean(&report));
    assert_eq!(value(&log, "a"), Some(2));
    let [first, second, again] = twice;
    let (.., log, report) = opened(&[first, second, again, Piece::Mark(2, None)]);
    assert!(report.lost_unknown);
    assert_eq!(value(&log, "a"), Some(2));
}

#[test]
fn a_mark_that_calls_safe_what_comes_after_it_is_none() {
    let (.., log, report) =
        opened(&[Put(0, "a", 1, false), Junk(b"torn"), Put(1, "b", 2, false), Piece::Mark(2, Some(1 << 40))]);
    assert!(is_clean(&report));
    assert_eq!((value(&log, "a"), value(&log, "b")), (Some(1), None));
}

#[test]
fn a_mark_in_the_middle_of_a_batch_is_none() {
    let (.., log, report) = opened(&[Put(0, "a", 1, true), Piece::Mark(1, Some(24)), Put(2, "b", 2, false)]);
    assert!(is_clean(&report));
    assert!(log.keys().is_empty());
}

#[test]
fn a_batch_that_was_safe_counts_even_where_a_part_of_it_is_damaged() {
    let (.., log, report) =
        opened(&[Put(0, "a", 1, true), Junk(b"was b"), Put(2, "c", 3, false), Piece::Mark(3, None)]);
    assert!(report.lost_unknown);
    assert_eq!((value(&log, "a"), value(&log, "c")), (Some(1), Some(3)));
}

#[test]
fn what_lies_between_the_last_mark_and_its_length_is_not_taken_for_synced() {
    let (disk, .., log, _) = opened(&[Put(0, "a", 1, false), Piece::Mark(1, Some(24))]);
    let calls = disk.calls();
    log.sync().unwrap();
    assert!(disk.calls() > calls);
}
