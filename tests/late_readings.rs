//! A clock of the app whose readings are wrong once, or come late.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use chrono::{DateTime, Duration, Utc};
use common::*;
use tiny_counter::{Clock, EventStore, TestClock, TimeUnit};

/// A reading that is not right.
enum Reading {
    /// An hour too low. The clock uses the store meanwhile.
    Wrong,
    /// Right, but before it returns five seconds pass and the store reads the clock for another
    /// call.
    Overtaken,
}

struct LateClock {
    right: TestClock,
    /// The next readings. Those that follow are right.
    next: Mutex<VecDeque<Reading>>,
    store: OnceLock<Weak<EventStore>>,
}

impl Clock for LateClock {
    fn now(&self) -> DateTime<Utc> {
        let next = self.next.lock().unwrap().pop_front();
        let now = self.right.now();
        match (next, self.store.get().and_then(Weak::upgrade)) {
            (Some(Reading::Wrong), Some(store)) => {
                let _ = store.is_dirty();
                now - Duration::hours(1)
            }
            (Some(Reading::Overtaken), Some(store)) => {
                self.right.advance(Duration::seconds(5));
                let _ = store.health();
                now
            }
            _ => now,
        }
    }
}

/// A store that has counted "tap" once, and whose next readings of the clock are `next`.
fn store_before(next: impl IntoIterator<Item = Reading>) -> Arc<EventStore> {
    let (next, store) = (next.into_iter().collect(), OnceLock::new());
    let clock = Arc::new(LateClock { right: clock_at(noon()), next: Mutex::default(), store });
    let store = Arc::new(EventStore::builder().with_clock(clock.clone()).build().unwrap());
    store.record("tap");
    clock.store.set(Arc::downgrade(&store)).unwrap();
    *clock.next.lock().unwrap() = next;
    store
}

const OPERATIONS: [fn(&EventStore); 10] = [
    |store| store.record("tap"),
    |store| store.record_ago("tap", Duration::zero()),
    |store| store.record_at("tap", noon()).unwrap(),
    |store| _ = store.health(),
    |store| assert!(store.query("tap").last_seen() <= Some(Duration::seconds(5))),
    |store| assert_eq!(store.query_many(&["tap"]).last_minutes(1).sum(), Some(1)),
    |store| assert!(!store.limit().at_most("tap", 1, TimeUnit::Minutes).allowed("tap")),
    |store| store.limit().at_most("tap", 2, TimeUnit::Days).reserve("tap").unwrap().commit(),
    |store| _ = store.limit().at_most("tap", 2, TimeUnit::Days).reserve_for("tap", Duration::days(1)),
    |store| store.balance_delta("tap", "other").unwrap(),
];

fn check_no_step(readings: impl Fn() -> Vec<Reading>) {
    for (place, operation) in OPERATIONS.iter().enumerate() {
        let store = store_before(readings());
        operation(&store);
        assert_eq!(store.health().clock_went_back, None, "operation {place}");
        let lifetime = u32::try_from(store.query("tap").lifetime().unwrap()).unwrap();
        assert_eq!(store.query("tap").last_hours(2).into_buckets(), [lifetime, 0], "operation {place}");
    }
}

#[test]
fn a_reading_that_is_wrong_once_opens_no_step() {
    check_no_step(|| vec![Reading::Wrong]);
}

#[test]
fn a_reading_that_comes_after_a_later_one_opens_no_step() {
    check_no_step(|| vec![Reading::Overtaken]);
    check_no_step(|| vec![Reading::Wrong, Reading::Overtaken]);
    check_no_step(|| vec![Reading::Overtaken, Reading::Wrong]);
}

#[test]
fn a_clock_that_shows_an_earlier_time_twice_went_back() {
    let reading: [fn(&EventStore); 3] = [
        |store| store.record("tap"),
        |store| _ = store.health(),
        |store| _ = store.limit().at_most("tap", 1, TimeUnit::Minutes).allowed("tap"),
    ];
    for operation in reading {
        let store = store_before([Reading::Wrong, Reading::Wrong]);
        operation(&store);
        assert!(store.health().clock_went_back.is_none(), "it is right again");
        let store = store_before([Reading::Wrong, Reading::Wrong, Reading::Wrong]);
        operation(&store);
        assert_eq!(store.health().clock_went_back, Some(noon() - Duration::hours(1)));
    }
}
