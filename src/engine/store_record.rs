//! The store record: what belongs to the store as a whole and is stored beside the events.

use super::Engine;
#[cfg(feature = "storage-fs")]
use super::reserve::ReservationRecord;
use crate::codec::StoreRecord;
#[cfg(feature = "storage-fs")]
use crate::counter::lane::{Generation, LaneId};
#[cfg(feature = "storage-fs")]
use crate::time::clock_watch::Step;

/// Stamps are reserved in blocks. After a crash the store continues behind the block, so no stamp
/// is issued twice.
const STAMP_BLOCK: u64 = 1 << 16;

impl Engine {
    /// The store record as it has to be stored now.
    pub(super) fn store_record(&self) -> StoreRecord {
        let unchanged = self.stamp == self.opening_stamp;
        let next_block = (self.stamp / STAMP_BLOCK + 1) * STAMP_BLOCK;
        let reservations = self.stored_reservations.iter().map(|reservation| {
            (reservation.key, reservation.event.to_string(), reservation.made, reservation.duration)
        });
        StoreRecord {
            lane: self.lane.map(|lane| lane.0),
            reserved_stamps: if unchanged { self.opening_stamp } else { next_block },
            last_stamp: if unchanged { self.last_stamp_before_opening } else { self.stamp },
            store_generation: self.store_generation,
            erased: self.erased.iter().map(|(key, at)| (*key, at.store, at.event)).collect(),
            latest: self.clock.watch.latest,
            step: self.clock.watch.step.map(|step| (step.noticed, step.peak)),
            persist_dates: self.persist_dates.clone(),
            version_vector: self.version_vector.iter().map(|(lane, stamp)| (lane.0, *stamp)).collect(),
            losses: self.losses.clone(),
            identity: self.identity,
            stored_reservations: reservations.collect(),
            local_legacy_lanes: self.clock.view.local_legacy_lanes.iter().map(|lane| lane.0).collect(),
        }
    }

    /// Continues from a stored record.
    #[cfg(feature = "storage-fs")]
    pub(crate) fn resume(&mut self, record: StoreRecord) {
        self.lane = record.lane.map(LaneId);
        (self.stamp, self.opening_stamp) = (record.reserved_stamps, record.reserved_stamps);
        self.last_stamp_before_opening = record.last_stamp;
        self.store_generation = record.store_generation;
        let erased = record.erased.into_iter();
        self.erased = erased.map(|(key, store, event)| (key, Generation { store, event })).collect();
        self.clock.watch.latest = record.latest;
        self.clock.watch.step = record.step.map(|(noticed, peak)| Step { noticed, peak });
        self.persist_dates = record.persist_dates;
        let known = record.version_vector.into_iter();
        self.version_vector = known.map(|(lane, stamp)| (LaneId(lane), stamp)).collect();
        self.losses = record.losses;
        self.identity = record.identity;
        let reservations = record.stored_reservations.into_iter();
        self.stored_reservations = reservations
            .map(|(key, event, made, duration)| ReservationRecord {
                key,
                event: event.into(),
                made,
                duration,
            })
            .collect();
        self.set_local_legacy_lanes(record.local_legacy_lanes.into_iter().map(LaneId).collect());
    }

    /// The store record, if it is due. A persist writes it whenever it changed. Another write does
    /// so only if the events that are written need it: what changes with every recording can wait.
    pub(crate) fn due_store_record(
        &self,
        written: Option<&StoreRecord>,
        sync: bool,
        writes_events: bool,
    ) -> Option<StoreRecord> {
        if !self.has_log {
            return None;
        }
        let mut record = self.store_record();
        let Some(written) = written else {
            let StoreRecord { latest, reserved_stamps, identity, .. } = record;
            let blank = StoreRecord { latest, reserved_stamps, identity, ..StoreRecord::default() };
            let due = writes_events || record != blank || self.replaces_damage;
            return due.then_some(record);
        };
        let (latest, last_stamp) = (record.latest, record.last_stamp);
        if !sync {
            (record.latest, record.last_stamp) = (written.latest, written.last_stamp);
        }
        let same = *written == record;
        (record.latest, record.last_stamp) = (latest, last_stamp);
        (!same).then_some(record)
    }
}
