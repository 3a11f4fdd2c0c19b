//! Several devices: nothing is counted twice, nothing is lost, and all agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use chrono::Duration;
use support::{clock, in_memory, noon, under};
use tiny_counter::{Error, EventStore, TestClock, Zone};

fn sync(a: &EventStore, b: &EventStore) {
    b.merge_bytes(&a.export_bytes().unwrap()).unwrap();
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
}

#[test]
fn a_merge_adds_once_however_often_it_is_repeated_or_relayed() {
    let clock = clock();
    let [a, b, c] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    a.record_count("x", 1);
    b.record_count("x", 10);
    c.record_count("x", 100);
    for _ in 0..2 {
        sync(&a, &b);
        sync(&b, &c);
        sync(&a, &c);
        a.merge_all(c.export_all().unwrap()).unwrap();
    }
    for store in [&a, &b, &c] {
        assert_eq!(store.query("x").last_days(1).sum(), Some(111));
        assert_eq!(store.query("x").lifetime(), Some(111));
    }
    assert_eq!(a.export_all().unwrap(), c.export_all().unwrap());
}

#[test]
fn a_merge_reports_what_it_did() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    a.record("y");
    let bytes = a.export_bytes().unwrap();
    let report = b.merge_bytes(&bytes).unwrap();
    assert_eq!(
        (report.events_changed, report.replicas, report.conflicting_copies, report.refused),
        (2, 1, 0, 0)
    );
    assert!(b.is_dirty());
    assert_eq!(b.merge_bytes(&bytes).unwrap().events_changed, 0);
}

#[test]
fn an_old_export_takes_nothing_back() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    let old = a.export_bytes().unwrap();
    a.record("x");
    b.merge_bytes(&a.export_bytes().unwrap()).unwrap();
    b.merge_bytes(&old).unwrap();
    assert_eq!(b.query("x").ever().sum(), Some(2));
}

#[test]
fn merging_a_whole_store_takes_all_it_has() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("x");
    b.record("y");
    a.merge(b).unwrap();
    assert_eq!(a.query("x").ever().sum(), Some(2));
    assert_eq!(a.query("y").ever().sum(), Some(1));
}

#[test]
fn an_import_replaces_here_and_at_the_next_merge_everywhere() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record_count("x", 5);
    let backup = a.export_all().unwrap();
    a.record_count("x", 70);
    sync(&a, &b);
    a.import_all(backup).unwrap();
    assert_eq!(a.query("x").ever().sum(), Some(5));
    sync(&a, &b);
    assert_eq!(b.query("x").ever().sum(), Some(5));
    assert_eq!(a.query("x").ever().sum(), Some(5));
}

#[test]
fn an_import_on_a_new_device_counts_as_the_old_ones() {
    let clock = clock();
    let [old, new] = [in_memory(&clock), in_memory(&clock)];
    old.record_count("x", 5);
    new.record_count("x", 1);
    new.import_event("x", old.export_all().unwrap().remove("x").unwrap()).unwrap();
    assert_eq!(new.query("x").ever().sum(), Some(5));
    new.record("x");
    sync(&old, &new);
    assert_eq!(old.query("x").ever().sum(), Some(6));
    assert_eq!(new.query("x").ever().sum(), Some(6));
}

#[test]
fn what_is_erased_stays_erased_on_every_device_that_hears_of_it() {
    let clock = clock();
    let [a, b, c] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("x");
    sync(&a, &b);
    sync(&b, &c);
    let removed = a.erase_event("x").unwrap().unwrap();
    assert_eq!(a.erase_event("x").unwrap(), None);
    assert_eq!(a.query("x").ever().sum(), None);
    b.record("x");
    sync(&a, &b);
    sync(&b, &c);
    for store in [&a, &b, &c] {
        assert_eq!(store.query("x").ever().sum(), None);
        assert!(store.events().is_empty());
    }
    c.merge_event("x", removed).unwrap();
    assert_eq!(c.query("x").ever().sum().unwrap_or(0), 0, "an old copy does not bring it back");
    c.record("x");
    sync(&a, &c);
    assert_eq!(a.query("x").ever().sum(), Some(1), "recorded again it begins anew");
}

#[test]
fn an_old_export_does_not_bring_an_erased_name_to_a_device_that_never_knew_it() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    let old = a.export_bytes().unwrap();
    a.erase_event("x").unwrap();
    b.merge_bytes(&a.export_bytes().unwrap()).unwrap();
    assert_eq!(b.merge_bytes(&old).unwrap().events_changed, 0);
    assert!(b.events().is_empty());
}

#[test]
fn erasing_everything_covers_what_the_eraser_never_heard_of() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("secret");
    assert_eq!(a.erase_all().unwrap().len(), 1);
    sync(&a, &b);
    assert!(b.events().is_empty());
    b.record("new");
    sync(&a, &b);
    assert_eq!(a.events(), ["new"]);
}

#[test]
fn an_export_since_brings_only_what_is_new_and_the_same_counts() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    for name in 0..50 {
        a.record(format!("event {name}"));
    }
    let whole = a.export_since(&b.knowledge().unwrap()).unwrap();
    b.merge_bytes(&whole).unwrap();
    a.record("event 7");
    let news = a.export_since(&b.knowledge().unwrap()).unwrap();
    assert!(news.len() < whole.len() / 10, "{} of {}", news.len(), whole.len());
    b.merge_bytes(&news).unwrap();
    assert_eq!(b.query("event 7").ever().sum(), Some(2));
    assert_eq!(a.export_all().unwrap(), b.export_all().unwrap());
    assert!(matches!(a.export_since(b"?"), Err(Error::Corrupt { .. })));
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
fn another_devices_wrong_clock_waits_until_its_time_comes() {
    let (right, wrong) = (clock(), TestClock::build_for_testing_at(noon() + Duration::days(40)));
    let [a, b] = [in_memory(&right), in_memory(&wrong)];
    wrong.set(noon() - Duration::days(3));
    b.record("x");
    wrong.set(noon() + Duration::days(40));
    b.record("x");
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
    assert_eq!(a.query("x").last_days(7).sum(), Some(1));
    assert!(a.query("x").last_seen().unwrap() >= Duration::days(2), "not today, and not never");
    right.advance(Duration::days(40));
    assert_eq!(a.query("x").last_days(7).sum(), Some(1));
    assert_eq!(a.query("x").last_days(56).sum(), Some(2));
}

#[test]
fn a_damaged_export_changes_nothing() {
    let clock = clock();
    let [a, b] = [in_memory(&clock), in_memory(&clock)];
    a.record("x");
    b.record("x");
    let bytes = a.export_bytes().unwrap();
    for cut in 0..bytes.len() {
        assert!(matches!(b.merge_bytes(&bytes[..cut]), Err(Error::Corrupt { .. })));
    }
    for bit in 0..bytes.len() * 8 {
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        assert!(b.merge_bytes(&bent).is_err(), "bit {bit}");
    }
    assert_eq!(b.query("x").ever().sum(), Some(1));
    assert_eq!(b.merge_bytes(&bytes).unwrap().events_changed, 1);
}
