//! Cells with extreme times and very many buckets: what is merged can be stored, read and exported
//! again.

use super::message::{Cell, varint};
use super::{Peers, cell, event, greatest, lane, survives};

const LATEST: i64 = 253_402_300_799_999;

fn signed(n: i64, out: &mut Vec<u8>) {
    varint(((n << 1) ^ (n >> 63)) as u64, out);
}

/// The seen times of a cell, its shift, and its lifetime.
fn times(first: i64, last: i64, ahead: Option<i64>, shift: i64, lifetime: u64) -> Vec<u8> {
    let mut body = vec![1 | u8::from(ahead.is_some()) << 1 | u8::from(shift != 0) << 3];
    signed(last, &mut body);
    varint((last - first) as u64, &mut body);
    ahead.into_iter().for_each(|ahead| varint((ahead - last) as u64, &mut body));
    if shift != 0 {
        signed(shift, &mut body);
    }
    varint(lifetime, &mut body);
    body
}

fn version(stamp: u64, body: Vec<u8>) -> Cell {
    Cell { body, stamp: (stamp, 9), ..cell(lane(0), (5, 9)) }
}

/// Merges versions of one cell, and asserts that the own count survives a reopening.
fn keep_own_counts(versions: &[Vec<u8>]) {
    let mut peers = Peers::new();
    for (stamp, body) in (5..).zip(versions) {
        let _ = peers.stores[0].merge_bytes(&event("life", vec![version(stamp, body.clone())]).bytes());
    }
    peers.stores[0].persist().unwrap();
    peers.reopen();
    assert!(peers.stores[0].query("life").lifetime().unwrap() >= 6);
    peers.stores[0].export_bytes().unwrap();
    peers.stores[0].knowledge().unwrap();
    assert!(peers.stores[0].health().losses.is_empty());
}

#[test]
fn an_ahead_time_that_the_shift_moves_behind_the_last_instant_is_refused() {
    let body = times(0, 0, Some(LATEST), 86_400_000, 1);
    survives(|_| event("life", vec![version(5, body.clone())]));
    keep_own_counts(&[body]);
}

#[test]
fn versions_with_other_shifts_join_to_a_cell_that_can_be_read() {
    let versions = [times(-60_000_000_000_000, 0, None, 0, 3), times(0, 9, None, -60_000_000_000_000, 2)];
    keep_own_counts(&versions);
    let versions = [times(0, LATEST, None, 0, 3), times(0, 9, None, 60_000_000_000_000, 2)];
    keep_own_counts(&versions);
}

#[test]
fn versions_with_other_buckets_join_to_a_cell_that_can_be_read() {
    // Buckets of seconds, every second one.
    let version = |newest: i64| {
        let older = 200_000;
        let mut body = times(0, newest * 1_000, None, 0, 1);
        body.push(0);
        varint(100_000, &mut body);
        signed(newest, &mut body);
        varint(1, &mut body);
        varint(older, &mut body);
        body.extend(std::iter::repeat_n(4, older as usize));
        body
    };
    keep_own_counts(&[version(2_000_000), version(2_000_001)]);
}

#[test]
fn the_greatest_numbers_of_a_cell_are_merged_as_they_are_sent() {
    let peers = Peers::new();
    let report = peers.merge(0, &event("new", vec![version(5, greatest())])).unwrap();
    assert_eq!((report.events_changed, report.refused), (1, 0));
    let store = &peers.stores[0];
    assert_eq!(store.query("new").lifetime(), Some(u64::MAX));
    let counter = store.export_all().unwrap().remove("new").unwrap();
    assert_eq!(counter.units(), [tiny_counter::TimeUnit::Days], "the bucket came too");
}
