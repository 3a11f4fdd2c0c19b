//! Calls about many events, during which other calls are made: the storage makes them when it is
//! read.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::hooked_log::HookedLog;
use crate::EventStore;
use crate::counter::event_counter::SingleEventCounter;

const EVENTS: usize = 600;

fn name(number: usize) -> String {
    format!("event {number:03}")
}

fn number(name: &str) -> usize {
    name.rsplit(' ').next().unwrap().parse().unwrap()
}

/// A log that holds events, opened anew.
fn opened() -> (Arc<HookedLog>, Arc<EventStore>) {
    let log = Arc::new(HookedLog::default());
    let before = log.store();
    (0..EVENTS).for_each(|number| before.record(name(number)));
    before.shutdown().unwrap();
    let store = log.store();
    (log, store)
}

/// Exports a store. `between` is called before an event is read, with the number of the event.
/// Events of earlier portions have lower numbers and are collected already.
fn export(
    log: &HookedLog,
    store: &Arc<EventStore>,
    between: impl Fn(&EventStore, usize) + Send + 'static,
) -> Vec<u8> {
    let place = Arc::downgrade(store);
    log.set_hook(move |name| between(&place.upgrade().unwrap(), number(name)));
    let bytes = store.export_bytes().unwrap();
    log.remove_hook();
    bytes
}

/// Sends what `to` is missing, and checks that both know the same then.
fn sync(from: &EventStore, to: &EventStore) {
    to.merge_bytes(&from.export_since(&to.knowledge().unwrap()).unwrap()).unwrap();
    let [all, merged] = [from, to].map(|store| store.export_all().unwrap());
    assert_eq!(all.keys().collect::<HashSet<_>>(), merged.keys().collect());
    assert!(all == merged);
}

fn count(store: &EventStore, number: usize) -> Option<u32> {
    store.query(name(number)).ever().sum()
}

#[test]
fn what_is_recorded_while_an_export_is_collected_is_in_it_or_in_the_next_one() {
    let (log, store) = opened();
    let bytes = export(&log, &store, |store, number| {
        if number == EVENTS - 1 {
            [0, number, EVENTS].iter().for_each(|number| store.record(name(*number)));
        }
    });
    let other = EventStore::new();
    other.merge_bytes(&bytes).unwrap();
    assert_eq!([0, EVENTS - 1, EVENTS].map(|number| count(&other, number)), [Some(1), Some(2), None]);
    sync(&store, &other);
    assert_eq!([0, EVENTS - 1, EVENTS].map(|number| count(&other, number)), [2, 2, 1].map(Some));
}

#[test]
fn what_is_erased_while_an_export_is_collected_is_erased_where_it_is_merged() {
    let (log, store) = opened();
    let other = EventStore::new();
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    drop(store);
    let store = log.store();
    let bytes = export(&log, &store, |store, number| {
        if number == EVENTS - 1 {
            [0, number].iter().for_each(|number| drop(store.erase_event(name(*number)).unwrap()));
        }
    });
    other.merge_bytes(&bytes).unwrap();
    assert_eq!([0, 1, EVENTS - 1].map(|number| count(&other, number)), [None, Some(1), None]);
    sync(&store, &other);
}

#[test]
fn an_export_does_not_claim_what_an_import_took_away_before_it_was_collected() {
    let (log, store) = opened();
    let third = EventStore::new();
    third.record_count(name(130), 9);
    // A later stamp, so that the export could claim the earlier one.
    third.record(name(131));
    let theirs = third.export_bytes().unwrap();
    store.merge_bytes(&theirs).unwrap();
    drop(store);
    let store = log.store();
    let bytes = export(&log, &store, move |store, number| match number {
        // Each is the first of its portion.
        128 => store.import_event(name(130), SingleEventCounter::default()).unwrap(),
        256 => assert_eq!(store.merge_bytes(&theirs).unwrap().events_changed, 1),
        _ => {}
    });
    assert_eq!(count(&store, 130), Some(9));
    let other = EventStore::new();
    other.merge_bytes(&bytes).unwrap();
    assert_eq!(count(&other, 130), Some(0), "it was taken away when the event was collected");
    sync(&store, &other);
    assert_eq!(count(&other, 130), Some(9));
}

#[test]
fn an_export_begins_anew_if_the_lane_is_retired_while_it_is_collected() {
    let (log, store) = opened();
    drop(store);
    // A backup is restored after the original counted more.
    let (backup, original) = (log.copy(), log.store());
    original.record(name(1));
    let later = original.export_bytes().unwrap();
    let store = backup.store();
    let new = "a new event";
    store.record(new);
    let bytes = export(&backup, &store, move |store, number| {
        if number == EVENTS - 1 {
            assert!(store.merge_bytes(&later).unwrap().restarted);
        }
    });
    let other = EventStore::new();
    other.merge_bytes(&bytes).unwrap();
    sync(&store, &other);
    assert_eq!(other.query(new).ever().sum(), Some(1));
}

#[test]
fn an_export_a_list_of_names_and_a_merge_visit_few_events_at_a_time() {
    const MANY: usize = 20_000;
    let store = EventStore::new();
    (0..MANY).for_each(|number| store.record(name(number)));
    let other = EventStore::new();
    let known = store.export_all().unwrap().remove(&name(7)).unwrap();
    other.merge_event(name(7), known).unwrap();
    let erase = |number: usize| {
        other.record(name(number));
        other.erase_event(name(number)).unwrap();
        other.export_bytes().unwrap()
    };
    let merge = |bytes: Vec<u8>| assert_eq!(store.merge_bytes(&bytes).unwrap().refused, 0);
    let most = |what: &str, call: &dyn Fn()| {
        let take = || store.shared.with_memory(|engine| engine.events.visits.take_most());
        take();
        call();
        let most = take();
        assert!(most < MANY / 5, "{what}: {most}");
    };
    most("export_all", &|| assert_eq!(store.export_all().unwrap().len(), MANY));
    most("export_bytes", &|| drop(store.export_bytes().unwrap()));
    most("events", &|| assert_eq!(store.events().len(), MANY));
    most("an empty merge", &|| merge(EventStore::new().export_bytes().unwrap()));
    most("a merge of an unknown erasure", &|| merge(erase(MANY)));
    most("a merge of a known erasure", &|| merge(erase(7)));
    assert_eq!(store.events().len(), MANY - 1);
}

#[test]
fn what_is_recorded_first_while_a_write_reads_is_read_without_the_persist_lock() {
    for others in [1, 9] {
        let (log, store) = opened();
        let (place, locked) = (Arc::downgrade(&store), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&locked);
        log.set_hook(move |name| {
            let store = place.upgrade().unwrap();
            count.fetch_add(usize::from(store.shared.is_writing_here()), Ordering::SeqCst);
            let number = number(name);
            if number < others {
                store.record(self::name(number + 1));
            }
        });
        store.record(name(0));
        store.persist().unwrap();
        log.remove_hook();
        // If something new comes again and again, the write does not wait for its end.
        assert_eq!(locked.load(Ordering::SeqCst) > 0, others == 9);
        // A background write can hold the store for a moment.
        store.shutdown().unwrap();
        let store = log.store();
        assert!((0..=others).all(|number| self::count(&store, number) == Some(2)));
    }
}
