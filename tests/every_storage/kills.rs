//! Kills between any two writes to a storage without transactions.

use proptest::prelude::*;
use tiny_counter::Storage;

use super::common::{clock, in_memory};
use super::kill_run::Step::{self, *};
use super::kill_run::{NAMES, Run, lifetime, open};
use super::own_storage::OwnStorage;
use super::property::{cases, check};

const SCRIPT: [Step; 49] = [
    Reserve("a"),
    Record("a"),
    Record("b"),
    Persist,
    Decide("c"),
    DecideBoth("b", "a"),
    PeerRecords("a"),
    PeerRecords("~d"),
    Merge,
    Persist,
    Commit,
    Reserve("b"),
    Reserve("~d"),
    Export,
    Cancel,
    Record("~d"),
    Reopen,
    Decide("~d"),
    DecideBoth("c", "b"),
    Erase("b"),
    DecideBoth("a", "b"),
    Record("b"),
    Reserve("b"),
    Acknowledge,
    Record("a"),
    Erase("a"),
    Persist,
    Record("a"),
    PeerRecords("a"),
    Merge,
    Decide("b"),
    Reopen,
    PeerErases("~d"),
    Decide("a"),
    Persist,
    Record("~d"),
    Reserve("c"),
    Compact,
    Commit,
    Record("c"),
    Export,
    EraseAll,
    Decide("a"),
    PeerRecords("c"),
    Merge,
    Record("b"),
    Acknowledge,
    Reserve("b"),
    Persist,
];

#[test]
fn a_kill_between_any_two_writes_loses_and_doubles_nothing() {
    let checks = Run::new().all(&SCRIPT);
    assert!(checks > 70, "{checks}");
}

#[test]
fn a_kill_during_the_first_write_is_no_loss() {
    let first: [&[Step]; 10] = [
        &[Record("a"), Record("b"), Persist],
        &[Decide("a"), Decide("b")],
        &[DecideBoth("a", "~d"), DecideBoth("~d", "b")],
        &[Reserve("a"), Commit],
        &[Reserve("a"), Cancel],
        &[PeerRecords("a"), Merge, Persist],
        &[PeerRecords("a"), Merge, PeerErases("a"), Persist],
        &[PeerRecords("a"), Reserve("a"), PeerErases("a"), Decide("b")],
        &[Record("a"), Erase("a"), Persist],
        &[Record("a"), Export],
    ];
    for script in first {
        assert!(Run::new().all(script) >= 4, "{script:?}");
    }
}

#[test]
fn a_kill_during_the_first_write_to_events_from_elsewhere_is_no_loss() {
    for step in [Decide("b"), Reserve("b"), Persist, Erase("b")] {
        let mut run = Run::new();
        for name in ["a", "b"] {
            run.take(Decide(name));
        }
        run.remove_records();
        assert!(run.all(&[Record("a"), step, Persist]) >= 4);
    }
}

pub fn any_step() -> impl Strategy<Value = Step> {
    let about: [fn(&'static str) -> Step; 6] = [Record, Decide, Reserve, Erase, PeerRecords, PeerErases];
    let others = [Commit, Cancel, EraseAll, Merge, Export, Persist, Acknowledge, Compact, Reopen];
    prop_oneof![
        2 => (prop::sample::select(about.to_vec()), prop::sample::select(NAMES.to_vec()))
            .prop_map(|(step, name)| step(name)),
        1 => (0..NAMES.len(), 1..NAMES.len()).prop_map(|(name, other)| {
            DecideBoth(NAMES[name], NAMES[(name + other) % NAMES.len()])
        }),
        2 => prop::sample::select(others.to_vec()),
    ]
}

#[test]
fn a_kill_during_any_sequence_of_calls_loses_and_doubles_nothing() {
    let scripts = prop::collection::vec(any_step(), 1..40);
    let checks = check(cases(60, 1_000), scripts, |script| Run::new().all(&script));
    assert!(checks > 1_000, "{checks}");
}

#[test]
fn what_an_import_or_a_loss_removed_comes_back_with_a_delta_after_a_kill() {
    for is_import in [true, false] {
        let (clock, storage) = (clock(), OwnStorage::default());
        let (store, peer, other) = (open(&storage, &clock), in_memory(&clock), in_memory(&clock));
        store.record("b");
        store.record_count("a", 3);
        peer.record_count("a", 2);
        other.record_count("a", 10);
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        store.close().unwrap();
        let fits: &[u32] = if is_import { &[5, 12] } else { &[2] };
        if !is_import {
            storage.clone().delete("a").unwrap();
        }
        let store = open(&storage, &clock);
        storage.take_copies();
        if is_import {
            store.import_all(other.export_all().unwrap()).unwrap();
        }
        // One write of another event, and one of everything.
        store.limit().check_and_record("b").unwrap();
        store.persist().unwrap();
        let copies = storage.take_copies();
        assert!(copies.len() >= 3);
        for (copy, values) in copies.into_iter().enumerate() {
            let store = open(&OwnStorage::holding(values), &clock);
            store.merge_bytes(&peer.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
            let found = lifetime(&store, "a");
            assert!(fits.contains(&found), "{is_import} {copy}: {found}");
        }
    }
}

#[test]
fn an_event_that_is_erased_after_a_failed_write_is_not_a_loss_after_a_kill() {
    for changes in 0.. {
        let (clock, storage, peer) = (clock(), OwnStorage::default(), in_memory(&clock()));
        peer.record("peer");
        let store = open(&storage, &clock);
        store.record("b");
        store.persist().unwrap();
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        store.record("a");
        storage.fail_after(changes);
        _ = store.persist();
        if storage.take_failure() {
            assert!(changes >= 4, "{changes}");
            break;
        }
        storage.take_copies();
        store.erase_event("a").unwrap();
        for (copy, values) in storage.take_copies().into_iter().enumerate() {
            let store = open(&OwnStorage::holding(values), &clock);
            assert!(store.health().losses.is_empty(), "{changes} {copy}");
        }
    }
}
