//! Sync states that no store makes.

use super::message::{Coverage, Known, Lane, sync_state, upto};
use super::{HIGHEST, Peers, lane};

fn known(lane: Lane) -> Known {
    Known { lane, ..Known::default() }
}

/// Each store exports for the sync state. Then everything works.
fn survives(lanes: impl Fn(&Peers) -> Vec<Known>) {
    let peers = Peers::new();
    let mut lanes = lanes(&peers);
    lanes.sort_by_key(|known| known.lane);
    for state in [peers.state, (0, (0, 0)), (u64::MAX, (u64::MAX, u32::MAX))] {
        let bytes = sync_state(state, &lanes);
        for store in &peers.stores {
            let delta = store.export_since(&bytes).unwrap();
            peers.stores[0].merge_bytes(&delta).unwrap();
            peers.stores[1].merge_bytes(&delta).unwrap();
        }
    }
    peers.live();
}

#[test]
fn a_store_answers_whoever_knows_more_of_lanes_than_there_is() {
    survives(|peers| peers.lanes.map(|lane| Known { claim: upto(HIGHEST), ..known(lane) }).into());
    survives(|peers| peers.lanes.map(|lane| Known { erased: upto(HIGHEST), ..known(lane) }).into());
    survives(|peers| {
        let claim = Coverage { floor: 1, openings: vec![(HIGHEST, 3), (HIGHEST, 4)] };
        peers.lanes.map(|lane| Known { claim: claim.clone(), ..known(lane) }).into()
    });
}

#[test]
fn a_store_answers_whoever_holds_cells_that_were_never_counted() {
    survives(|peers| {
        let beside = vec![(1, 3), (HIGHEST, 3)];
        let forged = |lane| Known { beside: beside.clone(), digests: Some([7, 8]), ..known(lane) };
        peers.lanes.map(forged).into()
    });
    survives(|peers| {
        let blocks = (0..70_000).map(|block| (block, 7)).collect();
        vec![Known { blocks, ..known(peers.lanes[0]) }]
    });
}

#[test]
fn a_store_answers_whoever_knows_very_many_lanes() {
    survives(|_| (0..100_000).map(|at| Known { claim: upto(HIGHEST), ..known(lane(at)) }).collect());
}

#[test]
fn a_sync_state_that_is_cut_or_out_of_order_is_refused() {
    let peers = Peers::new();
    let lanes = [Known { claim: upto(9), beside: vec![(10, 3)], ..known(peers.lanes[0]) }];
    let whole = sync_state(peers.state, &lanes);
    for cut in 13..whole.len() {
        let bytes = super::message::envelope(b"TCk\n", &whole[13..cut]);
        assert!(peers.stores[0].export_since(&bytes).is_err(), "{cut}");
    }
    let unordered = [Known { blocks: vec![(2, 0), (1, 0)], ..known(peers.lanes[0]) }];
    assert!(peers.stores[0].export_since(&sync_state(peers.state, &unordered)).is_err());
    assert!(
        peers.stores[0]
            .export_since(&sync_state(peers.state, &[lanes[0].clone(), lanes[0].clone()]))
            .is_err()
    );
    peers.live();
}
