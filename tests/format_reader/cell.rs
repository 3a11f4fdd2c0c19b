//! Cells and counters as a store keeps them.

use std::collections::BTreeSet;

use super::bytes::Bytes;

pub type Id = [u8; 16];
/// A number and an opening.
pub type Stamp = (u64, u32);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub lane: Id,
    pub birth: Stamp,
    pub stamp: Stamp,
    /// The lane and the birth of each replaced cell, and what it was.
    pub replaced: Vec<(Id, Stamp, u8)>,
    pub counts: Counts,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    pub seen: Option<Seen>,
    /// The lowest and the highest, in seconds.
    pub offsets: (i64, i64),
    pub shift: i64,
    pub is_forked: bool,
    pub lifetime: u64,
    pub series: Vec<Series>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub first: i64,
    pub last: i64,
    pub ahead: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub unit: u64,
    pub tracked: u64,
    pub beginning: Option<i64>,
    /// Bucket numbers and counts, newest first.
    pub buckets: Vec<(i64, u64)>,
}

pub fn stamp(bytes: &mut Bytes) -> Stamp {
    (bytes.b_number(), u32::try_from(bytes.b_number()).unwrap())
}

/// A counter: the own lane and the cells.
pub fn counter(bytes: &mut Bytes) -> (Option<Id>, Vec<Cell>) {
    (bytes.option(Bytes::id), bytes.list(cell))
}

fn cell(bytes: &mut Bytes) -> Cell {
    let (lane, birth, stamp) = (bytes.id(), stamp(bytes), stamp(bytes));
    let replaced = bytes.list(|bytes| (bytes.id(), self::stamp(bytes), bytes.byte()));
    let len = bytes.count();
    Cell { lane, birth, stamp, replaced, counts: counts(Bytes(bytes.take(len))) }
}

fn counts(mut bytes: Bytes) -> Counts {
    let flags = bytes.varint();
    let is_set = |bit: u32| flags >> bit & 1 == 1;
    let mut counts = Counts { is_forked: is_set(4), ..Counts::default() };
    if is_set(0) {
        let last = bytes.signed_varint();
        counts.seen = Some(Seen { last, first: last - bytes.varint() as i64, ahead: None });
    }
    if let Some(seen) = counts.seen.as_mut().filter(|_| is_set(1)) {
        seen.ahead = Some(seen.last + bytes.varint() as i64);
    }
    if is_set(2) {
        let lowest = bytes.signed_varint();
        counts.offsets = (lowest, lowest + bytes.varint() as i64);
    }
    if is_set(3) {
        counts.shift = bytes.signed_varint();
    }
    counts.lifetime = bytes.varint();
    while !bytes.0.is_empty() {
        counts.series.push(series(&mut bytes));
    }
    counts
}

fn series(bytes: &mut Bytes) -> Series {
    let (unit, tracked) = (bytes.varint(), bytes.varint());
    let beginning = (unit & 8 != 0).then(|| bytes.signed_varint());
    let newest = (bytes.signed_varint(), bytes.varint());
    let len = usize::try_from(bytes.varint()).unwrap();
    let mut pairs = bytes.take(len);
    let mut buckets = vec![newest];
    while !pairs.is_empty() {
        let mut front = Bytes(pairs);
        let head = front.varint();
        pairs = front.0;
        let count = if head & 1 == 1 { last_varint(&mut pairs) + 2 } else { 1 };
        buckets.push((buckets.last().unwrap().0 - (head >> 1) as i64, count));
    }
    Series { unit: unit & 7, tracked, beginning, buckets }
}

/// A varint whose bytes are reversed, at the end.
fn last_varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (last, before) = bytes.split_last().unwrap();
        *bytes = before;
        value |= u64::from(last & 0x7F) << shift;
        shift += 7;
        if last & 0x80 == 0 {
            return value;
        }
    }
}

/// The cells of an event that count, of those that are not erased.
pub fn counting(cells: &[Cell]) -> Vec<&Cell> {
    let replaced: BTreeSet<(Id, Stamp)> =
        cells.iter().flat_map(|cell| cell.replaced.iter().map(|(lane, birth, _)| (*lane, *birth))).collect();
    let left = || cells.iter().filter(|cell| !replaced.contains(&(cell.lane, cell.birth)));
    let meets = |one: &Cell, other: &Cell| {
        let is_too = |(lane, birth, _): &(Id, Stamp, u8)| {
            other.replaced.iter().any(|(l, b, _)| (l, b) == (lane, birth))
        };
        one.replaced.iter().any(is_too)
    };
    let is_beaten = |cell: &Cell| {
        left().any(|other| (other.birth, other.lane) > (cell.birth, cell.lane) && meets(cell, other))
    };
    left().filter(|cell| !is_beaten(cell)).collect()
}

/// The number of the bucket of an instant in milliseconds, for a clock so many seconds east of UTC.
pub fn bucket(unit: u64, at: i64, offset: i64) -> i64 {
    let day = (at + offset * 1_000).div_euclid(86_400_000);
    match unit {
        0 => at.div_euclid(1_000),
        1 => at.div_euclid(60_000),
        2 => at.div_euclid(3_600_000),
        3 => day,
        // Monday 1969-12-29 is three days before 1970-01-01.
        4 => (day + 3).div_euclid(7),
        _ => {
            let (year, month) = year_and_month(day);
            if unit == 5 { 12 * year + month - 1 } else { year }
        }
    }
}

fn year_and_month(day: i64) -> (i64, i64) {
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let (mut year, mut left) = (1970, day);
    while left < 0 {
        year -= 1;
        left += if is_leap(year) { 366 } else { 365 };
    }
    loop {
        for (index, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
            let length = if index == 1 && is_leap(year) { 29 } else { length };
            if left < length {
                return (year, index as i64 + 1);
            }
            left -= length;
        }
        year += 1;
    }
}
