//! Counts, names, losses and the state of the clock after a reopening.

use chrono::Duration;
use tiny_counter::{EventStore, TimeUnit};

use super::common::{clock, ever, in_memory, noon};
use super::home::Home;

fn answers(store: &EventStore) -> String {
    let x = || store.query("x");
    let buckets = [x().last_days(56).into_buckets(), x().last_months(12).into_buckets()];
    format!("{:?} {:?} {:?} {buckets:?}", x().lifetime(), x().last_seen(), x().first_seen())
}

#[test]
fn counts_survive_a_reopening() {
    for home in Home::all() {
        let (clock, peer) = (clock(), in_memory(&clock()));
        peer.record_count("x", 7);
        let store = home.open(&clock);
        store.record_count("x", 3);
        store.record_count_ago("x", 2, Duration::days(5));
        store.record_count("zero", 0);
        store.merge_bytes(&peer.export_bytes().unwrap()).unwrap();
        let before = answers(&store);
        store.close().unwrap();
        for _ in 0..2 {
            let store = home.open(&clock);
            assert_eq!(answers(&store), before, "{home:?}");
            assert_eq!((store.query("x").lifetime(), ever(&store, "zero")), (Some(12), Some(0)), "{home:?}");
            assert_eq!(store.events(), ["x", "zero"], "{home:?}");
            assert!(store.health().losses.is_empty(), "{home:?}");
        }
    }
}

#[test]
fn names_that_resemble_reserved_keys_are_names() {
    let long = ["a".repeat(1_024), "~".repeat(1_024)];
    let mut names = vec!["", "~", "~~", "~store", "~~store", "~~names-0", "~erased-0", "~reserved-0"];
    names.extend(long.iter().map(String::as_str));
    names.sort_unstable();
    for home in Home::all() {
        let clock = clock();
        let store = home.open(&clock);
        for (count, name) in (1..).zip(&names) {
            store.record_count(*name, count);
        }
        let key = store.limit().reserve_for("~reserved-0", Duration::hours(1)).unwrap();
        store.close().unwrap();
        let store = home.open(&clock);
        assert_eq!(store.events(), names, "{home:?}");
        for (count, name) in (1..).zip(&names) {
            assert_eq!(ever(&store, name), Some(count), "{home:?} {name}");
        }
        store.commit_reservation(key).unwrap();
        for name in ["~store", "~~names-0", ""] {
            assert!(store.erase_event(name).unwrap().is_some());
        }
        store.close().unwrap();
        let store = home.open(&clock);
        assert_eq!(store.events().len(), names.len() - 3, "{home:?}");
        assert_eq!(ever(&store, "~store"), None, "{home:?}");
        let reserved = (1..).zip(&names).find(|(_, name)| **name == "~reserved-0").unwrap().0;
        assert_eq!(ever(&store, "~reserved-0"), Some(reserved + 1), "{home:?}");
        assert!(store.health().losses.is_empty(), "{home:?}");
    }
}

#[test]
fn a_loss_is_reported_after_a_reopening_until_it_is_acknowledged() {
    for home in Home::all() {
        let (clock, apart) = (clock(), tempfile::tempdir().unwrap());
        let token = apart.path().join("token");
        Home::new(home.kind).open_with_identity(&clock, &token).record("x");
        // The token is there, but its store is missing.
        let store = home.open_with_identity(&clock, &token);
        store.record("x");
        store.close().unwrap();
        let refuses = |store: &EventStore| !store.limit().at_most("x", 9, TimeUnit::Ever).allowed("x");
        for _ in 0..2 {
            clock.advance(Duration::hours(1));
            let store = home.open(&clock);
            let losses = store.health().losses;
            assert_eq!((losses.len(), losses[0].noticed), (1, noon()), "{home:?}");
            assert!(losses[0].event.is_none() && refuses(&store), "{home:?}");
        }
        let store = home.open(&clock);
        store.acknowledge_loss().unwrap();
        assert!(store.health().losses.is_empty() && !refuses(&store), "{home:?}");
        store.close().unwrap();
        let store = home.open_with_identity(&clock, &token);
        assert!(store.health().losses.is_empty() && !refuses(&store), "{home:?}");
        assert_eq!(ever(&store, "x"), Some(1), "{home:?}");
    }
}

#[test]
fn a_clock_that_went_back_is_still_known_after_a_reopening() {
    for home in Home::all() {
        let clock = clock();
        clock.advance(Duration::days(10));
        let store = home.open(&clock);
        store.record("x");
        store.close().unwrap();
        clock.set(noon());
        let store = home.open(&clock);
        store.record("y");
        assert_eq!(store.health().clock_went_back, Some(noon()), "{home:?}");
        store.close().unwrap();
        clock.advance(Duration::hours(1));
        let store = home.open(&clock);
        assert_eq!(store.health().clock_went_back, Some(noon()), "{home:?}");
        assert_eq!(store.query("x").last_seen(), Some(Duration::hours(1)), "{home:?}");
        clock.advance(Duration::days(11));
        assert_eq!(store.health().clock_went_back, None, "{home:?}");
    }
}
