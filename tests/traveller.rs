//! Phones that travel: east and west, over the date line, with dates that come twice and dates that never come. What they counted is counted once,
//! on the date that was theirs, and after a merge both say the same.

#![cfg(feature = "storage-fs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_lossless,
    missing_docs
)]

mod common;

use chrono::DateTime;
use chrono_tz::Tz;
use common::ask;
use common::ask_limits::{one_rule, rules};
use common::model::World;
use common::phone::{Home, Phone, WIDE_UNITS, Way, send};
use common::trace::{EVENTS, Row};
use common::unit::{DAY, HOUR, MINUTE, Unit};
use common::zone::{LocalZone, zones};
use proptest::prelude::*;

fn at(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

fn fixed(hours: i32) -> LocalZone {
    LocalZone::fixed(hours * 3_600)
}

fn live(phone: &mut Phone, world: &mut World, at: i64) {
    phone.live(world, &Row { at, offset: 0, device: phone.device, event: EVENTS[0] }, 1);
}

fn days(phone: &Phone, n: usize) -> Vec<u32> {
    phone.store().query(EVENTS[0]).last_days(n).into_buckets()
}

#[test]
fn a_date_that_comes_twice_is_one_date() {
    let (mut world, mut phone) = (World::default(), Phone::new(1, fixed(13), &WIDE_UNITS, Home::Nowhere));
    // The eighth of March in Auckland; then over the date line to Honolulu, where it is the seventh, and the eighth comes again.
    live(&mut phone, &mut world, at("2026-03-08T09:00:00+13:00"));
    phone.move_to(fixed(-10));
    for time in ["2026-03-07T20:00:00-10:00", "2026-03-08T09:00:00-10:00"] {
        live(&mut phone, &mut world, at(time));
    }
    assert_eq!(days(&phone, 3), [2, 1, 0], "both mornings of the eighth, and the evening before the second");
    ask::everything(&phone, &phone.view(&world, at("2026-03-08T23:00:00-10:00")), 3);
    phone.set_time(at("2026-03-09T00:00:00-10:00"));
    assert_eq!(days(&phone, 3), [0, 2, 1]);
}

#[test]
fn while_it_is_yesterday_once_more_what_tomorrow_had_counts_as_today() {
    let (mut world, mut phone) = (World::default(), Phone::new(1, fixed(13), &WIDE_UNITS, Home::Nowhere));
    live(&mut phone, &mut world, at("2026-03-08T09:00:00+13:00"));
    phone.move_to(fixed(-10));
    phone.set_time(at("2026-03-07T20:00:00-10:00"));
    assert_eq!(days(&phone, 2), [1, 0]);
    assert_eq!(phone.store().query(EVENTS[0]).last_weeks(2).into_buckets(), [1, 0]);
    ask::everything(&phone, &phone.view(&world, at("2026-03-07T20:00:00-10:00")), 5);
}

#[test]
fn a_date_that_never_comes_is_an_empty_one() {
    let (mut world, mut phone) = (World::default(), Phone::new(1, fixed(-10), &WIDE_UNITS, Home::Nowhere));
    live(&mut phone, &mut world, at("2026-03-07T23:50:00-10:00"));
    // Ten hours in the air, westwards over the line: the eighth is over before it began.
    phone.move_to(fixed(13));
    live(&mut phone, &mut world, at("2026-03-09T08:50:00+13:00"));
    assert_eq!(days(&phone, 4), [1, 0, 1, 0]);
    ask::everything(&phone, &phone.view(&world, at("2026-03-09T20:00:00+13:00")), 2);
}

#[test]
fn a_zone_that_skips_a_date_skips_it_for_limits_too() {
    let zone = LocalZone::of(Tz::Pacific__Apia, 2011..2013);
    let (mut world, mut phone) = (World::default(), Phone::new(1, zone, &WIDE_UNITS, Home::Nowhere));
    // Samoa went from the 29th to the 31st of December 2011.
    let evening = at("2011-12-29T22:00:00-10:00");
    live(&mut phone, &mut world, evening);
    let daily = || phone.store().limit().at_most(EVENTS[0], 1, tiny_counter::TimeUnit::Days).check(EVENTS[0]);
    let wait = daily().unwrap_err().as_limit_exceeded().unwrap().retry_after.unwrap();
    assert_eq!(wait.num_milliseconds(), 2 * HOUR);
    phone.set_time(evening + 2 * HOUR - 1);
    assert!(daily().is_err());
    phone.set_time(evening + 2 * HOUR);
    assert!(daily().is_ok());
    assert_eq!(days(&phone, 3), [0, 0, 1]);
}

#[test]
fn one_instant_seen_by_two_devices_has_two_dates_and_one_total() {
    let noon = at("2026-03-07T12:00:00Z");
    let mut world = World::default();
    let mut phones = [(1, 14), (2, -11)]
        .map(|(device, hours)| Phone::new(device, fixed(hours), &WIDE_UNITS, Home::Nowhere));
    phones.iter_mut().for_each(|phone| live(phone, &mut world, noon));
    let [east, west] = &mut phones;
    send(east, west, Way::Bytes);
    send(west, east, Way::Counters);
    assert_eq!(days(east, 2), [1, 1], "today, and yesterday in Pago Pago");
    assert_eq!(days(west, 2), [2, 0], "what is tomorrow in Kiritimati is read as today");
    for (salt, later) in [0, DAY, 3 * DAY].into_iter().enumerate() {
        phones.iter().for_each(|phone| ask::everything(phone, &phone.view(&world, noon + later), salt));
    }
    // By then both dates have come and gone on either side.
    for unit in [Unit::Weeks, Unit::Months, Unit::Years] {
        let ask = |phone: &Phone| ask::last(phone.store(), EVENTS[0], unit, 3).into_buckets();
        assert_eq!(ask(&phones[0]), ask(&phones[1]));
    }
}

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

fn journeys() -> u32 {
    if std::env::var_os("TINY_COUNTER_LONG").is_some() { 20_000 } else { 200 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: journeys(), failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn two_travellers_answer_like_the_model_and_agree_when_they_are_home(
        homes in (0..9usize, 0..9usize),
        legs in prop::collection::vec(leg(), 1..30),
    ) {
        let mut now = at("2026-03-07T21:30:00Z");
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
                    for rule in rules(&view, event, salt).into_iter().skip(salt % 11).step_by(11) {
                        one_rule(phone, &view, event, rule);
                    }
                }
            }
        }
        for way in [true, false] {
            exchange(&mut phones, 0, way);
            exchange(&mut phones, 1, way);
        }
        // A few days later every date has come everywhere, and both are at home.
        phones.iter_mut().for_each(|phone| phone.move_to(zones()[4].clone()));
        phones.iter().for_each(|phone| phone.set_time(now + 3 * DAY));
        ask::agree(&phones[0], &phones[1]);
        for event in &EVENTS[..2] {
            ask::one(&phones[0], &phones[0].view(&world, now + 3 * DAY), event, 7);
        }
    }
}

fn exchange(phones: &mut [Phone; 2], from: usize, bytes: bool) {
    let [one, two] = phones;
    let (from, to) = if from == 0 { (one, two) } else { (two, one) };
    send(from, to, if bytes { Way::Bytes } else { Way::Counters });
}
