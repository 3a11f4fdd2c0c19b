//! A decision that records several events is stored as a whole or not at all.

use std::fs;

use chrono::Duration;
use tiny_counter::{Error, EventStore, Limit, ReservationKey, Result, TimeUnit};

use super::common::files::{copy_folder, log_file};
use super::common::{clock, on_log};
use super::home::Home;
use super::kill_run::{lifetime, open};
use super::own_storage::OwnStorage;

const NAMES: [&str; 3] = ["message", "any", "~any"];

fn limit() -> Limit {
    Limit::new().at_most("any", 1_000, TimeUnit::Ever).also_record("any").also_record("~any")
}

/// For each event what was recorded, and what was recorded or reserved.
fn counts(store: &EventStore) -> [(u32, u32); 3] {
    NAMES.map(|name| {
        let used = match store.limit().at_most(name, 1_000, TimeUnit::Ever).usage(name) {
            Err(Error::EventNotFound(_)) => 0,
            usage => usage.unwrap().count,
        };
        (lifetime(store, name), used)
    })
}

/// One call that changes all events, and what has to happen before.
type Call = (
    &'static str,
    fn(&EventStore) -> Option<ReservationKey>,
    fn(&EventStore, Option<ReservationKey>) -> Result<()>,
);

fn nothing(_: &EventStore) -> Option<ReservationKey> {
    None
}

fn decide(store: &EventStore, _: Option<ReservationKey>) -> Result<()> {
    store.prepare(limit())?.check_and_record("message")
}

fn reserve(store: &EventStore) -> Option<ReservationKey> {
    Some(store.prepare(limit()).unwrap().reserve_for("message", Duration::days(1)).unwrap())
}

const CALLS: [Call; 5] = [
    ("check_and_record", nothing, decide),
    ("commit", nothing, |store, _| store.prepare(limit())?.reserve("message")?.try_commit()),
    ("reserve_for", nothing, |store, _| {
        store.prepare(limit())?.reserve_for("message", Duration::days(1)).map(|_| ())
    }),
    ("commit_reservation", reserve, |store, key| store.commit_reservation(key.unwrap())),
    ("cancel_reservation", reserve, |store, key| store.cancel_reservation(key.unwrap())),
];

fn all_equal(counts: [(u32, u32); 3]) -> bool {
    counts.iter().all(|count| *count == counts[0])
}

#[test]
fn a_kill_between_any_two_writes_keeps_all_of_a_decision_or_none() {
    let mut kills = 0;
    for (name, before, call) in CALLS {
        for rounds in 0..3 {
            let (clock, storage) = (clock(), OwnStorage::default());
            let store = open(&storage, &clock);
            (0..rounds).for_each(|_| decide(&store, None).unwrap());
            let key = before(&store);
            let states = [counts(&store), {
                storage.take_copies();
                call(&store, key).unwrap();
                counts(&store)
            }];
            assert!(states[0] != states[1] && states.into_iter().all(all_equal), "{name}: {states:?}");
            for (copy, values) in storage.take_copies().into_iter().enumerate() {
                let storage = OwnStorage::holding(values);
                let killed = open(&storage, &clock);
                let found = counts(&killed);
                assert!(states.contains(&found), "{name} {rounds}, after change {copy}: {found:?}");
                assert_eq!(killed.health().losses.len(), 0, "{name} {rounds}, after change {copy}");
                // It goes on, and what it writes is not overwritten by what it completed.
                decide(&killed, None).unwrap();
                let later = counts(&killed);
                drop(killed);
                assert_eq!(counts(&open(&storage, &clock)), later, "{name} {rounds} {copy}");
                kills += 1;
            }
        }
    }
    assert!(kills > 90, "{kills}");
}

#[test]
fn a_kill_while_an_opening_completes_a_decision_keeps_all_of_it() {
    let (clock, storage) = (clock(), OwnStorage::default());
    let store = open(&storage, &clock);
    decide(&store, None).unwrap();
    storage.take_copies();
    decide(&store, None).unwrap();
    let mut kills = 0;
    for values in storage.take_copies() {
        let first = OwnStorage::holding(values);
        drop(open(&first, &clock));
        for values in first.take_copies() {
            let found = counts(&open(&OwnStorage::holding(values), &clock));
            assert_eq!(found, [(2, 2); 3]);
            kills += 1;
        }
    }
    assert!(kills > 10, "{kills}");
}

#[test]
fn a_decision_whose_write_failed_is_completed_by_the_next_write() {
    let mut kills = 0;
    for (name, before, call) in CALLS {
        for changes in 0.. {
            let (clock, storage) = (clock(), OwnStorage::default());
            let store = open(&storage, &clock);
            decide(&store, None).unwrap();
            store.record("other");
            let key = before(&store);
            storage.fail_after(changes);
            let failed = call(&store, key).is_err();
            if storage.take_failure() {
                assert!(changes >= 5, "{changes}");
                break;
            }
            assert!(failed);
            storage.take_copies();
            store.persist().unwrap();
            let kept = counts(&store);
            for (copy, values) in storage.take_copies().into_iter().enumerate() {
                let found = counts(&open(&OwnStorage::holding(values), &clock));
                assert!(all_equal(found), "{name} failed after {changes}, killed after {copy}: {found:?}");
                kills += 1;
            }
            drop(store);
            let store = open(&storage, &clock);
            assert_eq!(counts(&store), kept, "{name} failed after {changes}");
        }
    }
    assert!(kills > 100, "{kills}");
}

#[test]
fn a_log_cut_off_anywhere_keeps_all_of_a_decision_or_none() {
    let mut cuts = 0;
    for (name, before, call) in CALLS {
        let (clock, dir) = (clock(), tempfile::tempdir().unwrap());
        let store = on_log(&clock, dir.path());
        decide(&store, None).unwrap();
        let key = before(&store);
        let log = log_file(dir.path());
        let (start, states) = (
            fs::metadata(&log).unwrap().len(),
            [counts(&store), {
                call(&store, key).unwrap();
                counts(&store)
            }],
        );
        let end = fs::metadata(&log).unwrap().len();
        assert!(end > start, "{name}");
        for length in (start..end).step_by(5).chain([end - 1, end]) {
            let copy = tempfile::tempdir().unwrap();
            copy_folder(dir.path(), copy.path());
            let cut = fs::OpenOptions::new().write(true).open(log_file(copy.path())).unwrap();
            cut.set_len(length).unwrap();
            let found = counts(&on_log(&clock, copy.path()));
            assert!(states.contains(&found), "{name}, cut off at {length}: {found:?}");
            cuts += 1;
        }
    }
    assert!(cuts > 100, "{cuts}");
}

#[test]
fn every_storage_keeps_what_a_decision_also_records() {
    for home in Home::all() {
        let clock = clock();
        let store = home.open(&clock);
        decide(&store, None).unwrap();
        let key = reserve(&store);
        assert_eq!(counts(&store), [(1, 2); 3], "{home:?}");
        assert_eq!(store.reservations().len(), 1, "{home:?}");
        assert_eq!(store.reservations()[0].event_id, "message");
        let killed_home = home.killed();
        let killed = killed_home.open(&clock);
        assert_eq!(counts(&killed), [(1, 2); 3], "{home:?}");
        killed.commit_reservation(key.unwrap()).unwrap();
        assert_eq!(counts(&killed), [(2, 2); 3], "{home:?}");
        assert!(killed.commit_reservation(key.unwrap()).is_err(), "{home:?}");
        store.erase_events(["any", "~any"]).unwrap();
        drop(store);
        assert!(!home.holds("any"), "{home:?}");
    }
}
