//! The store on its log: what is there after reopening, and what happens to files that are damaged, foreign or out of reach.

#![cfg(feature = "storage-fs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Duration;
use support::{clock, in_memory, on_log, under};
use tiny_counter::storage::{Log, Writes};
use tiny_counter::{Error, Limiter, Schedule, TimeUnit};

/// The log's file in its folder.
fn file(dir: &Path) -> PathBuf {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.max_by_key(|path| path.metadata().unwrap().len()).unwrap()
}

#[test]
fn opening_and_asking_leaves_no_file_behind() {
    let dir = tempfile::tempdir().unwrap();
    let store = on_log(&clock(), &dir.path().join("new"));
    assert_eq!(store.query("x").ever().sum(), None);
    store.close().unwrap();
    assert!(!dir.path().join("new").exists());
}

#[test]
fn what_was_persisted_is_there_after_reopening() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record_count("x", 3);
    store.record_count("known", 0);
    store.persist().unwrap();
    assert!(!store.is_dirty());
    store.record("x");
    store.close().unwrap();
    clock.advance(Duration::days(1));
    let store = on_log(&clock, dir.path());
    assert_eq!(store.query("x").last_days(2).into_buckets(), [0, 4]);
    assert_eq!(store.query("known").ever().sum(), Some(0));
    assert_eq!(store.events(), ["known", "x"]);
    store.record("x");
    assert_eq!(store.query("x").last_days(2).into_buckets(), [1, 4]);
}

#[test]
fn two_stores_on_one_folder_are_refused_until_the_first_is_closed() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let first = on_log(&clock, dir.path());
    first.record("x");
    let detour = dir.path().join(".");
    assert!(matches!(under(&clock).with_log(&detour).build(), Err(Error::Unavailable { .. })));
    first.close().unwrap();
    assert_eq!(on_log(&clock, dir.path()).query("x").ever().sum(), Some(1));
}

#[test]
fn a_store_that_others_still_ask_lets_its_folder_go_when_it_is_closed() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let first = on_log(&clock, dir.path());
    first.record("x");
    let (question, limit) = (first.query("x"), first.limit().at_most("x", 9, TimeUnit::Days));
    first.shutdown().unwrap();
    let second = on_log(&clock, dir.path());
    second.record("x");
    assert_eq!(question.ever().sum(), Some(1));
    assert!(matches!(limit.check_and_record("x"), Err(Error::Closed)));
    assert_eq!(second.query("x").ever().sum(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_store_has_no_file_open_though_a_question_still_holds_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = on_log(&clock(), dir.path());
    store.record("x");
    store.persist().unwrap();
    let open = || {
        let files = fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter_map(|file| fs::read_link(file.unwrap().path()).ok());
        files.filter(|path| path.starts_with(dir.path())).count()
    };
    assert!(open() > 0);
    let held = store.query("x");
    store.shutdown().unwrap();
    assert_eq!(open(), 0);
    assert_eq!(held.ever().sum(), Some(1), "from memory");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_and_the_counts_stay() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let blocked = dir.path().join("file");
    fs::write(&blocked, b"in the way").unwrap();
    match under(&clock).with_log(blocked.join("log")).build() {
        Err(Error::Unavailable { .. } | Error::Io { .. } | Error::Storage(_)) => {}
        Ok(store) => {
            store.record("x");
            assert!(store.persist().is_err());
            assert_eq!(store.query("x").ever().sum(), Some(1));
            fs::remove_file(&blocked).unwrap();
            store.persist().unwrap();
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_foreign_file_is_kept_aside_and_reported() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    on_log(&clock, dir.path()).record("x");
    let log = file(dir.path());
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
    fs::write(file(dir.path()), b"something else altogether, longer than any header is").unwrap();
    let store = on_log(&clock, dir.path());
    store.record("y");
    store.close().unwrap();
    assert_eq!(on_log(&clock, dir.path()).health().losses.len(), 1);
}

#[test]
fn a_log_cut_at_any_byte_opens_with_a_beginning_of_what_was_written() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = under(&clock).with_log(Log::new(dir.path()).writes(Writes::Inline)).build().unwrap();
    for _ in 0..5 {
        store.record("x");
        store.record("y");
    }
    drop(store);
    let log = file(dir.path());
    let whole = fs::read(&log).unwrap();
    let mut least = 0;
    for cut in 0..=whole.len() {
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join(log.file_name().unwrap());
        fs::write(&copy, &whole[..cut]).unwrap();
        let store = on_log(&clock, dir.path());
        let [x, y] = ["x", "y"].map(|name| store.query(name).lifetime().unwrap_or(0));
        assert!(x == y || x == y + 1, "cut at {cut}: {x} {y}");
        assert!(x + y >= least, "cut at {cut} lost what a shorter cut had");
        least = x + y;
    }
    assert_eq!(least, 10);
}

#[test]
fn flipped_bits_invent_nothing_and_lose_nothing_in_silence() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record_count("x", 3);
    store.persist().unwrap();
    store.record_count("y", 5);
    store.persist().unwrap();
    drop(store);
    let log = file(dir.path());
    let whole = fs::read(&log).unwrap();
    for byte in 0..whole.len() {
        let dir = tempfile::tempdir().unwrap();
        let mut bent = whole.clone();
        bent[byte] ^= 0x10;
        fs::write(dir.path().join(log.file_name().unwrap()), &bent).unwrap();
        let Ok(store) = under(&clock).with_log(dir.path()).build() else { continue };
        let [x, y] = ["x", "y"].map(|name| store.query(name).lifetime());
        assert!([None, Some(3)].contains(&x) && [None, Some(5)].contains(&y), "byte {byte}: {x:?} {y:?}");
        let reported = !store.health().losses.is_empty();
        // The first commit has a mark behind it: damage there is never taken for a torn tail.
        assert!(x.is_some() || reported, "byte {byte}: a loss in silence");
    }
}

#[test]
fn what_a_decision_wrote_is_there_without_a_persist() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record("before");
    store.limit().at_most("x", 1, TimeUnit::Days).check_and_record("x").unwrap();
    let copy = tempfile::tempdir().unwrap();
    let log = file(dir.path());
    fs::copy(&log, copy.path().join(log.file_name().unwrap())).unwrap();
    let seen = on_log(&clock, copy.path());
    assert_eq!(["before", "x"].map(|name| seen.query(name).ever().sum()), [Some(1), Some(1)]);
}

#[test]
fn compacting_shrinks_the_file_and_keeps_every_count() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = under(&clock).with_log(Log::new(dir.path()).writes(Writes::Inline)).build().unwrap();
    for _ in 0..300 {
        store.record("x");
    }
    let before = file(dir.path()).metadata().unwrap().len();
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    assert!(file(dir.path()).metadata().unwrap().len() < before / 20);
    assert_eq!(store.query("x").ever().sum(), Some(300));
    drop(store);
    assert_eq!(on_log(&clock, dir.path()).query("x").ever().sum(), Some(300));
}

#[test]
fn an_erased_event_is_gone_from_the_file_after_compacting() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let mut store = on_log(&clock, dir.path());
    store.record("a private name");
    store.persist().unwrap();
    store.erase_event("a private name").unwrap().unwrap();
    store.compact().unwrap();
    drop(store);
    let bytes = fs::read(file(dir.path())).unwrap();
    assert!(!bytes.windows(14).any(|window| window == b"a private name"));
    let store = on_log(&clock, dir.path());
    assert!(store.events().is_empty());
    store.record("a private name");
    store.close().unwrap();
    assert_eq!(on_log(&clock, dir.path()).query("a private name").ever().sum(), Some(1));
}

#[test]
fn after_a_loss_limits_refuse_until_it_lies_outside_of_their_windows() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    on_log(&clock, dir.path()).record("x");
    fs::write(file(dir.path()), b"something else altogether, longer than any header is").unwrap();
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
    assert!(store.limit().during(Schedule::weekdays()).allowed("x"), "schedules count nothing");
    store.record_count("launch", 3);
    assert!(store.limit().at_least("launch", 3, TimeUnit::Days).allowed("x"), "what is there is known");
    store.close().unwrap();
    clock.advance(Duration::days(7) - Duration::milliseconds(1));
    let store = on_log(&clock, dir.path());
    let week = || store.limit().at_most("x", 5, Duration::days(7));
    assert!(!week().allowed("x"), "a restart forgets no loss");
    clock.advance(Duration::milliseconds(1));
    assert!(week().allowed("x"));
    assert!(!store.limit().at_most("x", 5, TimeUnit::Ever).allowed("x"));
    store.acknowledge_loss().unwrap();
    assert!(store.limit().at_most("x", 5, TimeUnit::Ever).allowed("x"));
}

#[test]
fn what_is_recorded_anew_after_an_erasure_elsewhere_stays_dirty_until_a_persist() {
    let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
    let open = || under(&clock).with_log(Log::new(dir.path()).writes(Writes::Inline)).build().unwrap();
    let store = open();
    store.record("x");
    let other = in_memory(&clock);
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    other.erase_event("x").unwrap();
    store.close().unwrap();
    // Heard of while the event is stored and not in memory.
    let store = open();
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    store.record("x");
    assert!(store.is_dirty());
    store.persist().unwrap();
    assert!(!store.is_dirty());
    drop(store);
    assert_eq!(open().query("x").ever().sum(), Some(1));
}
