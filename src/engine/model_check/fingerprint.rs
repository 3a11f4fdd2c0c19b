//! The state of a device as one number, by which equal states are found.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;

use super::device::{Device, NAMES};
use crate::counter::coverage::Coverage;
use crate::counter::lane::LaneId;
use crate::engine::Engine;

/// A hash that is the same in each run.
pub(super) fn fingerprint(feed: impl FnOnce(&mut dyn Hasher)) -> u64 {
    let mut hasher = FixedState::with_seed(1).build_hasher();
    feed(&mut hasher);
    hasher.finish()
}

impl Device {
    /// Adds everything on which its later steps depend.
    pub(super) fn feed(&self, mut out: &mut dyn Hasher) {
        feed_engine(&self.engine, out);
        for (name, (_, bytes)) in &self.stored.pages {
            (name, bytes).hash(&mut out);
        }
        self.stored.events.hash(&mut out);
        self.stored.feed_record(out);
        (self.drawn, self.token, self.clock_error).hash(&mut out);
    }
}

fn feed_engine(engine: &Engine, mut out: &mut dyn Hasher) {
    let (mut bytes, mut scratch) = (Vec::new(), Vec::new());
    for entry in NAMES.iter().filter_map(|name| engine.events.get(name)) {
        bytes.clear();
        // Cells have to be put although there is no lane yet.
        let lane = engine.lane.unwrap_or(LaneId([0; 16]));
        entry.put_merged(Some(lane), &engine.clock.tracking, &mut scratch, &mut bytes);
        (&entry.name, &bytes, entry.birth, entry.stamp).hash(&mut out);
        let stale = entry.stale;
        (stale.event, stale.others, stale.is_merged).hash(&mut out);
        let marks = entry.marks;
        (marks.dirty, marks.unwritten, marks.undurable, entry.in_flight).hash(&mut out);
        (entry.unloaded, entry.is_shown, entry.deleted_pending_write).hash(&mut out);
    }
    (&engine.imports, &engine.unstored_imports).hash(&mut out);
    (engine.lane, engine.opening_stamp, engine.previous, engine.previous_counted, engine.epoch)
        .hash(&mut out);
    (engine.stamps.last, engine.stamps.counted, engine.stamps.opening).hash(&mut out);
    (engine.sweep.is_due(), engine.lowers_claims, engine.persist_dates).hash(&mut out);
    let coverage = |of: &Coverage| (of.floor, of.openings.clone());
    let mut facts: Vec<_> = engine.lanes.facts.iter().collect();
    facts.sort_unstable_by_key(|(lane, _)| **lane);
    for (lane, facts) in facts {
        (lane, coverage(&facts.issued), coverage(&facts.counted)).hash(&mut out);
        (facts.legacy, coverage(&facts.erased)).hash(&mut out);
    }
    let mut claims: Vec<_> = engine.lanes.claims.iter().collect();
    claims.sort_unstable_by_key(|(lane, _)| **lane);
    for (lane, claim) in claims {
        (lane, coverage(&claim.stamps), claim.is_forked, coverage(&claim.beside)).hash(&mut out);
    }
    let mut erased: Vec<_> = engine.lanes.erased.iter().map(|(key, ())| *key).collect();
    erased.sort_unstable();
    erased.hash(&mut out);
    engine.partial_exports.feed(out);
    let births = engine.clock.births;
    (births.opened, births.noticed, births.begun_after).hash(&mut out);
    (engine.clock.watch.latest, engine.clock.watch.noticed(), engine.clock.now()).hash(&mut out);
}
