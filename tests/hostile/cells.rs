//! Messages with cells that no store counts.

use super::message::{Cell, Message};
use super::{HIGHEST, ONCE, Peers, cell, event, greatest, lane, survives};

#[test]
fn the_greatest_counts_and_stamps_are_merged_without_an_overflow() {
    survives(|_| {
        let forged = |at| Cell { body: greatest(), ..cell(lane(at), (HIGHEST, u32::MAX)) };
        Message {
            events: vec![
                ("afterwards".to_owned(), (0..3).map(forged).collect()),
                ("life".to_owned(), (0..3).map(|at| Cell { birth: (1, 0), ..forged(at) }).collect()),
            ],
            ..Message::default()
        }
    });
}

#[test]
fn a_cell_that_replaces_a_thousand_others_and_those_of_a_store_harms_no_later_count() {
    for was_erased in [false, true] {
        survives(|peers| {
            let mut forged = cell(lane(0), (HIGHEST, 9));
            let own = peers.lanes.map(|lane| (lane, peers.last(), was_erased));
            forged.replaced = (1..998).map(|at| (lane(at), (5, 9), was_erased)).chain(own).collect();
            forged.replaced.sort();
            event("life", vec![forged])
        });
    }
}

#[test]
fn cells_that_replace_each_other_or_themselves_harm_no_later_count() {
    survives(|_| {
        let cells = (0..4).map(|at| {
            let replaced = vec![(lane((at + 1) % 4), (5, 9), false)];
            Cell { replaced, ..cell(lane(at), (5, 9)) }
        });
        let itself = Cell { replaced: vec![(lane(8), (5, 9), false)], ..cell(lane(8), (5, 9)) };
        let cells = cells.chain([itself]).collect();
        event("forged", cells)
    });
}

#[test]
fn one_birth_under_several_events_is_counted_and_erased_alike_everywhere() {
    survives(|_| Message {
        events: ["a", "b", "c"].map(|name| (name.to_owned(), vec![cell(lane(0), (5, 9))])).into(),
        ..Message::default()
    });
}

#[test]
fn an_event_that_takes_eight_megabytes_or_more_leaves_the_other_events_alone() {
    // Each cell takes 64 bytes and its body.
    for cells in [(8 << 20) / 68, (8 << 20) / 68 + 1, 200_000] {
        let peers = Peers::new();
        let forged = (0..cells).map(|at| cell(lane(0), (at as u64 + 1, 9))).collect();
        let events = vec![("forged".to_owned(), forged), ("good".to_owned(), vec![cell(lane(1), (5, 9))])];
        let message = Message { events, ..Message::default() };
        let report = peers.merge(0, &message).unwrap();
        assert_eq!(report.refused, usize::from(cells * (64 + ONCE.len()) > 8 << 20));
        assert_eq!(peers.stores[0].query("good").lifetime(), Some(1));
        peers.live();
    }
}
