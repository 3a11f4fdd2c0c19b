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
