//! Stored reservations after a reopening.

use chrono::Duration;
use tiny_counter::{Error, EventStore, Limiter, ReservationKey, TestClock};

use super::common::{clock, ever, in_memory, retry_after};
use super::home::Home;

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
    matches!(store.commit_reservation(key), Err(Error::InvalidArgument(_)))
        && matches!(store.cancel_reservation(key), Err(Error::InvalidArgument(_)))
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
        assert!(has_ended(&store, key) && once(&store).allowed("dialog"), "{home:?}");
        assert_eq!(ever(&store, "dialog"), None, "{home:?}");
        store.record("other");
        store.close().unwrap();
        assert_eq!(home.open(&clock).events(), ["other"], "{home:?}");
    }
}

#[test]
fn an_erasure_ends_a_reservation_for_good() {
    let erasures: [fn(&EventStore); 3] = [
        |store| _ = store.erase_event("dialog").unwrap(),
        |store| _ = store.erase_all().unwrap(),
        |store| {
            let peer = in_memory(&clock());
            peer.record("dialog");
            peer.erase_event("dialog").unwrap();
            store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        },
    ];
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
