//! Messages of very many lanes.

use super::message::{Message, Part, upto};
use super::{HIGHEST, cell, event, lane, survives};

#[test]
fn claims_of_very_many_lanes_leave_the_known_lanes_alone() {
    for lanes in [1_100, 100_000] {
        survives(|_| {
            let part = |at| Part { lane: lane(at), claim: upto(HIGHEST), ..Part::default() };
            Message { parts: (0..lanes).map(part).collect(), ..Message::default() }
        });
    }
}

#[test]
fn erasures_of_very_many_lanes_leave_the_known_lanes_alone() {
    for lanes in [1_100, 100_000] {
        survives(|_| {
            let part = |at| Part { lane: lane(at), erased: upto(9), ..Part::default() };
            Message { parts: (0..lanes).map(part).collect(), ..Message::default() }
        });
    }
}

#[test]
fn an_event_of_very_many_lanes_leaves_the_known_lanes_alone() {
    for lanes in [1_100, 100_000] {
        survives(|_| event("forged", (0..lanes).map(|at| cell(lane(at), (5, 9))).collect()));
    }
}

#[test]
fn what_very_many_lanes_erased_is_not_repeated_by_every_export() {
    let peers = super::Peers::new();
    let part = |at| Part { lane: lane(at), erased: upto(9), ..Part::default() };
    let message = Message { parts: (0..100_000).map(part).collect(), ..Message::default() };
    peers.merge(0, &message).unwrap();
    let export = peers.stores[0].export_bytes().unwrap();
    assert!(export.len() < 64 << 10, "{} bytes", export.len());
}
