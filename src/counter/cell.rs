//! The counts of one event in the own lane, in a form that can be added to.
//!
//! The newest bucket of each tracked unit is *open*: its count can be raised in place. The older
//! buckets are packed in their stored form behind the open buckets, in the same allocation. A
//! recording changes only the open buckets, and packs an open bucket when a new one begins.

use super::body::SeenTimes;
use super::kept::{capped, oldest_kept};
use super::open_bucket::{OPEN_BUCKET, OpenBucket};
use super::series::{self, Pairs};
use super::stored_series::StoredSeries;
use super::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::offsets::Offsets;
use crate::time::unit::Unit;

mod absorb;
mod age;
mod encode;

/// The instant of a recording with its bucket numbers and the offset of the local clock in seconds,
/// and the current instant with its bucket numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) at: i64,
    pub(crate) numbers: &'a Numbers,
    pub(crate) offset: i32,
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
    /// The offsets of the local clock under which it counted.
    offsets: Offsets,
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
    /// For each series that does not have all counts, the first bucket from which it has them.
    beginnings: Vec<(Unit, i64)>,
}

/// The value of `first` and `last` before the first recording. It is before every instant.
const NEVER: i64 = i64::MIN;

impl Cell {
    pub(crate) fn new(tracking: &Tracking) -> Cell {
        Cell {
            first: NEVER,
            last: NEVER,
            lifetime: 0,
            offsets: Offsets::default(),
            data: no_data(tracking),
            cold: None,
        }
    }

    pub(crate) fn seen(&self) -> Option<SeenTimes> {
        let ahead = self.cold.as_ref().and_then(|cold| cold.ahead);
        (self.last != NEVER).then_some(SeenTimes { first: self.first, last: self.last, ahead })
    }

    /// Whether a series has all counts of bucket `number` and of the later ones, unless older
    /// buckets were dropped because there were too many.
    #[inline]
    pub(crate) fn begins_by(&self, unit: Unit, number: i64) -> bool {
        self.cold.is_none() || self.beginning(unit).is_none_or(|beginning| beginning <= number)
    }

    /// The offsets of the local clock under which it counted.
    pub(crate) fn offsets(&self) -> Offsets {
        self.offsets
    }

    /// The first bucket from which a series has all counts; `None` if it has them from the first
    /// recording on.
    #[inline]
    pub(crate) fn beginning(&self, unit: Unit) -> Option<i64> {
        let beginnings = &self.cold.as_ref()?.beginnings;
        beginnings.iter().find(|(known, _)| *known == unit).map(|(_, number)| *number)
    }

    /// Counts an event that happens now. `current` holds the numbers of the current buckets in the
    /// order of the series, `offset` is that of the local clock in seconds.
    #[inline]
    pub(crate) fn record(&mut self, tracking: &Tracking, current: &[i64], now: i64, offset: i32, count: u64) {
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
        self.update_seen(now, now, offset, count);
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
    /// the buckets that the series keeps reach back to that instant. Otherwise the series states
    /// that it lacks the count: more buckets may be tracked later, and the clock may be ahead.
    pub(crate) fn record_at(&mut self, tracking: &Tracking, moment: Moment<'_>, count: u64) {
        if count == 0 {
            return;
        }
        for (index, (unit, buckets)) in tracking.units().iter().enumerate() {
            let number = moment.numbers.get(*unit);
            if number >= oldest_kept(moment.current.get(*unit), *buckets) {
                self.add(tracking, index, number, count, moment.current.get(*unit));
            } else {
                self.raise_beginning(*unit, number.saturating_add(1));
            }
        }
        self.update_seen(moment.at, moment.now, moment.offset, count);
    }

    /// Adds to the lifetime count, and updates the seen times and offsets for a recording at `at`.
    #[inline]
    fn update_seen(&mut self, at: i64, now: i64, offset: i32, count: u64) {
        self.lifetime = self.lifetime.saturating_add(count);
        if self.last == NEVER {
            (self.first, self.offsets) = (at, Offsets::of(offset));
        } else {
            self.first = self.first.min(at);
            self.offsets.add(offset);
        }
        if self.last > now {
            // The clock went back: keep the later time as `ahead`, and restart `last` at this one.
            let last = self.last;
            let ahead = &mut self.cold.get_or_insert_default().ahead;
            *ahead = Some(ahead.map_or(last, |known| known.max(last)));
            self.last = at;
        } else {
            self.last = self.last.max(at);
        }
        match &self.cold {
            Some(cold) if cold.ahead.is_some() || !cold.untracked.is_empty() => {
                self.raise_untracked(at, offset);
                self.drop_passed_ahead();
            }
            _ => {}
        }
    }

    /// A series lacks counts before bucket `number`.
    fn raise_beginning(&mut self, unit: Unit, number: i64) {
        let beginnings = &mut self.cold.get_or_insert_default().beginnings;
        match beginnings.iter_mut().find(|(known, _)| *known == unit) {
            Some((_, known)) => *known = number.max(*known),
            None => beginnings.push((unit, number)),
        }
    }

    /// Series of units that are not tracked lack what is counted at `at`.
    fn raise_untracked(&mut self, at: i64, offset: i32) {
        let Some(cold) = &mut self.cold else { return };
        for (unit, bytes) in &mut cold.untracked {
            let beginning = Offsets::of(offset).last_touched(*unit, at).saturating_add(1);
            let Some(series) = stored(bytes).filter(|series| series.beginning < Some(beginning)) else {
                continue;
            };
            let mut out = Vec::new();
            StoredSeries { beginning: Some(beginning), ..series }.put(&mut out);
            *bytes = out.into();
        }
    }

    /// Drops the ahead time when `last` has passed it.
    fn drop_passed_ahead(&mut self) {
        let last = self.last;
        if let Some(cold) = &mut self.cold {
            cold.ahead = cold.ahead.filter(|ahead| *ahead > last);
            if **cold == ColdFields::default() {
                self.cold = None;
            }
        }
    }

    /// Adds to bucket `number` of a series. `current` is the number of the current bucket.
    #[cold]
    fn add(&mut self, tracking: &Tracking, index: usize, number: i64, count: u64, current: i64) {
        // Under a clock that was set back a little, every recording is in an older bucket.
        let (section, newest) = (self.section(tracking, index), self.open_bucket(index).number());
        if self.data.get_mut(section).is_some_and(|older| series::raise(older, newest, number, count)) {
            return;
        }
        let pairs = series::added(self.pairs(tracking, index), number, count);
        self.replace_capped(tracking, index, pairs, current);
    }

    /// Replaces the buckets of a series by those of `pairs` that it keeps.
    fn replace_capped(&mut self, tracking: &Tracking, index: usize, pairs: Vec<(i64, u64)>, current: i64) {
        let Some((unit, tracked)) = tracking.units().get(index).copied() else { return };
        let (pairs, beginning) = capped(pairs, tracked, current);
        self.replace(tracking, index, pairs);
        if let Some(beginning) = beginning {
            self.raise_beginning(unit, beginning);
        }
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

    /// The size of the cell's heap allocations in bytes.
    pub(crate) fn heap(&self) -> usize {
        let cold = self.cold.as_ref().map_or(0, |cold| {
            let stored: usize = cold.untracked.iter().map(|(_, bytes)| bytes.len()).sum();
            let lists = cold.untracked.capacity() * size_of::<(Unit, Box<[u8]>)>()
                + cold.beginnings.capacity() * size_of::<(Unit, i64)>();
            size_of::<ColdFields>() + lists + stored
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
