//! What share one event is of another.

use std::sync::Arc;

use super::answered::{Answered, answers};
use super::average::quotient;
use super::last::last_units;
use super::many::sums;
use super::span::Span;
use crate::event_id::Name;
use crate::store::inner::Inner;
use crate::store::spare;
use crate::time::unit::TimeUnit;

/// A question about the ratio of two events, begun by `EventStore::query_ratio`. Both are read at one instant. The answer is absent when an event
/// is not known, the unit not tracked or the denominator 0.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct RatioQuery {
    pub(crate) inner: Arc<Inner>,
    /// Numerator and denominator.
    pub(crate) events: [Name; 2],
}

macro_rules! ratio {
    ($answer:ty, $name:ident, $whole:ident, $unit:ident, $doc:literal) => {
        answers! {
            #[doc = $doc]
            $name, $whole(n: usize) -> $answer = |query| query.last(n, TimeUnit::$unit);
        }
    };
}

impl RatioQuery {
    fn last(self, n: usize, unit: TimeUnit) -> Answered<Option<f64>> {
        let answered = self.inner.ask(&self.events, |state| {
            let ([numerator, denominator], _) = sums(state, &self.events, &Span::last(n, unit))?;
            Some(quotient(numerator?, denominator.filter(|count| *count > 0)?))
        });
        spare::put(self.inner);
        answered
    }

    last_units!(ratio, Option<f64>);

    answers! {
        /// All buckets of the longest tracked unit.
        ever, try_ever() -> Option<f64> = |query| query.last(usize::MAX, TimeUnit::Ever);
    }
}
