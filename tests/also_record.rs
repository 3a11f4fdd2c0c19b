//! `also_record`: a decision records further events in the same step.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::Arc;

use chrono::Duration;
use common::stores::{clock, in_memory};
use tiny_counter::{Error, EventStore, Limit, TimeUnit};

/// One of each message a day, three messages in all.
fn message(event: &str) -> Limit {
    let limit = Limit::new().at_most(event, 1, TimeUnit::Days).at_most("message", 3, TimeUnit::Days);
    limit.also_record("message")
}

fn lifetime(store: &EventStore, event: &str) -> u64 {
    store.query(event).lifetime().unwrap_or(0)
}

#[test]
fn a_cap_for_each_message_and_a_cap_for_all_are_one_decision() {
    let store = in_memory(&clock());
    let show = |event: &str| store.prepare(message(event)).unwrap().check_and_record(event).is_ok();
    assert!(show("tip") && show("offer") && !show("tip") && show("news"));
    assert!(!show("survey"), "three messages in all");
    assert_eq!((lifetime(&store, "message"), lifetime(&store, "survey")), (3, 0));
    let chain = store.limit().at_most("message", 4, TimeUnit::Days).also_record("message");
    chain.clone().check("survey").unwrap();
    assert_eq!(lifetime(&store, "message"), 3, "a check records nothing");
    chain.check_and_record("survey").unwrap();
    assert_eq!(lifetime(&store, "message"), 4);
}

#[test]
fn threads_cannot_race_past_the_cap_for_all() {
    let store = Arc::new(in_memory(&clock()));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let event = format!("message {thread}");
            let limit = Limit::new().at_most("message", 20, TimeUnit::Ever).also_record("message");
            let limit = store.prepare(limit).unwrap();
            std::thread::spawn(move || (0..10).filter(|_| limit.check_and_record(&event).is_ok()).count())
        })
        .collect();
    let shown: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!((shown, lifetime(&store, "message")), (20, 20));
}

#[test]
fn a_reservation_reserves_every_event() {
    let store = in_memory(&clock());
    let prepared = |event: &str| store.prepare(message(event)).unwrap();
    let tip = prepared("tip").reserve("tip").unwrap();
    let offer = prepared("offer").reserve("offer").unwrap();
    let news = prepared("news").reserve("news").unwrap();
    assert!(!prepared("survey").allowed("survey"), "three are pending");
    assert!(!prepared("tip").allowed("tip"));
    offer.cancel();
    assert_eq!((store.query("offer").lifetime(), lifetime(&store, "message")), (Some(0), 0));
    assert!(prepared("survey").allowed("survey"));
    tip.try_commit().unwrap();
    news.commit();
    assert_eq!((lifetime(&store, "tip"), lifetime(&store, "news"), lifetime(&store, "message")), (1, 1, 2));
    let usage = store.limit().at_most("message", 3, TimeUnit::Days).usage("message").unwrap();
    assert_eq!(usage.count, 2, "nothing is pending any more");
}

#[test]
fn a_stored_reservation_reserves_every_event_until_it_ends_or_expires() {
    let clock = clock();
    let store = in_memory(&clock);
    let reserve = |event: &str| store.prepare(message(event)).unwrap().reserve_for(event, Duration::hours(1));
    let (tip, offer, news) = (reserve("tip").unwrap(), reserve("offer").unwrap(), reserve("news").unwrap());
    assert!(reserve("survey").is_err());
    let pending: Vec<_> = store.reservations().into_iter().map(|one| (one.key, one.event_id)).collect();
    let names = ["tip", "offer", "news"].map(str::to_owned);
    assert_eq!(pending, [tip, offer, news].into_iter().zip(names).collect::<Vec<_>>());
    store.commit_reservation(tip).unwrap();
    store.cancel_reservation(offer).unwrap();
    assert!(store.commit_reservation(tip).is_err() && store.cancel_reservation(offer).is_err());
    assert_eq!((lifetime(&store, "tip"), lifetime(&store, "offer"), lifetime(&store, "message")), (1, 0, 1));
    clock.advance(Duration::hours(1));
    assert!(store.commit_reservation(news).is_err());
    assert_eq!(lifetime(&store, "message"), 1);
    let usage = store.limit().at_most("message", 3, TimeUnit::Days).usage("message").unwrap();
    assert_eq!(usage.count, 1, "the expired one gave back both");
}

#[test]
fn what_a_stored_reservation_also_records_takes_room_of_its_own() {
    let store = in_memory(&clock());
    let reserve = |event: &str| {
        let limit = Limit::new().also_record("a").also_record("b").also_record("c");
        store.prepare(limit).unwrap().reserve_for(event, Duration::hours(1))
    };
    let keys: Vec<_> = (0..64).map(|_| reserve("tip").unwrap()).collect();
    assert!(matches!(reserve("tip"), Err(Error::Storage(_))), "256 events are reserved");
    assert!(matches!(store.limit().reserve_for("tip", Duration::hours(1)), Err(Error::Storage(_))));
    store.cancel_reservation(keys[0]).unwrap();
    reserve("tip").unwrap();
    assert_eq!(store.reservations().len(), 64);
}

#[test]
fn what_is_erased_meanwhile_is_counted_by_a_commit_only() {
    let store = in_memory(&clock());
    let reserve = || store.prepare(message("tip")).unwrap().reserve("tip").unwrap();
    let kept = reserve();
    store.erase_event("message").unwrap();
    kept.cancel();
    assert_eq!((store.query("tip").lifetime(), store.query("message").lifetime()), (Some(0), None));
    let kept = reserve();
    store.erase_event("message").unwrap();
    kept.commit();
    assert_eq!((lifetime(&store, "tip"), lifetime(&store, "message")), (1, 1));
}

#[test]
fn naming_the_event_of_the_decision_is_an_error() {
    let store = in_memory(&clock());
    let itself = || store.limit().also_record("x");
    let is_invalid = |result: Result<(), Error>| {
        assert!(matches!(result, Err(Error::InvalidArgument(_))), "{result:?}");
    };
    is_invalid(itself().check("x"));
    is_invalid(itself().check_and_record("x"));
    is_invalid(itself().reserve("x").map(|_| ()));
    is_invalid(itself().reserve_for("x", Duration::days(1)).map(|_| ()));
    assert!(!itself().allowed("x"));
    let prepared = store.prepare(Limit::new().also_record("x")).unwrap();
    is_invalid(prepared.check_and_record("x"));
    prepared.check_and_record("y").unwrap();
    is_invalid(itself().also_record("x").check("y"));
    let long = store.limit().also_record("x".repeat(1_025)).check_and_record("y");
    assert!(matches!(long, Err(Error::InvalidEvent { .. })), "{long:?}");
    assert_eq!((lifetime(&store, "x"), lifetime(&store, "y")), (1, 1));
}
