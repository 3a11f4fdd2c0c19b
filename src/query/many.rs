//! Questions about several events together.

use super::answered::{Answered, answers};
use super::average::quotient;
use super::last::{last_units, range};
use super::span::Span;
use crate::counter::reading::Doubt;
use crate::store::draft::Draft;
use crate::store::names::Names;
use crate::store::state::State;
use crate::time::unit::TimeUnit;

/// A question about several events together, begun by `EventStore::query_many`.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiQuery {
    draft: Box<Draft>,
}

/// A question about some buckets of several events.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiRangeQuery {
    draft: Box<Draft>,
    span: Span,
}

impl MultiQuery {
    #[inline]
    pub(crate) fn new<'n>(mut draft: Box<Draft>, events: impl Iterator<Item = &'n str>) -> MultiQuery {
        for event in events {
            draft.names.push(event);
        }
        MultiQuery { draft }
    }

    fn last(self, n: usize, unit: TimeUnit) -> MultiRangeQuery {
        MultiRangeQuery { draft: self.draft, span: Span::last(n, unit) }
    }

    last_units!(range, MultiRangeQuery);

    /// All buckets of the longest tracked unit.
    pub fn ever(self) -> MultiRangeQuery {
        self.last(usize::MAX, TimeUnit::Ever)
    }
}

impl MultiRangeQuery {
    answers! {
        /// The sum over all events that are known, at most 4,294,967,295. Absent if none of them is known or the unit not tracked. An event that is
        /// named twice counts twice.
        sum, try_sum() -> Option<u32> = |query| query.total().map(|total| {
            total.map(|(total, _)| u32::try_from(total).unwrap_or(u32::MAX))
        });

        /// The sum divided by the number of buckets in the range, as far as they are tracked. 0 over no buckets.
        average, try_average() -> Option<f64> = |query| query.total().map(|total| {
            total.map(|(total, buckets)| quotient(total, buckets))
        });
    }

    /// The sum, and over how many buckets.
    fn total(self) -> Answered<Option<(u64, u64)>> {
        let Draft { inner, names, .. } = &*self.draft;
        let answered = inner.ask(names.iter(), |state| {
            let buckets =
                self.span.resolve(&state.present.tracking, &state.present.view, &state.present.zone)?;
            let readings = names.iter().filter_map(|name| state.reading(name));
            let sums = readings.map(|reading| reading.sum(buckets.unit, Doubt::Counts, buckets.back.clone()));
            Some((sums.reduce(u64::saturating_add)?, buckets.len()))
        });
        self.draft.put_back();
        answered
    }
}

/// What each of two events sums up to, absent where it is not known, and over how many buckets; absent if the unit is not tracked.
pub(super) fn sums(state: &State, names: &Names, span: &Span) -> Option<([Option<u64>; 2], u64)> {
    let buckets = span.resolve(&state.present.tracking, &state.present.view, &state.present.zone)?;
    let mut each = [None; 2];
    for (place, sum) in each.iter_mut().enumerate() {
        let reading = state.reading(names.get(place));
        *sum = reading.map(|reading| reading.sum(buckets.unit, Doubt::Counts, buckets.back.clone()));
    }
    Some((each, buckets.len()))
}
