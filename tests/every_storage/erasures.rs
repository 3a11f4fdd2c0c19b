//! Erased events after a reopening.

use tiny_counter::EventStore;

use super::common::{clock, ever, in_memory, sync};
use super::home::Home;

const ERASE: [fn(&EventStore); 2] = [
    |store| assert!(store.erase_event("x").unwrap().is_some()),
    |store| assert_eq!(store.erase_all().unwrap().len(), 1),
];

#[test]
fn counts_after_an_erasure_and_a_reopening_reach_a_peer() {
    for erase in ERASE {
        for home in Home::all() {
            let clock = clock();
            let (store, peer) = (home.open(&clock), in_memory(&clock));
            store.record_count("x", 3);
            peer.record_count("x", 5);
            sync(&store, &peer);
            erase(&store);
            store.close().unwrap();
            let store = home.open(&clock);
            store.record_count("x", 2);
            store.close().unwrap();
            let store = home.open(&clock);
            peer.merge_bytes(&store.export_since(&peer.knowledge().unwrap()).unwrap()).unwrap();
            assert_eq!((ever(&store, "x"), ever(&peer, "x")), (Some(2), Some(2)), "{home:?}");
        }
    }
}

#[test]
fn an_old_export_does_not_bring_erased_counts_back_after_a_reopening() {
    for erase in ERASE {
        for home in Home::all() {
            let clock = clock();
            let (store, peer) = (home.open(&clock), in_memory(&clock));
            store.record_count("x", 3);
            peer.record_count("x", 5);
            sync(&store, &peer);
            let old = peer.export_bytes().unwrap();
            erase(&store);
            store.close().unwrap();
            let store = home.open(&clock);
            store.merge_bytes(&old).unwrap();
            assert!(store.events().is_empty(), "{home:?}");
            store.record_count("x", 2);
            store.close().unwrap();
            let store = home.open(&clock);
            store.merge_bytes(&old).unwrap();
            assert_eq!(ever(&store, "x"), Some(2), "{home:?}");
            assert!(store.health().losses.is_empty(), "{home:?}");
        }
    }
}

#[test]
fn a_merged_erasure_removes_an_event_that_was_not_read() {
    for home in Home::all() {
        let clock = clock();
        let (store, peer) = (home.open(&clock), in_memory(&clock));
        store.record_count("x", 3);
        store.record_count("y", 4);
        let old = store.export_bytes().unwrap();
        peer.merge_bytes(&old).unwrap();
        store.close().unwrap();
        peer.erase_event("x").unwrap();
        let store = home.open(&clock);
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        store.close().unwrap();
        for _ in 0..2 {
            let store = home.open(&clock);
            assert_eq!(store.events(), ["y"], "{home:?}");
            store.merge_bytes(&old).unwrap();
            assert_eq!(store.events(), ["y"], "{home:?}");
            assert!(store.health().losses.is_empty(), "{home:?}");
        }
    }
}
