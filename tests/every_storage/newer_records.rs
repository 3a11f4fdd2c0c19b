//! Records of a store that a newer version of the library wrote.

use tiny_counter::Error;

use super::common::clock;
use super::home::Home;
use super::missing_records::fill;

#[test]
fn a_record_of_a_newer_version_is_an_error_and_nothing_is_changed() {
    for home in Home::of_storages() {
        let clock = clock();
        fill(&home, &clock);
        for key in ["~store", "~erased-0", "~lanes-0", "~claims-0", "~names-0", "~reserved-0"] {
            let intact = home.storage().load(key).unwrap().unwrap();
            let mut newer = intact.clone();
            newer[4] = 2;
            home.storage().save(key, newer.clone()).unwrap();
            match home.builder(&clock).build() {
                Err(Error::Incompatible { found: 2, supported: 1, event: None, .. }) => {}
                other => panic!("{key} {home:?}: {other:?}"),
            }
            assert_eq!(home.storage().load(key).unwrap(), Some(newer), "{key} {home:?}");
            home.storage().save(key, intact).unwrap();
        }
        assert!(home.open(&clock).health().losses.is_empty(), "{home:?}");
    }
}
