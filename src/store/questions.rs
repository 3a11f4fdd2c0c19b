//! Where questions and limits begin.

use super::EventStore;
use super::draft;
use crate::event_id::EventId;
use crate::limit::Limiter;
use crate::query::{DeltaQuery, MultiQuery, Query, RatioQuery};

impl EventStore {
    /// Begins a question about one event.
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
    #[inline]
    pub fn query(&self, event_id: impl EventId) -> Query {
        Query::new(draft::take(&self.inner), event_id.as_ref())
    }

    /// Begins a question about several events together.
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
    #[inline]
    pub fn query_many(&self, event_ids: &[impl EventId]) -> MultiQuery {
        MultiQuery::new(draft::take(&self.inner), event_ids.iter().map(|id| id.as_ref()))
    }

    /// Begins a question about the ratio of two events.
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
    #[inline]
    pub fn query_ratio(&self, numerator: impl EventId, denominator: impl EventId) -> RatioQuery {
        RatioQuery::new(draft::take(&self.inner), numerator.as_ref(), denominator.as_ref())
    }

    /// Begins a question about the difference of two events.
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
    #[inline]
    pub fn query_delta(&self, positive: impl EventId, negative: impl EventId) -> DeltaQuery {
        DeltaQuery::new(draft::take(&self.inner), positive.as_ref(), negative.as_ref())
    }

    /// Begins a limit: constraints that must all hold.
    ///
    /// ```
    /// use tiny_counter::{EventStore, TimeUnit};
    ///
    /// let store = EventStore::new();
    ///
    /// let result = store
    ///     .limit()
    ///     .at_most("api_call", 10, TimeUnit::Minutes)
    ///     .at_most("api_call", 100, TimeUnit::Hours)
    ///     .check_and_record("api_call");
    /// assert!(result.is_ok());
    /// ```
    pub fn limit(&self) -> Limiter {
        Limiter::new(draft::take(&self.inner))
    }
}
