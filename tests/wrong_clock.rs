//! What trips and wrong clocks must not do, each in its smallest form.

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

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use tiny_counter::{EventStore, TestClock, TimeUnit, Zone};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn store(clock: &TestClock, zone: Zone) -> EventStore {
    EventStore::builder().with_clock(Arc::new(clock.clone())).with_zone(zone).build().unwrap()
}

#[test]
fn after_a_trip_west_over_midnight_a_refusal_ends_when_the_next_day_begins_again() {
    // In Berlin it is tomorrow already; half an hour later the traveller is in New York, where it is still today.
    let trip = instant("2021-01-26T23:30:00Z");
    let zone = Zone::table(3_600, vec![(trip.timestamp_millis(), -18_000)]).unwrap();
    let clock = TestClock::build_for_testing_at(instant("2021-01-26T12:00:00Z"));
    let store = store(&clock, zone);
    store.record("prompt");
    clock.set(trip);
    let refused = store.limit().at_most("prompt", 1, TimeUnit::Days).check("prompt").unwrap_err();
    let wait = refused.as_limit_exceeded().unwrap().retry_after;
    assert_eq!(wait, Some(instant("2021-01-27T05:00:00Z") - trip));
}

#[test]
fn an_event_that_lies_ahead_of_a_clock_that_went_back_was_first_seen_when_that_was_noticed() {
    let clock = TestClock::build_for_testing_at(instant("2027-01-01T00:00:00Z"));
    let store = store(&clock, Zone::utc());
    store.record("launch");
    clock.set(instant("2026-01-01T00:00:00Z"));
    assert_eq!(store.query("launch").last_seen(), Some(Duration::zero()));
    assert_eq!(store.query("launch").first_seen(), Some(Duration::zero()));
    clock.advance(Duration::hours(5));
    assert_eq!(store.query("launch").last_seen(), Some(Duration::hours(5)));
    assert_eq!(store.query("launch").first_seen(), Some(Duration::hours(5)));
}

#[test]
fn hours_of_use_under_a_clock_that_is_ahead_do_not_switch_off_the_limits_afterwards() {
    let clock = TestClock::build_for_testing_at(instant("2027-01-01T00:00:00Z"));
    let store = store(&clock, Zone::utc());
    for _ in 0..150 {
        store.record("api_call");
        clock.advance(Duration::minutes(1));
    }
    clock.set(instant("2026-01-01T00:00:00Z"));
    assert_eq!(store.query("api_call").lifetime(), Some(150));
    clock.advance(Duration::days(1));
    store.record_count("api_call", 7);
    assert_eq!(store.query("api_call").last_minutes(1).sum(), Some(7));
    assert!(!store.limit().at_most("api_call", 5, TimeUnit::Minutes).allowed("api_call"));
}

#[cfg(feature = "storage-fs")]
#[test]
fn what_happens_under_a_clock_that_went_years_back_is_not_forgotten_at_its_writing() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), TestClock::build_for_testing());
    let now = instant("2026-03-10T12:00:00Z");
    let store = EventStore::builder()
        .with_clock(Arc::new(clock.clone()))
        .with_zone(Zone::utc())
        .with_log(dir.path())
        .build()
        .unwrap();
    // Three dates: from now on what is old may go.
    for day in 0..3 {
        clock.set(now + Duration::days(day));
        store.record("tap");
        store.persist().unwrap();
    }
    clock.set(instant("2024-01-01T00:00:00Z"));
    let limit = || store.limit().at_most("tap", 4, TimeUnit::Days);
    limit().check_and_record("tap").unwrap();
    store.persist().unwrap();
    assert_eq!(store.query("tap").last_days(1).sum(), Some(4), "and what lies ahead counts as of now");
    assert!(!limit().allowed("tap"));
    clock.set(now + Duration::days(3));
    assert_eq!(store.query("tap").last_days(4).into_buckets(), [0, 1, 1, 1]);
}
