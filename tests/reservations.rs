//! Reservations that live as long as their process.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::stores::{clock, ever, in_memory, sync};
use tiny_counter::{Error, TimeUnit};

#[test]
fn a_reservation_counts_for_at_most_until_it_is_committed_or_cancelled() {
    let store = in_memory(&clock());
    let limit = || store.limit().at_most("x", 2, TimeUnit::Days);
    let first = limit().reserve("x").unwrap();
    let second = limit().reserve("x").unwrap();
    assert!(limit().reserve("x").is_err());
    assert!(!store.limit().at_least("x", 1, TimeUnit::Days).allowed("x"), "a reservation is not an event");
    let usage = limit().usage("x").unwrap();
    assert_eq!((usage.count, usage.limit, usage.remaining), (2, 2, 0));
    first.commit();
    drop(second);
    assert_eq!(store.query("x").ever().sum(), Some(1));
    assert_eq!(limit().usage("x").unwrap().remaining, 1);
    let unknown = store.limit().at_most("y", 2, TimeUnit::Days).usage("y");
    assert!(matches!(unknown, Err(Error::EventNotFound(name)) if name == "y"));
}

#[test]
fn a_reservation_cancelled_after_an_erasure_does_not_bring_the_event_back() {
    let (store, peer) = (in_memory(&clock()), in_memory(&clock()));
    let reserve = || store.limit().at_most("x", 9, TimeUnit::Days).reserve("x").unwrap();
    let erasures: [&dyn Fn(); 4] = [
        &|| drop(store.erase_event("x").unwrap()),
        &|| drop(store.erase_all().unwrap()),
        &|| {
            peer.erase_event("x").unwrap();
            store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        },
        &|| {
            peer.erase_all().unwrap();
            store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        },
    ];
    for (place, erase) in erasures.iter().enumerate() {
        store.record("x");
        sync(&store, &peer);
        let (dropped, cancelled) = (reserve(), reserve());
        erase();
        drop(dropped);
        cancelled.cancel();
        assert!(store.events().is_empty(), "erasure {place}");
        assert_eq!(ever(&store, "x"), None);
    }
}

#[test]
fn a_reservation_of_an_unknown_event_that_is_cancelled_makes_it_known() {
    let store = in_memory(&clock());
    drop(store.limit().at_most("x", 1, TimeUnit::Days).reserve("x").unwrap());
    assert_eq!(ever(&store, "x"), Some(0));
}

#[test]
fn a_reservation_committed_after_an_erasure_counts_once() {
    let (store, peer) = (in_memory(&clock()), in_memory(&clock()));
    let reserve = || store.limit().at_most("x", 9, TimeUnit::Days).reserve("x").unwrap();
    store.record_count("x", 5);
    let reservation = reserve();
    store.erase_event("x").unwrap();
    reservation.commit();
    assert_eq!(ever(&store, "x"), Some(1));
    let reservation = reserve();
    store.erase_all().unwrap();
    reservation.commit();
    assert_eq!(ever(&store, "x"), Some(1));
    sync(&store, &peer);
    assert_eq!((ever(&store, "x"), ever(&peer, "x")), (Some(1), Some(1)));
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_reservation_cancelled_after_an_erasure_does_not_bring_the_event_back_to_a_log() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = common::stores::on_log(&clock, dir.path());
    for all in [false, true] {
        store.record("x");
        let reservation = store.limit().at_most("x", 9, TimeUnit::Days).reserve("x").unwrap();
        match all {
            false => drop(store.erase_event("x").unwrap()),
            true => drop(store.erase_all().unwrap()),
        }
        // The entry of the erased event leaves memory.
        store.compact().unwrap();
        reservation.cancel();
        assert!(store.events().is_empty());
    }
    store.close().unwrap();
    assert!(common::stores::on_log(&clock, dir.path()).events().is_empty());
}
