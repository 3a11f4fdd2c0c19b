//! Every public function with arguments at the end of their range and beyond: an answer or an error, in time, and never a panic.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_lossless,
    missing_docs
)]

#[path = "nothing_panics/bytes.rs"]
mod bytes;
#[path = "nothing_panics/extremes.rs"]
mod extremes;
#[path = "nothing_panics/touch.rs"]
mod touch;

use std::sync::Arc;
use std::time::{Duration as Time, Instant};

use chrono::{DateTime, Duration, Utc};
use extremes::{Extremes, extremes};
use proptest::prelude::*;
use tiny_counter::storage::MemoryStorage;
use tiny_counter::{Error, EventStore, EventStoreBuilder, TestClock};

/// Longer than any single round of calls may take, on a busy machine and unoptimised.
const IN_TIME: Time = Time::from_secs(20);

fn rounds() -> u32 {
    if std::env::var_os("TINY_COUNTER_LONG").is_some() { 5_000 } else { 60 }
}

fn builder(extremes: &Extremes) -> EventStoreBuilder {
    let mut builder = EventStore::builder();
    for (unit, buckets) in &extremes.tracked {
        builder = touch::track(builder, *unit, *buckets);
    }
    builder
}

/// What keeps one value an event needs a formatter.
const STORES: bool = cfg!(any(feature = "serde-bincode", feature = "serde-json"));

fn kept(builder: EventStoreBuilder) -> EventStoreBuilder {
    if STORES { builder.with_storage(MemoryStorage::new()) } else { builder }
}

/// The store that the extremes ask for, or one with the default units where they ask for too much.
fn store(extremes: &Extremes, clock: &TestClock) -> EventStore {
    let build = |builder: EventStoreBuilder| {
        kept(builder.with_clock(Arc::new(clock.clone())).with_zone(extremes.zone())).build()
    };
    build(builder(extremes)).or_else(|_| build(EventStore::builder())).unwrap()
}

#[test]
fn a_name_of_ten_megabytes_is_refused_at_once_and_harms_nothing() {
    let begun = Instant::now();
    let name = "n".repeat(10 << 20);
    let store = kept(EventStore::builder()).build().unwrap();
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
fn the_most_buckets_of_every_unit_answer_in_time() {
    let clock = TestClock::build_for_testing_at("2026-03-07T21:30:00Z".parse().unwrap());
    let every = (0..7).fold(EventStore::builder(), |builder, unit| touch::track(builder, unit, 100_000));
    let store = every.with_clock(Arc::new(clock.clone())).build().unwrap();
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
    fn every_call_answers_whatever_it_is_given(all in prop::collection::vec(extremes(), 1..5)) {
        let begun = Instant::now();
        let clock = TestClock::build_for_testing_at(DateTime::<Utc>::UNIX_EPOCH);
        let mut store = store(&all[0], &clock);
        for extremes in &all {
            clock.set(extremes.time);
            store.set_zone(extremes.zone());
            touch::records(&store, extremes);
            touch::questions(&store, extremes);
            touch::limits(&store, extremes);
            touch::exchanges(&store, extremes);
            clock.advance(extremes.duration);
            touch::questions(&store, extremes);
            touch::life(&mut store, extremes);
        }
        touch::builders(&all[0]);
        store.close().unwrap();
        prop_assert!(begun.elapsed() < IN_TIME, "it took {:?}", begun.elapsed());
    }

    #[test]
    fn bytes_of_any_kind_are_taken_or_refused_and_the_store_goes_on(
        round in bytes::round(),
        all in extremes(),
    ) {
        let begun = Instant::now();
        let clock = TestClock::build_for_testing_at(all.time);
        let other = store(&all, &clock);
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
