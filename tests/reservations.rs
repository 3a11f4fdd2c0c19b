//! Reservations that live as long as their process.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use common::stores::{clock, in_memory};
use tiny_counter::{Error, TimeUnit};

#[test]
fn a_reservation_counts_for_at_most_until_it_is_committed_or_cancelled() {
    let store = in_memory(&clock());
    let limit = || store.limit().at_most("x", 2, TimeUnit::Days);
    let first = limit().reserve("x").unwrap();
    let second = limit().reserve("x").unwrap();
    assert!(limit().reserve("x").is_err());
    assert!(!store.limit().at_least("x", 1, TimeUnit::Days).allowed("x"), "a reservation is not an event");
    let usage = limit().usage("x").unwrap();
    assert_eq!((usage.count, usage.limit, usage.remaining), (2, 2, 0));
    first.commit();
    drop(second);
    assert_eq!(store.query("x").ever().sum(), Some(1));
    assert_eq!(limit().usage("x").unwrap().remaining, 1);
    assert!(matches!(limit().usage("y"), Err(Error::EventNotFound(name)) if name == "y"));
}
