//! Rolling windows: how far they reach back, how precise they are, and what they count if other
//! units were tracked, on another device or before a change of the zone.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::{DateTime, Duration, Utc};
use common::stores::{clock_at, in_memory, instant, retry_after, under};
use tiny_counter::{CountBounds, EventStore, TimeUnit, Zone};

/// Instants that lie in all parts of a year.
fn starts() -> impl Iterator<Item = DateTime<Utc>> {
    let first = instant("2024-02-27T23:10:20Z");
    (0..40).map(move |n| first + Duration::minutes(n * 13_277))
}

fn allows(store: &EventStore, event: &str, limit: u32, window: Duration) -> bool {
    store.limit().at_most(event, limit, window).allowed(event)
}

#[test]
fn a_question_about_365_days_counts_nothing_of_more_than_a_week_before() {
    for start in starts() {
        let clock = clock_at(start);
        let store = in_memory(&clock);
        store.record_count("sale", 3);
        for age in [364, 373, 450, 729] {
            clock.set(start + Duration::days(age));
            let expected = if age < 365 { 3 } else { 0 };
            let asked = store.query("sale").rolling(Duration::days(365)).sum();
            assert_eq!(asked, Some(expected), "{age} days after {start}");
        }
    }
}

#[test]
fn at_most_3_in_365_days_passes_again_after_372_days() {
    for start in starts() {
        let clock = clock_at(start);
        let store = in_memory(&clock);
        store.record_count("sale", 3);
        clock.set(start + Duration::days(365) - Duration::milliseconds(1));
        assert!(!allows(&store, "sale", 3, Duration::days(365)), "after {start}");
        for age in [372, 380, 500, 729] {
            clock.set(start + Duration::days(age));
            assert!(allows(&store, "sale", 3, Duration::days(365)), "{age} days after {start}");
        }
    }
}

#[test]
fn at_least_3_in_365_days_counts_the_day_before_new_year() {
    let clock = clock_at(instant("2026-12-31T20:00:00Z"));
    let store = in_memory(&clock);
    store.record_count("launch", 3);
    clock.advance(Duration::hours(9));
    assert!(store.limit().at_least("launch", 3, Duration::days(365)).allowed("prompt"));
}

/// Asserts that two recordings at once fill a window for its length, and for at most a bucket more.
fn full_until(window: Duration, bucket: Duration) {
    for start in starts() {
        let clock = clock_at(start);
        let store = in_memory(&clock);
        store.record_count("ad", 2);
        let wait = retry_after(store.limit().at_most("ad", 2, window), "ad").unwrap();
        assert!((window..=window + bucket).contains(&wait), "{wait} after {start}");
        clock.set(start + window - Duration::milliseconds(1));
        assert!(!allows(&store, "ad", 2, window), "before its end, {start}");
        clock.set(start + wait - Duration::milliseconds(1));
        assert!(!allows(&store, "ad", 2, window), "before the end of the wait, {start}");
        clock.set(start + wait);
        assert!(allows(&store, "ad", 2, window), "after the wait, {start}");
    }
}

#[test]
fn a_window_of_61_minutes_is_answered_by_60_tracked_minutes() {
    full_until(Duration::minutes(61), Duration::minutes(1));
}

#[test]
fn a_window_of_73_hours_is_answered_by_72_tracked_hours() {
    full_until(Duration::hours(73), Duration::hours(1));
}

#[test]
fn a_window_of_57_days_is_answered_by_56_tracked_days() {
    full_until(Duration::days(57), Duration::days(1));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod updates {
    use tiny_counter::{EventStoreBuilder, TestClock};

    use super::common::SharedStorage;
    use super::*;

    #[test]
    fn a_flight_west_opens_no_limit_of_a_unit_that_was_untracked_for_a_while() {
        // Monday in UTC, and still Sunday eleven hours west.
        let (clock, storage) = (clock_at(instant("2026-03-09T00:30:00Z")), SharedStorage::default());
        let open = |weeks: usize| {
            let builder = under(&clock).with_storage(storage.clone()).track_days(31);
            if weeks > 0 { builder.track_weeks(weeks) } else { builder }.build().unwrap()
        };
        let store = open(4);
        store.record("x");
        drop(store);
        let store = open(0);
        store.record("x");
        drop(store);
        let store = open(4);
        store.set_zone(Zone::fixed(-11 * 3_600).unwrap());
        clock.set(instant("2026-03-09T11:00:00Z"));
        // By the date at which it was recorded, it happened in this week.
        let limit = store.limit().at_most("x", 1, TimeUnit::Weeks);
        assert!(!limit.allowed("x"));
    }

    fn on(clock: &TestClock, storage: &SharedStorage) -> EventStoreBuilder {
        under(clock).with_storage(storage.clone())
    }

    /// A store that tracks hours since an update. Five calls were made before it, one after it.
    fn with_hours_since_an_update(clock: &TestClock) -> EventStore {
        let storage = SharedStorage::default();
        let before = on(clock, &storage).track_days(21).build().unwrap();
        before.record_count("call", 5);
        drop(before);
        clock.advance(Duration::minutes(50));
        let after = on(clock, &storage).track_days(21).track_hours(48).build().unwrap();
        assert!(!allows(&after, "call", 5, Duration::hours(12)));
        after.record("call");
        after
    }

    #[test]
    fn a_limit_counts_what_was_recorded_before_an_update_that_adds_its_unit() {
        let clock = clock_at(instant("2025-05-07T10:00:00Z"));
        let store = with_hours_since_an_update(&clock);
        assert!(!allows(&store, "call", 6, Duration::hours(12)));
        assert!(allows(&store, "call", 7, Duration::hours(12)));
        let bounds = store.query("call").rolling(Duration::hours(12)).bounds().unwrap();
        assert_eq!((bounds.lower, bounds.upper), (6, 6), "today lies inside of the window");
    }

    #[test]
    fn another_device_does_not_trust_a_unit_that_an_update_added() {
        let clock = clock_at(instant("2025-05-07T10:00:00Z"));
        let tablet = with_hours_since_an_update(&clock);
        let phone = in_memory(&clock);
        phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
        assert!(!allows(&phone, "call", 6, Duration::hours(12)));
    }

    #[test]
    fn a_unit_added_by_an_update_is_exact_once_the_window_begins_after_the_update() {
        let clock = clock_at(instant("2025-05-07T10:00:00Z"));
        let store = with_hours_since_an_update(&clock);
        clock.advance(Duration::hours(11));
        let bounds = store.query("call").rolling(Duration::hours(10)).bounds().unwrap();
        assert_eq!((bounds.lower, bounds.upper), (0, 0));
    }

    /// Ten prompts, one every nine days, in a store that tracks five days.
    fn ten_prompts(clock: &TestClock, storage: &SharedStorage) -> EventStore {
        let store = on(clock, storage).track_days(5).track_weeks(52).build().unwrap();
        for place in 0..10 {
            clock.advance(Duration::days(if place > 0 { 9 } else { 0 }));
            store.record("prompt");
            store.persist().unwrap();
        }
        store
    }

    #[test]
    fn a_limit_counts_what_was_dropped_before_an_update_that_tracks_more_days() {
        let (clock, storage) = (clock_at(instant("2025-05-07T10:00:00Z")), SharedStorage::default());
        drop(ten_prompts(&clock, &storage));
        let store = on(&clock, &storage).track_days(90).track_weeks(52).build().unwrap();
        assert!(!allows(&store, "prompt", 10, Duration::days(90)));
        assert!(!store.limit().at_most("prompt", 10, (90, TimeUnit::Days)).allowed("prompt"));
    }

    #[test]
    fn a_limit_counts_what_a_device_that_tracks_fewer_days_has_dropped() {
        let (clock, storage) = (clock_at(instant("2025-05-07T10:00:00Z")), SharedStorage::default());
        let phone = ten_prompts(&clock, &storage);
        let tablet = under(&clock).track_days(90).track_weeks(52).build().unwrap();
        tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
        assert!(!allows(&tablet, "prompt", 10, Duration::days(90)));
    }

    #[test]
    fn what_is_recorded_late_counts_although_its_days_were_not_kept_then() {
        let (clock, storage) = (clock_at(instant("2025-05-07T10:00:00Z")), SharedStorage::default());
        let store = on(&clock, &storage).track_days(2).track_weeks(52).build().unwrap();
        store.record("sync");
        store.record_count_ago("sync", 4, Duration::days(8));
        drop(store);
        let store = on(&clock, &storage).track_days(30).track_weeks(52).build().unwrap();
        assert!(!allows(&store, "sync", 5, Duration::days(20)));
    }

    /// Records on more days than are kept, closes the store, records today, and sets the zone before
    /// anything is read. Returns the store, reopened if `reopens`.
    fn zone_before_reading(open: impl Fn(&TestClock) -> EventStore, reopens: bool) {
        let clock = clock_at(instant("2025-05-07T10:00:00Z"));
        let store = open(&clock);
        for _ in 0..150 {
            store.record("launch");
            clock.advance(Duration::days(1));
        }
        drop(store);
        let mut store = open(&clock);
        store.record_count("launch", 4);
        store.set_zone(Zone::utc());
        if reopens {
            store.persist().unwrap();
            drop(store);
            store = open(&clock);
        }
        assert_eq!(store.query("launch").last_days(4).into_buckets(), [4, 1, 1, 1]);
        assert!(!store.limit().at_most("launch", 4, TimeUnit::Days).allowed("launch"));
        assert!(store.limit().at_most("launch", 5, TimeUnit::Days).allowed("launch"));
    }

    #[test]
    fn a_zone_that_is_set_before_a_full_event_is_read_loses_nothing() {
        for reopens in [false, true] {
            let storage = SharedStorage::default();
            zone_before_reading(|clock| on(clock, &storage).build().unwrap(), reopens);
        }
    }

    #[cfg(feature = "storage-fs")]
    #[test]
    fn a_zone_that_is_set_before_a_full_event_is_read_from_a_log_loses_nothing() {
        for reopens in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            zone_before_reading(|clock| under(clock).with_log(folder.path()).build().unwrap(), reopens);
        }
    }
}

#[test]
fn a_flight_widens_the_bounds_of_a_rolling_window_and_opens_no_limit() {
    let clock = clock_at(instant("2025-05-07T10:30:00Z"));
    let store = under(&clock).track_days(10).build().unwrap();
    // 23:30 in Auckland; then it is 00:30 in Honolulu, on the same date.
    store.set_zone(Zone::fixed(13 * 3_600).unwrap());
    store.record_count("ad", 2);
    store.set_zone(Zone::fixed(-10 * 3_600).unwrap());
    let window = Duration::days(2);
    clock.advance(window - Duration::milliseconds(1));
    assert!(!allows(&store, "ad", 2, window));
    clock.advance(Duration::days(2));
    assert!(allows(&store, "ad", 2, window));
}

#[test]
fn a_window_is_an_error_only_beyond_the_reach_of_every_unit() {
    let store = under(&clock_at(instant("2025-05-07T10:30:00Z"))).track_days(10).build().unwrap();
    store.record("ad");
    let reach = store.reach(TimeUnit::Days).unwrap();
    assert_eq!(reach, Duration::days(19));
    assert!(store.limit().at_most("ad", 2, reach).check("ad").is_ok());
    assert!(store.limit().at_most("ad", 2, reach + Duration::milliseconds(1)).check("ad").is_err());
    assert!(store.limit().at_most("ad", 2, (11, TimeUnit::Days)).check("ad").is_err());
    assert!(store.limit().cooldown("ad", Duration::days(99)).check("ad").is_err());
}

#[test]
fn the_bounds_of_the_newest_buckets_of_a_rolling_window_are_those_of_these_buckets() {
    let clock = clock_at(instant("2026-03-10T12:00:00Z"));
    let store = in_memory(&clock);
    for hours in [1, 3, 24, 27, 100, 165, 167] {
        store.record_ago("x", Duration::hours(hours));
    }
    let week = || store.query("x").rolling(Duration::days(7));
    let bounds = |n| week().take(n).bounds().map(|bounds| (bounds.lower, bounds.upper));
    assert_eq!((week().take(2).sum(), bounds(2)), (Some(4), Some((4, 4))));
    assert!(week().take(2).is_complete());
    assert_eq!((week().take(0).sum(), bounds(0)), (Some(0), Some((0, 0))));
    // The window begins inside the eighth day.
    assert_eq!((week().take(7).sum(), bounds(7)), (Some(5), Some((5, 5))));
    assert_eq!((week().take(8).sum(), bounds(8)), (Some(7), Some((5, 7))));
    assert_eq!(bounds(9), bounds(8));
    for window in [Duration::zero(), Duration::days(-7), Duration::MIN] {
        let none = || store.query("x").rolling(window);
        let bounds = none().bounds().map(|bounds| (bounds.lower, bounds.upper));
        assert_eq!((none().sum(), bounds), (Some(0), Some((0, 0))), "{window}");
    }
    assert!(!week().is_complete() && !week().take(8).is_complete());
}

#[test]
fn a_pending_reservation_counts_for_a_cooldown() {
    let store = in_memory(&clock_at(instant("2025-05-07T10:30:00Z")));
    let cooldown = || store.limit().cooldown("ad", Duration::hours(1));
    let reserved = cooldown().reserve("ad").unwrap();
    assert!(!cooldown().allowed("ad"));
    drop(reserved);
    assert!(cooldown().allowed("ad"));
}

#[test]
fn nothing_happened_in_no_buckets() {
    let clock = clock_at(instant("2025-06-18T12:00:00Z"));
    let east = under(&clock).with_zone(Zone::fixed(13 * 3_600).unwrap()).build().unwrap();
    east.record_count("sale", 6);
    let store = in_memory(&clock);
    store.merge_bytes(&east.export_bytes().unwrap()).unwrap();
    let empty = [
        store.query("sale").last_days(0),
        store.query("sale").days(3..3),
        store.query("sale").last_days(5).take(0),
        store.query("sale").rolling(Duration::hours(5)).take(0),
    ];
    for range in empty {
        assert_eq!(range.clone().sum(), Some(0));
        assert_eq!(range.clone().bounds(), Some(CountBounds { lower: 0, upper: 0 }));
        assert!(range.is_complete());
    }
}

#[test]
fn bounds_answers_and_rules_read_what_lies_ahead_after_a_correction_at_one_instant() {
    let clock = clock_at(instant("2026-03-01T12:14:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    clock.set(instant("2026-03-01T12:00:00Z"));
    store.record("y");
    clock.advance(Duration::minutes(5));
    for (minutes, count) in [(1, 0), (7, 1)] {
        let window = Duration::minutes(minutes);
        let bounds = store.query("x").rolling(window).bounds().unwrap();
        assert_eq!((bounds.lower, bounds.upper), (count, count), "in {minutes} minutes");
        assert_eq!(store.query("x").rolling(window).total(), Some(count));
        assert_eq!(allows(&store, "x", 1, window), count == 0);
        assert_eq!(store.limit().at_least("x", 1, window).allowed("x"), count > 0);
        assert_eq!(store.limit().cooldown("x", window).allowed("x"), count == 0);
    }
}

#[test]
fn the_bounds_of_the_first_year_hold_its_counts() {
    let clock = clock_at(instant("0001-06-01T12:00:00Z"));
    let store = in_memory(&clock);
    store.record_count("x", 3);
    let bounds = store.query("x").last_years(1).bounds().unwrap();
    assert_eq!((bounds.lower, bounds.upper), (3, 3));
    assert_eq!(store.query("x").last_years(1).sum(), Some(3));
}
