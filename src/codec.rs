//! The encoding of counters, exports, sync states and the store record. `docs/format.md` describes
//! the bytes. No other module uses bincode.
//!
//! Lists are decoded element by element, so a false length allocates nothing, and a decoded value
//! takes at most a small multiple of its bytes in memory.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::de::BorrowDecode;
use bincode::enc::Encode;
use bincode::{BorrowDecode as BorrowDecodeDerive, Encode as EncodeDerive};

use crate::bounds::{MAX_DECODED_BYTES, MAX_GENERATION, MAX_STAMP};
use crate::counter::body::Body;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{Generation, LaneCell, LaneId};

mod event;
mod message;
mod page;
mod store_record;

#[cfg(any(feature = "storage-fs", test))]
pub(crate) use event::event;
pub(crate) use event::{EventError, ReservationRecord, StoredEvent, put_local, split_event, take_local};
#[cfg(feature = "serde-json")]
pub(crate) use event::{LocalPart, checked_local};
pub(crate) use message::{LaneRange, Message, message, put_message, put_version_vector, version_vector};
pub(crate) use page::{
    name_page, number_page, put_name_page, put_number_page, put_stored_names, stored_names,
};
pub(crate) use store_record::{StoreRecord, put_store_record, store_record};

type Config = Configuration<LittleEndian, Varint, Limit<MAX_DECODED_BYTES>>;

fn config() -> Config {
    bincode::config::standard().with_limit::<MAX_DECODED_BYTES>()
}

/// The reason why bytes could not be decoded, as the text of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

// The errors that every form of a counter can have.
pub(crate) const GENERATION_OUT_OF_RANGE: &str =
    "the counts of an event are damaged (a generation is out of range)";
pub(crate) const CELLS_OUT_OF_ORDER: &str = "the counts of an event are damaged (its cells are not in order)";
pub(crate) const STAMP_OUT_OF_RANGE: &str = "the counts of an event are damaged (a stamp is out of range)";

type Decoded<T> = Result<T, Malformed>;

#[derive(EncodeDerive, BorrowDecodeDerive)]
struct CellHead<'a> {
    lane: [u8; 16],
    birth: u64,
    stamp: u64,
    body: &'a [u8],
}

/// The minimum size of a cell in bytes: the lane, a birth and a stamp of one byte, and the length
/// of its body.
const MIN_CELL_BYTES: usize = 19;

#[derive(EncodeDerive, BorrowDecodeDerive)]
struct CounterHead {
    store: u32,
    event: u32,
    own: Option<[u8; 16]>,
    cells: u64,
}

/// Whether a cell can have this birth and this stamp.
pub(crate) fn are_stamps(birth: u64, stamp: u64) -> bool {
    birth > 0 && birth <= stamp && stamp <= MAX_STAMP
}

/// Encodes a counter and appends it to `out`.
pub(crate) fn put_counter(counter: &SingleEventCounter, out: &mut Vec<u8>) {
    put_head(counter.generation, counter.own, counter.cells.len(), out);
    for cell in &counter.cells {
        put_cell(cell.key(), cell.stamp, cell.body.bytes(), out);
    }
}

/// Encodes the fields of a counter that precede its cells and appends them to `out`.
pub(crate) fn put_head(generation: Generation, own: Option<LaneId>, cells: usize, out: &mut Vec<u8>) {
    let Generation { store, event } = generation;
    put(&CounterHead { store, event, own: own.map(|lane| lane.0), cells: count(cells) }, out);
}

/// Encodes a cell of a counter and appends it to `out`.
pub(crate) fn put_cell((lane, birth): (LaneId, u64), stamp: u64, body: &[u8], out: &mut Vec<u8>) {
    put(&CellHead { lane: lane.0, birth, stamp, body }, out);
}

/// Decodes a counter from the front of `bytes` and removes it there.
pub(crate) fn take_counter(bytes: &mut &[u8]) -> Decoded<SingleEventCounter> {
    let head: CounterHead = take(bytes)?;
    if head.store > MAX_GENERATION || head.event > MAX_GENERATION {
        return Err(Malformed(GENERATION_OUT_OF_RANGE));
    }
    let generation = Generation { store: head.store, event: head.event };
    // The number of cells can be false, so the bytes limit the capacity.
    let capacity = usize::try_from(head.cells).unwrap_or(usize::MAX).min(bytes.len() / MIN_CELL_BYTES);
    let mut counter =
        SingleEventCounter { generation, own: head.own.map(LaneId), cells: Vec::with_capacity(capacity) };
    for _ in 0..head.cells {
        let cell: CellHead<'_> = take(bytes)?;
        let (lane, birth) = (LaneId(cell.lane), cell.birth);
        if counter.cells.last().is_some_and(|last| last.key() >= (lane, birth)) {
            return Err(Malformed(CELLS_OUT_OF_ORDER));
        }
        if !are_stamps(birth, cell.stamp) {
            return Err(Malformed(STAMP_OUT_OF_RANGE));
        }
        let body = Body::checked(cell.body.into())
            .ok_or(Malformed("the counts of an event are damaged (a cell is not in canonical form)"))?;
        counter.cells.push(LaneCell { lane, birth, stamp: cell.stamp, body });
    }
    Ok(counter)
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
