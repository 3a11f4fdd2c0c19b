//! The encoding of exports and sync states.

use super::{Decoded, Malformed, count, put, put_counter, take, take_counter};
use crate::bounds::{MAX_EXPORTED_EVENTS, MAX_GENERATION, MAX_NAME_BYTES, MAX_STAMP};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::{Generation, LaneId};

/// The content of an export: the counts that one store sends to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Message {
    pub(crate) store_generation: u32,
    /// Every erased event, recorded again or not: the hash of the name and the generation,
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
