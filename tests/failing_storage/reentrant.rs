//! A storage that calls its own store while the store writes to it. Nothing hangs, and nothing is
//! lost.

use std::sync::mpsc::channel;
use std::time::Duration;

use tiny_counter::{Error, EventStore, TimeUnit};

use super::common::*;
use super::hooked::Hooked;

/// Runs `test` on a thread. It fails if that hangs.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (ended, is_ended) = channel();
    let thread = std::thread::spawn(move || {
        test();
        ended.send(()).unwrap();
    });
    match is_ended.recv_timeout(Duration::from_secs(20)) {
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => thread.join().unwrap(),
    }
}

/// Persists a store of 3 "x" whose storage calls `call` once from within the save.
fn within_a_save(
    call: impl Fn(&EventStore) + Send + Sync + 'static,
    check: impl Fn(&EventStore) + Send + 'static,
) {
    ends(move || {
        let storage = Hooked::default();
        on_storage(&clock(), &storage.storage).record("stored");
        let (store, place) = storage.store();
        store.record_count("x", 3);
        storage.call(1, move |_| call(&place.get().unwrap().upgrade().unwrap()));
        store.persist().unwrap();
        check(&store);
        store.persist().unwrap();
        assert!(!store.is_dirty());
        store.shutdown().unwrap();
        check(&on_storage(&clock(), &storage.storage));
    });
}

#[test]
fn what_a_storage_records_from_within_a_save_is_counted_and_saved_by_the_next_persist() {
    within_a_save(
        |store| {
            store.record("x");
            store.record_count("new", 2);
            store.record("stored");
        },
        |store| {
            assert_eq!(["x", "new", "stored"].map(|name| ever(store, name)), [Some(4), Some(2), Some(2)]);
        },
    );
}

#[test]
fn a_persist_from_within_a_save_is_an_error_and_loses_nothing() {
    within_a_save(
        |store| {
            assert!(matches!(store.persist(), Err(Error::Storage(_))));
            // An event that has to be read before it can be saved.
            store.record("stored");
            assert!(matches!(store.persist(), Err(Error::Storage(_))));
            assert!(matches!(store.persist_all(), Err(Error::Storage(_))));
        },
        |store| assert_eq!(["x", "stored"].map(|name| ever(store, name)), [Some(3), Some(2)]),
    );
}

#[test]
fn a_decision_from_within_a_save_is_an_error() {
    within_a_save(
        |store| {
            for event in ["x", "stored", "new"] {
                assert!(store.limit().at_most(event, 9, TimeUnit::Days).check_and_record(event).is_err());
            }
        },
        // The counts of "x" are in memory, and "new" is not stored. So the decision is made, but it
        // cannot be written.
        |store| assert_eq!(["x", "stored", "new"].map(|name| ever(store, name)), [Some(4), Some(1), Some(1)]),
    );
}

#[test]
fn other_calls_from_within_a_save_do_not_hang() {
    within_a_save(
        |store| {
            assert_eq!(ever(store, "x"), Some(3), "it is in memory");
            assert!(matches!(store.query("stored").try_lifetime(), Err(Error::Unavailable { .. })));
            assert!(store.try_events().is_err());
            assert!(store.export_bytes().is_err());
            assert!(store.erase_event("stored").is_err());
            assert!(store.erase_all().is_err());
            assert!(store.shutdown().is_err());
            store.health();
        },
        |store| assert_eq!(["x", "stored"].map(|name| ever(store, name)), [Some(3), Some(1)]),
    );
}

#[test]
fn a_store_that_is_written_from_within_a_write_of_another_one_can_be_called_from_there() {
    ends(|| {
        let [first, second] = [Hooked::default(), Hooked::default()];
        let ((a, place_of_a), (b, place_of_b)) = (first.store(), second.store());
        a.record("x");
        b.record("x");
        first.call(1, move |_| place_of_b.get().unwrap().upgrade().unwrap().persist().unwrap());
        second.call(1, move |_| {
            let a = place_of_a.get().unwrap().upgrade().unwrap();
            a.record("x");
            assert!(matches!(a.persist(), Err(Error::Storage(_))));
            assert!(a.limit().at_most("y", 9, TimeUnit::Days).check_and_record("y").is_err());
            assert!(a.export_bytes().is_err());
            assert!(a.erase_all().is_err());
            assert!(a.shutdown().is_err());
        });
        a.persist().unwrap();
        assert!(!b.is_dirty() && a.is_dirty());
        a.persist().unwrap();
        let counts = [&first, &second].map(|stored| ever(&on_storage(&clock(), &stored.storage), "x"));
        assert_eq!(counts, [Some(2), Some(1)]);
    });
}

#[test]
fn a_chain_of_stores_that_write_within_each_other_ends_with_an_error() {
    ends(|| {
        let storages: Vec<Hooked> = (0..9).map(|_| Hooked::default()).collect();
        let stores: Vec<_> = storages.iter().map(Hooked::store).collect();
        let result = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        for (index, storage) in storages.iter().enumerate() {
            stores[index].0.record("x");
            // The last one calls the first one.
            let next = stores[(index + 1) % stores.len()].1.clone();
            let result = result.clone();
            storage.call(1, move |_| {
                let done = next.get().unwrap().upgrade().unwrap().persist();
                result.lock().unwrap().push(done.is_ok());
            });
        }
        stores[0].0.persist().unwrap();
        let result = result.lock().unwrap().clone();
        assert!(!result[0] && result[1..].iter().all(|done| *done), "{result:?}");
        for (store, _) in &stores {
            store.persist().unwrap();
        }
        assert!(storages.iter().all(|stored| ever(&on_storage(&clock(), &stored.storage), "x") == Some(1)));
    });
}
