//! Which units are counted, and in how many buckets.

use crate::bounds::MAX_BUCKETS;
use crate::error::{Error, Result};
use crate::time::unit::{TimeUnit, Unit};

/// The tracked units, finest first, each with its number of buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tracking {
    units: Box<[(Unit, u32)]>,
    /// For each unit its place in that list and its number of buckets.
    places: [Option<(u8, u32)>; Unit::ALL.len()],
}

impl Tracking {
    /// From a builder's list; the same unit twice: the last one counts.
    pub(crate) fn new(wanted: &[(TimeUnit, usize)]) -> Result<Tracking> {
        let mut units: Vec<(Unit, u32)> = Vec::new();
        for (unit, buckets) in wanted {
            let unit = Unit::of(*unit).ok_or(Error::InvalidTimeUnitEver)?;
            let buckets = u32::try_from(*buckets)
                .ok()
                .filter(|_| (1..=MAX_BUCKETS).contains(buckets))
                .ok_or_else(|| {
                    Error::InvalidBucketCount(format!("{buckets} {unit:?} asked for; use 1 to {MAX_BUCKETS}"))
                })?;
            units.retain(|(known, _)| *known != unit);
            units.push((unit, buckets));
        }
        units.sort_unstable();
        Ok(Tracking::of(units))
    }

    fn of(units: Vec<(Unit, u32)>) -> Tracking {
        let mut places = [None; Unit::ALL.len()];
        for (place, (unit, buckets)) in (0u8..).zip(&units) {
            if let Some(slot) = places.get_mut(usize::from(unit.code())) {
                *slot = Some((place, *buckets));
            }
        }
        Tracking { units: units.into(), places }
    }

    pub(crate) fn units(&self) -> &[(Unit, u32)] {
        &self.units
    }

    /// The place of a unit in the list, and its number of buckets.
    #[inline]
    pub(crate) fn find(&self, unit: Unit) -> Option<(usize, u32)> {
        let (place, buckets) = (*self.places.get(usize::from(unit.code()))?)?;
        Some((usize::from(place), buckets))
    }

    /// The unit by which a question counts, and its number of buckets: `Ever` is the longest.
    #[inline]
    pub(crate) fn counted_by(&self, unit: TimeUnit) -> Option<(Unit, u32)> {
        match Unit::of(unit) {
            Some(unit) => Some((unit, self.find(unit)?.1)),
            None => self.longest(),
        }
    }

    pub(crate) fn finest(&self) -> Option<Unit> {
        self.units.first().map(|(unit, _)| *unit)
    }

    /// The unit whose buckets reach back furthest.
    pub(crate) fn longest(&self) -> Option<(Unit, u32)> {
        self.units
            .iter()
            .copied()
            .max_by_key(|(unit, buckets)| unit.least_span().saturating_mul(i64::from(*buckets)))
    }
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
    fn units_are_sorted_and_the_last_word_on_a_unit_counts() {
        let tracking =
            Tracking::new(&[(TimeUnit::Days, 5), (TimeUnit::Seconds, 9), (TimeUnit::Days, 7)]).unwrap();
        assert_eq!(tracking.units(), [(Unit::Seconds, 9), (Unit::Days, 7)]);
        assert_eq!(tracking.find(Unit::Days), Some((1, 7)));
        assert_eq!(tracking.longest(), Some((Unit::Days, 7)));
    }

    #[test]
    fn ever_none_and_too_many_are_refused() {
        assert!(matches!(Tracking::new(&[(TimeUnit::Ever, 1)]), Err(Error::InvalidTimeUnitEver)));
        for buckets in [0, 100_001, usize::MAX] {
            assert!(matches!(Tracking::new(&[(TimeUnit::Days, buckets)]), Err(Error::InvalidBucketCount(_))));
        }
    }

    #[test]
    fn the_default_reaches_back_furthest_in_years() {
        assert_eq!(Tracking::default().longest(), Some((Unit::Years, 4)));
    }
}
