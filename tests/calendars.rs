//! Every day of twenty-one years, in zones of every kind: counts fall on the local date, in the
//! week, month and year of the calendar.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use common::stores::{clock, under};
use common::zone::LocalZone;
use tiny_counter::{Clock, EventStore, TestClock, Zone};

/// Both hemispheres, every quarter of an hour of offset, DST of half an hour, a skipped day,
/// midnights that do not exist or occur twice, and zones that changed their rules.
const ZONES: [Tz; 27] = [
    Tz::UTC,
    Tz::Africa__Cairo,
    Tz::Africa__Casablanca,
    Tz::Africa__Johannesburg,
    Tz::America__Asuncion,
    Tz::America__Havana,
    Tz::America__Los_Angeles,
    Tz::America__New_York,
    Tz::America__Santiago,
    Tz::America__Sao_Paulo,
    Tz::America__St_Johns,
    Tz::Asia__Amman,
    Tz::Asia__Beirut,
    Tz::Asia__Kathmandu,
    Tz::Asia__Kolkata,
    Tz::Asia__Tehran,
    Tz::Asia__Tokyo,
    Tz::Atlantic__Azores,
    Tz::Australia__Eucla,
    Tz::Australia__Lord_Howe,
    Tz::Australia__Sydney,
    Tz::Europe__Berlin,
    Tz::Europe__Dublin,
    Tz::Pacific__Apia,
    Tz::Pacific__Chatham,
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Pago_Pago,
];

/// The instants at which a local date begins and ends; `None` if the zone skipped it.
fn day(tz: Tz, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    // In steps of a quarter of an hour: offsets are multiples of it in these years.
    let around = date.and_hms_opt(0, 0, 0).unwrap().and_utc() - Duration::hours(15);
    let quarters = (0..4 * 54).map(|quarter| around + Duration::minutes(15 * quarter));
    let mut inside = quarters.filter(|at| at.with_timezone(&tz).date_naive() == date);
    let first = inside.next()?;
    Some((first, inside.next_back().unwrap_or(first) + Duration::minutes(15) - Duration::milliseconds(1)))
}

fn sums(store: &EventStore, event: &str) -> [Option<u32>; 4] {
    let query = || store.query(event);
    [query().last_days(1), query().last_weeks(1), query().last_months(1), query().last_years(1)]
        .map(|range| range.sum())
}

/// Records around and on a date and checks all windows at its end and just after it. Returns
/// whether the zone has the date.
fn check(tz: Tz, zone: &Zone, clock: &TestClock, date: NaiveDate) -> bool {
    let Some((begins, ends)) = day(tz, date) else {
        assert_eq!((tz, date.to_string().as_str()), (Tz::Pacific__Apia, "2011-12-30"));
        return false;
    };
    let store = under(clock).with_zone(zone.clone()).build().unwrap();
    clock.set(begins - Duration::milliseconds(1));
    let yesterday = clock_date(clock, tz);
    store.record("yesterday");
    for instant in [begins, begins + (ends - begins) / 2, ends] {
        clock.set(instant);
        store.record("today");
    }
    for instant in [ends, ends + Duration::milliseconds(1)] {
        clock.set(instant);
        let now = clock_date(clock, tz);
        let wanted = |of: NaiveDate, count| {
            let same = [
                now == of,
                now.iso_week() == of.iso_week(),
                (now.year(), now.month()) == (of.year(), of.month()),
                now.year() == of.year(),
            ];
            same.map(|same| Some(if same { count } else { 0 }))
        };
        assert_eq!(sums(&store, "today"), wanted(date, 3), "{tz} {date} seen on {now}");
        assert_eq!(
            sums(&store, "yesterday"),
            wanted(yesterday, 1),
            "{tz} the day before {date} seen on {now}"
        );
        let apart = usize::try_from((now - yesterday).num_days()).unwrap();
        assert_eq!(store.query("yesterday").last_days(9).last_seen(), Some(apart), "{tz} {date}");
    }
    true
}

fn clock_date(clock: &TestClock, tz: Tz) -> NaiveDate {
    clock.now().with_timezone(&tz).date_naive()
}

/// 2020 to 2024, or 2020 to 2040 with `TINY_COUNTER_LONG`, which `cargo xtask test` sets once.
fn years() -> std::ops::RangeInclusive<i32> {
    match std::env::var_os("TINY_COUNTER_LONG") {
        Some(_) => 2020..=2040,
        None => 2020..=2024,
    }
}

#[test]
fn counts_fall_on_the_local_date_on_every_day_in_every_zone() {
    let clock = clock();
    for tz in ZONES {
        let zone = LocalZone::of(tz, 2019..2042).public();
        let first = NaiveDate::from_ymd_opt(*years().start(), 1, 1).unwrap();
        let dates = first.iter_days().take_while(|date| years().contains(&date.year()));
        assert!(dates.into_iter().all(|date| check(tz, &zone, &clock, date)), "{tz} skipped a date");
    }
}

#[test]
fn a_date_that_a_zone_skipped_is_not_counted_as_a_day() {
    let (tz, clock) = (Tz::Pacific__Apia, clock());
    let zone = LocalZone::of(tz, 2010..2014).public();
    let first = NaiveDate::from_ymd_opt(2011, 12, 25).unwrap();
    let present = first.iter_days().take(12).filter(|date| check(tz, &zone, &clock, *date));
    assert_eq!(present.count(), 11);
}

#[test]
fn weeks_52_53_and_1_follow_each_other() {
    let clock = clock();
    let store = under(&clock).track_weeks(5).build().unwrap();
    // 2020 has 53 weeks: Monday of week 52, of week 53 and of week 1.
    for (number, week) in [(2020, 52), (2020, 53), (2021, 1)] {
        let monday = NaiveDate::from_isoywd_opt(number, week, Weekday::Mon).unwrap();
        clock.set(monday.and_hms_opt(0, 0, 0).unwrap().and_utc());
        store.record("x");
    }
    assert_eq!(store.query("x").last_weeks(5).into_buckets(), [1, 1, 1, 0, 0]);
}

#[test]
fn february_29_counts_in_its_month_and_its_year() {
    let clock = clock();
    let store = under(&clock).track_days(400).track_months(15).track_years(2).build().unwrap();
    clock.set(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap().and_hms_opt(23, 59, 59).unwrap().and_utc());
    store.record("x");
    clock.set(NaiveDate::from_ymd_opt(2025, 2, 28).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc());
    assert_eq!(store.query("x").last_days(400).last_seen(), Some(365));
    assert_eq!(store.query("x").last_months(15).last_seen(), Some(12));
    assert_eq!(store.query("x").last_years(2).last_seen(), Some(1));
}
