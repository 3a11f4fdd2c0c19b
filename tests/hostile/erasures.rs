//! Messages that erase.

use super::message::{Message, Part, Stamp, upto};
use super::{HIGHEST, Peers, lane};

/// As `super::survives`. What a store counts before it hears that its lane is erased is erased too.
fn survives(message: impl Fn(&Peers) -> Message) {
    super::survives_then(message, Peers::sync);
}

fn births(first: u64, count: u64, opening: u32) -> Vec<Stamp> {
    (first..first + count).map(|number| (number, opening)).collect()
}

#[test]
fn seventy_thousand_erased_cells_of_a_store_do_not_close_its_lane_for_what_follows() {
    survives(|peers| {
        let (number, opening) = peers.last();
        let births = births(number - 60_000, 70_000, opening);
        let parts = vec![Part { lane: peers.lanes[0], births, ..Part::default() }];
        Message { parts, ..Message::default() }
    });
}

#[test]
fn seventy_thousand_erased_cells_that_a_store_issues_next_do_not_erase_them() {
    survives(|peers| {
        let (number, opening) = peers.last();
        let births = births(number + 1, 70_000, opening);
        let parts = vec![Part { lane: peers.lanes[0], births, ..Part::default() }];
        Message { parts, ..Message::default() }
    });
}

#[test]
fn seventy_thousand_erased_cells_of_an_unknown_lane_harm_nothing() {
    survives(|_| {
        let births = births(1, 70_000, 9);
        let parts = vec![Part { lane: lane(0), births, ..Part::default() }];
        Message { parts, ..Message::default() }
    });
}

#[test]
fn erasures_of_every_known_lane_leave_later_counts_alone() {
    survives(|peers| {
        let mut parts: Vec<Part> =
            peers.lanes.map(|lane| Part { lane, erased: upto(HIGHEST), ..Part::default() }).into();
        parts.sort_by_key(|part| part.lane);
        Message { parts, ..Message::default() }
    });
}
