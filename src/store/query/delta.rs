//! Queries about the difference of two events.

use super::answered::{Answered, answers};
use super::last::{last_units, range};
use crate::query::{QueryRange, evaluate};
use crate::store::EventStore;
use crate::store::inline_names::NamePair;
use crate::time::unit::TimeUnit;

/// A query about the difference of two events. `EventStore::query_delta` begins one. Both events
/// are read at one instant.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct DeltaQuery<'a> {
    store: &'a EventStore,
    /// The event that is added and the event that is subtracted.
    names: NamePair,
}

/// A query about the difference of two events in some buckets.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct DeltaRangeQuery<'a> {
    query: DeltaQuery<'a>,
    range: QueryRange,
}

impl<'a> DeltaQuery<'a> {
    pub(super) fn new(store: &'a EventStore, positive: &str, negative: &str) -> DeltaQuery<'a> {
        DeltaQuery { store, names: NamePair::new(positive, negative) }
    }

    #[inline(always)]
    fn last(self, n: usize, unit: TimeUnit) -> DeltaRangeQuery<'a> {
        DeltaRangeQuery { query: self, range: QueryRange::last(n, unit) }
    }

    last_units!(range, DeltaRangeQuery<'a>);

    /// All buckets of the longest tracked unit.
    pub fn ever(self) -> DeltaRangeQuery<'a> {
        self.last(usize::MAX, TimeUnit::Ever)
    }
}

impl DeltaRangeQuery<'_> {
    answers! {
        /// The first event's count less the second's, clamped to 64 bits. An event that is not
        /// known and a unit that is not tracked count 0.
        sum, try_sum() -> i64 = |query| query.delta().map(|(difference, _)| difference);

        /// The difference divided by the number of buckets of the range, which ends at the tracked
        /// buckets. 0 for no buckets.
        average, try_average() -> f64 = |query| query.delta().map(evaluate::delta_average);
    }

    fn delta(self) -> Answered<(i64, u64)> {
        let DeltaQuery { store, names } = &self.query;
        let events = names.get();
        store.shared.ask(events, |snapshot| evaluate::delta(snapshot, events, &self.range))
    }
}
