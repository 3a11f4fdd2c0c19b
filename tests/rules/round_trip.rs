//! A limit that is written as JSON and read again is the same limit.

use chrono::{Duration, NaiveDate, Weekday, WeekdaySet};
use proptest::prelude::*;
use tiny_counter::{Constraint, Limit, LimitSet, Schedule, TimeUnit};

use super::json;
use super::property::{cases, check};
use super::schema::Schema;

const UNITS: [TimeUnit; 7] = [
    TimeUnit::Seconds,
    TimeUnit::Minutes,
    TimeUnit::Hours,
    TimeUnit::Days,
    TimeUnit::Weeks,
    TimeUnit::Months,
    TimeUnit::Years,
];

fn event() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z_]{0,12}", 1 => any::<String>()]
}

fn duration() -> impl Strategy<Value = Duration> {
    let most = 3_660_000 * 86_400_000i64;
    let millis = prop_oneof![1..=most, 1..100_000i64, (1..=3_660_000i64).prop_map(|days| days * 86_400_000)];
    millis.prop_map(Duration::milliseconds)
}

/// A number of units and the unit of a calendar window.
fn calendar() -> impl Strategy<Value = (usize, TimeUnit)> {
    let count = prop_oneof![1..100usize, 1..=u32::MAX as usize];
    prop_oneof![
        6 => (count, 0..7usize).prop_map(|(count, unit)| (count, UNITS[unit])),
        1 => Just((1, TimeUnit::Ever)),
    ]
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let date =
        || (1..=9999i32, 1..=366u32).prop_filter_map("no such day", |(y, d)| NaiveDate::from_yo_opt(y, d));
    prop_oneof![
        (0..24u8, 0..=24u8, any::<bool>()).prop_map(|(start_hour, end_hour, use_local_tz)| Schedule::Hours {
            start_hour,
            end_hour,
            use_local_tz
        }),
        (0..1_440u16, 0..=1_440u16, any::<bool>()).prop_map(|(start_minute, end_minute, use_local_tz)| {
            Schedule::Daily { start_minute, end_minute, use_local_tz }
        }),
        any::<bool>().prop_map(|use_local_tz| Schedule::Weekdays { use_local_tz }),
        any::<bool>().prop_map(|use_local_tz| Schedule::Weekends { use_local_tz }),
        (prop::collection::vec(0..7u8, 1..7), any::<bool>()).prop_map(|(days, use_local_tz)| {
            let days = days.into_iter().map(|day| Weekday::try_from(day).unwrap()).collect::<WeekdaySet>();
            Schedule::DaysOfWeek { days, use_local_tz }
        }),
        (date(), date(), any::<bool>()).prop_map(|(one, other, use_local_tz)| Schedule::Dates {
            first: one.min(other),
            last: one.max(other),
            use_local_tz
        }),
    ]
}

fn rule() -> impl Strategy<Value = Constraint> {
    let single = prop_oneof![
        (event(), any::<u32>(), calendar()).prop_map(|(event_id, limit, (window_count, time_unit))| {
            Constraint::AtMost { event_id, limit, window_count, time_unit }
        }),
        (event(), any::<u32>(), calendar()).prop_map(|(event_id, count, (window_count, time_unit))| {
            Constraint::AtLeast { event_id, count, window_count, time_unit }
        }),
        (event(), any::<u32>(), duration()).prop_map(|(event_id, limit, window)| Constraint::AtMostRolling {
            event_id,
            limit,
            window
        }),
        (event(), any::<u32>(), duration())
            .prop_map(|(event_id, count, window)| Constraint::AtLeastRolling { event_id, count, window }),
        (event(), any::<u32>(), event()).prop_map(|(event_id, limit, marker)| Constraint::AtMostSince {
            event_id,
            limit,
            marker: marker.into()
        }),
        (event(), any::<u32>(), event()).prop_map(|(event_id, count, marker)| Constraint::AtLeastSince {
            event_id,
            count,
            marker: marker.into()
        }),
        (event(), duration()).prop_map(|(event_id, duration)| Constraint::Cooldown { event_id, duration }),
        (event(), duration())
            .prop_map(|(prerequisite_event, duration)| Constraint::Within { prerequisite_event, duration }),
        schedule().prop_map(|schedule| Constraint::During { schedule }),
        schedule().prop_map(|schedule| Constraint::OutsideOf { schedule }),
    ];
    single.prop_recursive(4, 24, 4, |inner| {
        (prop::collection::vec(inner, 1..4), 0..3u8).prop_map(|(constraints, kind)| match kind {
            0 => Constraint::AllOf { constraints },
            1 => Constraint::AnyOf { constraints },
            _ => Constraint::NoneOf { constraints },
        })
    })
}

/// A limit that a store accepts, apart from its windows.
fn limit() -> impl Strategy<Value = Limit> {
    let rules = prop::collection::vec(rule(), 0..5);
    (rules, prop::collection::vec(event(), 0..4)).prop_filter_map(
        "a limit that is not valid",
        |(rules, also)| {
            let also = also.into_iter().fold(Limit::new(), Limit::also_record);
            let limit = rules.into_iter().fold(also, Limit::constraint);
            (Limit::of(limit.constraints()).is_ok() && limit.to_json().is_ok()).then_some(limit)
        },
    )
}

#[test]
fn a_limit_that_is_written_and_read_again_is_the_same() {
    let schema = Schema::of_rules();
    check(cases(500, 50_000), limit(), |limit| {
        let text = limit.to_json().unwrap();
        let again = Limit::from_json(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(again, limit, "{text}");
        assert_eq!(again.to_json().unwrap(), text);
        assert!(schema.accepts(&json(&text)), "{text}");
        1
    });
}

#[test]
fn equal_limits_have_the_same_form() {
    let limit = |schedule| Limit::new().during(schedule);
    let pairs = [
        (Schedule::daily((18, 0), (0, 0)), Schedule::hours(18, 24)),
        (Schedule::daily((18, 0), (0, 0)), Schedule::daily((18, 0), (24, 0))),
        (Schedule::daily_local_tz((9, 0), (17, 0)), Schedule::hours_local_tz(9, 17)),
        (Ok(Schedule::weekends()), Schedule::days_of_week(&[Weekday::Sun, Weekday::Sat])),
    ];
    for (one, other) in pairs {
        let (one, other) = (limit(one.unwrap()), limit(other.unwrap()));
        assert_eq!(one, other);
        assert_eq!(one.to_json().unwrap(), other.to_json().unwrap());
    }
}

#[test]
fn of_limits_with_the_same_name_a_set_keeps_the_last_one() {
    let named = |n: u32| (format!("limit {}", n % 50_000), Limit::new().at_most("x", n, TimeUnit::Days));
    let set: LimitSet = (0..100_000).rev().chain([7]).map(named).collect();
    assert_eq!(set.len(), 50_000);
    assert_eq!(set.get("limit 7"), Some(&named(7).1));
    assert_eq!(set.get("limit 49999"), Some(&named(49_999).1));
    assert!(set.names().is_sorted());
}

#[test]
fn a_set_that_is_written_and_read_again_is_the_same() {
    let name = prop_oneof!["[a-z]{1,6}", any::<String>().prop_filter("a name", |name| !name.is_empty())];
    let sets = prop::collection::vec((name, limit()), 0..4);
    check(cases(100, 5_000), sets, |limits| {
        let set: LimitSet = limits.into_iter().collect();
        let text = set.to_json().unwrap();
        assert_eq!(LimitSet::from_json(&text).unwrap(), set, "{text}");
        1
    });
}
