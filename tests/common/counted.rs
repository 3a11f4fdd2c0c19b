//! What one lane counted of an event, as a device reads it at one instant.

use super::unit::{Numbers, SECOND, Unit};
use super::watch::{BELIEVED_AHEAD, STEP};
use super::world::Entry;

/// A count is answered by two bounds. `at_most` and `cooldown` compare the upper one, `at_least` and
/// `within` the lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Upper,
    Lower,
}

/// The recordings of an event in one lane.
pub struct Counted<'a> {
    pub entries: Vec<&'a Entry>,
    pub is_own: bool,
    pub now: i64,
    /// The instant as which everything reads what lies ahead of the clock.
    pub as_of: i64,
    pub first: i64,
    pub last: i64,
    /// The latest instant that the clock showed before it went back, if `last` has not passed it.
    ahead: Option<i64>,
    /// The lowest and the highest UTC offset under which the lane counted the event.
    offsets: (i64, i64),
}

impl<'a> Counted<'a> {
    /// `None` if the lane never counted the event.
    pub fn of(entries: Vec<&'a Entry>, is_own: bool, now: i64, as_of: i64) -> Option<Counted<'a>> {
        let mut seen: Option<(i64, Option<i64>)> = None;
        let mut steps_at_last = 0;
        for Entry { at, noted, steps, .. } in entries.iter().copied() {
            seen = Some(match seen {
                None => (*at, None),
                Some((last, ahead)) => {
                    let went_back = last - noted > STEP || last > *noted && *steps > steps_at_last;
                    let ahead = if went_back { ahead.max(Some(last)) } else { ahead };
                    let last = if went_back { *at } else { last.max(*at) };
                    (last, ahead.filter(|ahead| *ahead > last))
                }
            });
            steps_at_last = *steps;
        }
        let (last, ahead) = seen?;
        let offsets = || entries.iter().map(|entry| i64::from(entry.offset) * SECOND);
        let offsets = (offsets().min()?, offsets().max()?);
        let first = entries.iter().map(|entry| entry.at).min()?;
        Some(Counted { entries, is_own, now, as_of, first, last, ahead, offsets })
    }

    /// By how much longer a bucket of a date can be than the date, because it is not known under
    /// which offset it was counted.
    pub fn spread(&self) -> i64 {
        self.offsets.1 - self.offsets.0
    }

    /// The latest time, also if the clock went back since.
    pub fn latest(&self) -> i64 {
        self.ahead.map_or(self.last, |ahead| ahead.max(self.last))
    }

    fn accepted(&self) -> i64 {
        self.now + BELIEVED_AHEAD
    }

    /// The instant as which `at` is read.
    pub fn read(&self, at: i64) -> i64 {
        if at <= self.now { at } else { self.as_of }
    }

    /// The time of the last recording.
    pub fn last_seen(&self, side: Side) -> Option<i64> {
        let times = [Some(self.last), self.ahead].into_iter().flatten();
        match side {
            Side::Upper => times.map(|at| self.read(at)).max(),
            Side::Lower => times.filter(|at| *at <= self.accepted()).map(|at| self.read(at)).max(),
        }
    }

    /// Whether questions accept what lies ahead of our clock.
    pub fn is_asked(&self) -> bool {
        self.is_own || self.last <= self.accepted()
    }

    fn sum(&self, mut counts: impl FnMut(&Entry) -> bool) -> u64 {
        self.entries.iter().filter(|entry| counts(entry)).map(|entry| u64::from(entry.count)).sum()
    }

    pub fn lifetime(&self) -> u64 {
        self.sum(|_| true)
    }

    /// The last bucket that can hold `at`, the first that can, and the first that begins at or after
    /// it. Dates begin earliest under the highest offset.
    fn last_touched(&self, unit: Unit, at: i64) -> i64 {
        Numbers::at_offset(at, self.offsets.1).get(unit)
    }

    fn first_touched(&self, unit: Unit, at: i64) -> i64 {
        Numbers::at_offset(at, self.offsets.0).get(unit)
    }

    fn first_inside(&self, unit: Unit, at: i64) -> i64 {
        self.last_touched(unit, at - 1) + 1
    }

    /// A bound of the count since `start`, by the buckets of a unit that has all counts since then;
    /// `None` if there is no such unit.
    pub fn since(&self, start: i64, unit: Option<Unit>, side: Side) -> u64 {
        let happened = self.last_seen(side).is_some_and(|last| last >= start);
        let by_buckets = |unit: Unit| {
            let (first, accepted) = match side {
                Side::Upper => (self.first_touched(unit, start), i64::MAX),
                Side::Lower => (self.first_inside(unit, start), self.last_touched(unit, self.accepted())),
            };
            let last = self.last_touched(unit, self.now);
            self.sum(|entry| match entry.numbers.get(unit) {
                number if number <= last => number >= first,
                number => number <= accepted && self.as_of >= start,
            })
        };
        let may_have_happened = self.last_seen(Side::Upper).is_some_and(|last| last >= start);
        let count = match (side, unit) {
            _ if !may_have_happened => 0,
            (_, Some(unit)) => by_buckets(unit),
            (Side::Upper, None) => self.lifetime(),
            (Side::Lower, None) => 0,
        };
        count.max(happened.into())
    }

    /// A bound of the count from bucket `lowest` on. `as_of` is the bucket of that instant.
    pub fn since_bucket(&self, unit: Unit, lowest: i64, as_of: i64, side: Side) -> u64 {
        let ahead = self.last_touched(unit, self.now);
        let accepted = self.last_touched(unit, self.accepted());
        self.sum(|entry| match entry.numbers.get(unit) {
            number if number <= ahead => number >= lowest,
            number => (side == Side::Upper || number <= accepted) && as_of >= lowest,
        })
    }

    /// The last bucket ahead of `current` that questions read as now; `None` if all are read.
    pub fn last_asked(&self, unit: Unit) -> Option<i64> {
        let until = if self.is_asked() { self.accepted() } else { self.now };
        (!self.is_own).then(|| self.last_touched(unit, until))
    }
}
