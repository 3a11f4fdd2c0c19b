//! Stored reservations after a reopening.

use chrono::Duration;
use tiny_counter::{Error, EventStore, Limiter, ReservationKey, Storage, TestClock};

use super::common::{clock, ever, in_memory, retry_after, under};
use super::home::Home;
use super::own_storage::OwnStorage;

fn once(store: &EventStore) -> Limiter<'_> {
    store.limit().at_most("dialog", 1, Duration::days(7))
}

/// Reserves "dialog" for an hour and closes the store.
fn reserved(home: &Home, clock: &TestClock) -> ReservationKey {
    let store = home.open(clock);
    let key = once(&store).reserve_for("dialog", Duration::hours(1)).unwrap();
    store.close().unwrap();
    key
}

fn has_ended(store: &EventStore, key: ReservationKey) -> bool {
    matches!(store.commit_reservation(key), Err(Error::InvalidArgument(_) | Error::ReservationExpired { .. }))
        && matches!(
            store.cancel_reservation(key),
            Err(Error::InvalidArgument(_) | Error::ReservationExpired { .. })
        )
        && store.reservations().is_empty()
}

#[test]
fn a_reservation_is_pending_after_a_reopening_but_its_event_is_not_known() {
    for home in Home::all() {
        let clock = clock();
        let key = reserved(&home, &clock);
        clock.advance(Duration::minutes(20));
        for _ in 0..2 {
            let store = home.open(&clock);
            assert!(store.events().is_empty(), "{home:?}");
            assert_eq!(ever(&store, "dialog"), None, "{home:?}");
            assert_eq!(retry_after(once(&store), "dialog"), Some(Duration::minutes(40)), "{home:?}");
            let pending = store.reservations();
            assert_eq!((pending.len(), pending[0].key), (1, key), "{home:?}");
            assert_eq!(pending[0].event_id, "dialog", "{home:?}");
            assert!(store.export_all().unwrap().is_empty(), "{home:?}");
        }
    }
}

#[test]
fn a_reservation_is_committed_or_cancelled_once_over_all_openings() {
    for (commits, wanted) in [(true, Some(1)), (false, Some(0))] {
        for home in Home::all() {
            let clock = clock();
            let key = reserved(&home, &clock);
            let store = home.open(&clock);
            match commits {
                true => store.commit_reservation(key).unwrap(),
                false => store.cancel_reservation(key).unwrap(),
            }
            assert!(has_ended(&store, key), "{home:?}");
            assert_eq!(once(&store).allowed("dialog"), !commits, "{home:?}");
            store.close().unwrap();
            let store = home.open(&clock);
            assert!(has_ended(&store, key), "{home:?}");
            assert_eq!(ever(&store, "dialog"), wanted, "{home:?}");
            assert_eq!(once(&store).allowed("dialog"), !commits, "{home:?}");
        }
    }
}

#[test]
fn a_reservation_expires_while_no_store_is_open() {
    for home in Home::all() {
        let clock = clock();
        let key = reserved(&home, &clock);
        clock.advance(Duration::hours(1));
        let store = home.open(&clock);
        assert!(matches!(store.commit_reservation(key), Err(Error::ReservationExpired { .. })), "{home:?}");
        assert!(has_ended(&store, key) && once(&store).allowed("dialog"), "{home:?}");
        assert_eq!(ever(&store, "dialog"), None, "{home:?}");
        store.record("other");
        store.close().unwrap();
        assert_eq!(home.open(&clock).events(), ["other"], "{home:?}");
    }
}

#[test]
fn an_erasure_by_a_peer_ends_the_reservations_of_what_it_erases() {
    for home in Home::all() {
        let clock = clock();
        let (store, peer) = (home.open(&clock), in_memory(&clock));
        store.record("dialog");
        let key = store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
        peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        peer.erase_event("dialog").unwrap();
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        assert!(has_ended(&store, key) && once(&store).allowed("dialog"), "{home:?}");
        store.close().unwrap();
        let store = home.open(&clock);
        assert!(has_ended(&store, key) && store.events().is_empty(), "{home:?}");
    }
}

#[test]
fn an_erasure_ends_a_reservation_for_good() {
    let erasures: [fn(&EventStore); 2] =
        [|store| _ = store.erase_event("dialog").unwrap(), |store| _ = store.erase_all().unwrap()];
    for (erase, is_loaded) in erasures.into_iter().flat_map(|erase| [(erase, false), (erase, true)]) {
        for home in Home::all() {
            let clock = clock();
            let key = reserved(&home, &clock);
            let store = home.open(&clock);
            if is_loaded {
                assert_eq!(store.reservations().len(), 1);
            }
            erase(&store);
            assert!(has_ended(&store, key) && once(&store).allowed("dialog"), "{home:?}");
            store.close().unwrap();
            let store = home.open(&clock);
            assert!(has_ended(&store, key) && once(&store).allowed("dialog"), "{home:?}");
            assert!(store.events().is_empty() && store.health().losses.is_empty(), "{home:?}");
        }
    }
}

#[test]
fn a_reservation_made_after_the_store_record_was_lost_does_not_damage_its_event() {
    for home in Home::of_storages() {
        let clock = clock();
        let reserve = |store: &EventStore| store.limit().reserve_for("a", Duration::hours(1)).unwrap();
        let store = home.open(&clock);
        store.record_count("a", 7);
        (0..3).for_each(|_| _ = reserve(&store));
        store.close().unwrap();
        home.storage().delete("~store").unwrap();
        let store = home.open(&clock);
        store.acknowledge_loss().unwrap();
        reserve(&store);
        store.close().unwrap();
        let store = home.open(&clock);
        assert_eq!((ever(&store, "a"), store.reservations().len()), (Some(7), 4), "{home:?}");
        assert!(store.health().losses.is_empty(), "{home:?}");
    }
}

#[test]
fn the_name_of_an_event_is_forgotten_when_the_event_is_removed() {
    for is_erased in [true, false] {
        for home in Home::of_storages() {
            let clock = clock();
            let store = home.open(&clock);
            let reserve = |name: &str| store.limit().reserve_for(name, Duration::hours(1)).unwrap();
            for number in 0..100 {
                let name = format!("upload {number}");
                reserve(&name);
                if is_erased {
                    store.erase_event(&name).unwrap();
                }
            }
            for _ in 0..6 {
                clock.advance(Duration::days(100));
                store.record("other");
                store.persist().unwrap();
            }
            reserve("last");
            drop(store);
            let bytes = home.storage().load("~reserved-0").unwrap().unwrap();
            assert!(bytes.len() < 50, "{home:?}: {} bytes", bytes.len());
        }
    }
}

#[test]
fn a_listed_event_that_is_not_stored_is_forgotten_at_the_opening() {
    let (clock, storage) = (clock(), OwnStorage::default());
    let open = |storage: &OwnStorage| under(&clock).with_storage(storage.clone()).build().unwrap();
    let store = open(&storage);
    store.record("other");
    store.persist().unwrap();
    storage.take_copies();
    store.limit().reserve_for("dialog", Duration::hours(1)).unwrap();
    let copies = storage.take_copies();
    let killed = copies.into_iter().find(|copy| copy.contains_key("~reserved-0")).unwrap();
    assert!(!killed.contains_key("dialog"));
    let listed = |storage: &OwnStorage| storage.load("~reserved-0").unwrap().unwrap().len();
    let killed = OwnStorage::holding(killed);
    let before = listed(&killed);
    let store = open(&killed);
    store.record("other");
    store.close().unwrap();
    assert!(listed(&killed) < before);
}
