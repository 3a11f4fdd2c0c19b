//! The encoding of exports.

use super::lane_table::{
    LaneTable, Mentioned, OUT_OF_RANGE, put_bytes, put_count, take_bytes, take_flag, take_number,
};
use super::packed_body::{Decoder, Units, put_body, take_body};
use super::{Decoded, Malformed, STAMP_OUT_OF_RANGE, are_stamps, checked_replaced};
use crate::bounds::{MAX_NAME_BYTES, MAX_PARTS};
use crate::counter::coverage::Coverage;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{CellKey, LaneCell, LaneId, Replaced, ReplacedCell, Was};
use crate::counter::stamp::Stamp;
use crate::counter::varint;

/// The content of an export: the counts that one store sends to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Message {
    /// The state of the store for which it was made; absent if it was made for any store. What that
    /// store had is left out.
    pub(crate) basis: Option<Basis>,
    /// Which part of an export it is; absent if it is a whole one.
    pub(crate) section: Option<Section>,
    /// Ascending by lane.
    pub(crate) lanes: Vec<LanePart>,
    /// Ascending by name.
    pub(crate) events: Vec<(String, SingleEventCounter)>,
}

/// A state of a store, as far as it knows other lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    /// A random number of the store. It changes when the store gives up what it knew.
    pub(crate) epoch: u64,
    /// The last stamp that the store had issued.
    pub(crate) stamp: Stamp,
}

/// One of several parts of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section {
    /// A random number of the export.
    pub(crate) export: u64,
    pub(crate) index: u32,
    /// How many parts there are.
    pub(crate) count: u32,
}

/// What a message says of a lane beside its cells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LanePart {
    pub(crate) lane: LaneId,
    /// Whether two stores counted in one cell of the lane.
    pub(crate) is_forked: bool,
    /// The message, with its other parts and what its receiver has, holds all cells with these
    /// stamps.
    pub(crate) claim: Coverage,
    /// Cells with a birth of these stamps are erased.
    pub(crate) erased: Coverage,
    /// Single cells that are erased, ascending by birth.
    pub(crate) births: Vec<Stamp>,
}

impl LanePart {
    pub(crate) fn new(lane: LaneId) -> LanePart {
        let (claim, erased) = (Coverage::default(), Coverage::default());
        LanePart { lane, is_forked: false, claim, erased, births: Vec::new() }
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.claim.is_empty() && self.erased.is_empty() && self.births.is_empty() && !self.is_forked
    }
}

fn table(message: &Message) -> LaneTable {
    let mut mentioned = Mentioned::default();
    for part in &message.lanes {
        mentioned.lane(part.lane);
        mentioned.coverage(part.lane, &part.claim);
        mentioned.coverage(part.lane, &part.erased);
        part.births.iter().for_each(|birth| mentioned.stamp(part.lane, *birth));
    }
    for cell in message.events.iter().flat_map(|(_, counter)| &counter.cells) {
        mentioned.key(cell.key());
        mentioned.stamp(cell.lane, cell.stamp);
        cell.replaced.cells().iter().for_each(|replaced| mentioned.key(replaced.key));
    }
    mentioned.into_table()
}

/// Encodes a message and appends it to `out`.
pub(crate) fn put_message(message: &Message, out: &mut Vec<u8>) {
    match &message.basis {
        None => varint::put(out, 0),
        Some(basis) => {
            varint::put(out, 1);
            put_basis(basis, out);
        }
    }
    put_section(message.section, out);
    let table = table(message);
    table.put(out);
    put_count(message.lanes.len(), out);
    for part in &message.lanes {
        table.put_lane(part.lane, out);
        varint::put(out, part.is_forked.into());
        table.put_coverage(part.lane, &part.claim, out);
        table.put_coverage(part.lane, &part.erased, out);
        put_births(&table, part.lane, &part.births, out);
    }
    put_count(message.events.len(), out);
    let (mut before, mut units) = (CellsBefore::new(&table), Units::new());
    for (name, counter) in &message.events {
        put_bytes(name.as_bytes(), out);
        put_count(counter.cells.len(), out);
        counter.cells.iter().for_each(|cell| put_cell(&table, cell, &mut before, &mut units, out));
    }
}

pub(super) fn put_basis(basis: &Basis, out: &mut Vec<u8>) {
    let Basis { epoch, stamp: Stamp { number, opening } } = *basis;
    out.extend_from_slice(&epoch.to_le_bytes());
    varint::put(out, number);
    varint::put(out, opening.into());
}

pub(super) fn take_basis(bytes: &mut &[u8]) -> Decoded<Basis> {
    let out_of_range = Malformed("a number is out of range");
    let (epoch, rest) = bytes.split_first_chunk().ok_or(out_of_range)?;
    *bytes = rest;
    let number = take_number(bytes)?;
    let opening = u32::try_from(take_number(bytes)?).map_err(|_| out_of_range)?;
    Ok(Basis { epoch: u64::from_le_bytes(*epoch), stamp: Stamp::new(number, opening) })
}

fn put_section(section: Option<Section>, out: &mut Vec<u8>) {
    let Some(Section { export, index, count }) = section else { return varint::put(out, 0) };
    varint::put(out, count.into());
    varint::put(out, index.into());
    out.extend_from_slice(&export.to_le_bytes());
}

pub(super) fn take_section(bytes: &mut &[u8]) -> Decoded<Option<Section>> {
    let out_of_range = Malformed("a number is out of range");
    let count = u32::try_from(take_number(bytes)?).map_err(|_| out_of_range)?;
    if count == 0 {
        return Ok(None);
    }
    let index = u32::try_from(take_number(bytes)?).map_err(|_| out_of_range)?;
    let (export, rest) = bytes.split_first_chunk().ok_or(out_of_range)?;
    *bytes = rest;
    let is_in_range = index < count && (2..=MAX_PARTS).contains(&count);
    is_in_range
        .then_some(Some(Section { export: u64::from_le_bytes(*export), index, count }))
        .ok_or(out_of_range)
}

pub(super) fn put_births(table: &LaneTable, lane: LaneId, births: &[Stamp], out: &mut Vec<u8>) {
    put_count(births.len(), out);
    let mut before = 0;
    births.iter().for_each(|birth| table.put_stamp(lane, *birth, &mut before, out));
}

/// Of each lane the numbers of the birth and of the stamp of the cell before. Those of the next one
/// are often close to them: a lane counts its events in the same time.
pub(super) struct CellsBefore(Vec<(u64, u64)>);

impl CellsBefore {
    pub(super) fn new(table: &LaneTable) -> CellsBefore {
        CellsBefore(vec![(0, 0); table.lanes()])
    }

    fn of(&mut self, table: &LaneTable, lane: LaneId) -> Decoded<&mut (u64, u64)> {
        self.0.get_mut(table.index(lane)).ok_or(OUT_OF_RANGE)
    }
}

fn put_cell(
    table: &LaneTable,
    cell: &LaneCell,
    before: &mut CellsBefore,
    units: &mut Units,
    out: &mut Vec<u8>,
) {
    let mut unknown = (0, 0);
    let (before_birth, before_stamp) = before.of(table, cell.lane).unwrap_or(&mut unknown);
    table.put_lane(cell.lane, out);
    table.put_stamp(cell.lane, cell.birth, before_birth, out);
    let is_changed = cell.stamp != cell.birth;
    varint::put(out, super::count(cell.replaced.cells().len()) << 1 | u64::from(is_changed));
    if is_changed {
        table.put_stamp(cell.lane, cell.stamp, before_stamp, out);
    }
    let mut number = cell.stamp.number;
    for ReplacedCell { key: CellKey { lane, birth }, was } in cell.replaced.cells() {
        table.put_lane(*lane, out);
        table.put_stamp(*lane, *birth, &mut number, out);
        varint::put(out, was.code().into());
    }
    put_body(cell, units, out);
}

pub(super) fn take_cell(
    table: &LaneTable,
    before: &mut CellsBefore,
    bytes: &mut &[u8],
    decoder: &mut Decoder,
) -> Decoded<LaneCell> {
    let lane = table.take_lane(bytes)?;
    let (before_birth, before_stamp) = before.of(table, lane)?;
    let birth = table.take_stamp(lane, before_birth, bytes)?;
    let header = take_number(bytes)?;
    let is_changed = header & 1 == 1;
    let stamp = if is_changed { table.take_stamp(lane, before_stamp, bytes)? } else { birth };
    if !are_stamps(birth, stamp) || is_changed == (stamp == birth) {
        return Err(Malformed(STAMP_OUT_OF_RANGE));
    }
    let mut number = stamp.number;
    let mut replaced = Vec::new();
    for _ in 0..header >> 1 {
        let lane = table.take_lane(bytes)?;
        let birth = table.take_stamp(lane, &mut number, bytes)?;
        let was = Was::from_code(take_number(bytes)?).ok_or(OUT_OF_RANGE)?;
        replaced.push(ReplacedCell { key: CellKey { lane, birth }, was });
    }
    let replaced: Replaced = checked_replaced(replaced)?;
    Ok(LaneCell { lane, birth, stamp, replaced, body: take_body(birth, stamp, bytes, decoder)? })
}

pub(super) fn take_lane_part(table: &LaneTable, bytes: &mut &[u8]) -> Decoded<LanePart> {
    let lane = table.take_lane(bytes)?;
    Ok(LanePart {
        lane,
        is_forked: take_flag(bytes)?,
        claim: table.take_coverage(lane, bytes)?,
        erased: table.take_coverage(lane, bytes)?,
        births: take_births(table, lane, bytes)?,
    })
}

pub(super) fn take_births(table: &LaneTable, lane: LaneId, bytes: &mut &[u8]) -> Decoded<Vec<Stamp>> {
    let (mut births, mut before) = (Vec::new(), 0);
    for _ in 0..take_number(bytes)? {
        births.push(table.take_stamp(lane, &mut before, bytes)?);
    }
    match births.is_sorted_by(|a, b| a < b) {
        true => Ok(births),
        false => Err(Malformed("its erased cells are not in order")),
    }
}

pub(super) fn take_name<'a>(bytes: &mut &'a [u8]) -> Decoded<&'a str> {
    let name =
        std::str::from_utf8(take_bytes(bytes)?).map_err(|_| Malformed("an event name is not UTF-8"))?;
    match name.len() > MAX_NAME_BYTES {
        true => Err(Malformed("an event name has more than 1,024 bytes")),
        false => Ok(name),
    }
}
