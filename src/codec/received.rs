//! Reading an export. It is checked as a whole first. What that decodes of a short one is kept. Of
//! a long one each event is decoded again when it is joined, so that the decoded counts of all
//! events never need memory together.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::lane_table::{LaneTable, take_flag, take_number};
use super::message::{CellsBefore, take_basis, take_cell, take_lane_part, take_name, take_section};
use super::packed_body::Decoder;
use super::{Basis, CELLS_OUT_OF_ORDER, Decoded, LanePart, Malformed, Message, Section, count};
use crate::bounds::{MAX_EXPORTED_EVENTS, MAX_KEPT_EXPORT_BYTES};
use crate::counter::lane::{CellKey, LaneCell, LaneId};
use crate::counter::stamp::Stamp;

/// What is merged: an export, or counters in memory.
#[derive(Debug)]
pub(crate) enum Incoming<'a> {
    Received(&'a Received<'a>),
    Held(&'a Message),
}

/// An export that was checked.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    basis: Option<Basis>,
    section: Option<Section>,
    table: LaneTable,
    /// Where the lane parts begin.
    lanes: &'a [u8],
    /// Where the events begin.
    events: &'a [u8],
    /// Each with the number of its cells.
    names: Vec<(&'a str, u64)>,
    /// The lanes that have cells.
    lanes_of_cells: BTreeSet<LaneId>,
    /// The cells of all events of a short export, until they are taken.
    kept: RefCell<Option<Vec<LaneCell>>>,
}

/// The cells of an event that is decoded, one at a time.
pub(crate) type Cells<'c> = &'c mut dyn Iterator<Item = LaneCell>;

impl<'a> Received<'a> {
    /// Checks a whole export. It is an error if lanes, births, names or cells do not ascend, if a
    /// number is out of range, if the table has what nothing names, or if bytes follow.
    pub(crate) fn check(mut bytes: &'a [u8]) -> Decoded<Received<'a>> {
        let from = &mut bytes;
        let basis = if take_flag(from)? { Some(take_basis(from)?) } else { None };
        let section = take_section(from)?;
        let table = LaneTable::take(from)?;
        let lanes = *from;
        let mut last = None;
        for _ in 0..take_number(from)? {
            let part = take_lane_part(&table, from)?;
            if last.replace(part.lane).is_some_and(|last| last >= part.lane) {
                return Err(Malformed("its lanes are not in order"));
            }
        }
        let events = *from;
        let (mut names, mut lanes_of_cells) = (Vec::new(), BTreeSet::new());
        let (mut before, mut decoder) = (CellsBefore::new(&table), Decoder::default());
        let mut kept = (events.len() <= MAX_KEPT_EXPORT_BYTES).then(Vec::new);
        let length = take_number(from)?;
        if length > count(MAX_EXPORTED_EVENTS) {
            return Err(Malformed("it has more than 100,000 events"));
        }
        for _ in 0..length {
            let name = take_name(from)?;
            if names.last().is_some_and(|(last, _)| *last >= name) {
                return Err(Malformed("the events are not in order"));
            }
            let cells = take_number(from)?;
            names.push((name, cells));
            let mut last: Option<CellKey> = None;
            for _ in 0..cells {
                let cell = take_cell(&table, &mut before, from, &mut decoder)?;
                lanes_of_cells.insert(cell.lane);
                if last.replace(cell.key()).is_some_and(|last| last >= cell.key()) {
                    return Err(Malformed(CELLS_OUT_OF_ORDER));
                }
                if let Some(kept) = &mut kept {
                    kept.push(cell);
                }
            }
        }
        if !from.is_empty() {
            return Err(Malformed("bytes follow it"));
        }
        table.check_named()?;
        Ok(Received { basis, section, table, lanes, events, names, lanes_of_cells, kept: kept.into() })
    }

    fn parts(&self) -> impl Iterator<Item = LanePart> {
        let mut from = self.lanes;
        // It was checked, so nothing ends early.
        let length = take_number(&mut from).unwrap_or(0);
        (0..length).map_while(move |_| take_lane_part(&self.table, &mut from).ok())
    }

    fn each_event(&self, mut apply: impl FnMut(&str, Cells<'_>)) -> Decoded<()> {
        if let Some(kept) = self.kept.take() {
            let mut kept = kept.into_iter();
            for (name, length) in &self.names {
                let mut cells = (0..*length).map_while(|_| kept.next());
                apply(name, &mut cells);
                cells.for_each(drop);
            }
            return Ok(());
        }
        let (mut from, mut before) = (self.events, CellsBefore::new(&self.table));
        let mut decoder = Decoder::default();
        for _ in 0..take_number(&mut from)? {
            let name = take_name(&mut from)?;
            let length = take_number(&mut from)?;
            let take = |_| take_cell(&self.table, &mut before, &mut from, &mut decoder).ok();
            let mut cells = (0..length).map_while(take);
            apply(name, &mut cells);
            cells.for_each(drop);
        }
        Ok(())
    }
}

impl Incoming<'_> {
    pub(crate) fn basis(&self) -> Option<Basis> {
        match self {
            Incoming::Received(received) => received.basis,
            Incoming::Held(message) => message.basis,
        }
    }

    pub(crate) fn section(&self) -> Option<Section> {
        match self {
            Incoming::Received(received) => received.section,
            Incoming::Held(message) => message.section,
        }
    }

    /// The names of all events.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Incoming::Received(received) => received.names.iter().map(|(name, _)| *name).collect(),
            Incoming::Held(message) => message.events.iter().map(|(name, _)| name.as_str()).collect(),
        }
    }

    /// What it says of lanes beside their cells, ascending by lane.
    pub(crate) fn parts(&self) -> Box<dyn Iterator<Item = LanePart> + '_> {
        match self {
            Incoming::Received(received) => Box::new(received.parts()),
            Incoming::Held(message) => Box::new(message.lanes.iter().cloned()),
        }
    }

    /// Calls `apply` with each event and its cells, ascending by name and by key.
    pub(crate) fn each_event(&self, mut apply: impl FnMut(&str, Cells<'_>)) {
        match self {
            Incoming::Received(received) => {
                let decoded = received.each_event(apply);
                debug_assert!(decoded.is_ok(), "an export was checked");
            }
            Incoming::Held(message) => {
                for (name, counter) in &message.events {
                    apply(name, &mut counter.cells.iter().cloned());
                }
            }
        }
    }

    /// The lanes that have cells.
    pub(crate) fn lanes_of_cells(&self) -> BTreeSet<LaneId> {
        match self {
            Incoming::Received(received) => received.lanes_of_cells.clone(),
            Incoming::Held(message) => {
                message.events.iter().flat_map(|(_, counter)| &counter.cells).map(|cell| cell.lane).collect()
            }
        }
    }

    /// Whether a cell of the lane says itself that two stores counted in it. In bytes the part of
    /// the lane says so too.
    pub(crate) fn has_forked_cell(&self, lane: LaneId) -> bool {
        match self {
            Incoming::Received(_) => false,
            Incoming::Held(message) => {
                let cells = message.events.iter().flat_map(|(_, counter)| counter.cells_of(lane));
                cells.into_iter().any(|cell| cell.body.is_forked())
            }
        }
    }

    /// Stamps of a lane: of each opening that anything names, the highest one.
    pub(crate) fn stamps_of(&self, lane: LaneId) -> Vec<Stamp> {
        match self {
            Incoming::Received(received) => received.table.named_stamps(lane),
            Incoming::Held(message) => {
                let parts = message.lanes.iter().filter(|part| part.lane == lane);
                let coverages = parts.clone().flat_map(|part| [&part.claim, &part.erased]);
                let openings = coverages.flat_map(|coverage| &coverage.openings);
                let openings = openings.map(|(opening, number)| Stamp::new(*number, *opening));
                let births = parts.flat_map(|part| part.births.iter().copied());
                let cells = message.events.iter().flat_map(|(_, counter)| &counter.cells);
                let stamps = cells.flat_map(|cell| cell.stamps_of(lane));
                openings.chain(births).chain(stamps).collect()
            }
        }
    }
}
