//! Windows since a marker: what is counted, when it is exact, and what limits and questions say.

#![cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/property.rs"]
mod property;

mod declared;
mod devices;
mod exact;
mod helpers;
mod in_limits;
mod random;
mod random_kills;
mod uncertain;

use common::stores::under;
use tiny_counter::{EventStore, TestClock, since};

/// A store in memory with the markers `m` and `n`.
fn store(clock: &TestClock) -> EventStore {
    under(clock).with_marker("m").with_marker("n").build().unwrap()
}

/// The bounds of the count of an event since a marker.
fn bounds(store: &EventStore, event: &str, marker: &str) -> (u64, u64) {
    let bounds = store.query(event).since(marker).try_bounds().unwrap();
    bounds.map_or((0, 0), |bounds| (bounds.lower, bounds.upper))
}

/// The count of an event since a marker, which has to be exact: limits say the same.
#[track_caller]
fn exactly(store: &EventStore, event: &str, marker: &str) -> u64 {
    let (lower, upper) = bounds(store, event, marker);
    assert_eq!(lower, upper, "{event} since {marker}");
    let count = u32::try_from(lower).unwrap();
    let limit = || store.limit();
    assert!(limit().at_least(event, count, since(marker)).allowed("x"));
    assert!(!limit().at_least(event, count + 1, since(marker)).allowed("x"));
    assert!(limit().at_most(event, count + 1, since(marker)).allowed("x"));
    assert!(!limit().at_most(event, count, since(marker)).allowed("x"));
    lower
}
