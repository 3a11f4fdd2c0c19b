//! The table of lanes and openings at the front of an export or a sync state. What follows names a
//! lane and an opening by their index, because they are long and recur often.

use std::cell::Cell;
use std::ops::Range;

use super::{Decoded, Malformed};
use crate::bounds::MAX_STAMP;
use crate::counter::coverage::Coverage;
use crate::counter::lane::{CellKey, LaneId};
use crate::counter::stamp::Stamp;
use crate::counter::varint;

/// Lanes with their openings, both ascending.
#[derive(Debug, Default)]
pub(super) struct LaneTable {
    /// Each lane with the index of its first opening.
    lanes: Vec<(LaneId, u32)>,
    openings: Vec<u32>,
    /// Of a table that is read: which lanes were named since, and the highest number that was named
    /// with each opening; 0 if none was.
    named: Vec<Cell<bool>>,
    numbers: Vec<Cell<u64>>,
}

pub(super) const OUT_OF_RANGE: Malformed = Malformed("a number is out of range");
const OUT_OF_ORDER: Malformed = Malformed("its lanes are not in order");

pub(super) fn take_number(bytes: &mut &[u8]) -> Decoded<u64> {
    varint::take(bytes).ok_or(Malformed("it is damaged or incomplete"))
}

pub(super) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Decoded<&'a [u8]> {
    let length = usize::try_from(take_number(bytes)?).unwrap_or(usize::MAX);
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Malformed("it is damaged or incomplete"))?;
    *bytes = rest;
    Ok(taken)
}

pub(super) fn take_flag(bytes: &mut &[u8]) -> Decoded<bool> {
    match take_number(bytes)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(OUT_OF_RANGE),
    }
}

pub(super) fn put_count(len: usize, out: &mut Vec<u8>) {
    varint::put(out, super::count(len));
}

pub(super) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_count(bytes.len(), out);
    out.extend_from_slice(bytes);
}

/// The lanes and openings that are to be written.
#[derive(Default)]
pub(super) struct Mentioned(Vec<(LaneId, Option<u32>)>);

impl Mentioned {
    pub(super) fn lane(&mut self, lane: LaneId) {
        self.0.push((lane, None));
    }

    pub(super) fn stamp(&mut self, lane: LaneId, stamp: Stamp) {
        let next = (lane, Some(stamp.opening));
        if self.0.last() != Some(&next) {
            self.0.push(next);
        }
    }

    pub(super) fn key(&mut self, key: CellKey) {
        self.stamp(key.lane, key.birth);
    }

    pub(super) fn coverage(&mut self, lane: LaneId, coverage: &Coverage) {
        coverage.openings.iter().for_each(|(opening, _)| self.0.push((lane, Some(*opening))));
    }

    pub(super) fn into_table(self) -> LaneTable {
        let mut all = self.0;
        all.sort_unstable();
        all.dedup();
        let mut table = LaneTable::default();
        for lane in all.chunk_by(|(a, _), (b, _)| a == b) {
            let openings = lane.iter().filter_map(|(_, opening)| *opening);
            lane.iter().take(1).for_each(|(lane, _)| table.add(*lane));
            table.openings.extend(openings);
        }
        table
    }
}

impl LaneTable {
    /// How many lanes it has.
    pub(super) fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Adds a lane. Its openings follow.
    fn add(&mut self, lane: LaneId) {
        self.lanes.push((lane, u32::try_from(self.openings.len()).unwrap_or(u32::MAX)));
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_count(self.lanes.len(), out);
        for (at, (lane, _)) in self.lanes.iter().enumerate() {
            out.extend_from_slice(&lane.0);
            let openings = self.openings(at);
            put_count(openings.len(), out);
            openings.iter().for_each(|opening| out.extend_from_slice(&opening.to_le_bytes()));
        }
    }

    pub(super) fn take(bytes: &mut &[u8]) -> Decoded<LaneTable> {
        // Counted first, so that its memory need not grow, and no length is believed.
        let (mut lanes, mut openings, mut rest) = (0, 0, *bytes);
        for _ in 0..take_number(&mut rest)? {
            rest.split_off_chunk::<16>()?;
            let count = take_number(&mut rest)?;
            for _ in 0..count {
                rest.split_off_chunk::<4>()?;
                openings += 1;
            }
            lanes += 1;
        }
        let mut table = LaneTable {
            lanes: Vec::with_capacity(lanes),
            openings: Vec::with_capacity(openings),
            named: vec![Cell::new(false); lanes],
            numbers: vec![Cell::new(0); openings],
        };
        for _ in 0..take_number(bytes)? {
            let lane = LaneId(*bytes.split_off_chunk()?);
            if table.lanes.last().is_some_and(|(last, _)| *last >= lane) {
                return Err(OUT_OF_ORDER);
            }
            table.add(lane);
            for _ in 0..take_number(bytes)? {
                table.openings.push(u32::from_le_bytes(*bytes.split_off_chunk()?));
            }
        }
        let is_ordered = |at| table.openings(at).is_sorted_by(|a, b| a < b);
        (0..table.lanes.len()).all(is_ordered).then_some(table).ok_or(OUT_OF_ORDER)
    }

    /// Checks that everything in the table was named since it was read. So equal exports have equal
    /// bytes.
    pub(super) fn check_named(&self) -> Decoded<()> {
        let is_named = self.named.iter().all(Cell::get) && self.numbers.iter().all(|number| number.get() > 0);
        is_named.then_some(()).ok_or(Malformed("its table of lanes has more than it names"))
    }

    /// Of each opening of a lane the highest stamp that was named since the table was read.
    pub(super) fn named_stamps(&self, lane: LaneId) -> Vec<Stamp> {
        let found = self.lanes.binary_search_by_key(&lane, |(lane, _)| *lane);
        let range = found.map_or(0..0, |at| self.range(at));
        let numbers = self.numbers.get(range.clone()).unwrap_or_default();
        let openings = self.openings.get(range).unwrap_or_default();
        openings.iter().zip(numbers).map(|(opening, number)| Stamp::new(number.get(), *opening)).collect()
    }

    fn range(&self, at: usize) -> Range<usize> {
        let index = |first: u32| usize::try_from(first).unwrap_or(usize::MAX);
        let first = |at: usize| self.lanes.get(at).map_or(self.openings.len(), |(_, first)| index(*first));
        first(at)..first(at + 1)
    }

    /// The openings of the lane at an index.
    fn openings(&self, at: usize) -> &[u32] {
        self.openings.get(self.range(at)).unwrap_or_default()
    }

    pub(super) fn index(&self, lane: LaneId) -> usize {
        self.lanes.partition_point(|(known, _)| *known < lane)
    }

    pub(super) fn put_lane(&self, lane: LaneId, out: &mut Vec<u8>) {
        put_count(self.index(lane), out);
    }

    pub(super) fn take_lane(&self, bytes: &mut &[u8]) -> Decoded<LaneId> {
        let index = usize::try_from(take_number(bytes)?).unwrap_or(usize::MAX);
        self.named.get(index).ok_or(OUT_OF_RANGE)?.set(true);
        self.lanes.get(index).map(|(lane, _)| *lane).ok_or(OUT_OF_RANGE)
    }

    pub(super) fn put_opening(&self, lane: LaneId, opening: u32, out: &mut Vec<u8>) {
        put_count(self.openings(self.index(lane)).partition_point(|known| *known < opening), out);
    }

    /// Appends a stamp. `before` is the number of the stamp before it.
    pub(super) fn put_stamp(&self, lane: LaneId, stamp: Stamp, before: &mut u64, out: &mut Vec<u8>) {
        let Stamp { number, opening } = stamp;
        self.put_opening(lane, opening, out);
        varint::put_signed(out, i64::try_from(number).unwrap_or(0) - i64::try_from(*before).unwrap_or(0));
        *before = number;
    }

    pub(super) fn take_stamp(&self, lane: LaneId, before: &mut u64, bytes: &mut &[u8]) -> Decoded<Stamp> {
        let index = usize::try_from(take_number(bytes)?).unwrap_or(usize::MAX);
        let range = self.range(self.index(lane));
        let opening = *self.openings.get(range.clone()).and_then(|all| all.get(index)).ok_or(OUT_OF_RANGE)?;
        let gap = varint::take_signed(bytes).ok_or(OUT_OF_RANGE)?;
        let number = before.checked_add_signed(gap).filter(|number| (1..=MAX_STAMP).contains(number));
        let number = number.ok_or(OUT_OF_RANGE)?;
        *before = number;
        let named = self.numbers.get(range).and_then(|all| all.get(index)).ok_or(OUT_OF_RANGE)?;
        named.set(named.get().max(number));
        Ok(Stamp::new(number, opening))
    }

    pub(super) fn put_coverage(&self, lane: LaneId, coverage: &Coverage, out: &mut Vec<u8>) {
        varint::put(out, coverage.floor);
        put_count(coverage.openings.len(), out);
        let mut before = coverage.floor;
        for (opening, number) in &coverage.openings {
            self.put_stamp(lane, Stamp::new(*number, *opening), &mut before, out);
        }
    }

    pub(super) fn take_coverage(&self, lane: LaneId, bytes: &mut &[u8]) -> Decoded<Coverage> {
        let floor = take_number(bytes)?;
        let mut coverage = Coverage { floor, openings: Vec::new() };
        let (count, mut before) = (take_number(bytes)?, floor);
        for _ in 0..count {
            let Stamp { number, opening } = self.take_stamp(lane, &mut before, bytes)?;
            let is_next = coverage.openings.last().is_none_or(|(last, _)| *last < opening);
            if !is_next || number <= floor {
                return Err(OUT_OF_ORDER);
            }
            coverage.openings.push((opening, number));
        }
        if floor > MAX_STAMP {
            return Err(OUT_OF_RANGE);
        }
        Ok(coverage)
    }
}

/// Takes a fixed number of bytes.
trait SplitChunk<'a> {
    fn split_off_chunk<const N: usize>(&mut self) -> Decoded<&'a [u8; N]>;
}

impl<'a> SplitChunk<'a> for &'a [u8] {
    fn split_off_chunk<const N: usize>(&mut self) -> Decoded<&'a [u8; N]> {
        let (chunk, rest) = self.split_first_chunk().ok_or(Malformed("it is damaged or incomplete"))?;
        *self = rest;
        Ok(chunk)
    }
}
