//! The tracked units of a store, and their numbers of buckets.

use crate::bounds::MAX_BUCKETS;
use crate::error::{Error, Result};
use crate::time::unit::{TimeUnit, Unit};

/// The tracked units, finest first, each with its number of buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tracking {
    units: Box<[(Unit, u32)]>,
    /// For each unit code: the index in `units` and the number of buckets.
    by_code: [Option<(u8, u32)>; Unit::ALL.len()],
    /// The unit whose buckets reach back furthest.
    longest: Option<(Unit, u32)>,
}

impl Tracking {
    /// The tracking for the list of a builder. If a unit occurs twice, the last entry counts.
    ///
    /// # Errors
    /// `InvalidTimeUnitEver` for `Ever`; `InvalidBucketCount` for 0 buckets or more than
    /// [`MAX_BUCKETS`].
    pub(crate) fn new(wanted: &[(TimeUnit, usize)]) -> Result<Tracking> {
        let mut units: Vec<(Unit, u32)> = Vec::new();
        for (unit, buckets) in wanted {
            let unit = Unit::of(*unit).ok_or(Error::InvalidTimeUnitEver)?;
            let buckets = u32::try_from(*buckets)
                .ok()
                .filter(|_| (1..=MAX_BUCKETS).contains(buckets))
                .ok_or_else(|| {
                    Error::InvalidBucketCount(format!(
                        "invalid number of buckets for {unit:?}: {buckets}; use 1 to {MAX_BUCKETS}"
                    ))
                })?;
            units.retain(|(known, _)| *known != unit);
            units.push((unit, buckets));
        }
        units.sort_unstable();
        Ok(Tracking::of(units))
    }

    fn of(units: Vec<(Unit, u32)>) -> Tracking {
        let mut by_code = [None; Unit::ALL.len()];
        for (index, (unit, buckets)) in (0u8..).zip(&units) {
            if let Some(slot) = by_code.get_mut(usize::from(unit.code())) {
                *slot = Some((index, *buckets));
            }
        }
        let span = |(unit, buckets): &(Unit, u32)| unit.least_span().saturating_mul(i64::from(*buckets));
        Tracking { longest: units.iter().copied().max_by_key(span), units: units.into(), by_code }
    }

    /// The tracked units, finest first, each with its number of buckets.
    pub(crate) fn units(&self) -> &[(Unit, u32)] {
        &self.units
    }

    /// The index of a unit in `units`, and its number of buckets; `None` if it is not tracked.
    #[inline]
    pub(crate) fn find(&self, unit: Unit) -> Option<(usize, u32)> {
        let (index, buckets) = (*self.by_code.get(usize::from(unit.code()))?)?;
        Some((usize::from(index), buckets))
    }

    /// The tracked unit that answers a question by `unit`, and its number of buckets. `Ever` is
    /// answered by the longest unit.
    #[inline]
    pub(crate) fn counted_by(&self, unit: TimeUnit) -> Option<(Unit, u32)> {
        match Unit::of(unit) {
            Some(unit) => Some((unit, self.find(unit)?.1)),
            None => self.longest(),
        }
    }

    /// The unit that a question means. `Ever` is the longest unit.
    pub(crate) fn unit_of(&self, unit: TimeUnit) -> Option<Unit> {
        Unit::of(unit).or_else(|| self.longest().map(|(unit, _)| unit))
    }

    /// The longest rolling window that a unit counts, in milliseconds; `None` if it is not tracked.
    /// For `Ever` that of all units.
    pub(crate) fn reach(&self, unit: TimeUnit) -> Option<i64> {
        let units = self.units.iter().filter(|(known, _)| Unit::of(unit).is_none_or(|unit| unit == *known));
        units.map(|(unit, buckets)| longest_window(*unit, *buckets)).max()
    }

    pub(crate) fn finest(&self) -> Option<Unit> {
        self.units.first().map(|(unit, _)| *unit)
    }

    /// The unit whose buckets reach back furthest.
    #[inline]
    pub(crate) fn longest(&self) -> Option<(Unit, u32)> {
        self.longest
    }
}

/// The longest rolling window that a series with this number of tracked buckets counts, in
/// milliseconds. It keeps twice as many buckets, and a window can begin within a bucket.
pub(crate) fn longest_window(unit: Unit, buckets: u32) -> i64 {
    (2 * i64::from(buckets) - 1).saturating_mul(unit.least_span())
}

impl Default for Tracking {
    fn default() -> Self {
        Tracking::of(vec![
            (Unit::Minutes, 60),
            (Unit::Hours, 72),
            (Unit::Days, 56),
            (Unit::Weeks, 52),
            (Unit::Months, 12),
            (Unit::Years, 4),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_sorted_and_the_last_entry_of_a_unit_counts() {
        let tracking =
            Tracking::new(&[(TimeUnit::Days, 5), (TimeUnit::Seconds, 9), (TimeUnit::Days, 7)]).unwrap();
        assert_eq!(tracking.units(), [(Unit::Seconds, 9), (Unit::Days, 7)]);
        assert_eq!(tracking.find(Unit::Days), Some((1, 7)));
        assert_eq!(tracking.longest(), Some((Unit::Days, 7)));
    }

    #[test]
    fn ever_and_a_number_of_buckets_out_of_range_are_errors() {
        assert!(matches!(Tracking::new(&[(TimeUnit::Ever, 1)]), Err(Error::InvalidTimeUnitEver)));
        for buckets in [0, 100_001, usize::MAX] {
            assert!(matches!(Tracking::new(&[(TimeUnit::Days, buckets)]), Err(Error::InvalidBucketCount(_))));
        }
    }

    #[test]
    fn the_default_reaches_back_furthest_by_years() {
        assert_eq!(Tracking::default().longest(), Some((Unit::Years, 4)));
    }
}
