//! The offsets of the local clock under which something was counted.

use super::bucket::{Numbers, first_day};
use super::instant::{DAY, SECOND};
use super::unit::Unit;

/// The lowest and the highest offset from UTC, in seconds.
///
/// A local day begins at different instants under different offsets. So the bucket of a day, week,
/// month or year is known only as an interval: it begins at the earliest under the highest offset,
/// and ends at the latest under the lowest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    pub(crate) lowest: i32,
    pub(crate) highest: i32,
}

impl Offsets {
    /// A single offset.
    pub(crate) fn of(seconds: i32) -> Offsets {
        Offsets { lowest: seconds, highest: seconds }
    }

    /// Adds an offset.
    #[inline]
    pub(crate) fn add(&mut self, seconds: i32) {
        self.lowest = self.lowest.min(seconds);
        self.highest = self.highest.max(seconds);
    }

    /// The first bucket that can hold something at or after `start`.
    pub(crate) fn first_touched(self, unit: Unit, start: i64) -> i64 {
        Numbers::of_unit(unit, start, millis(self.lowest))
    }

    /// The first bucket that begins at or after `start` under each of the offsets.
    pub(crate) fn first_inside(self, unit: Unit, start: i64) -> i64 {
        Numbers::of_unit(unit, start.saturating_sub(1), millis(self.highest)).saturating_add(1)
    }

    /// The last bucket that can hold something at `at`.
    pub(crate) fn last_touched(self, unit: Unit, at: i64) -> i64 {
        Numbers::of_unit(unit, at, millis(self.highest))
    }

    /// `last_touched` for each unit.
    pub(crate) fn all_last_touched(self, at: i64) -> Numbers {
        Numbers::at(at, millis(self.highest))
    }

    /// The first instant that a bucket can hold.
    pub(crate) fn start_of(self, unit: Unit, number: i64) -> i64 {
        start(unit, number, self.highest)
    }

    /// The first instant after a bucket under each of the offsets.
    pub(crate) fn end_of(self, unit: Unit, number: i64) -> i64 {
        start(unit, number.saturating_add(1), self.lowest)
    }
}

/// The first instant of a bucket under an offset.
fn start(unit: Unit, number: i64, offset: i32) -> i64 {
    match unit.is_civil() {
        true => first_day(unit, number).saturating_mul(DAY).saturating_sub(millis(offset)),
        false => number.saturating_mul(unit.least_span()),
    }
}

fn millis(seconds: i32) -> i64 {
    i64::from(seconds) * SECOND
}
