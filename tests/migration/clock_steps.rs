//! Migrating while the clock is wrong, or before it goes back.

use chrono::Duration;
use tempfile::{TempDir, tempdir};
use tiny_counter::formatter::BincodeFormat;
use tiny_counter::storage::FilePerEvent;
use tiny_counter::{EventStore, TestClock, TimeUnit};

use super::common::stores::{clock, on_log, retry_after, under};
use super::old_store::{answers, files, filled, old_store};

/// Checks that both stores give the same answers while the clock goes on, the new one also after
/// restarts.
fn check_same_answers(
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
fn migrated_counts_are_read_like_recorded_ones_if_the_clock_goes_back() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    let before = old_store(&clock, &old);
    assert!(answers(&before).len() > 50);
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    store.persist().unwrap();
    clock.advance(Duration::hours(-75));
    let hourly = [1, 1, 1, 20, 3, 24, 25, 1, 30, 24 * 60];
    check_same_answers(&clock, before, store, &new, &hourly);
}

#[test]
fn no_limit_opens_if_the_clock_went_back_before_the_migration() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    filled(&clock, &old);
    clock.advance(Duration::hours(-75));
    let store = on_log(&clock, new.path());
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    let at_most_once = || store.limit().at_most("now", 1, Duration::days(1)).check("now");
    assert!(at_most_once().unwrap_err().as_limit_exceeded().is_some());
    let before = old_store(&clock, &old);
    let store = check_same_answers(&clock, before, store, &new, &[0, 1, 23, 1, 60]);
    // Repeating the migration does not restart the wait.
    clock.advance(Duration::hours(-40));
    let wait = |store: &EventStore| retry_after(store.limit().at_most("now", 1, Duration::days(1)), "now");
    store.record("now");
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    let first = wait(&store).unwrap();
    clock.advance(Duration::hours(3));
    store.migrate(&files(&old), &BincodeFormat).unwrap();
    assert_eq!(wait(&store), Some(first - Duration::hours(3)));
}

#[test]
fn counts_that_only_days_hold_still_count_if_the_clock_goes_back() {
    let (clock, old, new) = (clock(), tempdir().unwrap(), tempdir().unwrap());
    let before = under(&clock)
        .with_storage(FilePerEvent::new(old.path(), "bin").unwrap())
        .track_days(30)
        .build()
        .unwrap();
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
