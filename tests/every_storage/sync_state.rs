//! The sync state after a reopening: what a delta holds.

use super::common::{clock, ever, in_memory};
use super::home::Home;

#[test]
fn a_delta_is_as_small_after_a_reopening_as_before() {
    for home in Home::all() {
        let clock = clock();
        let (store, peer) = (home.open(&clock), in_memory(&clock));
        for number in 0..50 {
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
