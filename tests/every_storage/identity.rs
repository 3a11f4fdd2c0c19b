//! Identity files: whether a store is the original or a copy.

use std::fs;
use std::path::Path;

use chrono::Duration;
use tiny_counter::Storage;

use super::common::{clock, ever, in_memory, sync, under};
use super::home::Home;
use super::own_storage::OwnStorage;

#[test]
fn a_store_with_its_identity_file_remains_the_same_replica() {
    for home in Home::all() {
        let (clock, apart) = (clock(), tempfile::tempdir().unwrap());
        let token = apart.path().join("token");
        for count in 1..4 {
            let store = home.open_with_identity(&clock, &token);
            store.record("a");
            assert_eq!(store.export_all().unwrap()["a"].replicas(), 1, "{home:?}");
            assert_eq!(ever(&store, "a"), Some(count), "{home:?}");
            assert!(store.health().losses.is_empty(), "{home:?}");
        }
    }
}

#[test]
fn a_copy_under_another_identity_merges_with_the_original_and_counts_nothing_twice() {
    for has_other_token in [false, true] {
        for home in Home::all() {
            let (clock, apart) = (clock(), tempfile::tempdir().unwrap());
            let [old, new] = ["old", "new"].map(|name| apart.path().join(name));
            let store = home.open_with_identity(&clock, &old);
            store.record_count("a", 10);
            store.close().unwrap();
            let restored = home.copy();
            if has_other_token {
                fs::write(&new, [7; 16]).unwrap();
            }
            let store = home.open_with_identity(&clock, &old);
            store.record_count("a", 5);
            for _ in 0..2 {
                let copied = restored.open_with_identity(&clock, &new);
                assert!(copied.health().losses.is_empty(), "{home:?}");
                copied.record_count("a", 100);
            }
            let copied = restored.open_with_identity(&clock, &new);
            sync(&store, &copied);
            assert_eq!((ever(&store, "a"), ever(&copied, "a")), (Some(215), Some(215)), "{home:?}");
            assert_eq!(store.export_all().unwrap()["a"].replicas(), 2, "{home:?}");
        }
    }
}

#[test]
fn an_identity_file_without_its_store_is_a_loss() {
    for home in Home::all() {
        let (clock, apart) = (clock(), tempfile::tempdir().unwrap());
        let token = apart.path().join("token");
        drop(home.open_with_identity(&clock, &token));
        let missing = Home::new(home.kind);
        for _ in 0..2 {
            let losses = missing.open_with_identity(&clock, &token).health().losses;
            assert_eq!(losses.len(), 1, "{home:?}");
            assert_eq!(losses[0].event, None, "{home:?}");
        }
        assert!(home.open_with_identity(&clock, &token).health().losses.is_empty(), "{home:?}");
    }
}

#[test]
fn a_store_killed_while_it_gets_its_identity_remains_the_same_device() {
    for is_new in [false, true] {
        let (clock, storage) = (clock(), OwnStorage::default());
        let open = |storage: &OwnStorage, file: &Path| {
            under(&clock).with_storage(storage.clone()).with_identity(file).build().unwrap()
        };
        if !is_new {
            let store = under(&clock).with_storage(storage.clone()).build().unwrap();
            store.record("a");
            store.limit().reserve_for("a", Duration::hours(1)).unwrap();
        }
        let before = storage.take_copies().pop().unwrap_or_default();
        let apart = tempfile::tempdir().unwrap();
        let token = apart.path().join("token");
        drop(open(&storage, &token));
        let copies = storage.take_copies();
        // The token is written to the store, then to its file, then the store notes the file.
        let first = copies.iter().position(|copy| copy.get("~store") != before.get("~store")).unwrap();
        assert!(copies.len() > first + 1);
        let without_token = [before].into_iter().chain(copies[..=first].to_vec()).map(|copy| (copy, false));
        let with_token = copies[first..].iter().cloned().map(|copy| (copy, true));
        for (number, (values, has_token)) in without_token.chain(with_token).enumerate() {
            let (killed, there) = (OwnStorage::holding(values), apart.path().join(format!("{number}")));
            if has_token {
                fs::copy(&token, &there).unwrap();
            }
            for count in 1..3 {
                let store = open(&killed, &there);
                assert!(store.health().losses.is_empty(), "{is_new} {number} {has_token}");
                assert_eq!(store.reservations().len(), usize::from(!is_new), "{is_new} {number}");
                store.record("a");
                assert_eq!(ever(&store, "a"), Some(count + u32::from(!is_new)), "{is_new} {number}");
                let replicas = store.export_all().unwrap()["a"].replicas();
                assert_eq!(replicas, 1, "{is_new} {number} {has_token}");
            }
        }
    }
}

#[test]
fn what_a_restored_copy_lost_comes_back_with_a_delta_after_a_kill_while_it_was_opened() {
    let (clock, storage, peer) = (clock(), OwnStorage::default(), in_memory(&clock()));
    let apart = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| apart.path().join(name));
    let open = |storage: &OwnStorage, file: &Path| {
        under(&clock).with_storage(storage.clone()).with_identity(file).build().unwrap()
    };
    peer.record_count("a", 9);
    let store = open(&storage, &old);
    store.record("b");
    store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
    store.close().unwrap();
    storage.clone().delete("~others-a").unwrap();
    storage.take_copies();
    let opened = open(&storage, &new);
    let copies = storage.take_copies();
    assert!(copies.len() >= 3);
    drop(opened);
    for (copy, values) in copies.into_iter().enumerate() {
        let store = open(&OwnStorage::holding(values), &new);
        assert_eq!(store.health().losses.len(), 1, "{copy}");
        store.merge_bytes(&peer.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
        assert_eq!(ever(&store, "a"), Some(9), "{copy}");
    }
}
