//! A phone: a store under test, and what it knows according to the model.

use std::cell::Cell;

use chrono::{DateTime, Duration, Utc};
use tempfile::TempDir;
use tiny_counter::storage::MemoryStorage;
use tiny_counter::{Clock, EventStore, EventStoreBuilder, TestClock, Zone};

use super::model::{Entry, Knowledge, View, World, learn};
use super::shared_storage::SharedStorage;
use super::stores::{clock_at, under};
use super::trace::Row;
use super::unit::{DAY, Unit};
use super::watch::{LARGE_STEP, STEP, Step, Watch};
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
    /// What it knew after each merge, and what its clock showed then.
    learned: Vec<(i64, Knowledge)>,
    pub zone: LocalZone,
    pub tracked: Vec<(Unit, usize)>,
    /// The fewest buckets of each unit that were ever tracked, without units that were not tracked
    /// throughout.
    throughout: Vec<(Unit, usize)>,
    is_steady: bool,
    clock: TestClock,
    /// By how much the clock is ahead of the true time.
    error: Cell<i64>,
    /// Whether the clock was ever behind the true time, and whether it was ever wrong.
    was_slow_unnoticed: Cell<bool>,
    large_corrections: Cell<u32>,
    small_corrections: Cell<i64>,
    restarted_under_step: Cell<bool>,
    /// On how many dates it was persisted while the clock was ahead, and the true time of the last one
    /// in this opening.
    dates_ahead: Cell<u32>,
    date_added: Cell<Option<i64>>,
    was_wrong: Cell<bool>,
    watch: Cell<Watch>,
    home: Home,
    store: Option<EventStore>,
}

impl Phone {
    pub fn new(device: u32, zone: LocalZone, tracked: &[(Unit, usize)], home: Home) -> Phone {
        // Before the first recording of every test.
        let clock = clock_at(at_millis(0));
        let mut phone = Phone {
            device,
            knows: Knowledge::new(),
            learned: Vec::new(),
            zone,
            tracked: tracked.to_vec(),
            throughout: tracked.to_vec(),
            is_steady: true,
            clock,
            error: Cell::new(0),
            was_slow_unnoticed: Cell::new(false),
            large_corrections: Cell::new(0),
            small_corrections: Cell::new(0),
            restarted_under_step: Cell::new(false),
            dates_ahead: Cell::new(0),
            date_added: Cell::new(None),
            was_wrong: Cell::new(false),
            watch: Cell::new(Watch::new()),
            home,
            store: None,
        };
        phone.open();
        phone
    }

    fn open(&mut self) {
        let is_large = |step: Step| step.peak - step.noticed > LARGE_STEP;
        let is_under_step = self.watch.get().step.is_some_and(is_large);
        self.restarted_under_step.set(self.restarted_under_step.get() || is_under_step);
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
        self.persist();
        self.date_added.set(None);
        self.store = None;
        self.open();
        // The clock is not set between two processes: the store could not know that.
        self.see();
    }

    /// Like `restart`, with other tracked units.
    pub fn reopen(&mut self, tracked: &[(Unit, usize)]) {
        self.persist();
        self.date_added.set(None);
        self.store = None;
        self.is_steady &= self.tracked == tracked;
        self.tracked = tracked.to_vec();
        let least = |unit: Unit, n: usize| Some((unit, n.min(find(tracked, unit)?)));
        self.throughout = self.throughout.iter().filter_map(|(unit, n)| least(*unit, *n)).collect();
        self.open();
        self.see();
    }

    pub fn has_storage(&self) -> bool {
        !matches!(self.home, Home::Nowhere)
    }

    pub fn compact(&mut self) {
        self.persist();
        self.store.as_mut().unwrap().compact().unwrap();
    }

    /// Persists, and notes whether that adds a date that lies ahead.
    pub fn persist(&self) {
        self.store().persist().unwrap();
        let is_new = self.date_added.get().is_none_or(|added| self.truth() - added >= DAY);
        if is_new && self.error.get() > 0 {
            self.date_added.set(Some(self.truth()));
            self.dates_ahead.set(self.dates_ahead.get() + 1);
        }
    }

    /// What the clock shows.
    pub fn time(&self) -> i64 {
        self.clock.unix_millis()
    }

    /// The true time.
    pub fn truth(&self) -> i64 {
        self.time() - self.error.get()
    }

    pub fn error(&self) -> i64 {
        self.error.get()
    }

    /// Whether the store can know when everything really happened, if the clock is right now. It cannot
    /// if the clock was behind and did not show it by going back by a large step, if it was corrected
    /// so often that the cells of an event cannot be kept apart, or if the store was persisted on so
    /// many dates ahead that counts aged.
    pub fn knows_truth(&self) -> bool {
        !self.was_slow_unnoticed.get() && self.large_corrections.get() <= 3 && self.dates_ahead.get() < 3
    }

    pub fn was_wrong(&self) -> bool {
        self.was_wrong.get()
    }

    /// The sum of all small corrections. Under a large step they shift nothing, so that recorded times
    /// can lie ahead of what the clock ever showed by as much.
    pub fn small_corrections(&self) -> i64 {
        self.small_corrections.get()
    }

    /// Whether the store was opened anew while a large step was open. It then does not know when the
    /// clock was set, and reads what was counted under the step as of the end of the step.
    pub fn restarted_under_step(&self) -> bool {
        self.restarted_under_step.get()
    }

    /// The latest instant that the clock ever showed.
    pub fn peak(&self) -> i64 {
        self.watch.get().peak
    }

    /// Moves the clock: time passes until it shows `millis`, or the clock is set back to it.
    pub fn set_time(&self, millis: i64) {
        match millis - self.time() {
            span if span >= 0 => self.wait(span),
            back => self.correct(self.error.get() + back),
        }
    }

    /// Lets time pass.
    pub fn wait(&self, span: i64) {
        self.clock.advance(Duration::milliseconds(span));
        self.see();
    }

    /// Sets the clock, so that it is ahead of the true time by `error`.
    ///
    /// The store reads a clock that goes back by up to a second as the latest instant. So the clock of
    /// a phone does not do that: other tests do.
    pub fn correct(&self, error: i64) {
        let back = self.watch.get().latest - (self.truth() + error);
        if (1..=STEP).contains(&back) {
            return;
        }
        self.clock.set(at_millis(self.truth() + error));
        let correction = (error - self.error.replace(error)).abs();
        let is_large = correction > LARGE_STEP;
        let small = if is_large { 0 } else { correction };
        self.small_corrections.set(self.small_corrections.get() + small);
        self.large_corrections.set(self.large_corrections.get() + u32::from(is_large));
        self.was_wrong.set(self.was_wrong.get() || error != 0);
        self.see();
    }

    /// Time passes until `truth`, and meanwhile the clock is set, so that it is ahead by `error`.
    pub fn pass_until(&self, truth: i64, error: i64) {
        self.clock.advance(Duration::milliseconds(truth - self.truth()));
        self.correct(error);
    }

    /// Lets the store see the clock, as the model does.
    fn see(&self) {
        let _ = self.store().health();
        let mut watch = self.watch.get();
        watch.see(self.time());
        self.watch.set(watch);
        let is_noticed = watch.step.is_some_and(|step| step.peak - step.noticed > LARGE_STEP);
        let is_slow_unnoticed = self.error.get() < 0 && (!is_noticed || self.error.get() >= -LARGE_STEP);
        self.was_slow_unnoticed.set(self.was_slow_unnoticed.get() || is_slow_unnoticed);
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
        self.record(world, row.event, count);
    }

    /// Records a row of the trace under a clock that is ahead by `error`.
    pub fn live_with_error(&mut self, world: &mut World, row: &Row, error: i64) {
        self.pass_until(row.at, error);
        self.record(world, row.event, 1);
    }

    fn record(&mut self, world: &mut World, event: &'static str, count: u32) {
        if count == 1 {
            self.store().record(event);
        } else {
            self.store().record_count(event, count);
        }
        self.note(world, event, count, self.time(), self.truth());
    }

    /// Adds a recording to the model: its time by the clock, and when it really happened.
    pub fn note(&mut self, world: &mut World, event: &'static str, count: u32, at: i64, truth: i64) {
        let entry = Entry::new(count, at, self.zone.offset_at(at));
        world.note(
            self.device,
            event,
            Entry { truth, noted: self.time(), steps: self.watch.get().steps, ..entry },
        );
        *self.knows.entry(self.device).or_default() += 1;
    }

    /// Notes in the model that it merged what another phone knows.
    pub fn learn(&mut self, others: &Knowledge) {
        learn(&mut self.knows, others);
        self.learned.push((self.time(), self.knows.clone()));
    }

    pub fn view<'a>(&'a self, world: &'a World, now: i64) -> View<'a> {
        let mut watch = self.watch.get();
        watch.see(now);
        let view = View::new(world, &self.knows, self.device, &self.zone, &self.tracked, now).watched(watch);
        let reads_late = matches!(self.home, Home::Memory | Home::Shared(_));
        View {
            learned: &self.learned,
            truth: now - self.error.get(),
            throughout: &self.throughout,
            is_steady: self.is_steady,
            reads_late,
            is_exact: view.is_exact && !view.knows_large_steps(),
            ..view
        }
    }
}

fn find(tracked: &[(Unit, usize)], unit: Unit) -> Option<usize> {
    tracked.iter().find(|(known, _)| *known == unit).map(|(_, buckets)| *buckets)
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
    to.learn(&from.knows);
}
