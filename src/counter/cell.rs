//! The counts of one event in the own lane, in a form that can be added to.
//!
//! The newest bucket of each tracked unit is *open*: its count can be raised in place. The older
//! buckets are packed in their stored form behind the open buckets, in the same allocation. A
//! recording changes only the open buckets, and packs an open bucket when a new one begins.

use super::body::{SeenTimes, StoredSeries};
use super::open_bucket::{OPEN_BUCKET, OpenBucket};
use super::series::{self, Pairs};
use super::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::unit::Unit;

mod encode;

/// The instant of a recording with its bucket numbers, and the current instant with its bucket
/// numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) at: i64,
    pub(crate) numbers: &'a Numbers,
    pub(crate) now: i64,
    pub(crate) current: &'a Numbers,
}

/// A cell that can be added to. It has one series for each tracked unit, in the order of the
/// store's `Tracking`. Methods take the `Tracking`, and a series by its index in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    first: i64,
    last: i64,
    pub(crate) lifetime: u64,
    /// One open bucket of each series, then the packed older buckets of each series.
    data: Box<[u8]>,
    cold: Option<Box<ColdFields>>,
}

/// Fields that most cells do not need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ColdFields {
    /// The last time before the clock went back, if `last` has not passed it yet.
    ahead: Option<i64>,
    /// Series of units that are not tracked, in their stored form, by ascending unit.
    untracked: Vec<(Unit, Box<[u8]>)>,
}

/// The value of `first` and `last` before the first recording. It is before every instant.
const NEVER: i64 = i64::MIN;

impl Cell {
    pub(crate) fn new(tracking: &Tracking) -> Cell {
        Cell { first: NEVER, last: NEVER, lifetime: 0, data: no_data(tracking), cold: None }
    }

    pub(crate) fn seen(&self) -> Option<SeenTimes> {
        let ahead = self.cold.as_ref().and_then(|cold| cold.ahead);
        (self.last != NEVER).then_some(SeenTimes { first: self.first, last: self.last, ahead })
    }

    /// Counts an event that happens now. `current` holds the numbers of the current buckets in the
    /// order of the series.
    #[inline]
    pub(crate) fn record(&mut self, tracking: &Tracking, current: &[i64], now: i64, count: u64) {
        if count == 0 {
            return;
        }
        let mut needs_new_bucket = false;
        for (bytes, number) in self.data.as_chunks_mut().0.iter_mut().zip(current) {
            let mut open = OpenBucket::read(bytes);
            let same = open.number() == *number;
            // The slow path below opens a new bucket.
            open.count = open.count.saturating_add(if same { count } else { 0 });
            open.write(bytes);
            needs_new_bucket |= !same;
        }
        if needs_new_bucket {
            self.record_in_new_buckets(tracking, current, count);
        }
        self.update_seen(now, now, count);
    }

    /// Counts in the series whose open bucket is not the current one.
    #[cold]
    fn record_in_new_buckets(&mut self, tracking: &Tracking, current: &[i64], count: u64) {
        for (index, number) in current.iter().enumerate() {
            if self.open_bucket(index).number() != *number {
                self.add(tracking, index, *number, count, *number);
            }
        }
    }

    /// Counts an event that happened at an instant that is not after now. A unit counts it only if
    /// its tracked buckets, and one more, reach back to that instant.
    pub(crate) fn record_at(&mut self, tracking: &Tracking, moment: Moment<'_>, count: u64) {
        if count == 0 {
            return;
        }
        for (index, (unit, buckets)) in tracking.units().iter().enumerate() {
            let number = moment.numbers.get(*unit);
            // One more, because the start of a rolling window lies inside a bucket.
            if moment.current.get(*unit).saturating_sub(number) <= i64::from(*buckets) {
                self.add(tracking, index, number, count, moment.current.get(*unit));
            }
        }
        self.update_seen(moment.at, moment.now, count);
    }

    /// Adds to the lifetime count, and updates the seen times for a recording at `at`.
    #[inline]
    fn update_seen(&mut self, at: i64, now: i64, count: u64) {
        self.lifetime = self.lifetime.saturating_add(count);
        self.first = if self.last == NEVER { at } else { self.first.min(at) };
        if self.last > now {
            // The clock went back: keep the later time as `ahead`, and restart `last` at this one.
            let last = self.last;
            let ahead = &mut self.cold.get_or_insert_default().ahead;
            *ahead = Some(ahead.map_or(last, |known| known.max(last)));
            self.last = at;
        } else {
            self.last = self.last.max(at);
        }
        if self.cold.is_some() {
            self.drop_passed_ahead();
        }
    }

    /// Drops the ahead time when `last` has passed it.
    fn drop_passed_ahead(&mut self) {
        let last = self.last;
        if let Some(cold) = &mut self.cold {
            cold.ahead = cold.ahead.filter(|ahead| *ahead > last);
            if cold.ahead.is_none() && cold.untracked.is_empty() {
                self.cold = None;
            }
        }
    }

    /// Adds to bucket `number` of a series. `current` is the number of the current bucket.
    #[cold]
    fn add(&mut self, tracking: &Tracking, index: usize, number: i64, count: u64, current: i64) {
        let pairs = series::added(self.pairs(tracking, index), number, count);
        self.replace(tracking, index, capped(pairs, tracked_buckets(tracking, index), current));
    }

    /// Replaces the buckets of a series.
    fn replace(&mut self, tracking: &Tracking, index: usize, pairs: Vec<(i64, u64)>) {
        let section = self.section(tracking, index);
        let (newest, count, packed) = series::pack(pairs);
        let before = self.data.get(..section.start).unwrap_or_default();
        let after = self.data.get(section.end..).unwrap_or_default();
        self.data = [before, &packed, after].concat().into();
        let units = tracking.units().len();
        for (other, bytes) in self.data.as_chunks_mut().0.iter_mut().take(units).enumerate().skip(index) {
            let open = OpenBucket::read(bytes);
            let (number, count) = if other == index { (newest, count) } else { (open.number(), open.count) };
            OpenBucket::new(number, count, open.end() + packed.len() - section.len()).write(bytes);
        }
    }

    /// The open bucket of a series.
    #[inline]
    fn open_bucket(&self, index: usize) -> OpenBucket {
        self.data.as_chunks().0.get(index).map_or_else(OpenBucket::default, OpenBucket::read)
    }

    /// Whether a series has counts.
    #[inline]
    pub(crate) fn holds(&self, index: usize) -> bool {
        self.open_bucket(index).count > 0
    }

    /// The range of the packed older buckets of a series in `data`.
    #[inline]
    fn section(&self, tracking: &Tracking, index: usize) -> std::ops::Range<usize> {
        let start = index
            .checked_sub(1)
            .map_or(tracking.units().len() * OPEN_BUCKET, |before| self.open_bucket(before).end());
        start..self.open_bucket(index).end()
    }

    /// The buckets of a series, newest first.
    #[inline]
    pub(crate) fn pairs(&self, tracking: &Tracking, index: usize) -> Pairs<'_> {
        let older = self.data.get(self.section(tracking, index)).unwrap_or_default();
        let open = self.open_bucket(index);
        Pairs::new(open.number(), open.count, older)
    }

    /// Adds the counts of a cell of the same lane that were recorded before this stored cell was
    /// read. `lowest_clock` is the lowest clock reading of those recordings. `current` holds the
    /// numbers of the current buckets.
    pub(crate) fn absorb(&mut self, tracking: &Tracking, later: &Cell, lowest_clock: i64, current: &Numbers) {
        for (index, (unit, _)) in tracking.units().iter().enumerate() {
            let mut pairs: Vec<_> = self.pairs(tracking, index).collect();
            for (number, count) in later.pairs(tracking, index) {
                pairs = series::added(pairs.into_iter(), number, count);
            }
            self.replace(
                tracking,
                index,
                capped(pairs, tracked_buckets(tracking, index), current.get(*unit)),
            );
        }
        if let Some(seen) = later.seen() {
            self.update_seen(seen.last, lowest_clock, later.lifetime);
            self.first = self.first.min(seen.first);
            if let Some(ahead) = seen.ahead {
                let kept = &mut self.cold.get_or_insert_default().ahead;
                *kept = Some(kept.map_or(ahead, |known| known.max(ahead)));
                self.drop_passed_ahead();
            }
        }
    }

    /// Drops the buckets that lie before the horizon by more than twice the tracked buckets of
    /// their unit. Returns whether there were any.
    pub(crate) fn age(&mut self, tracking: &Tracking, horizon: &Numbers) -> bool {
        let mut aged = false;
        for (index, (unit, buckets)) in tracking.units().iter().enumerate() {
            let oldest = horizon.get(*unit) - 2 * i64::from(*buckets);
            if self.pairs(tracking, index).any(|(number, _)| number < oldest) {
                let kept = self.pairs(tracking, index).filter(|(number, _)| *number >= oldest).collect();
                self.replace(tracking, index, kept);
                aged = true;
            }
        }
        if let Some(cold) = &mut self.cold {
            for (unit, bytes) in &mut cold.untracked {
                let Some(stored) = stored(bytes) else { continue };
                let oldest = horizon.get(*unit) - 2 * i64::from(stored.buckets);
                if stored.pairs().any(|(number, _)| number < oldest) {
                    let kept = stored.pairs().filter(|(number, _)| *number >= oldest);
                    let (newest, count, older) = series::pack(kept);
                    let mut out = Vec::new();
                    if count > 0 {
                        StoredSeries { newest, count, older: &older, ..stored }.put(&mut out);
                    }
                    *bytes = out.into();
                    aged = true;
                }
            }
            cold.untracked.retain(|(_, bytes)| !bytes.is_empty());
        }
        self.drop_passed_ahead();
        aged
    }

    /// The size of the cell's heap allocations in bytes.
    pub(crate) fn heap(&self) -> usize {
        let cold = self.cold.as_ref().map_or(0, |cold| {
            let stored: usize = cold.untracked.iter().map(|(_, bytes)| bytes.len()).sum();
            size_of::<ColdFields>() + cold.untracked.capacity() * size_of::<(Unit, Box<[u8]>)>() + stored
        });
        self.data.len() + cold
    }
}

/// The `data` of a cell without counts.
fn no_data(tracking: &Tracking) -> Box<[u8]> {
    let units = tracking.units().len();
    let mut data = vec![0; units * OPEN_BUCKET];
    data.as_chunks_mut()
        .0
        .iter_mut()
        .for_each(|bytes| OpenBucket::new(0, 0, units * OPEN_BUCKET).write(bytes));
    data.into()
}

/// Decodes the stored series of an untracked unit.
fn stored(mut bytes: &[u8]) -> Option<StoredSeries<'_>> {
    StoredSeries::take(&mut bytes)
}

/// The tracked buckets of a series.
fn tracked_buckets(tracking: &Tracking, index: usize) -> usize {
    let buckets = tracking.units().get(index).map_or(0, |(_, buckets)| *buckets);
    usize::try_from(buckets).unwrap_or(0)
}

/// Limits a series to twice as many pairs as buckets are tracked. Pairs older than the tracked
/// buckets are dropped first. Then pairs far ahead of the clock, which a wrong clock recorded, are
/// combined into one pair, so that they do not displace the tracked buckets.
fn capped(mut pairs: Vec<(i64, u64)>, tracked: usize, current: i64) -> Vec<(i64, u64)> {
    // At least one more for the bucket in which a rolling window starts, and one that lies ahead.
    let max_pairs = tracked.saturating_mul(2).max(tracked.saturating_add(2));
    let oldest = current.saturating_sub(i64::try_from(tracked).unwrap_or(i64::MAX));
    while pairs.len() > max_pairs && pairs.last().is_some_and(|(number, _)| *number < oldest) {
        pairs.pop();
    }
    let ahead = pairs.iter().take_while(|(number, _)| *number > current).count();
    let combined = pairs.len().saturating_sub(max_pairs).min(ahead.saturating_sub(1));
    let combined_count = pairs.drain(..combined).fold(0u64, |sum, (_, count)| sum.saturating_add(count));
    if let Some((_, count)) = pairs.first_mut() {
        *count = count.saturating_add(combined_count);
    }
    pairs.truncate(max_pairs);
    pairs
}
