//! A limit that was checked once, and is asked again and again.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::EventStore;
use super::decision::Decision;
use super::reservation::Reservation;
use super::shared::Shared;
use super::stored_reservations::ReservationKey;
use crate::engine::Engine;
use crate::error::Result;
use crate::event_id::{EventId, checked_name};
#[cfg(feature = "ffi")]
use crate::limit::LimitExceeded;
use crate::limit::{Explanation, Limit, LimitUsage};
use crate::occurrence::Occurrence;
use crate::time::instant;

/// A limit that is ready to be asked. `EventStore::prepare` makes it.
///
/// It may be asked any number of times, from any thread, and allocates nothing as long as it does
/// not refuse with details. It does not keep its store open: once that is closed or dropped, the
/// calls return `Closed`.
#[derive(Clone)]
pub struct PreparedLimit {
    shared: Arc<Shared>,
    limit: Limit,
}

impl EventStore {
    /// Checks a limit once, so that it can be asked again and again.
    ///
    /// ```
    /// use chrono::Duration;
    /// use tiny_counter::{EventStore, Limit};
    ///
    /// let store = EventStore::new();
    /// let prompt = Limit::new()
    ///     .at_most("prompt", 1, Duration::days(7))
    ///     .cooldown("crash", Duration::days(2));
    /// let prompt = store.prepare(prompt).unwrap();
    ///
    /// assert!(prompt.check_and_record("prompt").is_ok());
    /// assert!(!prompt.allowed("prompt"));
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument`, `InvalidHour`, `InvalidRange`, `InvalidEvent` and `ConfigMismatch`, as
    /// `Limiter::check`.
    pub fn prepare(&self, limit: Limit) -> Result<PreparedLimit> {
        self.shared.with_memory(|engine| limit.check_for(engine.snapshot()))?;
        Ok(PreparedLimit { shared: Arc::clone(&self.shared), limit })
    }
}

impl PreparedLimit {
    #[inline(always)]
    fn decision(&self) -> Decision<'_> {
        Decision { shared: &self.shared, limit: &self.limit, is_checked: true }
    }

    /// The limit.
    pub fn limit(&self) -> &Limit {
        &self.limit
    }

    /// As `Limiter::check`.
    ///
    /// # Errors
    /// `LimitExceeded` if a rule refuses; `InvalidEvent` for a name of more than 1,024 bytes;
    /// `InvalidArgument` if `also_record` names `event_id`; an event that cannot be read; `Closed`.
    #[inline]
    pub fn check(&self, event_id: impl EventId) -> Result<()> {
        self.decision().check(event_id.as_ref())
    }

    /// As `Limiter::allowed`: whether `event_id` may happen now. False if there is an error too.
    #[inline]
    pub fn allowed(&self, event_id: impl EventId) -> bool {
        self.decision().allowed(event_id.as_ref())
    }

    /// As `Limiter::check_and_record`.
    ///
    /// # Errors
    /// As `check`; nothing is recorded then. `NotWritten` if the limit allowed the event and the
    /// storage cannot be written; the event is counted then.
    #[inline]
    pub fn check_and_record(&self, event_id: impl EventId) -> Result<()> {
        self.decision().check_and_record(event_id.as_ref())
    }

    /// As `Limiter::reserve`.
    ///
    /// # Errors
    /// As `check`; nothing is reserved then.
    #[inline]
    pub fn reserve(&self, event_id: impl EventId) -> Result<Reservation> {
        self.decision().reserve(event_id.as_ref())
    }

    /// As `Limiter::reserve_for`.
    ///
    /// # Errors
    /// As `Limiter::reserve_for`; nothing is reserved then.
    pub fn reserve_for(&self, event_id: impl EventId, duration: Duration) -> Result<ReservationKey> {
        self.decision().reserve_for(event_id.as_ref(), duration)
    }

    /// As `Limiter::usage`.
    ///
    /// # Errors
    /// As `check`, except `LimitExceeded`. Also `EventNotFound` if the event is neither known nor
    /// reserved, and `ConfigMismatch` if there is no such rule.
    pub fn usage(&self, event_id: impl EventId) -> Result<LimitUsage> {
        self.decision().usage(event_id.as_ref())
    }

    /// Checks that the limit can be asked for the event.
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes; `InvalidArgument` if `also_record` names
    /// the event.
    #[cfg(feature = "ffi")]
    pub(crate) fn check_event(&self, event_id: impl EventId) -> Result<()> {
        self.decision().check_also(checked_name(event_id.as_ref())?)
    }

    /// Records the event if the limit passes, and returns whether it did. Nothing is written before
    /// `write_recorded`, and no details of a refusal are computed.
    ///
    /// # Errors
    /// As `check`, except `LimitExceeded`. Nothing is recorded then.
    #[cfg(feature = "ffi")]
    pub(crate) fn record_if_allowed(&self, event_id: impl EventId) -> Result<bool> {
        self.decision().record_if_allowed(event_id.as_ref())
    }

    /// Writes what a decision recorded. If that was written already, nothing is written.
    ///
    /// # Errors
    /// `NotWritten`; `Closed`.
    #[cfg(feature = "ffi")]
    pub(crate) fn write_recorded(&self, event_id: impl EventId) -> Result<()> {
        self.decision().write_recorded(event_id.as_ref())
    }

    /// The instant at which the limit that just refused passes, in milliseconds since the Unix
    /// epoch. Absent as `LimitExceeded::allowed_after` is. It counts from the latest instant of the
    /// store, so it is not earlier than that.
    #[cfg(feature = "ffi")]
    pub(crate) fn allowed_at(&self, refused: &LimitExceeded) -> Option<i64> {
        let wait = refused.allowed_after()?.num_milliseconds();
        Some(self.shared.with_memory(|engine| engine.clock.now()).saturating_add(wait))
    }
}

impl PreparedLimit {
    /// As `Limiter::explain`.
    ///
    /// # Errors
    /// As `check`, except `LimitExceeded`.
    pub fn explain(&self, event_id: impl EventId) -> Result<Explanation> {
        self.decision().explain(event_id.as_ref())
    }

    /// The instants of `asked` at which the limit would have allowed `event_id`, if everything in
    /// `history` had been recorded when it happened, and `event_id` whenever it was allowed. What
    /// happens at the same instant counts before it is asked. The store is neither read nor
    /// changed: it only gives the tracked units and the time zone. The instants are returned in
    /// ascending order. Those of `history` and `asked` can be in any order, and are rounded down to
    /// milliseconds.
    ///
    /// ```
    /// use chrono::{DateTime, Duration};
    /// use tiny_counter::{EventStore, Limit, Occurrence};
    ///
    /// let store = EventStore::new();
    /// let prompt = Limit::new()
    ///     .at_most("prompt", 1, Duration::days(7))
    ///     .cooldown("crash", Duration::days(2));
    /// let prompt = store.prepare(prompt).unwrap();
    ///
    /// let begin = DateTime::from_timestamp(1_750_000_000, 0).unwrap();
    /// let crash = Occurrence::new("crash", begin, 1);
    /// let days = (0..30).map(|day| begin + Duration::days(day));
    /// let shown = prompt.rehearse("prompt", [crash], days).unwrap();
    /// assert_eq!(shown.len(), 4);
    /// assert_eq!(shown[0], begin + Duration::days(2));
    /// ```
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes; `InvalidArgument` if `also_record` names
    /// `event_id`, and for an instant outside of the table of the store's time zone
    /// ([`Zone::table`](crate::Zone::table)).
    pub fn rehearse(
        &self,
        event_id: impl EventId,
        history: impl IntoIterator<Item = Occurrence>,
        asked: impl IntoIterator<Item = DateTime<Utc>>,
    ) -> Result<Vec<DateTime<Utc>>> {
        let name = checked_name(event_id.as_ref())?;
        self.decision().check_also(name)?;
        let (history, asked): (Vec<_>, Vec<_>) = (history.into_iter().collect(), asked.into_iter().collect());
        history.iter().try_for_each(|one| checked_name(&one.event_id).map(|_| ()))?;
        let settings = |engine: &mut Engine| (engine.clock.tracking.clone(), engine.clock.zone.clone());
        let (tracking, zone) = self.shared.with_memory(settings);
        let instants = history.iter().map(|one| one.at).chain(asked.iter().copied());
        zone.check_reach(instants.map(instant::of))?;
        Ok(self.limit.rehearse(name, (tracking, zone), history, asked))
    }
}

impl fmt::Debug for PreparedLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedLimit").field(&self.limit).finish()
    }
}
