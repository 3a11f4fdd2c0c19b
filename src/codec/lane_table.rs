//! The table of lanes and openings at the front of an export or a sync state. What follows names a
//! lane and an opening by their index, because they are long and recur often.

use super::{Decoded, Malformed};
use crate::bounds::MAX_STAMP;
use crate::counter::coverage::Coverage;
use crate::counter::lane::{CellKey, LaneId};
use crate::counter::stamp::Stamp;
use crate::counter::varint;

/// Lanes with their openings, both ascending.
#[derive(Debug, Default)]
pub(super) struct LaneTable(Vec<(LaneId, Vec<u32>)>);

const OUT_OF_RANGE: Malformed = Malformed("a number is out of range");
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
        let lanes = all.chunk_by(|(a, _), (b, _)| a == b);
        let table = lanes.filter_map(|lane| {
            Some((lane.first()?.0, lane.iter().filter_map(|(_, opening)| *opening).collect()))
        });
        LaneTable(table.collect())
    }
}

impl LaneTable {
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_count(self.0.len(), out);
        for (lane, openings) in &self.0 {
            out.extend_from_slice(&lane.0);
            put_count(openings.len(), out);
            openings.iter().for_each(|opening| out.extend_from_slice(&opening.to_le_bytes()));
        }
    }

    pub(super) fn take(bytes: &mut &[u8]) -> Decoded<LaneTable> {
        let mut table = LaneTable::default();
        for _ in 0..take_number(bytes)? {
            let lane = LaneId(*bytes.split_off_chunk()?);
            if table.0.last().is_some_and(|(last, _)| *last >= lane) {
                return Err(OUT_OF_ORDER);
            }
            let (count, mut openings) = (take_number(bytes)?, Vec::new());
            for _ in 0..count {
                openings.push(u32::from_le_bytes(*bytes.split_off_chunk()?));
            }
            if !openings.is_sorted_by(|a, b| a < b) {
                return Err(OUT_OF_ORDER);
            }
            table.0.push((lane, openings));
        }
        Ok(table)
    }

    fn index(&self, lane: LaneId) -> usize {
        self.0.partition_point(|(known, _)| *known < lane)
    }

    pub(super) fn put_lane(&self, lane: LaneId, out: &mut Vec<u8>) {
        put_count(self.index(lane), out);
    }

    pub(super) fn take_lane(&self, bytes: &mut &[u8]) -> Decoded<LaneId> {
        let index = usize::try_from(take_number(bytes)?).unwrap_or(usize::MAX);
        self.0.get(index).map(|(lane, _)| *lane).ok_or(OUT_OF_RANGE)
    }

    pub(super) fn put_opening(&self, lane: LaneId, opening: u32, out: &mut Vec<u8>) {
        let openings = self.0.get(self.index(lane)).map_or(&[][..], |(_, openings)| openings);
        put_count(openings.partition_point(|known| *known < opening), out);
    }

    pub(super) fn take_opening(&self, lane: LaneId, bytes: &mut &[u8]) -> Decoded<u32> {
        let openings = self.0.get(self.index(lane)).map_or(&[][..], |(_, openings)| openings);
        let index = usize::try_from(take_number(bytes)?).unwrap_or(usize::MAX);
        openings.get(index).copied().ok_or(OUT_OF_RANGE)
    }

    /// Appends a stamp. `before` is the number of the stamp before it.
    pub(super) fn put_stamp(&self, lane: LaneId, stamp: Stamp, before: &mut u64, out: &mut Vec<u8>) {
        let Stamp { number, opening } = stamp;
        self.put_opening(lane, opening, out);
        varint::put_signed(out, i64::try_from(number).unwrap_or(0) - i64::try_from(*before).unwrap_or(0));
        *before = number;
    }

    pub(super) fn take_stamp(&self, lane: LaneId, before: &mut u64, bytes: &mut &[u8]) -> Decoded<Stamp> {
        let opening = self.take_opening(lane, bytes)?;
        let gap = varint::take_signed(bytes).ok_or(OUT_OF_RANGE)?;
        let number = before.checked_add_signed(gap).filter(|number| (1..=MAX_STAMP).contains(number));
        let number = number.ok_or(OUT_OF_RANGE)?;
        *before = number;
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
