//! Counts from another device whose clock is wrong.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::*;
use tiny_counter::Zone;

#[test]
fn events_from_a_peer_with_a_wrong_clock_count_when_their_time_comes() {
    let (right, wrong) = (clock(), clock_at(noon() + Duration::days(40)));
    let [a, b] = [in_memory(&right), in_memory(&wrong)];
    wrong.set(noon() - Duration::days(3));
    b.record("x");
    wrong.set(noon() + Duration::days(40));
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    assert_eq!(a.query("x").last_days(7).sum(), Some(1));
    assert!(a.query("x").last_seen().unwrap() >= Duration::days(2), "not today, but known");
    right.advance(Duration::days(40));
    assert_eq!(a.query("x").last_days(7).sum(), Some(1));
    assert_eq!(a.query("x").last_days(56).sum(), Some(2));
}

#[test]
fn a_cooldown_counts_an_event_from_a_fast_peer_from_now_on_and_not_for_ever() {
    let clock = clock_at(instant("2026-03-07T23:59:59Z"));
    // Five hours ahead of us, in a zone where it is still March 7.
    let fast = clock_at(instant("2026-03-08T05:00:00Z"));
    let west = Zone::fixed(-11 * 3_600).unwrap();
    let (store, other) = (in_memory(&clock), under(&fast).with_zone(west).build().unwrap());
    other.record("x");
    store.merge(other).unwrap();
    let minute = || store.limit().cooldown("x", Duration::minutes(1));
    let wait = retry_after(minute(), "x").unwrap();
    let (least, most) = (Duration::minutes(1), Duration::hours(5) + Duration::seconds(61));
    assert!((least..=most).contains(&wait), "{wait}");
    clock.advance(wait - Duration::milliseconds(1));
    assert!(!minute().allowed("x"));
    clock.advance(Duration::milliseconds(1));
    assert!(minute().allowed("x"));
}

#[test]
fn what_a_peer_counted_is_no_older_than_its_merge_under_a_clock_that_was_slow() {
    let (ours, theirs) = (clock(), clock_at(noon() + Duration::hours(3)));
    let [a, b] = [in_memory(&ours), in_memory(&theirs)];
    a.record("other");
    ours.set(noon() - Duration::days(1_000));
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    ours.set(noon() + Duration::minutes(1));
    let weekly = || a.limit().at_most("x", 1, Duration::days(7));
    assert!(!weekly().allowed("x"), "it was merged a minute ago");
    ours.advance(Duration::days(8));
    assert!(weekly().allowed("x"));
}

#[cfg(feature = "storage-fs")]
#[test]
fn what_a_peer_counted_is_no_older_than_the_end_of_a_step_that_the_store_did_not_watch() {
    let (dir, ours) = (tempfile::tempdir().unwrap(), clock());
    let theirs = clock_at(noon() + Duration::days(2));
    let (a, b) = (on_log(&ours, dir.path()), in_memory(&theirs));
    a.record("other");
    ours.set(noon() - Duration::days(1_000));
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    a.close().unwrap();
    let a = on_log(&ours, dir.path());
    ours.set(noon() + Duration::minutes(1));
    let cooldown = || a.limit().cooldown("x", Duration::days(1));
    let wait = retry_after(cooldown(), "x");
    assert_eq!(wait, Some(Duration::days(1)), "it was merged at most a moment ago");
}

#[test]
fn what_a_peer_counted_before_our_clock_went_back_counts_as_of_the_notice() {
    let clocks = [noon(), noon()].map(clock_at);
    let [ours, theirs] = &clocks;
    let (a, b) = (in_memory(ours), in_memory(theirs));
    a.record("own");
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    ours.set(noon() - Duration::days(700));
    let wait = |event| retry_after(a.limit().cooldown(event, Duration::seconds(10)), event);
    assert_eq!((wait("own"), wait("x")), (Some(Duration::seconds(10)), Some(Duration::seconds(10))));
    ours.advance(Duration::seconds(10));
    for event in ["own", "x"] {
        assert!(a.limit().cooldown(event, Duration::seconds(10)).allowed(event), "{event}");
    }
}

#[cfg(feature = "storage-fs")]
#[test]
fn what_a_peer_counted_counts_as_of_the_notice_also_if_the_store_was_killed_before() {
    let (dir, copy, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), clock());
    let (a, b) = (on_log(&ours, dir.path()), in_memory(&ours));
    a.record("own");
    a.persist().unwrap();
    ours.advance(Duration::days(3));
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    a.limit().reserve_for("x", Duration::milliseconds(1)).unwrap();
    // The event is written, but not what the clock shows.
    copy_folder(dir.path(), copy.path());
    ours.set(noon() + Duration::hours(1));
    let a = on_log(&ours, copy.path());
    let cooldown = || a.limit().cooldown("x", Duration::seconds(10));
    assert!(!cooldown().allowed("x"));
    ours.advance(Duration::seconds(10));
    assert!(cooldown().allowed("x"));
}

#[test]
fn bounds_answers_and_rules_read_what_a_peer_counted_ahead_at_one_instant() {
    let (ours, theirs) = (clock(), clock_at(noon() + Duration::days(2)));
    let [a, b] = [in_memory(&ours), in_memory(&theirs)];
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    ours.advance(Duration::hours(48) - Duration::minutes(10));
    // It lies ten minutes ahead, but it was merged two days ago.
    let minute = Duration::minutes(1);
    let bounds = a.query("x").rolling(minute).bounds().unwrap();
    assert_eq!((bounds.lower, bounds.upper), (0, 0));
    assert_eq!(a.query("x").rolling(minute).sum(), Some(0));
    assert!(a.limit().at_most("x", 1, minute).allowed("x"));
    assert!(!a.limit().at_least("x", 1, minute).allowed("x"));
    assert!(a.limit().at_least("x", 1, Duration::days(3)).allowed("x"));
    assert_eq!(a.query("x").rolling(Duration::days(3)).sum(), Some(1));
}

#[test]
fn answers_about_many_replicas_do_not_depend_on_what_was_asked_before() {
    let ours = clock();
    let zones = [0, 14, -11].map(|hours| Zone::fixed(hours * 3_600).unwrap());
    let ahead = [Duration::zero(), Duration::minutes(10), Duration::days(3), -Duration::days(2)];
    let peers: Vec<_> = ahead
        .iter()
        .flat_map(|ahead| zones.iter().map(move |zone| (*ahead, zone.clone())))
        .map(|(ahead, zone)| {
            let clock = clock_at(noon() + ahead);
            let store = under(&clock).with_zone(zone).build().unwrap();
            for _ in 0..30 {
                store.record_count("x", 3);
                clock.advance(Duration::minutes(100));
            }
            store.export_bytes().unwrap()
        })
        .collect();
    let [often, rarely] = [in_memory(&ours), in_memory(&ours)];
    let answers = |store: &tiny_counter::EventStore| {
        let ask = || store.query("x");
        let times = [ask().last_seen(), ask().first_seen()];
        let days = ask().last_days(5).into_buckets();
        let sums = [ask().last_hours(30).total(), ask().last_weeks(2).total(), ask().lifetime()];
        (times, days, sums, ask().last_hours(48).count_nonzero())
    };
    let moves = [3, 600, -1_200, 45, 5 * 1_440, -7 * 1_440, 12 * 1_440, 40].map(Duration::minutes);
    for (at, step) in moves.into_iter().enumerate() {
        for store in [&often, &rarely] {
            let some = peers.iter().take(if at < 4 { 6 } else { peers.len() });
            some.for_each(|peer| assert_eq!(store.merge_bytes(peer).unwrap().refused, 0));
            store.record("x");
        }
        let _ = answers(&often);
        ours.set(tiny_counter::Clock::now(&ours) + step);
        if at % 3 == 2 {
            assert_eq!(answers(&often), answers(&rarely), "after {step}");
        }
    }
}
