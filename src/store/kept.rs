//! What the store keeps beside its events, and goes on from.

use super::state::{Held, State};
use crate::codec::Meta;
#[cfg(feature = "storage-fs")]
use crate::counter::lane::{Generation, LaneId};
#[cfg(feature = "storage-fs")]
use crate::time::watch::Step;

/// Stamps are lent in blocks: after a crash the store goes on behind the block, so that none is given out twice.
const STAMP_BLOCK: u64 = 1 << 16;

impl State {
    /// What the store keeps beside its events.
    pub(crate) fn meta(&self) -> Meta {
        Meta {
            lane: self.lane.map(|lane| lane.0),
            stamps: if self.stamp == self.base {
                self.base
            } else {
                (self.stamp / STAMP_BLOCK + 1) * STAMP_BLOCK
            },
            issued: if self.stamp == self.base { self.issued } else { self.stamp },
            store_generation: self.generation,
            erased: self.erased.iter().map(|(key, at)| (*key, at.store, at.event)).collect(),
            latest: self.present.watch.latest,
            step: self.present.watch.step.map(|step| (step.noticed, step.peak)),
            dates: self.dates.clone(),
            known: self.known.iter().map(|(lane, stamp)| (lane.0, *stamp)).collect(),
            losses: self.losses.clone(),
            identity: self.identity,
            held: self.held.iter().map(Held::to_meta).collect(),
            past: self.present.view.past.iter().map(|lane| lane.0).collect(),
        }
    }

    /// Goes on from what an earlier store kept.
    #[cfg(feature = "storage-fs")]
    pub(crate) fn resume(&mut self, meta: Meta) {
        self.lane = meta.lane.map(LaneId);
        (self.stamp, self.base, self.issued) = (meta.stamps, meta.stamps, meta.issued);
        self.generation = meta.store_generation;
        self.erased =
            meta.erased.into_iter().map(|(key, store, event)| (key, Generation { store, event })).collect();
        self.present.watch.latest = meta.latest;
        self.present.watch.step = meta.step.map(|(noticed, peak)| Step { noticed, peak });
        self.dates = meta.dates;
        self.known = meta.known.into_iter().map(|(lane, stamp)| (LaneId(lane), stamp)).collect();
        self.losses = meta.losses;
        self.identity = meta.identity;
        self.held = meta.held.into_iter().map(Held::from_meta).collect();
        self.set_past(meta.past.into_iter().map(LaneId).collect());
    }
}
