//! Reservations that survive the process. They are stored until they are committed or cancelled, or
//! until they expire.

use std::sync::Arc;

use chrono::Duration;

use super::EventStore;
use super::shared::Shared;
use crate::engine::Due;
use crate::error::{Error, Result};
use crate::time::instant;

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
    /// `InvalidArgument` if it was committed or cancelled before or has expired, and an event that
    /// cannot be read; nothing is changed then. A storage that cannot be written; the event is
    /// counted then. `Closed`.
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

    /// The pending stored reservations, made by this process or an earlier one, oldest first.
    pub fn reservations(&self) -> Vec<StoredReservation> {
        let now = self.shared.now();
        self.shared.with_memory(|engine| {
            let pending = engine.pending_reservations(now).map(|(reservation, left)| StoredReservation {
                key: ReservationKey(reservation.key),
                event_id: reservation.event.to_string(),
                expires_in: Duration::milliseconds(left),
            });
            pending.collect()
        })
    }
}

impl Shared {
    /// Writes a new reservation before its key is returned. If that fails there is no reservation.
    pub(super) fn write_reservation(self: &Arc<Self>, event: &str, key: u64) -> Result<ReservationKey> {
        let written = self.flush(Due::Event(event), false);
        if written.is_err() {
            self.with_memory(|engine| engine.forget_reservation(key));
        }
        self.arrange_write();
        written.map(|()| ReservationKey(key))
    }

    fn end_stored_reservation(self: &Arc<Self>, key: ReservationKey, commit: bool) -> Result<()> {
        self.check_open()?;
        let now = self.now();
        let event = self.with_memory(|engine| engine.reserved_event(now, key.0))?;
        // The event is read first. If it could not be, the end of the reservation would be written
        // without the count.
        self.with_loaded([&*event], |engine| {
            engine.take_reservation(now, key.0)?;
            engine.record(now, &event, commit.into(), || self.may_hold(&event));
            Ok(())
        })?;
        self.write_decision(&event)
    }
}

/// Checks and limits the duration of a reservation. Time is counted in milliseconds, so a shorter
/// duration is one millisecond.
pub(super) fn checked_duration(duration: Duration) -> Result<Duration> {
    if duration > Duration::zero() {
        let longest = Duration::milliseconds(instant::LATEST);
        return Ok(duration.clamp(Duration::milliseconds(1), longest));
    }
    Err(Error::InvalidArgument("the duration of a reservation must be greater than zero".into()))
}
