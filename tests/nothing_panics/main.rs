//! Every public function with arguments at the ends of their ranges and beyond: it returns a result
//! or an error, in time, and never panics.

#![allow(clippy::restriction, clippy::pedantic)]

mod bytes;
#[path = "../common/mod.rs"]
mod common;
mod extremes;
mod touch;

use std::sync::Arc;
use std::time::{Duration as Time, Instant};

use chrono::{DateTime, Duration, Utc};
use common::phone::track;
use common::shared_storage::SharedStorage;
use common::stores::{clock_at, instant};
use common::unit::Unit;
use extremes::{Extremes, extremes};
use proptest::prelude::*;
use tiny_counter::{Error, EventStore, EventStoreBuilder, TestClock};

/// The longest time that one round of calls may take, also on a busy machine and without
/// optimisation.
const IN_TIME: Time = Time::from_secs(20);

fn rounds() -> u32 {
    if std::env::var_os("TINY_COUNTER_LONG").is_some() { 5_000 } else { 60 }
}

fn builder(extremes: &Extremes) -> EventStoreBuilder {
    let mut builder = EventStore::builder();
    for (unit, buckets) in &extremes.tracked {
        builder = track(builder, Unit::ALL[*unit], *buckets);
    }
    builder
}

/// Whether there is a formatter, which a storage of one value per event needs.
const STORES: bool = cfg!(any(feature = "serde-bincode", feature = "serde-json"));

fn with_storage(builder: EventStoreBuilder, storage: &SharedStorage) -> EventStoreBuilder {
    if STORES { builder.with_storage(storage.clone()) } else { builder }
}

/// A store with the given units, or with the default ones if those are refused.
fn store(extremes: &Extremes, clock: &TestClock, storage: &SharedStorage) -> EventStore {
    let build = |builder: EventStoreBuilder| {
        let marker = if extremes.other.len() <= 1_024 { &*extremes.other } else { "" };
        let builder = builder.with_clock(Arc::new(clock.clone())).with_zone(extremes.zone());
        let builder = builder.with_marker(marker);
        with_storage(builder, storage).build()
    };
    build(builder(extremes)).or_else(|_| build(EventStore::builder())).unwrap()
}

#[test]
fn a_name_of_ten_megabytes_is_refused_in_time_and_changes_nothing() {
    let begun = Instant::now();
    let name = "n".repeat(10 << 20);
    let store = with_storage(EventStore::builder(), &SharedStorage::default()).build().unwrap();
    store.record("x");
    store.record(&name);
    store.record_ago(&name, Duration::days(1));
    assert!(matches!(store.record_at(&name, store.clock_now()), Err(Error::InvalidEvent { .. })));
    assert!(matches!(store.limit().check(&name), Err(Error::InvalidEvent { .. })));
    assert!(matches!(
        store.limit().cooldown("x", Duration::days(1)).reserve(&name),
        Err(Error::InvalidEvent { .. })
    ));
    assert!(!store.limit().at_most(&name, 1, Duration::days(1)).allowed(&name));
    assert!(matches!(store.erase_event(&name), Err(Error::InvalidEvent { .. })));
    assert!(matches!(store.balance_delta("x", &name), Err(Error::InvalidEvent { .. })));
    let counter = store.export_all().unwrap().remove("x").unwrap();
    assert!(matches!(store.merge_event(&name, counter.clone()), Err(Error::InvalidEvent { .. })));
    assert!(matches!(store.import_event(&name, counter), Err(Error::InvalidEvent { .. })));
    assert_eq!(store.query(&name).lifetime(), None);
    assert_eq!(store.query_many(&[&name, "x"]).ever().sum(), Some(1));
    assert_eq!(store.persist().is_ok(), STORES);
    assert_eq!(store.events(), ["x"]);
    assert!(begun.elapsed() < IN_TIME, "it took {:?}", begun.elapsed());
}

#[test]
fn queries_of_the_largest_number_of_buckets_answer_in_time() {
    let clock = clock_at(instant("2026-03-07T21:30:00Z"));
    let all =
        Unit::ALL.into_iter().fold(EventStore::builder(), |builder, unit| track(builder, unit, 100_000));
    let store = all.with_clock(Arc::new(clock.clone())).build().unwrap();
    for _ in 0..2_000 {
        store.record("x");
        clock.advance(Duration::seconds(61));
    }
    let begun = Instant::now();
    assert_eq!(store.query("x").last_seconds(usize::MAX).into_buckets().len(), 100_000);
    assert_eq!(store.query("x").ever().into_buckets().iter().sum::<u32>(), 2_000);
    for window in [Duration::seconds(99_999), Duration::days(30), Duration::days(36_500_000)] {
        assert!(store.limit().at_least("x", 1_600, window).allowed("x"));
        let refused = store.limit().at_most("x", 2, window).check("x").unwrap_err();
        assert!(refused.as_limit_exceeded().is_some());
    }
    assert!(begun.elapsed() < IN_TIME, "it took {:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: rounds(), failure_persistence: None, max_shrink_iters: 500, ..ProptestConfig::default() })]

    #[test]
    fn every_call_returns_whatever_its_arguments_are(all in prop::collection::vec(extremes(), 1..5)) {
        let begun = Instant::now();
        let clock = clock_at(DateTime::<Utc>::UNIX_EPOCH);
        let storage = SharedStorage::default();
        let mut open = store(&all[0], &clock, &storage);
        for extremes in &all {
            clock.set(extremes.time);
            open.set_zone(extremes.zone());
            touch::records(&open, extremes);
            touch::questions(&open, extremes);
            touch::limits(&open, extremes);
            touch::exchanges(&open, extremes);
            clock.advance(extremes.duration);
            touch::questions(&open, extremes);
            touch::life(&mut open, extremes);
        }
        touch::builders(&all[0]);
        let events = open.events();
        open.close().unwrap();
        // A store writes only what it can read.
        let again = store(&all[0], &clock, &storage);
        prop_assert!(again.health().losses.is_empty(), "{:?}", again.health());
        prop_assert_eq!(again.events(), if STORES { events } else { Vec::new() });
        prop_assert!(begun.elapsed() < IN_TIME, "it took {:?}", begun.elapsed());
    }

    #[test]
    fn any_bytes_are_merged_or_refused_and_the_store_still_works(
        round in bytes::round(),
        all in extremes(),
    ) {
        let begun = Instant::now();
        let clock = clock_at(all.time);
        let other = store(&all, &clock, &SharedStorage::default());
        touch::records(&other, &all);
        let store = EventStore::builder().with_clock(Arc::new(clock.clone())).build().unwrap();
        store.record("x");
        bytes::take(&store, &other, &round);
        touch::questions(&store, &all);
        touch::limits(&store, &all);
        prop_assert!(store.query("x").lifetime().is_some() || round.may_erase());
        prop_assert!(begun.elapsed() < IN_TIME, "it took {:?}", begun.elapsed());
    }
}
