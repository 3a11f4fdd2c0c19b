//! The encoding of the store record.

use super::EncodeDerive;
use super::{BorrowDecode, Decoded, Malformed, put, take};
use crate::bounds::{MAX_IMPORTS, MAX_PAGES, MAX_RESERVED_STAMP, MAX_UNWATCHED_STEPS};
use crate::time::instant::{DAY, EARLIEST, LATEST};

/// The data that belongs to a store as a whole and is stored beside its events.
#[derive(Debug, Clone, Default, PartialEq, EncodeDerive)]
pub(crate) struct StoreRecord {
    /// The own lane.
    pub(crate) lane: Option<[u8; 16]>,
    /// The number of the last stamp that was issued. Its opening is that of the record.
    pub(crate) last_stamp: u64,
    /// The number of the last stamp of the same opening that a cell got; 0 without one.
    pub(crate) counted: u64,
    /// A random number that changes when the store gives up what it knew of other lanes.
    pub(crate) epoch: u64,
    /// The latest instant that the clock showed since its last step back, in milliseconds since the
    /// Unix epoch, like all instants below.
    pub(crate) latest: Option<i64>,
    /// The open step of the clock: when it was noticed, the latest instant before it, and when the
    /// clock last went back.
    pub(crate) step: Option<(i64, i64, i64)>,
    /// The births that belong to the open step, if it is large: of the opening, of the notice, and
    /// up to which cells are not added to.
    pub(crate) step_births: Option<[u64; 3]>,
    /// The large steps during which the process ended, oldest first: births after this one, up to
    /// this one, and when the step closed.
    pub(crate) unwatched: Vec<(u64, u64, i64)>,
    /// Whether stored events may be erased that were not read since erasures were merged.
    pub(crate) sweep_due: bool,
    /// The last distinct local dates on which the store was persisted, in days since 1970-01-01,
    /// newest first.
    pub(crate) persist_dates: [Option<i64>; 3],
    /// Losses that were not acknowledged: the name of the event, if it is known, when the loss was
    /// noticed, and the number of the last stamp that was issued before.
    pub(crate) losses: Vec<(Option<String>, i64, u64)>,
    /// The token of the identity file, and whether the file is known to hold it.
    pub(crate) identity: Option<([u8; 16], bool)>,
    /// The random number of the opening that wrote this record. If it differs from a store's own
    /// number, a second store writes to the same storage.
    pub(crate) opening: u32,
    /// How many pages the lists have: of erased cells, of events with reservations, of lanes and of
    /// claims.
    pub(crate) pages: [u32; 4],
    /// The digests of the keys whose counts were taken over from other libraries.
    pub(crate) imports: Vec<u64>,
}

pub(crate) fn put_store_record(record: &StoreRecord, out: &mut Vec<u8>) {
    put(record, out);
}

pub(crate) fn store_record(bytes: &[u8]) -> Decoded<StoreRecord> {
    let mut from = bytes;
    let record = take_store_record(&mut from).ok();
    record
        .filter(|record| from.is_empty() && record.is_valid())
        .ok_or(Malformed("the record of the store is damaged"))
}

impl StoreRecord {
    /// Whether all values are in range. A store that continued from other values would write bytes
    /// that it cannot read.
    fn is_valid(&self) -> bool {
        let closed = self.unwatched.iter().map(|(_, _, closed)| closed);
        let instants =
            self.latest.iter().chain(self.losses.iter().map(|(_, noticed, _)| noticed)).chain(closed);
        let step = self.step.map(<[i64; 3]>::from);
        let mut instants = instants.copied().chain(step.into_iter().flatten());
        // A local date differs from the date in UTC by less than two days.
        let dates = EARLIEST / DAY - 2..=LATEST / DAY + 2;
        self.last_stamp <= MAX_RESERVED_STAMP
            && self.counted <= self.last_stamp
            && instants.all(|instant| (EARLIEST..=LATEST).contains(&instant))
            && self.unwatched.len() <= MAX_UNWATCHED_STEPS
            && self.losses.iter().all(|(.., number)| *number <= MAX_RESERVED_STAMP)
            && self.step_births.iter().flatten().all(|birth| *birth <= MAX_RESERVED_STAMP)
            && self.persist_dates.iter().flatten().all(|date| dates.contains(date))
            && self.pages.iter().all(|pages| *pages <= MAX_PAGES)
            && self.imports.len() <= MAX_IMPORTS
    }
}

fn take_store_record(from: &mut &[u8]) -> Decoded<StoreRecord> {
    Ok(StoreRecord {
        lane: take(from)?,
        last_stamp: take(from)?,
        counted: take(from)?,
        epoch: take(from)?,
        latest: take(from)?,
        step: take(from)?,
        step_births: take(from)?,
        unwatched: list(from)?,
        sweep_due: take(from)?,
        persist_dates: take(from)?,
        losses: list(from)?,
        identity: take(from)?,
        opening: take(from)?,
        pages: take(from)?,
        // Absent in records that were written before there were imports.
        imports: if from.is_empty() { Vec::new() } else { list(from)? },
    })
}

/// Decodes a list without a capacity, because its length can be false.
pub(super) fn list<'a, T: BorrowDecode<'a, ()>>(from: &mut &'a [u8]) -> Decoded<Vec<T>> {
    let mut list = Vec::new();
    for _ in 0..take::<u64>(from)? {
        list.push(take(from)?);
    }
    Ok(list)
}
