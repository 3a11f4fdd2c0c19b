//! What the store's one lock guards: memory, and nothing that waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::entry::{Entry, Marks};
use super::events::Events;
use super::names::Names;
use super::present::Present;
use crate::counter::cell::{Cell, Moment};
use crate::counter::lane::{Generation, LaneId};
use crate::counter::reading::{Reading, View};
use crate::counter::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::zone::Zone;

pub(crate) struct State {
    pub(crate) events: Events,
    pub(crate) present: Present,
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
    /// What tells this installation from a copy of its data.
    pub(crate) identity: Option<[u8; 16]>,
    /// Reservations that outlive the process.
    pub(crate) held: Vec<Held>,
    /// Events whose stored counts were found to be damaged, and were left as they are.
    pub(crate) quarantine: BTreeSet<Box<str>>,
    /// Damaged files that were kept.
    pub(crate) kept_aside: Vec<std::path::PathBuf>,
    /// Reservations that are neither committed nor cancelled, by event, and all of them.
    pending: HashMap<Box<str>, u32, RandomState>,
    all_pending: u64,
    /// Names to be written to the log, where there is one.
    pub(crate) queue: Names,
    pub(crate) queues: bool,
    /// The writer was told of the queue.
    pub(crate) told: bool,
    /// The log is damaged: the first record of all replaces it.
    pub(crate) replaces_damage: bool,
    /// Whether what is known of other lanes lasts as long as the events do.
    pub(crate) keeps_knowledge: bool,
}

/// A reservation that is stored.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) key: u64,
    pub(crate) event: Box<str>,
    pub(crate) made: i64,
    /// For how long, in milliseconds.
    pub(crate) span: i64,
}

impl Held {
    pub(crate) fn to_meta(&self) -> (u64, String, i64, i64) {
        (self.key, self.event.to_string(), self.made, self.span)
    }

    #[cfg(feature = "storage-fs")]
    pub(crate) fn from_meta((key, event, made, span): (u64, String, i64, i64)) -> Held {
        Held { key, event: event.into(), made, span }
    }
}

impl State {
    pub(crate) fn new(tracking: Tracking, zone: Zone, queues: bool) -> State {
        State {
            events: Events::default(),
            present: Present::new(tracking, zone),
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
            identity: None,
            held: Vec::new(),
            quarantine: BTreeSet::new(),
            kept_aside: Vec::new(),
            pending: HashMap::default(),
            all_pending: 0,
            queue: Names::default(),
            queues,
            told: false,
            replaces_damage: false,
            keeps_knowledge: true,
        }
    }

    /// The event as it is read now; nothing if it was never recorded.
    #[inline]
    pub(crate) fn reading(&self, name: &str) -> Option<Reading<'_>> {
        self.reading_at(name, &self.present.view)
    }

    /// The event as it is read through `view`.
    #[inline]
    pub(crate) fn reading_at<'a>(&'a self, name: &str, view: &'a View) -> Option<Reading<'a>> {
        let entry = self.events.get(name).filter(|entry| entry.is_known())?;
        Some(entry.reading(&self.present.tracking, view))
    }

    /// Counts what happens now. `stored` says whether the storage may hold the event; it is asked for new ones only.
    #[inline]
    pub(crate) fn record(&mut self, now: i64, name: &str, count: u64, stored: impl FnOnce() -> bool) {
        self.present.turn_to(now);
        if let Some(entry) = self.events.get_mut(name)
            && let Some(own) = &mut entry.own
            && !entry.gone
        {
            if count > 0 {
                own.record(&self.present.tracking, &self.present.current, now, count);
                entry.note_clock(now);
                self.stamp += 1;
                entry.stamp = self.stamp;
                mark(entry, self.queues, &mut self.queue, name);
            }
            return;
        }
        self.open_own(name, now, stored);
        let (tracking, current) = (&self.present.tracking, &self.present.current);
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
        self.present.turn_to(now);
        let known = self.events.get(name).is_some_and(|entry| entry.own.is_some() && !entry.gone);
        if known && count == 0 {
            return;
        }
        self.open_own(name, now, stored);
        let numbers = Numbers::at(at, self.present.zone.segment(at).offset);
        let moment = Moment { at, numbers: &numbers, now, current: &self.present.view.frame.numbers };
        let tracking = &self.present.tracking;
        if let Some(own) = self.events.get_mut(name).and_then(|entry| entry.own.as_mut()) {
            own.record_at(tracking, moment, count);
        }
    }

    /// Sees to it that the event has an own cell, and gives that a new stamp.
    fn open_own(&mut self, name: &str, now: i64, stored: impl FnOnce() -> bool) {
        if !self.events.contains(name) {
            let generation = self.generation_of(name);
            self.events.insert(Entry::new(name, generation)).unloaded = stored();
        }
        let Some(entry) = self.events.get_mut(name) else { return };
        entry.gone = false;
        entry.note_clock(now);
        entry.own.get_or_insert_with(|| Cell::new(&self.present.tracking));
        self.stamp += 1;
        entry.stamp = self.stamp;
        mark(entry, self.queues, &mut self.queue, name);
    }

    /// Holds a place for one event.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.all_pending += 1;
        match self.pending.get_mut(name) {
            Some(pending) => *pending = pending.saturating_add(1),
            None => _ = self.pending.insert(name.into(), 1),
        }
    }

    /// How many places are held for it.
    #[inline]
    pub(crate) fn reserved(&self, name: &str) -> u32 {
        if self.all_pending == 0 { 0 } else { self.pending.get(name).copied().unwrap_or(0) }
    }

    /// Gives one back. The name stays for the next reservation, until something is erased or the store compacted.
    pub(crate) fn unreserve(&mut self, name: &str) {
        if let Some(pending) = self.pending.get_mut(name).filter(|pending| **pending > 0) {
            *pending -= 1;
            self.all_pending = self.all_pending.saturating_sub(1);
        }
    }

    /// Lets go of the names that nothing is held for.
    pub(crate) fn forget_unreserved(&mut self) {
        self.pending.retain(|_, pending| *pending > 0);
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
fn mark(entry: &mut Entry, queues: bool, queue: &mut Names, name: &str) {
    if queues && !entry.marks.unwritten {
        queue.push(name);
    }
    entry.marks = Marks::ALL;
}

impl State {
    pub(crate) fn is_dirty(&self) -> bool {
        self.events.iter().any(|entry| entry.marks.dirty || entry.in_flight)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.events.heap()
    }
}
