//! Messages that are large in one way. Merging them and what follows takes time near linear in
//! their size. If each cell were compared with each other one, it would take minutes.

use std::time::{Duration, Instant};

use super::common::stores::{clock, in_memory};
use super::message::{Cell, Message, Part, upto, varint};
use super::{cell, event, lane};
use tiny_counter::Clock as _;

/// Some minutes less than what is not linear takes here, and much more than the rest.
const LONG: Duration = Duration::from_secs(60);

fn within<R>(what: &str, work: impl FnOnce() -> R) -> R {
    let started = Instant::now();
    let done = work();
    assert!(started.elapsed() < LONG, "{what} took {:?}", started.elapsed());
    done
}

#[test]
fn very_many_cells_of_one_event_that_replace_others_are_merged() {
    let store = in_memory(&clock());
    let replacing = |at: u64| Cell { replaced: vec![(lane(1), (at, 9), true)], ..cell(lane(0), (at, 9)) };
    let bytes = event("x", (1..=60_000).map(replacing).collect()).bytes();
    let report = within("merging them", || store.merge_bytes(&bytes).unwrap());
    assert_eq!((report.events_changed, report.refused), (1, 0));
    within("merging them again", || store.merge_bytes(&bytes).unwrap());
    assert_eq!(store.query("x").lifetime(), Some(60_000));
}

#[test]
fn very_many_cells_of_one_event_that_lie_ahead_are_merged() {
    let clock = clock();
    let store = in_memory(&clock);
    let mut body = vec![1];
    varint(2 * (clock.now().timestamp_millis() as u64 + 100_000_000), &mut body);
    body.extend([0, 1]);
    let ahead = |at: u64| Cell { body: body.clone(), ..cell(lane(0), (at, 9)) };
    let message = |cells: u64| event("x", (1..=cells).map(ahead).collect()).bytes();
    within("merging them", || store.merge_bytes(&message(90_000)).unwrap());
    let report = within("merging one more", || store.merge_bytes(&message(90_001)).unwrap());
    assert_eq!((report.events_changed, report.refused), (1, 0));
    assert_eq!(store.query("x").lifetime(), Some(90_001));
}

#[test]
fn a_sync_with_very_many_conflicting_copies_leaves_out_what_both_have() {
    let [store, other] = [in_memory(&clock()), in_memory(&clock())];
    let forked = |at| Part { lane: lane(at), is_forked: true, claim: upto(1), ..Part::default() };
    let cells = (1..=100_000).map(|at| cell(lane(7), (at, 9))).collect();
    let parts = (0..1_000).map(forked).collect();
    let bytes = Message { parts, ..event("x", cells) }.bytes();
    let [all, nothing] = [&store, &other].map(|store| {
        within("merging them", || store.merge_bytes(&bytes).unwrap());
        within("exporting them", || store.export_since(&other.knowledge().unwrap()).unwrap())
    });
    assert!(all.len() > bytes.len() / 2 && nothing.len() < 200, "{} and {}", all.len(), nothing.len());
}
