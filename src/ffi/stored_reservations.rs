//! Reservations that survive the process.

use super::checked;
use super::error::EventStoreError;
use super::store::EventStore;

/// A pending reservation that `reserve_for` made.
#[derive(Debug, Clone, uniffi::Record)]
pub struct StoredReservation {
    /// The key that commits or cancels the reservation, 1 or more.
    pub key: i64,
    /// The event that may happen.
    pub event: String,
    /// The time in milliseconds until the reservation expires, which ends it without recording the
    /// event.
    pub expires_in_millis: i64,
}

#[uniffi::export]
impl EventStore {
    /// Records the event of a stored reservation and ends the reservation, in one step that is
    /// written before this returns. An earlier process may have made the reservation.
    ///
    /// Fails with `ReservationExpired` if it has expired; with `InvalidArgument` if it expired days
    /// ago, so that the store forgot it, if it was committed or cancelled before, or if its event
    /// was erased; with `Unavailable` or `Corrupt` if the event cannot be read; with `Closed`.
    /// Nothing is changed then. Fails with `NotWritten` if the step cannot be written; the event is
    /// counted then.
    pub fn commit_reservation(&self, key: i64) -> Result<(), EventStoreError> {
        Ok(self.core.commit_reservation(checked::key(key)?)?)
    }

    /// Ends a stored reservation without recording its event, which is written before this returns.
    ///
    /// Fails as `commit_reservation` does.
    pub fn cancel_reservation(&self, key: i64) -> Result<(), EventStoreError> {
        Ok(self.core.cancel_reservation(checked::key(key)?)?)
    }

    /// The pending stored reservations, made by this process or an earlier one, oldest first. Those
    /// of an event that cannot be read are left out.
    pub fn reservations(&self) -> Vec<StoredReservation> {
        self.core.reservations().into_iter().map(StoredReservation::from).collect()
    }
}

impl From<crate::StoredReservation> for StoredReservation {
    fn from(stored: crate::StoredReservation) -> Self {
        StoredReservation {
            key: checked::signed(u64::from(stored.key)),
            event: stored.event_id,
            expires_in_millis: stored.expires_in.num_milliseconds(),
        }
    }
}
