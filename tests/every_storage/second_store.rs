//! Two stores on one storage, for storages that can be opened twice.

use chrono::Duration;
use tiny_counter::{EventStore, TestClock};

use super::common::{clock, ever, in_memory};
use super::home::{Home, Kind};

fn twice_openable() -> impl Iterator<Item = Home> {
    let is_exclusive = |kind| matches!(kind, Kind::Log | Kind::Files);
    Home::all().into_iter().filter(move |home| !is_exclusive(home.kind))
}

/// Two stores write in turns. Each records an event of its own and the event "both". Returns the
/// number of writes that failed.
fn take_turns(home: &Home, clock: &TestClock, stores: [&EventStore; 2], turns: &[usize]) -> usize {
    let (mut failures, mut stored) = (0, [ever(stores[0], "first"), ever(stores[1], "second")]);
    for turn in turns {
        let (store, name) = (stores[*turn], ["first", "second"][*turn]);
        store.record(name);
        store.record("both");
        match store.persist() {
            Ok(()) => stored[*turn] = ever(store, name),
            Err(_) => failures += 1,
        }
        let now = home.open(clock);
        assert_eq!([ever(&now, "first"), ever(&now, "second")], stored, "{home:?} {turns:?}");
        assert!(now.health().losses.is_empty(), "{home:?} {turns:?}");
    }
    failures
}

#[test]
fn of_two_stores_on_one_storage_one_gets_errors_and_what_was_persisted_stays() {
    for turns in [[0, 1, 0, 1, 1, 0], [1, 1, 0, 0, 1, 0], [0, 0, 1, 0, 1, 1]] {
        for is_new in [true, false] {
            for home in twice_openable() {
                let clock = clock();
                if !is_new {
                    home.open(&clock).record("earlier");
                }
                let (first, second) = (home.open(&clock), home.open(&clock));
                assert_eq!(take_turns(&home, &clock, [&first, &second], &turns), 3, "{home:?}");
            }
        }
    }
}

#[test]
fn a_store_gets_an_error_after_a_later_one_has_written() {
    for home in twice_openable() {
        let clock = clock();
        let first = home.open(&clock);
        first.record("a");
        first.persist().unwrap();
        let second = home.open(&clock);
        assert_eq!(ever(&second, "a"), Some(1));
        second.record("b");
        second.persist().unwrap();
        first.record("a");
        assert!(first.persist().is_err() && first.health().storage_fails, "{home:?}");
        assert!(first.limit().check_and_record("a").is_err(), "{home:?}");
        assert!(first.export_bytes().is_err(), "{home:?}");
        second.record("a");
        second.close().unwrap();
        drop(first);
        let store = home.open(&clock);
        assert_eq!((ever(&store, "a"), ever(&store, "b")), (Some(2), Some(1)), "{home:?}");
    }
}

#[test]
fn a_decision_that_was_acknowledged_is_not_overwritten_by_a_store_that_was_opened_before() {
    let decide: [fn(&EventStore) -> bool; 3] = [
        |store| store.limit().check_and_record("a").is_ok(),
        |store| store.limit().reserve("a").unwrap().try_commit().is_ok(),
        |store| store.limit().reserve_for("a", Duration::hours(1)).is_ok(),
    ];
    for (decide, is_read) in decide.into_iter().flat_map(|decide| [(decide, true), (decide, false)]) {
        for home in twice_openable() {
            let clock = clock();
            let first = home.open(&clock);
            first.record("b");
            first.persist().unwrap();
            let second = home.open(&clock);
            if is_read {
                assert_eq!(ever(&second, "a"), None);
            }
            let decided = [&first, &second, &first, &second].map(decide);
            assert_eq!(decided, [true, false, true, false], "{home:?}");
            drop((first, second));
            let store = home.open(&clock);
            let kept = store.reservations().len() as u32 + ever(&store, "a").unwrap_or(0);
            assert_eq!(kept, 2, "{home:?}");
        }
    }
}

#[test]
fn a_merge_or_an_erasure_is_not_overwritten_by_a_store_that_was_opened_before() {
    let change: [fn(&EventStore) -> bool; 2] = [
        |store| {
            let peer = in_memory(&clock());
            peer.record_count("merged", 3);
            store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
            store.persist().is_ok()
        },
        |store| store.erase_event("a").is_ok(),
    ];
    for change in change {
        for home in twice_openable() {
            let clock = clock();
            let first = home.open(&clock);
            first.record("a");
            first.erase_event("a").unwrap();
            first.record("a");
            first.persist().unwrap();
            let second = home.open(&clock);
            assert_eq!(ever(&second, "a"), Some(1), "{home:?}");
            assert!(change(&first), "{home:?}");
            second.record("a");
            assert!(second.persist().is_err(), "{home:?}");
        }
    }
}
