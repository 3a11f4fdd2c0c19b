//! The store record: what belongs to the store as a whole and is stored beside the events.

use super::{Engine, StepBirths};
use crate::codec::StoreRecord;
use crate::counter::lane::{LaneId, LegacyLane};
use crate::counter::view::UnwatchedStep;
use crate::time::clock_watch::Step;

/// Stamps are reserved in blocks. After the next opening, the first stamp is the one after the
/// reserved block, so no stamp is issued twice.
const STAMP_BLOCK: u64 = 1 << 16;

/// A write for which it is decided whether the store record is written too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteKind {
    pub(crate) sync: bool,
    /// Whether the storage keeps a second store from writing.
    pub(crate) is_exclusive: bool,
    /// Whether events or pages are written.
    pub(crate) writes_events: bool,
}

impl Engine {
    /// The store record as it has to be stored now.
    pub(super) fn store_record(&self) -> StoreRecord {
        let unchanged = self.stamp == self.opening_stamp;
        let next_block = (self.stamp / STAMP_BLOCK + 1) * STAMP_BLOCK;
        StoreRecord {
            lane: self.lane.map(|lane| lane.0),
            reserved_stamps: if unchanged { self.opening_stamp } else { next_block },
            last_stamp: if unchanged { self.last_stamp_before_opening } else { self.stamp },
            store_generation: self.store_generation,
            latest: self.clock.watch.latest,
            step: self.clock.watch.step.map(|step| (step.noticed, step.peak, step.went_back)),
            step_births: self.clock.births.to_record(),
            unwatched: self.clock.view.unwatched.iter().copied().map(UnwatchedStep::to_record).collect(),
            persist_dates: self.persist_dates.clone(),
            losses: self.losses.clone(),
            identity: self.identity,
            local_legacy_lanes: self.clock.view.legacy_lanes.iter().map(legacy_record).collect(),
            opening: self.opening,
            pages: self.page_counts(),
        }
    }

    /// Sets the random number of this opening.
    pub(crate) fn set_opening(&mut self, random: [u8; 4]) {
        self.opening = u32::from_le_bytes(random);
    }

    /// Continues from a stored record.
    pub(crate) fn resume(&mut self, record: StoreRecord) {
        self.lane = record.lane.map(LaneId);
        (self.stamp, self.opening_stamp) = (record.reserved_stamps, record.reserved_stamps);
        self.last_stamp_before_opening = record.last_stamp;
        self.store_generation = record.store_generation;
        self.clock.watch.latest = record.latest;
        let is_large = record.step_births.is_some();
        self.clock.watch.step = record.step.map(|step| Step::restored(step, is_large));
        self.clock.births = record.step_births.map_or_else(StepBirths::default, StepBirths::from_record);
        self.clock.view.unwatched = record.unwatched.into_iter().map(UnwatchedStep::from_record).collect();
        self.persist_dates = record.persist_dates;
        self.losses = record.losses;
        self.identity = record.identity;
        let legacy = record.local_legacy_lanes.into_iter();
        self.set_legacy_lanes(
            legacy.map(|(lane, taken_in)| LegacyLane { lane: LaneId(lane), taken_in }).collect(),
        );
    }

    /// Makes the store record another one, although nothing may have been counted.
    pub(crate) fn count_write(&mut self) {
        self.next_stamp();
    }

    /// The store record, if it has to be written; `written` is the one that the storage has.
    ///
    /// A sync writes it whenever it changed. Without a sync, a change of only the latest instant
    /// and the last stamp is no reason, because every recording changes them. If the storage is not
    /// exclusive, a change of the last stamp is a reason too: each write then changes the record,
    /// so that a second store notices the write.
    pub(crate) fn due_store_record(
        &self,
        written: Option<&StoreRecord>,
        write: WriteKind,
    ) -> Option<StoreRecord> {
        let WriteKind { sync, is_exclusive, writes_events } = write;
        let mut record = self.store_record();
        let Some(written) = written else {
            let StoreRecord { latest, reserved_stamps, identity, opening, .. } = record;
            let blank = StoreRecord { latest, reserved_stamps, identity, opening, ..StoreRecord::default() };
            let due = writes_events || record != blank || self.replaces_damage;
            return due.then_some(record);
        };
        let (latest, last_stamp, opening) = (record.latest, record.last_stamp, record.opening);
        if !sync {
            record.latest = written.latest;
        }
        if !sync && is_exclusive {
            record.last_stamp = written.last_stamp;
        }
        if !writes_events {
            record.opening = written.opening;
        }
        let same = *written == record;
        (record.latest, record.last_stamp, record.opening) = (latest, last_stamp, opening);
        (!same).then_some(record)
    }
}

fn legacy_record(legacy: &LegacyLane) -> ([u8; 16], Option<u64>) {
    (legacy.lane.0, legacy.taken_in)
}
