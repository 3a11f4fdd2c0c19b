//! Replays the recorded trace, one device at a time.

use super::common::ask;
use super::common::ask_limits::{every_rule, rules};
use super::common::model::World;
use super::common::phone::{DEFAULT_UNITS, Home, NARROW_UNITS, Phone, WIDE_UNITS, at_millis};
use super::common::trace::{EVENTS, Row, rows_of, zone_of};
use super::common::truths;
use super::common::unit::{DAY, MINUTE, SECOND, Unit};
use super::common::zone::LocalZone;
use super::property::cases;
use super::waiting::{refusals, wait};

/// A usual run asks at every third of the moments.
fn every(moments: usize) -> usize {
    moments * cases(3, 1) as usize
}

/// How a phone learns its local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ZoneSource {
    /// From one table for the whole trace.
    Table,
    /// From a call at each change.
    Changes,
    /// It is always on UTC.
    Utc,
}

struct Replay {
    rows: Vec<Row>,
    zone_source: ZoneSource,
    /// Whether some recordings count several at once.
    several: bool,
    /// After how many rows the store is closed and opened again.
    restart_every: usize,
    /// After how many rows questions are asked.
    ask_every: usize,
}

impl Replay {
    fn of(device: u32) -> Replay {
        Replay {
            rows: rows_of(device),
            zone_source: ZoneSource::Table,
            several: false,
            restart_every: usize::MAX,
            ask_every: every(10),
        }
    }

    fn zone(&self) -> LocalZone {
        match self.zone_source {
            ZoneSource::Table => zone_of(&self.rows),
            ZoneSource::Changes => LocalZone::fixed(self.rows[0].offset),
            ZoneSource::Utc => LocalZone::fixed(0),
        }
    }

    /// Records the trace. Returns how many instants were compared.
    fn run(&self, tracked: &[(Unit, usize)], home: Home) -> usize {
        let mut world = World::default();
        let mut phone = Phone::new(self.rows[0].device, self.zone(), tracked, home);
        let mut moments = 0;
        for (place, row) in self.rows.iter().enumerate() {
            if self.zone_source == ZoneSource::Changes && phone.zone != LocalZone::fixed(row.offset) {
                phone.set_time(row.at);
                phone.move_to(LocalZone::fixed(row.offset));
            }
            let count = if self.several && place % 4 == 3 { 1 + place as u32 % 11 } else { 1 };
            phone.live(&mut world, row, count);
            if place % self.restart_every == self.restart_every - 1 {
                phone.restart();
            }
            if place % self.ask_every == 0 {
                let next = self.rows.get(place + 1).map_or(row.at + DAY, |next| next.at);
                for now in [row.at, (row.at + next) / 2] {
                    let view = phone.view(&world, now);
                    ask::everything(&phone, &view, place);
                    truths::hold(&phone, &view, row.event, place);
                    moments += 1;
                }
            }
        }
        let end = self.rows.last().unwrap().at;
        for (salt, later) in AFTERWARDS.into_iter().enumerate() {
            ask::everything(&phone, &phone.view(&world, end + later), salt + 5);
            moments += 1;
        }
        moments
    }
}

const AFTERWARDS: [i64; 8] =
    [SECOND, 10 * MINUTE, DAY, 8 * DAY, 40 * DAY, 400 * DAY, 5 * 365 * DAY, 9 * 365 * DAY];

#[test]
fn every_device_agrees_with_the_model_in_the_default_units() {
    for device in 2..=12 {
        let moments = Replay::of(device).run(&DEFAULT_UNITS, Home::Nowhere);
        assert!(moments >= 10);
    }
}

#[test]
fn the_busiest_device_agrees_with_the_model_in_the_default_units() {
    let replay = Replay { ask_every: every(30), ..Replay::of(1) };
    assert!(replay.run(&DEFAULT_UNITS, Home::Nowhere) > 70);
}

#[test]
fn the_busiest_device_agrees_with_the_model_in_all_seven_units() {
    let replay = Replay { several: true, ask_every: every(50), ..Replay::of(1) };
    replay.run(&WIDE_UNITS, Home::Nowhere);
}

#[test]
fn every_device_agrees_with_the_model_in_all_seven_units() {
    for device in 2..=12 {
        let replay = Replay { several: true, ask_every: every(13), ..Replay::of(device) };
        replay.run(&WIDE_UNITS, Home::Nowhere);
    }
}

#[test]
fn every_device_agrees_with_the_model_in_windows_so_short_that_everything_ages() {
    for device in 2..=12 {
        Replay { several: true, ..Replay::of(device) }.run(&NARROW_UNITS, Home::Nowhere);
    }
}

#[test]
fn a_phone_that_learns_its_zone_only_when_it_changes_agrees_with_the_model() {
    for device in [3, 4, 5, 12] {
        let replay = Replay { zone_source: ZoneSource::Changes, ..Replay::of(device) };
        replay.run(&WIDE_UNITS, Home::Nowhere);
    }
}

#[test]
fn a_phone_on_utc_agrees_with_the_model() {
    for device in [99, 5] {
        Replay { zone_source: ZoneSource::Utc, ..Replay::of(device) }.run(&WIDE_UNITS, Home::Nowhere);
    }
}

#[test]
fn a_phone_that_is_restarted_again_and_again_agrees_with_the_model() {
    for (device, restart_every, tracked) in [
        (3, 41, &WIDE_UNITS[..]),
        (8, 7, &DEFAULT_UNITS[..]),
        (10, 5, &NARROW_UNITS[..]),
        (2, 201, &WIDE_UNITS[..]),
    ] {
        let replay = Replay { several: true, restart_every, ..Replay::of(device) };
        replay.run(tracked, Home::log());
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_phone_that_stores_one_value_per_event_agrees_with_the_model() {
    Replay::of(6).run(&WIDE_UNITS, Home::Memory);
}

#[test]
fn actions_recorded_later_in_any_order_count_as_if_recorded_in_time() {
    for (device, stride) in [(3, 1), (4, 7), (12, 5)] {
        let rows = rows_of(device);
        let end = rows.last().unwrap().at;
        let mut world = World::default();
        let mut phone = Phone::new(device, zone_of(&rows), &WIDE_UNITS, Home::Nowhere);
        phone.set_time(end);
        for row in (0..rows.len()).map(|place| rows[(place * stride + 1) % rows.len()]) {
            phone.store().record_at(row.event, at_millis(row.at)).unwrap();
            phone.note(&mut world, row.event, 1, row.at, row.at);
        }
        for (salt, later) in [0].into_iter().chain(AFTERWARDS).enumerate() {
            ask::everything(&phone, &phone.view(&world, end + later), salt);
        }
    }
}

#[test]
fn every_rule_decides_like_the_model() {
    let mut compared = 0;
    for (device, ask_every) in [(3, 29), (4, 37), (5, 29), (8, 19), (10, 13), (12, 5)] {
        for tracked in [&DEFAULT_UNITS[..], &WIDE_UNITS, &NARROW_UNITS] {
            let rows = rows_of(device);
            let mut world = World::default();
            let mut phone = Phone::new(device, zone_of(&rows), tracked, Home::Nowhere);
            for (place, row) in rows.iter().enumerate() {
                phone.live(&mut world, row, 1);
                if place % every(ask_every) == 0 {
                    let next = rows.get(place + 1).map_or(row.at + 100 * DAY, |next| next.at);
                    for now in [row.at, (row.at + next) / 2] {
                        compared += every_rule(&phone, &phone.view(&world, now), place + device as usize);
                    }
                }
            }
        }
    }
    assert!(compared > 1_500, "only {compared} verdicts were compared");
}

#[test]
fn every_refusal_ends_at_the_millisecond_that_it_reports() {
    let mut waited = 0;
    for device in [3, 6, 9, 10, 11, 12] {
        let rows = rows_of(device);
        let mut world = World::default();
        let mut phone = Phone::new(device, zone_of(&rows), &WIDE_UNITS, Home::Nowhere);
        for (place, row) in rows.iter().enumerate() {
            phone.live(&mut world, row, 1);
            if place % every(1) > 0 {
                continue;
            }
            let event = EVENTS[place / every(1) % 7];
            let view = phone.view(&world, row.at);
            let asked = rules(&view, event, place).into_iter().map(|rule| (event, rule));
            let (waiting, _) = refusals(&phone, &view, asked.collect(), i64::MAX);
            let next = rows.get(place + 1).map_or(i64::MAX, |next| next.at);
            waited += wait(&phone, waiting, next);
        }
    }
    assert!(waited > 300, "only {waited} refusals were checked");
}
