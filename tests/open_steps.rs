//! An open large step of the clock: what changes a cell from before it, another identity, and small
//! corrections under the step.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::path::Path;

use chrono::Duration;
use common::*;
use tiny_counter::{Clock, EventStore, TestClock, formatter::BincodeFormat, storage::FilePerEvent};

const WRONG: &str = "2030-03-01T12:00:00Z";
const RIGHT: &str = "2026-03-01T12:00:00Z";

/// A clock under which `store` counted `event` four years ahead. It is right now, and the store
/// noticed that.
fn set_right(store: &EventStore, clock: &TestClock, event: &str) {
    clock.set(instant(WRONG));
    store.record(event);
    clock.set(instant(RIGHT));
    assert!(store.health().clock_went_back.is_some());
}

fn files(clock: &TestClock, dir: &Path) -> EventStore {
    under(clock).with_storage(FilePerEvent::new(dir, "tc").unwrap()).build().unwrap()
}

fn with_identity(clock: &TestClock, dir: &Path) -> EventStore {
    under(clock).with_log(dir.join("log")).with_identity(dir.join("token")).build().unwrap()
}

fn is_over(store: &EventStore, event: &str, cooldown: Duration) -> bool {
    store.limit().cooldown(event, cooldown).allowed(event)
}

#[test]
fn a_cooldown_passes_although_the_cell_of_before_ages_under_the_step() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant("2026-03-01T12:00:00Z")));
    let store = on_log(&clock, dir.path());
    store.record("x");
    clock.advance(Duration::hours(5));
    clock.set(clock.now() + Duration::days(30));
    store.record("x");
    clock.set(clock.now() - Duration::days(30));
    for day in 0..8 {
        assert!(is_over(&store, "x", Duration::hours(1)) || day == 0, "on day {day}");
        store.record("x");
        store.persist().unwrap();
        clock.advance(Duration::days(1));
    }
}

#[test]
fn a_cooldown_passes_although_other_units_are_tracked_under_the_step() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    set_right(&store, &clock, "x");
    clock.advance(Duration::days(2));
    store.close().unwrap();
    let other = under(&clock).track_days(100).track_hours(5).with_log(dir.path()).build().unwrap();
    assert!(is_over(&other, "x", Duration::days(1)));
    assert_eq!(other.query("x").last_seen(), Some(Duration::days(2)));
}

#[test]
fn a_cooldown_passes_although_a_reservation_is_shifted_under_the_step() {
    let clock = clock_at(instant(WRONG));
    let store = in_memory(&clock);
    store.record("x");
    clock.set(instant("2022-03-01T12:00:00Z"));
    store.record("y");
    store.limit().reserve_for("x", Duration::minutes(10)).unwrap();
    clock.set(instant(RIGHT));
    assert!(!is_over(&store, "x", Duration::minutes(1)), "it is reserved");
    clock.advance(Duration::days(2));
    assert!(is_over(&store, "x", Duration::days(1)));
    assert_eq!(store.query("x").last_seen(), Some(Duration::days(2)));
}

#[test]
fn an_event_without_room_for_a_cell_blocks_no_longer_than_its_rule() {
    let clock = clock_at(instant("2020-03-01T12:00:00Z"));
    let store = in_memory(&clock);
    // Each large step begins a cell, until there is no room for another one.
    for year in 0..6 {
        clock.set(instant("2021-03-01T12:00:00Z") + Duration::days(365 * year));
        store.record("x");
        clock.advance(-Duration::days(100));
        store.record("x");
    }
    clock.advance(Duration::hours(2));
    assert!(is_over(&store, "x", Duration::hours(1)));
    assert!(!is_over(&store, "x", Duration::hours(3)));
}

#[test]
fn a_small_correction_under_the_step_makes_a_cooldown_begin_anew_and_no_longer() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = on_log(&clock, dir.path());
    set_right(&store, &clock, "y");
    clock.advance(Duration::days(30));
    store.record("x");
    let wait = |store: &EventStore| retry_after(store.limit().cooldown("x", Duration::seconds(10)), "x");
    clock.set(clock.now() - Duration::minutes(14));
    assert_eq!(wait(&store), Some(Duration::seconds(10)));
    store.close().unwrap();
    store = on_log(&clock, dir.path());
    assert_eq!(wait(&store), Some(Duration::seconds(10)));
    clock.advance(Duration::seconds(10));
    assert!(is_over(&store, "x", Duration::seconds(10)));
    assert_eq!(store.query("x").last_seen(), Some(Duration::seconds(10)));
    assert_eq!(store.query("x").last_minutes(1).sum(), Some(1));
    assert!(!is_over(&store, "x", Duration::seconds(11)), "it happened at the correction or before");
}

#[test]
fn no_limit_opens_if_the_clock_went_back_a_little_under_the_step_while_the_store_was_killed() {
    let (dir, copy, clock) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    set_right(&store, &clock, "y");
    store.persist().unwrap();
    clock.advance(Duration::days(30));
    // A decision is written, but not what the clock shows.
    store.limit().at_most("x", 9, Duration::days(1)).check_and_record("x").unwrap();
    copy_folder(dir.path(), copy.path());
    clock.set(clock.now() - Duration::minutes(10));
    let killed = on_log(&clock, copy.path());
    assert!(!is_over(&killed, "x", Duration::minutes(1)));
}

#[test]
fn a_loss_opens_no_limit_on_what_was_counted_under_the_step() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = files(&clock, dir.path());
    set_right(&store, &clock, "lost");
    clock.advance(Duration::days(30));
    store.record("x");
    clock.advance(Duration::hours(1));
    store.close().unwrap();
    std::fs::remove_file(dir.path().join("e-lost.tc")).unwrap();
    let store = files(&clock, dir.path());
    assert_eq!(store.health().losses.len(), 1);
    assert_eq!(
        retry_after(store.limit().cooldown("x", Duration::days(7)), "x"),
        Some(Duration::days(7) - Duration::hours(1))
    );
    assert_eq!(store.query("x").last_seen(), Some(Duration::hours(1)));
    assert_eq!(store.query("x").last_days(7).sum(), Some(1));
}

#[test]
fn a_new_identity_opens_no_limit_on_what_was_counted_under_the_step() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = with_identity(&clock, dir.path());
    set_right(&store, &clock, "y");
    clock.advance(Duration::days(30));
    store.record("x");
    clock.advance(Duration::hours(1));
    store.close().unwrap();
    std::fs::remove_file(dir.path().join("token")).unwrap();
    let store = with_identity(&clock, dir.path());
    assert!(!is_over(&store, "x", Duration::days(7)));
    assert!(is_over(&store, "y", Duration::days(7)), "it was counted before the step");
}

#[test]
fn a_new_identity_opens_no_limit_on_what_an_earlier_process_counted_under_the_step() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant(RIGHT)));
    let store = with_identity(&clock, dir.path());
    store.record("y");
    clock.set(instant("2022-03-01T12:00:00Z"));
    store.record("x");
    store.close().unwrap();
    let store = with_identity(&clock, dir.path());
    assert!(store.health().clock_went_back.is_some());
    clock.set(instant("2026-03-01T12:02:00Z"));
    assert!(!is_over(&store, "x", Duration::days(1)));
    store.close().unwrap();
    std::fs::remove_file(dir.path().join("token")).unwrap();
    assert!(!is_over(&with_identity(&clock, dir.path()), "x", Duration::days(1)));
}

#[test]
fn what_another_storage_of_the_device_counted_under_the_step_opens_no_limit() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (log, old) = (dir.path().join("log"), dir.path().join("old"));
    let store = on_log(&clock, &log);
    set_right(&store, &clock, "y");
    clock.advance(Duration::days(30));
    let before = files(&clock, &old);
    before.record("x");
    before.close().unwrap();
    clock.advance(Duration::hours(1));
    let migrate = || store.migrate(&FilePerEvent::new(&old, "tc").unwrap(), &BincodeFormat).unwrap();
    assert_eq!(migrate().events_changed, 1);
    assert!(!is_over(&store, "x", Duration::days(7)));
    clock.advance(Duration::days(7));
    assert_eq!(migrate().events_changed, 0);
    assert!(is_over(&store, "x", Duration::days(7)));
}

#[test]
fn what_another_storage_of_the_device_counted_ahead_blocks_no_longer_than_the_rule() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant(WRONG)));
    let (log, old) = (dir.path().join("log"), dir.path().join("old"));
    let before = files(&clock, &old);
    before.record("x");
    before.close().unwrap();
    clock.set(instant(RIGHT));
    let store = on_log(&clock, &log);
    store.migrate(&FilePerEvent::new(&old, "tc").unwrap(), &BincodeFormat).unwrap();
    assert!(!is_over(&store, "x", Duration::days(7)));
    clock.advance(Duration::days(7));
    assert!(is_over(&store, "x", Duration::days(7)));
}

#[test]
fn what_another_storage_of_the_device_counted_under_a_slow_clock_counts_as_of_the_correction() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant(RIGHT)));
    let (log, old) = (dir.path().join("log"), dir.path().join("old"));
    let store = on_log(&clock, &log);
    store.record("y");
    clock.set(instant("2022-03-01T12:00:00Z"));
    assert!(store.health().clock_went_back.is_some());
    let before = files(&clock, &old);
    before.record("x");
    before.close().unwrap();
    store.migrate(&FilePerEvent::new(&old, "tc").unwrap(), &BincodeFormat).unwrap();
    clock.set(instant("2026-03-01T12:05:00Z"));
    assert!(!is_over(&store, "x", Duration::days(1)), "it happened a moment ago");
    clock.advance(Duration::days(1));
    assert!(is_over(&store, "x", Duration::days(1)));
}

#[test]
fn a_cell_of_before_stays_before_the_notice_although_other_units_are_tracked() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    clock.advance(Duration::minutes(20));
    store.record("x");
    clock.advance(Duration::minutes(20));
    store.record("y");
    clock.set(noon());
    assert!(store.health().clock_went_back.is_some());
    store.close().unwrap();
    let other = under(&clock).track_days(100).track_hours(5).with_log(dir.path()).build().unwrap();
    assert!(!is_over(&other, "x", Duration::minutes(1)));
    // The clock passes what it showed when the event happened, but that was long ago.
    clock.advance(Duration::minutes(20) + Duration::seconds(30));
    assert!(is_over(&other, "x", Duration::minutes(1)));
}

#[test]
fn what_is_known_of_a_peer_since_a_small_correction_blocks_no_longer_than_the_rule() {
    let (ours, theirs) = (clock(), clock_at(noon() + Duration::minutes(10)));
    let [a, b] = [in_memory(&ours), in_memory(&theirs)];
    a.record("own");
    ours.set(noon() - Duration::days(30));
    assert!(a.health().clock_went_back.is_some());
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    ours.set(noon() - Duration::days(30) - Duration::minutes(14));
    assert!(a.health().clock_went_back.is_some());
    // The small correction is not shifted, so that the merge lies ahead of the clock now.
    ours.set(noon());
    assert!(!is_over(&a, "x", Duration::seconds(10)));
    ours.advance(Duration::seconds(1));
    assert!(!is_over(&a, "x", Duration::seconds(10)));
    ours.advance(Duration::seconds(10));
    assert!(is_over(&a, "x", Duration::seconds(10)));
}
