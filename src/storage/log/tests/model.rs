//! The expected content of a log, and a script of operations.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::header::Header;
use super::super::open::open_on;
use super::super::synced_len;
use super::super::{LogStore, Op, OpenReport};
use super::sim::SimDisk;

/// The time at which the tests open logs.
pub(super) const NOW: i64 = 1_750_248_000_000;

/// The content of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) values: BTreeMap<String, Vec<u8>>,
    pub(super) meta: Option<Vec<u8>>,
}

/// One step of a script.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Write(Vec<Change>),
    Sync,
    Compact,
}

/// An operation that owns its bytes.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Put(&'static str, Vec<u8>),
    Delete(&'static str),
    Meta(Vec<u8>),
}

impl Change {
    pub(super) fn op(&self) -> Op<'_> {
        match self {
            Change::Put(key, value) => Op::Put { key, value },
            Change::Delete(key) => Op::Delete { key },
            Change::Meta(value) => Op::Meta { value },
        }
    }
}

impl Model {
    pub(super) fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Put(key, value) => _ = self.values.insert((*key).to_owned(), value.clone()),
                Change::Delete(key) => _ = self.values.remove(*key),
                Change::Meta(value) => self.meta = Some(value.clone()),
            }
        }
    }

    /// Reads the whole content of a log.
    pub(super) fn of(log: &LogStore) -> Model {
        let value = |key: String| {
            let value = log.load(&key).unwrap().unwrap();
            (key, value)
        };
        Model { values: log.keys().into_iter().map(value).collect(), meta: log.meta() }
    }
}

pub(super) fn write(log: &LogStore, changes: &[Change]) -> crate::error::Result<()> {
    log.write(changes.iter().map(Change::op))
}

pub(super) fn run(log: &LogStore, step: &Step) -> crate::error::Result<()> {
    match step {
        Step::Write(changes) => write(log, changes),
        Step::Sync => log.sync(),
        Step::Compact => log.compact(),
    }
}

pub(super) fn open(disk: &SimDisk, dir: &Path) -> (LogStore, OpenReport) {
    open_on(disk.shared(), dir, NOW).unwrap()
}

/// The bytes in front of the first frame: the header, and the synced length twice.
pub(super) fn front(header: Header, synced: u64) -> Vec<u8> {
    let copy = synced_len::to_bytes(synced, header);
    [&header.to_bytes()[..], &copy, &copy].concat()
}

/// Whether the report is empty.
pub(super) fn is_clean(report: &OpenReport) -> bool {
    report.lost.is_empty() && !report.lost_unknown && report.kept_aside.is_empty()
}

/// A script with every kind of step.
pub(super) fn script() -> Vec<Step> {
    let put = |key, byte: u8, len: usize| Change::Put(key, vec![byte; len]);
    vec![
        Step::Write(vec![put("a", 1, 40), put("b", 2, 3), Change::Meta(vec![9; 20])]),
        Step::Write(vec![put("a", 3, 90)]),
        Step::Sync,
        Step::Write(vec![put("c", 4, 200), Change::Delete("b"), put("empty", 0, 0)]),
        Step::Write(vec![Change::Meta(vec![8; 30])]),
        Step::Sync,
        Step::Write(vec![put("d", 5, 10), put("a", 6, 70)]),
        Step::Compact,
        Step::Write(vec![put("b", 7, 100), put("c", 8, 5)]),
        Step::Write(vec![Change::Delete("d")]),
        Step::Sync,
        Step::Write(vec![put("e", 9, 64), put("f", 10, 64), put("g", 11, 64)]),
    ]
}

/// A pseudorandom generator (xorshift) with a fixed seed.
#[derive(Clone, Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}
