//! What the store's one lock guards: memory, and nothing that waits.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use super::entry::{Entry, Marks};
use crate::counter::cell::{Cell, Moment};
use crate::counter::lane::{Generation, LaneId};
use crate::counter::reading::{Reading, View};
use crate::counter::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::frame::Frame;
use crate::time::unit::Unit;
use crate::time::watch::ClockWatch;
use crate::time::zone::Zone;

pub(crate) struct State {
    pub(crate) events: HashMap<Box<str>, Box<Entry>, RandomState>,
    pub(crate) tracking: Tracking,
    finest: Unit,
    pub(crate) zone: Zone,
    pub(crate) frame: Frame,
    /// The frame's numbers of the tracked units, in their order.
    current: Vec<i64>,
    pub(crate) watch: ClockWatch,
    pub(crate) lane: Option<LaneId>,
    pub(crate) stamp: u64,
    /// Stamps up to this one were given out before the store was opened.
    pub(crate) base: u64,
    /// The last one that was, as far as it was written down.
    pub(crate) issued: u64,
    /// Lanes that were the store's own and are no more.
    pub(crate) retired: Vec<LaneId>,
    /// The store's generation: how often everything was erased.
    pub(crate) generation: u32,
    pub(crate) erased: BTreeMap<[u8; 16], Generation>,
    /// The last distinct local dates of a persist, oldest first.
    pub(crate) dates: Vec<i64>,
    pub(crate) known: BTreeMap<LaneId, u64>,
    pub(crate) losses: Vec<(Option<String>, i64)>,
    /// Damaged files that were kept.
    pub(crate) kept_aside: Vec<std::path::PathBuf>,
    /// Reservations that are neither committed nor cancelled.
    pub(crate) pending: HashMap<Box<str>, u32, RandomState>,
    /// Names to be written to the log, where there is one.
    pub(crate) queue: Vec<Box<str>>,
    pub(crate) queues: bool,
    /// The writer was told of the queue.
    pub(crate) told: bool,
    /// The log is damaged: the first record of all replaces it.
    pub(crate) replaces_damage: bool,
    /// Whether what is known of other lanes lasts as long as the events do.
    pub(crate) keeps_knowledge: bool,
}

impl State {
    pub(crate) fn new(tracking: Tracking, zone: Zone, queues: bool) -> State {
        State {
            events: HashMap::default(),
            finest: tracking.finest().unwrap_or(Unit::Years),
            tracking,
            zone,
            frame: Frame::never(),
            current: Vec::new(),
            watch: ClockWatch::default(),
            lane: None,
            stamp: 0,
            base: 0,
            issued: 0,
            retired: Vec::new(),
            generation: 0,
            erased: BTreeMap::new(),
            dates: Vec::new(),
            known: BTreeMap::new(),
            losses: Vec::new(),
            kept_aside: Vec::new(),
            pending: HashMap::default(),
            queue: Vec::new(),
            queues,
            told: false,
            replaces_damage: false,
            keeps_knowledge: true,
        }
    }

    pub(crate) fn set_zone(&mut self, zone: Zone) {
        self.zone = zone;
        self.frame = Frame::never();
    }

    /// Takes note of the time and brings the current buckets up to date.
    #[inline]
    pub(crate) fn turn_to(&mut self, now: i64) {
        self.watch.observe(now);
        if !self.frame.holds(now) {
            self.renew_frame(now);
        }
    }

    #[cold]
    fn renew_frame(&mut self, now: i64) {
        self.frame = Frame::at(now, &self.zone, self.finest);
        let numbers = &self.frame.numbers;
        self.current.clear();
        self.current.extend(self.tracking.units().iter().map(|(unit, _)| numbers.of(*unit)));
    }

    /// How everything is read at `now`.
    pub(crate) fn view(&mut self, now: i64) -> View {
        self.turn_to(now);
        View {
            now,
            numbers: self.frame.numbers.with_second_of(now),
            soon: self.frame.soon,
            noticed: self.noticed(self.watch),
        }
    }

    /// How everything will be read at `then` if nothing else is recorded.
    pub(crate) fn view_at(&self, then: i64) -> View {
        let mut watch = self.watch;
        watch.observe(then);
        let offset = self.zone.segment(then).offset;
        View {
            now: then,
            numbers: Numbers::at(then, offset),
            soon: Numbers::soon(then, offset),
            noticed: self.noticed(watch),
        }
    }

    fn noticed(&self, watch: ClockWatch) -> Option<(i64, Numbers)> {
        watch.noticed().map(|at| (at, Numbers::at(at, self.zone.segment(at).offset)))
    }

    /// The local date, in days since 1970-01-01.
    pub(crate) fn today(&mut self, now: i64) -> i64 {
        self.turn_to(now);
        self.frame.numbers.of(Unit::Days)
    }

    /// The event as it is read through `view`; nothing if it was never recorded.
    pub(crate) fn reading<'a>(&'a self, name: &str, view: &'a View) -> Option<Reading<'a>> {
        let entry = self.events.get(name).filter(|entry| entry.is_known())?;
        Some(entry.reading(&self.tracking, view))
    }

    /// Counts what happens now. `stored` says whether the storage may hold the event; it is asked for new ones only.
    #[inline]
    pub(crate) fn record(&mut self, now: i64, name: &str, count: u64, stored: impl FnOnce() -> bool) {
        self.turn_to(now);
        if let Some(entry) = self.events.get_mut(name)
            && let Some(own) = &mut entry.own
            && !entry.gone
        {
            if count > 0 {
                own.record(&self.tracking, &self.current, now, count);
                self.stamp += 1;
                entry.stamp = self.stamp;
                mark(entry, self.queues, &mut self.queue, name);
            }
            return;
        }
        self.open_own(name, stored);
        let (tracking, current) = (&self.tracking, &self.current);
        if let Some(own) = self.events.get_mut(name).and_then(|entry| entry.own.as_mut()) {
            own.record(tracking, current, now, count);
        }
    }

    /// Counts what happened at an instant up to now.
    pub(crate) fn record_at(
        &mut self,
        now: i64,
        at: i64,
        name: &str,
        count: u64,
        stored: impl FnOnce() -> bool,
    ) {
        self.turn_to(now);
        let known = self.events.get(name).is_some_and(|entry| entry.own.is_some() && !entry.gone);
        if known && count == 0 {
            return;
        }
        self.open_own(name, stored);
        let numbers = Numbers::at(at, self.zone.segment(at).offset);
        let moment = Moment { at, numbers: &numbers, now, current: &self.frame.numbers };
        let tracking = &self.tracking;
        if let Some(own) = self.events.get_mut(name).and_then(|entry| entry.own.as_mut()) {
            own.record_at(tracking, moment, count);
        }
    }

    /// Sees to it that the event has an own cell, and gives that a new stamp.
    fn open_own(&mut self, name: &str, stored: impl FnOnce() -> bool) {
        if !self.events.contains_key(name) {
            let mut entry = Entry::new(self.generation_of(name));
            entry.unloaded = stored();
            self.events.insert(name.into(), Box::new(entry));
        }
        let Some(entry) = self.events.get_mut(name) else { return };
        entry.gone = false;
        entry.own.get_or_insert_with(|| Cell::new(&self.tracking));
        self.stamp += 1;
        entry.stamp = self.stamp;
        mark(entry, self.queues, &mut self.queue, name);
    }

    /// Marks an event as changed.
    pub(crate) fn touch(&mut self, name: &str) {
        if let Some(entry) = self.events.get_mut(name) {
            mark(entry, self.queues, &mut self.queue, name);
        }
    }

    /// Whether the writer has to be told that something waits for it.
    #[inline]
    pub(crate) fn has_to_tell(&mut self) -> bool {
        let due = !self.told && !self.queue.is_empty();
        self.told |= due;
        due
    }

    pub(crate) fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    /// The generation of an event that is not in memory.
    pub(crate) fn generation_of(&self, name: &str) -> Generation {
        let store = Generation::of_store(self.generation);
        if self.erased.is_empty() {
            return store;
        }
        self.erased.get(&super::erase::key(name)).map_or(store, |erased| store.max(*erased))
    }
}

#[inline]
fn mark(entry: &mut Entry, queues: bool, queue: &mut Vec<Box<str>>, name: &str) {
    if queues && !entry.marks.unwritten {
        queue.push(name.into());
    }
    entry.marks = Marks::ALL;
}

impl State {
    pub(crate) fn is_dirty(&self) -> bool {
        self.events.values().any(|entry| entry.marks.dirty || entry.in_flight)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        if self.events.is_empty() {
            return 0;
        }
        // One byte of control beside each slot of the table.
        let slot = size_of::<(Box<str>, Box<Entry>)>() + 1;
        let table = (self.events.capacity() * 8 / 7).next_power_of_two() * slot;
        table + self.events.iter().map(|(name, entry)| name.len() + entry.heap()).sum::<usize>()
    }
}
