//! What random histories found, each in its smallest form.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use tiny_counter::{EventStore, Limiter, TestClock, TimeUnit, Zone};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn store(clock: &TestClock) -> EventStore {
    EventStore::builder().with_clock(Arc::new(clock.clone())).with_zone(Zone::utc()).build().unwrap()
}

fn wait(limit: Limiter) -> Option<Duration> {
    limit.check("x").unwrap_err().as_limit_exceeded().unwrap().retry_after
}

#[test]
fn a_wait_is_exact_when_a_clock_that_was_set_back_trembles_afterwards() {
    let clock = TestClock::build_for_testing_at(instant("2026-03-07T21:00:00Z"));
    let store = store(&clock);
    store.record("x");
    // Set back by a day: noticed at noon. Then a little further, which is no new notice.
    clock.set(instant("2026-03-06T12:00:00Z"));
    assert_eq!(store.query("x").last_seen(), Some(Duration::zero()));
    clock.set(instant("2026-03-06T11:59:59Z"));
    let wanted = Some(Duration::seconds(3_601));
    assert_eq!(wait(store.limit().cooldown("x", Duration::hours(1))), wanted);
    assert_eq!(wait(store.limit().at_most("x", 1, Duration::hours(1))), wanted);
    assert_eq!(wait(store.limit().at_most("x", 1, TimeUnit::Hours)), wanted);
}

#[test]
fn what_lies_ahead_is_no_first_count_of_a_window_that_has_passed_it() {
    let clock = TestClock::build_for_testing_at(instant("2026-03-07T21:00:00Z"));
    let store = store(&clock);
    store.record("x");
    clock.set(instant("2026-01-07T21:00:00Z"));
    assert_eq!(store.query("x").first_seen_in(TimeUnit::Minutes), Some(Duration::zero()));
    // Read as of two hours ago: no minute of the last sixty holds it.
    clock.advance(Duration::hours(2));
    assert_eq!(store.query("x").last_minutes(60).sum(), Some(0));
    assert_eq!(store.query("x").first_seen_in(TimeUnit::Minutes), None);
    assert_eq!(store.query("x").first_seen_in(TimeUnit::Hours), Some(Duration::hours(2)));
}

#[test]
fn a_wait_for_a_device_whose_clock_is_not_believed_ends_with_the_bucket_that_is() {
    let clock = TestClock::build_for_testing_at(instant("2026-03-07T23:59:59Z"));
    // Five hours ahead of us, where it is the seventh of March still: some time today, then.
    let fast = TestClock::build_for_testing_at(instant("2026-03-08T05:00:00Z"));
    let builder =
        EventStore::builder().with_clock(Arc::new(fast)).with_zone(Zone::fixed(-11 * 3_600).unwrap());
    let (store, other) = (store(&clock), builder.build().unwrap());
    other.record("x");
    store.merge(other).unwrap();
    let minute = || store.limit().cooldown("x", Duration::minutes(1));
    assert_eq!(wait(minute()), Some(Duration::milliseconds(60_999)));
    clock.advance(Duration::milliseconds(60_998));
    assert!(!minute().allowed("x"));
    clock.advance(Duration::milliseconds(1));
    assert!(minute().allowed("x"));
}

#[test]
fn a_short_window_that_lacks_a_count_may_pass_when_a_bucket_begins() {
    let clock = TestClock::build_for_testing_at(instant("2026-03-07T21:30:00.123Z"));
    let store = store(&clock);
    store.record_count("x", 2);
    // Within the jitter: both are read as now.
    clock.set(instant("2026-03-07T21:28:59.999Z"));
    let twice = || store.limit().at_least("x", 2, Duration::milliseconds(1));
    assert_eq!(wait(twice()), Some(Duration::milliseconds(1)));
    clock.advance(Duration::milliseconds(1));
    assert!(twice().allowed("x"));
}
