//! Counts of another library are taken over once on every storage, whenever the process is killed.

use chrono::Duration;
use tiny_counter::{EventStore, Occurrence};

use super::common::{clock, noon};
use super::home::Home;
use super::kill_run::{lifetime, open};
use super::own_storage::OwnStorage;

fn take_over(store: &EventStore) -> bool {
    let of_day = |day| {
        let at = noon() - Duration::days(day);
        [Occurrence::new("launch", at, 2), Occurrence::new(format!("event-{day}"), at, 1)]
    };
    store.import_once("prefs", || (0..20).flat_map(of_day)).unwrap()
}

#[test]
fn a_key_is_remembered_by_every_storage() {
    let clock = clock();
    for home in Home::all() {
        let store = home.open(&clock);
        store.record("launch");
        assert!(take_over(&store));
        store.close().unwrap();
        let store = home.open(&clock);
        assert!(!take_over(&store), "{home:?}");
        assert_eq!((lifetime(&store, "launch"), lifetime(&store, "event-19")), (41, 1), "{home:?}");
    }
}

#[test]
fn after_a_kill_between_any_two_writes_another_call_makes_the_counts_complete() {
    let (clock, storage) = (clock(), OwnStorage::default());
    let store = open(&storage, &clock);
    store.record("launch");
    store.persist().unwrap();
    storage.take_copies();
    assert!(take_over(&store));
    let copies = storage.take_copies();
    assert!(copies.len() > 20, "{}", copies.len());
    let mut unfinished = 0;
    for values in copies {
        let killed = open(&OwnStorage::holding(values), &clock);
        unfinished += usize::from(take_over(&killed));
        assert_eq!((lifetime(&killed, "launch"), lifetime(&killed, "event-19")), (41, 1));
    }
    assert!(unfinished > 10, "{unfinished}");
}
