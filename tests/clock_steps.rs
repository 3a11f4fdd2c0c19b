//! A clock that goes back, or was ahead and is set right.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::*;
use tiny_counter::{Clock, TimeUnit};

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
    // The one that was recorded while the clock was wrong happened just now.
    assert_eq!(store.query("tap").last_days(4).into_buckets(), [1, 1, 1, 1]);
}

#[test]
fn retry_after_is_exact_if_the_clock_goes_back_further_after_a_step() {
    let clock = clock_at(instant("2026-03-07T21:00:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    // Set back by a day, which is noticed at noon, and then a little further.
    clock.set(instant("2026-03-06T12:00:00Z"));
    assert_eq!(store.query("x").last_seen(), Some(Duration::zero()));
    clock.set(instant("2026-03-06T11:59:50Z"));
    let cooldown = || store.limit().cooldown("x", Duration::hours(1));
    let wanted = Some(Duration::hours(1));
    assert_eq!(retry_after(cooldown(), "x"), wanted, "from the new notice");
    assert_eq!(retry_after(store.limit().at_most("x", 1, Duration::hours(1)), "x"), wanted);
    let end_of_the_hour = Some(Duration::seconds(10));
    assert_eq!(retry_after(store.limit().at_most("x", 1, TimeUnit::Hours), "x"), end_of_the_hour);
    clock.advance(Duration::milliseconds(3_599_999));
    assert!(!cooldown().allowed("x"));
    clock.advance(Duration::milliseconds(1));
    assert!(cooldown().allowed("x"));
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
fn at_least_counts_events_up_to_15_minutes_ahead_of_the_clock() {
    let clock = clock_at(instant("2026-03-07T21:30:00.123Z"));
    let store = in_memory(&clock);
    store.record_count("x", 2);
    let twice = || store.limit().at_least("x", 2, Duration::minutes(5));
    clock.set(instant("2026-03-07T21:16:30Z"));
    assert!(twice().allowed("x"));
    // A clock that goes back by more shows a wrong time, then or now. They count when it shows their
    // time again.
    clock.set(instant("2026-03-07T21:10:00Z"));
    let wait = Duration::milliseconds(20 * 60_000 + 123);
    assert_eq!(retry_after(twice(), "x"), Some(wait));
    clock.advance(wait);
    assert!(twice().allowed("x"));
}

/// The corrections of a clock that was a few minutes fast.
fn small_corrections() -> [Duration; 3] {
    [2, 14, 15].map(Duration::minutes)
}

#[test]
fn a_cooldown_begins_anew_at_a_correction_and_lasts_no_longer() {
    for fast in small_corrections() {
        let clock = clock_at(instant("2026-03-01T12:00:59Z"));
        let store = in_memory(&clock);
        store.record_count("failure", 3);
        clock.set(clock.now() - fast);
        let cooldown = || store.limit().cooldown("failure", Duration::seconds(10));
        let wait = retry_after(cooldown(), "retry").unwrap();
        assert_eq!(wait, Duration::seconds(10), "fast by {fast}");
        clock.advance(wait - Duration::milliseconds(1));
        assert!(!cooldown().allowed("retry"));
        clock.advance(Duration::milliseconds(1));
        assert!(cooldown().allowed("retry"));
    }
}

#[test]
fn a_correction_that_is_shorter_than_a_cooldown_makes_it_longer_by_as_much() {
    let clock = clock_at(instant("2026-03-01T12:00:59Z"));
    let store = in_memory(&clock);
    store.record("failure");
    clock.set(clock.now() - Duration::seconds(3));
    let cooldown = || store.limit().cooldown("failure", Duration::seconds(10));
    assert_eq!(retry_after(cooldown(), "retry"), Some(Duration::seconds(13)));
    clock.advance(Duration::milliseconds(12_999));
    assert!(!cooldown().allowed("retry"));
    clock.advance(Duration::milliseconds(1));
    assert!(cooldown().allowed("retry"));
}

#[test]
fn a_rolling_window_begins_anew_at_a_correction() {
    for fast in small_corrections() {
        let clock = clock_at(instant("2026-03-01T12:00:59Z"));
        let store = in_memory(&clock);
        store.record_count("failure", 3);
        clock.set(clock.now() - fast);
        let limit = || store.limit().at_most("failure", 3, Duration::minutes(1));
        let wait = retry_after(limit(), "retry").unwrap();
        // A minute, and the rest of the minute in which the correction was noticed.
        assert!(Duration::minutes(1) <= wait && wait < Duration::minutes(2), "{wait}");
        clock.advance(wait);
        assert!(limit().allowed("retry"), "fast by {fast}");
    }
}

#[test]
fn a_correction_of_up_to_a_second_does_not_move_time_back() {
    let clock = clock_at(instant("2026-03-01T12:00:00Z"));
    let store = in_memory(&clock);
    store.record("tap");
    clock.set(instant("2026-03-01T11:59:59Z"));
    store.record("tap");
    assert_eq!(store.health().clock_went_back, None);
    assert_eq!(store.query("tap").last_seen(), Some(Duration::zero()));
    assert_eq!(store.query("tap").last_minutes(2).into_buckets(), [2, 0]);
    assert!(store.limit().within("tap", Duration::minutes(1)).allowed("tap"));
    clock.advance(Duration::milliseconds(1_500));
    assert_eq!(store.query("tap").last_seen(), Some(Duration::milliseconds(500)));
}

#[test]
fn the_notice_moves_with_a_clock_that_is_set_under_a_large_step() {
    let clock = clock_at(instant("2025-06-10T10:00:00Z"));
    let store = in_memory(&clock);
    store.record("launch");
    clock.set(instant("2022-06-10T10:00:00Z"));
    let went_back = || store.health().clock_went_back;
    assert_eq!(went_back(), Some(instant("2022-06-10T10:00:00Z")));
    clock.advance(Duration::minutes(2));
    assert_eq!(went_back(), Some(instant("2022-06-10T10:00:00Z")));
    // Two minutes and a year later: the launch was noticed two minutes ago.
    clock.set(instant("2023-06-10T10:02:00Z"));
    assert_eq!(went_back(), Some(instant("2023-06-10T10:00:00Z")));
    assert_eq!(store.query("launch").last_seen(), Some(Duration::minutes(2)));
    let cooldown = store.limit().cooldown("launch", Duration::hours(1));
    assert_eq!(retry_after(cooldown, "launch"), Some(Duration::minutes(58)));
    clock.set(instant("2025-06-10T10:05:00Z"));
    assert_eq!(went_back(), None);
}

#[test]
fn no_limit_opens_early_if_the_clock_is_set_back_again_under_a_large_step() {
    let clock = clock_at(instant("2026-03-10T12:00:00Z"));
    let store = in_memory(&clock);
    store.record("before");
    clock.set(instant("2026-03-05T12:00:00Z"));
    let _ = store.health();
    clock.advance(Duration::hours(5));
    store.record("under");
    clock.advance(Duration::minutes(1));
    clock.set(instant("2026-03-04T12:00:00Z"));
    let wait = |event| retry_after(store.limit().cooldown(event, Duration::hours(1)), "x");
    assert!(wait("under") >= Some(Duration::minutes(59)));
    clock.advance(Duration::minutes(58));
    assert!(wait("under").is_some());
}

#[cfg(feature = "storage-fs")]
#[test]
fn the_buckets_of_a_cell_that_a_step_ended_age_too() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant("2026-03-10T12:00:00Z")));
    let store = on_log(&clock, dir.path());
    for _ in 0..100 {
        store.record("tap");
        clock.advance(Duration::minutes(1));
    }
    // The step ends the cell of before, and the next recording begins another one.
    clock.set(instant("2026-03-01T12:00:00Z"));
    store.record("tap");
    // What the counts still hold of minutes that lie more than 1,000 minutes back.
    let old_minutes = || {
        let counters = store.export_all().unwrap();
        counters["tap"].sum(TimeUnit::Minutes, 1_000..100_000, clock.now(), &tiny_counter::Zone::utc())
    };
    clock.set(instant("2026-03-10T14:00:00Z"));
    for day in 0..9 {
        clock.advance(Duration::days(1));
        store.record("tap");
        if day == 0 {
            assert!(old_minutes() >= 100);
        }
        store.persist().unwrap();
    }
    assert!(old_minutes() < 10, "{} are left", old_minutes());
    assert_eq!(store.query("tap").lifetime(), Some(110));
}

#[test]
fn a_small_correction_under_a_large_step_opens_no_cooldown() {
    let clock = clock_at(instant("2026-03-11T12:00:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    clock.set(instant("2026-03-10T12:00:00Z"));
    assert!(store.health().clock_went_back.is_some());
    clock.advance(Duration::hours(2));
    store.record("x");
    clock.set(clock.now() - Duration::minutes(10));
    let cooldown = || store.limit().cooldown("x", Duration::hours(1));
    assert!(!cooldown().allowed("x"), "it happened just now");
    assert_eq!(store.query("x").last_seen(), Some(Duration::zero()));
    clock.advance(Duration::minutes(71));
    assert!(cooldown().allowed("x"));
}

#[cfg(feature = "serde-json")]
#[test]
fn an_event_has_few_cells_however_often_the_clock_is_corrected_under_a_step() {
    let clock = clock_at(instant("2028-03-10T12:00:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    clock.set(instant("2026-03-10T12:00:00Z"));
    assert!(store.health().clock_went_back.is_some());
    for day in 0..60 {
        clock.advance(Duration::days(1));
        let correction = [Duration::minutes(20), Duration::minutes(-20), Duration::seconds(2)][day % 3];
        clock.set(clock.now() + correction);
        store.record("x");
        assert_eq!(store.query("x").last_minutes(1).sum(), Some(1), "on day {day}");
    }
    assert_eq!(store.query("x").lifetime(), Some(61));
    let counter = serde_json::to_value(&store.export_all().unwrap()["x"]).unwrap();
    let cells = counter["lanes"].as_array().unwrap().len();
    assert!(cells <= 6, "{cells} cells");
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_count_made_under_a_slow_clock_is_shifted_also_if_the_store_was_compacted_meanwhile() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant("2025-06-10T10:00:00Z")));
    let mut store = on_log(&clock, dir.path());
    store.record("launch");
    clock.set(instant("2022-06-10T10:00:00Z"));
    store.record("prompt");
    store.compact().unwrap();
    clock.advance(Duration::minutes(2));
    clock.set(instant("2025-06-10T10:05:00Z"));
    // The store notices that the clock was set before anything asks for the prompt.
    assert_eq!(store.health().clock_went_back, None);
    let is_shown = |store: &tiny_counter::EventStore| {
        !store.limit().at_most("prompt", 1, Duration::days(7)).allowed("prompt")
    };
    assert!(is_shown(&store), "it was shown a few minutes ago");
    assert_eq!(store.query("prompt").last_days(1).sum(), Some(1));
    // Once the step is over, nothing has to stay in memory.
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    assert!(is_shown(&store));
}

#[test]
fn what_a_shift_puts_ahead_of_the_clock_blocks_no_longer_than_its_rule() {
    let clock = clock_at(instant("2026-03-10T12:00:00Z"));
    let store = in_memory(&clock);
    clock.set(instant("2026-03-10T12:30:00Z"));
    store.record("x");
    // A large step back, and a small one under it, which leaves a recording ahead of the clock.
    clock.set(instant("2026-03-10T12:14:00Z"));
    store.record("x");
    clock.set(instant("2026-03-10T12:00:00Z"));
    store.record("x");
    // The clock shows the wrong time again, and then the right one.
    clock.set(instant("2026-03-10T12:30:00Z"));
    assert_eq!(store.query("x").lifetime(), Some(3));
    clock.set(instant("2026-03-10T12:00:00Z"));
    let wait = retry_after(store.limit().cooldown("x", Duration::minutes(1)), "x").unwrap();
    assert_eq!(wait, Duration::minutes(1));
    clock.advance(wait);
    assert!(store.limit().cooldown("x", Duration::minutes(1)).allowed("x"));
    // Also when the clock has passed everything that it ever showed.
    clock.advance(Duration::minutes(32));
    assert!(store.limit().cooldown("x", Duration::minutes(1)).allowed("x"));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_count_made_under_a_slow_clock_is_shifted_also_if_the_event_was_not_read_yet() {
    let (storage, clock) = (SharedStorage::default(), clock_at(instant("2025-06-10T10:00:00Z")));
    let open = || under(&clock).with_storage(storage.clone()).build().unwrap();
    let store = open();
    store.record_ago("prompt", Duration::days(200));
    drop(store);
    let store = open();
    assert_eq!(store.health().clock_went_back, None);
    clock.set(instant("2025-05-10T10:00:00Z"));
    // The stored part is read by the persist, after the recording.
    store.record("prompt");
    store.persist().unwrap();
    clock.set(instant("2025-06-10T10:05:00Z"));
    assert_eq!(store.health().clock_went_back, None);
    assert!(!store.limit().at_most("prompt", 1, Duration::days(7)).allowed("prompt"));
    assert_eq!(store.query("prompt").lifetime(), Some(2));
}

#[cfg(feature = "storage-fs")]
#[test]
fn what_an_earlier_process_counted_under_a_step_fills_a_limit_after_the_clock_is_set() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant("2025-06-11T10:00:00Z")));
    let store = on_log(&clock, dir.path());
    store.record("launch");
    clock.set(instant("2025-05-10T10:00:00Z"));
    store.record("prompt");
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    assert!(store.health().clock_went_back.is_some());
    clock.advance(Duration::minutes(1));
    // The clock is set, but was further ahead once, so the step stays open.
    clock.set(instant("2025-06-10T10:05:00Z"));
    assert!(store.health().clock_went_back.is_some());
    let weekly = || store.limit().at_most("prompt", 1, Duration::days(7));
    assert!(!weekly().allowed("prompt"), "it was shown a minute ago");
    clock.advance(Duration::days(8));
    assert!(weekly().allowed("prompt"));
}

#[test]
fn a_wait_counts_from_what_the_clock_shows() {
    let clock = clock_at(instant("2026-03-07T21:30:00Z"));
    let store = in_memory(&clock);
    store.record("x");
    // Up to a second back is read as the latest instant.
    clock.set(clock.now() - Duration::milliseconds(400));
    let cooldown = || store.limit().cooldown("x", Duration::minutes(1));
    let wait = retry_after(cooldown(), "x").unwrap();
    assert_eq!(wait, Duration::milliseconds(60_400));
    clock.advance(wait - Duration::milliseconds(1));
    assert!(!cooldown().allowed("x"));
    clock.advance(Duration::milliseconds(1));
    assert!(cooldown().allowed("x"));
}
