//! Replays the recorded trace on several phones that merge each other.

use std::cell::Cell;

use super::common::ask;
use super::common::ask_limits::every_rule;
use super::common::model::World;
use super::common::phone::{DEFAULT_UNITS, Home, NARROW_UNITS, Phone, WIDE_UNITS, Way, send};
use super::common::trace::{Row, rows_of, rows_of_all, zone_of};
use super::common::unit::{DAY, HOUR, MINUTE, Unit};
use super::common::zone::LocalZone;
use super::property::cases;

/// A usual run asks at every fourth of the moments.
fn every(moments: usize) -> usize {
    moments * cases(4, 1) as usize
}

/// Some phones, and the model of their recordings.
struct Phones {
    world: World,
    phones: Vec<Phone>,
    random: u64,
    /// How often a phone was compared with the model.
    compared: Cell<usize>,
}

impl Phones {
    fn new(devices: &[u32], tracked: &[(Unit, usize)], home: fn() -> Home) -> Phones {
        let phone = |device: &u32| Phone::new(*device, zone_of(&rows_of(*device)), tracked, home());
        Phones {
            world: World::default(),
            phones: devices.iter().map(phone).collect(),
            random: 1,
            compared: Cell::new(0),
        }
    }

    fn place_of(&self, device: u32) -> usize {
        self.phones.iter().position(|phone| phone.device == device).unwrap()
    }

    fn live(&mut self, row: &Row) {
        let place = self.place_of(row.device);
        self.phones[place].live(&mut self.world, row, 1);
    }

    fn send(&mut self, from: usize, to: usize, way: Way, now: i64) {
        let [from, to] = self.phones.get_disjoint_mut([from, to]).unwrap();
        from.set_time(now);
        to.set_time(now);
        send(from, to, way);
    }

    /// Merges every phone into every other.
    fn everybody(&mut self, way: Way, now: i64) {
        for from in 0..self.phones.len() {
            for to in (0..self.phones.len()).filter(|to| *to != from) {
                self.send(from, to, way, now);
            }
        }
    }

    /// Asks one phone everything.
    fn ask(&self, place: usize, now: i64, salt: usize) {
        let phone = &self.phones[place];
        ask::everything(phone, &phone.view(&self.world, now), salt);
        self.compared.set(self.compared.get() + 1);
    }

    fn ask_all(&self, now: i64, salt: usize) {
        for place in 0..self.phones.len() {
            self.ask(place, now, salt);
        }
    }

    /// Asserts that all phones in one zone give the same answers.
    fn all_agree(&mut self, now: i64) {
        for phone in &mut self.phones {
            phone.set_time(now);
            phone.move_to_utc();
        }
        for pair in self.phones.windows(2) {
            ask::agree(&pair[0], &pair[1]);
        }
    }

    /// A random number below `n`; every run has the same sequence.
    fn random(&mut self, n: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % n
    }
}

#[test]
fn two_phones_that_merge_each_other_agree_with_the_model() {
    let rows = rows_of_all(&[3, 8]);
    let mut phones = Phones::new(&[3, 8], &WIDE_UNITS, || Home::Nowhere);
    for (place, row) in rows.iter().enumerate() {
        phones.live(row);
        if place % 20 == 19 {
            let way = Way::nth(place / 20);
            phones.send(0, 1, way, row.at);
            phones.ask(1, row.at, place);
            phones.send(1, 0, way, row.at);
            phones
                .ask_all(row.at + HOUR.min(rows.get(place + 1).map_or(HOUR, |next| next.at - row.at)), place);
        }
    }
    let end = rows.last().unwrap().at + 3 * DAY;
    phones.everybody(Way::Bytes, end);
    phones.ask_all(end, 11);
    phones.all_agree(end);
}

#[test]
fn two_phones_on_both_sides_of_the_date_line_agree_with_the_model() {
    let rows = rows_of_all(&[3, 4]);
    let mut phones = Phones::new(&[3, 4], &WIDE_UNITS, || Home::Nowhere);
    phones.phones[0].move_to(LocalZone::fixed(14 * 3600));
    phones.phones[1].move_to(LocalZone::fixed(-11 * 3600));
    for (place, row) in rows.iter().enumerate() {
        phones.live(row);
        if place % 15 == 14 {
            phones.everybody(Way::Bytes, row.at);
            phones.ask_all(row.at, place);
        }
    }
    let end = rows.last().unwrap().at;
    phones.everybody(Way::Bytes, end);
    for later in 0..40 {
        phones.ask_all(end + later * 7 * HOUR, later as usize);
    }
}

#[test]
fn rules_on_merged_counts_decide_like_the_model() {
    let rows = rows_of_all(&[3, 4, 6]);
    let mut compared = 0;
    for tracked in [&DEFAULT_UNITS[..], &WIDE_UNITS] {
        let mut phones = Phones::new(&[3, 4, 6], tracked, || Home::Nowhere);
        for (place, row) in rows.iter().enumerate() {
            phones.live(row);
            if place % every(40) == 39 {
                phones.everybody(Way::Bytes, row.at);
                for phone in &phones.phones {
                    compared += every_rule(phone, &phone.view(&phones.world, row.at), place);
                }
            }
        }
    }
    assert!(compared > 1_500, "only {compared} verdicts were compared");
}

#[test]
fn counts_relayed_by_a_third_phone_count_once() {
    let rows = rows_of_all(&[2, 4, 7]);
    let mut phones = Phones::new(&[2, 4, 7], &DEFAULT_UNITS, || Home::Nowhere);
    for (place, row) in rows.iter().enumerate() {
        phones.live(row);
        if place % 50 == 49 {
            // In a chain: the last link only now and then, and never directly back.
            phones.send(0, 1, Way::nth(place / 50), row.at);
            phones.send(1, 2, Way::Bytes, row.at);
            phones.ask(1, row.at, place);
            phones.ask(2, row.at, place);
            if place % 300 == 299 {
                phones.send(2, 0, Way::Counters, row.at);
                phones.ask(0, row.at, place);
            }
        }
    }
    let compared = phones.compared.get();
    assert!(compared > 20, "only {compared} comparisons");
}

#[test]
fn old_exports_merged_again_change_nothing() {
    let rows = rows_of_all(&[8, 10]);
    let mut phones = Phones::new(&[8, 10], &WIDE_UNITS, || Home::Nowhere);
    let mut exports = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        phones.live(row);
        if place % 30 == 29 {
            phones.everybody(Way::Bytes, row.at);
            exports.push(phones.phones[place / 30 % 2].store().export_bytes().unwrap());
            for export in exports.iter().rev().step_by(2) {
                phones.phones[0].store().merge_bytes(export).unwrap();
                phones.phones[1].store().merge_bytes(export).unwrap();
            }
            phones.ask_all(row.at, place);
        }
    }
    let compared = phones.compared.get();
    assert!(compared > 10, "only {compared} comparisons");
}

#[test]
fn phones_that_are_restarted_between_merges_agree_with_the_model() {
    let devices = [6, 9, 11];
    let rows = rows_of_all(&devices);
    for tracked in [&DEFAULT_UNITS[..], &WIDE_UNITS] {
        let mut phones = Phones::new(&devices, tracked, Home::log);
        for (place, row) in rows.iter().enumerate() {
            phones.live(row);
            if place % 12 == 11 {
                let (from, to) = (place / 12 % 3, (place / 12 + 1) % 3);
                phones.send(from, to, Way::nth(place / 36), row.at);
                phones.phones[to].restart();
                phones.ask(to, row.at, place);
                phones.phones[from].restart();
                phones.ask(
                    from,
                    row.at + MINUTE.min(rows.get(place + 1).map_or(1, |next| next.at - row.at)),
                    place,
                );
            }
        }
        let end = rows.last().unwrap().at;
        phones.everybody(Way::Bytes, end);
        phones.ask_all(end + DAY, 3);
        phones.all_agree(end + DAY);
    }
}

#[test]
fn twelve_phones_that_merge_at_random_agree_with_the_model_and_with_each_other() {
    let devices: Vec<u32> = (1..=12).collect();
    let rows = rows_of_all(&devices);
    for tracked in [&DEFAULT_UNITS[..], &NARROW_UNITS] {
        let mut phones = Phones::new(&devices, tracked, || Home::Nowhere);
        for (place, row) in rows.iter().enumerate() {
            phones.live(row);
            if place % 60 == 59 {
                let from = phones.random(12);
                let to = (from + 1 + phones.random(11)) % 12;
                phones.send(from, to, Way::nth(place / 60), row.at);
                if place % every(60) == 59 {
                    phones.ask(to, row.at, place);
                }
            }
        }
        let end = rows.last().unwrap().at;
        for way in [Way::Bytes, Way::Counters] {
            phones.everybody(way, end);
        }
        for (salt, later) in [0, DAY, 45 * DAY, 800 * DAY].into_iter().enumerate() {
            phones.ask_all(end + later, salt);
        }
        phones.all_agree(end + 801 * DAY);
    }
}

#[test]
fn a_store_that_merged_a_whole_store_agrees_with_the_model_of_both() {
    let rows = rows_of_all(&[11, 12]);
    let mut phones = Phones::new(&[11, 12], &WIDE_UNITS, || Home::Nowhere);
    rows.iter().for_each(|row| phones.live(row));
    let end = rows.last().unwrap().at;
    phones.phones.iter().for_each(|phone| phone.set_time(end));
    let other = phones.phones.remove(1);
    phones.phones[0].learn(&other.knows);
    phones.phones[0].store().merge(other.into_store()).unwrap();
    phones.ask(0, end, 1);
    phones.ask(0, end + 9 * DAY, 2);
}
