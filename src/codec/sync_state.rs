//! The encoding of sync states.

use super::lane_table::{LaneTable, Mentioned, put_count, take_flag, take_number};
use super::message::{put_basis, put_births, take_basis, take_births};
use super::{Basis, Decoded, Malformed};
use crate::counter::coverage::Coverage;
use crate::counter::lane::LaneId;
use crate::counter::stamp::Stamp;
use crate::counter::varint;
use crate::time::instant::{EARLIEST, LATEST};

/// What a store knows of all lanes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SyncState {
    pub(crate) basis: Basis,
    /// The beginning of the date from which it measured when it dropped old buckets; absent if it
    /// dropped none.
    pub(crate) horizon: Option<i64>,
    /// Ascending by lane.
    pub(crate) lanes: Vec<KnownLane>,
}

/// What a store knows of one lane.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownLane {
    pub(crate) lane: LaneId,
    /// It has all cells with these stamps, or knows that they are erased.
    pub(crate) claim: Coverage,
    /// The last stamps of cells that it has beside those, ascending.
    pub(crate) beside: Vec<Stamp>,
    /// Of a forked lane, a digest of its cells, and one that includes their buckets.
    pub(crate) digests: Option<[u64; 2]>,
    /// Cells with a birth of these stamps are erased.
    pub(crate) erased: Coverage,
    /// Digests of the erased births, by block; ascending.
    pub(crate) blocks: Vec<(u64, u64)>,
}

impl KnownLane {
    pub(crate) fn new(lane: LaneId) -> KnownLane {
        let (claim, erased) = (Coverage::default(), Coverage::default());
        KnownLane { lane, claim, beside: Vec::new(), digests: None, erased, blocks: Vec::new() }
    }
}

/// Encodes a sync state and appends it to `out`.
pub(crate) fn put_sync_state(state: &SyncState, out: &mut Vec<u8>) {
    let mut mentioned = Mentioned::default();
    for known in &state.lanes {
        mentioned.lane(known.lane);
        mentioned.coverage(known.lane, &known.claim);
        mentioned.coverage(known.lane, &known.erased);
        known.beside.iter().for_each(|stamp| mentioned.stamp(known.lane, *stamp));
    }
    put_basis(&state.basis, out);
    varint::put(out, state.horizon.is_some().into());
    state.horizon.iter().for_each(|horizon| varint::put_signed(out, *horizon));
    let table = mentioned.into_table();
    table.put(out);
    put_count(state.lanes.len(), out);
    for known in &state.lanes {
        table.put_lane(known.lane, out);
        table.put_coverage(known.lane, &known.claim, out);
        put_births(&table, known.lane, &known.beside, out);
        varint::put(out, known.digests.is_some().into());
        known.digests.iter().flatten().for_each(|digest| out.extend_from_slice(&digest.to_le_bytes()));
        table.put_coverage(known.lane, &known.erased, out);
        put_count(known.blocks.len(), out);
        for (block, digest) in &known.blocks {
            varint::put(out, *block);
            out.extend_from_slice(&digest.to_le_bytes());
        }
    }
}

/// Decodes a sync state. It is an error if its lanes do not ascend, or if bytes follow.
pub(crate) fn sync_state(mut bytes: &[u8]) -> Decoded<SyncState> {
    let from = &mut bytes;
    let basis = take_basis(from)?;
    let horizon = if take_flag(from)? { Some(take_instant(from)?) } else { None };
    let table = LaneTable::take(from)?;
    let out_of_order = Malformed("its lanes are not in order, or bytes follow it");
    let count = take_number(from)?;
    // Each lane of the table can occur once, so no length is believed.
    let capacity = usize::try_from(count).unwrap_or(usize::MAX).min(table.lanes());
    let mut lanes: Vec<KnownLane> = Vec::with_capacity(capacity);
    for _ in 0..count {
        let lane = table.take_lane(from)?;
        if lanes.last().is_some_and(|last| last.lane >= lane) {
            return Err(out_of_order);
        }
        let mut known = KnownLane {
            claim: table.take_coverage(lane, from)?,
            beside: take_births(&table, lane, from)?,
            ..KnownLane::new(lane)
        };
        if take_flag(from)? {
            known.digests = Some([take_digest(from)?, take_digest(from)?]);
        }
        known.erased = table.take_coverage(lane, from)?;
        for _ in 0..take_number(from)? {
            known.blocks.push((take_number(from)?, take_digest(from)?));
        }
        lanes.push(known);
    }
    let is_ordered = lanes.iter().all(|known| known.blocks.is_sorted_by(|(a, _), (b, _)| a < b));
    table.check_named()?;
    match is_ordered && from.is_empty() {
        true => Ok(SyncState { basis, horizon, lanes }),
        false => Err(out_of_order),
    }
}

fn take_instant(bytes: &mut &[u8]) -> Decoded<i64> {
    let instant = varint::take_signed(bytes).filter(|instant| (EARLIEST..=LATEST).contains(instant));
    instant.ok_or(Malformed("a number is out of range"))
}

fn take_digest(bytes: &mut &[u8]) -> Decoded<u64> {
    let (digest, rest) = bytes.split_first_chunk().ok_or(Malformed("it is damaged or incomplete"))?;
    *bytes = rest;
    Ok(u64::from_le_bytes(*digest))
}
