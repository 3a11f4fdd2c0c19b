//! Questions about several events together.

use std::sync::Arc;

use super::average::quotient;
use super::last::last_units;
use super::span::Span;
use crate::counter::reading::Doubt;
use crate::store::inner::Inner;
use crate::time::unit::TimeUnit;

/// A question about several events together, begun by `EventStore::query_many`.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiQuery {
    pub(crate) inner: Arc<Inner>,
    pub(crate) events: Vec<String>,
}

/// A question about some buckets of several events.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct MultiRangeQuery {
    query: MultiQuery,
    span: Span,
}

impl MultiQuery {
    fn last(self, n: usize, unit: TimeUnit) -> MultiRangeQuery {
        MultiRangeQuery { query: self, span: Span::last(n, unit) }
    }

    last_units!(MultiRangeQuery);
}

impl MultiRangeQuery {
    /// The sum over all events that are known, at most 4,294,967,295. Absent if none of them is known or the unit not tracked. An event that is
    /// named twice counts twice.
    pub fn sum(self) -> Option<u32> {
        self.total().map(|(total, _)| u32::try_from(total).unwrap_or(u32::MAX))
    }

    /// The sum divided by the number of buckets in the range, as far as they are tracked. 0 over no buckets.
    pub fn average(self) -> Option<f64> {
        self.total().map(|(total, buckets)| quotient(total, buckets))
    }

    /// The sum, and over how many buckets.
    fn total(self) -> Option<(u64, u64)> {
        let totals = totals(&self.query.inner, &self.query.events, &self.span)?;
        let known = totals.each.iter().flatten();
        let sum = known.copied().reduce(u64::saturating_add)?;
        Some((sum, totals.buckets))
    }
}

/// What several events sum up to, each on its own, at one instant.
pub(super) struct Totals {
    /// Absent where the event is not known.
    pub(super) each: Vec<Option<u64>>,
    pub(super) buckets: u64,
}

/// The sums of all events under one lock; absent if the unit is not tracked.
pub(super) fn totals(inner: &Inner, events: &[String], span: &Span) -> Option<Totals> {
    let now = inner.now();
    let mut state = inner.loaded_or_memory(events.iter().map(String::as_str));
    let view = state.view(now);
    let buckets = span.resolve(&state.tracking, &view, &state.zone)?;
    let sum = |name: &String| {
        let reading = state.reading(name, &view)?;
        Some(reading.sum(buckets.unit, Doubt::Counts, buckets.back.clone()))
    };
    Some(Totals { each: events.iter().map(sum).collect(), buckets: buckets.len() })
}
