//! Windows since a marker after restarts, and after kills between any two writes.

use std::collections::BTreeMap;

use chrono::Duration;
use proptest::prelude::*;
use tiny_counter::{EventStore, EventStoreBuilder, ReservationKey, TestClock, TimeUnit, since};

use super::common::{clock, under};
use super::home::{Home, Kind};
use super::own_storage::OwnStorage;
use super::property::{cases, check};

const NAMES: [&str; 4] = ["a", "m", "~n", "z"];
const MARKERS: [&str; 2] = ["m", "~n"];

#[derive(Debug, Clone, Copy)]
enum Step {
    Record(&'static str),
    RecordMany(&'static str, u32),
    Decide(&'static str),
    DecideBoth(&'static str, &'static str),
    Reserve(&'static str),
    Commit,
    Erase(&'static str),
    Persist,
    Compact,
    Reopen,
    /// Moves the wall clock by so many minutes, without the time passing.
    SetClock(i64),
    Wait(i64),
}
use Step::*;

/// When this store recorded each event: the numbers of the steps.
type Recorded = BTreeMap<&'static str, Vec<usize>>;

/// How often an event was recorded after the last recording of a marker, if only the first ones of
/// each list survive.
fn truth(recorded: &Recorded, lifetimes: &BTreeMap<&str, u64>, event: &str, marker: &str) -> u64 {
    let survived = |name: &str| {
        let all = recorded.get(name).map_or(&[][..], Vec::as_slice);
        all.iter().take(lifetimes[name] as usize)
    };
    let last = survived(marker).max().copied();
    survived(event).filter(|step| last.is_none_or(|last| **step > last)).count() as u64
}

/// Compares all counts of a store with one of the states from which a kill left it.
fn compare(store: &EventStore, states: &[&Recorded], context: &str) -> usize {
    assert!(store.health().losses.is_empty(), "{context}");
    let lifetimes: BTreeMap<&str, u64> = NAMES
        .into_iter()
        .map(|name| (name, store.query(name).try_lifetime().unwrap().unwrap_or(0)))
        .collect();
    for (event, marker) in NAMES.into_iter().flat_map(|event| MARKERS.map(|marker| (event, marker))) {
        let bounds = store.query(event).since(marker).try_bounds().unwrap();
        let bounds = bounds.map_or((0, 0), |bounds| (bounds.lower, bounds.upper));
        let fits = states.iter().any(|state| {
            let truth = truth(state, &lifetimes, event, marker);
            bounds == (truth, truth)
        });
        let truths: Vec<u64> = states.iter().map(|state| truth(state, &lifetimes, event, marker)).collect();
        assert!(fits, "{context}: {event} since {marker}: {bounds:?} of {lifetimes:?}, not {truths:?}");
    }
    NAMES.len() * MARKERS.len()
}

/// A store on a storage, and what it recorded.
struct Life<'s> {
    open: &'s dyn Fn(&TestClock) -> EventStore,
    store: Option<EventStore>,
    clock: TestClock,
    recorded: Recorded,
    reserved: Vec<(ReservationKey, &'static str)>,
    number: usize,
}

impl<'s> Life<'s> {
    fn new(open: &'s dyn Fn(&TestClock) -> EventStore) -> Life<'s> {
        let clock = clock();
        let store = Some(open(&clock));
        Life { open, store, clock, recorded: Recorded::new(), reserved: Vec::new(), number: 0 }
    }

    fn note(&mut self, name: &'static str, count: u32) {
        let number = self.number;
        self.recorded.entry(name).or_default().extend((0..count).map(|_| number));
    }

    fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    fn take(&mut self, step: Step) {
        self.number += 1;
        let decide = |name: &str| self.store().limit().at_most(name, 1_000, TimeUnit::Ever);
        match step {
            Record(name) => {
                self.store().record(name);
                self.note(name, 1);
            }
            RecordMany(name, count) => {
                self.store().record_count(name, count);
                self.note(name, count);
            }
            Decide(name) => {
                decide(name).check_and_record(name).unwrap();
                self.note(name, 1);
            }
            DecideBoth(name, other) => {
                decide(name).also_record(other).check_and_record(name).unwrap();
                self.note(name, 1);
                self.note(other, 1);
            }
            Reserve(name) => {
                let key = decide(name).reserve_for(name, Duration::days(9_999)).unwrap();
                self.reserved.push((key, name));
            }
            Commit => {
                if let Some((key, name)) = self.reserved.pop() {
                    self.store().commit_reservation(key).unwrap();
                    self.note(name, 1);
                }
            }
            Erase(name) => {
                self.store().erase_event(name).unwrap();
                self.recorded.remove(name);
                self.reserved.retain(|(_, event)| *event != name);
            }
            Persist => self.store().persist().unwrap(),
            Compact => self.store.as_mut().unwrap().compact().unwrap(),
            Reopen => {
                self.store.take().unwrap().close().unwrap();
                self.store = Some((self.open)(&self.clock));
            }
            SetClock(minutes) => {
                let now = tiny_counter::Clock::now(&self.clock);
                self.clock.set(now + Duration::minutes(minutes));
            }
            Wait(minutes) => self.clock.advance(Duration::minutes(minutes)),
        }
    }
}

/// Records and reopens after a kill, so that what was begun before goes on.
fn go_on(open: &dyn Fn(&TestClock) -> EventStore, clock: &TestClock, context: &str) -> usize {
    let store = open(clock);
    let since = |store: &EventStore, event: &str, marker: &str| {
        store
            .query(event)
            .since(marker)
            .try_bounds()
            .unwrap()
            .map_or((0, 0), |bounds| (bounds.lower, bounds.upper))
    };
    let before = MARKERS.map(|marker| since(&store, "a", marker));
    store.record_count("a", 2);
    store.persist().unwrap();
    drop(store);
    let store = open(clock);
    for (marker, (lower, upper)) in MARKERS.into_iter().zip(before) {
        assert_eq!(since(&store, "a", marker), (lower + 2, upper + 2), "{context}: {marker}");
    }
    store.record("m");
    store.limit().check_and_record("z").unwrap();
    assert_eq!((since(&store, "a", "m"), since(&store, "z", "m")), ((0, 0), (1, 1)), "{context}");
    drop(store);
    let store = open(clock);
    assert_eq!((since(&store, "a", "m"), since(&store, "z", "m")), ((0, 0), (1, 1)), "{context}");
    4
}

fn marked(builder: EventStoreBuilder) -> EventStore {
    MARKERS.into_iter().fold(builder, EventStoreBuilder::with_marker).build().unwrap()
}

/// Runs a script on a storage without transactions, and checks what a kill leaves after each change
/// of the storage.
fn killed_at_each_change(script: &[Step]) -> usize {
    let storage = OwnStorage::default();
    let open = |clock: &TestClock| marked(under(clock).with_storage(storage.clone()));
    let mut life = Life::new(&open);
    let mut checks = 0;
    for (number, step) in script.iter().enumerate() {
        let before = life.recorded.clone();
        life.take(*step);
        compare(life.store(), &[&life.recorded], &format!("step {number} {step:?}"));
        for (copy, values) in storage.take_copies().into_iter().enumerate() {
            let context = format!("step {number} {step:?}, killed after change {copy}");
            let left = OwnStorage::holding(values);
            let open = |clock: &TestClock| marked(under(clock).with_storage(left.clone()));
            checks += compare(&open(&life.clock), &[&before, &life.recorded], &context);
            checks += go_on(&open, &life.clock, &context);
        }
        storage.take_copies();
    }
    checks
}

/// Runs a script on a storage, and checks what a kill leaves after each step.
fn killed_after_each_step(kind: Kind, script: &[Step]) -> usize {
    let home = Home::new(kind);
    let open = |clock: &TestClock| marked(home.builder(clock));
    let mut life = Life::new(&open);
    let mut checks = 0;
    for (number, step) in script.iter().enumerate() {
        let context = format!("{home:?}: step {number} {step:?}");
        life.take(*step);
        compare(life.store(), &[&life.recorded], &context);
        let killed = home.killed();
        let open = |clock: &TestClock| marked(killed.builder(clock));
        checks += compare(&open(&life.clock), &[&life.recorded], &context);
        checks += go_on(&open, &life.clock, &context);
    }
    checks
}

fn any_step() -> impl Strategy<Value = Step> {
    let name = || prop::sample::select(NAMES.to_vec());
    prop_oneof![
        4 => name().prop_map(Record),
        1 => (name(), 2..5u32).prop_map(|(name, count)| RecordMany(name, count)),
        2 => name().prop_map(Decide),
        1 => (0..NAMES.len(), 1..NAMES.len())
            .prop_map(|(name, other)| DecideBoth(NAMES[name], NAMES[(name + other) % NAMES.len()])),
        1 => name().prop_map(Reserve),
        1 => Just(Commit),
        1 => name().prop_map(Erase),
        2 => Just(Persist),
        1 => Just(Compact),
        1 => Just(Reopen),
        1 => prop::sample::select(vec![-1, -10, 10, -90, 90, -60 * 24 * 40, 60 * 24 * 40]).prop_map(SetClock),
        1 => prop::sample::select(vec![1, 70, 60 * 24 * 50]).prop_map(Wait),
    ]
}

#[test]
fn counts_since_a_marker_are_exact_after_a_kill_between_any_two_writes() {
    let scripts = prop::collection::vec(any_step(), 1..30);
    let checks = check(cases(150, 3_000), scripts, |script| killed_at_each_change(&script));
    assert!(checks > 10_000, "{checks}");
}

#[test]
fn counts_since_a_marker_are_exact_on_every_storage() {
    let kinds = Home::all().into_iter().map(|home| home.kind);
    for kind in kinds {
        let scripts = prop::collection::vec(any_step(), 1..20);
        let checks = check(cases(12, 200), scripts, |script| killed_after_each_step(kind, &script));
        assert!(checks > 1_000, "{kind:?}: {checks}");
    }
}

#[test]
fn a_decision_stores_the_marker_before_what_counts_since_it() {
    for (event, marker) in [("a", "m"), ("z", "m"), ("a", "~n"), ("z", "~n")] {
        let script =
            [RecordMany(event, 3), Record(marker), Persist, Decide(event), Record(marker), Decide(event)];
        assert!(killed_at_each_change(&script) > 50);
    }
    // A limit that is open once since the marker is open again only if the marker is stored.
    let storage = OwnStorage::default();
    let open = |storage: &OwnStorage| marked(under(&clock()).with_storage(storage.clone()));
    let store = open(&storage);
    let once = |store: &EventStore| store.limit().at_most("a", 1, since("m")).check_and_record("a").is_ok();
    assert!(once(&store));
    store.record("m");
    assert!(once(&store) && !once(&store));
    for values in storage.take_copies() {
        let left = open(&OwnStorage::holding(values));
        let (shown, marked) =
            (left.query("a").lifetime().unwrap_or(0), left.query("m").lifetime().unwrap_or(0));
        assert_eq!(once(&left), shown <= marked, "{shown} {marked}");
    }
}
