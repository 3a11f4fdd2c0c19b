//! Questions to a counter that stands on its own.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::event_counter::SingleEventCounter;
use super::reading::{Doubt, Reading, View};
use super::tracking::{MOST_BUCKETS, Tracking};
use crate::time::frame::Frame;
use crate::time::instant;
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

impl SingleEventCounter {
    /// How often the event happened in all, on all devices.
    pub fn lifetime(&self) -> u64 {
        self.cells.iter().fold(0, |sum, cell| sum.saturating_add(cell.body.head().lifetime))
    }

    /// On how many stores the event was counted.
    pub fn lanes(&self) -> usize {
        self.cells.len()
    }

    /// The units in which something is counted, finest first.
    pub fn units(&self) -> Vec<TimeUnit> {
        let holds =
            |unit: &Unit| self.cells.iter().any(|cell| cell.body.head().buckets(*unit).next().is_some());
        Unit::ALL.into_iter().filter(holds).map(Unit::public).collect()
    }

    /// The sum of the buckets `range` before the one that holds `now`, which is 0: `0..7` of `Days` is today and the six days before it.
    /// `Ever` is the longest unit in which something is counted.
    pub fn sum(&self, unit: TimeUnit, range: Range<usize>, now: DateTime<Utc>, zone: &Zone) -> u64 {
        let buckets = self.buckets(unit, range, now, zone);
        buckets.into_iter().fold(0, u64::saturating_add)
    }

    /// The counts of the buckets `range` before the one that holds `now`, newest first; at most 100,000 of them.
    pub fn buckets(&self, unit: TimeUnit, range: Range<usize>, now: DateTime<Utc>, zone: &Zone) -> Vec<u64> {
        let longest = || self.units().last().copied().and_then(Unit::of);
        let Some(unit) = Unit::of(unit).or_else(longest) else { return Vec::new() };
        let end = range.end.min(MOST_BUCKETS);
        let mut counts = vec![0u64; end.saturating_sub(range.start)];
        let start = i64::try_from(range.start).unwrap_or(i64::MAX);
        let view = view(now, zone);
        let newest = view.number(unit).saturating_sub(start);
        let tracking = Tracking::default();
        let reading = Reading { own: None, others: &self.cells, tracking: &tracking, view: &view };
        reading.visit(unit, Doubt::Counts, i64::MIN, |number, count| {
            let place = usize::try_from(newest.saturating_sub(number)).ok();
            if let Some(sum) = place.and_then(|place| counts.get_mut(place)) {
                *sum = sum.saturating_add(count);
            }
        });
        counts
    }

    /// How long before `now` the event last happened, never negative; absent if it never did.
    pub fn last_seen(&self, now: DateTime<Utc>, zone: &Zone) -> Option<Duration> {
        let view = view(now, zone);
        let reading = Reading { own: None, others: &self.cells, tracking: &Tracking::default(), view: &view };
        reading.last_seen(Doubt::Counts, zone).map(|last| instant::since(view.now, last))
    }

    /// How long before `now` the event first happened, never negative; absent if it never did.
    pub fn first_seen(&self, now: DateTime<Utc>, zone: &Zone) -> Option<Duration> {
        let view = view(now, zone);
        let reading = Reading { own: None, others: &self.cells, tracking: &Tracking::default(), view: &view };
        reading.first_seen().map(|first| instant::since(view.now, first))
    }

    /// Takes in what another store knows of the same event. What is known already is not counted again. Says whether anything changed.
    pub fn merge(&mut self, other: &SingleEventCounter) -> bool {
        self.join(other).changed
    }
}

fn view(now: DateTime<Utc>, zone: &Zone) -> View {
    let now = instant::of(now);
    View { now, frame: Frame::at(now, zone, Unit::Seconds), noticed: None, past: Arc::default() }
}
