//! Limits: what each rule counts, and what a refusal reports.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::stores::{clock, in_memory, retry_after, under};
use tiny_counter::{Constraint, Error, Limit, Limiter, Schedule, TimeUnit};

#[test]
fn at_most_counts_a_calendar_window() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().at_most("x", 2, TimeUnit::Days);
    for _ in 0..2 {
        limit().check_and_record("x").unwrap();
    }
    assert_eq!(retry_after(limit(), "x"), Some(Duration::hours(12)), "until midnight");
    assert_eq!(store.query("x").ever().sum(), Some(2), "a refusal records nothing");
    clock.advance(Duration::hours(12));
    assert!(limit().allowed("x"));
}

#[test]
fn at_most_over_several_units_waits_until_enough_counts_have_left_the_window() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record_count_ago("x", 2, Duration::days(6));
    store.record_count_ago("x", 2, Duration::days(3));
    let limit = |n| store.limit().at_most("x", n, (7, TimeUnit::Days));
    assert!(limit(5).allowed("x"));
    assert_eq!(retry_after(limit(4), "x"), Some(Duration::hours(12)));
    assert_eq!(retry_after(limit(2), "x"), Some(Duration::hours(12 + 3 * 24)));
    assert_eq!(retry_after(limit(0), "x"), None, "a limit of zero never passes");
}

#[test]
fn at_most_once_in_a_rolling_window_is_exact_to_the_millisecond() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().at_most("x", 1, Duration::days(7));
    limit().check_and_record("x").unwrap();
    clock.advance(Duration::days(7) - Duration::milliseconds(1));
    assert_eq!(retry_after(limit(), "x"), Some(Duration::milliseconds(1)));
    clock.advance(Duration::milliseconds(1));
    assert!(limit().allowed("x"));
}

#[test]
fn a_bucket_partly_inside_a_rolling_window_counts_for_at_most_and_not_for_at_least() {
    let clock = clock();
    let store = under(&clock).track_days(3).build().unwrap();
    // Tuesday 11:00: outside of the last day, in a bucket that is partly inside.
    store.record_count_ago("x", 2, Duration::hours(25));
    assert!(store.limit().at_most("x", 1, Duration::days(1)).allowed("x"), "the last was 25 hours ago");
    store.record("x");
    assert!(!store.limit().at_most("x", 3, Duration::days(1)).allowed("x"));
    assert!(store.limit().at_most("x", 4, Duration::days(1)).allowed("x"));
    assert!(!store.limit().at_least("x", 2, Duration::days(1)).allowed("x"));
    assert!(store.limit().at_least("x", 1, Duration::days(1)).allowed("x"));
    assert!(store.limit().at_least("x", 3, Duration::days(2)).allowed("x"));
}

#[test]
fn at_least_and_within_require_past_events() {
    let clock = clock();
    let store = in_memory(&clock);
    let launched = || store.limit().at_least("launch", 3, Duration::days(28));
    store.record_count("launch", 2);
    assert_eq!(retry_after(launched(), "prompt"), None, "no time to wait for");
    store.record("launch");
    assert!(launched().allowed("prompt"));
    let fresh = || store.limit().within("launch", Duration::hours(1));
    assert!(fresh().allowed("prompt"));
    clock.advance(Duration::hours(1) + Duration::milliseconds(1));
    assert_eq!(retry_after(fresh(), "prompt"), None);
}

#[test]
fn a_cooldown_is_exact_to_the_millisecond() {
    let clock = clock();
    let store = in_memory(&clock);
    let limit = || store.limit().cooldown("crash", Duration::days(2));
    assert!(limit().allowed("prompt"));
    store.record("crash");
    clock.advance(Duration::hours(40));
    assert_eq!(retry_after(limit(), "prompt"), Some(Duration::hours(8)));
    clock.advance(Duration::hours(8));
    assert!(limit().allowed("prompt"));
}

#[test]
fn a_refusal_lists_every_rule_with_its_count_and_retry_after() {
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
         waiting does not help; not within 2 days after the event; passes in 2 days"
    );
}

#[test]
fn a_window_that_is_not_tracked_is_an_error_that_says_how_much_to_track() {
    let store = in_memory(&clock());
    let ask = |limit: Limiter| match limit.check("x") {
        Err(error @ Error::ConfigMismatch(_)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(ask(store.limit().at_most("x", 5, (90, TimeUnit::Days))).ends_with("; track at least 90 days"));
    let seconds = ask(store.limit().at_least("x", 5, TimeUnit::Seconds));
    assert!(seconds.ends_with("; track at least 1 second"), "{seconds}");
    let years = |n: i64| store.limit().at_most("x", 5, Duration::days(365 * n));
    assert!(years(7).allowed("x"), "four years are kept twice");
    assert!(ask(years(8)).ends_with("; track at least 53 months"));
    let unreachable = ask(store.limit().at_most("x", 5, (100_001, TimeUnit::Days)));
    assert_eq!(unreachable, "the tracked units do not reach back over this window");
    assert!(!store.limit().at_most("x", 5, (90, TimeUnit::Days)).allowed("x"));
    assert!(
        store.limit().at_most("x", 1, Duration::days(99_999)).allowed("x"),
        "at most one is exact for any window"
    );
}

#[test]
fn an_empty_or_negative_window_is_an_error_and_no_answer() {
    let store = in_memory(&clock());
    store.record("x");
    let no_days = || (0, TimeUnit::Days);
    let durations = [Duration::zero(), Duration::days(-7), Duration::MIN, Duration::nanoseconds(-1)];
    let mut limits =
        vec![store.limit().at_most("x", 9, no_days()), store.limit().at_least("x", 1, no_days())];
    for duration in durations {
        limits.push(store.limit().at_most("x", 1, duration));
        limits.push(store.limit().at_most("x", 2, duration));
        limits.push(store.limit().at_least("x", 1, duration));
        limits.push(store.limit().at_least("x", 2, duration));
        limits.push(store.limit().cooldown("x", duration));
        limits.push(store.limit().within("x", duration));
        // After a rule that refuses too.
        limits.push(store.limit().at_most("x", 1, TimeUnit::Days).within("x", duration));
    }
    for limit in limits {
        let answer = limit.check_and_record("other");
        assert!(matches!(answer, Err(Error::InvalidArgument(_))), "{answer:?}");
    }
    assert_eq!(store.query("other").lifetime(), None);
    assert!(!store.limit().within("x", Duration::zero()).allowed("x"), "it fails closed");
    let ever = store.limit().at_least("x", 1, (0, TimeUnit::Ever)).check("x");
    assert!(matches!(ever, Err(Error::InvalidArgument(_))), "{ever:?}");
    let usage = store.limit().at_most("x", 1, Duration::zero()).usage("x");
    assert!(matches!(usage, Err(Error::InvalidArgument(_))));
}

#[test]
fn a_duration_of_less_than_a_millisecond_is_a_millisecond() {
    let clock = clock();
    let store = in_memory(&clock);
    let short = Duration::nanoseconds(1);
    let limit = || store.limit().cooldown("x", short).at_most("x", 1, short);
    limit().check_and_record("x").unwrap();
    assert_eq!(retry_after(limit(), "x"), Some(Duration::milliseconds(1)));
    assert_eq!(store.query("x").rolling(short).sum(), Some(1));
    assert_eq!(store.query("x").rolling(Duration::zero()).sum(), Some(0));
    clock.advance(Duration::milliseconds(1));
    assert!(limit().allowed("x"));
    assert!(store.limit().within("x", short).allowed("x"));
}

#[test]
fn usage_without_a_rule_that_limits_the_event_is_an_error_also_before_it_happened() {
    let store = in_memory(&clock());
    let other = || store.limit().at_most("y", 5, TimeUnit::Days).at_least("x", 1, TimeUnit::Days);
    let usages =
        || [store.limit().usage("x"), other().usage("x"), store.prepare(Limit::new()).unwrap().usage("x")];
    for usage in usages() {
        assert!(matches!(usage, Err(Error::ConfigMismatch(_))), "{usage:?}");
    }
    store.record("x");
    for usage in usages() {
        assert!(matches!(usage, Err(Error::ConfigMismatch(_))), "{usage:?}");
    }
}

#[test]
fn the_usage_of_a_limit_with_an_invalid_rule_is_an_error() {
    let store = in_memory(&clock());
    store.record("x");
    let limit = || store.limit().at_most("x", 1, TimeUnit::Days);
    let invalid = [
        limit().cooldown("y", Duration::zero()),
        limit().at_least("y", 1, (0, TimeUnit::Days)),
        limit().at_most("y", 1, Duration::days(-1)),
    ];
    for limit in invalid {
        let usage = limit.clone().usage("x");
        assert!(matches!(usage, Err(Error::InvalidArgument(_))), "{usage:?}");
        let unknown = limit.usage("never recorded");
        assert!(matches!(unknown, Err(Error::InvalidArgument(_))), "{unknown:?}");
    }
    let untracked = limit().at_most("y", 5, (90, TimeUnit::Days)).usage("x");
    assert!(matches!(untracked, Err(Error::ConfigMismatch(_))), "{untracked:?}");
    assert_eq!(limit().cooldown("x", Duration::days(1)).usage("x").unwrap().remaining, 0);
}

#[test]
fn a_schedule_written_without_its_constructor_is_checked() {
    let store = in_memory(&clock());
    for (start_hour, end_hour) in [(9, 9), (24, 3), (9, 25), (255, 255)] {
        let schedule = || Schedule::Hours { start_hour, end_hour, use_local_tz: false };
        for limit in [store.limit().during(schedule()), store.limit().outside_of(schedule())] {
            assert!(!limit.clone().allowed("x"), "{start_hour} to {end_hour}");
            let refused = limit.check_and_record("x");
            assert!(matches!(refused, Err(Error::InvalidHour(_) | Error::InvalidRange(..))), "{refused:?}");
        }
    }
    assert_eq!(store.query("x").lifetime(), None);
}

#[cfg(feature = "serde-json")]
#[test]
fn a_rule_or_window_that_is_read_is_checked() {
    let rule = |count: u32, seconds: i64| {
        [
            format!(r#"{{"AtMost":{{"event_id":"x","limit":1,"window_count":{count},"time_unit":"Days"}}}}"#),
            format!(
                r#"{{"AtLeast":{{"event_id":"x","count":1,"window_count":{count},"time_unit":"Days"}}}}"#
            ),
            format!(r#"{{"AtMostRolling":{{"event_id":"x","limit":1,"window":[{seconds},0]}}}}"#),
            format!(r#"{{"AtLeastRolling":{{"event_id":"x","count":1,"window":[{seconds},0]}}}}"#),
            format!(r#"{{"Cooldown":{{"event_id":"x","duration":[{seconds},0]}}}}"#),
            format!(r#"{{"Within":{{"prerequisite_event":"x","duration":[{seconds},0]}}}}"#),
        ]
    };
    for text in rule(1, 1) {
        let read: Constraint = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
    for text in rule(0, 0).iter().chain(&rule(0, -1)) {
        let error = serde_json::from_str::<Constraint>(text).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("at least 1 unit") || text.contains("greater than zero"), "{text}");
    }
    assert!(serde_json::from_str::<tiny_counter::TimeWindow>(r#"{"count":1,"time_unit":"Days"}"#).is_ok());
    assert!(serde_json::from_str::<tiny_counter::TimeWindow>(r#"{"count":0,"time_unit":"Days"}"#).is_err());
}

#[test]
fn the_words_of_a_wait_are_never_shorter_than_the_wait() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("crash");
    clock.advance(Duration::milliseconds(60_001));
    let error = store.limit().cooldown("crash", Duration::hours(26)).check("prompt").unwrap_err();
    assert!(error.to_string().ends_with("passes in 1 day 2 hours"), "{error}");
}
