//! What this device recorded is counted exactly.

use chrono::Duration;
use tiny_counter::{Limit, since};

use super::common::stores::{clock, noon};
use super::{bounds, exactly, store};

#[test]
fn a_window_begins_strictly_after_the_latest_recording_of_the_marker() {
    let clock = clock();
    let store = store(&clock);
    store.record_count("tap", 3);
    assert_eq!(exactly(&store, "tap", "m"), 3, "a marker that never happened: all time");
    store.record("m");
    assert_eq!(exactly(&store, "tap", "m"), 0, "in the same millisecond, but before");
    store.record_count("tap", 2);
    assert_eq!(exactly(&store, "tap", "m"), 2, "in the same millisecond, but after");
    clock.advance(Duration::days(700));
    store.record("tap");
    assert_eq!(exactly(&store, "tap", "m"), 3, "whatever the buckets hold");
    assert_eq!(exactly(&store, "tap", "n"), 6);
    store.record("n");
    store.record("tap");
    assert_eq!((exactly(&store, "tap", "m"), exactly(&store, "tap", "n")), (4, 1));
    store.record("m");
    assert_eq!((exactly(&store, "tap", "m"), exactly(&store, "tap", "n")), (0, 1));
    assert_eq!(exactly(&store, "never", "m"), 0);
}

#[test]
fn a_count_of_0_is_no_recording() {
    let store = store(&clock());
    store.record("tap");
    store.record_count("m", 0);
    assert_eq!(exactly(&store, "tap", "m"), 1, "the marker is known and never happened");
    store.record("m");
    store.record("tap");
    store.record_count("m", 0);
    store.record_count("tap", 0);
    assert_eq!(exactly(&store, "tap", "m"), 1);
    store.record_count("m", 5);
    assert_eq!(exactly(&store, "tap", "m"), 0);
}

#[test]
fn a_marker_counts_nothing_since_itself() {
    let store = store(&clock());
    assert_eq!(exactly(&store, "m", "m"), 0);
    store.record("m");
    store.record_count("m", 3);
    assert_eq!(exactly(&store, "m", "m"), 0);
    store.record("n");
    store.record("m");
    assert_eq!((exactly(&store, "m", "n"), exactly(&store, "n", "m")), (1, 0));
}

#[test]
fn what_is_recorded_in_one_step_with_the_marker_is_not_after_it() {
    let store = store(&clock());
    let both =
        |event: &str, other: &str| Limit::new().also_record(other).at_most(event, u32::MAX, since("m"));
    for (event, other) in [("tap", "m"), ("m", "tap"), ("m", "n"), ("n", "m")] {
        store.record_count("tap", 7);
        store.prepare(both(event, other)).unwrap().check_and_record(event).unwrap();
        assert_eq!(exactly(&store, event, "m"), 0, "{event} with {other}");
        assert_eq!(exactly(&store, other, "m"), 0, "{event} with {other}");
        assert_eq!(exactly(&store, "tap", "m"), 0, "{event} with {other}");
        store.record("tap");
        assert_eq!(exactly(&store, "tap", "m"), 1);
    }
    assert_eq!((exactly(&store, "m", "n"), exactly(&store, "n", "m")), (0, 0));
    // So is what a reservation commits.
    store.record("n");
    let tap = store.prepare(both("tap", "n")).unwrap();
    let reservation = tap.reserve("tap").unwrap();
    let key = tap.reserve_for("tap", Duration::hours(1)).unwrap();
    reservation.commit();
    assert_eq!(bounds(&store, "tap", "n"), (0, 0));
    store.record("tap");
    store.commit_reservation(key).unwrap();
    assert_eq!(exactly(&store, "tap", "n"), 0);
}

#[test]
fn a_reservation_counts_as_of_its_commit() {
    let clock = clock();
    let store = store(&clock);
    let limit = || store.limit().at_most("tap", 2, since("m"));
    let reservation = limit().reserve("tap").unwrap();
    let key = limit().reserve_for("tap", Duration::hours(1)).unwrap();
    assert!(!limit().allowed("tap"), "both are pending");
    store.record("m");
    assert!(!limit().allowed("tap"), "they are pending since the marker too");
    reservation.commit();
    assert_eq!(bounds(&store, "tap", "m"), (1, 1));
    store.commit_reservation(key).unwrap();
    assert_eq!(exactly(&store, "tap", "m"), 2);
}

#[test]
fn corrections_of_the_clock_change_no_count() {
    for minutes in [-1, -10, 10, -120, 120, -60 * 24 * 400] {
        let clock = clock();
        let store = store(&clock);
        store.record_count("tap", 5);
        store.record("m");
        store.record("tap");
        clock.set(noon() + Duration::minutes(minutes));
        assert_eq!(exactly(&store, "tap", "m"), 1, "{minutes}");
        store.record("tap");
        assert_eq!(exactly(&store, "tap", "m"), 2, "{minutes}");
        store.record("n");
        store.record("tap");
        assert_eq!((exactly(&store, "tap", "m"), exactly(&store, "tap", "n")), (3, 1), "{minutes}");
        clock.advance(Duration::minutes(1));
        store.record("m");
        assert_eq!((exactly(&store, "tap", "m"), exactly(&store, "tap", "n")), (0, 1), "{minutes}");
        // The clock is set right, which shifts what was counted meanwhile.
        clock.set(noon() + Duration::minutes(2));
        assert_eq!((exactly(&store, "tap", "m"), exactly(&store, "tap", "n")), (0, 1), "{minutes}");
        store.record("tap");
        assert_eq!((exactly(&store, "tap", "m"), exactly(&store, "tap", "n")), (1, 2), "{minutes}");
    }
}

#[test]
fn a_recording_that_is_dated_back_counts_by_its_time() {
    let clock = clock();
    let store = store(&clock);
    store.record("m");
    clock.advance(Duration::hours(2));
    let at = |hours| noon() + Duration::hours(hours);
    store.record_at("tap", at(-1)).unwrap();
    store.record_at("tap", at(0)).unwrap();
    assert_eq!(exactly(&store, "tap", "m"), 0, "before the marker, or at the same time");
    store.record_at("tap", at(1)).unwrap();
    store.record_count_at("tap", 2, at(2)).unwrap();
    store.record_ago("tap", Duration::minutes(5));
    assert_eq!(exactly(&store, "tap", "m"), 4);
    // An earlier recording of the marker changes nothing.
    store.record_at("m", at(0)).unwrap();
    store.record_at("m", at(-5)).unwrap();
    assert_eq!(exactly(&store, "tap", "m"), 4);
}

#[test]
fn erasing_an_event_begins_its_count_again_and_erasing_the_marker_counts_all() {
    let store = store(&clock());
    store.record_count("tap", 4);
    store.record("m");
    store.record_count("tap", 2);
    store.erase_event("tap").unwrap();
    assert_eq!(exactly(&store, "tap", "m"), 0);
    store.record("tap");
    assert_eq!(exactly(&store, "tap", "m"), 1);
    store.record_count("other", 3);
    store.record("m");
    assert_eq!(exactly(&store, "other", "m"), 0);
    store.erase_event("m").unwrap();
    assert_eq!((exactly(&store, "other", "m"), exactly(&store, "tap", "m")), (3, 1));
    store.record("tap");
    store.record("m");
    store.record("other");
    assert_eq!((exactly(&store, "other", "m"), exactly(&store, "tap", "m")), (1, 0));
    store.erase_all().unwrap();
    store.record("tap");
    assert_eq!(exactly(&store, "tap", "m"), 1);
}

#[test]
fn balancing_two_events_counts_since_the_marker() {
    let store = store(&clock());
    store.record_count("plus", 5);
    store.record("m");
    store.balance_delta("plus", "minus").unwrap();
    assert_eq!((exactly(&store, "plus", "m"), exactly(&store, "minus", "m")), (0, 5));
}
