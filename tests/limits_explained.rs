//! Explaining a limit, and trying it on dated events.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::{DateTime, Duration, Utc};
use common::stores::{clock, in_memory, instant, noon, under};
use tiny_counter::{Error, Limit, Occurrence, Schedule, TimeUnit, Zone};

#[test]
fn an_explanation_has_the_numbers_the_window_and_the_wait_of_each_rule() {
    let clock = clock();
    let store = under(&clock).with_zone(Zone::fixed(2 * 3_600).unwrap()).build().unwrap();
    clock.advance(Duration::minutes(30));
    // In the hour in which the window begins.
    store.record_count_ago("tip", 2, Duration::minutes(24 * 60 + 20));
    store.record("tip");
    let reserved = store.limit().reserve("tip").unwrap();
    let limit = Limit::new()
        .at_most("tip", 3, Duration::days(1))
        .at_least("launch", 2, (7, TimeUnit::Days))
        .any_of([
            Limit::new().cooldown("tip", Duration::hours(1)),
            Limit::new().during(Schedule::hours(8, 22).unwrap()),
        ]);
    let prepared = store.prepare(limit).unwrap();
    let explanation = prepared.explain("secret").unwrap();
    assert!(!explanation.passes);
    assert_eq!(explanation.allowed_after, None, "launch does not happen by itself");
    let [tips, launches, group] = &explanation.rules[..] else { panic!("{explanation}") };
    let bounds = tips.counted.unwrap();
    assert_eq!((bounds.lower, bounds.upper, tips.reserved, tips.passes), (1, 3, 1, false));
    let begins = noon() + Duration::minutes(30) - Duration::days(1) + Duration::milliseconds(1);
    assert_eq!(tips.since.unwrap(), begins);
    assert!(tips.changes_after.is_some_and(|wait| wait > Duration::zero()));
    assert_eq!((launches.counted.unwrap().upper, launches.passes, launches.changes_after), (0, false, None));
    assert_eq!(launches.since.unwrap().to_rfc3339(), "2025-06-12T00:00:00+02:00");
    assert!(group.passes && !group.rules[0].passes && group.rules[1].passes);
    assert_eq!(group.rules[1].changes_after, Some(Duration::minutes(9 * 60 + 30)));
    drop(reserved);

    let text = store.limit().at_most("a|b\n", 1, TimeUnit::Days).explain("secret").unwrap().to_string();
    assert_eq!(
        text,
        "2025-06-18 14:30:00 +02:00: the limit passes\n\n\
         | passes | event | rule | counted | window since | changes in |\n\
         |---|---|---|---|---|---|\n\
         | yes | a\\|b  | at most 1 in the current day | 0 | 2025-06-18 00:00:00 +02:00 | - |\n"
    );
    let table = explanation.to_string();
    assert!(!table.contains("secret"), "{table}");
    store.record("stored");
    let beside =
        store.limit().at_most("a", 1, TimeUnit::Days).also_record("beside").explain("secret").unwrap();
    let text = beside.to_string();
    assert!(["secret", "stored", "beside"].iter().all(|name| !text.contains(name)), "{text}");
    assert!(table.contains("> not within 1 hour after the event"), "{table}");
    assert!(table.contains("| 1 to 3 + 1 reserved |"), "{table}");
}

#[test]
fn an_explanation_agrees_with_the_refusal() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("x");
    let limit = || store.limit().at_most("x", 1, Duration::hours(9)).during(Schedule::hours(8, 20).unwrap());
    let refused = limit().check("x").unwrap_err();
    let explanation = limit().explain("x").unwrap();
    assert_eq!(explanation.allowed_after, refused.as_limit_exceeded().unwrap().allowed_after());
    assert_eq!(explanation.allowed_after, Some(Duration::hours(20)));
    let other = store.limit().cooldown("y", Duration::days(1)).explain("x").unwrap();
    assert_eq!((other.passes, other.allowed_after), (true, Some(Duration::zero())));
    assert!(matches!(limit().cooldown("x", Duration::zero()).explain("x"), Err(Error::InvalidArgument(_))));
}

fn occurrence(at: DateTime<Utc>, event: &str, count: u32) -> Occurrence {
    Occurrence { at, event_id: event.to_owned(), count }
}

#[test]
fn a_rehearsal_shows_when_a_prompt_would_have_been_allowed() {
    let clock = clock();
    let store = in_memory(&clock);
    // What is in the store does not matter.
    store.record("prompt");
    let begin = instant("2024-03-01T18:00:00Z");
    let day = |n: i64| begin + Duration::days(n);
    let limit = Limit::new().at_most("prompt", 1, Duration::days(7)).at_least("launch", 3, TimeUnit::Ever);
    let prepared = store.prepare(limit.cooldown("crash", Duration::days(2))).unwrap();
    // Out of order, and one launch at the very instant that is asked.
    let history = [
        occurrence(day(8), "crash", 1),
        occurrence(day(0), "launch", 2),
        occurrence(day(1), "launch", 1),
        occurrence(day(90), "launch", 1),
    ];
    let shown = prepared.rehearse("prompt", history, (0..30).rev().map(day)).unwrap();
    assert_eq!(shown, [1, 10, 17, 24].map(day));
    assert_eq!(store.query("prompt").lifetime(), Some(1), "nothing is recorded");
    assert_eq!(store.query("launch").lifetime(), None);
}

#[test]
fn a_rehearsal_decides_as_a_store_does() {
    let zone = Zone::fixed(-5 * 3_600).unwrap();
    let clock = common::stores::clock_at(instant("2024-03-01T00:00:00Z"));
    let store = under(&clock).with_zone(zone).build().unwrap();
    let limit = Limit::new().at_most("tip", 2, TimeUnit::Days).at_most("any", 9, (7, TimeUnit::Days));
    let limit = limit.none_of([Limit::new().within("crash", Duration::hours(30))]).also_record("any");
    let prepared = store.prepare(limit).unwrap();
    let at = |hours: i64| instant("2024-03-01T00:00:00Z") + Duration::hours(hours);
    let crashes = [40, 100, 333];
    let history = crashes.map(|hours| occurrence(at(hours), "crash", 1));
    let asked = || (0..500).map(|n| n * 3);
    let rehearsed = prepared.rehearse("tip", history, asked().map(at)).unwrap();
    let mut shown = Vec::new();
    let mut crashes = crashes.into_iter().peekable();
    for hours in asked() {
        while let Some(crash) = crashes.next_if(|crash| *crash <= hours) {
            clock.set(at(crash));
            store.record("crash");
        }
        clock.set(at(hours));
        if prepared.check_and_record("tip").is_ok() {
            shown.push(at(hours));
        }
    }
    assert!(shown.len() > 50, "{}", shown.len());
    assert_eq!(rehearsed, shown);
}

#[test]
fn an_instant_whose_local_time_is_not_known_cannot_be_rehearsed() {
    let day = Duration::days(1);
    let (begin, end) = (noon(), noon() + day);
    let table = vec![(begin.timestamp_millis(), 3_600), (end.timestamp_millis(), 3_600)];
    let zone = Zone::table(3_600, table).unwrap();
    let store = under(&clock()).with_zone(zone).build().unwrap();
    let limit = store.prepare(Limit::new().at_most("tip", 1, TimeUnit::Days)).unwrap();
    let happened = |at| Occurrence { at, event_id: "x".into(), count: 1 };
    let millisecond = Duration::milliseconds(1);
    let last = end - millisecond;
    assert_eq!(limit.rehearse("tip", [happened(begin)], [begin, last]).unwrap(), [begin, last]);
    for (history, asked) in [(begin, end), (end, begin), (begin, begin - millisecond), (begin - day, begin)] {
        let error = limit.rehearse("tip", [happened(history)], [asked]).unwrap_err();
        assert!(matches!(error, Error::InvalidArgument(_)), "{error}");
    }
}

#[test]
fn the_recorded_history_of_an_event_can_be_rehearsed() {
    let clock = clock();
    let store = in_memory(&clock);
    for days in [20, 9, 9, 2, 0] {
        store.record_ago("launch", Duration::days(days));
    }
    store.record_ago("launch", Duration::days(80));
    let history = store.daily_history("launch").unwrap();
    let midnight = instant("2025-06-18T00:00:00Z");
    let expected = [(20, 1), (9, 2), (2, 1), (0, 1)]
        .map(|(days, count)| occurrence(midnight - Duration::days(days), "launch", count));
    assert_eq!(history, expected, "the tracked days only");
    assert_eq!(store.daily_history("never").unwrap(), []);
    let limit =
        Limit::new().at_least("launch", 2, Duration::days(28)).at_most("prompt", 1, Duration::days(8));
    // The same from an export that a developer got from somebody.
    #[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
    {
        let developer = in_memory(&clock);
        developer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        assert_eq!(developer.daily_history("launch").unwrap(), history);
    }
    let asked: Vec<_> = history.iter().map(|launch| launch.at).collect();
    let shown = store.prepare(limit).unwrap().rehearse("prompt", history, asked).unwrap();
    assert_eq!(shown, [9, 0].map(|days| midnight - Duration::days(days)));
}

#[test]
fn the_longest_windows_begin_with_the_year_1() {
    let (clock, year) = (clock(), "0001-01-01T00:00:00+00:00");
    clock.set(DateTime::UNIX_EPOCH);
    let zones = [
        Zone::utc(),
        #[cfg(feature = "calendar")]
        Zone::system(),
    ];
    for zone in zones {
        let store = under(&clock).with_zone(zone).build().unwrap();
        let limit = Limit::new().at_most("x", 1, Duration::days(3_660_000));
        let explanation = store.prepare(limit).unwrap().explain("x").unwrap();
        assert_eq!(explanation.rules[0].since.unwrap().with_timezone(&Utc).to_rfc3339(), year);
        assert!(explanation.to_string().contains("0001-01-01"));
    }
}
