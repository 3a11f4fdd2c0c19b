//! What the counts of an event say at one instant, over all its lanes.

use std::sync::Arc;

use super::body::{Head, Seen};
use super::cell::Cell;
use super::lane::{LaneCell, LaneId};
use super::series::Buckets;
use super::tracking::Tracking;
use crate::time::bucket::{self, Numbers};
use crate::time::frame::Frame;
use crate::time::instant::{JITTER, SECOND};
use crate::time::unit::Unit;
use crate::time::zone::Zone;

/// The instant at which a whole question is read.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) now: i64,
    /// The buckets that hold it, and those around it.
    pub(crate) frame: Frame,
    /// The open step of the own clock: when it was noticed, and the buckets of that instant.
    pub(crate) noticed: Option<(i64, Numbers)>,
    /// Lanes in ascending order that another storage of this device counted: by the same clock, so they are read as the own one.
    pub(crate) past: Arc<[LaneId]>,
}

/// What to make of own entries that lie ahead of a clock that went back. What is in doubt may refuse, it may not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// They happened when the step was noticed: for queries, `at_most` and `cooldown`.
    Counts,
    /// They do not count: for `at_least` and `within`.
    IsIgnored,
}

/// How the bucket numbers of one lane are read.
#[derive(Debug, Clone, Copy)]
struct Lens {
    current: i64,
    /// Up to which number what lies ahead is believed, and as which bucket it is read.
    believed: i64,
    read_as: i64,
}

impl Lens {
    #[inline]
    fn read(self, number: i64) -> Option<i64> {
        if number <= self.current {
            return Some(number);
        }
        (number <= self.believed).then_some(self.read_as)
    }
}

impl View {
    /// The number of the current bucket.
    #[inline]
    pub(crate) fn number(&self, unit: Unit) -> i64 {
        // A frame may hold for longer than a second.
        if unit == Unit::Seconds { self.now.div_euclid(SECOND) } else { self.frame.numbers.of(unit) }
    }

    fn own(&self, unit: Unit, doubt: Doubt) -> Lens {
        let current = self.number(unit);
        match (&self.noticed, doubt) {
            (None, _) => Lens { current, believed: i64::MAX, read_as: current },
            (Some((_, noticed)), Doubt::Counts) => {
                Lens { current, believed: i64::MAX, read_as: noticed.of(unit).min(current) }
            }
            (Some(_), Doubt::IsIgnored) => Lens { current, believed: current, read_as: current },
        }
    }

    /// When something of our own happened, as it counts.
    pub(crate) fn own_instant(&self, at: i64) -> i64 {
        match &self.noticed {
            _ if at <= self.now => at,
            Some((noticed, _)) => (*noticed).min(self.now),
            None => self.now,
        }
    }

    fn foreign(&self, unit: Unit, believed: bool) -> Lens {
        let current = self.number(unit);
        Lens {
            current,
            believed: if believed { self.frame.soon.of(unit) } else { current },
            read_as: current,
        }
    }

    fn is_past(&self, lane: LaneId) -> bool {
        !self.past.is_empty() && self.past.binary_search(&lane).is_ok()
    }

    /// As which buckets those of another lane are read.
    fn other(&self, cell: &LaneCell, seen: Option<Seen>, unit: Unit, doubt: Doubt) -> Lens {
        if self.is_past(cell.lane) { self.own(unit, doubt) } else { self.foreign(unit, self.believes(seen)) }
    }

    fn believes(&self, seen: Option<Seen>) -> bool {
        seen.is_none_or(|seen| seen.last <= self.now.saturating_add(JITTER))
    }
}

/// An event as it is read: the own cell and the others'.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) own: Option<&'a Cell>,
    pub(crate) others: &'a [LaneCell],
    pub(crate) tracking: &'a Tracking,
    pub(crate) view: &'a View,
}

impl Reading<'_> {
    /// Calls `visit` with every bucket of `unit` that counts at this instant, as (number it is read as, count), lane by lane.
    /// `least` is the lowest number that is asked for.
    pub(crate) fn visit(&self, unit: Unit, doubt: Doubt, least: i64, mut visit: impl FnMut(i64, u64)) {
        if let Some((cell, (place, _))) = self.own.zip(self.tracking.find(unit)) {
            walk(cell.pairs(self.tracking, place), self.view.own(unit, doubt), least, &mut visit);
        }
        for cell in self.others {
            let head = cell.body.head();
            let lens = self.view.other(cell, head.seen, unit, doubt);
            walk(head.buckets(unit), lens, least, &mut visit);
        }
    }

    /// The counts of the buckets `newest_back..oldest_back` before the current one, as one sum.
    #[inline]
    pub(crate) fn sum(&self, unit: Unit, doubt: Doubt, back: std::ops::Range<i64>) -> u64 {
        let current = self.view.number(unit);
        let range = (current - back.end + 1, current - back.start);
        let own = match (self.own, self.tracking.find(unit)) {
            (Some(cell), Some((place, _))) => {
                counted(cell.pairs(self.tracking, place), || self.view.own(unit, doubt), current, range)
            }
            _ => 0,
        };
        if self.others.is_empty() { own } else { own.saturating_add(self.sum_of_others(unit, doubt, range)) }
    }

    #[cold]
    fn sum_of_others(&self, unit: Unit, doubt: Doubt, range: (i64, i64)) -> u64 {
        let current = self.view.number(unit);
        self.others.iter().fold(0, |sum, cell| {
            let head = cell.body.head();
            let lens = || self.view.other(cell, head.seen, unit, doubt);
            sum.saturating_add(counted(head.buckets(unit), lens, current, range))
        })
    }

    /// Whether there is but the own lane, and it counts by `unit`.
    #[inline]
    pub(crate) fn is_tracked(&self, unit: Unit) -> bool {
        let holds = |cell: &Cell| self.tracking.find(unit).is_some_and(|(place, _)| cell.holds(place));
        self.others.is_empty() && self.own.is_none_or(holds)
    }

    /// What lanes that did not count by `unit` counted from `begins` on, by the next coarser unit that they have: whole buckets, so rather too much. A
    /// lane that was not seen since counted nothing.
    pub(crate) fn untracked(&self, unit: Unit, begins: impl Fn() -> i64, zone: &Zone) -> u64 {
        let own = self.own.and_then(|cell| {
            let seen = cell.seen()?;
            Some(since(
                next_coarser(|unit| self.own_pairs(cell, unit), unit)?,
                seen,
                cell.lifetime,
                &begins,
                zone,
            ))
        });
        self.others.iter().fold(own.unwrap_or(0), |sum, cell| {
            let head = cell.body.head();
            let believed = |seen: &Seen| self.view.believes(Some(*seen)) || self.view.is_past(cell.lane);
            let counted = head.seen.filter(believed).and_then(|seen| {
                Some(since(
                    next_coarser(|unit| head.buckets(unit), unit)?,
                    seen,
                    head.lifetime,
                    &begins,
                    zone,
                ))
            });
            sum.saturating_add(counted.unwrap_or(0))
        })
    }

    /// The coarser buckets by which `untracked` goes.
    pub(crate) fn coarser(&self, unit: Unit) -> impl Iterator<Item = (Unit, Buckets<'_>)> {
        let own = self.own.and_then(|cell| next_coarser(|unit| self.own_pairs(cell, unit), unit)?);
        let others = self.others.iter().filter_map(move |cell| {
            let head = cell.body.head();
            next_coarser(|unit| head.buckets(unit), unit)?
        });
        own.into_iter().chain(others)
    }

    fn own_pairs<'a>(&self, cell: &'a Cell, unit: Unit) -> Buckets<'a> {
        let place = self.tracking.find(unit);
        place.map_or_else(Buckets::none, |(place, _)| cell.pairs(self.tracking, place))
    }

    /// Everything ever counted.
    pub(crate) fn lifetime(&self) -> u64 {
        let own = self.own.map_or(0, |cell| cell.lifetime);
        self.others.iter().fold(own, |sum, cell| sum.saturating_add(cell.body.head().lifetime))
    }

    /// The latest instant at which the event happened, as far as it can be believed.
    pub(crate) fn last_seen(&self, doubt: Doubt, zone: &Zone) -> Option<i64> {
        let own = self.own.and_then(Cell::seen).and_then(|seen| self.own_last(seen, doubt));
        let others = self.others.iter().filter_map(|cell| self.other_last(cell, doubt, zone));
        others.chain(own).max()
    }

    fn own_last(&self, seen: Seen, doubt: Doubt) -> Option<i64> {
        let in_doubt = |at: i64| at > self.view.now && self.view.noticed.is_some();
        let read = |at: i64| (doubt == Doubt::Counts || !in_doubt(at)).then(|| self.view.own_instant(at));
        seen.ahead.and_then(read).max(read(seen.last))
    }

    /// A cell whose clock is too far ahead falls back to its newest bucket that is not, read as late as it may be where doubt counts.
    fn other_last(&self, cell: &LaneCell, doubt: Doubt, zone: &Zone) -> Option<i64> {
        let head = cell.body.head();
        let (now, seen) = (self.view.now, head.seen?);
        if self.view.is_past(cell.lane) {
            return self.own_last(seen, doubt);
        }
        if self.view.believes(Some(seen)) {
            return Some(seen.last.min(now));
        }
        let newest = |stored: super::body::Stored<'_>| {
            let unit = stored.unit;
            let current = self.view.number(unit);
            let (number, _) = stored.buckets().find(|(number, _)| *number <= current)?;
            Some(match doubt {
                Doubt::Counts => start_of(unit, number + 1, zone, i64::MIN).saturating_sub(1).min(now),
                Doubt::IsIgnored => start_of(unit, number, zone, i64::MIN).max(seen.first).min(now),
            })
        };
        // The finest unit that still holds something says it best.
        head.series().find_map(newest)
    }

    /// The first instant at which the event happened, as far as it can be believed.
    pub(crate) fn first_seen(&self) -> Option<i64> {
        let now = self.view.now;
        let own = self.own.and_then(Cell::seen).map(|seen| self.view.own_instant(seen.first));
        let others = self.others.iter().filter_map(|cell| {
            let first = seen(cell)?.first;
            if self.view.is_past(cell.lane) {
                return Some(self.view.own_instant(first));
            }
            (first <= now.saturating_add(JITTER)).then_some(first)
        });
        others.chain(own).min()
    }
}

/// The next coarser unit in which a lane counted that did not count by `unit`, if there is one; nothing at all where it did count by that.
fn next_coarser<'a>(pairs: impl Fn(Unit) -> Buckets<'a>, unit: Unit) -> Option<Option<(Unit, Buckets<'a>)>> {
    if pairs(unit).next().is_some() {
        return None;
    }
    let coarser = Unit::ALL.into_iter().filter(|other| *other > unit).map(|other| (other, pairs(other)));
    Some(coarser.into_iter().find(|(_, pairs)| pairs.clone().next().is_some()))
}

/// As `Reading::untracked`, for one lane.
fn since(
    coarser: Option<(Unit, Buckets<'_>)>,
    seen: Seen,
    lifetime: u64,
    begins: &impl Fn() -> i64,
    zone: &Zone,
) -> u64 {
    let begins = begins();
    if seen.last < begins {
        return 0;
    }
    let Some((coarser, pairs)) = coarser else { return lifetime };
    let least = Numbers::at(begins, zone.segment(begins).offset).of(coarser);
    let inside = pairs.take_while(|(number, _)| *number >= least);
    inside.fold(0, |sum, (_, count)| sum.saturating_add(count))
}

/// What a lane's buckets in a range, lowest to highest, add up to.
#[inline]
fn counted(
    pairs: Buckets<'_>,
    lens: impl FnOnce() -> Lens,
    current: i64,
    (lowest, highest): (i64, i64),
) -> u64 {
    if pairs.newest() <= current {
        pairs.sum(lowest, highest)
    } else {
        counted_ahead(pairs, lens(), (lowest, highest))
    }
}

/// The same where buckets lie ahead.
#[cold]
fn counted_ahead(pairs: Buckets<'_>, lens: Lens, (lowest, highest): (i64, i64)) -> u64 {
    let mut sum = 0u64;
    walk(pairs, lens, lowest, &mut |number, count| {
        if number <= highest {
            sum = sum.saturating_add(count);
        }
    });
    sum
}

#[inline]
fn walk(buckets: Buckets<'_>, lens: Lens, least: i64, visit: &mut impl FnMut(i64, u64)) {
    for (number, count) in buckets {
        if number < least {
            return;
        }
        // What lies ahead may be read as long ago.
        if let Some(read) = lens.read(number).filter(|read| *read >= least) {
            visit(read, count);
        }
    }
}

/// The first instant of a bucket that is not before another. A date that comes twice, as on a flight west over midnight, begins twice.
pub(crate) fn start_of(unit: Unit, number: i64, zone: &Zone, not_before: i64) -> i64 {
    if unit.is_civil() {
        return zone.day_begins(bucket::first_day(unit, number), not_before);
    }
    number.saturating_mul(unit.least_span())
}

/// A cell's header alone, for those who need to know when it was seen.
pub(crate) fn seen(cell: &LaneCell) -> Option<Seen> {
    let Head { seen, .. } = cell.body.head();
    seen
}
