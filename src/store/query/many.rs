//! Queries about several events, whose counts are added up.

use smallvec::SmallVec;

use super::answered::{Answered, answers};
use super::last::{last_units, range};
use crate::query::{QueryRange, evaluate};
use crate::store::EventStore;
use crate::store::inline_names::{NameRange, Names};
use crate::time::unit::TimeUnit;

/// A query about several events, whose counts are added up. `EventStore::query_many` begins one.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiQuery<'a> {
    store: &'a EventStore,
    events: ManyNames,
}

/// A query about some buckets of several events.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiRangeQuery<'a> {
    store: &'a EventStore,
    events: ManyNames,
    range: QueryRange,
}

#[derive(Clone)]
struct ManyNames {
    names: Names,
    ranges: SmallVec<[NameRange; 4]>,
}

impl ManyNames {
    #[inline]
    fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.ranges.iter().map(|range| self.names.get(*range))
    }
}

impl<'a> MultiQuery<'a> {
    #[inline(always)]
    pub(super) fn new<'n>(store: &'a EventStore, events: impl Iterator<Item = &'n str>) -> MultiQuery<'a> {
        let mut names = Names::new();
        let ranges = events.map(|event| names.push(event)).collect();
        MultiQuery { store, events: ManyNames { names, ranges } }
    }

    #[inline(always)]
    fn last(self, n: usize, unit: TimeUnit) -> MultiRangeQuery<'a> {
        MultiRangeQuery { store: self.store, events: self.events, range: QueryRange::last(n, unit) }
    }

    last_units!(range, MultiRangeQuery<'a>);

    /// All buckets of the longest tracked unit.
    pub fn ever(self) -> MultiRangeQuery<'a> {
        self.last(usize::MAX, TimeUnit::Ever)
    }
}

impl MultiRangeQuery<'_> {
    answers! {
        /// The sum over all events that are known, at most 4,294,967,295. Absent if none of them is
        /// known or the unit is not tracked. An event that is named twice counts twice.
        sum, try_sum() -> Option<u32> = |query| query.total_and_buckets().map(|total| {
            total.map(|(total, _)| u32::try_from(total).unwrap_or(u32::MAX))
        });

        /// The sum divided by the number of tracked buckets in the range. It is 0 for a range without
        /// buckets, and absent as `sum` is.
        average, try_average() -> Option<f64> = |query| query.total_and_buckets().map(|total| {
            total.map(|(total, buckets)| evaluate::quotient(total, buckets))
        });
    }

    #[inline(always)]
    fn total_and_buckets(self) -> Answered<Option<(u64, u64)>> {
        self.store.shared.ask(self.events.iter(), |snapshot| {
            let range = self.range.resolve_in(snapshot)?;
            let total = evaluate::total_of_known(snapshot, self.events.iter(), &range)?;
            Some((total, range.len()))
        })
    }
}
