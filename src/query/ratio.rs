//! What share one event is of another.

use std::sync::Arc;

use super::average::quotient;
use super::last::last_units;
use super::many::totals;
use super::span::Span;
use crate::store::inner::Inner;
use crate::time::unit::TimeUnit;

/// A question about the ratio of two events, begun by `EventStore::query_ratio`. Both are read at one instant. The answer is absent when an event
/// is not known, the unit not tracked or the denominator 0.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct RatioQuery {
    pub(crate) inner: Arc<Inner>,
    /// Numerator and denominator.
    pub(crate) events: [String; 2],
}

impl RatioQuery {
    fn last(self, n: usize, unit: TimeUnit) -> Option<f64> {
        let totals = totals(&self.inner, &self.events, &Span::last(n, unit))?;
        match totals.each.as_slice() {
            [Some(numerator), Some(denominator)] if *denominator > 0 => {
                Some(quotient(*numerator, *denominator))
            }
            _ => None,
        }
    }

    last_units!(Option<f64>);
}
