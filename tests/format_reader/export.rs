//! Exports and sync states.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::bytes::{Bytes, payload};
use super::cell::{Cell, Counts, Id, Stamp};

/// A floor, and the highest number of each opening.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    pub floor: u64,
    pub openings: Vec<Stamp>,
}

impl Coverage {
    pub fn has(&self, stamp: Stamp) -> bool {
        let is_up_to = |&(number, opening): &Stamp| opening == stamp.1 && stamp.0 <= number;
        stamp.0 <= self.floor || self.openings.iter().any(is_up_to)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanePart {
    pub lane: Id,
    pub is_forked: bool,
    pub claim: Coverage,
    pub erased: Coverage,
    pub births: Vec<Stamp>,
}

/// An epoch, the number of the last stamp, and its opening.
pub type Basis = (u64, u64, u64);

#[derive(Debug)]
pub struct Export {
    pub basis: Option<Basis>,
    /// How many parts there are, which this is, and their number.
    pub part: Option<(u64, u64, [u8; 8])>,
    pub lanes: Vec<LanePart>,
    pub events: BTreeMap<String, Vec<Cell>>,
}

#[derive(Debug)]
pub struct SyncState {
    pub horizon: Option<i64>,
    pub lanes: Vec<KnownLane>,
}

#[derive(Debug)]
pub struct KnownLane {
    pub lane: Id,
    pub claim: Coverage,
    pub beside: Vec<Stamp>,
    pub digests: Option<(u64, u64)>,
    pub erased: Coverage,
    /// Numbers of blocks and their digests.
    pub blocks: Vec<(u64, u64)>,
}

/// Reads what names lanes and openings by their places in a table.
struct Reader<'a> {
    bytes: Bytes<'a>,
    table: Vec<(Id, Vec<u32>)>,
}

pub fn export(envelope: &[u8]) -> Export {
    let mut bytes = payload(envelope, b"TCx\n", "");
    let basis = (bytes.varint() == 1).then(|| basis(&mut bytes));
    let parts = bytes.varint();
    let part = (parts > 0).then(|| (parts, bytes.varint(), bytes.take(8).try_into().unwrap()));
    let mut reader = Reader::new(bytes);
    let lanes = reader.many(Reader::lane_part);
    let events = reader.events();
    assert!(reader.bytes.0.is_empty());
    Export { basis, part, lanes, events }
}

pub fn sync_state(envelope: &[u8]) -> (Basis, SyncState) {
    let mut bytes = payload(envelope, b"TCk\n", "");
    let basis = basis(&mut bytes);
    let horizon = (bytes.varint() == 1).then(|| bytes.signed_varint());
    let mut reader = Reader::new(bytes);
    let lanes = reader.many(Reader::known_lane);
    assert!(reader.bytes.0.is_empty());
    (basis, SyncState { horizon, lanes })
}

fn basis(bytes: &mut Bytes) -> Basis {
    (bytes.fixed(8), bytes.varint(), bytes.varint())
}

impl<'a> Reader<'a> {
    fn new(bytes: Bytes<'a>) -> Reader<'a> {
        let mut reader = Reader { bytes, table: Vec::new() };
        reader.table = reader.many(|reader| {
            let id = reader.bytes.id();
            (id, reader.many(|reader| u32::try_from(reader.bytes.fixed(4)).unwrap()))
        });
        reader
    }

    fn index(&mut self) -> usize {
        usize::try_from(self.bytes.varint()).unwrap()
    }

    fn many<T>(&mut self, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.bytes.varint()).map(|_| read(self)).collect()
    }

    fn stamp(&mut self, lane: usize, before: u64) -> Stamp {
        let opening = self.index();
        let number = before.checked_add_signed(self.bytes.signed_varint()).unwrap();
        (number, self.table[lane].1[opening])
    }

    /// A list of stamps, each with the number of the one before it.
    fn stamps(&mut self, lane: usize, mut before: u64) -> Vec<Stamp> {
        self.many(|reader| {
            let stamp = reader.stamp(lane, before);
            before = stamp.0;
            stamp
        })
    }

    fn coverage(&mut self, lane: usize) -> Coverage {
        let floor = self.bytes.varint();
        Coverage { floor, openings: self.stamps(lane, floor) }
    }

    fn lane_part(&mut self) -> LanePart {
        let lane = self.index();
        LanePart {
            lane: self.table[lane].0,
            is_forked: self.bytes.varint() == 1,
            claim: self.coverage(lane),
            erased: self.coverage(lane),
            births: self.stamps(lane, 0),
        }
    }

    fn known_lane(&mut self) -> KnownLane {
        let lane = self.index();
        KnownLane {
            lane: self.table[lane].0,
            claim: self.coverage(lane),
            beside: self.stamps(lane, 0),
            digests: (self.bytes.varint() == 1).then(|| (self.bytes.fixed(8), self.bytes.fixed(8))),
            erased: self.coverage(lane),
            blocks: self.many(|reader| (reader.bytes.varint(), reader.bytes.fixed(8))),
        }
    }

    fn events(&mut self) -> BTreeMap<String, Vec<Cell>> {
        let mut befores = vec![(0, 0); self.table.len()];
        let mut like = Vec::new();
        let events = self.many(|reader| {
            let len = reader.index();
            let name = String::from_utf8(reader.bytes.take(len).to_vec()).unwrap();
            (name, reader.many(|reader| reader.cell(&mut befores, &mut like)))
        });
        events.into_iter().collect()
    }

    /// `befores` has the numbers of the last birth and the last stamp of each lane, `like` the units
    /// of the cell before.
    fn cell(&mut self, befores: &mut [(u64, u64)], like: &mut Vec<(u64, u64)>) -> Cell {
        let lane = self.index();
        let birth = self.stamp(lane, befores[lane].0);
        befores[lane].0 = birth.0;
        let replaced = self.bytes.varint();
        let mut stamp = birth;
        if replaced & 1 == 1 {
            stamp = self.stamp(lane, befores[lane].1);
            befores[lane].1 = stamp.0;
        }
        let mut before = stamp.0;
        let one = |reader: &mut Self| {
            let lane = reader.index();
            let birth = reader.stamp(lane, before);
            before = birth.0;
            (reader.table[lane].0, birth, u8::try_from(reader.bytes.varint()).unwrap())
        };
        let mut one = one;
        let replaced = (0..replaced >> 1).map(|_| one(self)).collect();
        let mut bits = Bits::new(self.bytes.0);
        let counts: Counts = bits.counts(birth.0, stamp.0, like);
        self.bytes.take(bits.bytes_read());
        Cell { lane: self.table[lane].0, birth, stamp, replaced, counts }
    }
}
