//! From one storage to another: everything once, whatever is repeated or interrupted, and the old storage stays as it was.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::Duration;
use support::{Shared, clock, in_memory, on_log, under};
use tempfile::{TempDir, tempdir};
use tiny_counter::formatter::BincodeFormat;
use tiny_counter::storage::{FilePerEvent, MemoryStorage};
use tiny_counter::{Error, EventStore, MergeReport, Result, Storage, TestClock, TimeUnit};

const UNITS: [TimeUnit; 7] = [
    TimeUnit::Seconds,
    TimeUnit::Minutes,
    TimeUnit::Hours,
    TimeUnit::Days,
    TimeUnit::Weeks,
    TimeUnit::Months,
    TimeUnit::Years,
];

fn files(dir: &TempDir) -> FilePerEvent {
    FilePerEvent::new(dir.path(), "bin").unwrap()
}

fn old_store(clock: &TestClock, dir: &TempDir) -> EventStore {
    under(clock).with_storage(files(dir)).build().unwrap()
}

/// Two years of four events, one of them also counted elsewhere, and one that was only named.
fn filled(clock: &TestClock, dir: &TempDir) {
    let (store, tablet) = (old_store(clock, dir), in_memory(clock));
    clock.set(support::noon() - Duration::days(800));
    for day in 0..800u32 {
        store.record_count("launch", 1 + day % 3);
        if day % 9 == 0 {
            store.record("search");
            tablet.record_count("launch", 5);
            tablet.record("on the tablet");
        }
        clock.advance(Duration::days(1));
    }
    clock.advance(Duration::minutes(7));
    store.record("now");
    store.record_count("named", 0);
    store.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    store.close().unwrap();
}

/// All that can be asked.
fn answers(store: &EventStore) -> Vec<String> {
    let mut answers = vec![format!("{:?}", store.events())];
    for name in store.events() {
        let query = || store.query(&name);
        answers.push(format!(
            "{name}: {:?} {:?} {:?} {:?}",
            query().lifetime(),
            query().last_seen(),
            query().first_seen(),
            query().ever().sum()
        ));
        let ranges = [
            query().last_seconds(60),
            query().last_minutes(60),
            query().last_hours(72),
            query().last_days(56),
            query().last_weeks(52),
            query().last_months(12),
            query().last_years(4),
        ];
        for (unit, range) in UNITS.into_iter().zip(ranges) {
            answers.push(format!("{unit:?} {:?} {:?}", query().first_seen_in(unit), range.into_buckets()));
        }
        for hours in [1, 30, 24 * 20] {
            let limit = store
                .limit()
                .at_most(&name, 2, Duration::hours(hours))
                .cooldown(&name, Duration::hours(hours));
            answers.push(format!("{:?}", limit.check(&name).map_err(|error| error.to_string())));
        }
    }
    answers
}

/// Every file below a folder.
fn contents(dir: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect()
}

fn changed(report: MergeReport) -> usize {
    assert_eq!((report.conflicting_copies, report.refused, report.restarted), (0, 0, false));
    report.events_changed
}

#[test]
fn every_answer_is_the_same_before_and_after_and_the_old_files_stay_as_they_were() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let before = (answers(&old_store(&clock, &old)), contents(old.path()));
    assert!(before.0.len() > 5 * 10);
    let store = on_log(&clock, new.path());
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 5);
    assert_eq!(answers(&store), before.0);
    assert_eq!(contents(old.path()), before.1);
    drop(store);
    assert_eq!(answers(&on_log(&clock, new.path())), before.0);
}

#[test]
fn twice_is_once_also_after_a_reopening_and_with_recordings_in_between() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.record_count("launch", 2);
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.record_count("launch", 40);
    let before = answers(&store);
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(answers(&store), before);
    store.close().unwrap();
    let store = on_log(&clock, new.path());
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(answers(&store), before);
    let all = (0..800u64).map(|day| 1 + day % 3).sum::<u64>() + 5 * 89 + 42;
    assert_eq!(store.query("launch").lifetime(), Some(all));
}

#[test]
fn what_the_old_store_counts_afterwards_comes_with_the_next_migration() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    let lifetime = store.query("search").lifetime().unwrap();
    for round in 1..4 {
        let before = old_store(&clock, &old);
        before.record_count("search", 10);
        before.record_count("late", 10);
        before.close().unwrap();
        store.record("search");
        store.record("late");
        assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 2);
        assert_eq!(store.query("search").lifetime(), Some(lifetime + round * 11));
        assert_eq!(store.query("late").lifetime(), Some(round * 11));
        clock.advance(Duration::minutes(1));
    }
}

/// What both stores say while the clock goes on, the new one also after a restart.
fn say_the_same(
    clock: &TestClock,
    old: EventStore,
    new: EventStore,
    dir: &TempDir,
    hours: &[i64],
) -> EventStore {
    let mut new = new;
    for (hour, restart) in hours.iter().zip([false, true, false, true].into_iter().cycle()) {
        assert_eq!(answers(&new), answers(&old), "{hour} hours from now");
        if restart {
            new.close().unwrap();
            new = on_log(clock, dir.path());
            assert_eq!(answers(&new), answers(&old), "after a restart, {hour} hours from now");
        }
        clock.advance(Duration::hours(*hour));
    }
    assert_eq!(answers(&new), answers(&old));
    new
}

#[test]
fn when_the_clock_goes_back_what_came_along_is_read_as_what_was_recorded_here() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let before = old_store(&clock, &old);
    assert!(answers(&before).len() > 50);
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.persist().unwrap();
    clock.advance(Duration::hours(-75));
    let hourly = [1, 1, 1, 20, 3, 24, 25, 1, 30, 24 * 60];
    say_the_same(&clock, before, store, &new, &hourly);
}

#[test]
fn a_clock_that_had_gone_back_before_opens_nothing() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    clock.advance(Duration::hours(-75));
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    let at_most_once = || store.limit().at_most("now", 1, Duration::days(1)).check("now");
    assert!(at_most_once().unwrap_err().as_limit_exceeded().is_some());
    let before = old_store(&clock, &old);
    let store = say_the_same(&clock, before, store, &new, &[0, 1, 23, 1, 60]);
    // Repeating it does not begin the wait anew.
    clock.advance(Duration::hours(-40));
    let wait = |store: &EventStore| {
        let limit = store.limit().at_most("now", 1, Duration::days(1));
        limit.check("now").unwrap_err().as_limit_exceeded().unwrap().retry_after
    };
    store.record("now");
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    let first = wait(&store).unwrap();
    clock.advance(Duration::hours(3));
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    assert_eq!(wait(&store), Some(first - Duration::hours(3)));
}

#[test]
fn what_the_old_store_counted_by_days_alone_still_counts_when_the_clock_goes_back() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    let before = under(&clock).with_storage(files(&old)).track_days(30).build().unwrap();
    before.record("x");
    before.close().unwrap();
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    for _ in 0..3 {
        let hours = store.limit().at_most("x", 1, (72, TimeUnit::Hours)).check("x");
        assert!(hours.unwrap_err().as_limit_exceeded().is_some());
        clock.advance(Duration::hours(-20));
    }
}

#[test]
fn the_old_lane_is_never_written_here_and_other_devices_take_it_in_once() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    let before = old_store(&clock, &old);
    before.record_count("x", 3);
    let earlier = before.export_bytes().unwrap();
    before.close().unwrap();
    let (store, tablet) = (on_log(&clock, new.path()), in_memory(&clock));
    tablet.merge_bytes(&earlier).unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.record("x");
    let report = tablet.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!(
        (report.replicas, report.conflicting_copies),
        (2, 0),
        "the old store's lane and the new store's own"
    );
    assert_eq!(tablet.query("x").lifetime(), Some(4));
    // Also to whom the new store gives only what is new.
    let watch = in_memory(&clock);
    watch.merge_bytes(&store.export_since(&watch.knowledge().unwrap()).unwrap()).unwrap();
    let before = old_store(&clock, &old);
    before.record("x");
    before.close().unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    watch.merge_bytes(&store.export_since(&watch.knowledge().unwrap()).unwrap()).unwrap();
    assert_eq!(watch.query("x").lifetime(), Some(5));
    assert_eq!(store.query("x").lifetime(), Some(5));
}

#[test]
fn what_is_erased_here_is_not_brought_back() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.erase_event("launch").unwrap();
    store.close().unwrap();
    let store = on_log(&clock, new.path());
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(store.query("launch").lifetime(), None);
    store.erase_all().unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    assert!(store.events().is_empty());
}

/// A storage whose `n`-th load fails.
struct Interrupted {
    kept: FilePerEvent,
    left: AtomicUsize,
}

impl Storage for Interrupted {
    fn save(&mut self, _key: &str, _data: Vec<u8>) -> Result<()> {
        panic!("an old storage is only read");
    }

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            1 => Err(Error::Storage("the card was pulled out".into())),
            _ => self.kept.load(key),
        }
    }

    fn delete(&mut self, _key: &str) -> Result<()> {
        panic!("an old storage is only read");
    }

    fn list_keys(&self) -> Result<Vec<String>> {
        let mut twice = self.kept.list_keys()?;
        twice.extend(self.kept.list_keys()?);
        Ok(twice)
    }
}

#[test]
fn an_interrupted_migration_leaves_all_or_nothing() {
    let (clock, old) = (clock(), tempdir().unwrap());
    filled(&clock, &old);
    let names = old_store(&clock, &old).events();
    let whole = answers(&old_store(&clock, &old));
    for failing in 1..=names.len() + 1 {
        let new = tempdir().unwrap();
        let store = on_log(&clock, new.path());
        let storage = Interrupted { kept: files(&old), left: failing.into() };
        let done = store.migrate(&storage, &BincodeFormat);
        drop(store);
        let store = on_log(&clock, new.path());
        match names.get(failing - 1) {
            Some(name) => {
                let Err(Error::Unavailable { event, .. }) = done else { panic!("{done:?}") };
                assert_eq!(event.as_ref(), Some(name));
                assert!(store.events().is_empty());
                store.migrate(&storage, &BincodeFormat).unwrap();
            }
            None => assert_eq!(changed(done.unwrap()), names.len()),
        }
        assert_eq!(answers(&store), whole);
    }
}

#[test]
fn one_that_cannot_be_read_is_named_and_nothing_comes_in() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let store = on_log(&clock, new.path());
    store.record("here");
    let file = old.path().join("e-search.bin");
    let whole = std::fs::read(&file).unwrap();
    let mut newer = whole.clone();
    newer[4] = 2;
    let mut bent = whole.clone();
    *bent.last_mut().unwrap() ^= 1;
    for (bytes, is_newer) in [(newer, true), (bent, false), (b"{}".to_vec(), false), (Vec::new(), false)] {
        std::fs::write(&file, bytes).unwrap();
        match store.migrate(&files(&old), &BincodeFormat) {
            Err(Error::Incompatible { event, found: 2, .. }) if is_newer => {
                assert_eq!(event.as_deref(), Some("search"))
            }
            Err(Error::Corrupt { event, .. }) if !is_newer => assert_eq!(event.as_deref(), Some("search")),
            other => panic!("{other:?}"),
        }
        assert_eq!(store.events(), ["here"]);
    }
    std::fs::write(&file, whole).unwrap();
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    assert_eq!(store.events().len(), 6);
}

#[test]
fn a_key_that_is_no_name_is_an_error() {
    let mut storage = MemoryStorage::new();
    storage.save(&"x".repeat(1025), Vec::new()).unwrap();
    let done = in_memory(&clock()).migrate(&storage, &BincodeFormat);
    assert!(matches!(done, Err(Error::InvalidEvent { .. })));
}

#[cfg(feature = "serde-json")]
#[test]
fn another_format_is_read_by_its_own_formatter_and_by_no_other() {
    use tiny_counter::formatter::JsonFormat;
    let (clock, storage) = (clock(), Shared::default());
    let before = under(&clock).with_storage(storage.clone()).with_format(JsonFormat).build().unwrap();
    before.record_count("x", 3);
    before.close().unwrap();
    let store = in_memory(&clock);
    let Err(Error::Corrupt { event, .. }) = store.migrate(&storage, &BincodeFormat) else {
        panic!("misread")
    };
    assert_eq!(event.as_deref(), Some("x"));
    store.migrate(&storage, &JsonFormat).unwrap();
    assert_eq!(store.query("x").lifetime(), Some(3));
}

#[test]
fn any_store_can_take_in_any_storage_also_its_own() {
    let (clock, old) = (clock(), Shared::default());
    let before = under(&clock).with_storage(old.clone()).build().unwrap();
    before.record_count("x", 3);
    before.close().unwrap();
    let new = Shared::default();
    let open = |storage: &Shared| under(&clock).with_storage(storage.clone()).build().unwrap();
    let store = open(&new);
    store.migrate(&old, &BincodeFormat).unwrap();
    drop(store);
    let store = open(&new);
    store.record("x");
    store.persist().unwrap();
    assert_eq!(changed(store.migrate(&old, &BincodeFormat).unwrap()), 0);
    assert_eq!(changed(store.migrate(&new, &BincodeFormat).unwrap()), 0, "its own");
    assert_eq!(store.query("x").lifetime(), Some(4));
    drop(store);
    let before = open(&old);
    before.record("x");
    before.close().unwrap();
    let store = open(&new);
    store.migrate(&old, &BincodeFormat).unwrap();
    assert_eq!(store.query("x").lifetime(), Some(5));
    drop(store);
    assert_eq!(open(&new).query("x").lifetime(), Some(5));
}

#[test]
fn what_could_not_be_saved_is_counted_and_saved_by_the_next_migration() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), Shared::default());
    filled(&clock, &old);
    let store = under(&clock).with_storage(new.clone()).build().unwrap();
    new.set_saving(false);
    assert!(matches!(store.migrate(&files(&old), &BincodeFormat), Err(Error::Storage(_))));
    assert!(store.query("launch").lifetime().is_some());
    new.set_saving(true);
    assert_eq!(changed(store.migrate(&files(&old), &BincodeFormat).unwrap()), 0);
    assert_eq!(new.list_keys().unwrap().len(), 5);
    store.shutdown().unwrap();
    assert!(matches!(store.migrate(&files(&old), &BincodeFormat), Err(Error::Closed)));
}
