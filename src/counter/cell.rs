//! The counts of the own lane for one event, in a form that can be added to.
//!
//! The newest bucket of each tracked unit is open. Everything older is packed in its stored form
//! behind the open buckets, in the same allocation. Recording changes only the open buckets. A new
//! bucket packs the one before it.

use super::body::{Body, Head, SeenTimes, Stored};
use super::open_bucket::{OPEN_BUCKET, OpenBucket};
use super::series::{self, Pairs};
use super::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::instant::JITTER;
use crate::time::unit::Unit;

/// The instant and the buckets of a recording, and those of the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) at: i64,
    pub(crate) numbers: &'a Numbers,
    pub(crate) now: i64,
    pub(crate) current: &'a Numbers,
}

/// A cell that can be added to. Its series are in the order of the store's `Tracking`, which every
/// method takes as an argument.
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
    /// The last time before the clock went back below it.
    ahead: Option<i64>,
    /// Counts of units that are no longer tracked, as stored, by ascending unit.
    untracked: Vec<(Unit, Box<[u8]>)>,
}

/// The value of `first` and `last` before the first recording. It lies before every instant.
const NEVER: i64 = i64::MIN;

impl Cell {
    pub(crate) fn new(tracking: &Tracking) -> Cell {
        Cell { first: NEVER, last: NEVER, lifetime: 0, data: no_data(tracking), cold: None }
    }

    pub(crate) fn seen(&self) -> Option<SeenTimes> {
        let ahead = self.cold.as_ref().and_then(|cold| cold.ahead);
        (self.last != NEVER).then_some(SeenTimes { first: self.first, last: self.last, ahead })
    }

    /// Counts what happens now. `current` holds the numbers of the current buckets in the order of
    /// the series.
    #[inline]
    pub(crate) fn record(&mut self, tracking: &Tracking, current: &[i64], now: i64, count: u64) {
        if count == 0 {
            return;
        }
        let mut needs_new_bucket = false;
        for (bytes, number) in self.data.as_chunks_mut().0.iter_mut().zip(current) {
            let mut open = OpenBucket::read(bytes);
            let same = open.number() == *number;
            // A new bucket is opened below. That happens once for each bucket.
            open.count = open.count.saturating_add(if same { count } else { 0 });
            open.write(bytes);
            needs_new_bucket |= !same;
        }
        if needs_new_bucket {
            self.record_in_new_buckets(tracking, current, count);
        }
        self.see(now, now, count);
    }

    /// Counts in the series whose open bucket is not the current one.
    #[cold]
    fn record_in_new_buckets(&mut self, tracking: &Tracking, current: &[i64], count: u64) {
        for (place, number) in current.iter().enumerate() {
            if self.opened(place).number() != *number {
                self.add(tracking, place, *number, count, *number);
            }
        }
    }

    /// Counts what happened at an instant that is not after now. A unit whose window does not reach
    /// back to it does not count it.
    pub(crate) fn record_at(&mut self, tracking: &Tracking, moment: Moment<'_>, count: u64) {
        if count == 0 {
            return;
        }
        for (place, (unit, buckets)) in tracking.units().iter().enumerate() {
            let number = moment.numbers.of(*unit);
            // One bucket more than the window, because a rolling window straddles it.
            if moment.current.of(*unit).saturating_sub(number) <= i64::from(*buckets) {
                self.add(tracking, place, number, count, moment.current.of(*unit));
            }
        }
        self.see(moment.at, moment.now, count);
    }

    #[inline]
    fn see(&mut self, at: i64, now: i64, count: u64) {
        self.lifetime = self.lifetime.saturating_add(count);
        self.first = if self.last == NEVER { at } else { self.first.min(at) };
        if self.last != NEVER && self.last.saturating_sub(now) > JITTER {
            // The clock went back. The later time is kept aside and `last` starts again from here.
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

    /// Drops the time that was kept aside when `last` has passed it.
    fn drop_passed_ahead(&mut self) {
        let last = self.last;
        if let Some(cold) = &mut self.cold {
            cold.ahead = cold.ahead.filter(|ahead| *ahead > last);
            if cold.ahead.is_none() && cold.untracked.is_empty() {
                self.cold = None;
            }
        }
    }

    #[cold]
    fn add(&mut self, tracking: &Tracking, place: usize, number: i64, count: u64, current: i64) {
        let pairs = series::added(self.pairs(tracking, place), number, count);
        self.replace(tracking, place, capped(pairs, window(tracking, place), current));
    }

    fn replace(&mut self, tracking: &Tracking, place: usize, pairs: Vec<(i64, u64)>) {
        let section = self.section(tracking, place);
        let (newest, count, packed) = series::pack(pairs);
        let before = self.data.get(..section.start).unwrap_or_default();
        let after = self.data.get(section.end..).unwrap_or_default();
        self.data = [before, &packed, after].concat().into();
        let units = tracking.units().len();
        for (other, bytes) in self.data.as_chunks_mut().0.iter_mut().take(units).enumerate().skip(place) {
            let open = OpenBucket::read(bytes);
            let (number, count) = if other == place { (newest, count) } else { (open.number(), open.count) };
            OpenBucket::new(number, count, open.end() + packed.len() - section.len()).write(bytes);
        }
    }

    /// The open bucket of a series.
    #[inline]
    fn opened(&self, place: usize) -> OpenBucket {
        self.data.as_chunks().0.get(place).map_or_else(OpenBucket::default, OpenBucket::read)
    }

    /// Whether a series counted anything.
    #[inline]
    pub(crate) fn holds(&self, place: usize) -> bool {
        self.opened(place).count > 0
    }

    /// The range of `data` with the packed part of a series.
    #[inline]
    fn section(&self, tracking: &Tracking, place: usize) -> std::ops::Range<usize> {
        let start = place
            .checked_sub(1)
            .map_or(tracking.units().len() * OPEN_BUCKET, |before| self.opened(before).end());
        start..self.opened(place).end()
    }

    /// The buckets of a series, newest first.
    #[inline]
    pub(crate) fn pairs(&self, tracking: &Tracking, place: usize) -> Pairs<'_> {
        let older = self.data.get(self.section(tracking, place)).unwrap_or_default();
        let open = self.opened(place);
        Pairs::new(open.number(), open.count, older)
    }

    /// Adds what another cell of the same lane counted: what was recorded before the stored part of
    /// the event was read. `lowest_clock` is the lowest clock reading of those recordings,
    /// `current` are the current buckets.
    pub(crate) fn absorb(&mut self, tracking: &Tracking, later: &Cell, lowest_clock: i64, current: &Numbers) {
        for (place, (unit, _)) in tracking.units().iter().enumerate() {
            let mut pairs: Vec<_> = self.pairs(tracking, place).collect();
            for (number, count) in later.pairs(tracking, place) {
                pairs = series::added(pairs.into_iter(), number, count);
            }
            self.replace(tracking, place, capped(pairs, window(tracking, place), current.of(*unit)));
        }
        if let Some(seen) = later.seen() {
            let lifetime = self.lifetime.saturating_add(later.lifetime);
            let first = if self.last == NEVER { seen.first } else { self.first.min(seen.first) };
            self.see(seen.last, lowest_clock, 0);
            self.first = first;
            self.lifetime = lifetime;
            if let Some(ahead) = seen.ahead {
                let kept = &mut self.cold.get_or_insert_default().ahead;
                *kept = Some(kept.map_or(ahead, |known| known.max(ahead)));
                self.drop_passed_ahead();
            }
        }
    }

    /// Drops buckets that lie before the horizon by more than twice the window of their unit.
    /// Answers whether there were any.
    pub(crate) fn age(&mut self, tracking: &Tracking, horizon: &Numbers) -> bool {
        let mut aged = false;
        for (place, (unit, buckets)) in tracking.units().iter().enumerate() {
            let oldest = horizon.of(*unit) - 2 * i64::from(*buckets);
            if self.pairs(tracking, place).any(|(number, _)| number < oldest) {
                let kept = self.pairs(tracking, place).filter(|(number, _)| *number >= oldest).collect();
                self.replace(tracking, place, kept);
                aged = true;
            }
        }
        if let Some(cold) = &mut self.cold {
            for (unit, bytes) in &mut cold.untracked {
                let Some(stored) = stored(bytes) else { continue };
                let oldest = horizon.of(*unit) - 2 * i64::from(stored.buckets);
                if stored.pairs().any(|(number, _)| number < oldest) {
                    let kept = stored.pairs().filter(|(number, _)| *number >= oldest);
                    let (newest, count, older) = series::pack(kept);
                    let mut out = Vec::new();
                    if count > 0 {
                        Stored { newest, count, older: &older, ..stored }.put(&mut out);
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

    /// The cell as bytes.
    pub(crate) fn seal(&self, tracking: &Tracking) -> Body {
        let mut out = Vec::with_capacity(self.data.len() + 24);
        self.put(tracking, &mut out);
        Body::written(out)
    }

    /// Appends the cell's bytes.
    pub(crate) fn put(&self, tracking: &Tracking, out: &mut Vec<u8>) {
        Head::put(self.seen(), self.lifetime, out);
        let mut untracked = self.cold.iter().flat_map(|cold| &cold.untracked).peekable();
        for (place, (unit, buckets)) in tracking.units().iter().enumerate() {
            while let Some((_, bytes)) = untracked.next_if(|(other, _)| other < unit) {
                out.extend_from_slice(bytes);
            }
            let open = self.opened(place);
            if open.count > 0 {
                let older = self.data.get(self.section(tracking, place)).unwrap_or_default();
                let stored = Stored {
                    unit: *unit,
                    buckets: *buckets,
                    newest: open.number(),
                    count: open.count,
                    older,
                };
                stored.put(out);
            }
        }
        untracked.for_each(|(_, bytes)| out.extend_from_slice(bytes));
    }

    /// The cell that the bytes hold.
    pub(crate) fn open(body: &Body, tracking: &Tracking) -> Cell {
        let head = body.head();
        let mut cell = Cell::new(tracking);
        cell.lifetime = head.lifetime;
        let mut cold = ColdFields::default();
        if let Some(seen) = head.seen {
            (cell.first, cell.last, cold.ahead) = (seen.first, seen.last, seen.ahead);
        }
        let mut tracked = [None; Unit::ALL.len()];
        for stored in head.series() {
            match tracking.find(stored.unit).and_then(|(place, _)| tracked.get_mut(place)) {
                Some(slot) => *slot = Some(stored),
                None => {
                    let mut bytes = Vec::new();
                    stored.put(&mut bytes);
                    cold.untracked.push((stored.unit, bytes.into()));
                }
            }
        }
        let mut data = std::mem::take(&mut cell.data).into_vec();
        for (place, stored) in tracked.iter().take(tracking.units().len()).enumerate() {
            data.extend_from_slice(stored.map_or(&[], |stored| stored.older));
            let end = data.len();
            if let Some(bytes) = data.as_chunks_mut().0.get_mut(place) {
                stored
                    .map_or(OpenBucket::new(0, 0, end), |of| OpenBucket::new(of.newest, of.count, end))
                    .write(bytes);
            }
        }
        cell.data = data.into();
        cell.cold = (cold != ColdFields::default()).then(|| Box::new(cold));
        cell
    }

    /// The bytes of memory that the cell takes outside of itself.
    pub(crate) fn heap(&self) -> usize {
        let cold = self.cold.as_ref().map_or(0, |cold| {
            let held: usize = cold.untracked.iter().map(|(_, bytes)| bytes.len()).sum();
            size_of::<ColdFields>() + cold.untracked.capacity() * size_of::<(Unit, Box<[u8]>)>() + held
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

fn stored(mut bytes: &[u8]) -> Option<Stored<'_>> {
    Stored::take(&mut bytes)
}

fn window(tracking: &Tracking, place: usize) -> usize {
    let buckets = tracking.units().get(place).map_or(0, |(_, buckets)| *buckets);
    usize::try_from(buckets).unwrap_or(0)
}

/// Limits a series to twice as many pairs as the window has buckets. Pairs that have left the
/// window are dropped first. Then pairs far ahead of the clock, which a wrong clock recorded, are
/// added up in one bucket, so that they do not displace what is in the window.
fn capped(mut pairs: Vec<(i64, u64)>, window: usize, current: i64) -> Vec<(i64, u64)> {
    // One bucket more for the one that a rolling window straddles, and one that may lie ahead.
    let most = window.saturating_mul(2).max(window.saturating_add(2));
    let oldest = current.saturating_sub(i64::try_from(window).unwrap_or(i64::MAX));
    while pairs.len() > most && pairs.last().is_some_and(|(number, _)| *number < oldest) {
        pairs.pop();
    }
    let ahead = pairs.iter().take_while(|(number, _)| *number > current).count();
    let folded = pairs.len().saturating_sub(most).min(ahead.saturating_sub(1));
    let together = pairs.drain(..folded).fold(0u64, |sum, (_, count)| sum.saturating_add(count));
    if let Some((_, count)) = pairs.first_mut() {
        *count = count.saturating_add(together);
    }
    pairs.truncate(most);
    pairs
}
