//! The encoding of one page of a stored list.

use super::store_record::list;
use super::{Decoded, Encode, EncodeDerive, Malformed, StampRecord, count, put, take};
use crate::bounds::{MAX_KEY_BYTES, MAX_NAME_BYTES, MAX_PAGES, MAX_STAMP};
use crate::counter::coverage::Coverage;

/// A cell that is erased: its lane and its birth.
type ErasedRecord = ([u8; 16], StampRecord);

/// What is known of a lane and has to be stored before the events.
#[derive(Debug, Clone, Default, PartialEq, EncodeDerive)]
pub(crate) struct LaneRecord {
    pub(crate) lane: [u8; 16],
    /// Of the own lane, the stamps that earlier openings issued.
    pub(crate) issued: CoverageRecord,
    /// Of these, up to the last stamps that cells got.
    pub(crate) counted: CoverageRecord,
    /// Of another lane that this device counted, the number of its last own stamp. If this store
    /// did not issue its numbers, also the number that it issued when it took in what the lane
    /// counted.
    pub(crate) legacy: Option<(u64, Option<u64>)>,
    /// Cells with a birth of these stamps are erased.
    pub(crate) erased: CoverageRecord,
}

/// What is known of a lane and has to be stored after the events.
#[derive(Debug, Clone, Default, PartialEq, EncodeDerive)]
pub(crate) struct ClaimRecord {
    pub(crate) lane: [u8; 16],
    /// All cells with these stamps are stored or erased.
    pub(crate) claim: CoverageRecord,
    /// Whether two stores counted in one cell of the lane.
    pub(crate) is_forked: bool,
    /// The stamps of cells that the store has beside those.
    pub(crate) beside: CoverageRecord,
}

/// A number, and openings with their numbers.
#[derive(Debug, Clone, Default, PartialEq, EncodeDerive)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct CoverageRecord {
    pub(crate) floor: u64,
    pub(crate) openings: Vec<(u32, u64)>,
}

impl CoverageRecord {
    fn take(bytes: &mut &[u8]) -> Decoded<CoverageRecord> {
        Ok(CoverageRecord { floor: take(bytes)?, openings: list(bytes)? })
    }

    /// # Errors
    /// `Malformed` for numbers out of range and openings out of order.
    pub(crate) fn coverage(self) -> Decoded<Coverage> {
        let CoverageRecord { floor, openings } = self;
        let in_range = |(_, number): &(u32, u64)| *number > floor && *number <= MAX_STAMP;
        let is_ordered = openings.is_sorted_by(|(a, _), (b, _)| a < b);
        match floor <= MAX_STAMP && is_ordered && openings.iter().all(in_range) {
            true => Ok(Coverage { floor, openings }),
            false => Err(OUT_OF_RANGE),
        }
    }
}

impl From<&Coverage> for CoverageRecord {
    fn from(Coverage { floor, openings }: &Coverage) -> CoverageRecord {
        CoverageRecord { floor: *floor, openings: openings.clone() }
    }
}

/// Encodes a page and appends it to `out`.
fn put_page(entries: &[impl Encode], out: &mut Vec<u8>) {
    put(&count(entries.len()), out);
    entries.iter().for_each(|entry| put(entry, out));
}

pub(crate) fn put_erased_page(entries: &[ErasedRecord], out: &mut Vec<u8>) {
    put_page(entries, out);
}

pub(crate) fn put_lane_page(entries: &[LaneRecord], out: &mut Vec<u8>) {
    put_page(entries, out);
}

pub(crate) fn put_claim_page(entries: &[ClaimRecord], out: &mut Vec<u8>) {
    put_page(entries, out);
}

pub(crate) fn erased_page(bytes: &[u8]) -> Decoded<Vec<ErasedRecord>> {
    entries(bytes, take, |(_, (number, _)): &ErasedRecord| (1..=MAX_STAMP).contains(number))
}

pub(crate) fn lane_page(bytes: &[u8]) -> Decoded<Vec<LaneRecord>> {
    let take_lane = |bytes: &mut &[u8]| {
        Ok(LaneRecord {
            lane: take(bytes)?,
            issued: CoverageRecord::take(bytes)?,
            counted: CoverageRecord::take(bytes)?,
            legacy: take(bytes)?,
            erased: CoverageRecord::take(bytes)?,
        })
    };
    entries(bytes, take_lane, |_| true)
}

pub(crate) fn claim_page(bytes: &[u8]) -> Decoded<Vec<ClaimRecord>> {
    let take_claim = |bytes: &mut &[u8]| {
        Ok(ClaimRecord {
            lane: take(bytes)?,
            claim: CoverageRecord::take(bytes)?,
            is_forked: take(bytes)?,
            beside: CoverageRecord::take(bytes)?,
        })
    };
    entries(bytes, take_claim, |_| true)
}

/// Encodes a page of event names and appends it to `out`.
pub(crate) fn put_name_page<'a>(names: impl ExactSizeIterator<Item = &'a str>, out: &mut Vec<u8>) {
    put(&count(names.len()), out);
    names.for_each(|name| put(&name, out));
}

/// Decodes a page of event names.
pub(crate) fn name_page(bytes: &[u8]) -> Decoded<Vec<&str>> {
    entries(bytes, take, |name: &&str| name.len() <= MAX_NAME_BYTES)
}

/// Encodes a page of the keys of stored events and appends it to `out`. `pages` is how many pages
/// there are, this one included.
pub(crate) fn put_stored_keys<'a>(
    pages: u32,
    keys: impl ExactSizeIterator<Item = &'a str>,
    out: &mut Vec<u8>,
) {
    put(&pages, out);
    put_name_page(keys, out);
}

/// Decodes a page of the keys of stored events: how many pages there were when it was written, and
/// its keys.
pub(crate) fn stored_keys(mut bytes: &[u8]) -> Decoded<(u32, Vec<&str>)> {
    let pages = take(&mut bytes)?;
    if pages > MAX_PAGES {
        return Err(OUT_OF_RANGE);
    }
    Ok((pages, entries(bytes, take, |key: &&str| key.len() <= MAX_KEY_BYTES)?))
}

const OUT_OF_RANGE: Malformed = Malformed("a list of the store is damaged (a value is out of range)");

fn entries<'a, T>(
    mut bytes: &'a [u8],
    take_entry: impl Fn(&mut &'a [u8]) -> Decoded<T>,
    is_valid: impl Fn(&T) -> bool,
) -> Decoded<Vec<T>> {
    let mut entries = Vec::new();
    for _ in 0..take::<u64>(&mut bytes)? {
        let entry = take_entry(&mut bytes)?;
        if !is_valid(&entry) {
            return Err(OUT_OF_RANGE);
        }
        entries.push(entry);
    }
    match bytes.is_empty() {
        true => Ok(entries),
        false => Err(Malformed("a list of the store is damaged (bytes follow it)")),
    }
}
