//! How often an event happened since the latest recording of a marker.
//!
//! If this device recorded the marker last, as it happened, the tally of the event answers for
//! this device, and the buckets of other devices are counted from that instant. Otherwise the
//! buckets of all devices are counted, from the latest instant that is known. Whatever is not
//! certain makes the upper bound higher and the lower bound lower.

use super::entry::{Entry, MarkerTime};
use super::markers::BUILT_IN;
use super::snapshot::Snapshot;
use crate::counter::latest::KnownCount;
use crate::counter::stamp::Stamp;
use crate::counter::window::Bound;
use crate::time::instant::EARLIEST;

/// Where a window since a marker begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// The latest recording, if this device recorded it as it happened.
    occurrence: Option<Stamp>,
    /// The earliest instant at which the latest recording can have happened; absent if none is
    /// known.
    early: Option<i64>,
    /// The latest instant at which it can have happened.
    pub(crate) late: i64,
}

impl<'a> Snapshot<'a> {
    /// Where a window since a marker begins; absent if the marker never happened, so that the
    /// window is all time.
    pub(crate) fn beginning_of(&self, marker: &str) -> Option<Beginning> {
        let entry = self.entry(marker)?;
        let is_built_in = BUILT_IN.contains(&marker);
        let reading = entry.reading(self.tracking(), self.view);
        if let Some(latest) = entry.latest() {
            let MarkerTime { stamp, at, probable } = latest;
            if is_built_in || reading.latest_of_others(stamp.number).is_none_or(|last| last < probable) {
                let early = latest.earliest(self.view);
                let late = self.view.own_time(at, stamp.number);
                return Some(Beginning { occurrence: Some(stamp), early, late });
            }
        }
        let (early, late) = reading.latest_between(is_built_in)?;
        Some(Beginning { occurrence: None, early, late })
    }

    /// A bound of the count of an event since the latest recording of a marker.
    pub(crate) fn count_since(&self, event: &str, marker: &str, bound: Bound) -> u64 {
        let Some(entry) = self.entry(event) else { return 0 };
        let reading = entry.reading(self.tracking(), self.view);
        let Some(Beginning { occurrence, early, late }) = self.beginning_of(marker) else {
            return reading.lifetime();
        };
        let known = occurrence.and_then(|occurrence| {
            let count = entry.count_since(occurrence, self.view)?;
            Some(KnownCount { count, after: occurrence.number })
        });
        let start = match bound {
            Bound::Lower => late.saturating_add(1),
            Bound::Upper => early.unwrap_or(EARLIEST),
        };
        reading.since(start, bound, known)
    }

    /// Whether stored counts of the event or of the marker may have been lost since the latest
    /// recording of the marker.
    pub(crate) fn is_lost_since(&self, event: &str, marker: &str) -> bool {
        if !self.has_losses() {
            return false;
        }
        let number = self.beginning_of(marker).and_then(|beginning| beginning.occurrence);
        let number = number.map_or(0, |stamp| stamp.number);
        let mut losses = self.losses_of(event).chain(self.losses_of(marker));
        losses.any(|(.., lost)| *lost >= number)
    }

    fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.engine.events.get(name).filter(|entry| entry.is_known())
    }
}
