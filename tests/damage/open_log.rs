//! An event of a log that is damaged while a store has the log open. Nothing but that event is
//! hindered.

use std::path::Path;

use chrono::Duration;
use tiny_counter::{Error, EventStore, Result, TimeUnit};

use super::common::files::damage_event;
use super::common::stores::{clock, ever, in_memory, noon, on_log};

/// A store on a log whose event "damaged" had 7 counts and cannot be read. "other" has 2.
fn with_a_damaged_event(dir: &Path) -> EventStore {
    let store = on_log(&clock(), dir);
    store.record_count("damaged", 7);
    store.record_count("other", 2);
    store.close().unwrap();
    let store = on_log(&clock(), dir);
    damage_event(dir, "damaged");
    store
}

fn names_the_damaged_event<R: std::fmt::Debug>(result: Result<R>) {
    match result {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("damaged")),
        other => panic!("{other:?}"),
    }
}

fn once_ever(store: &EventStore, event: &str) -> Result<()> {
    store.limit().at_most(event, 1, TimeUnit::Ever).check(event)
}

#[test]
fn another_event_is_erased() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    store.record("damaged");
    assert_eq!(store.erase_event("other").unwrap().unwrap().lifetime(), 2);
    drop(store);
    assert_eq!(ever(&on_log(&clock(), dir.path()), "other"), None);
}

#[test]
fn all_events_are_listed_the_damaged_one_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    assert_eq!(store.try_events().unwrap(), ["damaged", "other"]);
    store.record("damaged");
    assert_eq!(store.try_events().unwrap(), ["damaged", "other"]);
}

#[test]
fn other_events_are_saved_and_a_persist_names_the_damaged_event() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    store.record("damaged");
    store.record_count("other", 3);
    names_the_damaged_event(store.persist());
    assert!(store.is_dirty(), "the damaged event is not saved");
    names_the_damaged_event(store.close());
    assert_eq!(ever(&on_log(&clock(), dir.path()), "other"), Some(5));
}

#[test]
fn a_decision_about_another_event_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    store.record("damaged");
    store.limit().at_most("other", 3, TimeUnit::Ever).check_and_record("other").unwrap();
    assert!(store.limit().at_most("damaged", 9, TimeUnit::Ever).check_and_record("damaged").is_err());
    drop(store);
    assert_eq!(ever(&on_log(&clock(), dir.path()), "other"), Some(3));
}

#[test]
fn an_export_names_the_damaged_event() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    names_the_damaged_event(store.export_all());
    names_the_damaged_event(store.export_bytes());
    store.record("damaged");
    names_the_damaged_event(store.export_all());
}

#[test]
fn health_names_the_event_and_when_its_damage_was_noticed_once() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record_count("damaged", 7);
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    damage_event(dir.path(), "damaged");
    clock.advance(Duration::hours(1));
    assert!(store.health().losses.is_empty(), "it was not read yet");
    for _ in 0..3 {
        names_the_damaged_event(store.query("damaged").try_lifetime());
        clock.advance(Duration::hours(1));
    }
    let health = store.health();
    assert_eq!(health.quarantined, ["damaged"]);
    assert_eq!(health.losses.len(), 1);
    assert_eq!(health.losses[0].event.as_deref(), Some("damaged"));
    assert_eq!(health.losses[0].noticed, noon() + Duration::hours(1));
    assert!(!health.storage_fails, "the storage itself works");
}

#[test]
fn a_loss_that_was_noticed_in_an_open_log_is_reported_once_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    names_the_damaged_event(store.query("damaged").try_lifetime());
    store.record("other");
    store.persist().unwrap();
    drop(store);
    let losses = on_log(&clock(), dir.path()).health().losses;
    assert_eq!(losses.iter().map(|loss| loss.event.as_deref()).collect::<Vec<_>>(), [Some("damaged")]);
}

#[test]
fn after_the_loss_is_acknowledged_the_event_counts_what_was_recorded_since() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    store.record_count("damaged", 3);
    assert!(matches!(once_ever(&store, "damaged"), Err(Error::Corrupt { .. })));
    store.acknowledge_loss().unwrap();
    let health = store.health();
    assert!(health.losses.is_empty() && health.quarantined.is_empty(), "{health:?}");
    assert_eq!((ever(&store, "damaged"), ever(&store, "other")), (Some(3), Some(2)));
    store.limit().at_most("damaged", 4, TimeUnit::Ever).check_and_record("damaged").unwrap();
    store.persist().unwrap();
    store.close().unwrap();
    let store = on_log(&clock(), dir.path());
    assert_eq!((ever(&store, "damaged"), ever(&store, "other")), (Some(4), Some(2)));
    let health = store.health();
    assert!(health.losses.is_empty() && health.quarantined.is_empty(), "{health:?}");
}

#[test]
fn a_damaged_event_that_was_not_recorded_since_is_unknown_after_the_loss_is_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_a_damaged_event(dir.path());
    assert!(matches!(once_ever(&store, "damaged"), Err(Error::Corrupt { .. })));
    store.acknowledge_loss().unwrap();
    assert_eq!(store.try_events().unwrap(), ["other"]);
    once_ever(&store, "damaged").unwrap();
    store.close().unwrap();
    let store = on_log(&clock(), dir.path());
    assert_eq!(store.try_events().unwrap(), ["other"]);
    assert!(store.health().losses.is_empty());
}

#[test]
fn a_peer_keeps_the_counts_that_were_damaged_and_counts_nothing_twice() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record_count("damaged", 7);
    store.record_count("other", 2);
    let peer = in_memory(&clock);
    peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    damage_event(dir.path(), "damaged");
    store.record_count("damaged", 3);
    names_the_damaged_event(store.export_bytes());
    store.acknowledge_loss().unwrap();
    store.record("other");
    peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!((ever(&peer, "damaged"), ever(&peer, "other")), (Some(10), Some(3)));
    // The store has its lost counts back from the peer.
    store.merge_bytes(&peer.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
    assert_eq!((ever(&store, "damaged"), ever(&store, "other")), (Some(10), Some(3)));
    store.close().unwrap();
    let store = on_log(&clock, dir.path());
    store.record("damaged");
    peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!((ever(&peer, "damaged"), ever(&peer, "other")), (Some(11), Some(3)));
}

#[test]
fn an_event_in_memory_outlives_the_damage_that_a_compaction_finds() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = on_log(&clock(), dir.path());
    for event in ["first", "second"] {
        store.record_count(event, 7);
    }
    store.persist().unwrap();
    for event in ["first", "second"] {
        damage_event(dir.path(), event);
    }
    store.compact().unwrap();
    assert_eq!(store.memory_usage(), 0);
    assert_eq!((ever(&store, "first"), ever(&store, "second")), (Some(7), Some(7)));
    store.acknowledge_loss().unwrap();
    store.close().unwrap();
    let store = on_log(&clock(), dir.path());
    assert_eq!((ever(&store, "first"), ever(&store, "second")), (Some(7), Some(7)));
    assert!(store.health().losses.is_empty());
}
