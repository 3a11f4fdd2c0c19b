//! The model itself: facts that it must get right, and the trace as it reads it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::common::ask_limits::{one_rule, rules};
use super::common::calendar::dates;
use super::common::model::{Entry, World};
use super::common::phone::{Home, Phone, WIDE_UNITS};
use super::common::trace::{EVENTS, Row, rows, rows_of, zone_of};
use super::common::unit::{DAY, HOUR, MINUTE, Numbers, Unit, millis};
use super::common::zone::{LocalZone, zones};
use super::common::{ask, truths};
use super::{property, waiting};
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

/// An hour with a few recordings of one event, in the library and in the model. `lie` may tell the
/// model something else.
fn lived(lie: impl Fn(&mut Entry)) -> (Phone, World) {
    let (mut world, mut phone) =
        (World::default(), Phone::new(1, zones()[4].clone(), &WIDE_UNITS, Home::Nowhere));
    let begin = millis("2026-03-07T21:30:00Z");
    for minutes in [0, 9, 9, 31, 60 * 24 * 3, 60 * 24 * 3 + 7] {
        let row = Row { at: begin + minutes * MINUTE, offset: 0, device: 1, event: EVENTS[0] };
        phone.live(&mut world, &row, 2);
    }
    phone.set_time(phone.time() + 3 * HOUR);
    let entries = world.lanes.get_mut(&1).unwrap().events.get_mut(EVENTS[0]).unwrap();
    lie(entries.last_mut().unwrap());
    (phone, world)
}

/// The comparisons that notice a lie: of the answers, of the verdicts, and with what happened.
fn noticed(lie: impl Fn(&mut Entry)) -> [bool; 3] {
    let (phone, world) = lived(lie);
    let view = phone.view(&world, phone.time());
    let notices = |compare: &dyn Fn()| catch_unwind(AssertUnwindSafe(compare)).is_err();
    property::quietly(|| {
        [
            notices(&|| (0..9).for_each(|salt| _ = ask::one(&phone, &view, EVENTS[0], salt))),
            notices(&|| {
                let all = rules(&view, EVENTS[0], 3);
                all.into_iter().for_each(|rule| _ = one_rule(&phone, &view, EVENTS[0], rule));
            }),
            notices(&|| (0..9).for_each(|salt| _ = truths::hold(&phone, &view, EVENTS[0], salt))),
        ]
    })
}

#[test]
fn a_wrong_answer_is_noticed() {
    let moved = |entry: &mut Entry, span: i64| {
        let Entry { place, noted, steps, .. } = *entry;
        *entry = Entry { place, noted, steps, ..Entry::new(2, entry.at + span, 3_600) }
    };
    assert_eq!(noticed(|_| ()), [false; 3], "the library is right");
    assert_eq!(noticed(|entry| entry.count += 1), [true; 3], "a count is missing");
    assert_eq!(noticed(|entry| entry.count -= 1), [true; 3], "a count too many");
    assert_eq!(noticed(|entry| moved(entry, 1)), [true, true, false], "a millisecond early");
    assert_eq!(noticed(|entry| moved(entry, -1)), [true, true, false], "a millisecond late");
    assert_eq!(noticed(|entry| moved(entry, -9 * DAY)), [true; 3], "on another day");
    assert_eq!(noticed(|entry| entry.truth += 3 * HOUR), [false, false, true], "it happened later");
    assert_eq!(noticed(|entry| entry.truth -= 30 * DAY), [false, false, true], "it happened earlier");
}

#[test]
fn a_wrong_wait_is_noticed() {
    let fails = |shift: i64| {
        let (phone, world) = lived(|_| ());
        let view = phone.view(&world, phone.time());
        let all = rules(&view, EVENTS[0], 3).into_iter().map(|rule| (EVENTS[0], rule));
        let (mut waiting, never) = waiting::refusals(&phone, &view, all.collect(), i64::MAX);
        assert!(waiting.len() > 10 && never.len() > 10);
        waiting.last_mut().unwrap().until += shift;
        property::quietly(|| {
            catch_unwind(AssertUnwindSafe(|| waiting::wait(&phone, waiting, i64::MAX))).is_err()
        })
    };
    assert!(!fails(0));
    assert!(fails(1) && fails(-1));
}
