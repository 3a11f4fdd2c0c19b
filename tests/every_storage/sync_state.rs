//! The sync state after a reopening: what a delta holds.

use tiny_counter::EventStore;

use super::common::{clock, ever, in_memory};
use super::home::Home;

#[test]
fn a_delta_is_as_small_after_a_reopening_as_before() {
    for home in Home::all() {
        let clock = clock();
        let (store, peer) = (home.open(&clock), in_memory(&clock));
        for number in 0..200 {
            store.record(format!("event {number}"));
            peer.record(format!("event {number}"));
        }
        let whole = peer.export_since(&store.knowledge().unwrap()).unwrap();
        store.merge_bytes(&whole).unwrap();
        peer.merge_bytes(&store.export_since(&peer.knowledge().unwrap()).unwrap()).unwrap();
        let nothing_new = peer.export_since(&store.knowledge().unwrap()).unwrap();
        let empty_delta = store.export_since(&peer.knowledge().unwrap()).unwrap();
        assert!(nothing_new.len() < whole.len() / 10, "{home:?}");
        store.close().unwrap();
        for _ in 0..2 {
            let store = home.open(&clock);
            assert_eq!(peer.export_since(&store.knowledge().unwrap()).unwrap(), nothing_new, "{home:?}");
            let delta = store.export_since(&peer.knowledge().unwrap()).unwrap();
            // Its stamps may take more bytes.
            assert!(delta.len() <= empty_delta.len() + 8, "{home:?}");
            store.close().unwrap();
        }
        let store = home.open(&clock);
        peer.record("event 7");
        store.record("event 8");
        let delta = peer.export_since(&store.knowledge().unwrap()).unwrap();
        assert!(delta.len() < whole.len() / 10, "{home:?}");
        assert_eq!(store.merge_bytes(&delta).unwrap().events_changed, 1, "{home:?}");
        let delta = store.export_since(&peer.knowledge().unwrap()).unwrap();
        assert!(delta.len() < whole.len() / 10, "{home:?}");
        assert_eq!(peer.merge_bytes(&delta).unwrap().events_changed, 1, "{home:?}");
        for name in ["event 7", "event 8"] {
            assert_eq!((ever(&store, name), ever(&peer, name)), (Some(3), Some(3)), "{home:?}");
        }
        assert_eq!(ever(&store, "event 9"), Some(2), "{home:?}");
        assert_eq!(store.export_all().unwrap(), peer.export_all().unwrap(), "{home:?}");
    }
}

/// Whether a delta has its basis and nothing else: no lane, no event.
fn is_empty(delta: &[u8]) -> bool {
    // The envelope, that there is a basis, and its epoch.
    let mut rest = &delta[13 + 1 + 8..];
    for _ in ["number", "opening"] {
        let end = rest.iter().position(|byte| *byte < 0x80).unwrap();
        rest = &rest[end + 1..];
    }
    rest == [0, 0, 0, 0]
}

/// Each store hears each other one by a delta. Returns whether all deltas were empty.
fn exchange(stores: &[EventStore]) -> bool {
    let mut all_empty = true;
    for (to, from) in stores.iter().flat_map(|to| stores.iter().map(move |from| (to, from))) {
        if !std::ptr::eq(to, from) {
            let delta = from.export_since(&to.knowledge().unwrap()).unwrap();
            all_empty &= is_empty(&delta);
            to.merge_bytes(&delta).unwrap();
        }
    }
    all_empty
}

#[test]
fn deltas_between_idle_stores_become_empty_and_stay_so_after_a_reopening() {
    for kind in Home::all().iter().map(|home| home.kind) {
        for devices in [2, 3] {
            let clock = clock();
            let homes: Vec<Home> = (0..devices).map(|_| Home::new(kind)).collect();
            let mut stores: Vec<EventStore> = homes.iter().map(|home| home.open(&clock)).collect();
            let reopened = |stores: &mut Vec<EventStore>| {
                stores.drain(..).for_each(|store| store.close().unwrap());
                stores.extend(homes.iter().map(|home| home.open(&clock)));
            };
            for step in 0..4 {
                for (store, at) in stores.iter().zip(0u32..) {
                    store.record_count("all", 1 + at);
                    store.record(format!("event {step} of {at}"));
                }
                if step == 1 {
                    stores[0].erase_event("all").unwrap();
                }
                if step == 2 {
                    stores[1].erase_all().unwrap();
                }
                let rounds = (0..).take_while(|_| !exchange(&stores)).take(9).count();
                assert!(rounds < 5, "{kind:?}, {devices} devices, step {step}: {rounds} rounds");
                for _ in 0..3 {
                    assert!(exchange(&stores), "{kind:?}, {devices} devices, step {step}");
                    reopened(&mut stores);
                    clock.advance(chrono::Duration::hours(1));
                    assert!(exchange(&stores), "{kind:?}, {devices} devices, step {step}, reopened");
                }
            }
        }
    }
}
