//! Replays the recorded trace on phones whose clocks are wrong now and then.

use super::common::ask;
use super::common::ask_limits::every_rule;
use super::common::model::World;
use super::common::phone::{DEFAULT_UNITS, Home, NARROW_UNITS, Phone, WIDE_UNITS, Way, send};
use super::common::trace::{Row, rows_of, rows_of_all, zone_of};
use super::common::truths;
use super::common::unit::{DAY, HOUR, MINUTE, Unit};
use super::common::watch::HAS_ROOM_FOR_NOW;
use super::property::cases;

/// A usual run asks at every third of the moments.
fn every(moments: usize) -> usize {
    moments * cases(3, 1) as usize
}

/// By how much a clock is wrong at the action with the index `place`.
type Error = fn(usize) -> i64;

/// A clock that is always a little wrong and sometimes goes back a little.
fn jitter(place: usize) -> i64 {
    (place * 7_919 % 15) as i64 * MINUTE - 7 * MINUTE
}

fn a_year_ahead(place: usize) -> i64 {
    if place % 50 > 46 { 400 * DAY } else { 0 }
}

fn a_month_behind(place: usize) -> i64 {
    if place % 40 > 35 { -30 * DAY } else { 0 }
}

fn in_all_directions(place: usize) -> i64 {
    match place % 60 {
        10..13 => 40 * MINUTE,
        20..24 => 3 * DAY,
        30..33 => -2 * HOUR,
        40..42 => 800 * DAY,
        42..44 => 20 * DAY,
        50..53 => -9 * DAY,
        _ => 0,
    }
}

const ERRORS: [Error; 4] = [jitter, a_year_ahead, a_month_behind, in_all_directions];

/// The rows of a device, and by how much its clock is ahead at each.
fn lived(device: u32, error: Error) -> Vec<(Row, i64)> {
    rows_of(device).into_iter().enumerate().map(|(place, row)| (row, error(place))).collect()
}

fn replay(device: u32, error: Error, tracked: &[(Unit, usize)], home: Home, restart_every: usize) {
    let mut world = World::default();
    let mut phone = Phone::new(device, zone_of(&rows_of(device)), tracked, home);
    let rows = lived(device, error);
    for (place, (row, error)) in rows.iter().enumerate() {
        phone.live_with_error(&mut world, row, *error);
        if place % restart_every == restart_every - 1 {
            phone.restart();
        }
        if place % every(7) == 0 {
            let view = phone.view(&world, phone.time());
            ask::everything(&phone, &view, place);
            truths::hold(&phone, &view, row.event, place);
        }
    }
    // Until long after the times of all recordings.
    let end = rows_of(device).last().unwrap().at;
    for (salt, later) in
        [0, HOUR, DAY, 9 * DAY, 21 * DAY, 100 * DAY, 399 * DAY, 801 * DAY].into_iter().enumerate()
    {
        ask::everything(&phone, &phone.view(&world, end + later), salt);
    }
}

#[test]
fn a_phone_whose_clock_is_wrong_now_and_then_agrees_with_the_model() {
    for error in ERRORS {
        for device in [3, 6, 8, 10] {
            replay(device, error, &WIDE_UNITS, Home::Nowhere, usize::MAX);
        }
        replay(4, error, &DEFAULT_UNITS, Home::Nowhere, usize::MAX);
    }
}

#[test]
fn a_new_recording_counts_at_once_however_often_the_clock_was_wrong() {
    for error in ERRORS {
        let short = if HAS_ROOM_FOR_NOW { &NARROW_UNITS[..] } else { &WIDE_UNITS };
        for (device, tracked) in [(3, short), (8, short), (4, &DEFAULT_UNITS)] {
            let mut world = World::default();
            let mut phone = Phone::new(device, zone_of(&rows_of(device)), tracked, Home::Nowhere);
            for (row, error) in lived(device, error) {
                phone.live_with_error(&mut world, &row, error);
                for (unit, _) in tracked.iter().copied() {
                    let counted = ask::last(phone.store(), row.event, unit, 1).total();
                    assert!(counted >= Some(1), "{} in {unit:?} on device {device} at {}", row.event, row.at);
                }
            }
        }
    }
}

#[test]
fn a_clock_step_survives_a_restart() {
    for error in ERRORS {
        replay(8, error, &WIDE_UNITS, Home::log(), 17);
        replay(10, error, &DEFAULT_UNITS, Home::log(), 7);
    }
}

#[test]
fn rules_under_a_wrong_clock_decide_like_the_model() {
    let mut compared = 0;
    for error in [a_year_ahead, a_month_behind, in_all_directions] {
        for (device, tracked) in [(3, &WIDE_UNITS[..]), (8, &DEFAULT_UNITS[..])] {
            let mut world = World::default();
            let mut phone = Phone::new(device, zone_of(&rows_of(device)), tracked, Home::Nowhere);
            for (place, (row, error)) in lived(device, error).iter().enumerate() {
                phone.live_with_error(&mut world, row, *error);
                if place % every(9) == 0 {
                    compared += every_rule(&phone, &phone.view(&world, phone.time()), place);
                }
            }
        }
    }
    assert!(compared > 1_500, "only {compared} verdicts were compared");
}

#[test]
fn counts_from_a_phone_with_a_wrong_clock_wait_on_other_phones_until_their_time() {
    for error in ERRORS {
        let mut world = World::default();
        let mut phones =
            [4, 8].map(|device| Phone::new(device, zone_of(&rows_of(device)), &WIDE_UNITS, Home::Nowhere));
        let rows = rows_of_all(&[4, 8]);
        for (place, row) in rows.iter().enumerate() {
            // The second phone's clock is right.
            let wrong = error(place);
            let shown = [row.at + wrong, row.at];
            let [one, two] = &mut phones;
            match row.device {
                4 => one.live_with_error(&mut world, row, wrong),
                _ => two.live(&mut world, row, 1),
            }
            if place % 4 == 0 {
                one.pass_until(row.at, wrong);
                two.set_time(row.at);
                send(one, two, Way::nth(place / 4));
                send(two, one, Way::nth(place / 4));
                if place % every(4) == 0 {
                    ask::counts(two, &two.view(&world, shown[1]), place);
                    ask::counts(one, &one.view(&world, shown[0]), place);
                }
            }
        }
        let end = rows.last().unwrap().at;
        let knows = phones[0].knows.clone();
        phones[1].learn(&knows);
        phones[1].store().merge_bytes(&phones[0].store().export_bytes().unwrap()).unwrap();
        for (salt, later) in [0, DAY, 9 * DAY, 30 * DAY, 401 * DAY, 900 * DAY].into_iter().enumerate() {
            ask::counts(&phones[1], &phones[1].view(&world, end + later), salt);
        }
    }
}
