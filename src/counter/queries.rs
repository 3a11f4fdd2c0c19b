//! Questions about an exported counter, without a store.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::event_counter::SingleEventCounter;
use super::reading::Reading;
use super::tracking::Tracking;
use super::view::{FutureEntries, View};
use crate::bounds::MAX_BUCKETS;
use crate::time::current_buckets::CurrentBuckets;
use crate::time::instant;
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

impl SingleEventCounter {
    /// How often the event ever happened, on all devices.
    pub fn lifetime(&self) -> u64 {
        self.cells.iter().fold(0, |sum, cell| sum.saturating_add(cell.body.head().lifetime))
    }

    /// How many replicas counted the event. A replica is what one store counted.
    pub fn replicas(&self) -> usize {
        self.cells.len()
    }

    /// The units with counts, finest first.
    pub fn units(&self) -> Vec<TimeUnit> {
        let holds =
            |unit: &Unit| self.cells.iter().any(|cell| cell.body.head().pairs(*unit).next().is_some());
        Unit::ALL.into_iter().filter(holds).map(Unit::public).collect()
    }

    /// The sum of the buckets in `range`, counted back from the one that holds `now`, which is 0:
    /// `0..7` of `Days` is today and the six days before it. `Ever` is the longest unit with counts.
    pub fn sum(&self, unit: TimeUnit, range: Range<usize>, now: DateTime<Utc>, zone: &Zone) -> u64 {
        let buckets = self.buckets(unit, range, now, zone);
        buckets.into_iter().fold(0, u64::saturating_add)
    }

    /// The count of each bucket in `range`, as in `sum`, newest first; at most 100,000 of them.
    pub fn buckets(&self, unit: TimeUnit, range: Range<usize>, now: DateTime<Utc>, zone: &Zone) -> Vec<u64> {
        let longest = || self.units().last().copied().and_then(Unit::of);
        let Some(unit) = Unit::of(unit).or_else(longest) else { return Vec::new() };
        let end = range.end.min(MAX_BUCKETS);
        let mut counts = vec![0u64; end.saturating_sub(range.start)];
        let start = i64::try_from(range.start).unwrap_or(i64::MAX);
        let view = view(now, zone);
        let newest = view.number(unit).saturating_sub(start);
        let tracking = Tracking::default();
        let reading = Reading { own: None, others: &self.cells, tracking: &tracking, view: &view };
        reading.visit(unit, FutureEntries::Clamp, i64::MIN, |number, count| {
            let place = usize::try_from(newest.saturating_sub(number)).ok();
            if let Some(sum) = place.and_then(|place| counts.get_mut(place)) {
                *sum = sum.saturating_add(count);
            }
        });
        counts
    }

    /// How long before `now` the event last happened. Never negative; absent if it never happened.
    pub fn last_seen(&self, now: DateTime<Utc>, zone: &Zone) -> Option<Duration> {
        let view = view(now, zone);
        let reading = Reading { own: None, others: &self.cells, tracking: &Tracking::default(), view: &view };
        reading.last_seen(FutureEntries::Clamp, zone).map(|last| instant::since(view.now, last))
    }

    /// How long before `now` the event first happened. Never negative; absent if it never happened.
    pub fn first_seen(&self, now: DateTime<Utc>, zone: &Zone) -> Option<Duration> {
        let view = view(now, zone);
        let reading = Reading { own: None, others: &self.cells, tracking: &Tracking::default(), view: &view };
        reading.first_seen().map(|first| instant::since(view.now, first))
    }

    /// Joins this counter with another version of the same event. What is known already is not
    /// counted again. Returns whether anything changed.
    pub fn merge(&mut self, other: &SingleEventCounter) -> bool {
        self.join(other).changed
    }
}

fn view(now: DateTime<Utc>, zone: &Zone) -> View {
    let now = instant::of(now);
    View {
        now,
        current: CurrentBuckets::at(now, zone, Unit::Seconds),
        noticed: None,
        local_legacy_lanes: Arc::default(),
    }
}
