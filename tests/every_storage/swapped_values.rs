//! A storage in which the values of two keys were swapped.

use tiny_counter::Error;

use super::common::{clock, ever};
use super::home::Home;
use super::missing_records::{event_of, fill, lost};

#[test]
fn values_that_were_swapped_are_noticed_for_every_pair_of_keys() {
    for home in Home::of_storages() {
        let clock = clock();
        fill(&home, &clock);
        let mut keys = home.storage().list_keys().unwrap();
        keys.sort();
        assert!(keys.len() >= 8, "{keys:?}");
        for (at, first) in keys.iter().enumerate() {
            for second in &keys[at + 1..] {
                let (copy, context) = (home.copy(), format!("{first} {second} {home:?}"));
                let mut storage = copy.storage();
                let [one, other] = [first, second].map(|key| storage.load(key).unwrap().unwrap());
                storage.save(first, other).unwrap();
                storage.save(second, one).unwrap();
                drop(storage);
                let store = copy.open(&clock);
                let (records, events): (Vec<&str>, Vec<&str>) =
                    [&**first, second].into_iter().partition(|key| event_of(key).is_none());
                let events: Vec<&str> = events.into_iter().filter_map(event_of).collect();
                for event in ["a", "b"] {
                    match store.query(event).try_lifetime() {
                        Ok(lifetime) => {
                            assert_eq!((lifetime, events.contains(&event)), (Some(5), false), "{context}")
                        }
                        Err(Error::Corrupt { event: named, .. }) => {
                            assert_eq!(
                                (named.as_deref(), events.contains(&event)),
                                (Some(event), true),
                                "{context}"
                            );
                        }
                        Err(error) => panic!("{context}: {error:?}"),
                    }
                }
                let is_loss = lost(&store).contains(&None);
                assert_eq!(is_loss, records.iter().any(|key| *key != "~claims-0"), "{context}");
            }
        }
    }
}

#[test]
fn a_value_that_was_copied_to_another_key_counts_nothing() {
    for home in Home::of_storages() {
        let clock = clock();
        fill(&home, &clock);
        let value = home.storage().load("a").unwrap().unwrap();
        home.storage().save("copied", value).unwrap();
        let store = home.open(&clock);
        assert_eq!((ever(&store, "a"), ever(&store, "copied")), (Some(5), None), "{home:?}");
        assert_eq!(store.health().quarantined, ["copied"], "{home:?}");
    }
}
