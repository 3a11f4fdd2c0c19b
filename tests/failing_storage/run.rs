//! A script of calls on a store whose storage fails, and what is checked after each of them.

use tiny_counter::{EventStore, Storage, TimeUnit};

use super::common::stores::{clock, in_memory, under};
use super::faulty::{Bare, Call, Fault, Faulty};
use super::history::History;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone, Copy)]
enum Step {
    Record(&'static str, u32),
    Decide(&'static str),
    Erase(&'static str),
    /// Five of this event come from another device.
    Merge(&'static str),
    Ask,
    List,
    Persist,
    PersistAll,
    Export,
    Compact,
    Reopen,
}

/// Every path to the storage: new and stored events, loaded or not, changed or erased.
const SCRIPT: [Step; 31] = [
    Step::Record("a", 3),
    Step::Record("b", 1),
    Step::Persist,
    Step::Record("a", 4),
    Step::Decide("c"),
    Step::Erase("b"),
    Step::Record("d", 7),
    Step::Merge("a"),
    Step::PersistAll,
    Step::Reopen,
    Step::Record("a", 10),
    Step::Decide("c"),
    Step::Ask,
    Step::Export,
    Step::Record("b", 5),
    Step::Compact,
    Step::Ask,
    Step::Reopen,
    Step::Merge("d"),
    Step::Merge("a"),
    Step::Record("d", 1),
    Step::Record("b", 1),
    Step::Persist,
    Step::Erase("d"),
    Step::Erase("a"),
    Step::Record("a", 2),
    Step::Reopen,
    Step::Merge("c"),
    Step::List,
    Step::Record("c", 9),
    Step::Persist,
];

pub struct Run {
    storage: Faulty,
    store: EventStore,
    history: History,
    fault: Option<Fault>,
    context: String,
    bare: bool,
}

impl Run {
    pub fn new(transactions: bool, bare: bool, fault: Option<Fault>) -> Run {
        let storage = Faulty::new(transactions, fault);
        let context = format!("{fault:?}, transactions: {transactions}, bare: {bare}");
        let store = opened(&storage, bare, 1 + fault.map_or(0, |fault| fault.times));
        Run { storage, store, history: History::new(&NAMES), fault, context, bare }
    }

    /// Runs the script. Returns whether the fault occurred.
    pub fn all(mut self) -> bool {
        for step in SCRIPT {
            self.step(step);
            self.check_what_survives(step);
        }
        self.persist_at_last(Step::Persist);
        self.storage.has_failed()
    }

    /// How often a failing call is tried.
    fn attempts(&self) -> usize {
        1 + self.fault.map_or(0, |fault| fault.times)
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Record(name, count) => {
                self.store.record_count(name, count);
                self.history.add(name, u64::from(count));
            }
            Step::Decide(name) => {
                match self.store.limit().at_most(name, 99, TimeUnit::Days).check_and_record(name) {
                    Ok(()) => {
                        self.history.add(name, 1);
                        assert_eq!(
                            self.read(&self.storage.kept(), name),
                            self.history.now(name),
                            "{}",
                            self.context
                        );
                    }
                    // After a failed read there is no decision; after a failed write there is one.
                    Err(_) => self.either(name, |history| history.add(name, 1)),
                }
            }
            Step::Erase(name) => {
                let mut tried = 1;
                while let Err(error) = self.store.erase_event(name) {
                    assert!(tried < self.attempts(), "{error}, {}", self.context);
                    self.either(name, |history| history.erase(name));
                    self.check_what_survives(step);
                    tried += 1;
                }
                // An earlier attempt may have erased it already; now that is durable.
                self.history.erase(name);
                assert_eq!(self.read(&self.storage.synced(), name), None, "{}", self.context);
            }
            Step::Merge(name) => {
                let other = in_memory(&clock());
                other.record_count(name, 5);
                let bytes = other.export_bytes().unwrap();
                let mut tried = 1;
                while let Err(error) = self.store.merge_bytes(&bytes) {
                    assert!(tried < self.attempts(), "{error}, {}", self.context);
                    self.ask(step);
                    tried += 1;
                }
                self.history.add(name, 5);
                self.ask(step);
            }
            Step::Ask => self.ask(step),
            Step::List => {
                let known: Vec<&str> =
                    NAMES.into_iter().filter(|name| self.history.now(name).is_some()).collect();
                let listed = self.retry(|store| store.try_events());
                assert_eq!(listed, known, "{}", self.context);
            }
            Step::Persist => self.saved(step, |store| store.persist()),
            Step::PersistAll => self.saved(step, |store| store.persist_all()),
            Step::Export => self.saved(step, |store| store.export_bytes().map(|_| ())),
            Step::Compact => self.saved(step, |store| store.compact()),
            Step::Reopen => self.reopen(),
        }
    }

    /// After a failed call that changes an event: whether the event changed depends on the call
    /// that failed.
    fn either(&mut self, name: &str, change: impl FnOnce(&mut History)) {
        let reading = self.fault.is_some_and(|fault| matches!(fault.call, Call::Load | Call::ListKeys));
        // A write may first look for the lane, which is a read.
        if !reading || self.memory(name) != self.history.now(name) {
            change(&mut self.history);
        }
        assert_eq!(self.memory(name), self.history.now(name), "{}", self.context);
    }

    /// The count, asked for until the storage works. It is never wrong.
    fn memory(&self, name: &str) -> Option<u64> {
        self.retry(|store| store.query(name).try_lifetime())
    }

    fn retry<R>(&self, ask: impl Fn(&EventStore) -> tiny_counter::Result<R>) -> R {
        for _ in 1..self.attempts() {
            if let Ok(answer) = ask(&self.store) {
                return answer;
            }
        }
        ask(&self.store).unwrap_or_else(|error| panic!("{error}, {}", self.context))
    }

    fn ask(&self, step: Step) {
        for name in NAMES {
            assert_eq!(self.memory(name), self.history.now(name), "{name} after {step:?}, {}", self.context);
        }
    }

    fn saved(&mut self, step: Step, save: impl Fn(&mut EventStore) -> tiny_counter::Result<()>) {
        let mut tried = 1;
        while let Err(error) = save(&mut self.store) {
            assert!(tried < self.attempts(), "again {step:?}: {error}, {}", self.context);
            self.ask(step);
            self.check_what_survives(step);
            tried += 1;
        }
        assert!(!self.store.health().storage_fails, "{}", self.context);
        self.acknowledged(step);
    }

    /// Everything is stored: a kill and a loss of power leave the current counts.
    fn acknowledged(&mut self, step: Step) {
        self.history.acknowledge();
        for survivor in [self.storage.kept(), self.storage.synced()] {
            for name in NAMES {
                let found = self.read(&survivor, name);
                assert_eq!(found, self.history.now(name), "{name} after {step:?}, {}", self.context);
            }
        }
    }

    /// A kill and a loss of power leave the acknowledged counts or later ones.
    fn check_what_survives(&self, step: Step) {
        for survivor in [self.storage.kept(), self.storage.synced()] {
            for name in NAMES {
                let found = self.read(&survivor, name);
                assert!(
                    self.history.allows(name, found),
                    "{name} is {found:?} after {step:?}, {}",
                    self.context
                );
            }
        }
    }

    fn reopen(&mut self) {
        let closed = self.store.shutdown();
        self.store = opened(&self.storage, self.bare, self.attempts());
        if closed.is_ok() {
            self.acknowledged(Step::Reopen);
            return;
        }
        for name in NAMES {
            let found = self.memory(name);
            assert!(self.history.allows(name, found), "{name} is {found:?}, {}", self.context);
            self.history.continue_from(name, found);
        }
    }

    fn persist_at_last(&mut self, step: Step) {
        self.saved(step, |store| store.persist());
        assert!(!self.store.is_dirty());
        self.ask(step);
    }

    fn read(&self, survivor: &Faulty, name: &str) -> Option<u64> {
        open(survivor.clone()).query(name).try_lifetime().unwrap()
    }
}

/// A store that is opened with at most so many attempts.
fn opened(storage: &Faulty, bare: bool, attempts: usize) -> EventStore {
    let build = || {
        let builder = under(&clock());
        let builder = match bare {
            true => builder.with_storage(Bare(storage.clone())),
            false => builder.with_storage(storage.clone()),
        };
        builder.build()
    };
    for _ in 1..attempts {
        if let Ok(store) = build() {
            return store;
        }
    }
    build().unwrap()
}

pub fn open(storage: impl Storage + 'static) -> EventStore {
    under(&clock()).with_storage(storage).build().unwrap()
}
