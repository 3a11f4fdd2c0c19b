//! Local dates: time zones, trips, dates that occur twice and dates that are skipped.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::stores::{clock, clock_at, in_memory, instant, retry_after, sync, under};
use tiny_counter::{TimeUnit, Zone};

#[test]
fn a_calendar_window_ends_at_local_midnight() {
    let clock = clock();
    let store = under(&clock).with_zone(Zone::fixed(-10 * 3600).unwrap()).build().unwrap();
    // 02:00 local time.
    store.record("x");
    clock.advance(Duration::hours(21) + Duration::minutes(59));
    assert_eq!(store.query("x").last_days(1).sum(), Some(1));
    clock.advance(Duration::minutes(1));
    assert_eq!(store.query("x").last_days(1).sum(), Some(0));
    assert_eq!(store.query("x").last_days(2).sum(), Some(1));
    store.set_zone(Zone::fixed(-11 * 3600).unwrap());
    assert_eq!(
        store.query("x").last_days(1).sum(),
        Some(1),
        "one hour further west it is still the same day"
    );
}

#[test]
fn devices_in_different_zones_keep_the_dates_they_recorded() {
    let clock = clock();
    let at = |hours: i32| under(&clock).with_zone(Zone::fixed(hours * 3600).unwrap()).build().unwrap();
    // Noon UTC: already the 19th on Kiritimati, still the 18th in Pago Pago.
    let [east, west] = [at(14), at(-11)];
    east.record("x");
    west.record("x");
    sync(&east, &west);
    assert_eq!(east.query("x").last_days(2).into_buckets(), [1, 1]);
    assert_eq!(west.query("x").last_days(2).into_buckets(), [2, 0], "a date ahead of ours is read as today");
}

#[test]
fn health_reports_a_clock_that_has_left_the_zone_table_in_either_direction() {
    let clock = clock_at(instant("2035-01-10T12:00:00Z"));
    let store = in_memory(&clock);
    let (first, last) = (instant("2030-01-10T12:00:00Z"), instant("2037-01-10T12:00:00Z"));
    let entries = vec![(first.timestamp_millis(), 3_600), (last.timestamp_millis(), 3_600)];
    store.set_zone(Zone::table(3_600, entries).unwrap());
    let ended = || store.health().zone_ended;
    assert_eq!(ended(), None);
    for (now, expected) in [
        (last - Duration::milliseconds(1), None),
        (last, Some(last)),
        (first, None),
        (first - Duration::seconds(2), Some(first)),
        (instant("2026-07-01T12:00:00Z"), Some(first)),
    ] {
        clock.set(now);
        assert_eq!(ended(), expected, "{now}");
    }
    store.set_zone(Zone::fixed(3_600).unwrap());
    assert_eq!(ended(), None);
}

#[test]
fn after_a_trip_west_over_midnight_a_refusal_ends_at_the_next_local_midnight() {
    // From Berlin, where it is already January 27, to New York, where it is still January 26.
    let trip = instant("2021-01-26T23:30:00Z");
    let zone = Zone::table(3_600, vec![(trip.timestamp_millis(), -18_000)]).unwrap();
    let clock = clock_at(instant("2021-01-26T12:00:00Z"));
    let store = under(&clock).with_zone(zone).build().unwrap();
    store.record("prompt");
    clock.set(trip);
    let wait = retry_after(store.limit().at_most("prompt", 1, TimeUnit::Days), "prompt");
    assert_eq!(wait, Some(instant("2021-01-27T05:00:00Z") - trip));
}

#[test]
fn after_a_flight_a_rolling_sum_lies_within_its_bounds_and_is_that_of_its_buckets() {
    let [honolulu, tokyo] = [-10 * 3_600, 9 * 3_600].map(|offset| Zone::fixed(offset).unwrap());
    for (from, to) in [(&honolulu, &tokyo), (&tokyo, &honolulu)] {
        for recorded in 0..72 {
            let clock = clock_at(instant("2026-03-02T00:00:00Z"));
            let units = under(&clock).with_zone(from.clone()).track_days(28);
            let store = units.build().unwrap();
            clock.advance(Duration::hours(recorded));
            store.record_count("x", 3);
            clock.set(instant("2026-03-05T12:30:00Z"));
            store.set_zone(to.clone());
            let last = || store.query("x").rolling(Duration::hours(48));
            let (sum, bounds) = (last().total().unwrap(), last().bounds().unwrap());
            assert!((bounds.lower..=bounds.upper).contains(&sum), "{sum} of {bounds:?} at {recorded}");
            let buckets = last().into_buckets();
            assert_eq!(buckets.iter().map(|count| u64::from(*count)).sum::<u64>(), sum, "at {recorded}");
            assert_eq!(last().count_nonzero(), Some(usize::from(sum > 0)), "at {recorded}");
        }
    }
}

#[cfg(feature = "storage-fs")]
mod trips {
    use chrono_tz::Tz;
    use tiny_counter::TimeUnit;

    use super::common::ask;
    use super::common::model::World;
    use super::common::phone::{Home, Phone, WIDE_UNITS, Way, send};
    use super::common::trace::{EVENTS, Row};
    use super::common::unit::{DAY, HOUR, Unit, millis};
    use super::common::zone::LocalZone;

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
    fn a_date_that_occurs_twice_is_one_date() {
        let (mut world, mut phone) = (World::default(), Phone::new(1, fixed(13), &WIDE_UNITS, Home::Nowhere));
        // March 8 in Auckland; then over the date line to Honolulu, where it is March 7, and March
        // 8 comes again.
        live(&mut phone, &mut world, millis("2026-03-08T09:00:00+13:00"));
        phone.move_to(fixed(-10));
        for time in ["2026-03-07T20:00:00-10:00", "2026-03-08T09:00:00-10:00"] {
            live(&mut phone, &mut world, millis(time));
        }
        assert_eq!(
            days(&phone, 3),
            [2, 1, 0],
            "both mornings of March 8, and the evening of March 7 in between"
        );
        ask::everything(&phone, &phone.view(&world, millis("2026-03-08T23:00:00-10:00")), 3);
        phone.set_time(millis("2026-03-09T00:00:00-10:00"));
        assert_eq!(days(&phone, 3), [0, 2, 1]);
    }

    #[test]
    fn after_a_trip_back_to_yesterday_counts_of_the_later_date_count_as_today() {
        let (mut world, mut phone) = (World::default(), Phone::new(1, fixed(13), &WIDE_UNITS, Home::Nowhere));
        live(&mut phone, &mut world, millis("2026-03-08T09:00:00+13:00"));
        phone.move_to(fixed(-10));
        phone.set_time(millis("2026-03-07T20:00:00-10:00"));
        assert_eq!(days(&phone, 2), [1, 0]);
        assert_eq!(phone.store().query(EVENTS[0]).last_weeks(2).into_buckets(), [1, 0]);
        ask::everything(&phone, &phone.view(&world, millis("2026-03-07T20:00:00-10:00")), 5);
    }

    #[test]
    fn a_date_that_a_trip_skips_has_no_counts() {
        let (mut world, mut phone) =
            (World::default(), Phone::new(1, fixed(-10), &WIDE_UNITS, Home::Nowhere));
        live(&mut phone, &mut world, millis("2026-03-07T23:50:00-10:00"));
        // Ten hours westwards over the date line: there is no March 8.
        phone.move_to(fixed(13));
        live(&mut phone, &mut world, millis("2026-03-09T08:50:00+13:00"));
        assert_eq!(days(&phone, 4), [1, 0, 1, 0]);
        ask::everything(&phone, &phone.view(&world, millis("2026-03-09T20:00:00+13:00")), 2);
    }

    #[test]
    fn a_zone_that_skips_a_date_skips_it_for_limits_too() {
        let zone = LocalZone::of(Tz::Pacific__Apia, 2011..2013);
        let (mut world, mut phone) = (World::default(), Phone::new(1, zone, &WIDE_UNITS, Home::Nowhere));
        // Samoa went from December 29 to December 31, 2011.
        let evening = millis("2011-12-29T22:00:00-10:00");
        live(&mut phone, &mut world, evening);
        let daily = || phone.store().limit().at_most(EVENTS[0], 1, TimeUnit::Days).check(EVENTS[0]);
        let wait = daily().unwrap_err().as_limit_exceeded().unwrap().retry_after.unwrap();
        assert_eq!(wait.num_milliseconds(), 2 * HOUR);
        phone.set_time(evening + 2 * HOUR - 1);
        assert!(daily().is_err());
        phone.set_time(evening + 2 * HOUR);
        assert!(daily().is_ok());
        assert_eq!(days(&phone, 3), [0, 0, 1]);
    }

    #[test]
    fn one_instant_on_two_devices_has_two_dates_and_one_total() {
        let noon = millis("2026-03-07T12:00:00Z");
        let mut world = World::default();
        let mut phones = [(1, 14), (2, -11)]
            .map(|(device, hours)| Phone::new(device, fixed(hours), &WIDE_UNITS, Home::Nowhere));
        phones.iter_mut().for_each(|phone| live(phone, &mut world, noon));
        let [east, west] = &mut phones;
        send(east, west, Way::Bytes);
        send(west, east, Way::Counters);
        assert_eq!(days(east, 2), [1, 1], "today, and yesterday in Pago Pago");
        assert_eq!(days(west, 2), [2, 0], "a date that is tomorrow here is read as today");
        for (salt, later) in [0, DAY, 3 * DAY].into_iter().enumerate() {
            phones.iter().for_each(|phone| ask::everything(phone, &phone.view(&world, noon + later), salt));
        }
        // By then both dates have passed on both devices.
        for unit in [Unit::Weeks, Unit::Months, Unit::Years] {
            let ask = |phone: &Phone| ask::last(phone.store(), EVENTS[0], unit, 3).into_buckets();
            assert_eq!(ask(&phones[0]), ask(&phones[1]));
        }
    }
}
