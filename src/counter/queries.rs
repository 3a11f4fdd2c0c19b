//! Questions that an exported counter answers without a store.

use std::ops::Range;

use chrono::{DateTime, Duration, Utc};

use super::event_counter::SingleEventCounter;
use super::join::join;
use super::other_cells::OtherCells;
use super::reading::Reading;
use super::tracking::Tracking;
use super::view::View;
use crate::bounds::MAX_BUCKETS;
use crate::time::current_buckets::CurrentBuckets;
use crate::time::instant;
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

impl SingleEventCounter {
    /// Returns how often the event has ever happened, on all devices. It is at most `u64::MAX`.
    pub fn lifetime(&self) -> u64 {
        self.counted().iter().fold(0, |sum, cell| sum.saturating_add(cell.body.head().lifetime))
    }

    /// Returns the number of replicas in this counter. A replica holds the counts of one store.
    pub fn replicas(&self) -> usize {
        self.cells.chunk_by(|a, b| a.lane == b.lane).count()
    }

    /// Returns the units in which this counter has counts, finest first. It never contains `Ever`.
    pub fn units(&self) -> Vec<TimeUnit> {
        let holds =
            |unit: &Unit| self.cells.iter().any(|cell| cell.body.head().pairs(*unit).next().is_some());
        Unit::ALL.into_iter().filter(holds).map(Unit::to_public).collect()
    }

    /// Returns the sum of the buckets in `range`.
    ///
    /// Bucket 0 contains `now`, bucket 1 is the one before: `0..7` of `Days` is today and the six
    /// days before. `Ever` stands for the longest unit that has counts. `zone` determines the
    /// current date. Only the first 100,000 buckets are read. Buckets without counts are 0, also
    /// those of a unit that no replica tracks.
    pub fn sum(&self, unit: TimeUnit, range: Range<usize>, now: DateTime<Utc>, zone: &Zone) -> u64 {
        let buckets = self.buckets(unit, range, now, zone);
        buckets.into_iter().fold(0, u64::saturating_add)
    }

    /// Returns the count of each bucket in `range`, newest first. The arguments are those of
    /// [`sum`](Self::sum). The result ends at bucket 100,000. It is empty for an empty range, and
    /// for `Ever` if there are no counts.
    pub fn buckets(&self, unit: TimeUnit, range: Range<usize>, now: DateTime<Utc>, zone: &Zone) -> Vec<u64> {
        let longest = || self.units().last().copied().and_then(Unit::of);
        let Some(unit) = Unit::of(unit).or_else(longest) else { return Vec::new() };
        let end = range.end.min(MAX_BUCKETS);
        let mut counts = vec![0u64; end.saturating_sub(range.start)];
        let start = i64::try_from(range.start).unwrap_or(i64::MAX);
        self.read(now, zone, |reading| {
            let newest = reading.view.number(unit).saturating_sub(start);
            reading.add_buckets(unit, newest, &mut counts);
        });
        counts
    }

    /// Returns the time from the last occurrence of the event to `now`. It is zero if the event
    /// happened after `now`, and `None` if it never happened. A time more than 15 minutes after
    /// `now` is not accepted: then the newest bucket that is not ahead of `now` answers.
    pub fn last_seen(&self, now: DateTime<Utc>, zone: &Zone) -> Option<Duration> {
        self.read(now, zone, |reading| {
            let last = reading.last_seen();
            last.map(|last| instant::since(reading.view.now, last))
        })
    }

    /// Returns the time from the first occurrence of the event to `now`. It is zero if the event
    /// happened after `now`, and `None` if it never happened. A time more than 15 minutes after
    /// `now` is not accepted and is ignored.
    pub fn first_seen(&self, now: DateTime<Utc>, zone: &Zone) -> Option<Duration> {
        self.read(now, zone, |reading| {
            reading.first_seen().map(|first| instant::since(reading.view.now, first))
        })
    }

    /// Merges another version of the same event into this counter. Counts that this counter has
    /// already are not added again. Returns whether this counter changed.
    pub fn merge(&mut self, other: &SingleEventCounter) -> bool {
        let before = self.cells.clone();
        join(&mut self.cells, &other.cells);
        self.drop_replaced();
        self.cells != before
    }

    /// Reads the counts at `now`, without a store and its clock.
    fn read<R>(&self, now: DateTime<Utc>, zone: &Zone, answer: impl FnOnce(Reading<'_>) -> R) -> R {
        let (now, tracking, counted) = (instant::of(now), Tracking::default(), self.counted());
        let current = CurrentBuckets::at(now, zone, Unit::Seconds);
        let view = View::at(now, current);
        let (own, birth, stamp, earlier, ahead) = (None, 0, 0, &[][..], &[][..]);
        answer(Reading {
            own,
            birth,
            stamp,
            earlier,
            others: Some(&OtherCells::from(counted)),
            ahead,
            tracking: &tracking,
            view: &view,
        })
    }
}
