//! A storage from which so much was removed that the rest looks like a new or smaller store.

use std::fs;
use std::path::Path;

use tiny_counter::storage::FilePerEvent;
use tiny_counter::{Storage, TimeUnit};

use super::common::{clock, ever, under};
use super::home::Home;
use super::kill_run::open;
use super::missing_records::lost;
use super::own_storage::OwnStorage;

/// Removes the files of all events and records, and leaves the lock file.
fn empty(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().unwrap() != "lock" {
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(fs::read_dir(dir).unwrap().count(), 1);
}

#[test]
fn an_emptied_folder_of_files_is_a_loss_until_it_is_acknowledged() {
    for round in 0..3 {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        let open =
            || under(&clock).with_storage(FilePerEvent::new(dir.path(), "Bin").unwrap()).build().unwrap();
        let store = open();
        store.record("a");
        store.close().unwrap();
        empty(dir.path());
        for _ in 0..round {
            let store = open();
            assert_eq!(lost(&store), [None]);
            assert!(!store.limit().at_most("a", 100, TimeUnit::Ever).allowed("a"));
            store.record("b");
        }
        let store = open();
        assert_eq!((lost(&store), ever(&store, "a")), (vec![None], None));
        store.acknowledge_loss().unwrap();
        drop(store);
        let store = open();
        assert_eq!((lost(&store), ever(&store, "b")), (vec![], (round > 0).then_some(round)));
    }
}

#[test]
fn a_folder_of_files_in_which_nothing_was_stored_yet_is_new() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let open = |extension: &str| {
        under(&clock).with_storage(FilePerEvent::new(dir.path(), extension).unwrap()).build().unwrap()
    };
    for _ in 0..3 {
        assert!(lost(&open("bin")).is_empty());
    }
    // The first write of a store is interrupted.
    let mut files = FilePerEvent::new(dir.path(), "bin").unwrap();
    files.save("~unfinished", Vec::new()).unwrap();
    files.sync().unwrap();
    drop(files);
    assert!(lost(&open("bin")).is_empty());
    let store = open("bin");
    store.record("a");
    store.close().unwrap();
    // Another store in the same folder.
    assert!(lost(&open("BIN")).is_empty() && lost(&open("other")).is_empty());
    // The app itself removes everything.
    let mut files = FilePerEvent::new(dir.path(), "bin").unwrap();
    for key in files.list_keys().unwrap() {
        files.delete(&key).unwrap();
    }
    drop(files);
    assert!(lost(&open("bin")).is_empty());
}

#[test]
fn a_last_page_of_names_that_was_removed_with_its_events_is_a_loss() {
    for home in Home::of_storages() {
        let clock = clock();
        let store = home.open(&clock);
        for number in 0..600 {
            store.record(format!("{number:03}"));
        }
        store.close().unwrap();
        for (page, left) in [(2, 512), (1, 256)] {
            let mut storage = home.storage();
            storage.delete(&format!("~names-{page}")).unwrap();
            for number in left..left + 256 {
                storage.delete(&format!("{number:03}")).unwrap();
            }
            drop(storage);
            let store = home.open(&clock);
            assert_eq!((lost(&store), store.events().len()), (vec![None], left), "{home:?}");
            store.acknowledge_loss().unwrap();
            store.close().unwrap();
            assert!(lost(&home.open(&clock)).is_empty(), "{home:?}");
        }
    }
}

#[test]
fn a_kill_while_a_page_of_names_is_added_is_no_loss() {
    let (clock, storage) = (clock(), OwnStorage::default());
    let store = open(&storage, &clock);
    for number in 0..256 {
        store.record(format!("{number:03}"));
    }
    store.persist().unwrap();
    storage.take_copies();
    for number in 256..260 {
        store.record(format!("{number:03}"));
    }
    store.persist().unwrap();
    let copies = storage.take_copies();
    assert!(copies.len() > 6 && copies.iter().any(|copy| copy.contains_key("~names-1")));
    for copy in copies {
        let store = open(&OwnStorage::holding(copy), &clock);
        assert!(lost(&store).is_empty());
        store.record("256");
        store.close().unwrap();
    }
}
