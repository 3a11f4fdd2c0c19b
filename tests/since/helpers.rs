//! Sessions and versions of the app: the markers of every store.

use chrono::Duration;
use tiny_counter::{
    APP_VERSION, Error, EventStore, SESSION, TestClock, since, since_app_version, since_session,
};

use super::common::SharedStorage;
use super::common::stores::{clock, in_memory, on_storage};
use super::exactly;

#[test]
fn once_in_a_session_and_once_in_a_version() {
    let clock = clock();
    let store = in_memory(&clock);
    let tip =
        |store: &EventStore| store.limit().at_most("tip", 1, since_session()).check_and_record("tip").is_ok();
    let news = |store: &EventStore| {
        store.limit().at_most("news", 1, since_app_version()).check_and_record("news").is_ok()
    };
    assert!(tip(&store) && !tip(&store), "before the first session: all time");
    store.session();
    assert!(tip(&store) && !tip(&store));
    assert!(store.app_version("1.0").unwrap());
    assert!(news(&store) && !news(&store));
    store.session();
    assert!(!store.app_version("1.0").unwrap());
    assert!(tip(&store) && !news(&store));
    assert!(store.app_version("1.1").unwrap());
    assert!(!tip(&store) && news(&store) && !news(&store));
    assert!(store.app_version("1.0").unwrap(), "back to an earlier version");
    assert!(news(&store));
    assert_eq!(store.query(SESSION).lifetime(), Some(2));
    assert_eq!(store.query(APP_VERSION).lifetime(), Some(3));
}

#[test]
fn the_version_and_the_counts_survive_a_restart() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    assert!(store.app_version("1.0").unwrap());
    store.session();
    store.record_count("tap", 2);
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    store.record("tap");
    assert!(!store.app_version("1.0").unwrap());
    assert_eq!((exactly(&store, "tap", SESSION), exactly(&store, "tap", APP_VERSION)), (3, 3));
    store.session();
    assert_eq!(exactly(&store, "tap", SESSION), 0);
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    assert_eq!((exactly(&store, "tap", SESSION), exactly(&store, "tap", APP_VERSION)), (0, 3));
    assert!(store.app_version("1.1").unwrap());
    assert_eq!(exactly(&store, "tap", APP_VERSION), 0);
    store.erase_event(APP_VERSION).unwrap();
    assert_eq!(exactly(&store, "tap", APP_VERSION), 3, "all time");
    assert!(store.app_version("1.1").unwrap(), "an erased version differs from any other");
}

#[test]
fn only_sessions_of_this_device_count() {
    let clock = clock();
    let (phone, tablet) = (in_memory(&clock), in_memory(&clock));
    let session = |store: &EventStore, clock: &TestClock| {
        clock.advance(Duration::minutes(5));
        store.session();
        store.app_version("2.0").unwrap();
    };
    session(&phone, &clock);
    phone.record("tap");
    session(&tablet, &clock);
    clock.advance(Duration::minutes(5));
    phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    assert_eq!((exactly(&phone, "tap", SESSION), exactly(&phone, "tap", APP_VERSION)), (1, 1));
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(exactly(&tablet, "tap", SESSION), 0, "before the session of the tablet");
    let third = in_memory(&clock);
    third.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    assert_eq!(exactly(&third, "tap", SESSION), 1, "it had no session: all time");
    assert!(third.app_version("2.0").unwrap(), "the text does not travel");
}

#[test]
fn a_version_that_another_device_erased_differs_from_any_other() {
    let clock = clock();
    let (phone, tablet) = (in_memory(&clock), in_memory(&clock));
    let send = |from: &EventStore, to: &EventStore| to.merge_bytes(&from.export_bytes().unwrap()).unwrap();
    assert!(phone.app_version("1.0").unwrap());
    send(&phone, &tablet);
    tablet.erase_event(APP_VERSION).unwrap();
    assert!(tablet.app_version("1.0").unwrap());
    send(&tablet, &phone);
    assert_eq!(phone.query(APP_VERSION).lifetime(), Some(1), "that of the tablet");
    assert!(phone.app_version("1.0").unwrap());
    assert!(!phone.app_version("1.0").unwrap());
}

#[test]
fn any_text_of_1024_bytes_is_a_version() {
    let store = in_memory(&clock());
    for text in ["", "1.2.3 (45) β", &"x".repeat(1024)] {
        assert!(store.app_version(text).unwrap());
        assert!(!store.app_version(text).unwrap());
    }
    let refused = store.app_version(&"x".repeat(1025)).unwrap_err();
    assert!(matches!(refused, Error::InvalidArgument(_)), "{refused}");
    store.close().unwrap();
}

#[test]
fn a_closed_store_records_neither() {
    let store = in_memory(&clock());
    store.shutdown().unwrap();
    store.session();
    assert!(matches!(store.app_version("1"), Err(Error::Closed)));
}

#[test]
fn a_version_that_cannot_be_read_is_an_error_and_nothing_is_recorded() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let store = on_storage(&clock, &storage);
    store.app_version("1.0").unwrap();
    store.record("tap");
    store.persist().unwrap();
    drop(store);
    let mut store = on_storage(&clock, &storage);
    store.compact().unwrap();
    storage.set_loading(false);
    store.app_version("1.1").unwrap_err();
    storage.set_loading(true);
    assert_eq!(exactly(&store, "tap", APP_VERSION), 1);
    assert!(!store.app_version("1.0").unwrap());
    assert_eq!(store.limit().at_most("tap", 9, since(APP_VERSION)).usage("tap").unwrap().count, 1);
}
