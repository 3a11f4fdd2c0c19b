//! The own lane's counts of one event, ready to be added to.
//!
//! The newest bucket of each tracked unit stands in the open; everything older is packed behind them, in the bytes that are
//! stored, all in one allocation. Recording touches only the open buckets; a new bucket packs the one before.

use super::body::{Body, Head, Seen, Stored};
use super::series::{self, Buckets};
use super::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::instant::JITTER;
use crate::time::unit::Unit;

/// What is counted where: the buckets and the instant of a recording, and those of the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) at: i64,
    pub(crate) numbers: &'a Numbers,
    pub(crate) now: i64,
    pub(crate) current: &'a Numbers,
}

/// An open cell. Its series stand in the order of the store's `Tracking`, which every method is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    first: i64,
    last: i64,
    pub(crate) lifetime: u64,
    /// The open buckets, one of each series, then what is older than they are, series after series.
    data: Box<[u8]>,
    rare: Option<Box<Rare>>,
}

/// The bucket in the open and where what is packed of its series ends. A count of 0: there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Open {
    /// The bucket's number in the upper 40 bits, the end in the lower 24.
    head: i64,
    count: u64,
}

const END_BITS: u32 = 24;
/// The bytes of an open bucket.
const OPEN: usize = 16;

impl Open {
    #[inline]
    fn read(bytes: &[u8; OPEN]) -> Open {
        let (head, count) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let count = count.first_chunk().unwrap_or(&[0; 8]);
        Open { head: i64::from_le_bytes(*head), count: u64::from_le_bytes(*count) }
    }

    #[inline]
    fn write(self, bytes: &mut [u8; OPEN]) {
        let (head, count) = bytes.split_at_mut(8);
        head.copy_from_slice(&self.head.to_le_bytes());
        count.copy_from_slice(&self.count.to_le_bytes());
    }

    fn new(number: i64, count: u64, end: usize) -> Open {
        let end = i64::try_from(end).unwrap_or(i64::MAX) & ((1 << END_BITS) - 1);
        Open { head: (number << END_BITS) | end, count }
    }

    #[inline]
    fn number(self) -> i64 {
        self.head >> END_BITS
    }

    #[inline]
    fn end(self) -> usize {
        usize::try_from(self.head & ((1 << END_BITS) - 1)).unwrap_or(0)
    }
}

/// What few cells have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rare {
    ahead: Option<i64>,
    /// Counts of units that are no longer tracked, as stored, by ascending unit.
    untracked: Vec<(Unit, Box<[u8]>)>,
}

/// Stands for "never": it lies before every instant.
const NEVER: i64 = i64::MIN;

impl Cell {
    pub(crate) fn new(tracking: &Tracking) -> Cell {
        Cell { first: NEVER, last: NEVER, lifetime: 0, data: no_data(tracking), rare: None }
    }

    pub(crate) fn seen(&self) -> Option<Seen> {
        let ahead = self.rare.as_ref().and_then(|rare| rare.ahead);
        (self.last != NEVER).then_some(Seen { first: self.first, last: self.last, ahead })
    }

    /// Counts what happens now; `current` are the numbers of the current buckets in the order of the series.
    #[inline]
    pub(crate) fn record(&mut self, tracking: &Tracking, current: &[i64], now: i64, count: u64) {
        if count == 0 {
            return;
        }
        let mut over = false;
        for (bytes, number) in self.data.as_chunks_mut().0.iter_mut().zip(current) {
            let mut open = Open::read(bytes);
            let same = open.number() == *number;
            // A bucket that is not the open one is seen to below, once in its life.
            open.count = open.count.saturating_add(if same { count } else { 0 });
            open.write(bytes);
            over |= !same;
        }
        if over {
            self.record_elsewhere(tracking, current, count);
        }
        self.see(now, now, count);
    }

    /// Counts in those series whose open bucket is not the current one.
    #[cold]
    fn record_elsewhere(&mut self, tracking: &Tracking, current: &[i64], count: u64) {
        for (place, number) in current.iter().enumerate() {
            if self.opened(place).number() != *number {
                self.add(tracking, place, *number, count, *number);
            }
        }
    }

    /// Counts what happened at some instant up to now. A unit whose window does not reach back to it does not count it.
    pub(crate) fn record_at(&mut self, tracking: &Tracking, moment: Moment<'_>, count: u64) {
        if count == 0 {
            return;
        }
        for (place, (unit, buckets)) in tracking.units().iter().enumerate() {
            let number = moment.numbers.of(*unit);
            // One bucket more than the window: a rolling window straddles it.
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
            // The clock went back: the later time is kept aside, the present one counts from here.
            let last = self.last;
            let ahead = &mut self.rare.get_or_insert_default().ahead;
            *ahead = Some(ahead.map_or(last, |known| known.max(last)));
            self.last = at;
        } else {
            self.last = self.last.max(at);
        }
        if self.rare.is_some() {
            self.settle();
        }
    }

    /// A time kept aside that is no longer ahead has said all it can.
    fn settle(&mut self) {
        let last = self.last;
        if let Some(rare) = &mut self.rare {
            rare.ahead = rare.ahead.filter(|ahead| *ahead > last);
            if rare.ahead.is_none() && rare.untracked.is_empty() {
                self.rare = None;
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
            let open = Open::read(bytes);
            let (number, count) = if other == place { (newest, count) } else { (open.number(), open.count) };
            Open::new(number, count, open.end() + packed.len() - section.len()).write(bytes);
        }
    }

    /// The open bucket of the series in `place`.
    #[inline]
    fn opened(&self, place: usize) -> Open {
        self.data.as_chunks().0.get(place).map_or_else(Open::default, Open::read)
    }

    /// Whether the series in `place` counted anything.
    #[inline]
    pub(crate) fn holds(&self, place: usize) -> bool {
        self.opened(place).count > 0
    }

    /// Where the packed part of a series stands.
    #[inline]
    fn section(&self, tracking: &Tracking, place: usize) -> std::ops::Range<usize> {
        let start =
            place.checked_sub(1).map_or(tracking.units().len() * OPEN, |before| self.opened(before).end());
        start..self.opened(place).end()
    }

    /// The pairs of the series in `place`.
    #[inline]
    pub(crate) fn pairs(&self, tracking: &Tracking, place: usize) -> Buckets<'_> {
        let older = self.data.get(self.section(tracking, place)).unwrap_or_default();
        let open = self.opened(place);
        Buckets::new(open.number(), open.count, older)
    }

    /// Adds what another cell of the same lane counted beside this one: the part of an event that was recorded before
    /// its stored part was read. `lowest` is the lowest that the clock showed then; `current` is what it shows now.
    pub(crate) fn absorb(&mut self, tracking: &Tracking, later: &Cell, lowest: i64, current: &Numbers) {
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
            self.see(seen.last, lowest, 0);
            self.first = first;
            self.lifetime = lifetime;
            if let Some(ahead) = seen.ahead {
                let kept = &mut self.rare.get_or_insert_default().ahead;
                *kept = Some(kept.map_or(ahead, |known| known.max(ahead)));
                self.settle();
            }
        }
    }

    /// Drops all buckets that lie further back than twice their unit's window before `horizon`. Says whether there were any.
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
        if let Some(rare) = &mut self.rare {
            for (unit, bytes) in &mut rare.untracked {
                let Some(stored) = stored(bytes) else { continue };
                let oldest = horizon.of(*unit) - 2 * i64::from(stored.buckets);
                if stored.buckets().any(|(number, _)| number < oldest) {
                    let kept = stored.buckets().filter(|(number, _)| *number >= oldest);
                    let (newest, count, older) = series::pack(kept);
                    let mut out = Vec::new();
                    if count > 0 {
                        Stored { newest, count, older: &older, ..stored }.put(&mut out);
                    }
                    *bytes = out.into();
                    aged = true;
                }
            }
            rare.untracked.retain(|(_, bytes)| !bytes.is_empty());
        }
        self.settle();
        aged
    }

    /// The cell in bytes.
    pub(crate) fn seal(&self, tracking: &Tracking) -> Body {
        let mut out = Vec::with_capacity(self.data.len() + 24);
        self.put(tracking, &mut out);
        Body::written(out)
    }

    /// Appends the cell's bytes.
    pub(crate) fn put(&self, tracking: &Tracking, out: &mut Vec<u8>) {
        Head::put(self.seen(), self.lifetime, out);
        let mut untracked = self.rare.iter().flat_map(|rare| &rare.untracked).peekable();
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
        let mut rare = Rare::default();
        if let Some(seen) = head.seen {
            (cell.first, cell.last, rare.ahead) = (seen.first, seen.last, seen.ahead);
        }
        let mut tracked = [None; Unit::ALL.len()];
        for stored in head.series() {
            match tracking.find(stored.unit).and_then(|(place, _)| tracked.get_mut(place)) {
                Some(slot) => *slot = Some(stored),
                None => {
                    let mut bytes = Vec::new();
                    stored.put(&mut bytes);
                    rare.untracked.push((stored.unit, bytes.into()));
                }
            }
        }
        let mut data = std::mem::take(&mut cell.data).into_vec();
        for (place, stored) in tracked.iter().take(tracking.units().len()).enumerate() {
            data.extend_from_slice(stored.map_or(&[], |stored| stored.older));
            let end = data.len();
            if let Some(bytes) = data.as_chunks_mut().0.get_mut(place) {
                stored.map_or(Open::new(0, 0, end), |of| Open::new(of.newest, of.count, end)).write(bytes);
            }
        }
        cell.data = data.into();
        cell.rare = (rare != Rare::default()).then(|| Box::new(rare));
        cell
    }

    /// The bytes held outside the cell itself.
    pub(crate) fn heap(&self) -> usize {
        let rare = self.rare.as_ref().map_or(0, |rare| {
            let held: usize = rare.untracked.iter().map(|(_, bytes)| bytes.len()).sum();
            size_of::<Rare>() + rare.untracked.capacity() * size_of::<(Unit, Box<[u8]>)>() + held
        });
        self.data.len() + rare
    }
}

/// The data of a cell without counts.
fn no_data(tracking: &Tracking) -> Box<[u8]> {
    let units = tracking.units().len();
    let mut data = vec![0; units * OPEN];
    data.as_chunks_mut().0.iter_mut().for_each(|bytes| Open::new(0, 0, units * OPEN).write(bytes));
    data.into()
}

fn stored(mut bytes: &[u8]) -> Option<Stored<'_>> {
    Stored::take(&mut bytes)
}

fn window(tracking: &Tracking, place: usize) -> usize {
    let buckets = tracking.units().get(place).map_or(0, |(_, buckets)| *buckets);
    usize::try_from(buckets).unwrap_or(0)
}

/// The pairs, at most twice as many as the window has buckets. What has left the window goes first; then what lies furthest ahead of the
/// clock, where a wrong one had recorded it, is counted together, so that nothing in the window is crowded out.
fn capped(mut pairs: Vec<(i64, u64)>, window: usize, current: i64) -> Vec<(i64, u64)> {
    // The bucket that a rolling window straddles is one more, and one may lie ahead.
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
