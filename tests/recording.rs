//! Recording an event: now, in the past, in the future, too often, too long ago.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::{DateTime, Duration, Utc};
use common::stores::{clock, in_memory, noon, under};
use tiny_counter::Error;

#[test]
fn a_recording_counts_in_every_tracked_unit() {
    let store = under(&clock())
        .track_seconds(5)
        .track_minutes(5)
        .track_hours(5)
        .track_days(5)
        .track_weeks(5)
        .track_months(5)
        .track_years(5)
        .build()
        .unwrap();
    store.record("x");
    store.record_count("x", 2);
    let query = || store.query("x");
    let sums = [
        query().last_seconds(1),
        query().last_minutes(1),
        query().last_hours(1),
        query().last_days(1),
        query().last_weeks(1),
        query().last_months(1),
        query().last_years(1),
        query().ever(),
    ];
    assert_eq!(sums.map(|range| range.sum()), [Some(3); 8]);
}

#[test]
fn names_that_look_alike_and_differ_in_bytes_are_different_events() {
    let store = in_memory(&clock());
    // An e with an accent: as one character, and as two.
    let names = ["caf\u{e9}", "cafe\u{301}"];
    store.record_count(names[0], 2);
    store.record(names[1]);
    assert_eq!(names.map(|name| store.query(name).lifetime()), [Some(2), Some(1)]);
    assert_eq!(store.events(), [names[1], names[0]], "in the order of their bytes");
    store.erase_event(names[0]).unwrap();
    assert_eq!(names.map(|name| store.query(name).lifetime()), [None, Some(1)]);
}

#[test]
fn what_is_recorded_now_counts_like_any_recording() {
    let store = in_memory(&clock());
    store.record_now("x").unwrap();
    store.record_count_now("x", 2).unwrap();
    assert_eq!(store.query("x").last_minutes(1).sum(), Some(3));
    assert!(matches!(store.record_now("x".repeat(1_025)), Err(Error::InvalidEvent { .. })));
    assert_eq!(store.events(), ["x"]);
}

#[test]
fn recording_zero_times_only_makes_an_event_known() {
    let store = in_memory(&clock());
    assert_eq!(store.query("x").last_days(1).sum(), None);
    store.record_count("x", 0);
    assert_eq!(store.query("x").last_days(1).sum(), Some(0));
    assert_eq!(store.query("x").lifetime(), Some(0));
    assert_eq!(store.query("x").last_seen(), None);
}

#[test]
fn a_past_recording_counts_in_the_buckets_of_its_instant() {
    let store = in_memory(&clock());
    store.record_at("x", noon() - Duration::days(1)).unwrap();
    store.record_ago("x", Duration::hours(13));
    assert_eq!(store.query("x").last_days(3).into_buckets(), [0, 2, 0]);
    assert_eq!(store.query("x").last_hours(30).last_seen(), Some(13));
    assert_eq!(store.query("x").last_hours(30).first_seen(), Some(24));
    assert_eq!(store.query("x").last_seen(), Some(Duration::hours(13)));
    assert_eq!(store.query("x").first_seen(), Some(Duration::hours(24)));
}

#[test]
fn an_instant_up_to_a_minute_ahead_counts_as_now_and_a_later_one_does_not_count() {
    let store = in_memory(&clock());
    store.record_at("near", noon() + Duration::seconds(60)).unwrap();
    assert_eq!(store.query("near").last_seen(), Some(Duration::zero()));
    let refused = store.record_at("far", noon() + Duration::milliseconds(60_001));
    assert!(matches!(refused, Err(Error::FutureEvent)));
    store.record_ago("near", -Duration::seconds(60));
    assert_eq!(
        (store.query("near").lifetime(), store.query("near").last_minutes(1).sum()),
        (Some(2), Some(2))
    );
    for ago in [-Duration::milliseconds(60_001), Duration::MIN] {
        store.record_ago("far", ago);
    }
    assert_eq!(store.query("far").ever().sum(), None);
    assert_eq!(store.events(), ["near"]);
}

#[test]
fn a_recording_too_old_for_a_unit_still_counts_in_the_lifetime() {
    let store = under(&clock()).track_hours(2).track_days(2).build().unwrap();
    store.record_ago("x", Duration::hours(30));
    store.record_ago("x", Duration::days(900));
    assert_eq!(store.query("x").last_hours(9).sum(), Some(0));
    assert_eq!(store.query("x").last_days(9).sum(), Some(1));
    assert_eq!(store.query("x").lifetime(), Some(2));
    assert_eq!(store.query("x").first_seen(), Some(Duration::days(900)));
}

#[test]
fn sums_saturate_at_32_bits_and_totals_do_not() {
    let store = in_memory(&clock());
    store.record_count("x", u32::MAX);
    store.record_count("x", u32::MAX);
    assert_eq!(store.query("x").last_days(1).sum(), Some(u32::MAX));
    assert_eq!(store.query("x").last_days(1).total(), Some(2 * u64::from(u32::MAX)));
    assert_eq!(store.query("x").last_days(1).into_buckets(), [u32::MAX]);
}

#[test]
fn any_string_of_up_to_1024_bytes_is_an_event_name() {
    let store = in_memory(&clock());
    for name in ["", "..", "a/b", "\0", "🎉", "NUL", &"x".repeat(1024)] {
        store.record(name);
        assert_eq!(store.query(name).ever().sum(), Some(1));
    }
    let long = "x".repeat(1025);
    store.record(&long);
    assert_eq!(store.query(&long).ever().sum(), None);
    assert!(matches!(store.record_at(&long, noon()), Err(Error::InvalidEvent { .. })));
    assert!(matches!(store.limit().check(&long), Err(Error::InvalidEvent { .. })));
}

#[test]
fn extreme_instants_and_durations_are_clamped_or_refused() {
    let clock = clock();
    let store = in_memory(&clock);
    for time in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::UNIX_EPOCH] {
        store.record_at("past", time).unwrap();
    }
    assert!(store.record_at("future", DateTime::<Utc>::MAX_UTC).is_err());
    for ago in [Duration::MAX, Duration::MIN, Duration::zero()] {
        store.record_ago("ago", ago);
    }
    assert_eq!(store.query("ago").lifetime(), Some(2));
    for absurd in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
        clock.set(absurd);
        store.record("now");
        assert!(store.query("now").last_days(1).sum().is_some());
        assert!(store.limit().at_most("now", 9, Duration::MAX).check("now").is_err());
    }
}
