//! Random operations on two phones. The answers of the library are compared with those of the
//! simple model of the tests.

use crate::common::ask;
use crate::common::ask_limits::{one_rule, rules};
use crate::common::model::World;
use crate::common::phone::{Home, Phone, WIDE_UNITS, Way, send};
use crate::common::trace::{EVENTS, Row};
use crate::common::unit::DAY;
use crate::common::zone::zones;
use crate::steps::{Bytes, Step};

/// 2026-03-07, in the evening.
const START: i64 = 1_772_919_000_000;
/// More operations take long and find nothing new.
const MAX_STEPS: usize = 60;
/// The end of the calendar and the zones of the model.
const LATEST: i64 = START + 900 * DAY;

pub fn run(data: &[u8]) {
    let mut steps = Bytes::new(data);
    let setup = steps.setup();
    let home = || if setup.logs { Home::log() } else { Home::Nowhere };
    let mut world = World::default();
    let mut phones = [(1, setup.zones[0]), (2, setup.zones[1])]
        .map(|(device, zone)| Phone::new(device, zones()[zone].clone(), &WIDE_UNITS, home()));
    let mut now = START;
    for step in steps.take(MAX_STEPS) {
        phones.iter().for_each(|phone| phone.set_time(now));
        match step {
            Step::Record { phone, event, count } => {
                let row = Row { at: now, offset: 0, device: phones[phone].device, event: EVENTS[event] };
                phones[phone].live(&mut world, &row, count);
            }
            Step::Fly { phone, zone } => phones[phone].move_to(zones()[zone].clone()),
            Step::Wait(span) => now = (now + span).min(LATEST),
            Step::Send { from, bytes } => exchange(&mut phones, from, bytes),
            Step::Restart { phone } if setup.logs => phones[phone].restart(),
            Step::Compact { phone } if setup.logs => phones[phone].compact(),
            Step::Restart { .. } | Step::Compact { .. } => {}
            Step::Ask { phone, salt } => compare(&phones[phone], &world, now, salt),
        }
    }
    for way in [true, false] {
        exchange(&mut phones, 0, way);
        exchange(&mut phones, 1, way);
    }
    // Three days later no phone is ahead of a date, and both phones are in the same zone.
    now += 3 * DAY;
    phones.iter_mut().for_each(|phone| phone.move_to(zones()[4].clone()));
    phones.iter().for_each(|phone| phone.set_time(now));
    ask::agree(&phones[0], &phones[1]);
    for salt in 0..3 {
        compare(&phones[salt % 2], &world, now, salt);
    }
}

fn compare(phone: &Phone, world: &World, now: i64, salt: usize) {
    let (view, event) = (phone.view(world, now), EVENTS[salt % 3]);
    ask::one(phone, &view, event, salt);
    for rule in rules(&view, event, salt).into_iter().skip(salt % 11).step_by(11) {
        one_rule(phone, &view, event, rule);
    }
}

fn exchange(phones: &mut [Phone; 2], from: usize, bytes: bool) {
    let [one, two] = phones;
    let (from, to) = if from == 0 { (one, two) } else { (two, one) };
    send(from, to, if bytes { Way::Bytes } else { Way::Counters });
}
