//! Short histories of devices that are restored, cut off, erased and reopened between their
//! exchanges, and what each of them counts at the end.

#![cfg(all(feature = "storage-fs", any(feature = "serde-bincode", feature = "serde-json")))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::path::Path;

use chrono::Duration;
use common::files::{copy_folder, log_file};
use common::stores::{clock, clock_at, ever, in_memory, noon, on_log, under};
use tempfile::TempDir;
use tiny_counter::{EventStore, MergeReport, TestClock, TimeUnit};

fn send(from: &EventStore, to: &EventStore) -> MergeReport {
    to.merge_bytes(&from.export_bytes().unwrap()).unwrap()
}

/// A phone whose folder was copied after `before` recordings of `x` and that counted up to 100
/// after it; a tablet that heard of all of them; and the folder of the copy.
fn restored(clock: &TestClock, before: u32) -> (EventStore, TempDir) {
    let [dir, copy] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let phone = on_log(clock, dir.path());
    phone.record_count("x", before);
    phone.persist().unwrap();
    copy_folder(dir.path(), copy.path());
    phone.record_count("x", 100 - before);
    let tablet = in_memory(clock);
    send(&phone, &tablet);
    (tablet, copy)
}

#[test]
fn what_a_restored_phone_sends_before_it_hears_anything_is_counted_once() {
    let clock = clock();
    let (tablet, copy) = restored(&clock, 1);
    let phone = on_log(&clock, copy.path());
    phone.record("new");
    send(&phone, &tablet);
    send(&tablet, &phone);
    send(&phone, &tablet);
    for store in [&phone, &tablet] {
        assert_eq!((ever(store, "new"), ever(store, "x")), (Some(1), Some(100)));
    }
}

#[test]
fn a_restored_phone_restarts_once_and_counts_nothing_twice_after_it_was_reopened() {
    let clock = clock();
    let (tablet, copy) = restored(&clock, 1);
    let phone = on_log(&clock, copy.path());
    phone.record("new");
    phone.persist().unwrap();
    assert!(send(&tablet, &phone).restarted);
    send(&phone, &tablet);
    phone.close().unwrap();
    let phone = on_log(&clock, copy.path());
    assert!(!send(&tablet, &phone).restarted, "it has a lane of its own now");
    for store in [&phone, &tablet] {
        assert_eq!((ever(store, "new"), ever(store, "x")), (Some(1), Some(100)));
    }
}

#[test]
fn a_compaction_does_not_hide_that_a_log_was_restored() {
    let clock = clock();
    let (tablet, copy) = restored(&clock, 1);
    let mut phone = on_log(&clock, copy.path());
    phone.record("x");
    phone.compact().unwrap();
    let news = tablet.export_since(&phone.knowledge().unwrap()).unwrap();
    assert!(phone.merge_bytes(&news).unwrap().restarted);
    send(&phone, &tablet);
    assert_eq!([&phone, &tablet].map(|store| ever(store, "x")), [Some(100); 2]);
}

#[test]
fn a_log_whose_last_session_is_cut_off_takes_nothing_from_a_peer() {
    let ([dir, token], clock) = ([(); 2].map(|()| tempfile::tempdir().unwrap()), clock());
    let open =
        |dir: &Path| under(&clock).with_log(dir).with_identity(token.path().join("id")).build().unwrap();
    let phone = open(dir.path());
    phone.record("x");
    phone.close().unwrap();
    let length = fs::metadata(log_file(dir.path())).unwrap().len();
    let phone = open(dir.path());
    phone.record_count("x", 50);
    let tablet = in_memory(&clock);
    send(&phone, &tablet);
    phone.close().unwrap();
    fs::OpenOptions::new().write(true).open(log_file(dir.path())).unwrap().set_len(length).unwrap();
    let phone = open(dir.path());
    phone.record_count("x", 2);
    send(&phone, &tablet);
    assert_eq!(ever(&tablet, "x"), Some(53), "what was cut off and what was counted after it");
    send(&tablet, &phone);
    assert_eq!(ever(&phone, "x"), Some(53));
}

#[test]
fn everything_is_erased_that_came_with_a_counter_of_an_eraser() {
    for imports in [false, true] {
        let clock = clock();
        let [a, b] = [(); 2].map(|()| in_memory(&clock));
        a.erase_all().unwrap();
        a.record("x");
        let counters = a.export_all().unwrap();
        match imports {
            true => b.import_all(counters).unwrap(),
            false => b.merge_all(counters).unwrap(),
        }
        b.erase_all().unwrap();
        assert_eq!(b.events(), Vec::<String>::new());
        send(&b, &a);
        assert_eq!(ever(&a, "x"), None, "imports: {imports}");
    }
}

#[test]
fn an_old_export_takes_nothing_from_an_event_that_was_not_read_since_it_was_erased_elsewhere() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (a, b) = (on_log(&clock, dir.path()), in_memory(&clock));
    b.record("x");
    b.erase_event("x").unwrap();
    let old = b.export_bytes().unwrap();
    b.record_count("x", 3);
    a.merge_all(b.export_all().unwrap()).unwrap();
    a.record_count("x", 10);
    a.close().unwrap();
    let a = on_log(&clock, dir.path());
    a.record_count("x", 2);
    a.merge_bytes(&old).unwrap();
    assert_eq!(ever(&a, "x"), Some(15));
    a.close().unwrap();
    assert_eq!(ever(&on_log(&clock, dir.path()), "x"), Some(15));
}

#[test]
fn what_a_peer_dated_back_under_a_clock_step_is_no_later_than_it_says() {
    let (ours, theirs) = (clock(), clock());
    let (a, b) = (in_memory(&theirs), in_memory(&ours));
    a.record("ad");
    theirs.set(noon() - Duration::minutes(20));
    a.record_ago("ad", Duration::days(900));
    [&ours, &theirs].iter().for_each(|clock| clock.set(noon() + Duration::hours(1)));
    send(&a, &b);
    for store in [&a, &b] {
        assert_eq!(store.query("ad").last_seen(), Some(Duration::hours(1)));
        assert!(!store.limit().cooldown("ad", Duration::days(1)).allowed("ad"));
    }
}

#[test]
fn counts_that_lie_ahead_still_count_after_the_store_left_its_lane() {
    let [dir, copy, tokens] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let clock = clock_at(noon() + Duration::hours(20));
    let open = |dir: &Path, token: &str| {
        under(&clock).with_log(dir).with_identity(tokens.path().join(token)).build().unwrap()
    };
    let phone = open(dir.path(), "old");
    phone.record_count("x", 3);
    clock.set(noon());
    phone.persist().unwrap();
    copy_folder(dir.path(), copy.path());
    for store in [phone, open(copy.path(), "new")] {
        assert!(!store.limit().at_most("x", 3, Duration::hours(48)).allowed("x"));
        assert!(store.limit().at_most("x", 4, (2, TimeUnit::Days)).allowed("x"));
    }
}

#[test]
fn two_exports_without_a_recording_in_between_are_the_same_bytes() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    ["a", "b", "a"].iter().for_each(|event| store.record(*event));
    send(
        &{
            let peer = in_memory(&clock);
            peer.record("a");
            peer
        },
        &store,
    );
    let first = store.export_bytes().unwrap();
    assert_eq!(store.export_bytes().unwrap(), first);
    store.persist().unwrap();
    clock.advance(Duration::minutes(5));
    assert_eq!(store.export_bytes().unwrap(), first, "after a persist, and later");
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    assert_eq!(store.export_bytes().unwrap(), first, "after reopening");
}
