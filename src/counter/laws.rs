//! The laws of the counters, tested with random histories of several replicas.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::cell::{Cell, Moment};
use super::event_counter::SingleEventCounter;
use super::join::{Joined, join};
use super::lane::{CellKey, LaneCell, LaneId, Replaced};
use super::other_cells::OtherCells;
use super::reading::Reading;
use super::stamp::Stamp;
use super::tracking::Tracking;
use super::view::View;
use crate::time::bucket::Numbers;
use crate::time::current_buckets::CurrentBuckets;
use crate::time::instant::{DAY, HOUR};
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

fn tracking() -> Tracking {
    Tracking::new(&[(TimeUnit::Hours, 5), (TimeUnit::Days, 3), (TimeUnit::Years, 2)]).unwrap()
}

/// One event on one device, and its last durable state.
#[derive(Debug, Clone)]
struct Replica {
    lane: LaneId,
    opening: u32,
    stamp: u64,
    /// The birth of the cell that it adds to; none before the next recording begins one.
    birth: Stamp,
    counter: SingleEventCounter,
    erased: BTreeSet<CellKey>,
    durable: Option<Box<Replica>>,
}

impl Replica {
    fn new(lane: u8) -> Replica {
        Replica {
            lane: LaneId([lane; 16]),
            opening: 0,
            stamp: 0,
            birth: Stamp::default(),
            counter: SingleEventCounter::default(),
            erased: BTreeSet::new(),
            durable: None,
        }
    }

    fn own(&self) -> Cell {
        let mut cells = self.counter.cells_of(self.lane);
        cells
            .find(|cell| cell.birth == self.birth)
            .map_or_else(|| Cell::new(&tracking()), |cell| Cell::open(&cell.body, &tracking(), None).0)
    }

    fn put(&mut self, cell: &Cell, stamp: Stamp) {
        let (lane, birth, replaced) = (self.lane, self.birth, Replaced::default());
        self.counter.put(LaneCell { lane, birth, stamp, replaced, body: cell.seal(&tracking()) });
    }

    fn record(&mut self, at: i64, now: i64, count: u64) {
        self.stamp += 1;
        let stamp = Stamp::new(self.stamp, self.opening);
        if self.birth.is_none() {
            self.birth = stamp;
        }
        let mut cell = self.own();
        let (numbers, current) = (Numbers::at(at, 0), Numbers::at(now, 0));
        let moment = Moment { at, numbers: &numbers, offset: 0, now, current: &current };
        cell.record_at(&tracking(), moment, count);
        self.put(&cell, stamp);
    }

    /// Ages all cells. No stamp changes.
    fn age(&mut self, horizon: i64) {
        for cell in &mut self.counter.cells {
            if let Some(aged) = cell.body.aged(horizon) {
                cell.body = aged;
            }
        }
    }

    fn erase(&mut self) {
        self.erased.extend(self.counter.cells.iter().map(LaneCell::key));
        self.settle();
    }

    fn settle(&mut self) {
        self.counter.cells.retain(|cell| !self.erased.contains(&cell.key()));
        if self.counter.cells_of(self.lane).all(|cell| cell.birth != self.birth) {
            self.birth = Stamp::default();
        }
    }

    fn merge(&mut self, (counter, erased): &(SingleEventCounter, BTreeSet<CellKey>)) -> Joined {
        self.erased.extend(erased);
        let joined = join(&mut self.counter.cells, counter.cells.clone(), |_| ());
        self.settle();
        joined
    }

    /// Exports the event. An export is made durable first.
    fn export(&mut self) -> (SingleEventCounter, BTreeSet<CellKey>) {
        self.persist();
        (self.counter.clone(), self.erased.clone())
    }

    fn persist(&mut self) {
        self.durable = None;
        self.durable = Some(Box::new(self.clone()));
    }

    fn crash(&mut self) {
        let (lane, opening) = (self.lane, self.opening + 1);
        let durable = self.durable.take();
        *self = durable.map_or_else(|| Replica { lane, ..Replica::new(0) }, |durable| *durable);
        self.opening = opening;
        self.persist();
    }

    fn sums(&self, now: i64) -> Vec<u64> {
        let tracking = tracking();
        let view = View::at(now, CurrentBuckets::at(now, &Zone::utc(), Unit::Seconds));
        let (own, birth, stamp, earlier, ahead) = (None, 0, 0, &[][..], &[][..]);
        let others = OtherCells::from(self.counter.cells.clone());
        let others = Some(&others);
        let reading = Reading { own, birth, stamp, earlier, others, ahead, tracking: &tracking, view: &view };
        let sum = |(unit, n): &(Unit, u32)| reading.sum(*unit, 0..i64::from(*n));
        tracking.units().iter().map(sum).chain([reading.lifetime()]).collect()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Record { who: usize, back: i64, count: u64 },
    Wait(i64),
    Age(usize),
    Erase(usize),
    Send { from: usize, to: usize },
    Persist(usize),
    Crash(usize),
}

const REPLICAS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    let who = 0..REPLICAS;
    prop_oneof![
        6 => (who.clone(), 0..40i64, 0..4u64).prop_map(|(who, back, count)| Step::Record { who, back, count }),
        3 => (1..200i64).prop_map(Step::Wait),
        2 => who.clone().prop_map(Step::Age),
        1 => who.clone().prop_map(Step::Erase),
        4 => (who.clone(), who.clone()).prop_map(|(from, to)| Step::Send { from, to }),
        1 => who.clone().prop_map(Step::Persist),
        1 => who.prop_map(Step::Crash),
    ]
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..60)
}

const START: i64 = 1_700_000_000_000;

fn run(steps: &[Step]) -> (Vec<Replica>, i64) {
    let mut now = START;
    let mut all: Vec<Replica> = (1..).take(REPLICAS).map(Replica::new).collect();
    for step in steps {
        match *step {
            Step::Record { who, back, count } => all[who].record(now - back * HOUR, now, count),
            Step::Wait(hours) => now += hours * HOUR,
            Step::Age(who) => all[who].age(now - 9 * DAY),
            Step::Erase(who) => all[who].erase(),
            Step::Send { from, to } => {
                let sent = all[from].export();
                assert_no_conflicts(&all[to].merge(&sent));
            }
            Step::Persist(who) => all[who].persist(),
            Step::Crash(who) => all[who].crash(),
        }
    }
    (all, now)
}

fn joined(a: &SingleEventCounter, b: &SingleEventCounter) -> SingleEventCounter {
    let mut out = a.clone();
    join(&mut out.cells, b.cells.clone(), |_| ());
    out
}

proptest! {
    #[test]
    fn joining_is_commutative_associative_and_idempotent(steps in history()) {
        let (all, _) = run(&steps);
        let [a, b, c] = [&all[0].counter, &all[1].counter, &all[2].counter];
        // Only states that can meet are joined. A change that was lost in a crash before it was
        // exported can share its stamp with a later change, but no other device has seen it.
        prop_assert_eq!(joined(a, b), joined(b, a));
        prop_assert_eq!(joined(&joined(a, b), c), joined(a, &joined(b, c)));
        prop_assert_eq!(&joined(a, a), a);
        prop_assert_eq!(joined(&joined(a, b), b), joined(a, b));
    }

    #[test]
    fn all_replicas_agree_after_an_exchange_between_all(steps in history()) {
        let (mut all, now) = run(&steps);
        for _ in 0..2 {
            for from in 0..REPLICAS {
                let sent = all[from].export();
                all.iter_mut().for_each(|replica| assert_no_conflicts(&replica.merge(&sent)));
            }
        }
        for replica in &mut all {
            replica.age(now - 9 * DAY);
        }
        for replica in &all {
            prop_assert_eq!(&replica.counter, &all[0].counter);
            prop_assert_eq!(replica.sums(now), all[0].sums(now));
        }
    }

    #[test]
    fn an_erase_removes_all_counts_that_the_erasing_replica_knew(steps in history(), later in history()) {
        let (mut all, _) = run(&steps);
        let known: Vec<_> = all[0].counter.cells.clone();
        all[0].erase();
        let erased = all[0].export();
        for replica in &mut all {
            replica.merge(&erased);
        }
        for (replica, step) in (0..REPLICAS).cycle().zip(&later) {
            if let Step::Record { back, count, .. } = step {
                all[replica].record(START - back * HOUR, START, *count);
            }
        }
        for replica in &all {
            prop_assert!(known.iter().all(|cell| !replica.counter.cells.contains(cell)));
            let recorded: u64 = replica.counter.cells.iter().map(|cell| cell.body.head().lifetime).sum();
            prop_assert!(recorded <= 4 * 60);
        }
    }

    #[test]
    fn ageing_changes_no_answer(steps in history()) {
        let (all, now) = run(&steps);
        for mut replica in all {
            let before = replica.sums(now);
            replica.age(now);
            prop_assert_eq!(replica.sums(now), before);
        }
    }

    #[test]
    fn a_cell_and_its_stored_form_age_alike(steps in history(), ago in 0..20i64) {
        let (all, now) = run(&steps);
        let horizon = now - ago * DAY;
        for cell in all.iter().flat_map(|replica| &replica.counter.cells) {
            let mut opened = Cell::open(&cell.body, &tracking(), None).0;
            opened.age(&tracking(), &Numbers::at(horizon, 0));
            let aged = cell.body.aged(horizon).unwrap_or_else(|| cell.body.clone());
            prop_assert_eq!(opened.seal(&tracking()), aged);
        }
    }

    #[test]
    fn a_cell_has_one_encoding_whatever_is_tracked(steps in history()) {
        for replica in run(&steps).0 {
            for cell in &replica.counter.cells {
                prop_assert_eq!(&Cell::open(&cell.body, &tracking(), None).0.seal(&tracking()), &cell.body);
                // A store that tracks other units keeps the series of this one.
                let other = Tracking::new(&[(TimeUnit::Minutes, 9), (TimeUnit::Days, 3)]).unwrap();
                prop_assert_eq!(&Cell::open(&cell.body, &other, None).0.seal(&other), &cell.body);
            }
        }
    }

    #[test]
    fn absorbing_a_second_cell_equals_recording_both_in_one(
        first in prop::collection::vec((0..60i64, 1..5u64), 0..20),
        second in prop::collection::vec((0..60i64, 1..5u64), 0..20),
    ) {
        let part = |records: &[(i64, u64)]| {
            let mut replica = Replica::new(1);
            records.iter().for_each(|(back, count)| replica.record(START - back * HOUR, START, *count));
            replica
        };
        let mut cell = part(&first).own();
        cell.absorb(&tracking(), &part(&second).own(), START, &Numbers::at(START, 0));
        let whole = part(&[first, second].concat());
        let counts = |cell: &Cell| {
            let pairs = |index| cell.pairs(&tracking(), index).collect::<Vec<_>>();
            (cell.seen(), cell.lifetime, cell.offsets(), [0, 1, 2].map(pairs))
        };
        prop_assert_eq!(counts(&cell), counts(&whole.own()));
    }
}

fn assert_no_conflicts(joined: &Joined) {
    assert!(joined.conflicts == 0, "an earlier version of a cell holds more than a later one");
}
