//! Markers and counts of other devices, imports, restored backups and copies.

use chrono::Duration;
use tiny_counter::{EventStore, TestClock, since};

use super::common::SharedStorage;
use super::common::stores::{clock, noon, under};
use super::{bounds, exactly, store};

fn send(from: &EventStore, to: &EventStore) {
    to.merge_bytes(&from.export_bytes().unwrap()).unwrap();
}

fn on(storage: &SharedStorage, clock: &TestClock) -> EventStore {
    under(clock).with_storage(storage.clone()).with_marker("m").build().unwrap()
}

#[test]
fn counts_of_another_device_are_bounded_by_their_buckets() {
    let clock = clock();
    let (phone, tablet) = (store(&clock), store(&clock));
    clock.advance(Duration::seconds(30));
    tablet.record_count("tap", 4);
    clock.advance(Duration::seconds(10));
    phone.record("m");
    phone.record("tap");
    tablet.record_count("tap", 2);
    clock.advance(Duration::minutes(2));
    tablet.record("tap");
    send(&tablet, &phone);
    // Of the minute of the marker, the tablet counted 6 taps.
    assert_eq!(bounds(&phone, "tap", "m"), (1 + 1, 1 + 6 + 1));
    assert_eq!(phone.query("tap").since("m").sum(), Some(8));
    assert!(!phone.query("tap").since("m").is_complete());
    let (at_most, at_least) =
        (|n| phone.limit().at_most("tap", n, since("m")), |n| phone.limit().at_least("tap", n, since("m")));
    assert!(!at_most(8).allowed("tap") && at_most(9).allowed("tap"));
    assert!(at_least(2).allowed("tap") && !at_least(3).allowed("tap"));
    clock.advance(Duration::minutes(2));
    phone.record("m");
    assert_eq!(exactly(&phone, "tap", "m"), 0, "the tablet counted nothing in this minute");
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1);
}

#[test]
fn a_later_marker_of_another_device_begins_the_window_with_bounds() {
    let clock = clock();
    let (phone, tablet) = (store(&clock), store(&clock));
    phone.record("m");
    phone.record_count("tap", 2);
    clock.advance(Duration::minutes(5));
    phone.record("tap");
    clock.advance(Duration::milliseconds(1));
    tablet.record("m");
    clock.advance(Duration::minutes(5));
    phone.record_count("tap", 3);
    assert_eq!(exactly(&phone, "tap", "m"), 6, "the phone has not heard of it");
    send(&tablet, &phone);
    assert_eq!(bounds(&phone, "tap", "m"), (3, 4));
    // An earlier marker of another device changes nothing.
    phone.record("m");
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1);
    send(&phone, &tablet);
    assert_eq!(bounds(&tablet, "tap", "m"), (0, 4), "for the tablet, the phone recorded it last");
}

#[test]
fn what_happens_in_the_millisecond_of_a_marker_of_another_device_is_not_certain() {
    let clock = clock();
    let (phone, tablet) = (store(&clock), store(&clock));
    tablet.record("m");
    phone.record("tap");
    send(&tablet, &phone);
    assert_eq!(bounds(&phone, "tap", "m"), (0, 1));
    phone.record("m");
    assert_eq!(bounds(&phone, "tap", "m"), (0, 1), "which of both markers is the later one?");
    clock.advance(Duration::milliseconds(1));
    phone.record("m");
    assert_eq!(exactly(&phone, "tap", "m"), 0);
}

#[test]
fn a_marker_of_a_clock_that_is_ahead_opens_no_limit() {
    let (ours, theirs) = (clock(), clock());
    let (phone, tablet) = (store(&ours), store(&theirs));
    phone.record("m");
    phone.record_count("tap", 2);
    theirs.advance(Duration::hours(5));
    tablet.record("m");
    ours.advance(Duration::minutes(10));
    send(&tablet, &phone);
    let (lower, upper) = bounds(&phone, "tap", "m");
    assert!(lower == 0 && upper >= 2, "{lower} {upper}");
    assert!(!phone.limit().at_most("tap", 2, since("m")).allowed("tap"));
    assert!(!phone.limit().at_least("tap", 1, since("m")).allowed("tap"));
    phone.record("tap");
    ours.advance(Duration::hours(6));
    assert_eq!(bounds(&phone, "tap", "m"), (0, 3), "it was not now, although the clock has passed it");
    assert!(!phone.limit().at_most("tap", 3, since("m")).allowed("tap"));
    // It is exchanged again, which changes nothing.
    tablet.record("other");
    send(&tablet, &phone);
    phone.record("tap");
    assert_eq!(bounds(&phone, "tap", "m"), (1, 4));
    phone.record("m");
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1);
}

#[test]
fn a_marker_is_later_than_what_was_received_from_a_clock_that_is_ahead() {
    let (ours, theirs) = (clock(), clock());
    let (phone, tablet) = (store(&ours), store(&theirs));
    theirs.advance(Duration::hours(5));
    tablet.record("m");
    tablet.record_count("tap", 3);
    send(&tablet, &phone);
    ours.advance(Duration::minutes(10));
    phone.record("m");
    phone.record("tap");
    for _ in 0..2 {
        assert_eq!(exactly(&phone, "tap", "m"), 1);
        ours.advance(Duration::hours(6));
    }
    // What is received after the marker can have happened before it.
    theirs.advance(Duration::days(2));
    tablet.record_count("tap", 2);
    send(&tablet, &phone);
    for _ in 0..2 {
        assert_eq!(bounds(&phone, "tap", "m"), (1, 6));
        ours.advance(Duration::days(3));
    }
}

#[test]
fn a_marker_of_our_clock_that_was_ahead_hides_nothing_when_the_clock_passes_it() {
    let (ours, theirs) = (clock(), clock());
    let (phone, tablet) = (store(&ours), store(&theirs));
    ours.advance(Duration::hours(5));
    phone.record("m");
    phone.record("tap");
    theirs.advance(Duration::hours(1));
    tablet.record_count("tap", 2);
    theirs.advance(Duration::hours(1));
    tablet.record("n");
    // The clock of the phone is set right.
    ours.set(noon() + Duration::hours(3));
    send(&tablet, &phone);
    for _ in 0..2 {
        let (lower, upper) = bounds(&phone, "tap", "m");
        assert!(lower <= 3 && upper == 3, "{lower} {upper}");
        assert!(!phone.limit().at_most("tap", 3, since("m")).allowed("tap"));
        ours.advance(Duration::hours(4));
    }
    // What is dated back can have happened before or after it.
    phone.record_ago("swipe", Duration::hours(8));
    assert_eq!(bounds(&phone, "swipe", "m"), (0, 1));
    tablet.record("m");
    theirs.advance(Duration::minutes(5));
    tablet.record("tap");
    send(&tablet, &phone);
    let (lower, upper) = bounds(&phone, "tap", "m");
    assert!(lower <= 1 && upper >= 1, "{lower} {upper}: the marker of the tablet is the latest one");
    phone.record("m");
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1);
}

#[test]
fn a_clock_that_is_set_right_again_makes_the_marker_certain() {
    let (ours, theirs) = (clock(), clock());
    let (phone, tablet) = (store(&ours), store(&theirs));
    theirs.advance(Duration::hours(-2));
    tablet.record_count("tap", 2);
    phone.record("m");
    ours.advance(Duration::minutes(1));
    phone.record("tap");
    ours.set(noon() - Duration::hours(7));
    phone.record("tap");
    send(&tablet, &phone);
    assert_eq!(bounds(&phone, "tap", "m").1, 4);
    ours.set(noon() + Duration::minutes(1));
    ours.advance(Duration::minutes(5));
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 3);
}

#[test]
fn a_marker_that_only_another_device_recorded_begins_the_window() {
    let clock = clock();
    let (phone, tablet) = (store(&clock), store(&clock));
    phone.record_count("tap", 2);
    clock.advance(Duration::minutes(5));
    tablet.record("m");
    clock.advance(Duration::minutes(5));
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 3);
    send(&tablet, &phone);
    assert_eq!(bounds(&phone, "tap", "m"), (1, 1));
    tablet.erase_event("m").unwrap();
    send(&tablet, &phone);
    assert_eq!(exactly(&phone, "tap", "m"), 3, "erased there: all time");
}

#[test]
fn what_another_device_erases_of_this_one_counts_no_more() {
    let clock = clock();
    let (phone, tablet) = (store(&clock), store(&clock));
    phone.record("m");
    phone.record_count("tap", 2);
    send(&phone, &tablet);
    phone.record("tap");
    tablet.erase_event("tap").unwrap();
    send(&tablet, &phone);
    assert_eq!(exactly(&phone, "tap", "m"), 0);
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1);
    tablet.erase_event("m").unwrap();
    send(&tablet, &phone);
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 2, "the marker never happened");
    phone.record_count("old", 5);
    phone.record("m");
    assert_eq!((exactly(&phone, "old", "m"), exactly(&phone, "tap", "m")), (0, 0));
}

#[test]
fn after_an_import_the_buckets_answer_until_the_marker_is_recorded() {
    let clock = clock();
    let phone = store(&clock);
    let wait = || clock.advance(Duration::minutes(3));
    phone.record_count("tap", 3);
    wait();
    phone.record("m");
    phone.record_count("tap", 2);
    let counter = phone.export_all().unwrap().remove("tap").unwrap();
    wait();
    phone.record_count("tap", 4);
    phone.import_event("tap", counter.clone()).unwrap();
    assert_eq!(bounds(&phone, "tap", "m"), (0, 2));
    wait();
    phone.record("tap");
    assert_eq!(bounds(&phone, "tap", "m"), (1, 3));
    phone.record("m");
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1);
    phone.record("other");
    let marker = phone.export_all().unwrap().remove("m").unwrap();
    wait();
    phone.import_event("m", marker).unwrap();
    assert_eq!(bounds(&phone, "other", "m"), (0, 1));
    phone.import_event("new", counter).unwrap();
    phone.record("m");
    assert_eq!((exactly(&phone, "other", "m"), exactly(&phone, "new", "m")), (0, 0));
}

#[test]
fn a_restored_backup_goes_on_with_what_it_knows() {
    let clock = clock();
    let storage = SharedStorage::default();
    let phone = on(&storage, &clock);
    let tablet = store(&clock);
    let wait = || clock.advance(Duration::minutes(3));
    phone.record_count("tap", 3);
    phone.record("m");
    phone.record("tap");
    phone.persist().unwrap();
    let backup = storage.backup();
    wait();
    phone.record_count("tap", 4);
    send(&phone, &tablet);
    drop(phone);
    let phone = on(&backup, &clock);
    assert_eq!(exactly(&phone, "tap", "m"), 1);
    wait();
    phone.record_count("tap", 10);
    assert_eq!(exactly(&phone, "tap", "m"), 11);
    // What the phone had counted before it was restored comes back. It is not in the tally.
    send(&tablet, &phone);
    let (lower, upper) = bounds(&phone, "tap", "m");
    assert!(lower <= 15 && upper >= 15, "{lower} {upper}");
    assert!(!phone.limit().at_most("tap", 15, since("m")).allowed("tap"));
    phone.record("m");
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1, "it counts in another lane now");
    phone.close().unwrap();
    let phone = on(&backup, &clock);
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 2);
}

#[test]
fn a_store_that_leaves_its_lane_counts_on() {
    let clock = clock();
    let storage = SharedStorage::default();
    let phone = on(&storage, &clock);
    let tablet = store(&clock);
    phone.record_count("tap", 3);
    phone.record_count("old", 3);
    phone.record("m");
    phone.record("tap");
    phone.close().unwrap();
    // Another store continues a copy, so the phone leaves its lane when it hears of that.
    let copy = storage.backup();
    let twin = on(&copy, &clock);
    twin.record("twin");
    send(&twin, &tablet);
    let phone = on(&storage, &clock);
    phone.record_count("tap", 2);
    assert!(phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap().restarted);
    assert_eq!((exactly(&phone, "tap", "m"), exactly(&phone, "old", "m")), (3, 0));
    phone.record("tap");
    phone.record("old");
    assert_eq!((exactly(&phone, "tap", "m"), exactly(&phone, "old", "m")), (4, 1));
    phone.close().unwrap();
    let phone = on(&storage, &clock);
    phone.record("tap");
    assert_eq!((exactly(&phone, "tap", "m"), exactly(&phone, "old", "m")), (5, 1));
    phone.record("m");
    phone.record("old");
    assert_eq!((exactly(&phone, "tap", "m"), exactly(&phone, "old", "m")), (0, 1));
}

#[test]
fn a_copy_that_goes_on_counting_in_the_old_lane_is_counted_by_its_buckets() {
    let clock = clock();
    let storage = SharedStorage::default();
    let phone = on(&storage, &clock);
    phone.record_count("tap", 3);
    phone.record("m");
    phone.record("tap");
    phone.close().unwrap();
    let twin = on(&storage.backup(), &clock);
    let phone = on(&storage, &clock);
    phone.record("tap");
    clock.advance(Duration::minutes(3));
    twin.record_count("tap", 5);
    send(&twin, &phone);
    let (lower, upper) = bounds(&phone, "tap", "m");
    assert!(lower <= 7 && upper >= 7, "{lower} {upper}");
    clock.advance(Duration::minutes(3));
    phone.record("m");
    phone.record("tap");
    assert_eq!(exactly(&phone, "tap", "m"), 1);
    clock.advance(Duration::minutes(3));
    twin.record_count("tap", 2);
    send(&twin, &phone);
    let (lower, upper) = bounds(&phone, "tap", "m");
    assert!(lower <= 3 && upper >= 3, "{lower} {upper}");
}
