//! What `health` says of a storage that fails.

use super::common::*;

#[test]
fn a_failed_read_is_forgotten_after_a_good_one() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record("x");
    store.record("y");
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    storage.set_loading(false);
    assert!(store.query("x").try_lifetime().is_err());
    assert!(store.health().storage_fails);
    storage.set_loading(true);
    assert_eq!(store.query("y").try_lifetime().unwrap(), Some(1));
    assert!(!store.health().storage_fails);
}

#[test]
fn a_storage_that_can_be_read_fails_until_it_is_written() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    for event in ["x", "y", "z"] {
        store.record(event);
    }
    store.close().unwrap();
    let store = on_storage(&clock, &storage);
    storage.set_saving(false);
    store.record("x");
    assert!(store.persist().is_err());
    assert!(store.health().storage_fails);
    assert_eq!(store.query("y").try_lifetime().unwrap(), Some(1));
    assert!(store.health().storage_fails, "a good read does not make it writable");
    storage.set_saving(true);
    store.persist().unwrap();
    assert!(!store.health().storage_fails);
}
