//! A counter on its own: its answers, and its form as serde data.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::stores::{clock, in_memory, noon};
use tiny_counter::{SingleEventCounter, TimeUnit, Zone};

fn counter(days: &[i64]) -> SingleEventCounter {
    let store = in_memory(&clock());
    days.iter().for_each(|days| store.record_ago("x", Duration::days(*days)));
    store.export_all().unwrap().remove("x").unwrap()
}

#[test]
fn a_counter_gives_the_same_answers_as_its_store() {
    let (counter, utc) = (counter(&[0, 0, 1, 6, 300]), Zone::utc());
    assert_eq!(counter.sum(TimeUnit::Days, 0..7, noon(), &utc), 4);
    assert_eq!(counter.buckets(TimeUnit::Days, 0..3, noon(), &utc), [2, 1, 0]);
    assert_eq!(counter.sum(TimeUnit::Ever, 0..usize::MAX, noon(), &utc), 5);
    assert_eq!(counter.sum(TimeUnit::Seconds, 0..9, noon(), &utc), 0);
    let (later, earlier) = (5, 3);
    assert!(counter.buckets(TimeUnit::Days, later..earlier, noon(), &utc).is_empty());
    assert_eq!(counter.lifetime(), 5);
    assert_eq!(counter.last_seen(noon() + Duration::hours(5), &utc), Some(Duration::hours(5)));
    assert_eq!(counter.first_seen(noon(), &utc), Some(Duration::days(300)));
    assert_eq!(SingleEventCounter::default().last_seen(noon(), &utc), None);
}

#[test]
fn counters_merge_as_stores_do() {
    let [mut one, other] = [counter(&[0]), counter(&[1, 2])];
    assert!(one.merge(&other));
    assert!(!one.merge(&other));
    assert_eq!((one.lifetime(), one.replicas()), (3, 2));
}

#[cfg(feature = "serde-json")]
#[test]
fn a_counter_as_json_shows_plain_numbers_and_can_be_read_back() {
    let counter = counter(&[0, 1]);
    let text = serde_json::to_string(&counter).unwrap();
    assert!(text.contains(r#""unit":"Days","buckets":56,"counts":[[20257,1],[20256,1]]"#), "{text}");
    assert_eq!(serde_json::from_str::<SingleEventCounter>(&text).unwrap(), counter);
    for (good, bad) in
        [("[20257,1]", "[20256,1]"), ("[20257,1]", "[20257,0]"), ("\"stamp\":[1", "\"stamp\":[-1")]
    {
        assert!(serde_json::from_str::<SingleEventCounter>(&text.replace(good, bad)).is_err(), "{bad}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_counter_in_a_binary_format_is_one_byte_string_and_can_be_read_back() {
    let counter = counter(&[0, 1, 40]);
    let bytes = postcard::to_allocvec(&counter).unwrap();
    assert_eq!(postcard::from_bytes::<SingleEventCounter>(&bytes).unwrap(), counter);
    assert!(bytes.len() < 120, "{} bytes", bytes.len());
    // The length in the format's own encoding, and then only the string.
    let string: &[u8] = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(string.len(), bytes.len() - 1);
    for cut in 0..bytes.len() {
        assert!(postcard::from_bytes::<SingleEventCounter>(&bytes[..cut]).is_err(), "{cut}");
    }
}
