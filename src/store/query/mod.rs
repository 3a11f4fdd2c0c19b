//! Queries: questions that borrow a store, and copy the names of their events.

mod answered;
mod batch;
mod delta;
mod history;
mod last;
mod many;
mod prepared;
mod range;
mod ratio;
mod since;
mod single;

use self::answered::Answered;
use super::EventStore;
use super::shared::{ClockReading, EventNames, Shared};
use crate::counter::reading::Reading;
use crate::engine::Snapshot;
use crate::event_id::EventId;
use crate::time::instant;
use crate::time::zone::Zone;

pub use delta::{DeltaQuery, DeltaRangeQuery};
pub use many::{MultiQuery, MultiRangeQuery};
pub use prepared::PreparedQuestion;
pub use range::RangeQuery;
pub use ratio::RatioQuery;
pub use since::SinceQuery;
pub use single::Query;

impl EventStore {
    /// Begins a query about one event. A name of more than 1,024 bytes is that of no event.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record("app_launch");
    ///
    /// let count = store.query("app_launch").last_days(7).sum();
    /// assert_eq!(count, Some(1));
    /// ```
    #[inline(always)]
    pub fn query(&self, event_id: impl EventId) -> Query<'_> {
        Query::new(self, event_id.as_ref())
    }

    /// Begins a query about several events, whose counts are added up.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record("app_launch");
    /// store.record("app_resume");
    ///
    /// let total_opens = store
    ///     .query_many(&["app_launch", "app_resume"])
    ///     .last_days(7)
    ///     .sum();
    /// assert_eq!(total_opens, Some(2));
    /// ```
    #[inline(always)]
    pub fn query_many(&self, event_ids: &[impl EventId]) -> MultiQuery<'_> {
        MultiQuery::new(self, event_ids.iter().map(|id| id.as_ref()))
    }

    /// Begins a query about the ratio of two events: the first one's count divided by the second
    /// one's.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record_count("conversions", 25);
    /// store.record_count("visits", 100);
    ///
    /// let conversion_rate = store
    ///     .query_ratio("conversions", "visits")
    ///     .last_days(7);
    /// assert_eq!(conversion_rate, Some(0.25));
    /// ```
    #[inline(always)]
    pub fn query_ratio(&self, numerator: impl EventId, denominator: impl EventId) -> RatioQuery<'_> {
        RatioQuery::new(self, numerator.as_ref(), denominator.as_ref())
    }

    /// Begins a query about the difference of two events: the first one's count less the second
    /// one's.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record_count("items_added", 10);
    /// store.record_count("items_removed", 3);
    ///
    /// let inventory_change = store
    ///     .query_delta("items_added", "items_removed")
    ///     .last_days(7)
    ///     .sum();
    /// assert_eq!(inventory_change, 7);
    /// ```
    #[inline(always)]
    pub fn query_delta(&self, positive: impl EventId, negative: impl EventId) -> DeltaQuery<'_> {
        DeltaQuery::new(self, positive.as_ref(), negative.as_ref())
    }
}

impl Shared {
    /// Answers a question about one event; absent if the event is not known.
    ///
    /// The system's clock is read under the lock, and only if the event is known.
    #[inline]
    fn ask_one<R>(
        &self,
        name: &str,
        answer: impl FnOnce(Reading<'_>, &Zone) -> Option<R>,
    ) -> Answered<Option<R>> {
        let custom = self.time_source.millis_if_custom().map(instant::clamp);
        self.with_available_at([name], custom, |engine, read_error| {
            let answer = || {
                let mut entry = engine.events.get(name).filter(|entry| entry.is_known())?;
                if custom.is_none() {
                    let now = self.now();
                    if !engine.clock.advance_forward(now) {
                        self.move_clock(engine, &mut ClockReading::new(now));
                        entry = engine.events.get(name)?;
                    }
                }
                let clock = &engine.clock;
                answer(entry.reading(&clock.tracking, &clock.view), &clock.zone)
            };
            Answered { answer: answer(), read_error }
        })
    }

    /// Answers a question about several events, all at one instant.
    #[inline]
    fn ask<'n, R>(&self, names: impl EventNames<'n>, answer: impl FnOnce(Snapshot<'_>) -> R) -> Answered<R> {
        let now = self.now();
        self.with_available_at(names, Some(now), |engine, read_error| Answered {
            answer: answer(engine.snapshot()),
            read_error,
        })
    }
}
