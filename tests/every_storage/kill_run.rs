//! Runs a script of calls, and simulates a kill after each single change of the storage: a store is
//! opened on a copy of the storage at that moment and compared with what must be true then.

use std::collections::BTreeMap;

use chrono::Duration;
use tiny_counter::{EventStore, ReservationKey, TestClock, TimeUnit};

use super::common::{clock, in_memory, under};
use super::killed::Killed;
use super::own_storage::OwnStorage;

#[derive(Debug, Clone, Copy)]
pub enum Step {
    Record(&'static str),
    Decide(&'static str),
    /// A decision about the first event that also records the other.
    DecideBoth(&'static str, &'static str),
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

/// The counts of an event.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// What this store counted, in memory.
    pub own: u32,
    /// What of `own` is certainly stored.
    pub stored: u32,
    /// What the peer counted.
    pub peer: u32,
}

/// What is true between two steps.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    counts: BTreeMap<&'static str, Count>,
    /// The pending reservations, oldest first.
    pub pending: Vec<(ReservationKey, &'static str)>,
}

impl Truth {
    pub fn of(&self, name: &str) -> Count {
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
    /// The exports of the peer, one before each step so far.
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

    /// Runs the script with a kill after each change of the storage. Returns the number of kills.
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

    /// Runs the script without kills and returns the values that the closed store leaves.
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
            DecideBoth(name, other) => {
                store.limit().also_record(other).check_and_record(name).unwrap();
                self.count_stored(name);
                self.count_stored(other);
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
            // Only what was heard of is erased, so it hears of everything before.
            Erase(name) => {
                store.merge_bytes(&self.peer.export_bytes().unwrap()).unwrap();
                store.erase_event(name).unwrap();
                self.truth.erase(name);
            }
            EraseAll => {
                store.merge_bytes(&self.peer.export_bytes().unwrap()).unwrap();
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
                // An erasure of what it never heard of ends no reservation.
                store.merge_bytes(&self.peer.export_bytes().unwrap()).unwrap();
                self.peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
                self.truth.store_all();
                // Merged and persisted at once, so that one value of `truth` holds afterwards.
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
        // The peer merges the erasure at once, so that it does not keep what was erased.
        if matches!(step, Erase(_) | EraseAll) {
            let store = self.store.as_ref().unwrap();
            self.peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
            self.truth.store_all();
        }
    }

    /// Removes all records of the store, so that the events seem to come from elsewhere.
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
