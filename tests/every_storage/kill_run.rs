//! A script of calls, with a kill after each single change of the storage.
//!
//! From the storage as it was after each change, a store is opened again and compared with what is
//! known to be true at that moment.

use std::collections::BTreeMap;

use chrono::Duration;
use tiny_counter::{Error, EventStore, ReservationKey, TestClock, TimeUnit};

use super::common::{clock, in_memory, under};
use super::own_storage::OwnStorage;

#[derive(Debug, Clone, Copy)]
pub enum Step {
    Record(&'static str),
    Decide(&'static str),
    Reserve(&'static str),
    /// Commits or cancels the oldest pending reservation.
    Commit,
    Cancel,
    Erase(&'static str),
    EraseAll,
    /// The peer counts two of this event.
    PeerRecords(&'static str),
    /// Merges everything that the peer has.
    Merge,
    /// The peer erases an event that it knows.
    PeerErases(&'static str),
    /// The peer merges everything that this store has.
    Export,
    Persist,
    Acknowledge,
    Compact,
    Reopen,
}
use Step::*;

pub const NAMES: [&str; 4] = ["a", "b", "c", "~d"];

/// What is counted of an event.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// By this store, in memory and as far as it is certainly stored.
    own: u32,
    stored: u32,
    /// By the peer.
    peer: u32,
}

/// What is true between two steps.
#[derive(Debug, Clone, Default)]
struct Truth {
    counts: BTreeMap<&'static str, Count>,
    /// The pending reservations, oldest first.
    pending: Vec<(ReservationKey, &'static str)>,
}

impl Truth {
    fn of(&self, name: &str) -> Count {
        self.counts.get(name).copied().unwrap_or_default()
    }

    fn store_all(&mut self) {
        self.counts.values_mut().for_each(|count| count.stored = count.own);
    }

    fn erase(&mut self, name: &'static str) {
        self.counts.remove(name);
        self.pending.retain(|(_, event)| *event != name);
    }
}

pub struct Run {
    storage: OwnStorage,
    store: Option<EventStore>,
    peer: EventStore,
    clock: TestClock,
    truth: Truth,
    /// Every export of the peer. None was made after the step that is interrupted.
    exports: Vec<Vec<u8>>,
    checks: usize,
}

impl Run {
    pub fn new() -> Run {
        let (storage, clock) = (OwnStorage::default(), clock());
        let store = Some(open(&storage, &clock));
        let peer = in_memory(&clock);
        let exports = vec![peer.export_bytes().unwrap()];
        Run { storage, store, peer, clock, truth: Truth::default(), exports, checks: 0 }
    }

    /// Runs the script and answers how often it was killed.
    pub fn all(mut self, script: &[Step]) -> usize {
        for (number, step) in script.iter().enumerate() {
            self.clock.advance(Duration::minutes(1));
            let before = self.truth.clone();
            self.take(*step);
            for (copy, values) in self.storage.take_copies().into_iter().enumerate() {
                let killed = Killed {
                    context: format!("step {number} {step:?}, after change {copy}"),
                    states: [&before, &self.truth],
                    clock: &self.clock,
                    exports: &self.exports,
                };
                killed.check(OwnStorage::holding(values));
                self.checks += 1;
            }
            self.exports.push(self.peer.export_bytes().unwrap());
        }
        self.checks
    }

    /// Runs the script without kills and answers what the closed store leaves.
    pub fn values(mut self, script: &[Step]) -> BTreeMap<String, Vec<u8>> {
        script.iter().for_each(|step| self.take(*step));
        self.store.take().unwrap().close().unwrap();
        self.storage.take_copies().pop().unwrap_or_default()
    }

    pub fn take(&mut self, step: Step) {
        let store = self.store.as_ref().unwrap();
        match step {
            Record(name) => {
                store.record(name);
                self.truth.counts.entry(name).or_default().own += 1;
            }
            Decide(name) => {
                store.limit().at_most(name, 1_000, TimeUnit::Ever).check_and_record(name).unwrap();
                self.count_stored(name);
            }
            Reserve(name) => {
                let key = store.limit().reserve_for(name, Duration::days(9)).unwrap();
                self.truth.pending.push((key, name));
                // The event is written as a whole.
                let count = self.truth.counts.entry(name).or_default();
                count.stored = count.own;
            }
            Commit | Cancel if self.truth.pending.is_empty() => {}
            Commit => {
                let (key, name) = self.truth.pending.remove(0);
                store.commit_reservation(key).unwrap();
                self.count_stored(name);
            }
            Cancel => {
                let (key, _) = self.truth.pending.remove(0);
                store.cancel_reservation(key).unwrap();
            }
            Erase(name) => {
                let peer = self.truth.of(name).peer;
                let was_known = store.erase_event(name).unwrap().is_some();
                self.truth.erase(name);
                if !was_known {
                    // What the peer counted was not heard of.
                    self.truth.counts.entry(name).or_default().peer = peer;
                }
            }
            EraseAll => {
                store.erase_all().unwrap();
                NAMES.into_iter().for_each(|name| self.truth.erase(name));
            }
            PeerRecords(name) => {
                self.peer.record_count(name, 2);
                self.truth.counts.entry(name).or_default().peer += 2;
            }
            Merge => {
                store.merge_bytes(&self.peer.export_bytes().unwrap()).unwrap();
            }
            PeerErases(name) => {
                // The store hears of it at once, so that there is one truth.
                if self.peer.erase_event(name).unwrap().is_some() {
                    store.merge_bytes(&self.peer.export_bytes().unwrap()).unwrap();
                    store.persist().unwrap();
                    self.truth.erase(name);
                    self.truth.store_all();
                }
            }
            Export => {
                self.peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
                self.truth.store_all();
            }
            Persist => {
                store.persist().unwrap();
                self.truth.store_all();
            }
            Acknowledge => {
                store.acknowledge_loss().unwrap();
                self.truth.store_all();
            }
            Compact => {
                self.store.as_mut().unwrap().compact().unwrap();
                self.truth.store_all();
            }
            Reopen => {
                self.store.take().unwrap().close().unwrap();
                self.store = Some(open(&self.storage, &self.clock));
                self.truth.store_all();
            }
        }
        // Nobody keeps what an erasure that the peer does not know of removed.
        if matches!(step, Erase(_) | EraseAll) {
            let store = self.store.as_ref().unwrap();
            self.peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
            self.truth.store_all();
        }
    }

    /// Leaves the events only, as if they came from elsewhere.
    pub fn remove_records(&mut self) {
        self.store.take().unwrap().close().unwrap();
        let mut values = self.storage.take_copies().pop().unwrap();
        values.retain(|key, _| !key.starts_with('~'));
        self.storage = OwnStorage::holding(values);
        self.store = Some(open(&self.storage, &self.clock));
    }

    fn count_stored(&mut self, name: &'static str) {
        let count = self.truth.counts.entry(name).or_default();
        count.own += 1;
        count.stored = count.own;
    }
}

pub fn open(storage: &OwnStorage, clock: &TestClock) -> EventStore {
    under(clock).with_storage(storage.clone()).build().unwrap()
}

pub fn lifetime(store: &EventStore, name: &str) -> u32 {
    store.query(name).try_lifetime().unwrap().unwrap_or(0) as u32
}

/// What a kill left.
struct Killed<'a> {
    context: String,
    /// Before the step that was interrupted, and after it.
    states: [&'a Truth; 2],
    clock: &'a TestClock,
    exports: &'a [Vec<u8>],
}

impl Killed<'_> {
    fn check(&self, storage: OwnStorage) {
        let store = open(&storage, self.clock);
        self.check_health(&store);
        self.check_bounds(&store, &BTreeMap::new());
        let committed = self.commit_all(&store);
        // Old exports of the peer come late.
        for export in self.exports {
            let report = store.merge_bytes(export).unwrap();
            assert!(!report.restarted, "{}: nothing that was exported is missing", self.context);
            self.check_bounds(&store, &committed);
        }
        self.check_joined(&store, &committed);
        store.persist().unwrap();
        let peer = in_memory(self.clock);
        peer.merge_bytes(self.exports.last().unwrap()).unwrap();
        peer.merge_bytes(&store.export_since(&peer.knowledge().unwrap()).unwrap()).unwrap();
        store.merge_bytes(&peer.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
        self.check_joined(&store, &committed);
        for name in NAMES {
            assert_eq!(lifetime(&peer, name), lifetime(&store, name), "{}: {name}", self.context);
        }
        let before = NAMES.map(|name| lifetime(&store, name));
        store.close().unwrap();
        let store = open(&storage, self.clock);
        assert_eq!(NAMES.map(|name| lifetime(&store, name)), before, "{}", self.context);
        assert!(store.reservations().is_empty(), "{}", self.context);
        self.check_health(&store);
    }

    fn check_health(&self, store: &EventStore) {
        let health = store.health();
        assert!(health.losses.is_empty() && health.quarantined.is_empty(), "{}: {health:?}", self.context);
        assert_eq!(health.clock_went_back, None, "{}", self.context);
    }

    /// Commits every pending reservation, and answers how often each event was counted so.
    fn commit_all(&self, store: &EventStore) -> BTreeMap<&'static str, u32> {
        let found: Vec<ReservationKey> = store.reservations().iter().map(|one| one.key).collect();
        let [before, after] = self.states.map(|state| &state.pending);
        for pending in before.iter().filter(|pending| after.contains(pending)) {
            assert!(found.contains(&pending.0), "{}: {pending:?} is missing", self.context);
        }
        let mut committed = BTreeMap::new();
        let is_known = |key| before.iter().chain(after).find(|(known, _)| *known == key);
        for key in found {
            let name = is_known(key).expect(&self.context).1;
            store.commit_reservation(key).unwrap();
            *committed.entry(name).or_default() += 1;
            let again = store.commit_reservation(key);
            assert!(matches!(again, Err(Error::InvalidArgument(_))), "{}", self.context);
        }
        committed
    }

    /// Checks the counts of a store that may not know all that the peer counted.
    fn check_bounds(&self, store: &EventStore, committed: &BTreeMap<&str, u32>) {
        for name in NAMES {
            let counts = self.states.map(|state| state.of(name));
            let least = counts.map(|count| count.stored).into_iter().min().unwrap();
            let most = counts.map(|count| count.own + count.peer).into_iter().max().unwrap();
            let extra = committed.get(name).copied().unwrap_or(0);
            let found = lifetime(store, name);
            let fits = (least + extra..=most + extra).contains(&found);
            assert!(fits, "{}: {name} {found}, {extra} committed, {counts:?}", self.context);
        }
    }

    /// Checks the counts of a store that knows everything that the peer knows.
    fn check_joined(&self, store: &EventStore, committed: &BTreeMap<&str, u32>) {
        for name in NAMES {
            let extra = committed.get(name).copied().unwrap_or(0);
            let found = lifetime(store, name);
            let counts = self.states.map(|state| state.of(name));
            let fits = counts.iter().any(|count| {
                (count.stored + count.peer..=count.own + count.peer).contains(&found.saturating_sub(extra))
            });
            assert!(fits, "{}: {name} {found}, {extra} committed, {counts:?}", self.context);
        }
    }
}
