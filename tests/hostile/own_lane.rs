//! Messages about the lane of the store that merges them.

use super::message::{Message, Part, upto};
use super::{HIGHEST, Peers, cell, event, greatest, survives, survives_then};

#[test]
fn a_claim_of_every_stamp_of_a_store_takes_nothing_from_it() {
    for floor in [HIGHEST, HIGHEST - 1] {
        survives(|peers| Message {
            parts: vec![Part { lane: peers.lanes[0], claim: upto(floor), ..Part::default() }],
            ..Message::default()
        });
    }
}

#[test]
fn a_claim_of_an_opening_that_a_store_never_had_takes_nothing_from_it() {
    survives(|peers| {
        let mut claim = upto(1);
        claim.openings = vec![(HIGHEST, peers.last().1.wrapping_add(1))];
        let parts = vec![Part { lane: peers.lanes[0], claim, ..Part::default() }];
        Message { parts, ..Message::default() }
    });
}

#[test]
fn the_erasure_of_every_stamp_of_a_store_does_not_erase_what_it_counts_later() {
    for floor in [HIGHEST, HIGHEST / 2] {
        let message = |peers: &Peers| Message {
            parts: vec![Part { lane: peers.lanes[0], erased: upto(floor), ..Part::default() }],
            ..Message::default()
        };
        survives_then(message, Peers::sync);
    }
}

#[test]
fn a_cell_of_a_store_with_the_greatest_stamp_ends_its_lane_only() {
    survives(|peers| {
        let (number, opening) = peers.last();
        let mut forged = cell(peers.lanes[0], (number, opening));
        (forged.stamp, forged.body) = ((HIGHEST, opening), greatest());
        event("life", vec![forged])
    });
    survives(|peers| event("forged", vec![cell(peers.lanes[0], (HIGHEST, peers.last().1))]));
}

#[test]
fn a_basis_of_a_store_with_a_claim_of_a_lane_it_never_had_is_only_believed_of_that_lane() {
    survives(|peers| Message {
        basis: Some(peers.state),
        parts: vec![Part { lane: super::lane(7), claim: upto(HIGHEST), ..Part::default() }],
        ..Message::default()
    });
}

#[test]
fn a_fork_flag_of_every_lane_costs_no_count() {
    survives(|peers| {
        let mut parts: Vec<Part> =
            peers.lanes.map(|lane| Part { lane, is_forked: true, claim: upto(1), ..Part::default() }).into();
        parts.sort_by_key(|part| part.lane);
        Message { parts, ..Message::default() }
    });
}
