//! Files built frame by frame, with content that the log itself never writes.

use std::path::PathBuf;

use super::super::frame::{Frame, FrameKind};
use super::super::header::Header;
use super::super::mark::Mark;
use super::super::synced_len::FIRST_FRAME;
use super::super::{LogStore, OpenReport};
use super::model::{front, is_clean, open};
use super::sim::SimDisk;

const HEADER: Header = Header { id: 0xC0FFEE };

enum Piece {
    /// A record with a value of one byte: the sequence number, the key, the byte, and whether the
    /// batch continues.
    Put(u32, &'static str, u8, bool),
    /// A mark: the sequence number, and the offset that it contains if that is not its own.
    Mark(u32, Option<u64>),
    Junk(&'static [u8]),
}
use Piece::{Junk, Put};

fn opened(pieces: &[Piece]) -> (SimDisk, PathBuf, LogStore, OpenReport) {
    let mut bytes = front(HEADER, FIRST_FRAME as u64);
    for piece in pieces {
        let end = bytes.len() as u64;
        match piece {
            Put(sequence, key, byte, more) => {
                Frame { kind: FrameKind::Put, more: *more, sequence: *sequence, key, value: &[*byte] }
                    .write(&mut bytes, HEADER.seed())
                    .unwrap();
            }
            Piece::Mark(sequence, offset) => {
                Mark { offset: offset.unwrap_or(end), header: HEADER }.write(&mut bytes, *sequence).unwrap();
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
fn a_missing_sequence_number_below_a_mark_is_a_loss_of_unknown_keys() {
    let (.., log, report) = opened(&[Put(0, "a", 1, false), Put(2, "b", 2, false), Piece::Mark(3, None)]);
    assert!(report.lost_unknown && report.kept_aside.len() == 1);
    assert_eq!((value(&log, "a"), value(&log, "b")), (Some(1), Some(2)));
}

#[test]
fn a_missing_sequence_number_above_the_marks_ends_the_file() {
    let (.., log, report) = opened(&[Put(0, "a", 1, false), Put(2, "b", 2, false)]);
    assert!(is_clean(&report));
    assert_eq!((value(&log, "a"), value(&log, "b")), (Some(1), None));
}

#[test]
fn a_repeated_sequence_number_is_not_applied() {
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
fn a_mark_in_a_wrong_place_proves_damage() {
    for offset in [24, 49, 1 << 40] {
        let (.., log, report) = opened(&[
            Put(0, "a", 1, false),
            Junk(b"torn"),
            Put(1, "b", 2, false),
            Piece::Mark(2, Some(offset)),
            Put(3, "c", 3, false),
        ]);
        assert!(report.lost_unknown && report.kept_aside.len() == 1);
        assert_eq!(["a", "b", "c"].map(|key| value(&log, key)), [Some(1), Some(2), Some(3)]);
    }
}

#[test]
fn a_mark_in_the_middle_of_a_batch_proves_damage() {
    let (.., log, report) =
        opened(&[Put(0, "a", 1, true), Piece::Mark(1, None), Put(2, "b", 2, false), Junk(b"torn")]);
    assert_eq!(report.kept_aside.len(), 1);
    assert_eq!(["a", "b"].map(|key| value(&log, key)), [Some(1), Some(2)]);
}

#[test]
fn a_synced_batch_counts_even_if_a_part_of_it_is_damaged() {
    let (.., log, report) =
        opened(&[Put(0, "a", 1, true), Junk(b"was b"), Put(2, "c", 3, false), Piece::Mark(3, None)]);
    assert!(report.lost_unknown);
    assert_eq!((value(&log, "a"), value(&log, "c")), (Some(1), Some(3)));
}

#[test]
fn a_record_that_was_moved_behind_a_later_one_does_not_replace_it() {
    let (.., log, report) = opened(&[
        Put(0, "a", 1, false),
        Put(3, "a", 4, false),
        Put(1, "a", 2, false),
        Put(2, "b", 3, false),
        Piece::Mark(4, None),
    ]);
    assert!(report.lost_unknown);
    assert_eq!((value(&log, "a"), value(&log, "b")), (Some(4), Some(3)));
}
