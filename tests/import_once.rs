//! Taking over the counts of another library: once, on one device and on several.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::{DateTime, Duration, Utc};
use common::stores::{clock, clock_at, ever, in_memory, noon, sync, under};
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use common::{shared_storage::SharedStorage, stores::on_storage};
use tiny_counter::{APP_VERSION, Error, EventStore, Occurrence, Result, SESSION, Zone};

/// What the preferences of one device hold: 50 launches and 3 purchases.
fn prefs(store: &EventStore, key: &str) -> Result<bool> {
    store.import_once(key, || {
        [
            Occurrence::new("launch", noon() - Duration::days(2), 50),
            Occurrence::new("purchase", noon() - Duration::days(9), 3),
        ]
    })
}

fn dated((name, at, count): (&str, DateTime<Utc>, u32)) -> Occurrence {
    Occurrence::new(name, at, count)
}

fn counts(store: &EventStore) -> [Option<u32>; 2] {
    ["launch", "purchase"].map(|name| ever(store, name))
}

fn one(store: &EventStore, count: u32, at: DateTime<Utc>) -> Result<bool> {
    store.import_once("prefs", || [Occurrence::new("launch", at, count)])
}

#[test]
fn the_counts_of_a_key_are_taken_over_once_and_read_once() {
    let store = in_memory(&clock());
    let mut reads = 0;
    let results: Vec<bool> = (0..3)
        .map(|_| {
            store.import_once("prefs", || {
                reads += 1;
                [Occurrence::new("launch", noon(), 50)]
            })
        })
        .collect::<Result<_>>()
        .unwrap();
    assert_eq!((results, reads, ever(&store, "launch")), (vec![true, false, false], 1, Some(50)));
    assert!(store.has_imported("prefs").unwrap());
    assert!(!store.has_imported("prefs-v2").unwrap());
    assert!(prefs(&store, "prefs-v2").unwrap());
    assert_eq!(ever(&store, "launch"), Some(100));
}

#[test]
fn they_count_in_the_buckets_of_their_dates_beside_what_is_recorded() {
    let store = in_memory(&clock());
    store.record("launch");
    assert!(prefs(&store, "prefs").unwrap());
    store.record("launch");
    let days = store.query("launch").last_days(3).into_buckets();
    assert_eq!(days, [2, 0, 50]);
    assert_eq!(store.query("launch").lifetime(), Some(52));
    assert_eq!(store.query("purchase").last_seen(), Some(Duration::days(9)));
    assert_eq!(store.query("launch").first_seen(), Some(Duration::days(2)));
}

#[test]
fn counts_of_several_days_of_an_event_are_taken_over_together() {
    let store = in_memory(&clock());
    store
        .import_once("days", || {
            (0..5).map(|day| Occurrence::new("launch", noon() - Duration::days(day.into()), 5 - day))
        })
        .unwrap();
    assert_eq!(store.query("launch").last_days(6).into_buckets(), [5, 4, 3, 2, 1, 0]);
}

#[test]
fn a_limit_counts_them_from_their_dates() {
    let (clock, week) = (clock(), Duration::days(7));
    let store = in_memory(&clock);
    one(&store, 1, noon() - Duration::days(2)).unwrap();
    assert!(store.limit().at_least("launch", 1, week).allowed("x"));
    assert_eq!(
        common::stores::retry_after(store.limit().cooldown("launch", week), "x"),
        Some(Duration::days(5))
    );
    assert!(store.limit().at_most("launch", 1, week).check("launch").is_err());
}

#[test]
fn two_devices_that_take_over_the_same_counts_count_them_once() {
    let clock = clock();
    let [phone, tablet, new] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    assert!(prefs(&phone, "prefs").unwrap());
    phone.record("launch");
    assert!(prefs(&tablet, "prefs").unwrap());
    for _ in 0..2 {
        sync(&phone, &tablet);
    }
    for store in [&phone, &tablet] {
        assert_eq!(counts(store), [Some(51), Some(3)]);
    }
    // A third one merges first.
    new.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    assert!(prefs(&new, "prefs").unwrap());
    assert_eq!(counts(&new), [Some(51), Some(3)]);
    assert!(!prefs(&new, "prefs").unwrap());
    sync(&new, &phone);
    assert_eq!(counts(&phone), [Some(51), Some(3)]);
}

#[test]
fn the_same_counts_in_another_zone_and_under_other_settings_count_once() {
    let clock = clock();
    let phone = in_memory(&clock);
    let zone = Zone::fixed(11 * 3_600).unwrap();
    let tablet = under(&clock).with_zone(zone).track_days(9).track_months(3).build().unwrap();
    for store in [&phone, &tablet] {
        assert!(prefs(store, "prefs").unwrap());
    }
    sync(&phone, &tablet);
    for store in [&phone, &tablet] {
        assert_eq!(store.query("launch").lifetime(), Some(50));
    }
}

#[test]
fn the_same_counts_that_lie_on_other_dates_in_another_zone_count_once() {
    let clock = clock();
    for hours in [-13, -11, -5, 5, 13] {
        let [phone, third] = [in_memory(&clock), in_memory(&clock)];
        let tablet = under(&clock).with_zone(Zone::fixed(hours * 3_600 + 1_800).unwrap()).build().unwrap();
        let days = || (0..4).map(|day| Occurrence::new("launch", noon() - Duration::days(2 * day), 10));
        for store in [&phone, &tablet] {
            assert!(store.import_once("days", days).unwrap());
            third.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        }
        let report = phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
        assert_eq!(report.conflicting_copies, 0);
        assert_eq!(tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap().conflicting_copies, 0);
        for store in [&phone, &tablet, &third] {
            assert_eq!(store.query("launch").lifetime(), Some(40), "{hours} hours");
            assert_eq!(store.query("launch").last_days(9).sum(), Some(40), "{hours} hours");
            assert_eq!(store.query("launch").last_hours(72).sum(), Some(20), "{hours} hours");
            assert_eq!(store.query("launch").rolling(Duration::days(9)).sum(), Some(40), "{hours} hours");
            assert!(store.limit().at_most("launch", 41, Duration::days(9)).allowed("x"));
        }
        phone.erase_event("launch").unwrap();
        sync(&phone, &tablet);
        assert_eq!(ever(&tablet, "launch"), None);
    }
}

#[test]
fn different_counts_of_two_devices_under_one_key_add_up() {
    let clock = clock();
    let [phone, tablet] = [in_memory(&clock), in_memory(&clock)];
    one(&phone, 50, noon()).unwrap();
    one(&tablet, 20, noon()).unwrap();
    sync(&phone, &tablet);
    assert_eq!([&phone, &tablet].map(|store| ever(store, "launch")), [Some(70); 2]);
}

#[test]
fn counts_in_another_order_are_the_same_counts() {
    let clock = clock();
    let [phone, tablet] = [in_memory(&clock), in_memory(&clock)];
    let (a, b) = (noon() - Duration::days(1), noon() - Duration::days(2));
    phone.import_once("prefs", || [("x", a, 1), ("y", b, 2), ("z", b, 0)].map(dated)).unwrap();
    tablet.import_once("prefs", || [("y", b, 2), ("x", a, 1)].map(dated)).unwrap();
    sync(&phone, &tablet);
    assert_eq!([ever(&phone, "x"), ever(&tablet, "y"), ever(&phone, "z")], [Some(1), Some(2), None]);
}

#[test]
fn what_is_erased_comes_back_by_no_import() {
    let clock = clock();
    let [phone, tablet, new] = [in_memory(&clock), in_memory(&clock), in_memory(&clock)];
    for store in [&phone, &tablet] {
        prefs(store, "prefs").unwrap();
    }
    phone.erase_event("launch").unwrap();
    assert!(!prefs(&phone, "prefs").unwrap());
    assert_eq!(counts(&phone), [None, Some(3)]);
    sync(&phone, &tablet);
    assert_eq!(counts(&tablet), [None, Some(3)]);
    new.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    prefs(&new, "prefs").unwrap();
    assert_eq!(counts(&new), [None, Some(3)]);
    phone.erase_all().unwrap();
    assert!(!prefs(&phone, "prefs").unwrap());
    assert_eq!(counts(&phone), [None, None]);
    sync(&phone, &new);
    assert_eq!(counts(&new), [None, None]);
}

#[test]
fn news_have_them_once() {
    let clock = clock();
    let [phone, tablet] = [in_memory(&clock), in_memory(&clock)];
    prefs(&phone, "prefs").unwrap();
    tablet.merge_bytes(&phone.export_since(&tablet.knowledge().unwrap()).unwrap()).unwrap();
    assert_eq!(counts(&tablet), [Some(50), Some(3)]);
    prefs(&tablet, "prefs").unwrap();
    let news = tablet.export_since(&phone.knowledge().unwrap()).unwrap();
    assert!(news.len() < 100, "{} bytes of news, although nothing is new", news.len());
    assert_eq!(phone.merge_bytes(&news).unwrap().events_changed, 0);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn they_survive_a_kill_as_soon_as_the_call_has_returned() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    store.record("launch");
    prefs(&store, "prefs").unwrap();
    let killed = on_storage(&clock, &storage.backup());
    assert!(!prefs(&killed, "prefs").unwrap());
    assert_eq!(counts(&killed), [Some(51), Some(3)]);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_import_that_cannot_be_written_counts_and_is_written_by_another_call() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    storage.set_saving(false);
    assert!(matches!(prefs(&store, "prefs"), Err(Error::NotWritten(_))));
    assert_eq!(counts(&store), [Some(50), Some(3)]);
    assert!(matches!(prefs(&store, "prefs"), Err(Error::NotWritten(_))));
    storage.set_saving(true);
    assert!(prefs(&store, "prefs").unwrap());
    assert_eq!(counts(&store), [Some(50), Some(3)]);
    let reopened = on_storage(&clock, &storage.backup());
    assert!(!prefs(&reopened, "prefs").unwrap());
    assert_eq!(counts(&reopened), [Some(50), Some(3)]);
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn an_import_without_counts_is_remembered_too() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    assert!(store.import_once("prefs", || []).unwrap());
    drop(store);
    let reopened = on_storage(&clock, &storage);
    assert!(reopened.has_imported("prefs").unwrap());
    assert!(reopened.events().is_empty());
    assert!(reopened.replicas().unwrap().is_empty());
}

#[test]
fn of_many_threads_one_takes_over_the_counts() {
    let store = in_memory(&clock());
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| prefs(&store, "prefs").unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|done| *done).count()
    });
    assert_eq!((done, counts(&store)), (1, [Some(50), Some(3)]));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn counts_that_differ_in_a_repetition_after_a_failed_write_do_not_count_too() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    storage.set_saving(false);
    assert!(matches!(one(&store, 50, noon()), Err(Error::NotWritten(_))));
    storage.set_saving(true);
    assert!(one(&store, 51, noon()).unwrap());
    assert!(!one(&store, 52, noon()).unwrap());
    assert_eq!(ever(&store, "launch"), Some(50));
    assert_eq!(ever(&on_storage(&clock, &storage.backup()), "launch"), Some(50));
}

/// What `calls` calls at one time return. The counts of each call differ from those of the others.
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
fn at_one_time(store: &EventStore, calls: u32, key: impl Fn(u32) -> String + Sync) -> Vec<Result<bool>> {
    let all_read = std::sync::Barrier::new(calls.try_into().unwrap());
    let call = |number: u32| {
        store.import_once(&key(number), || {
            all_read.wait();
            [Occurrence::new("launch", noon() - Duration::seconds(number.into()), 50)]
        })
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..calls).map(|number| scope.spawn(move || call(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn of_many_threads_with_other_counts_one_takes_over_its_counts() {
    for _ in 0..20 {
        let store = on_storage(&clock(), &SharedStorage::default());
        let results = at_one_time(&store, 4, |_| "prefs".into());
        assert_eq!(results.into_iter().filter(|is_new| *is_new.as_ref().unwrap()).count(), 1);
        assert_eq!(ever(&store, "launch"), Some(50));
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn many_threads_take_over_the_counts_of_no_more_than_64_keys() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    (0..62).for_each(|key| assert!(store.import_once(&format!("empty-{key}"), || []).unwrap()));
    let results = at_one_time(&store, 6, |number| format!("prefs-{number}"));
    assert_eq!(results.into_iter().filter(Result::is_ok).count(), 2);
    let reopened = on_storage(&clock, &storage.backup());
    assert!(reopened.health().losses.is_empty());
    assert!(reopened.has_imported("empty-0").unwrap());
    assert_eq!(ever(&reopened, "launch"), Some(100));
}

#[test]
fn a_bad_key_name_or_date_takes_over_nothing() {
    let store = in_memory(&clock());
    for key in ["", &"k".repeat(1_025)] {
        assert!(matches!(prefs(&store, key), Err(Error::InvalidArgument(_))));
        assert!(matches!(store.has_imported(key), Err(Error::InvalidArgument(_))));
    }
    let future = one(&store, 1, noon() + Duration::seconds(61));
    assert!(matches!(future, Err(Error::FutureEvent)));
    let long = "n".repeat(1_025);
    let named = store.import_once("prefs", || ["a", &long].map(|name| Occurrence::new(name, noon(), 1)));
    assert!(matches!(named, Err(Error::InvalidEvent { .. })));
    let many = store.import_once("prefs", || std::iter::repeat(Occurrence::new("a", noon(), 1)));
    assert!(matches!(many, Err(Error::InvalidArgument(_))));
    assert!(store.events().is_empty());
    assert!(!store.has_imported("prefs").unwrap());
    assert!(
        one(&store, 1, noon() + Duration::seconds(60)).unwrap(),
        "the clocks of two libraries can differ"
    );
    let ancient = store.import_once("old", || [Occurrence::new("a", DateTime::<Utc>::MIN_UTC, 1)]);
    assert!(ancient.unwrap());
    assert_eq!(store.query("a").lifetime(), Some(1));
    store.shutdown().unwrap();
    assert!(matches!(prefs(&store, "prefs"), Err(Error::Closed)));
}

#[test]
fn a_store_takes_over_the_counts_of_64_keys() {
    let store = in_memory(&clock());
    for key in 0..64 {
        assert!(prefs(&store, &format!("prefs-{key}")).unwrap());
    }
    assert!(matches!(prefs(&store, "prefs-64"), Err(Error::Storage(_))));
    assert!(!prefs(&store, "prefs-63").unwrap());
    assert_eq!(counts(&store), [Some(50 * 64), Some(3 * 64)]);
}

#[test]
fn a_store_without_room_for_another_replica_takes_over_nothing() {
    let clock = clock();
    let store = in_memory(&clock);
    let export = |_| {
        let device = in_memory(&clock);
        device.record("x");
        device.export_bytes().unwrap()
    };
    (0..1_024).map(export).for_each(|bytes| _ = store.merge_bytes(&bytes).unwrap());
    assert!(matches!(prefs(&store, "prefs"), Err(Error::Storage(_))));
    assert_eq!(counts(&store), [None, None]);
    assert!(store.import_once("empty", || []).unwrap());
    let oldest = store.replicas().unwrap().into_iter().find(|replica| !replica.is_own).unwrap().id;
    store.forget_replicas([oldest]).unwrap();
    assert!(prefs(&store, "prefs").unwrap());
    assert_eq!(counts(&store), [Some(50), Some(3)]);
}

#[test]
fn the_replica_of_an_import_can_be_forgotten_and_stays_forgotten() {
    let clock = clock();
    let [phone, tablet] = [in_memory(&clock), in_memory(&clock)];
    prefs(&phone, "prefs").unwrap();
    let imported = phone.replicas().unwrap().into_iter().find(|replica| !replica.is_own).unwrap();
    assert_eq!(imported.events, 2);
    phone.forget_replicas([imported.id]).unwrap();
    assert_eq!(counts(&phone), [None, None]);
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert!(prefs(&tablet, "prefs").unwrap());
    assert_eq!(counts(&tablet), [None, None]);
}

#[test]
fn a_device_whose_clock_is_behind_takes_over_what_it_can_date() {
    let behind = in_memory(&clock_at(noon() - Duration::days(30)));
    assert!(matches!(prefs(&behind, "prefs"), Err(Error::FutureEvent)));
    assert_eq!(behind.query("launch").last_days(1).sum(), None);
}

#[test]
fn no_window_begins_with_a_session_or_a_version_that_was_taken_over() {
    let clock = clock_at(noon() - Duration::days(3));
    let store = in_memory(&clock);
    store.record_count("launch", 2);
    clock.set(noon());
    let marker = |name| Occurrence::new(name, noon() - Duration::days(1), 1);
    assert!(store.import_once("prefs", || [SESSION, APP_VERSION].map(marker)).unwrap());
    store.record_count("launch", 3);
    for marker in [SESSION, APP_VERSION] {
        assert_eq!(ever(&store, marker), Some(1));
        // As if it had never happened: all time.
        assert_eq!(store.query("launch").since(marker).sum(), Some(5), "{marker}");
    }
    clock.advance(Duration::seconds(1));
    store.session();
    store.record("launch");
    assert_eq!(store.query("launch").since(SESSION).sum(), Some(1));
}
