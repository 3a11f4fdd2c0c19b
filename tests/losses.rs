//! Losses: when they are reported, what is kept, and what limits do meanwhile.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;

use chrono::Duration;
use common::files::log_file;
use common::stores::{clock, on_log};
use tiny_counter::{Limit, Limiter, Schedule, TimeUnit};

#[test]
fn a_file_that_is_not_a_log_is_kept_aside_and_reported() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    on_log(&clock, dir.path()).record("x");
    let log = log_file(dir.path());
    fs::write(&log, b"This is somebody's shopping list, and it is rather long: milk, bread, eggs.").unwrap();
    let store = on_log(&clock, dir.path());
    let health = store.health();
    assert_eq!(health.losses.len(), 1);
    assert_eq!(health.losses[0].event, None);
    assert!(fs::read(&health.kept_aside[0]).unwrap().starts_with(b"This is somebody's"));
    store.record("y");
    store.persist().unwrap();
    store.acknowledge_loss().unwrap();
    drop(store);
    let store = on_log(&clock, dir.path());
    assert!(store.health().losses.is_empty());
    assert_eq!(store.query("y").ever().sum(), Some(1));
}

#[test]
fn a_loss_is_reported_until_it_is_acknowledged() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    on_log(&clock, dir.path()).record("x");
    fs::write(log_file(dir.path()), b"something else altogether, longer than any header is").unwrap();
    let store = on_log(&clock, dir.path());
    store.record("y");
    store.close().unwrap();
    assert_eq!(on_log(&clock, dir.path()).health().losses.len(), 1);
}

#[test]
fn an_acknowledged_loss_is_not_reported_again() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    for number in 0..50 {
        store.record(format!("event {number}"));
    }
    store.close().unwrap();
    let log = log_file(dir.path());
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&log, bytes).unwrap();
    let store = on_log(&clock, dir.path());
    assert_eq!(store.health().losses.len(), 1);
    store.acknowledge_loss().unwrap();
    store.close().unwrap();
    assert!(on_log(&clock, dir.path()).health().losses.is_empty());
}

#[test]
fn limits_refuse_after_a_loss_until_it_has_left_their_windows() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    on_log(&clock, dir.path()).record("x");
    fs::write(log_file(dir.path()), b"something else altogether, longer than any header is").unwrap();
    let store = on_log(&clock, dir.path());
    let wait = |limit: Limiter| {
        let error = limit.check("x").unwrap_err();
        let refusal = error.as_limit_exceeded().unwrap();
        assert!(refusal.all()[0].after_loss, "{error}");
        refusal.retry_after
    };
    let week = || store.limit().at_most("x", 5, Duration::days(7));
    assert_eq!(wait(store.limit().at_most("x", 5, TimeUnit::Days)), Some(Duration::hours(12)));
    assert_eq!(wait(week()), Some(Duration::days(7)));
    assert_eq!(wait(store.limit().cooldown("y", Duration::days(2))), Some(Duration::days(2)));
    assert_eq!(wait(store.limit().at_most("x", 5, TimeUnit::Ever)), None);
    assert!(store.limit().during(Schedule::weekdays()).allowed("x"), "schedules do not depend on counts");
    store.record_count("launch", 3);
    assert!(
        store.limit().at_least("launch", 3, TimeUnit::Days).allowed("x"),
        "recorded counts suffice for at_least"
    );
    store.close().unwrap();
    clock.advance(Duration::days(7) - Duration::milliseconds(1));
    let store = on_log(&clock, dir.path());
    let week = || store.limit().at_most("x", 5, Duration::days(7));
    assert!(!week().allowed("x"), "the loss is still known after reopening");
    clock.advance(Duration::milliseconds(1));
    assert!(week().allowed("x"));
    assert!(!store.limit().at_most("x", 5, TimeUnit::Ever).allowed("x"));
    store.acknowledge_loss().unwrap();
    assert!(store.limit().at_most("x", 5, TimeUnit::Ever).allowed("x"));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn none_of_refuses_after_a_loss() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    on_log(&clock, dir.path()).record("crash");
    fs::write(log_file(dir.path()), b"something else altogether, longer than any header is").unwrap();
    let store = on_log(&clock, dir.path());
    let (two, ever) = (Duration::days(2), TimeUnit::Ever);
    let crashed = || Limit::new().within("crash", two);
    let error = store.limit().none_of([crashed()]).check("x").unwrap_err();
    let branch = error.as_limit_exceeded().unwrap().all()[0].branches[0].clone();
    assert!(branch.passes && branch.after_loss, "{error}");
    assert_eq!(branch.retry_after, Some(two + Duration::milliseconds(1)));
    assert!(!store.limit().none_of([Limit::new().at_least("crash", 3, ever)]).allowed("x"));
    // A rule in two of them is one that the limit needs.
    let never = || Limit::new().at_most("crash", 1, two);
    let twice = |limit: Limit| store.limit().none_of([Limit::new().none_of([limit])]).allowed("x");
    assert!(!twice(never()) && !twice(crashed()));
    assert!(!store.limit().none_of([never()]).allowed("x"), "nothing shows that it crashed");
    let explained = store.limit().none_of([crashed()]).explain("x").unwrap();
    assert!(!explained.passes && explained.rules[0].rules[0].after_loss);
    clock.advance(two + Duration::milliseconds(1));
    assert!(store.limit().none_of([crashed()]).allowed("x"));
    store.acknowledge_loss().unwrap();
    assert!(store.limit().none_of([Limit::new().at_least("crash", 3, ever)]).allowed("x"));
}

#[test]
fn more_than_a_thousand_damaged_events_are_listed_as_one_loss_of_unknown_extent() {
    use common::SharedStorage;
    use common::stores::{event_keys, on_storage};
    use tiny_counter::Storage;

    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    (0..1_200).for_each(|number| store.record(format!("event {number}")));
    store.close().unwrap();
    for key in event_keys(&storage) {
        storage.clone().save(&key, b"damaged".to_vec()).unwrap();
    }
    let store = on_storage(&clock, &storage);
    assert_eq!(store.events().len(), 1_200);
    let health = store.health();
    assert_eq!((health.losses.len(), health.quarantined.len()), (1_001, 1_200));
    assert_eq!(health.losses[1_000].event, None);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_loss_that_was_noticed_under_a_wrong_clock_counts_as_of_the_correction() {
    use common::stores::{clock_at, instant, retry_after, under};
    use tiny_counter::storage::FilePerEvent;

    for (wrong, is_record_lost) in
        [("2022-03-01T12:00:00Z", false), ("2022-03-01T12:00:00Z", true), ("2030-03-01T12:00:00Z", false)]
    {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant("2026-03-02T12:00:00Z")));
        let open = || {
            let files = FilePerEvent::new(dir.path(), "tc").unwrap();
            under(&clock).with_storage(files).build().unwrap()
        };
        let store = open();
        store.record("x");
        store.record("z");
        store.close().unwrap();
        fs::remove_file(dir.path().join("e-x.tc")).unwrap();
        if is_record_lost {
            let record = |path: &std::path::Path| path.to_string_lossy().contains("store.tc");
            let files = fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path());
            files.filter(|path| record(path)).for_each(|path| fs::remove_file(path).unwrap());
        }
        clock.set(instant(wrong));
        let store = open();
        // The clock is set right before the first call.
        clock.set(instant("2026-03-02T12:05:00Z"));
        let week = store.limit().at_most("x", 1, Duration::days(7));
        assert_eq!(retry_after(week, "x"), Some(Duration::days(7)), "opened in {wrong}");
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_wait_after_a_loss_reckons_with_the_end_of_a_clock_step() {
    use common::stores::{clock_at, instant, retry_after, under};
    use tiny_counter::storage::FilePerEvent;

    let (dir, clock) = (tempfile::tempdir().unwrap(), clock_at(instant("2026-03-02T12:00:00Z")));
    let open = || {
        let files = FilePerEvent::new(dir.path(), "tc").unwrap();
        under(&clock).with_storage(files).build().unwrap()
    };
    let store = open();
    store.record("x");
    clock.set(instant("2026-03-01T12:00:00Z"));
    store.record("y");
    store.close().unwrap();
    fs::remove_file(dir.path().join("e-x.tc")).unwrap();
    let store = open();
    let cooldown = || store.limit().cooldown("x", Duration::hours(30));
    let wait = retry_after(cooldown(), "x").unwrap();
    clock.advance(wait - Duration::milliseconds(1));
    assert!(!cooldown().allowed("x"));
    clock.advance(Duration::milliseconds(1));
    assert!(cooldown().allowed("x"), "after {wait}");
}
