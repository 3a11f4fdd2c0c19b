//! An app's own storage of which any one call fails: what was acknowledged stays, memory stays right, and the next attempt succeeds.

#![cfg(feature = "serde-bincode")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "faulty_storage/faulty.rs"]
mod faulty;
#[path = "faulty_storage/history.rs"]
mod history;
mod support;

use faulty::{Call, Fault, Faulty};
use history::History;
use tiny_counter::{Error, EventStore, TimeUnit};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone, Copy)]
enum Step {
    Record(&'static str, u32),
    Decide(&'static str),
    Erase(&'static str),
    Ask,
    List,
    Persist,
    PersistAll,
    Export,
    Compact,
    Reopen,
}

/// Every way to the storage: new events and stored ones, read and not yet read, changed and erased.
const SCRIPT: [Step; 27] = [
    Step::Record("a", 3),
    Step::Record("b", 1),
    Step::Persist,
    Step::Record("a", 4),
    Step::Decide("c"),
    Step::Erase("b"),
    Step::Record("d", 7),
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
    Step::Record("d", 1),
    Step::Record("b", 1),
    Step::Persist,
    Step::Erase("d"),
    Step::Erase("a"),
    Step::Record("a", 2),
    Step::Reopen,
    Step::List,
    Step::Record("c", 9),
    Step::Persist,
];

struct Run {
    storage: Faulty,
    store: EventStore,
    history: History,
    fault: String,
}

impl Run {
    fn new(storage: Faulty, fault: String) -> Run {
        let store = open(&storage);
        Run { storage, store, history: History::new(&NAMES), fault }
    }

    fn all(mut self) {
        for step in SCRIPT {
            self.step(step);
            self.check_what_survives(step);
        }
        self.persist_at_last(Step::Persist);
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
                            self.fault
                        );
                    }
                    // What could not be read is not decided; what could not be written is.
                    Err(error) => self.either(name, &error, |history| history.add(name, 1)),
                }
            }
            Step::Erase(name) => match self.store.erase_event(name) {
                Ok(_) => {
                    self.history.erase(name);
                    assert_eq!(self.read(&self.storage.synced(), name), None, "{}", self.fault);
                }
                Err(error) => self.either(name, &error, |history| history.erase(name)),
            },
            Step::Ask => self.ask(step),
            Step::List => {
                let known: Vec<&str> =
                    NAMES.into_iter().filter(|name| self.history.now(name).is_some()).collect();
                let listed = self.store.try_events().or_else(|_| self.store.try_events());
                assert_eq!(listed.unwrap(), known, "{}", self.fault);
            }
            Step::Persist => self.saved(step, |store| store.persist()),
            Step::PersistAll => self.saved(step, |store| store.persist_all()),
            Step::Export => self.saved(step, |store| store.export_bytes().map(|_| ())),
            Step::Compact => self.saved(step, |store| store.compact()),
            Step::Reopen => self.reopen(),
        }
    }

    /// After a failed call that changes an event: which of both it is is told by what failed, and memory agrees.
    fn either(&mut self, name: &str, error: &Error, change: impl FnOnce(&mut History)) {
        if !matches!(error, Error::Unavailable { .. }) {
            change(&mut self.history);
        } else if self.memory(name) != self.history.now(name) {
            // Looking for the lane before a write is reading as well.
            change(&mut self.history);
        }
        assert_eq!(self.memory(name), self.history.now(name), "{}", self.fault);
    }

    /// One call fails: asked again the answer is there, and it is never a wrong one.
    fn memory(&self, name: &str) -> Option<u64> {
        let ask = || self.store.query(name).try_lifetime();
        ask().or_else(|_| ask()).unwrap()
    }

    fn ask(&self, step: Step) {
        for name in NAMES {
            assert_eq!(self.memory(name), self.history.now(name), "{name} after {step:?}, {}", self.fault);
        }
    }

    fn saved(&mut self, step: Step, save: impl Fn(&mut EventStore) -> tiny_counter::Result<()>) {
        if save(&mut self.store).is_err() {
            self.ask(step);
            self.check_what_survives(step);
            save(&mut self.store).unwrap_or_else(|error| panic!("again {step:?}: {error}, {}", self.fault));
        }
        assert!(!self.store.health().storage_fails, "{}", self.fault);
        self.acknowledged(step);
    }

    /// All of it is there, whatever happens now.
    fn acknowledged(&mut self, step: Step) {
        self.history.acknowledge();
        for survivor in [self.storage.kept(), self.storage.synced()] {
            for name in NAMES {
                let found = self.read(&survivor, name);
                assert_eq!(found, self.history.now(name), "{name} after {step:?}, {}", self.fault);
            }
        }
    }

    /// What a kill and what a loss of power leave: what was acknowledged or later, nothing else.
    fn check_what_survives(&self, step: Step) {
        for survivor in [self.storage.kept(), self.storage.synced()] {
            for name in NAMES {
                let found = self.read(&survivor, name);
                assert!(
                    self.history.allows(name, found),
                    "{name} is {found:?} after {step:?}, {}",
                    self.fault
                );
            }
        }
    }

    fn reopen(&mut self) {
        let closed = self.store.shutdown();
        self.store = open(&self.storage);
        if closed.is_ok() {
            self.acknowledged(Step::Reopen);
            return;
        }
        for name in NAMES {
            let found = self.memory(name);
            assert!(self.history.allows(name, found), "{name} is {found:?}, {}", self.fault);
            self.history.go_on_from(name, found);
        }
    }

    fn persist_at_last(&mut self, step: Step) {
        self.saved(step, |store| store.persist());
        assert!(!self.store.is_dirty());
        self.ask(step);
    }

    fn read(&self, survivor: &Faulty, name: &str) -> Option<u64> {
        open(survivor).query(name).try_lifetime().unwrap()
    }
}

fn open(storage: &Faulty) -> EventStore {
    support::under(&support::clock()).with_storage(storage.clone()).build().unwrap()
}

/// Runs the script with the n-th such call failing, for every n that it comes to; returns how many those are.
fn fail_each(call: Call, transactions: bool, late: bool, and_the_rollback: bool) -> usize {
    for nth in 1.. {
        let fault = Fault { call, nth, late, and_the_rollback };
        let storage = Faulty::new(transactions, Some(fault));
        Run::new(storage.clone(), format!("{fault:?}, transactions: {transactions}")).all();
        if !storage.has_failed() {
            return nth - 1;
        }
    }
    0
}

#[test]
fn without_a_fault_everything_is_there() {
    for transactions in [true, false] {
        Run::new(Faulty::new(transactions, None), "no fault".into()).all();
    }
}

#[test]
fn any_call_may_fail_with_and_without_transactions() {
    for transactions in [true, false] {
        for (call, at_least) in [
            (Call::Save, 10),
            (Call::Load, 10),
            (Call::Delete, 3),
            (Call::ListKeys, 3),
            (Call::Begin, 8),
            (Call::Commit, 8),
            (Call::Sync, 8),
        ] {
            let tried = fail_each(call, transactions, false, false);
            assert!(tried >= at_least, "the script comes to {tried} of {call:?}");
        }
    }
}

#[test]
fn a_call_may_fail_after_it_was_done() {
    for transactions in [true, false] {
        for call in [Call::Delete, Call::Commit, Call::Sync] {
            assert!(fail_each(call, transactions, true, false) > 0);
        }
    }
}

#[test]
fn the_rollback_may_fail_as_well() {
    for transactions in [true, false] {
        for call in [Call::Save, Call::Delete, Call::Commit] {
            assert!(fail_each(call, transactions, false, true) > 0);
        }
    }
}

#[test]
fn a_storage_that_fails_for_long_loses_nothing_either() {
    for call in [Call::Save, Call::Begin, Call::Commit, Call::Sync] {
        let storage = Faulty::new(true, None);
        let store = open(&storage);
        store.record("a");
        store.persist().unwrap();
        storage.fail_until_told(Some(call));
        for _ in 0..5 {
            store.record("a");
            assert!(matches!(store.persist(), Err(Error::Storage(_))), "{call:?}");
            assert!(store.is_dirty() && store.health().storage_fails);
        }
        assert_eq!(store.query("a").lifetime(), Some(6));
        storage.fail_until_told(None);
        store.persist().unwrap();
        assert_eq!(open(&storage.synced()).query("a").lifetime(), Some(6));
    }
}
