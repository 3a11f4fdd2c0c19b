//! A limit on a store: rules that must all pass, checked in one step.

use chrono::Duration;

use super::EventStore;
use super::decision::Decision;
use super::reservation::Reservation;
use super::stored_reservations::ReservationKey;
use crate::error::Result;
use crate::event_id::EventId;
use crate::limit::{Explanation, Limit, LimitUsage, rule_methods};

/// A limit on a store: rules that must all pass. `EventStore::limit` begins one.
///
/// A limit has at most 64 rules.
#[derive(Clone)]
#[must_use = "a limit does nothing until it is checked"]
pub struct Limiter<'a> {
    store: &'a EventStore,
    limit: Limit,
}

impl EventStore {
    /// Begins a limit: rules that must all pass.
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
    #[inline(always)]
    pub fn limit(&self) -> Limiter<'_> {
        Limiter { store: self, limit: Limit::new() }
    }
}

impl Limiter<'_> {
    rule_methods!();

    #[inline(always)]
    fn limit_mut(&mut self) -> &mut Limit {
        &mut self.limit
    }

    #[inline(always)]
    fn decision(&self) -> Decision<'_> {
        Decision { shared: &self.store.shared, limit: &self.limit, is_checked: false }
    }

    /// Checks whether `event_id` may happen now. Nothing is recorded.
    ///
    /// # Errors
    /// `LimitExceeded` if a rule refuses; `InvalidArgument` for a window of no units, for a window
    /// or duration of zero or less, for more than 64 rules, for groups without rules or more than 4
    /// deep, and if `also_record` names `event_id`; `InvalidHour` or `InvalidRange` for
    /// the hours of a schedule; `ConfigMismatch` if the tracked units do not reach back over a
    /// window; `InvalidEvent` for a name of more than 1,024 bytes; an event that cannot be read;
    /// `Closed`.
    #[inline(always)]
    pub fn check(self, event_id: impl EventId) -> Result<()> {
        self.decision().check(event_id.as_ref())
    }

    /// Whether `event_id` may happen now. False if a rule refuses, and if the limit is invalid or
    /// an event cannot be read; call `check` to see the error.
    ///
    /// It does not compute the wait of a refusal, so it is faster than `check`.
    #[inline(always)]
    pub fn allowed(self, event_id: impl EventId) -> bool {
        self.decision().allowed(event_id.as_ref())
    }

    /// Records `event_id` if it may happen now. Checking and recording are one step. When this
    /// returns, the recording survives a kill of the process if the store has a storage.
    ///
    /// # Errors
    /// As `check`; nothing is recorded then. `NotWritten` if the limit allowed the event and the
    /// storage cannot be written; the event is counted then, so that the limit does not allow it
    /// again.
    #[inline(always)]
    pub fn check_and_record(self, event_id: impl EventId) -> Result<()> {
        self.decision().check_and_record(event_id.as_ref())
    }

    /// Reserves one `event_id` if it may happen now. The reservation counts for `at_most` and
    /// `cooldown` until it is committed or cancelled, and ends with the process.
    ///
    /// # Errors
    /// As `check`; nothing is reserved then.
    #[inline(always)]
    pub fn reserve(self, event_id: impl EventId) -> Result<Reservation> {
        self.decision().reserve(event_id.as_ref())
    }

    /// Reserves one `event_id` if it may happen now, so that the reservation survives a kill of the
    /// process. It is written before this returns, and counts for `at_most` and `cooldown` until
    /// `EventStore::commit_reservation` or `cancel_reservation` ends it, or until `duration` is
    /// over. Without a storage it ends with the store. Dropping the key changes nothing.
    ///
    /// # Errors
    /// As `check`; `Storage` if there would be more than 256 stored reservations, of which each
    /// event that is also recorded takes one; `InvalidArgument` for a duration of zero or less;
    /// `Unavailable` if the system has no random numbers; a storage that cannot be written. Nothing
    /// is reserved then.
    pub fn reserve_for(self, event_id: impl EventId, duration: Duration) -> Result<ReservationKey> {
        self.decision().reserve_for(event_id.as_ref(), duration)
    }

    /// How much is used of the `at_most` rule on `event_id` that allows the fewest more.
    ///
    /// # Errors
    /// As `check`, except `LimitExceeded`: every rule must be valid, although only some of them
    /// limit the event. Also `EventNotFound` if the event is neither known nor reserved, and
    /// `ConfigMismatch` if there is no such rule.
    pub fn usage(self, event_id: impl EventId) -> Result<LimitUsage> {
        self.decision().usage(event_id.as_ref())
    }

    /// What each rule counts and says now, as data and as a table: for a debug screen or a bug
    /// report. It names no event other than those of the rules, so `event_id` only if a rule does.
    ///
    /// ```
    /// use tiny_counter::{EventStore, TimeUnit};
    ///
    /// let store = EventStore::new();
    /// store.record("launch");
    /// let limit = store.limit().at_least("launch", 3, TimeUnit::Ever);
    /// let explanation = limit.explain("prompt").unwrap();
    /// assert_eq!(explanation.rules[0].counted.unwrap().lower, 1);
    /// println!("{explanation}");
    /// ```
    ///
    /// # Errors
    /// As `check`, except `LimitExceeded`.
    pub fn explain(self, event_id: impl EventId) -> Result<Explanation> {
        self.decision().explain(event_id.as_ref())
    }
}
