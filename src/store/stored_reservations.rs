//! Reservations that survive the process. They are stored until they are committed or cancelled, or
//! until they expire.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::Duration;

use super::EventStore;
use super::shared::Shared;
use crate::engine::{Due, Engine};
use crate::error::{Error, Result};
use crate::report::report;
use crate::time::instant;
use crate::time::window::no_time;

/// The key of a stored reservation. It is a number that fits in 62 bits, so that an app can keep it
/// wherever it keeps numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReservationKey(u64);

impl From<u64> for ReservationKey {
    fn from(number: u64) -> ReservationKey {
        ReservationKey(number)
    }
}

impl From<ReservationKey> for u64 {
    fn from(key: ReservationKey) -> u64 {
        key.0
    }
}

/// A pending reservation that `Limiter::reserve_for` made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredReservation {
    /// The key that commits or cancels it.
    pub key: ReservationKey,
    /// The event that may happen.
    pub event_id: String,
    /// How long until it expires, which ends it without recording the event.
    pub expires_in: Duration,
}

impl EventStore {
    /// Records the event of a stored reservation and ends the reservation, in one step that is
    /// written before this returns. An earlier process may have made the reservation.
    ///
    /// # Errors
    /// - `ReservationExpired` if it has expired; `InvalidArgument` if that was days ago, so that
    ///   the store forgot it, if it was committed or cancelled before, or if its event was erased.
    /// - The error of an event that cannot be read, if it may be the reserved event.
    /// - `Closed`. Nothing is changed in these cases.
    /// - `NotWritten` if the storage cannot be written; the event is counted then.
    pub fn commit_reservation(&self, key: ReservationKey) -> Result<()> {
        self.shared.end_stored_reservation(key, true)
    }

    /// Ends a stored reservation without recording its event, which is written before this returns.
    /// The event is known afterwards.
    ///
    /// # Errors
    /// As `commit_reservation`.
    pub fn cancel_reservation(&self, key: ReservationKey) -> Result<()> {
        self.shared.end_stored_reservation(key, false)
    }

    /// The pending stored reservations, made by this process or an earlier one, oldest first. Those
    /// of an event that cannot be read are left out, because they are stored with the event.
    pub fn reservations(&self) -> Vec<StoredReservation> {
        let now = self.shared.now();
        let (public, error) = self.shared.with_reserved_at(now, |engine, error| {
            let mut pending = engine.pending_reservations();
            // The events that are also recorded have a part of it. The event itself is the first.
            let mut keys = HashSet::new();
            pending.retain(|(_, reservation, _)| keys.insert(reservation.key));
            let public = pending.into_iter().map(|(event, reservation, left)| StoredReservation {
                key: ReservationKey(reservation.key),
                event_id: event.to_owned(),
                expires_in: Duration::milliseconds(left),
            });
            (public.collect(), error)
        });
        if let Some(error) = error {
            report!(warn, "the stored reservations of an event cannot be read: {error}");
        }
        public
    }
}

impl Shared {
    /// Writes a new reservation of some events before its key is returned. If that fails there is
    /// no reservation.
    pub(super) fn write_reservation(self: &Arc<Self>, events: &[&str], key: u64) -> Result<ReservationKey> {
        let written = match &self.storage {
            Some(_) => self.flush(Due::Events(events), false),
            // In memory it ends with the store, as the counts do.
            None => Ok(()),
        };
        if written.is_err() {
            self.with_memory(|engine| {
                events.iter().for_each(|event| engine.forget_reservation(event, key));
            });
        }
        self.arrange_write();
        written.map(|()| ReservationKey(key))
    }

    fn end_stored_reservation(self: &Arc<Self>, key: ReservationKey, commit: bool) -> Result<()> {
        self.check_open()?;
        let now = self.now();
        let events = self.with_reserved_at(now, |engine, error| {
            let events = match (engine.reserved_by(key.0), error) {
                // It may be a reservation of the event that cannot be read, or have a part there.
                (Err(_), Some(error)) => return Err(*error),
                (Ok(_), Some(error)) if Engine::reserves_several(key.0) => return Err(*error),
                (events, _) => events?,
            };
            events.iter().for_each(|event| engine.forget_reservation(event, key.0));
            let recorded = events.iter().map(|event| (&**event, commit.into()));
            engine.record_together(recorded, |name| self.may_hold(name));
            Ok(events)
        })?;
        self.write_decision(events.iter().map(|event| &**event))
    }

    /// Reads the events that may have stored reservations, as far as they can be read, so that all
    /// reservations are counted and expired ones make room.
    pub(super) fn read_reserved(&self) {
        self.with_reserved_at(self.now(), |_, _| ());
    }

    /// Works with every event that may have stored reservations, at the instant `now`, a reading of
    /// the clock, and with an error if one of the events cannot be read.
    fn with_reserved_at<R>(&self, now: i64, work: impl FnOnce(&mut Engine, Option<Box<Error>>) -> R) -> R {
        let names = self.with_memory(|engine| engine.reserved_events());
        self.with_available_at(names.iter().map(|name| &**name), Some(now), work)
    }
}

/// Checks and limits the duration of a reservation. Time is counted in milliseconds, so a shorter
/// duration is one millisecond.
pub(super) fn checked_duration(duration: Duration) -> Result<Duration> {
    if duration > Duration::zero() {
        let longest = Duration::milliseconds(instant::LATEST);
        return Ok(duration.clamp(Duration::milliseconds(1), longest));
    }
    Err(no_time())
}
