//! Random trips of two phones, which merge each other now and then.

use super::common::ask;
use super::common::ask_limits::{one_rule, rules};
use super::common::model::World;
use super::common::phone::{Home, Phone, WIDE_UNITS, Way, send};
use super::common::trace::{EVENTS, Row};
use super::common::unit::{DAY, HOUR, MINUTE, millis};
use super::common::zone::zones;
use super::property::{cases, check};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Leg {
    Record { phone: usize, event: usize },
    Fly { phone: usize, zone: usize },
    Wait(i64),
    Send { from: usize, bytes: bool },
    Ask { phone: usize, salt: usize },
}

fn leg() -> impl Strategy<Value = Leg> {
    let phone = 0..2usize;
    prop_oneof![
        6 => (phone.clone(), 0..2usize).prop_map(|(phone, event)| Leg::Record { phone, event }),
        3 => (phone.clone(), 0..9usize).prop_map(|(phone, zone)| Leg::Fly { phone, zone }),
        5 => prop_oneof![0..40 * MINUTE, 0..14 * HOUR, 0..4 * DAY, 0..90 * DAY].prop_map(Leg::Wait),
        3 => (phone.clone(), any::<bool>()).prop_map(|(from, bytes)| Leg::Send { from, bytes }),
        3 => (phone, 0..500usize).prop_map(|(phone, salt)| Leg::Ask { phone, salt }),
    ]
}

#[test]
fn two_phones_on_random_trips_agree_with_the_model_and_at_home_with_each_other() {
    let cases = cases(200, 20_000);
    let input = ((0..9usize, 0..9usize), prop::collection::vec(leg(), 1..30));
    let compared = check(cases, input, |(homes, legs)| {
        let mut compared = 0;
        let mut now = millis("2026-03-07T21:30:00Z");
        let mut world = World::default();
        let mut phones = [(1, homes.0), (2, homes.1)]
            .map(|(device, zone)| Phone::new(device, zones()[zone].clone(), &WIDE_UNITS, Home::Nowhere));
        for leg in legs {
            phones.iter().for_each(|phone| phone.set_time(now));
            match leg {
                Leg::Record { phone, event } => {
                    let row = Row { at: now, offset: 0, device: phones[phone].device, event: EVENTS[event] };
                    phones[phone].live(&mut world, &row, 1);
                }
                Leg::Fly { phone, zone } => phones[phone].move_to(zones()[zone].clone()),
                Leg::Wait(span) => now += span,
                Leg::Send { from, bytes } => exchange(&mut phones, from, bytes),
                Leg::Ask { phone, salt } => {
                    let (phone, event) = (&phones[phone], EVENTS[salt % 2]);
                    let view = phone.view(&world, now);
                    ask::one(phone, &view, event, salt);
                    let some = rules(&view, event, salt).into_iter().skip(salt % 11).step_by(11);
                    compared += some.filter(|rule| one_rule(phone, &view, event, *rule)).count();
                }
            }
        }
        for way in [true, false] {
            exchange(&mut phones, 0, way);
            exchange(&mut phones, 1, way);
        }
        // A few days later, at home, every date has come for both.
        phones.iter_mut().for_each(|phone| phone.move_to(zones()[4].clone()));
        phones.iter().for_each(|phone| phone.set_time(now + 3 * DAY));
        ask::agree(&phones[0], &phones[1]);
        for event in &EVENTS[..2] {
            ask::one(&phones[0], &phones[0].view(&world, now + 3 * DAY), event, 7);
        }
        compared
    });
    assert!(compared > cases as usize * 10, "only {compared} verdicts were compared");
}

fn exchange(phones: &mut [Phone; 2], from: usize, bytes: bool) {
    let [one, two] = phones;
    let (from, to) = if from == 0 { (one, two) } else { (two, one) };
    send(from, to, if bytes { Way::Bytes } else { Way::Counters });
}
