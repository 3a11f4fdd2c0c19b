//! An encoder of exports and sync states that can say anything, see docs/format.md.

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub type Lane = [u8; 16];

/// A number and an opening.
pub type Stamp = (u64, u32);

#[derive(Debug, Clone, Default)]
pub struct Coverage {
    pub floor: u64,
    pub openings: Vec<Stamp>,
}

/// What a message says of a lane.
#[derive(Debug, Clone, Default)]
pub struct Part {
    pub lane: Lane,
    pub is_forked: bool,
    pub claim: Coverage,
    pub erased: Coverage,
    pub births: Vec<Stamp>,
}

#[derive(Debug, Clone, Default)]
pub struct Cell {
    pub lane: Lane,
    pub birth: Stamp,
    pub stamp: Stamp,
    /// Cells that it replaces, and whether they were erased.
    pub replaced: Vec<(Lane, Stamp, bool)>,
    /// The counts in their stored form.
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Default)]
pub struct Message {
    pub basis: Option<(u64, Stamp)>,
    /// A number, an index and a count.
    pub section: Option<(u64, u64, u64)>,
    pub parts: Vec<Part>,
    pub events: Vec<(String, Vec<Cell>)>,
}

/// What a sync state says of a lane.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub lane: Lane,
    pub claim: Coverage,
    pub beside: Vec<Stamp>,
    pub digests: Option<[u64; 2]>,
    pub erased: Coverage,
    pub blocks: Vec<(u64, u64)>,
}

pub fn upto(floor: u64) -> Coverage {
    Coverage { floor, openings: Vec::new() }
}

pub fn varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

pub fn envelope(magic: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut out = magic.to_vec();
    out.push(1);
    out.extend((payload.len() as u32).to_le_bytes());
    let sum = crc32c::crc32c_append(crc32c::crc32c(&out), payload);
    out.extend(sum.to_le_bytes());
    out.extend(payload);
    out
}

/// The lanes with their openings at the front.
#[derive(Default)]
struct Table(BTreeMap<Lane, BTreeSet<u32>>);

/// What follows the table, with indexes into it.
struct Writer {
    table: Vec<(Lane, Vec<u32>)>,
    out: Vec<u8>,
    /// The units of the cell before.
    units: super::packed::Units,
}

impl Table {
    fn stamps(&mut self, lane: Lane, stamps: &[Stamp]) {
        self.0.entry(lane).or_default().extend(stamps.iter().map(|(_, opening)| opening));
    }

    fn put(self, mut out: Vec<u8>) -> Writer {
        let table: Vec<(Lane, Vec<u32>)> =
            self.0.into_iter().map(|(lane, openings)| (lane, openings.into_iter().collect())).collect();
        varint(table.len() as u64, &mut out);
        for (lane, openings) in &table {
            out.extend(lane);
            varint(openings.len() as u64, &mut out);
            openings.iter().for_each(|opening| out.extend(opening.to_le_bytes()));
        }
        Writer { table, out, units: Vec::new() }
    }
}

impl Writer {
    fn number(&mut self, n: u64) {
        varint(n, &mut self.out);
    }

    fn lane(&mut self, lane: Lane) -> usize {
        let at = self.table.partition_point(|(known, _)| *known < lane);
        self.number(at as u64);
        at
    }

    fn stamp(&mut self, lane: Lane, (number, opening): Stamp, before: &mut u64) {
        let at = self.table.partition_point(|(known, _)| *known < lane);
        let opening = self.table[at].1.partition_point(|known| *known < opening);
        self.number(opening as u64);
        let gap = number.wrapping_sub(*before) as i64;
        self.number(((gap << 1) ^ (gap >> 63)) as u64);
        *before = number;
    }

    fn coverage(&mut self, lane: Lane, coverage: &Coverage) {
        self.number(coverage.floor);
        self.number(coverage.openings.len() as u64);
        let mut before = coverage.floor;
        coverage.openings.iter().for_each(|stamp| self.stamp(lane, *stamp, &mut before));
    }

    fn births(&mut self, lane: Lane, births: &[Stamp]) {
        self.number(births.len() as u64);
        let mut before = 0;
        births.iter().for_each(|birth| self.stamp(lane, *birth, &mut before));
    }

    /// `before` has the birth and the stamp of the cell before of each lane.
    fn cell(&mut self, cell: &Cell, before: &mut HashMap<Lane, (u64, u64)>) {
        let (birth, stamp) = before.entry(cell.lane).or_default();
        self.lane(cell.lane);
        self.stamp(cell.lane, cell.birth, birth);
        let is_changed = cell.stamp != cell.birth;
        self.number((cell.replaced.len() as u64) << 1 | u64::from(is_changed));
        if is_changed {
            self.stamp(cell.lane, cell.stamp, stamp);
        }
        let mut number = cell.stamp.0;
        for (lane, birth, was_erased) in &cell.replaced {
            self.lane(*lane);
            self.stamp(*lane, *birth, &mut number);
            self.number((*was_erased).into());
        }
        self.out.extend(super::packed::packed(&cell.body, cell.birth, cell.stamp, &mut self.units));
    }
}

fn basis((epoch, (number, opening)): (u64, Stamp), out: &mut Vec<u8>) {
    out.extend(epoch.to_le_bytes());
    varint(number, out);
    varint(opening.into(), out);
}

impl Message {
    pub fn payload(&self) -> Vec<u8> {
        let mut table = Table::default();
        for part in &self.parts {
            table.stamps(part.lane, &part.claim.openings);
            table.stamps(part.lane, &part.erased.openings);
            table.stamps(part.lane, &part.births);
        }
        for cell in self.events.iter().flat_map(|(_, cells)| cells) {
            table.stamps(cell.lane, &[cell.birth, cell.stamp]);
            cell.replaced.iter().for_each(|(lane, birth, _)| table.stamps(*lane, &[*birth]));
        }
        let mut out = vec![self.basis.is_some().into()];
        self.basis.iter().for_each(|one| basis(*one, &mut out));
        match self.section {
            None => out.push(0),
            Some((export, index, count)) => {
                varint(count, &mut out);
                varint(index, &mut out);
                out.extend(export.to_le_bytes());
            }
        }
        let mut writer = table.put(out);
        writer.number(self.parts.len() as u64);
        for part in &self.parts {
            writer.lane(part.lane);
            writer.number(part.is_forked.into());
            writer.coverage(part.lane, &part.claim);
            writer.coverage(part.lane, &part.erased);
            writer.births(part.lane, &part.births);
        }
        writer.number(self.events.len() as u64);
        let mut before = HashMap::new();
        for (name, cells) in &self.events {
            writer.number(name.len() as u64);
            writer.out.extend(name.as_bytes());
            writer.number(cells.len() as u64);
            cells.iter().for_each(|cell| writer.cell(cell, &mut before));
        }
        writer.out
    }

    pub fn bytes(&self) -> Vec<u8> {
        envelope(b"TCx\n", &self.payload())
    }
}

/// A sync state of a store that is in the state `at`.
pub fn sync_state(at: (u64, Stamp), lanes: &[Known]) -> Vec<u8> {
    let mut table = Table::default();
    for known in lanes {
        table.stamps(known.lane, &known.claim.openings);
        table.stamps(known.lane, &known.erased.openings);
        table.stamps(known.lane, &known.beside);
    }
    let mut out = Vec::new();
    basis(at, &mut out);
    // Nothing is too old.
    out.push(0);
    let mut writer = table.put(out);
    writer.number(lanes.len() as u64);
    for known in lanes {
        writer.lane(known.lane);
        writer.coverage(known.lane, &known.claim);
        writer.births(known.lane, &known.beside);
        writer.number(known.digests.is_some().into());
        known.digests.iter().flatten().for_each(|digest| writer.out.extend(digest.to_le_bytes()));
        writer.coverage(known.lane, &known.erased);
        writer.number(known.blocks.len() as u64);
        for (block, digest) in &known.blocks {
            writer.number(*block);
            writer.out.extend(digest.to_le_bytes());
        }
    }
    envelope(b"TCk\n", &writer.out)
}
