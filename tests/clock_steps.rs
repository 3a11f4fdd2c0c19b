//! A clock that goes back, or was ahead and is set right.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::*;
use tiny_counter::TimeUnit;

#[test]
fn an_event_ahead_of_a_clock_that_went_back_was_seen_when_the_step_was_noticed() {
    let clock = clock_at(instant("2027-01-01T00:00:00Z"));
    let store = in_memory(&clock);
    store.record("launch");
    clock.set(instant("2026-01-01T00:00:00Z"));
    assert_eq!(store.query("launch").last_seen(), Some(Duration::zero()));
    assert_eq!(store.query("launch").first_seen(), Some(Duration::zero()));
    clock.advance(Duration::hours(5));
    assert_eq!(store.query("launch").last_seen(), Some(Duration::hours(5)));
    assert_eq!(store.query("launch").first_seen(), Some(Duration::hours(5)));
}

#[test]
fn limits_work_after_hours_of_recording_under_a_clock_that_was_ahead() {
    let clock = clock_at(instant("2027-01-01T00:00:00Z"));
    let store = in_memory(&clock);
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
fn events_recorded_after_a_clock_went_back_by_years_survive_a_persist() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let now = instant("2026-03-10T12:00:00Z");
    let store = on_log(&clock, dir.path());
    // A persist on three dates: from then on old buckets may be dropped.
    for day in 0..3 {
        clock.set(now + Duration::days(day));
        store.record("tap");
        store.persist().unwrap();
    }
    clock.set(instant("2024-01-01T00:00:00Z"));
    let limit = || store.limit().at_most("tap", 4, TimeUnit::Days);
    limit().check_and_record("tap").unwrap();
    store.persist().unwrap();
    assert_eq!(
        store.query("tap").last_days(1).sum(),
        Some(4),
        "the three ahead of the clock count as of now"
    );
    assert!(!limit().allowed("tap"));
    clock.set(now + Duration::days(3));
    assert_eq!(store.query("tap").last_days(4).into_buckets(), [0, 1, 1, 1]);
}

#[test]
fn retry_after_is_exact_if_the_clock_goes_back_a_little_further_after_a_step() {
    let clock = clock_at(instant("2026-03-07T21:00:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    // Set back by a day, which is noticed at noon. A little further back is not a new step.
    clock.set(instant("2026-03-06T12:00:00Z"));
    assert_eq!(store.query("x").last_seen(), Some(Duration::zero()));
    clock.set(instant("2026-03-06T11:59:59Z"));
    let wanted = Some(Duration::seconds(3_601));
    assert_eq!(retry_after(store.limit().cooldown("x", Duration::hours(1)), "x"), wanted);
    assert_eq!(retry_after(store.limit().at_most("x", 1, Duration::hours(1)), "x"), wanted);
    assert_eq!(retry_after(store.limit().at_most("x", 1, TimeUnit::Hours), "x"), wanted);
}

#[test]
fn first_seen_in_ignores_an_event_ahead_of_the_clock_once_its_window_has_passed_the_notice() {
    let clock = clock_at(instant("2026-03-07T21:00:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    clock.set(instant("2026-01-07T21:00:00Z"));
    assert_eq!(store.query("x").first_seen_in(TimeUnit::Minutes), Some(Duration::zero()));
    // Read as of two hours ago, so it is not in the last sixty minutes.
    clock.advance(Duration::hours(2));
    assert_eq!(store.query("x").last_minutes(60).sum(), Some(0));
    assert_eq!(store.query("x").first_seen_in(TimeUnit::Minutes), None);
    assert_eq!(store.query("x").first_seen_in(TimeUnit::Hours), Some(Duration::hours(2)));
}

#[test]
fn at_least_believes_events_up_to_15_minutes_ahead_of_the_clock() {
    let clock = clock_at(instant("2026-03-07T21:30:00.123Z"));
    let store = in_memory(&clock);
    store.record_count("x", 2);
    let twice = || store.limit().at_least("x", 2, Duration::hours(1));
    clock.set(instant("2026-03-07T21:28:59.999Z"));
    assert!(twice().allowed("x"));
    assert!(store.limit().within("x", Duration::minutes(1)).allowed("x"));
    clock.set(instant("2026-03-07T21:10:00Z"));
    let wait = retry_after(twice(), "x").unwrap();
    assert_eq!(wait, Duration::minutes(5), "until their minute is believed");
    clock.advance(wait - Duration::milliseconds(1));
    assert!(!twice().allowed("x"));
    clock.advance(Duration::milliseconds(1));
    assert!(twice().allowed("x"));
}

#[test]
fn what_an_app_records_with_the_true_time_counts_after_its_clock_was_ahead() {
    let clock = clock();
    let store = in_memory(&clock);
    clock.set(noon() + Duration::days(60));
    store.record_count_at("x", 3, noon()).unwrap();
    clock.set(noon());
    assert!(!store.limit().at_most("x", 3, Duration::hours(1)).allowed("x"));
    assert!(!store.limit().at_most("x", 3, TimeUnit::Hours).allowed("x"));
}
