//! The encoding of counters, exports, sync states and the store record. `docs/format.md` describes
//! the bytes. No other module uses bincode.
//!
//! Lists are decoded element by element, so a false length allocates nothing, and a decoded value
//! takes at most a small multiple of its bytes in memory.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::de::BorrowDecode;
use bincode::enc::Encode;
use bincode::{BorrowDecode as BorrowDecodeDerive, Encode as EncodeDerive};

use crate::bounds::{MAX_DECODED_BYTES, MAX_REPLACED, MAX_STAMP};
use crate::counter::body::Body;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{CellKey, LaneCell, LaneId, Replaced, ReplacedCell, Was};
use crate::counter::stamp::Stamp;

mod batch;
mod bits;
mod event;
mod lane_table;
mod message;
mod packed_body;
mod page;
mod received;
mod store_record;
mod sync_state;

pub(crate) use batch::{BatchWrite, batch, put_batch};
#[cfg(feature = "serde-json")]
pub(crate) use event::checked_local;
#[cfg(any(feature = "storage-fs", test))]
pub(crate) use event::event;
pub(crate) use event::{
    EventError, LocalPart, MarkerRecord, ReservationRecord, StoredEvent, StoredParts, TallyRecord, put_local,
    put_marked, split_event, take_local,
};
pub(crate) use message::{Basis, LanePart, Message, Section, put_message};
pub(crate) use packed_body::packed_len;
#[cfg(feature = "serde-json")]
pub(crate) use page::CoverageRecord;
pub(crate) use page::{
    ClaimRecord, LaneRecord, claim_page, erased_page, lane_page, name_page, put_claim_page, put_erased_page,
    put_lane_page, put_name_page, put_stored_keys, stored_keys,
};
pub(crate) use received::{Cells, Incoming, Received};
pub(crate) use store_record::{StoreRecord, put_store_record, store_record};
pub(crate) use sync_state::{KnownLane, SyncState, put_sync_state, sync_state};

type Config = Configuration<LittleEndian, Varint, Limit<MAX_DECODED_BYTES>>;

fn config() -> Config {
    bincode::config::standard().with_limit::<MAX_DECODED_BYTES>()
}

/// The reason why bytes could not be decoded, as the text of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

// The errors that every form of a counter can have.
pub(crate) const CELLS_OUT_OF_ORDER: &str = "the counts of an event are damaged (its cells are not in order)";
pub(crate) const REPLACED_OUT_OF_ORDER: &str =
    "the counts of an event are damaged (the cells that one replaces are not in order)";
pub(crate) const STAMP_OUT_OF_RANGE: &str = "the counts of an event are damaged (a stamp is out of range)";

type Decoded<T> = Result<T, Malformed>;

/// The fields of a cell before its body.
#[derive(EncodeDerive, BorrowDecodeDerive)]
struct CellHead {
    lane: [u8; 16],
    birth: StampRecord,
    stamp: StampRecord,
    replaced: u64,
}

/// A stamp: its number and its opening.
pub(crate) type StampRecord = (u64, u32);

#[derive(EncodeDerive, BorrowDecodeDerive)]
struct ReplacedRecord {
    lane: [u8; 16],
    birth: StampRecord,
    was: u8,
}

#[derive(EncodeDerive, BorrowDecodeDerive)]
struct CounterHead {
    own: Option<[u8; 16]>,
    cells: u64,
}

/// The minimum size of a cell in bytes: the lane, two stamps of two bytes, no replaced cell, and
/// the length of its body.
const MIN_CELL_BYTES: usize = 22;

/// Whether a cell can have this birth and this stamp.
pub(crate) fn are_stamps(birth: Stamp, stamp: Stamp) -> bool {
    birth.number > 0 && birth.number <= stamp.number && stamp.number <= MAX_STAMP
}

pub(crate) fn stamp_of((number, opening): StampRecord) -> Stamp {
    Stamp::new(number, opening)
}

pub(crate) fn stamp_record(Stamp { number, opening }: Stamp) -> StampRecord {
    (number, opening)
}

/// Encodes a counter and appends it to `out`.
#[cfg(any(feature = "serde-bincode", feature = "serde", test))]
pub(crate) fn put_counter(counter: &SingleEventCounter, out: &mut Vec<u8>) {
    put_head(counter.own, counter.cells.len(), out);
    for cell in &counter.cells {
        put_cell(cell.key(), cell.stamp, &cell.replaced, cell.body.bytes(), out);
    }
}

/// Encodes the fields of a counter that precede its cells and appends them to `out`.
pub(crate) fn put_head(own: Option<LaneId>, cells: usize, out: &mut Vec<u8>) {
    put(&CounterHead { own: own.map(|lane| lane.0), cells: count(cells) }, out);
}

/// Encodes a cell of a counter and appends it to `out`.
pub(crate) fn put_cell(key: CellKey, stamp: Stamp, replaced: &Replaced, body: &[u8], out: &mut Vec<u8>) {
    let CellKey { lane, birth } = key;
    let (birth, stamp) = (stamp_record(birth), stamp_record(stamp));
    put(&CellHead { lane: lane.0, birth, stamp, replaced: count(replaced.cells().len()) }, out);
    for ReplacedCell { key: CellKey { lane, birth }, was } in replaced.cells() {
        put(&ReplacedRecord { lane: lane.0, birth: stamp_record(*birth), was: was.code() }, out);
    }
    put(&body, out);
}

/// Decodes a counter from the front of `bytes` and removes it there.
pub(crate) fn take_counter(bytes: &mut &[u8]) -> Decoded<SingleEventCounter> {
    let head: CounterHead = take(bytes)?;
    // The number of cells can be false, so the bytes limit the capacity.
    let capacity = usize::try_from(head.cells).unwrap_or(usize::MAX).min(bytes.len() / MIN_CELL_BYTES);
    let mut counter = SingleEventCounter { own: head.own.map(LaneId), cells: Vec::with_capacity(capacity) };
    for _ in 0..head.cells {
        let cell = take_cell(bytes)?;
        if counter.cells.last().is_some_and(|last| last.key() >= cell.key()) {
            return Err(Malformed(CELLS_OUT_OF_ORDER));
        }
        counter.cells.push(cell);
    }
    Ok(counter)
}

fn take_cell(bytes: &mut &[u8]) -> Decoded<LaneCell> {
    let head: CellHead = take(bytes)?;
    let (birth, stamp) = (stamp_of(head.birth), stamp_of(head.stamp));
    if !are_stamps(birth, stamp) {
        return Err(Malformed(STAMP_OUT_OF_RANGE));
    }
    let mut replaced = Vec::new();
    for _ in 0..head.replaced {
        let ReplacedRecord { lane, birth, was } = take(bytes)?;
        let key = CellKey { lane: LaneId(lane), birth: stamp_of(birth) };
        let was = Was::from_code(was.into()).ok_or(lane_table::OUT_OF_RANGE)?;
        replaced.push(ReplacedCell { key, was });
    }
    let replaced = checked_replaced(replaced)?;
    let body: &[u8] = take(bytes)?;
    Ok(LaneCell { lane: LaneId(head.lane), birth, stamp, replaced, body: checked_body(body)? })
}

/// Checks the list of the cells that a cell replaces.
pub(crate) fn checked_replaced(cells: Vec<ReplacedCell>) -> Decoded<Replaced> {
    let is_ordered = cells.is_sorted_by(|a, b| a.key < b.key);
    if !is_ordered
        || cells.len() > MAX_REPLACED
        || cells.iter().any(|cell| !(1..=MAX_STAMP).contains(&{ cell.key.birth.number }))
    {
        return Err(Malformed(REPLACED_OUT_OF_ORDER));
    }
    Ok(Replaced::new(cells))
}

fn checked_body(bytes: &[u8]) -> Decoded<Body> {
    Body::checked(bytes.into())
        .ok_or(Malformed("the counts of an event are damaged (a cell is not in canonical form)"))
}

/// Decodes a counter. Bytes after it are an error.
#[cfg(any(feature = "serde-bincode", feature = "serde", test))]
pub(crate) fn counter(mut bytes: &[u8]) -> Decoded<SingleEventCounter> {
    let counter = take_counter(&mut bytes)?;
    if bytes.is_empty() {
        Ok(counter)
    } else {
        Err(Malformed("the counts of an event are damaged (bytes follow them)"))
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn put(value: &impl Encode, out: &mut Vec<u8>) {
    // A write to memory does not fail, and no value exceeds the limit of the configuration.
    let written = bincode::encode_into_std_write(value, out, config());
    debug_assert!(written.is_ok(), "a value did not encode");
}

fn take<'a, T: BorrowDecode<'a, ()>>(bytes: &mut &'a [u8]) -> Decoded<T> {
    let (value, used) = bincode::borrow_decode_from_slice(bytes, config())
        .map_err(|_| Malformed("the data is damaged or incomplete"))?;
    *bytes = bytes.get(used..).unwrap_or_default();
    Ok(value)
}

#[cfg(test)]
mod tests;
