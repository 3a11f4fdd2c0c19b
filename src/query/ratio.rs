//! What share one event is of another.

use super::answered::{Answered, answers};
use super::average::quotient;
use super::last::last_units;
use super::many::sums;
use super::span::Span;
use crate::store::draft::Draft;
use crate::time::unit::TimeUnit;

/// A question about the ratio of two events, begun by `EventStore::query_ratio`. Both are read at one instant. The answer is absent when an event
/// is not known, the unit not tracked or the denominator 0.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct RatioQuery {
    /// With numerator and denominator.
    draft: Box<Draft>,
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
    #[inline]
    pub(crate) fn new(mut draft: Box<Draft>, numerator: &str, denominator: &str) -> RatioQuery {
        draft.names.push(numerator);
        draft.names.push(denominator);
        RatioQuery { draft }
    }

    fn last(self, n: usize, unit: TimeUnit) -> Answered<Option<f64>> {
        let Draft { inner, names, .. } = &*self.draft;
        let answered = inner.ask(names.iter(), |state| {
            let ([numerator, denominator], _) = sums(state, names, &Span::last(n, unit))?;
            Some(quotient(numerator?, denominator.filter(|count| *count > 0)?))
        });
        self.draft.put_back();
        answered
    }

    last_units!(ratio, Option<f64>);

    answers! {
        /// All buckets of the longest tracked unit.
        ever, try_ever() -> Option<f64> = |query| query.last(usize::MAX, TimeUnit::Ever);
    }
}
