//! Random lives of one device that is killed, whose clock is set, and that imports and erases. What
//! it recorded since a marker is exact, whatever its clock said.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use tiny_counter::{EventStore, SingleEventCounter, TestClock, since};

use super::common::SharedStorage;
use super::common::stores::{clock, noon, under};
use super::property::{cases, check};

const NAMES: [&str; 3] = ["a", "m", "n"];
const MARKERS: [&str; 2] = ["m", "n"];

#[derive(Debug, Clone, Copy)]
enum Step {
    Record(usize),
    /// A decision about the event that records the other one too.
    Both(usize, usize),
    Persist,
    Reopen,
    /// What was not written is lost.
    Kill,
    Erase(usize),
    /// Keeps what is counted of all events.
    Export,
    /// Replaces an event by what was kept of it at last.
    Import(usize),
    Wait(i64),
    /// The clock shows the right time and so many seconds.
    SetClock(i64),
}
use Step::*;

/// What is counted of one event: the numbers of the recordings, ascending.
#[derive(Debug, Clone, Default)]
struct Counted {
    recordings: Vec<usize>,
    /// Whether something of it was imported since the last erasure: this device did not record that
    /// in the order of its counts.
    is_imported: bool,
}

struct Life {
    clock: TestClock,
    /// What the clock would show if it was never set.
    right: DateTime<Utc>,
    ahead: Duration,
    was_set: bool,
    storage: SharedStorage,
    store: Option<EventStore>,
    counted: [Counted; 3],
    exported: Option<(HashMap<String, SingleEventCounter>, [Counted; 3])>,
}

impl Life {
    fn new() -> Life {
        let (clock, storage) = (clock(), SharedStorage::default());
        let store = Some(open(&storage, &clock));
        let right = noon();
        let counted = Default::default();
        Life {
            clock,
            right,
            ahead: Duration::zero(),
            was_set: false,
            storage,
            store,
            counted,
            exported: None,
        }
    }

    fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    fn wait(&mut self, by: Duration) {
        self.right += by;
        self.clock.advance(by);
    }

    fn take(&mut self, number: usize, step: Step) {
        match step {
            Record(event) => {
                self.store().record(NAMES[event]);
                self.counted[event].recordings.push(number);
            }
            Both(event, other) => {
                self.store().limit().also_record(NAMES[other]).check_and_record(NAMES[event]).unwrap();
                [event, other].into_iter().for_each(|event| self.counted[event].recordings.push(number));
            }
            Persist => self.store().persist().unwrap(),
            Reopen => {
                self.store.take().unwrap().close().unwrap();
                self.store = Some(open(&self.storage, &self.clock));
            }
            Kill => {
                let left = self.storage.backup();
                self.store = None;
                self.store = Some(open(&left, &self.clock));
                self.storage = left;
                self.note_lost();
            }
            Erase(event) => {
                self.store().erase_event(NAMES[event]).unwrap();
                self.counted[event] = Counted::default();
            }
            Export => self.exported = Some((self.store().export_all().unwrap(), self.counted.clone())),
            Import(event) => {
                let Some((counters, counted)) = &self.exported else { return };
                let Some(counter) = counters.get(NAMES[event]) else { return };
                self.store().import_event(NAMES[event], counter.clone()).unwrap();
                self.counted[event] = Counted { is_imported: true, ..counted[event].clone() };
                self.store().persist().unwrap();
            }
            Wait(seconds) => self.wait(Duration::seconds(seconds)),
            SetClock(seconds) => {
                self.ahead = Duration::seconds(seconds);
                self.was_set |= seconds != 0;
                self.clock.set(self.right + self.ahead);
            }
        }
    }

    /// A kill loses the latest recordings of an event.
    fn note_lost(&mut self) {
        for (event, counted) in self.counted.iter_mut().enumerate() {
            let left = self.store.as_ref().unwrap().query(NAMES[event]).lifetime().unwrap_or(0);
            assert!(left <= counted.recordings.len() as u64, "a kill added recordings");
            counted.recordings.truncate(left as usize);
        }
    }

    /// Compares the counts since the markers with the truth. Returns how many were exact.
    fn check(&self, context: &str) -> usize {
        let mut exact = 0;
        for (event, marker) in (0..3).flat_map(|event| [1, 2].map(|marker| (event, marker))) {
            let (counted, marked) = (&self.counted[event], &self.counted[marker]);
            let latest = marked.recordings.last();
            let is_after = |number: &&usize| latest.is_none_or(|latest| *number > latest);
            let truth = counted.recordings.iter().filter(is_after).count() as u64;
            let (lower, upper) = super::bounds(self.store(), NAMES[event], NAMES[marker]);
            let context =
                format!("{context}: {} since {}: {lower}..={upper}, {truth}", NAMES[event], NAMES[marker]);
            if !counted.is_imported && !marked.is_imported {
                assert_eq!((lower, upper), (truth, truth), "{context}");
                exact += 1;
            }
            // What was counted under a wrong clock and is imported later has the wrong times.
            let is_right = self.was_set || (lower <= truth && truth <= upper);
            assert!(is_right && upper <= counted.recordings.len() as u64, "{context}");
            // A limit passes only if every count within the bounds lets it pass.
            let (store, number) = (self.store(), |count: u64| u32::try_from(count).unwrap());
            let most = |count| store.limit().at_most(NAMES[event], number(count), since(NAMES[marker]));
            let least = |count| store.limit().at_least(NAMES[event], number(count), since(NAMES[marker]));
            assert!(most(upper + 1).allowed("x") && !most(upper).allowed("x"), "{context}");
            assert!(least(lower).allowed("x") && !least(lower + 1).allowed("x"), "{context}");
        }
        exact
    }
}

fn open(storage: &SharedStorage, clock: &TestClock) -> EventStore {
    let builder = under(clock).with_storage(storage.clone());
    MARKERS.into_iter().fold(builder, |builder, marker| builder.with_marker(marker)).build().unwrap()
}

fn run(script: &[Step]) -> usize {
    let mut life = Life::new();
    let mut exact = 0;
    for (number, step) in script.iter().enumerate() {
        life.wait(Duration::milliseconds(1));
        life.take(number, *step);
        exact += life.check(&format!("step {number} {step:?}"));
    }
    exact
}

fn any_step() -> impl Strategy<Value = Step> {
    let seconds = || prop::sample::select(vec![1, 20, 61, 3_600, 86_400, 40 * 86_400]);
    let ahead = prop::sample::select(vec![
        0,
        0,
        -5,
        -600,
        600,
        -3_600,
        3_600,
        -2 * 86_400,
        2 * 86_400,
        -400 * 86_400,
        400 * 86_400,
    ]);
    prop_oneof![
        8 => (0..3usize).prop_map(Record),
        2 => (0..3usize, 1..3usize).prop_map(|(event, other)| Both(event, (event + other) % 3)),
        2 => Just(Persist),
        1 => Just(Reopen),
        2 => Just(Kill),
        1 => (0..3usize).prop_map(Erase),
        1 => Just(Export),
        1 => (0..3usize).prop_map(Import),
        3 => seconds().prop_map(Wait),
        3 => ahead.prop_map(SetClock),
    ]
}

#[test]
fn counts_since_a_marker_are_exact_across_kills_and_clock_steps() {
    let scripts = prop::collection::vec(any_step(), 1..40);
    let exact = check(cases(400, 10_000), scripts, |script| run(&script));
    assert!(exact > 10_000, "{exact}");
}
