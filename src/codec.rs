//! The encoding of counters, messages, sync states and the store record. `docs/format.md`
//! describes the bytes. No other file uses bincode.
//!
//! Lists are decoded element by element, so a false length allocates nothing, and a decoded value
//! takes at most a small multiple of its bytes in memory.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::de::BorrowDecode;
use bincode::enc::Encode;
use bincode::{BorrowDecode as BorrowDecodeDerive, Encode as EncodeDerive};

use crate::bounds::{MAX_DECODED_BYTES, MAX_EXPORTED_EVENTS, MAX_GENERATION, MAX_NAME_BYTES, MAX_STAMP};
use crate::counter::body::Body;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{Generation, LaneCell, LaneId};
#[cfg(any(feature = "storage-fs", test))]
use crate::time::instant::{DAY, EARLIEST, LATEST};

type Config = Configuration<LittleEndian, Varint, Limit<MAX_DECODED_BYTES>>;

fn config() -> Config {
    bincode::config::standard().with_limit::<MAX_DECODED_BYTES>()
}

/// The reason why bytes could not be decoded, as the text of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

type Decoded<T> = Result<T, Malformed>;

#[derive(EncodeDerive, BorrowDecodeDerive)]
struct CellHead<'a> {
    lane: [u8; 16],
    stamp: u64,
    body: &'a [u8],
}

/// A lower bound of the bytes of a cell: the lane, a stamp of one byte and the length of its body.
const SHORTEST_CELL: usize = 18;

#[derive(EncodeDerive, BorrowDecodeDerive)]
struct CounterHead {
    store: u32,
    event: u32,
    own: Option<[u8; 16]>,
    cells: u64,
}

/// Encodes a counter and appends it to `out`.
pub(crate) fn put_counter(counter: &SingleEventCounter, out: &mut Vec<u8>) {
    put_head(counter.generation, counter.own, counter.cells.len(), out);
    for cell in &counter.cells {
        put_cell(cell.lane, cell.stamp, cell.body.bytes(), out);
    }
}

/// Encodes the fields of a counter that precede its cells and appends them to `out`.
pub(crate) fn put_head(generation: Generation, own: Option<LaneId>, cells: usize, out: &mut Vec<u8>) {
    let Generation { store, event } = generation;
    put(&CounterHead { store, event, own: own.map(|lane| lane.0), cells: count(cells) }, out);
}

/// Encodes a cell of a counter and appends it to `out`.
pub(crate) fn put_cell(lane: LaneId, stamp: u64, body: &[u8], out: &mut Vec<u8>) {
    put(&CellHead { lane: lane.0, stamp, body }, out);
}

/// Decodes a counter from the front of `bytes` and removes it there.
pub(crate) fn take_counter(bytes: &mut &[u8]) -> Decoded<SingleEventCounter> {
    let head: CounterHead = take(bytes)?;
    if head.store > MAX_GENERATION || head.event > MAX_GENERATION {
        return Err(Malformed("the counts of an event are damaged (a generation is out of range)"));
    }
    let generation = Generation { store: head.store, event: head.event };
    // The number of cells can be false, so the bytes limit the capacity.
    let capacity = usize::try_from(head.cells).unwrap_or(usize::MAX).min(bytes.len() / SHORTEST_CELL);
    let mut counter =
        SingleEventCounter { generation, own: head.own.map(LaneId), cells: Vec::with_capacity(capacity) };
    for _ in 0..head.cells {
        let cell: CellHead<'_> = take(bytes)?;
        let lane = LaneId(cell.lane);
        if counter.cells.last().is_some_and(|last| last.lane >= lane) {
            return Err(Malformed("the counts of an event are damaged (its lanes are not in order)"));
        }
        if cell.stamp == 0 || cell.stamp > MAX_STAMP {
            return Err(Malformed("the counts of an event are damaged (a stamp is out of range)"));
        }
        let body = Body::checked(cell.body.into())
            .ok_or(Malformed("the counts of an event are damaged (a cell is not in canonical form)"))?;
        counter.cells.push(LaneCell { lane, stamp: cell.stamp, body });
    }
    Ok(counter)
}

/// Decodes a counter. Bytes after it are an error.
pub(crate) fn counter(mut bytes: &[u8]) -> Decoded<SingleEventCounter> {
    let counter = take_counter(&mut bytes)?;
    if bytes.is_empty() {
        Ok(counter)
    } else {
        Err(Malformed("the counts of an event are damaged (bytes follow them)"))
    }
}

/// The content of an export: the counts that one store sends to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Message {
    pub(crate) store_generation: u32,
    /// Erased events that were not recorded since: the hash of the name and the generation,
    /// ascending by hash.
    pub(crate) erased: Vec<([u8; 16], Generation)>,
    /// Ascending by lane.
    pub(crate) lanes: Vec<LaneRange>,
    /// Ascending by name.
    pub(crate) events: Vec<(String, SingleEventCounter)>,
}

/// States that a message holds all cells of a lane with a stamp above `base` and up to `upto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LaneRange {
    pub(crate) lane: LaneId,
    pub(crate) base: u64,
    pub(crate) upto: u64,
}

/// Encodes a message and appends it to `out`.
pub(crate) fn put_message(message: &Message, out: &mut Vec<u8>) {
    put(&message.store_generation, out);
    put(&count(message.erased.len()), out);
    for (key, generation) in &message.erased {
        put(&(*key, generation.store, generation.event), out);
    }
    put(&count(message.lanes.len()), out);
    for range in &message.lanes {
        put(&(range.lane.0, range.base, range.upto), out);
    }
    put(&count(message.events.len()), out);
    for (name, counter) in &message.events {
        put(&name.as_str(), out);
        put_counter(counter, out);
    }
}

/// Decodes a message. It is an error if erased events, lanes or names do not ascend, if a number is
/// out of range, or if bytes follow.
pub(crate) fn message(mut bytes: &[u8]) -> Decoded<Message> {
    let from = &mut bytes;
    let mut message = Message { store_generation: take(from)?, ..Message::default() };
    if message.store_generation > MAX_GENERATION {
        return Err(Malformed("the generation of the store is out of range"));
    }
    for _ in 0..take::<u64>(from)? {
        let (key, store, event): ([u8; 16], u32, u32) = take(from)?;
        if store > MAX_GENERATION || event > MAX_GENERATION {
            return Err(Malformed("the generation of an erased event is out of range"));
        }
        message.erased.push((key, Generation { store, event }));
    }
    for _ in 0..take::<u64>(from)? {
        let (lane, base, upto): ([u8; 16], u64, u64) = take(from)?;
        if upto > MAX_STAMP || base > upto {
            return Err(Malformed("the stamps of a lane are out of range"));
        }
        message.lanes.push(LaneRange { lane: LaneId(lane), base, upto });
    }
    let events: u64 = take(from)?;
    if events > count(MAX_EXPORTED_EVENTS) {
        return Err(Malformed("it has more than 100,000 events"));
    }
    for _ in 0..events {
        let name: &str = take(from)?;
        if name.len() > MAX_NAME_BYTES {
            return Err(Malformed("an event name has more than 1,024 bytes"));
        }
        if message.events.last().is_some_and(|(last, _)| last.as_str() >= name) {
            return Err(Malformed("the events are not in order"));
        }
        message.events.push((name.to_owned(), take_counter(from)?));
    }
    let ordered = message.lanes.is_sorted_by(|a, b| a.lane < b.lane)
        && message.erased.is_sorted_by(|(a, _), (b, _)| a < b);
    if !ordered || !from.is_empty() {
        return Err(Malformed("its lanes or erased events are not in order, or bytes follow it"));
    }
    Ok(message)
}

/// The data that belongs to a store as a whole and is stored beside its events.
#[derive(Debug, Clone, Default, PartialEq, EncodeDerive)]
pub(crate) struct StoreRecord {
    /// The own lane.
    pub(crate) lane: Option<[u8; 16]>,
    /// Stamps up to this one may have been issued.
    pub(crate) stamps: u64,
    /// The last stamp that was issued.
    pub(crate) last_stamp: u64,
    pub(crate) store_generation: u32,
    /// Erased events: the hash of the name, the store's generation, the event's generation.
    pub(crate) erased: Vec<([u8; 16], u32, u32)>,
    /// The latest instant that the clock showed since its last step back, in milliseconds since the
    /// Unix epoch, like all instants below.
    pub(crate) latest: Option<i64>,
    /// The open step of the clock: when it was noticed, and the latest instant before it.
    pub(crate) step: Option<(i64, i64)>,
    /// The last distinct local dates on which the store was persisted, in days since 1970-01-01,
    /// oldest first.
    pub(crate) persist_dates: Vec<i64>,
    /// For each other lane, the stamp up to which all its counts are known.
    pub(crate) version_vector: Vec<([u8; 16], u64)>,
    /// Losses that were not acknowledged: the name of the event, if it is known, and when the loss
    /// was noticed.
    pub(crate) losses: Vec<(Option<String>, i64)>,
    /// The token that the identity file holds as well.
    pub(crate) identity: Option<[u8; 16]>,
    /// Stored reservations: key, event, when it was made, and its duration in milliseconds.
    pub(crate) stored_reservations: Vec<(u64, String, i64, i64)>,
    /// Lanes that another storage of this device counted, ascending.
    pub(crate) local_legacy_lanes: Vec<[u8; 16]>,
}

#[cfg(any(feature = "storage-fs", test))]
pub(crate) fn put_store_record(record: &StoreRecord, out: &mut Vec<u8>) {
    put(record, out);
}

#[cfg(any(feature = "storage-fs", test))]
pub(crate) fn store_record(bytes: &[u8]) -> Decoded<StoreRecord> {
    let mut from = bytes;
    let record = take_store_record(&mut from).ok();
    record
        .filter(|record| from.is_empty() && record.is_valid())
        .ok_or(Malformed("the record of the store is damaged"))
}

#[cfg(any(feature = "storage-fs", test))]
impl StoreRecord {
    /// Whether all values are in range. A store that continued from other values would write bytes
    /// that it cannot read.
    fn is_valid(&self) -> bool {
        let instants = self.latest.iter().chain(self.losses.iter().map(|(_, noticed)| noticed));
        let instants = instants.chain(self.stored_reservations.iter().map(|(_, _, made, _)| made));
        let mut instants =
            instants.copied().chain(self.step.into_iter().flat_map(|(noticed, peak)| [noticed, peak]));
        // A local date differs from the date in UTC by less than two days.
        let dates = EARLIEST / DAY - 2..=LATEST / DAY + 2;
        let generations = self.erased.iter().flat_map(|(_, store, event)| [*store, *event]);
        generations.chain([self.store_generation]).all(|generation| generation <= MAX_GENERATION)
            && self.stamps.max(self.last_stamp) <= MAX_STAMP
            && self.version_vector.iter().all(|(_, stamp)| *stamp <= MAX_STAMP)
            && instants.all(|instant| (EARLIEST..=LATEST).contains(&instant))
            && self.persist_dates.iter().all(|date| dates.contains(date))
            && self
                .stored_reservations
                .iter()
                .all(|(_, event, _, millis)| event.len() <= MAX_NAME_BYTES && (1..=LATEST).contains(millis))
    }
}

#[cfg(any(feature = "storage-fs", test))]
fn take_store_record(from: &mut &[u8]) -> Decoded<StoreRecord> {
    Ok(StoreRecord {
        lane: take(from)?,
        stamps: take(from)?,
        last_stamp: take(from)?,
        store_generation: take(from)?,
        erased: list(from)?,
        latest: take(from)?,
        step: take(from)?,
        persist_dates: list(from)?,
        version_vector: list(from)?,
        losses: list(from)?,
        identity: take(from)?,
        stored_reservations: list(from)?,
        local_legacy_lanes: list(from)?,
    })
}

/// Decodes a list without a capacity, because its length can be false.
#[cfg(any(feature = "storage-fs", test))]
fn list<'a, T: BorrowDecode<'a, ()>>(from: &mut &'a [u8]) -> Decoded<Vec<T>> {
    let mut list = Vec::new();
    for _ in 0..take::<u64>(from)? {
        list.push(take(from)?);
    }
    Ok(list)
}

/// Encodes a version vector and appends it to `out`: for each lane, the stamp up to which all its
/// counts are known.
pub(crate) fn put_version_vector(known: &[(LaneId, u64)], out: &mut Vec<u8>) {
    put(&count(known.len()), out);
    known.iter().for_each(|(lane, stamp)| put(&(lane.0, *stamp), out));
}

/// Decodes a version vector. It is an error if its lanes do not ascend, or if bytes follow.
pub(crate) fn version_vector(mut bytes: &[u8]) -> Decoded<Vec<(LaneId, u64)>> {
    let mut known: Vec<(LaneId, u64)> = Vec::new();
    for _ in 0..take::<u64>(&mut bytes)? {
        let (lane, stamp): ([u8; 16], u64) = take(&mut bytes)?;
        known.push((LaneId(lane), stamp));
    }
    if bytes.is_empty() && known.is_sorted_by(|(a, _), (b, _)| a < b) {
        return Ok(known);
    }
    Err(Malformed("its lanes are not in order, or bytes follow it"))
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
