//! Limits: what they allow, what they refuse, and until when.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::sync::Arc;

use chrono::Duration;
use support::{clock, in_memory, noon, under};
use tiny_counter::{Clock, Constraint, Error, EventStore, Limiter, Schedule, TestClock, TimeUnit, Zone};

/// The wait that a refusal names; panics where it passes.
fn wait(limit: Limiter, event: &str) -> Option<Duration> {
    limit.check(event).unwrap_err().as_limit_exceeded().unwrap().retry_after
}

/// A refusal holds until just before the time it names, and no longer.
fn keeps_its_word(
    store: &EventStore,
    clock: &TestClock,
    event: &str,
    limit: impl Fn(&EventStore) -> Limiter,
) {
    let Err(error) = limit(store).check(event) else { return };
    let Some(wait) = error.as_limit_exceeded().unwrap().all().iter().map(|r| r.retry_after).max().flatten()
    else {
        return;
    };
    clock.advance(wait - Duration::milliseconds(1));
    assert!(limit(store).check(event).is_err(), "passes before {wait}");
    clock.advance(Duration::milliseconds(1));
    assert!(
        limit(store).check(event).is_ok(),
        "refuses at {wait}: {}",
        limit(store).check(event).unwrap_err()
    );
}

#[test]
fn at_most_counts_a_calendar_window() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().at_most("x", 2, TimeUnit::Days);
    for _ in 0..2 {
        limit().check_and_record("x").unwrap();
    }
    assert_eq!(wait(limit(), "x"), Some(Duration::hours(12)), "until midnight");
    assert_eq!(store.query("x").ever().sum(), Some(2), "a refusal records nothing");
    clock.advance(Duration::hours(12));
    assert!(limit().allowed("x"));
}

#[test]
fn at_most_over_several_units_waits_for_enough_of_them_to_leave() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record_count_ago("x", 2, Duration::days(6));
    store.record_count_ago("x", 2, Duration::days(3));
    let limit = |n| store.limit().at_most("x", n, (7, TimeUnit::Days));
    assert!(limit(5).allowed("x"));
    assert_eq!(wait(limit(4), "x"), Some(Duration::hours(12)));
    assert_eq!(wait(limit(2), "x"), Some(Duration::hours(12 + 3 * 24)));
    assert_eq!(wait(limit(0), "x"), None, "a limit of none never passes");
}

#[test]
fn once_in_a_rolling_window_is_exact_to_the_millisecond() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().at_most("x", 1, Duration::days(7));
    limit().check_and_record("x").unwrap();
    clock.advance(Duration::days(7) - Duration::milliseconds(1));
    assert_eq!(wait(limit(), "x"), Some(Duration::milliseconds(1)));
    clock.advance(Duration::milliseconds(1));
    assert!(limit().allowed("x"));
}

#[test]
fn in_a_rolling_window_a_straddling_bucket_counts_for_at_most_and_not_for_at_least() {
    let clock = clock();
    let store = under(&clock).track_days(3).build().unwrap();
    // Tuesday 11:00: outside of the last day, in a bucket that is partly inside.
    store.record_count_ago("x", 2, Duration::hours(25));
    assert!(!store.limit().at_most("x", 2, Duration::days(1)).allowed("x"));
    assert!(!store.limit().at_least("x", 2, Duration::days(1)).allowed("x"));
    assert!(store.limit().at_least("x", 2, Duration::days(2)).allowed("x"));
}

#[test]
fn at_least_and_within_want_that_something_happened() {
    let clock = clock();
    let store = in_memory(&clock);
    let launched = || store.limit().at_least("launch", 3, Duration::days(28));
    store.record_count("launch", 2);
    assert_eq!(wait(launched(), "prompt"), None, "waiting does not help");
    store.record("launch");
    assert!(launched().allowed("prompt"));
    let fresh = || store.limit().within("launch", Duration::hours(1));
    assert!(fresh().allowed("prompt"));
    clock.advance(Duration::hours(1) + Duration::milliseconds(1));
    assert_eq!(wait(fresh(), "prompt"), None);
}

#[test]
fn a_cooldown_ends_to_the_millisecond() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().cooldown("crash", Duration::days(2));
    assert!(limit().allowed("prompt"));
    store.record("crash");
    clock.advance(Duration::hours(40));
    assert_eq!(wait(limit(), "prompt"), Some(Duration::hours(8)));
    clock.advance(Duration::hours(8));
    assert!(limit().allowed("prompt"));
}

#[test]
fn a_refusal_names_every_rule_its_numbers_and_its_end() {
    let store = in_memory(&clock());
    store.record("prompt");
    store.record("crash");
    let limit = store
        .limit()
        .at_most("prompt", 1, Duration::days(7))
        .at_least("launch", 3, TimeUnit::Ever)
        .cooldown("crash", Duration::days(2));
    let error = limit.check_and_record("prompt").unwrap_err();
    let refusal = error.as_limit_exceeded().unwrap();
    assert_eq!(refusal.event_id, "prompt");
    assert!(matches!(refusal.constraint, Constraint::AtMostRolling { limit: 1, .. }));
    assert_eq!(refusal.retry_after, Some(Duration::days(7)));
    let counts: Vec<_> = refusal.all().iter().map(|r| (r.count, r.retry_after)).collect();
    assert_eq!(
        counts,
        [(Some(1), Some(Duration::days(7))), (Some(0), None), (None, Some(Duration::days(2)))]
    );
    assert_eq!(
        error.to_string(),
        "the limit refuses: at most 1 in the last 7 days (1 counted); passes in 7 days; at least 3 in all time (0 counted); \
         waiting does not help; not within 2 days of the last one; passes in 2 days"
    );
}

#[test]
fn a_window_that_cannot_be_counted_is_an_error_that_names_the_remedy() {
    let store = in_memory(&clock());
    let ask = |limit: Limiter| match limit.check("x") {
        Err(error @ Error::ConfigMismatch(_)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(ask(store.limit().at_most("x", 5, (90, TimeUnit::Days))).contains("track_days(90)"));
    assert!(ask(store.limit().at_least("x", 5, TimeUnit::Seconds)).contains("track_seconds(1)"));
    assert!(ask(store.limit().at_most("x", 5, Duration::days(365 * 5))).contains("track_weeks(261)"));
    assert!(!store.limit().at_most("x", 5, (90, TimeUnit::Days)).allowed("x"));
    assert!(
        store.limit().at_most("x", 1, Duration::days(99_999)).allowed("x"),
        "once is exact for any window"
    );
}

#[test]
fn reservations_hold_their_place_until_they_are_settled() {
    let store = in_memory(&clock());
    let limit = || store.limit().at_most("x", 2, TimeUnit::Days);
    let first = limit().reserve("x").unwrap();
    let second = limit().reserve("x").unwrap();
    assert!(limit().reserve("x").is_err());
    assert!(!store.limit().at_least("x", 1, TimeUnit::Days).allowed("x"), "pending is not happened");
    let usage = limit().usage("x").unwrap();
    assert_eq!((usage.count, usage.limit, usage.remaining), (2, 2, 0));
    first.commit();
    drop(second);
    assert_eq!(store.query("x").ever().sum(), Some(1));
    assert_eq!(limit().usage("x").unwrap().remaining, 1);
    assert!(matches!(limit().usage("y"), Err(Error::EventNotFound(name)) if name == "y"));
}

#[test]
fn schedules_go_by_the_clock_of_their_zone() {
    let clock = clock();
    let store = under(&clock).with_zone(Zone::fixed(9 * 3600).unwrap()).build().unwrap();
    // Wednesday 12:00 UTC, 21:00 local.
    assert!(store.limit().during(Schedule::hours(9, 17).unwrap()).allowed("x"));
    let local = || store.limit().during(Schedule::hours_local_tz(9, 17).unwrap());
    assert_eq!(wait(local(), "x"), Some(Duration::hours(12)));
    assert!(store.limit().during(Schedule::weekdays()).outside_of(Schedule::weekends()).allowed("x"));
    assert_eq!(wait(store.limit().during(Schedule::weekends_local_tz()), "x"), Some(Duration::hours(51)));
    let custom = Schedule::Custom(Arc::new(|at| at.timestamp() == 0));
    assert_eq!(wait(store.limit().during(custom), "x"), None);
}

#[test]
fn every_refusal_keeps_its_word() {
    let zones = [
        Zone::utc(),
        Zone::fixed(-12_600).unwrap(),
        // A gap at midnight two days on, an overlap a week later.
        Zone::table(0, vec![(1_750_377_600_000, 3_600), (1_750_975_200_000, 0)]).unwrap(),
    ];
    let span = [Duration::minutes(50), Duration::hours(71), Duration::days(30), Duration::days(300)];
    for zone in zones {
        for step in [7, 61, 1_000, 9_000] {
            for n in [1, 2, 5] {
                let history = |clock: &TestClock| {
                    let store = under(clock).with_zone(zone.clone()).build().unwrap();
                    for minutes in [0, 3, 3, 50, 200, 999] {
                        store.record("x");
                        clock.advance(Duration::minutes(step + minutes));
                    }
                    store
                };
                for unit in
                    [TimeUnit::Minutes, TimeUnit::Hours, TimeUnit::Days, TimeUnit::Weeks, TimeUnit::Months]
                {
                    for count in [1, 3, 12] {
                        let clock = clock();
                        keeps_its_word(&history(&clock), &clock, "x", |s| {
                            s.limit().at_most("x", n, (count, unit))
                        });
                    }
                }
                for span in span {
                    let clock = clock();
                    keeps_its_word(&history(&clock), &clock, "x", |s| s.limit().at_most("x", n, span));
                    let clock = support::clock();
                    keeps_its_word(&history(&clock), &clock, "x", |s| s.limit().cooldown("x", span));
                }
            }
        }
    }
}

#[test]
fn what_only_coarser_buckets_tell_leaves_a_window_when_the_verdict_says_so() {
    let clock = clock();
    clock.set(noon() + Duration::minutes(30) + Duration::milliseconds(123));
    let store = in_memory(&clock);
    // Too long ago for minutes, which go back an hour: hours tell of these two.
    store.record_ago("x", Duration::milliseconds(3_600_124));
    store.record_ago("x", Duration::milliseconds(5_400_124));
    clock.advance(Duration::milliseconds(-1_894_780));
    let rolling = || store.limit().at_most("x", 2, Duration::milliseconds(3_505_345)).check("y");
    let calendar = || store.limit().at_most("x", 2, (60, TimeUnit::Minutes)).check("y");
    let checks: [&dyn Fn() -> tiny_counter::Result<()>; 2] = [&rolling, &calendar];
    for check in checks {
        let now = clock.now();
        let refused = check().unwrap_err();
        let wait = refused.as_limit_exceeded().unwrap().retry_after.unwrap();
        let passes = (1..7_200_000).find(|millis| {
            clock.set(now + Duration::milliseconds(*millis));
            check().is_ok()
        });
        assert_eq!(Some(wait.num_milliseconds()), passes);
        clock.set(now);
    }
}

#[test]
fn an_apps_own_schedule_may_ask_the_store_itself() {
    let clock = clock();
    let store = Arc::new(in_memory(&clock));
    store.record("open");
    let (sender, answer) = std::sync::mpsc::channel();
    let asked = store.clone();
    std::thread::spawn(move || {
        let inner = asked.clone();
        let opened_once = move |_| {
            let once = inner.limit().at_most("open", 2, TimeUnit::Days).allowed("open");
            once && inner.query("open").ever().sum() == Some(1)
        };
        let limit = || {
            let schedule = Schedule::Custom(Arc::new(opened_once.clone()));
            asked.limit().at_most("x", 1, TimeUnit::Days).during(schedule)
        };
        limit().check_and_record("x").unwrap();
        asked.record("open");
        let refusal = limit().check("x").unwrap_err();
        let places = refusal.as_limit_exceeded().unwrap().all().iter().map(|r| r.place).collect::<Vec<_>>();
        sender.send(places).unwrap();
    });
    // A lock that waits for itself would wait for ever.
    assert_eq!(answer.recv_timeout(std::time::Duration::from_secs(20)), Ok(vec![0, 1]));
}

#[test]
fn a_panic_in_an_apps_own_schedule_leaves_nothing_behind() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().at_most("x", 1, TimeUnit::Days);
    let panics = || limit().during(Schedule::Custom(Arc::new(|_| panic!("on purpose"))));
    let tries: [fn(Limiter); 3] = [
        |limit| drop(limit.check("x")),
        |limit| drop(limit.check_and_record("x")),
        |limit| drop(limit.reserve("x")),
    ];
    for attempt in tries {
        let limit = panics();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| attempt(limit))).is_err());
    }
    limit().check_and_record("x").unwrap();
    assert!(!limit().allowed("x"));
    assert!(store.limit().allowed("x"), "no rule of an earlier limit is left");
}

#[test]
fn a_reservation_that_outlives_its_store_keeps_nothing_of_it() {
    let clock = Arc::new(clock());
    let store = EventStore::builder().with_clock(clock.clone()).build().unwrap();
    let reservation = store.limit().reserve("x").unwrap();
    drop(store);
    drop(reservation);
    assert_eq!(Arc::strong_count(&clock), 1);
}
