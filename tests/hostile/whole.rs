//! Parts of exports that were never made, and messages that are cut.

use super::message::{Message, Part, envelope, upto};
use super::{HIGHEST, Peers, cell, event, lane};

#[test]
fn sections_of_very_many_parts_claim_nothing_and_stay_small() {
    let peers = Peers::new();
    for (export, index) in (0..40).flat_map(|export| [(export, 0), (export, 0), (export, 99_999)]) {
        let parts = vec![Part { lane: peers.lanes[1], claim: upto(HIGHEST), ..Part::default() }];
        let message = Message { section: Some((export, index, 100_000)), parts, ..Message::default() };
        peers.merge(0, &message).unwrap();
        peers.merge(2, &message).unwrap();
    }
    for (index, count) in [(100_000, 100_000), (1, 1), (0, 100_001), (0, u64::MAX), (u64::MAX, 2)] {
        let message = Message { section: Some((1, index, count)), ..Message::default() };
        assert!(peers.merge(0, &message).is_err(), "{index} of {count}");
    }
    peers.live();
}

#[test]
fn a_message_that_is_cut_anywhere_is_refused_and_changes_nothing() {
    let peers = Peers::new();
    let mut forged = event("forged", vec![cell(lane(0), (5, 9)), cell(lane(1), (5, 9))]);
    forged.events[0].1[1].replaced = vec![(lane(0), (4, 8), true)];
    forged.parts = vec![Part { lane: lane(0), claim: upto(5), births: vec![(3, 1)], ..Part::default() }];
    let honest = peers.stores[1].export_bytes().unwrap();
    for whole in [forged.bytes(), honest] {
        for cut in 0..whole.len() {
            assert!(peers.stores[0].merge_bytes(&whole[..cut]).is_err(), "{cut}");
            if cut >= 13 {
                let bytes = envelope(b"TCx\n", &whole[13..cut]);
                assert!(peers.stores[0].merge_bytes(&bytes).is_err(), "{cut}");
            }
        }
        assert_eq!(peers.stores[0].events(), ["life"]);
    }
    peers.live();
}

#[test]
fn deltas_between_idle_stores_become_empty() {
    let peers = Peers::new();
    for _ in 0..6 {
        let back = peers.stores[1].export_since(&peers.stores[0].knowledge().unwrap()).unwrap();
        peers.stores[0].merge_bytes(&back).unwrap();
        if peers.is_empty_delta() {
            return;
        }
    }
    panic!("six exchanges of idle stores still say something");
}
