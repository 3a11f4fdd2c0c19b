//! Ageing: dropping the buckets that no window reaches.

use super::{Cell, stored};
use crate::counter::kept::oldest_kept;
use crate::counter::tracking::Tracking;
use crate::time::bucket::Numbers;

impl Cell {
    /// Drops the buckets that lie before the horizon by as many buckets as a series keeps. Returns
    /// whether there were any. Only a window since a marker
    /// can reach back to them; its bounds can become wider, and no other answer changes.
    pub(crate) fn age(&mut self, tracking: &Tracking, horizon: &Numbers) -> bool {
        let mut aged = false;
        for (index, (unit, buckets)) in tracking.units().iter().enumerate() {
            let oldest = oldest_kept(horizon.get(*unit), *buckets);
            if self.pairs(tracking, index).any(|(number, _)| number < oldest) {
                let kept = self.pairs(tracking, index).filter(|(number, _)| *number >= oldest).collect();
                self.replace(tracking, index, kept);
                aged = true;
            }
        }
        if let Some(cold) = &mut self.cold {
            for (_, bytes) in &mut cold.untracked {
                let Some(stored) = stored(bytes) else { continue };
                let mut out = Vec::new();
                if stored.put_aged(horizon, &mut out) {
                    *bytes = out.into();
                    aged = true;
                }
            }
            cold.untracked.retain(|(_, bytes)| !bytes.is_empty());
            // As `put_aged` does, or two versions of a cell could differ in it for ever.
            let known = cold.beginnings.len();
            cold.beginnings.retain(|(unit, beginning)| {
                let kept = tracking.find(*unit).map(|(_, buckets)| oldest_kept(horizon.get(*unit), buckets));
                kept.is_some_and(|kept| *beginning > kept)
            });
            aged |= cold.beginnings.len() != known;
        }
        self.drop_passed_ahead();
        aged
    }
}
