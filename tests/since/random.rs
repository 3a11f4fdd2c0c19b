//! Random lives of two devices against a naive truth that keeps the instant of every recording.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use tiny_counter::{Clock, EventStore, TestClock, since};

use super::common::SharedStorage;
use super::common::stores::{clock, under};
use super::property::{cases, check};

const NAMES: [&str; 3] = ["a", "m", "n"];
const MARKERS: [&str; 2] = ["m", "n"];

#[derive(Debug, Clone, Copy)]
enum Step {
    Record(usize, &'static str),
    /// Records an event that happened so many seconds ago.
    RecordAgo(usize, &'static str, i64),
    /// A decision about the event that records the other one too.
    Both(usize, &'static str, &'static str),
    /// One device merges what the other one exports.
    Merge(usize),
    Erase(usize, &'static str),
    Persist(usize),
    Reopen(usize),
    Wait(i64),
}
use Step::*;

/// One recording: which device made it, when, and whether it was dated back. The number tells the
/// recordings of one step from later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Recording {
    name: &'static str,
    at: DateTime<Utc>,
    number: usize,
    cell: CellId,
    is_dated: bool,
}

/// A cell: the device, and how many of its cells were erased before. An erasure of a cell erases
/// all of it, whatever its owner adds before it hears of that.
type CellId = (usize, usize);

struct Device {
    storage: SharedStorage,
    store: Option<EventStore>,
    known: BTreeSet<Recording>,
    erased: BTreeSet<(&'static str, CellId)>,
}

fn open(storage: &SharedStorage, clock: &TestClock) -> EventStore {
    under(clock).with_storage(storage.clone()).with_marker("m").with_marker("n").build().unwrap()
}

impl Device {
    fn new(clock: &TestClock) -> Device {
        let storage = SharedStorage::default();
        Device {
            store: Some(open(&storage, clock)),
            storage,
            known: BTreeSet::new(),
            erased: BTreeSet::new(),
        }
    }

    fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    fn of(&self, name: &str) -> Vec<Recording> {
        self.known.iter().filter(|one| one.name == name).copied().collect()
    }

    /// The cell in which the device counts.
    fn cell(&self, device: usize, name: &'static str) -> CellId {
        (0..).map(|number| (device, number)).find(|cell| !self.erased.contains(&(name, *cell))).unwrap()
    }

    fn note(&mut self, name: &'static str, device: usize, number: usize, at: DateTime<Utc>, is_dated: bool) {
        let cell = self.cell(device, name);
        self.known.insert(Recording { name, at, number, cell, is_dated });
    }

    fn forget_erased(&mut self) {
        self.known.retain(|one| !self.erased.contains(&(one.name, one.cell)));
    }

    /// Compares every count with the truth. Returns how many were exact.
    fn check(&self, device: usize, context: &str) -> usize {
        let mut exact = 0;
        for (event, marker) in NAMES.into_iter().flat_map(|event| MARKERS.map(|marker| (event, marker))) {
            let bounds = self.store().query(event).since(marker).try_bounds().unwrap();
            let (lower, upper) = bounds.map_or((0, 0), |bounds| (bounds.lower, bounds.upper));
            let latest = self.of(marker).into_iter().max_by_key(|one| (one.at, one.number));
            let recorded = self.of(event);
            let is_after = |one: &&Recording| {
                latest.is_none_or(|latest| match one.cell.0 == latest.cell.0 {
                    // A recording that is dated back counts by its time alone.
                    true if !one.is_dated && !latest.is_dated => one.number > latest.number,
                    _ => one.at > latest.at,
                })
            };
            let truth = recorded.iter().filter(is_after).count() as u64;
            let context =
                || format!("{context}, device {device}: {event} since {marker}: {lower}..={upper}, {truth}");
            assert!(lower <= truth && truth <= upper, "{}", context());
            let is_ours = |one: &Recording| one.cell.0 == device;
            let is_exact = latest.is_none_or(|latest| is_ours(&latest) && !latest.is_dated);
            if is_exact && recorded.iter().all(is_ours) {
                assert_eq!(lower, upper, "{}", context());
            }
            exact += usize::from(lower == upper);
            let limit = |most: u64| u32::try_from(most).unwrap();
            let store = self.store();
            let most = store.limit().at_most(event, limit(truth), since(marker));
            let least = store.limit().at_least(event, limit(truth + 1), since(marker));
            for refused in [most.check("x"), least.check("x")] {
                let error = refused.expect_err(&context());
                let wait = error.as_limit_exceeded().unwrap().retry_after;
                assert_eq!(wait, None, "{}: nothing changes while time passes", context());
            }
        }
        exact
    }
}

fn run(script: &[Step]) -> usize {
    let clock = clock();
    let mut devices = [Device::new(&clock), Device::new(&clock)];
    let mut exact = 0;
    for (number, step) in script.iter().enumerate() {
        clock.advance(Duration::milliseconds(1));
        let now = clock.now();
        let note = |devices: &mut [Device; 2], device: usize, name, at, is_dated| {
            devices[device].note(name, device, number, at, is_dated);
        };
        match *step {
            Record(device, name) => {
                devices[device].store().record(name);
                note(&mut devices, device, name, now, false);
            }
            RecordAgo(device, name, seconds) => {
                let at = now - Duration::seconds(seconds);
                devices[device].store().record_at(name, at).unwrap();
                note(&mut devices, device, name, at, true);
            }
            Both(device, name, other) => {
                devices[device].store().limit().also_record(other).check_and_record(name).unwrap();
                note(&mut devices, device, name, now, false);
                note(&mut devices, device, other, now, false);
            }
            Merge(to) => {
                let export = devices[1 - to].store().export_bytes().unwrap();
                devices[to].store().merge_bytes(&export).unwrap();
                let (known, erased) = (devices[1 - to].known.clone(), devices[1 - to].erased.clone());
                devices[to].known.extend(known);
                devices[to].erased.extend(erased);
                devices[to].forget_erased();
            }
            Erase(device, name) => {
                devices[device].store().erase_event(name).unwrap();
                let cells: Vec<_> = devices[device].of(name).iter().map(|one| (name, one.cell)).collect();
                devices[device].erased.extend(cells);
                devices[device].forget_erased();
            }
            Persist(device) => devices[device].store().persist().unwrap(),
            Reopen(device) => {
                devices[device].store.take().unwrap().close().unwrap();
                devices[device].store = Some(open(&devices[device].storage, &clock));
            }
            Wait(seconds) => clock.advance(Duration::seconds(seconds)),
        }
        for (device, known) in devices.iter().enumerate() {
            exact += known.check(device, &format!("step {number} {step:?}"));
        }
    }
    exact
}

fn any_step() -> impl Strategy<Value = Step> {
    let name = || prop::sample::select(NAMES.to_vec());
    let seconds = || prop::sample::select(vec![1, 20, 61, 3_600, 86_400, 40 * 86_400]);
    prop_oneof![
        4 => (0..2usize, name()).prop_map(|(device, name)| Record(device, name)),
        1 => (0..2usize, name(), seconds()).prop_map(|(device, name, ago)| RecordAgo(device, name, ago)),
        1 => (0..2usize, 0..3usize, 1..3usize)
            .prop_map(|(device, name, other)| Both(device, NAMES[name], NAMES[(name + other) % 3])),
        2 => (0..2usize).prop_map(Merge),
        1 => (0..2usize, name()).prop_map(|(device, name)| Erase(device, name)),
        1 => (0..2usize).prop_map(Persist),
        1 => (0..2usize).prop_map(Reopen),
        3 => seconds().prop_map(Wait),
    ]
}

#[test]
fn bounds_hold_and_counts_of_this_device_are_exact() {
    let scripts = prop::collection::vec(any_step(), 1..40);
    let exact = check(cases(400, 10_000), scripts, |script| run(&script));
    assert!(exact > 10_000, "{exact}");
}
