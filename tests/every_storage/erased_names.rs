//! What a storage still holds of erased events: nothing after the next persist.

use chrono::Duration;
use tiny_counter::{EventStore, TestClock};

use super::common::{clock, ever, in_memory};
use super::home::{Home, Kind};

/// A part of every erased name. The files that stay must not hold it anywhere.
const SECRET: &str = "secret";

/// A store with some events, of which two have a secret name. One of these has a reservation.
fn filled(home: &Home, clock: &TestClock) -> EventStore {
    let store = home.open(clock);
    fill(&store);
    store
}

fn fill(store: &EventStore) {
    for name in ["app_launch", "secret visit", "tap", "~secret"] {
        store.record_count(name, 3);
    }
    store.persist().unwrap();
    store
        .limit()
        .at_most("secret visit", 9, Duration::days(1))
        .reserve_for("secret visit", Duration::hours(2))
        .unwrap();
    store.persist().unwrap();
}

fn erase_both(store: &EventStore) {
    for name in ["secret visit", "~secret"] {
        assert_eq!(store.erase_event(name).unwrap().unwrap().lifetime(), 3);
    }
}

/// Checks that nothing is left of the secret names, and that the other events are as they were.
fn check(home: &Home, clock: &TestClock, store: Option<EventStore>) {
    assert!(!home.holds(SECRET), "{home:?}");
    drop(store);
    assert!(!home.holds(SECRET), "{home:?} after the close");
    let store = home.open(clock);
    assert_eq!(store.events(), ["app_launch", "tap"], "{home:?}");
    assert_eq!((ever(&store, "app_launch"), ever(&store, "tap")), (Some(3), Some(3)), "{home:?}");
    assert!(store.reservations().is_empty() && store.health().losses.is_empty(), "{home:?}");
}

#[test]
fn an_erased_name_is_in_no_file_after_the_next_persist() {
    for home in Home::all() {
        let clock = clock();
        let store = filled(&home, &clock);
        assert!(home.holds(SECRET), "{home:?}");
        erase_both(&store);
        // Where the erasure leaves nothing in the files, nothing is left to do.
        assert_eq!(store.is_dirty(), home.holds(SECRET), "{home:?}");
        store.persist().unwrap();
        assert!(!store.is_dirty(), "{home:?}");
        check(&home, &clock, Some(store));
    }
}

#[cfg(feature = "serde-json")]
#[test]
fn an_erased_name_is_in_no_json_after_the_next_persist() {
    use tiny_counter::formatter::JsonFormat;
    for home in Home::of_storages() {
        let clock = clock();
        let store = home.builder(&clock).with_format(JsonFormat).build().unwrap();
        fill(&store);
        assert!(home.holds(SECRET), "{home:?}");
        erase_both(&store);
        store.persist().unwrap();
        assert!(!home.holds(SECRET), "{home:?}");
    }
}

#[test]
fn an_erased_name_is_in_no_file_after_a_close() {
    for home in Home::all() {
        let clock = clock();
        let store = filled(&home, &clock);
        erase_both(&store);
        store.close().unwrap();
        check(&home, &clock, None);
    }
}

#[test]
fn erasing_several_events_leaves_no_name_in_a_file_when_it_returns() {
    for home in Home::all() {
        let clock = clock();
        let store = filled(&home, &clock);
        let removed = store.erase_events(["~secret", "secret visit", "~secret", "never"]).unwrap();
        assert_eq!(removed.len(), 2, "{home:?}");
        assert_eq!((removed["~secret"].lifetime(), removed["secret visit"].lifetime()), (3, 3), "{home:?}");
        check(&home, &clock, Some(store));
    }
}

#[test]
fn erasing_everything_leaves_no_name_in_a_file_when_it_returns() {
    for home in Home::all() {
        let clock = clock();
        let store = filled(&home, &clock);
        assert_eq!(store.erase_all().unwrap().len(), 4, "{home:?}");
        for name in [SECRET, "app_launch"] {
            assert!(!home.holds(name), "{home:?}");
        }
    }
}

#[test]
fn a_merged_erasure_leaves_no_name_in_a_file_after_the_next_persist() {
    for is_everything in [false, true] {
        for reopens in [false, true] {
            for home in Home::all() {
                let (clock, what) =
                    (clock(), format!("{home:?}, everything {is_everything}, reopens {reopens}"));
                let (mut store, peer) = (filled(&home, &clock), in_memory(&clock));
                peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
                match is_everything {
                    true => assert_eq!(peer.erase_all().unwrap().len(), 4),
                    false => erase_both(&peer),
                }
                if reopens {
                    store.close().unwrap();
                    store = home.open(&clock);
                }
                store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
                store.persist().unwrap();
                assert!(!home.holds(SECRET), "{what}");
                assert!(!store.is_dirty(), "{what}");
                if !is_everything {
                    check(&home, &clock, Some(store));
                }
            }
        }
    }
}

#[test]
fn a_kill_before_the_persist_leaves_the_removal_to_the_first_persist_after_it() {
    for home in Home::all() {
        let clock = clock();
        let store = filled(&home, &clock);
        erase_both(&store);
        let home = home.killed();
        drop(store);
        let store = home.open(&clock);
        assert_eq!(store.events(), ["app_launch", "tap"], "{home:?}");
        store.persist().unwrap();
        check(&home, &clock, Some(store));
    }
}

#[test]
fn a_kill_after_a_merged_erasure_leaves_the_removal_to_the_first_persist_after_it() {
    for home in Home::all() {
        let clock = clock();
        let (store, peer) = (filled(&home, &clock), in_memory(&clock));
        peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
        erase_both(&peer);
        store.close().unwrap();
        let store = home.open(&clock);
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        // A decision writes what was merged, but not the events that were not read.
        store.limit().at_most("tap", 9, Duration::days(1)).check_and_record("tap").unwrap();
        let home = home.killed();
        drop(store);
        let store = home.open(&clock);
        store.persist().unwrap();
        assert!(!home.holds(SECRET), "{home:?}");
        assert_eq!(store.events(), ["app_launch", "tap"], "{home:?}");
    }
}

#[test]
fn many_erased_names_among_many_others_are_in_no_file() {
    for home in Home::all() {
        let (clock, events) = (clock(), 1_200u32);
        let store = home.open(&clock);
        // Names in no order, so that the pages of a database are split and filled in every way.
        let order = |number: u32| (number * 7_919) % events;
        let name = |number: u32| match number % 3 {
            0 => format!("{number:x} secret {}", "x".repeat(number as usize % 90)),
            _ => format!("{number:x} public {}", "y".repeat(number as usize % 70)),
        };
        for number in 0..events {
            store.record(name(order(number)));
            if number % 200 == 0 {
                store.persist().unwrap();
            }
        }
        store.persist().unwrap();
        let secret: Vec<String> = (0..events).filter(|number| number % 3 == 0).map(name).collect();
        let (one_by_one, together) = secret.split_at(40);
        for name in one_by_one {
            assert!(store.erase_event(name).unwrap().is_some());
        }
        assert_eq!(store.erase_events(together).unwrap().len(), together.len(), "{home:?}");
        assert!(!home.holds(SECRET), "{home:?}");
        store.close().unwrap();
        assert_eq!(home.open(&clock).events().len(), events as usize - secret.len(), "{home:?}");
    }
}

#[test]
fn the_folders_of_an_erased_long_name_are_removed() {
    let (home, clock) = (Home::new(Kind::Files), clock());
    let store = home.open(&clock);
    let long = ["secret".repeat(80), "public".repeat(80)];
    long.iter().for_each(|name| store.record(name));
    store.persist().unwrap();
    store.erase_event(&long[0]).unwrap().unwrap();
    store.persist().unwrap();
    assert!(!home.holds(SECRET));
    store.close().unwrap();
    assert_eq!(home.open(&clock).events(), [long[1].clone()]);
}

#[test]
fn an_event_that_is_recorded_again_before_the_persist_keeps_its_new_counts() {
    for home in Home::all() {
        let clock = clock();
        let store = filled(&home, &clock);
        erase_both(&store);
        store.record("secret visit");
        store.persist().unwrap();
        store.close().unwrap();
        let store = home.open(&clock);
        assert_eq!(store.events(), ["app_launch", "secret visit", "tap"], "{home:?}");
        assert_eq!(ever(&store, "secret visit"), Some(1), "{home:?}");
    }
}
