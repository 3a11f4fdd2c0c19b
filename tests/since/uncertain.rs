//! A marker that was dated back, and losses: limits fail closed.

use chrono::Duration;
use tiny_counter::{EventStore, TestClock, since};

use super::common::SharedStorage;
use super::common::stores::{clock, noon, under};
use super::{bounds, exactly, store};

#[test]
fn a_marker_that_was_recorded_in_the_past_gives_bounds() {
    let clock = clock();
    let store = store(&clock);
    store.record("m");
    store.record_count("tap", 2);
    clock.advance(Duration::minutes(5));
    store.record_count("tap", 4);
    clock.advance(Duration::minutes(5));
    store.record("tap");
    store.record_at("m", noon() + Duration::seconds(299)).unwrap();
    assert_eq!(bounds(&store, "tap", "m"), (5, 5), "no tap in the minute of the marker");
    store.record_at("m", noon() + Duration::seconds(310)).unwrap();
    assert_eq!(bounds(&store, "tap", "m"), (1, 5));
    store.record("tap");
    assert_eq!(bounds(&store, "tap", "m"), (2, 6));
    store.record("m");
    store.record("tap");
    assert_eq!(exactly(&store, "tap", "m"), 1);
    assert_eq!(exactly(&store, "tap", "n"), 9);
}

#[test]
fn a_marker_that_was_only_dated_back_gives_bounds() {
    let clock = clock();
    let store = store(&clock);
    store.record_count("tap", 2);
    clock.advance(Duration::hours(2));
    store.record_ago("m", Duration::hours(1));
    assert_eq!(bounds(&store, "tap", "m"), (0, 0));
    store.record("tap");
    assert_eq!(bounds(&store, "tap", "m"), (1, 1));
}

#[test]
fn what_ageing_dropped_is_not_missing_in_the_greatest_count_since_an_imported_marker() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on(&storage, &clock);
    store.record("m");
    store.persist().unwrap();
    clock.advance(Duration::milliseconds(1));
    store.record("tap");
    clock.advance(Duration::days(40));
    let kept = store.export_all().unwrap();
    store.close().unwrap();
    // The third local date of a persist drops the minutes and the hours of the first one.
    let store = on(&storage, &clock);
    store.import_event("m", kept["m"].clone()).unwrap();
    store.persist().unwrap();
    clock.advance(Duration::days(1));
    store.record("tap");
    let twice = store.limit().at_most("tap", 2, since("m"));
    for _ in ["before", "after"] {
        assert_eq!(bounds(&store, "tap", "m"), (1, 2));
        assert!(!twice.clone().allowed("tap"));
        store.persist().unwrap();
    }
}

#[test]
fn what_is_dated_back_under_a_clock_step_is_not_certain() {
    let clock = clock();
    let store = store(&clock);
    clock.advance(Duration::minutes(5));
    store.record("m");
    clock.set(noon());
    clock.advance(Duration::minutes(1));
    store.record_ago("tap", Duration::seconds(30));
    // The marker was recorded when the right clock showed 12:00, or before. Who knows how long before?
    assert_eq!(bounds(&store, "tap", "m"), (0, 1));
    store.record("m");
    assert_eq!(exactly(&store, "tap", "m"), 0);
    store.record("tap");
    assert_eq!(exactly(&store, "tap", "m"), 1);
    store.record_ago("m", Duration::milliseconds(1));
    clock.advance(Duration::minutes(1));
    store.record("m");
    assert_eq!(exactly(&store, "tap", "m"), 0);
}

fn on(storage: &SharedStorage, clock: &TestClock) -> EventStore {
    under(clock).with_storage(storage.clone()).with_marker("m").with_marker("n").build().unwrap()
}

/// Damages the value of an event in a storage that no store has open.
fn damage(storage: &SharedStorage, key: &str) {
    use tiny_counter::Storage;
    storage.clone().save(key, b"damaged".to_vec()).unwrap();
}

/// A storage with 3 taps, then `m`, then 2 taps.
fn stored(clock: &TestClock) -> SharedStorage {
    let storage = SharedStorage::default();
    let store = on(&storage, clock);
    store.record_count("tap", 3);
    store.record("m");
    store.record_count("tap", 2);
    store.close().unwrap();
    storage
}

fn refuses(store: &EventStore, marker: &str) -> bool {
    let most = store.limit().at_most("tap", u32::MAX, since(marker)).check("x");
    let least = store.limit().at_least("tap", 1, since(marker)).check("x");
    most.is_err() && least.is_err()
}

#[test]
fn a_damaged_marker_makes_limits_return_an_error_until_it_is_acknowledged() {
    let clock = clock();
    let storage = stored(&clock);
    damage(&storage, "m");
    let store = on(&storage, &clock);
    store.record("tap");
    assert!(refuses(&store, "m"));
    assert!(store.query("tap").since("m").try_sum().is_err());
    assert_eq!(exactly(&store, "tap", "n"), 6, "another marker is not concerned");
    store.acknowledge_loss().unwrap();
    assert_eq!(exactly(&store, "tap", "m"), 6, "the marker is not known any more: all time");
    store.record("m");
    store.record("tap");
    assert_eq!(exactly(&store, "tap", "m"), 1);
}

#[test]
fn a_loss_makes_limits_refuse_until_the_marker_is_recorded_after_it() {
    let clock = clock();
    let storage = stored(&clock);
    damage(&storage, "~store");
    let store = on(&storage, &clock);
    assert!(!store.health().losses.is_empty());
    assert!(refuses(&store, "m") && refuses(&store, "n"));
    assert_eq!(bounds(&store, "tap", "m"), (0, u64::MAX));
    store.record("tap");
    assert!(refuses(&store, "m"));
    clock.advance(Duration::seconds(1));
    store.record("m");
    store.record_count("tap", 2);
    assert_eq!(exactly(&store, "tap", "m"), 2, "nothing was lost since");
    assert!(refuses(&store, "n"), "it never happened since the loss");
    store.close().unwrap();
    clock.advance(-Duration::days(30));
    let store = on(&storage, &clock);
    assert_eq!(exactly(&store, "tap", "m"), 2);
    assert!(refuses(&store, "n"));
    store.acknowledge_loss().unwrap();
    assert_eq!((exactly(&store, "tap", "m"), exactly(&store, "tap", "n")), (2, 8));
}

#[test]
fn a_loss_that_is_noticed_under_a_clock_that_went_back_concerns_an_earlier_marker() {
    let clock = clock();
    let storage = stored(&clock);
    clock.advance(-Duration::days(3));
    damage(&storage, "~store");
    let store = on(&storage, &clock);
    assert!(refuses(&store, "m"), "the loss was noticed days before the marker, by the clock");
}

#[test]
fn a_missing_event_or_marker_is_a_loss() {
    for missing in ["tap", "m"] {
        let clock = clock();
        let storage = stored(&clock);
        tiny_counter::Storage::delete(&mut storage.clone(), missing).unwrap();
        let store = on(&storage, &clock);
        assert!(refuses(&store, "m"), "{missing}");
    }
}

#[test]
fn a_marker_that_is_imported_under_a_clock_step_opens_no_limit() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on(&storage, &clock);
    store.record("m");
    clock.set(noon() - Duration::days(2));
    store.record("tap");
    let counted = store.export_all().unwrap();
    clock.set(noon() - Duration::seconds(5));
    let _ = store.query("tap").lifetime();
    // The process ends while the step is open.
    let store = on(&storage.backup(), &clock);
    store.import_event("m", counted["m"].clone()).unwrap();
    let (_, upper) = bounds(&store, "tap", "m");
    assert_eq!(upper, 1);
    assert!(!store.limit().at_most("tap", 1, since("m")).allowed("x"), "1 may have happened since");
}
