//! Which units a store tracks, and what happens to counts if that changes.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::*;
use tiny_counter::{Error, EventStore, TimeUnit};

#[test]
fn a_store_tracks_the_units_given_to_the_builder() {
    let units = |store: EventStore| store.tracked_intervals();
    assert_eq!(
        units(EventStore::new()),
        [
            (TimeUnit::Minutes, 60),
            (TimeUnit::Hours, 72),
            (TimeUnit::Days, 56),
            (TimeUnit::Weeks, 52),
            (TimeUnit::Months, 12),
            (TimeUnit::Years, 4)
        ]
    );
    let preset = EventStore::builder().track_years(9).for_rate_limiting().track_days(7).track_days(8);
    assert_eq!(
        units(preset.build().unwrap()),
        [(TimeUnit::Minutes, 60), (TimeUnit::Hours, 72), (TimeUnit::Days, 8)]
    );
    for buckets in [0, 100_001] {
        let built = EventStore::builder().track_days(buckets).build();
        assert!(matches!(built, Err(Error::InvalidBucketCount(_))));
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn changing_the_tracked_units_keeps_the_counts_of_units_tracked_before_and_after() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let with = |hours: usize, days: usize| {
        let builder = under(&clock).with_storage(storage.clone());
        let builder = if hours > 0 { builder.track_hours(hours) } else { builder };
        builder.track_days(days).build().unwrap()
    };
    let store = with(9, 30);
    store.record_ago("x", Duration::days(20));
    store.record_ago("x", Duration::hours(5));
    drop(store);
    let store = with(0, 10);
    assert_eq!(store.query("x").last_days(30).sum(), Some(1));
    assert_eq!(store.query("x").last_hours(9).sum(), None);
    store.record("x");
    drop(store);
    let store = with(9, 30);
    assert_eq!(store.query("x").last_days(30).sum(), Some(3));
    assert_eq!(
        store.query("x").last_hours(9).sum(),
        Some(1),
        "hours were not counted while they were not tracked"
    );
}

#[test]
fn a_limit_uses_a_coarser_unit_if_its_own_was_not_tracked() {
    let clock = clock();
    let analytics = under(&clock).for_analytics().build().unwrap();
    analytics.record_count("x", 5);
    let phone = in_memory(&clock);
    phone.merge_bytes(&analytics.export_bytes().unwrap()).unwrap();
    let limit = |n| phone.limit().at_most("x", n, Duration::hours(10));
    assert!(!limit(5).allowed("x"), "a limit does not pass because its unit was not tracked");
    assert!(limit(6).allowed("x"));
    clock.advance(Duration::hours(10));
    assert!(limit(5).allowed("x"));
}
