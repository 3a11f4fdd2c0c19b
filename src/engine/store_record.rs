//! The store record: what belongs to the store as a whole and is stored beside the events.

use super::{Changes, Engine, StepBirths};
use crate::codec::StoreRecord;
use crate::counter::lane::LaneId;
use crate::counter::stamp::Stamp;
use crate::counter::view::UnwatchedStep;
use crate::time::clock_watch::Step;

/// A write for which it is decided whether the store record is written too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteKind {
    pub(crate) sync: bool,
    /// Whether events or pages are written.
    pub(crate) writes_events: bool,
}

impl Engine {
    /// The store record as it has to be stored now.
    pub(super) fn store_record(&self) -> StoreRecord {
        StoreRecord {
            lane: self.lane.map(|lane| lane.0),
            last_stamp: self.stamps.last,
            // Of the opening that issued the last stamp.
            counted: if self.has_stamps() { self.stamps.counted } else { self.previous_counted.number },
            epoch: self.epoch,
            latest: self.clock.watch.latest,
            step: self.clock.watch.step.map(|step| (step.noticed, step.peak, step.went_back)),
            step_births: self.clock.births.to_record(),
            unwatched: self.clock.view.unwatched.iter().copied().map(UnwatchedStep::to_record).collect(),
            sweep_due: self.sweep.is_due(),
            persist_dates: self.persist_dates,
            losses: self.losses.clone(),
            identity: self.identity,
            // The opening that issued the last stamp.
            opening: self.basis().stamp.opening,
            pages: self.page_counts(),
            imports: self.imports.clone(),
        }
    }

    /// Sets the random numbers of this opening, and of a new store.
    pub(crate) fn set_opening(&mut self, random: [u8; 12]) {
        let [a, b, c, d, epoch @ ..] = random;
        self.stamps.opening = u32::from_le_bytes([a, b, c, d]);
        self.epoch = u64::from_le_bytes(epoch);
    }

    /// Continues from a stored record.
    pub(crate) fn resume(&mut self, record: StoreRecord) {
        self.lane = record.lane.map(LaneId);
        if self.lane.is_some_and(|lane| self.counts_like_an_import(lane)) {
            self.stamps.opening ^= 1;
        }
        (self.stamps.last, self.opening_stamp) = (record.last_stamp, record.last_stamp);
        self.previous = Stamp::new(record.last_stamp, record.opening);
        self.previous_counted = Stamp::new(record.counted, record.opening);
        self.epoch = record.epoch;
        self.clock.watch.latest = record.latest;
        let is_large = record.step_births.is_some();
        self.clock.watch.step = record.step.map(|step| Step::restored(step, is_large));
        self.clock.births = record.step_births.map_or_else(StepBirths::default, StepBirths::from_record);
        self.clock.view.unwatched = record.unwatched.into_iter().map(UnwatchedStep::from_record).collect();
        if record.sweep_due {
            self.sweep.begin();
        }
        self.persist_dates = record.persist_dates;
        self.losses = record.losses;
        self.identity = record.identity;
        self.imports = record.imports;
    }

    /// Makes the store record another one, although nothing may have been counted.
    pub(crate) fn count_write(&mut self, changes: &mut Changes) {
        self.next_stamp();
        // It can be the first stamp of this opening.
        self.gather_pages(changes);
    }

    /// The store record, if it has to be written; `written` is the one that the storage has.
    ///
    /// It is written whenever it changed, but without a sync a change of only the latest instant is
    /// no reason. Each write of events changes the last stamp. So the record says which stamps are
    /// stored, and in a storage that is not exclusive a second store notices the write.
    pub(crate) fn due_store_record(
        &self,
        written: Option<&StoreRecord>,
        write: WriteKind,
    ) -> Option<StoreRecord> {
        let WriteKind { sync, writes_events } = write;
        let record = self.store_record();
        let Some(written) = written else {
            let StoreRecord { latest, epoch, identity, opening, last_stamp, counted, .. } = record;
            let blank = StoreRecord {
                latest,
                epoch,
                identity,
                opening,
                last_stamp,
                counted,
                ..StoreRecord::default()
            };
            let due = writes_events || record != blank || self.replaces_damage;
            return due.then_some(record);
        };
        let mut compared = record.clone();
        if !sync {
            compared.latest = written.latest;
        }
        if !writes_events && !sync {
            let StoreRecord { opening, last_stamp, counted, .. } = *written;
            (compared.opening, compared.last_stamp, compared.counted) = (opening, last_stamp, counted);
        }
        (*written != compared).then_some(record)
    }
}
