//! A log in which one of the two values of an event is damaged: its own counts, or those of other
//! devices.

use std::path::Path;

use tiny_counter::{Error, EventStore};

use super::common::files::damage_event;
use super::common::stores::{clock, ever, in_memory, on_log, sync};

/// A log whose event "damaged" has 7 own counts and 5 of a peer.
fn fill(dir: &Path) -> EventStore {
    let (store, peer) = (on_log(&clock(), dir), in_memory(&clock()));
    peer.record_count("damaged", 5);
    sync(&store, &peer);
    // The own value does not follow directly behind the key of the other one.
    store.record_count("damaged", 7);
    store.record("other");
    store.erase_event("other").unwrap();
    store.close().unwrap();
    peer
}

fn names_of_losses(store: &EventStore) -> Vec<Option<String>> {
    store.health().losses.into_iter().map(|loss| loss.event).collect()
}

#[test]
fn the_counts_of_other_devices_that_are_damaged_in_an_open_log_do_not_take_the_own_ones_with_them() {
    for reads in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        drop(fill(dir.path()));
        let store = on_log(&clock(), dir.path());
        damage_event(dir.path(), "~others-damaged");
        if reads {
            match store.query("damaged").try_lifetime() {
                Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("damaged")),
                other => panic!("{other:?}"),
            }
        } else {
            // A rewrite finds it, and nothing of the event was read.
            store.record("other");
            store.erase_events(["other"]).unwrap();
        }
        assert_eq!(store.health().quarantined, ["damaged"], "{reads}");
        assert_eq!(names_of_losses(&store), [Some("damaged".to_owned())], "{reads}");
        store.record("damaged");
        store.acknowledge_loss().unwrap();
        assert_eq!(ever(&store, "damaged"), Some(8), "{reads}");
        store.close().unwrap();
        let store = on_log(&clock(), dir.path());
        assert_eq!((ever(&store, "damaged"), names_of_losses(&store)), (Some(8), vec![]), "{reads}");
    }
}

#[test]
fn a_value_that_is_damaged_when_the_log_is_opened_is_a_loss_and_the_other_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let peer = fill(dir.path());
    damage_event(dir.path(), "~others-damaged");
    for _ in 0..2 {
        let store = on_log(&clock(), dir.path());
        assert_eq!(names_of_losses(&store), [Some("damaged".to_owned())]);
        assert_eq!(ever(&store, "damaged"), Some(7));
    }
    let store = on_log(&clock(), dir.path());
    store.acknowledge_loss().unwrap();
    sync(&store, &peer);
    assert_eq!([&store, &peer].map(|store| ever(store, "damaged")), [Some(12); 2]);
    store.close().unwrap();
    let store = on_log(&clock(), dir.path());
    assert_eq!((ever(&store, "damaged"), names_of_losses(&store)), (Some(12), vec![]));
}

#[test]
fn counts_in_memory_outlive_the_damage_of_either_value_that_a_rewrite_finds() {
    let dir = tempfile::tempdir().unwrap();
    drop(fill(dir.path()));
    let store = on_log(&clock(), dir.path());
    assert_eq!(ever(&store, "damaged"), Some(12));
    // It stands in the key of the other value too, so both are damaged.
    damage_event(dir.path(), "damaged");
    store.record("other");
    store.erase_events(["other"]).unwrap();
    store.close().unwrap();
    let store = on_log(&clock(), dir.path());
    assert_eq!((ever(&store, "damaged"), names_of_losses(&store)), (Some(12), vec![]));
}
