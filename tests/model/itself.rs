//! The model itself: facts that it must get right, and the trace as it reads it.

use super::common::calendar::dates;
use super::common::trace::{rows, rows_of, zone_of};
use super::common::unit::{HOUR, Numbers, Unit, millis};
use super::common::zone::LocalZone;
use chrono::{Datelike, NaiveDate};

#[test]
fn the_calendar_of_the_model_is_the_one_in_use() {
    let mut expected = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let mut weeks = vec![];
    for date in dates() {
        assert_eq!((date.year, date.month), (i64::from(expected.year()), i64::from(expected.month())));
        assert_eq!(date.day, i64::from(expected.day()));
        if weeks.last() != Some(&(expected.iso_week(), date.week)) {
            weeks.push((expected.iso_week(), date.week));
        }
        expected = expected.succ_opt().unwrap();
    }
    // Each ISO week, also week 53, is one week here, and the numbers are consecutive.
    assert!(weeks.windows(2).all(|pair| pair[0].0 != pair[1].0 && pair[0].1 + 1 == pair[1].1));
}

#[test]
fn the_first_date_of_a_unit_is_the_first_one_with_its_number() {
    for day in 1..dates().len() as i64 {
        for unit in [Unit::Days, Unit::Weeks, Unit::Months, Unit::Years] {
            let first = unit.first_date(unit.of_date(day));
            assert!(first <= day && unit.of_date(first) == unit.of_date(day));
            assert!(first == 0 || unit.of_date(first - 1) == unit.of_date(day) - 1);
        }
    }
}

#[test]
fn the_trace_is_complete_and_its_zones_match_every_row() {
    assert_eq!(rows().len(), 6_975);
    for device in (1..=12).chain([99]) {
        let rows = rows_of(device);
        let zone = zone_of(&rows);
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|row| zone.offset_at(row.at) == row.offset), "device {device}");
    }
}

#[test]
fn days_begin_and_end_at_local_midnight() {
    // Berlin in the spring of 2024: the last day of March has 23 hours.
    let zone = LocalZone { initial: 3600, transitions: vec![(millis("2024-03-31T01:00:00Z"), 7200)] };
    let day = Numbers::of(millis("2024-03-31T12:00:00+02:00"), 7200).get(Unit::Days);
    let (from, until) = zone.bounds(Unit::Days, day).unwrap();
    assert_eq!((from, until), (millis("2024-03-31T00:00:00+01:00"), millis("2024-04-01T00:00:00+02:00")));
    assert_eq!(until - from, 23 * HOUR);
    // A trip west just after midnight: it is yesterday again, and that day is not one continuous
    // interval.
    let zone = LocalZone { initial: 0, transitions: vec![(millis("2024-05-02T01:00:00Z"), -5 * 3600)] };
    let day = Numbers::of(millis("2024-05-01T12:00:00Z"), 0).get(Unit::Days);
    assert_eq!(zone.bounds(Unit::Days, day), None);
}
