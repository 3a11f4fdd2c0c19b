//! Joining what was counted before the stored cell was read.

use super::Cell;
use crate::counter::series;
use crate::counter::tracking::Tracking;
use crate::time::bucket::Numbers;

impl Cell {
    /// Adds the counts of a cell of the same lane that were recorded before this stored cell was
    /// read. `lowest_clock` is the lowest clock reading of those recordings. `current` holds the
    /// numbers of the current buckets.
    pub(crate) fn absorb(&mut self, tracking: &Tracking, later: &Cell, lowest_clock: i64, current: &Numbers) {
        let seen_before = self.seen().is_some();
        for (index, (unit, _)) in tracking.units().iter().enumerate() {
            let mut pairs: Vec<_> = self.pairs(tracking, index).collect();
            for (number, count) in later.pairs(tracking, index) {
                pairs = series::added(pairs.into_iter(), number, count);
            }
            self.replace_capped(tracking, index, pairs, current.get(*unit));
        }
        if let Some(seen) = later.seen() {
            let (lowest, highest) = (later.offsets.lowest, later.offsets.highest);
            self.update_seen(seen.last, lowest_clock, highest, later.lifetime);
            self.offsets.add(lowest);
            if !seen_before {
                self.offsets = later.offsets;
            }
            self.first = self.first.min(seen.first);
            let beginnings = later.cold.iter().flat_map(|cold| &cold.beginnings);
            beginnings.for_each(|(unit, number)| self.raise_beginning(*unit, *number));
            if let Some(ahead) = seen.ahead {
                let kept = &mut self.cold.get_or_insert_default().ahead;
                *kept = Some(kept.map_or(ahead, |known| known.max(ahead)));
                self.drop_passed_ahead();
            }
        }
    }
}
