//! By how much one event exceeds another.

use super::answered::{Answered, answers};
use super::average::signed_quotient;
use super::last::{last_units, range};
use super::many::sums;
use super::span::Span;
use crate::store::draft::Draft;
use crate::time::unit::TimeUnit;

/// A question about the difference of two events, begun by `EventStore::query_delta`. Both are read at one instant.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct DeltaQuery {
    /// With what adds and what takes away.
    draft: Box<Draft>,
}

/// A question about the difference of two events in some buckets.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct DeltaRangeQuery {
    draft: Box<Draft>,
    span: Span,
}

impl DeltaQuery {
    pub(crate) fn new(mut draft: Box<Draft>, positive: &str, negative: &str) -> DeltaQuery {
        draft.names.push(positive);
        draft.names.push(negative);
        DeltaQuery { draft }
    }

    fn last(self, n: usize, unit: TimeUnit) -> DeltaRangeQuery {
        DeltaRangeQuery { draft: self.draft, span: Span::last(n, unit) }
    }

    last_units!(range, DeltaRangeQuery);

    /// All buckets of the longest tracked unit.
    pub fn ever(self) -> DeltaRangeQuery {
        self.last(usize::MAX, TimeUnit::Ever)
    }
}

impl DeltaRangeQuery {
    answers! {
        /// The first event's count less the second's. An event that is not known counts 0, so does a unit that is not tracked.
        sum, try_sum() -> i64 = |query| query.difference().map(|(difference, _)| difference);

        /// The difference divided by the number of buckets in the range, as far as they are tracked. 0 over no buckets.
        average, try_average() -> f64 = |query| query.difference().map(|(difference, buckets)| {
            signed_quotient(difference, buckets)
        });
    }

    fn difference(self) -> Answered<(i64, u64)> {
        let Draft { inner, names, .. } = &*self.draft;
        let answered = inner.ask(names.iter(), |state| match sums(state, names, &self.span) {
            Some((each, buckets)) => (difference(&each), buckets),
            None => (0, 0),
        });
        self.draft.put_back();
        answered
    }
}

/// The first less the second, absent ones as 0, held to what 64 bits can say.
pub(crate) fn difference(each: &[Option<u64>]) -> i64 {
    let count = |place: usize| i128::from(each.get(place).copied().flatten().unwrap_or(0));
    let difference = (count(0) - count(1)).clamp(i64::MIN.into(), i64::MAX.into());
    i64::try_from(difference).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_held_to_64_bits() {
        assert_eq!(difference(&[Some(3), Some(5)]), -2);
        assert_eq!(difference(&[None, Some(u64::MAX)]), i64::MIN);
        assert_eq!(difference(&[Some(u64::MAX), None]), i64::MAX);
    }
}
