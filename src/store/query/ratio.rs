//! Queries about the ratio of two events.

use super::answered::{Answered, answers};
use super::last::last_units;
use crate::query::{QueryRange, evaluate};
use crate::store::EventStore;
use crate::store::inline_names::NamePair;
use crate::time::unit::TimeUnit;

/// A query about the ratio of two events. `EventStore::query_ratio` begins one. Both events are
/// read at one instant. The answer is absent if an event is not known, the unit is not tracked, or
/// the denominator is 0.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct RatioQuery<'a> {
    store: &'a EventStore,
    /// The numerator and the denominator.
    names: NamePair,
}

macro_rules! ratio {
    ($answer:ty, $name:ident, $try_name:ident, $unit:ident, $doc:literal) => {
        answers! {
            #[doc = $doc]
            $name, $try_name(n: usize) -> $answer = |query| query.last(n, TimeUnit::$unit);
        }
    };
}

impl<'a> RatioQuery<'a> {
    #[inline(always)]
    pub(super) fn new(store: &'a EventStore, numerator: &str, denominator: &str) -> RatioQuery<'a> {
        RatioQuery { store, names: NamePair::new(numerator, denominator) }
    }

    #[inline(always)]
    fn last(self, n: usize, unit: TimeUnit) -> Answered<Option<f64>> {
        let events = self.names.get();
        let range = QueryRange::last(n, unit);
        self.store.shared.ask(events, |snapshot| evaluate::ratio(snapshot, events, &range))
    }

    last_units!(ratio, Option<f64>);

    answers! {
        /// All buckets of the longest tracked unit.
        ever, try_ever() -> Option<f64> = |query| query.last(usize::MAX, TimeUnit::Ever);
    }
}
