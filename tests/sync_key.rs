//! Sync keys: what is sealed, which store opens it, and what a refusal leaves as it was.

#![cfg(feature = "sync-key")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::*;
use tiny_counter::{Error, EventStore};

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

fn with_key(key: [u8; 32]) -> EventStore {
    under(&clock()).with_sync_key(key).build().unwrap()
}

/// A store with `key` that counted "secret name" three times.
fn counted(key: [u8; 32]) -> EventStore {
    let store = with_key(key);
    store.record_count("secret name", 3);
    store
}

/// Everything that another store can see of this one.
fn state(store: &EventStore) -> impl PartialEq + std::fmt::Debug + use<> {
    (store.export_all().unwrap(), store.events(), store.is_dirty())
}

/// What a store says about bytes that it must refuse, as an export and as a sync state. Checks that
/// the store stays as it was.
fn refused(store: &EventStore, bytes: &[u8]) -> [Error; 2] {
    store.record("own");
    let before = state(store);
    let errors = [store.merge_bytes(bytes).unwrap_err(), store.export_since(bytes).unwrap_err()];
    assert_eq!(state(store), before);
    errors
}

fn is_corrupt(error: &Error) -> bool {
    matches!(error, Error::Corrupt { .. })
}

#[test]
fn stores_with_one_key_exchange_exports_and_sync_states() {
    let (phone, tablet) = (counted(NEW), with_key(NEW));
    tablet.merge_bytes(&phone.export_bytes().unwrap()).unwrap();
    assert_eq!(ever(&tablet, "secret name"), Some(3));
    for event in 0..50 {
        phone.record(format!("event {event}"));
    }
    tablet.merge_bytes(&phone.export_since(&tablet.knowledge().unwrap()).unwrap()).unwrap();
    phone.record("secret name");
    let news = phone.export_since(&tablet.knowledge().unwrap()).unwrap();
    assert!(news.len() < phone.export_bytes().unwrap().len() / 4);
    assert_eq!(tablet.merge_bytes(&news).unwrap().events_changed, 1);
    assert_eq!(tablet.export_all().unwrap(), phone.export_all().unwrap());
}

#[test]
fn sealed_bytes_show_no_name_and_no_two_are_equal_but_both_merge_equally() {
    let (phone, tablet) = (counted(NEW), with_key(NEW));
    let [first, second] = [phone.export_bytes().unwrap(), phone.export_bytes().unwrap()];
    assert!(first != second && phone.knowledge().unwrap() != phone.knowledge().unwrap());
    assert_eq!(first.len(), second.len());
    assert!(!first.windows(6).any(|part| part == b"secret"));
    assert_eq!(tablet.merge_bytes(&first).unwrap().events_changed, 1);
    assert_eq!(tablet.merge_bytes(&second).unwrap().events_changed, 0);
}

#[test]
fn a_store_with_another_key_refuses() {
    let phone = counted(OLD);
    for bytes in [phone.export_bytes().unwrap(), phone.knowledge().unwrap()] {
        for error in refused(&with_key(NEW), &bytes) {
            assert!(is_corrupt(&error) && error.to_string().contains("another sync key"), "{error}");
        }
    }
}

#[test]
fn a_store_without_a_key_asks_for_one() {
    let phone = counted(NEW);
    for bytes in [phone.export_bytes().unwrap(), phone.knowledge().unwrap()] {
        for error in refused(&in_memory(&clock()), &bytes) {
            assert!(matches!(error, Error::SyncKeyRequired(_)), "{error}");
            assert!(error.to_string().contains("open the store with that key"), "{error}");
        }
    }
}

#[test]
fn a_store_with_a_key_refuses_what_is_not_sealed() {
    let open = in_memory(&clock());
    open.record("launch");
    for bytes in [open.export_bytes().unwrap(), open.knowledge().unwrap(), vec![], b"TC".to_vec()] {
        for error in refused(&with_key(NEW), &bytes) {
            assert!(is_corrupt(&error) && error.to_string().contains("not sealed"), "{error}");
        }
    }
}

#[test]
fn every_changed_byte_and_every_truncation_is_refused() {
    let phone = counted(NEW);
    let tablet = with_key(NEW);
    let mut checks = 0;
    for sealed in [phone.export_bytes().unwrap(), phone.knowledge().unwrap()] {
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << (at % 8);
            for bytes in [&changed[..], &sealed[..at]] {
                let errors =
                    [tablet.merge_bytes(bytes).unwrap_err(), tablet.export_since(bytes).unwrap_err()];
                let is_refused =
                    |error: &Error| is_corrupt(error) || matches!(error, Error::Incompatible { .. });
                assert!(errors.iter().all(is_refused), "{at}: {errors:?}");
                checks += 1;
            }
        }
        let longer = [&sealed[..], &[0]].concat();
        assert!(refused(&tablet, &longer).iter().all(is_corrupt));
    }
    assert!(checks > 300, "{checks}");
    assert_eq!(tablet.events(), ["own"]);
}

#[test]
fn an_export_is_no_sync_state_and_a_sync_state_no_export() {
    let (phone, tablet) = (counted(NEW), with_key(NEW));
    assert!(is_corrupt(&tablet.export_since(&phone.export_bytes().unwrap()).unwrap_err()));
    assert!(is_corrupt(&tablet.merge_bytes(&phone.knowledge().unwrap()).unwrap_err()));
    assert!(tablet.events().is_empty());
}

#[test]
fn during_a_change_of_the_key_each_step_understands_the_step_before_and_after_it() {
    let both = |own, second| under(&clock()).with_sync_key(own).also_accept_sync_key(second).build().unwrap();
    let steps = [with_key(OLD), both(OLD, NEW), both(NEW, OLD), with_key(NEW)];
    for (from_step, from) in steps.iter().enumerate() {
        from.record(format!("step {from_step}"));
        for (to_step, to) in steps.iter().enumerate() {
            let news = to.knowledge().and_then(|state| from.export_since(&state));
            let merged = news.and_then(|bytes| to.merge_bytes(&bytes));
            assert_eq!(
                merged.is_ok(),
                from_step.abs_diff(to_step) <= 1,
                "{from_step} to {to_step}: {merged:?}"
            );
        }
    }
}

#[test]
fn a_second_key_without_a_first_is_an_error() {
    let built = EventStore::builder().also_accept_sync_key(OLD).build();
    assert!(matches!(built, Err(Error::ConfigMismatch(_))));
}

#[test]
fn counters_and_stores_are_merged_without_a_key() {
    let (phone, tablet) = (counted(OLD), in_memory(&clock()));
    tablet.merge_all(phone.export_all().unwrap()).unwrap();
    assert_eq!(ever(&tablet, "secret name"), Some(3));
    phone.record("secret name");
    with_key(NEW).import_all(phone.export_dirty().unwrap()).unwrap();
    let other = with_key(NEW);
    other.merge(phone).unwrap();
    assert_eq!(ever(&other, "secret name"), Some(4));
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn the_storage_is_not_sealed_so_a_key_can_be_added_later() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("launch");
    store.close().unwrap();
    let store = under(&clock).with_storage(storage).with_sync_key(NEW).build().unwrap();
    let report = with_key(NEW).merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!(report.events_changed, 1);
}

#[test]
fn no_text_shows_a_key() {
    let builder = EventStore::builder().with_sync_key([0xAB; 32]).also_accept_sync_key([0xAB; 32]);
    let text = format!("{builder:?} {:?}", with_key([0xAB; 32]));
    assert!(!text.contains("171") && !text.to_lowercase().contains("ab, ab"), "{text}");
}
