//! The stores that are compared.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use tiny_counter::storage::MemoryStorage;
use tiny_counter::{EventStore, TestClock};
use tiny_counter_published::EventStore as Published;
use tiny_counter_published::TestClock as PublishedClock;
use tiny_counter_published::storage::MemoryStorage as PublishedMemory;

pub const EVENTS: usize = 1_000;

/// What happened to each event: recordings evenly spread over the days before the end, each
/// followed by a persist, as in an app.
pub struct History {
    pub name: &'static str,
    records: i64,
    days: i64,
    /// Its export should have one byte for this many of 0.1.0.
    pub goal: u32,
}

pub const HISTORIES: [History; 3] = [
    History { name: "one record", records: 1, days: 0, goal: 12 },
    History { name: "60 records over 300 days", records: 60, days: 300, goal: 7 },
    History { name: "3 per day for two years", records: 3 * 730, days: 730, goal: 4 },
];

impl History {
    /// How long before the end each recording is, oldest first.
    fn times(&self) -> impl Iterator<Item = Duration> + '_ {
        (0..self.records).rev().map(|i| Duration::minutes(self.days * 1_440 * i / self.records))
    }
}

pub fn names() -> impl Iterator<Item = String> {
    (0..EVENTS).map(|number| format!("event_{number:04}"))
}

fn end() -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_248_000, 0).unwrap()
}

macro_rules! history {
    ($store:ty, $clock:ty, $storage:ty, $history:expr) => {{
        let mut now = end() - Duration::days(1_000);
        let clock = <$clock>::build_for_testing_at(now);
        let builder = <$store>::builder().with_clock(Arc::new(clock.clone()));
        let store = builder.with_storage(<$storage>::new()).build().unwrap();
        let names: Vec<String> = names().collect();
        for ago in $history.times() {
            clock.advance(end() - ago - now);
            now = end() - ago;
            names.iter().for_each(|name| store.record(name));
            store.persist().unwrap();
        }
        (clock, store)
    }};
}

pub fn ours(history: &History) -> (TestClock, EventStore) {
    history!(EventStore, TestClock, MemoryStorage, history)
}

pub fn published(history: &History) -> Published {
    history!(Published, PublishedClock, PublishedMemory, history).1
}

/// A store with one event that `devices` devices recorded on each of 50 days and in each of 50
/// minutes.
pub fn devices(devices: usize) -> EventStore {
    devices_after(devices, 0)
}

/// The same, and as many other devices as `gone` stopped counting three years before.
pub fn devices_after(devices: usize, gone: usize) -> EventStore {
    let clock = TestClock::build_for_testing_at(end());
    let new = || EventStore::builder().with_clock(Arc::new(clock.clone())).build().unwrap();
    let past: Vec<EventStore> = (0..gone).map(|_| new()).collect();
    past.iter().for_each(|store| store.record_count("event_0000", 50));
    clock.advance(Duration::days(3 * 365));
    let stores: Vec<EventStore> = (0..devices).map(|_| new()).collect();
    let record = |step: Duration| {
        for _ in 0..50 {
            clock.advance(step);
            stores.iter().for_each(|store| store.record("event_0000"));
        }
    };
    record(Duration::days(1));
    record(Duration::minutes(1));
    let mut stores = stores.into_iter();
    let first = stores.next().unwrap();
    stores.chain(past).for_each(|store| {
        first.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    });
    first
}
