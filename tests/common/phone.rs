//! A phone: a store under test, and what it knows according to the model.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use tempfile::TempDir;
use tiny_counter::storage::MemoryStorage;
use tiny_counter::{Clock, EventStore, EventStoreBuilder, TestClock, Zone};

use super::model::{Knowledge, View, World, learn};
use super::shared_storage::SharedStorage;
use super::stores::{clock_at, under};
use super::trace::Row;
use super::unit::Unit;
use super::watch::Watch;
use super::zone::LocalZone;

/// The units that a builder tracks by default.
pub const DEFAULT_UNITS: [(Unit, usize); 6] = [
    (Unit::Minutes, 60),
    (Unit::Hours, 72),
    (Unit::Days, 56),
    (Unit::Weeks, 52),
    (Unit::Months, 12),
    (Unit::Years, 4),
];

/// All seven units with long windows.
pub const WIDE_UNITS: [(Unit, usize); 7] = [
    (Unit::Seconds, 100),
    (Unit::Minutes, 90),
    (Unit::Hours, 200),
    (Unit::Days, 400),
    (Unit::Weeks, 120),
    (Unit::Months, 40),
    (Unit::Years, 10),
];

/// All seven units with short windows, so that everything ages.
pub const NARROW_UNITS: [(Unit, usize); 7] = [
    (Unit::Seconds, 7),
    (Unit::Minutes, 3),
    (Unit::Hours, 5),
    (Unit::Days, 2),
    (Unit::Weeks, 1),
    (Unit::Months, 3),
    (Unit::Years, 2),
];

pub fn at_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap()
}

/// Where a phone keeps its events.
pub enum Home {
    Nowhere,
    Memory,
    /// A storage of keys and values that outlives its store.
    Shared(SharedStorage),
    Log(TempDir),
}

impl Home {
    pub fn shared() -> Home {
        Home::Shared(SharedStorage::default())
    }

    pub fn log() -> Home {
        Home::Log(tempfile::tempdir().unwrap())
    }
}

pub struct Phone {
    pub device: u32,
    pub knows: Knowledge,
    pub zone: LocalZone,
    pub tracked: Vec<(Unit, usize)>,
    clock: TestClock,
    watch: Cell<Watch>,
    home: Home,
    store: Option<EventStore>,
}

impl Phone {
    pub fn new(device: u32, zone: LocalZone, tracked: &[(Unit, usize)], home: Home) -> Phone {
        let clock = clock_at(at_millis(0));
        let mut phone = Phone {
            device,
            knows: Knowledge::new(),
            zone,
            tracked: tracked.to_vec(),
            clock,
            watch: Cell::new(Watch::new()),
            home,
            store: None,
        };
        phone.open();
        phone
    }

    fn open(&mut self) {
        let mut builder = under(&self.clock).with_zone(self.zone.public());
        if self.tracked != DEFAULT_UNITS {
            for (unit, buckets) in &self.tracked {
                builder = track(builder, *unit, *buckets);
            }
        }
        self.store = Some(match &self.home {
            Home::Nowhere => builder.build().unwrap(),
            Home::Memory => builder.with_storage(MemoryStorage::new()).build().unwrap(),
            Home::Shared(kept) => builder.with_storage(kept.clone()).build().unwrap(),
            #[cfg(any(feature = "storage-fs", not(test)))]
            Home::Log(dir) => builder.with_log(dir.path()).build().unwrap(),
            #[cfg(all(not(feature = "storage-fs"), test))]
            Home::Log(_) => panic!("a log needs the feature storage-fs"),
        });
    }

    pub fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    pub fn into_store(self) -> EventStore {
        self.store.unwrap()
    }

    /// Closes the store and opens it again.
    pub fn restart(&mut self) {
        self.store().persist().unwrap();
        self.store = None;
        self.open();
    }

    /// Like `restart`, with other tracked units.
    pub fn reopen(&mut self, tracked: &[(Unit, usize)]) {
        self.store().persist().unwrap();
        self.store = None;
        self.tracked = tracked.to_vec();
        self.open();
    }

    pub fn has_storage(&self) -> bool {
        !matches!(self.home, Home::Nowhere)
    }

    pub fn compact(&mut self) {
        self.store.as_mut().unwrap().compact().unwrap();
    }

    /// The current instant.
    pub fn time(&self) -> i64 {
        self.watch.get().latest
    }

    pub fn went_back(&self) -> bool {
        self.watch.get().step.is_some()
    }

    /// Lets time pass until the clock shows `millis`, or sets it back. The store sees the time at its
    /// next call.
    pub fn set_time(&self, millis: i64) {
        self.clock.advance(at_millis(millis) - self.clock.now());
        let mut watch = self.watch.get();
        watch.see(millis);
        self.watch.set(watch);
    }

    /// Changes the time zone.
    pub fn move_to(&mut self, zone: LocalZone) {
        self.store().set_zone(zone.public());
        self.zone = zone;
    }

    pub fn move_to_utc(&mut self) {
        self.store().set_zone(Zone::utc());
        self.zone = LocalZone::fixed(0);
    }

    /// Records one row of the trace, in the store and in the model.
    pub fn live(&mut self, world: &mut World, row: &Row, count: u32) {
        self.set_time(row.at);
        if count == 1 {
            self.store().record(row.event);
        } else {
            self.store().record_count(row.event, count);
        }
        let now = self.time();
        world.record(self.device, row.event, count, now, self.zone.offset_at(now));
        *self.knows.entry(self.device).or_default() += 1;
    }

    pub fn view<'a>(&'a self, world: &'a World, now: i64) -> View<'a> {
        let mut watch = self.watch.get();
        let now = watch.see(now);
        let view = View::new(world, &self.knows, self.device, &self.zone, &self.tracked, now);
        View { step: watch.step, reads_late: matches!(self.home, Home::Memory | Home::Shared(_)), ..view }
    }
}

/// A builder that also tracks `buckets` of a unit.
pub fn track(builder: EventStoreBuilder, unit: Unit, buckets: usize) -> EventStoreBuilder {
    match unit {
        Unit::Seconds => builder.track_seconds(buckets),
        Unit::Minutes => builder.track_minutes(buckets),
        Unit::Hours => builder.track_hours(buckets),
        Unit::Days => builder.track_days(buckets),
        Unit::Weeks => builder.track_weeks(buckets),
        Unit::Months => builder.track_months(buckets),
        Unit::Years => builder.track_years(buckets),
    }
}

/// How one phone sends its counts to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Bytes,
    Counters,
}

impl Way {
    /// The ways in turn.
    pub fn nth(n: usize) -> Way {
        [Way::Bytes, Way::Counters][n % 2]
    }
}

/// Merges what `from` knows into `to`, in the store and in the model.
pub fn send(from: &Phone, to: &mut Phone, way: Way) {
    match way {
        Way::Bytes => {
            to.store().merge_bytes(&from.store().export_bytes().unwrap()).unwrap();
        }
        Way::Counters => to.store().merge_all(from.store().export_all().unwrap()).unwrap(),
    }
    learn(&mut to.knows, &from.knows);
}
