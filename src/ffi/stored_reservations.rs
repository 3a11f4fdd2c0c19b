//! Reservations that survive the process.

use super::checked;
use super::error::EventStoreError;
use super::limit::Refusal;
use super::rule::Rule;
use super::store::EventStore;
use crate::Error;

/// The answer of a limit to `reserve_for`.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum StoredReservationDecision {
    /// Every rule passes. The reservation was written.
    Reserved {
        /// The key that commits or cancels the reservation, 1 or more. An app can keep it wherever
        /// it keeps numbers.
        key: i64,
    },
    /// Some rules do not pass. Nothing was reserved.
    Refused {
        /// Every rule that does not pass, in the order of the rules.
        refusals: Vec<Refusal>,
    },
}

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
    /// Reserves one `event` for `millis` milliseconds if every rule passes, so that the reservation
    /// survives a kill of the process. It is written before this returns. In a store in memory it
    /// ends with the store. It counts for rules of the kinds `AtMost` and `Cooldown` until
    /// `commit_reservation` or `cancel_reservation` ends it, or until it expires. A refusal is an
    /// answer and not an error.
    ///
    /// Fails as `limit` does; with `InvalidArgument` for a duration of less than 1 millisecond or
    /// more than 10,000 years; with `Storage` if there are 256 stored reservations already; with
    /// `Storage` or `Unavailable` if the reservation cannot be written. Nothing is reserved then.
    pub fn reserve_for(
        &self,
        event: String,
        rules: Vec<Rule>,
        millis: i64,
    ) -> Result<StoredReservationDecision, EventStoreError> {
        match self.limiter(rules)?.reserve_for(event, checked::reservation(millis)?) {
            Ok(key) => Ok(StoredReservationDecision::Reserved { key: checked::signed(u64::from(key)) }),
            Err(Error::LimitExceeded(refusal)) => Ok(StoredReservationDecision::Refused {
                refusals: refusal.all().iter().map(Refusal::from).collect(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Records the event of a stored reservation and ends the reservation, in one step that is
    /// written before this returns. An earlier process may have made the reservation.
    ///
    /// Fails with `InvalidArgument` if it was committed or cancelled before, has expired, or its
    /// event was erased; with `Unavailable` or `Corrupt` if the event cannot be read; with
    /// `Closed`. Nothing is changed then. Fails with `Storage` or `Unavailable` if the step cannot
    /// be written; the event is counted then.
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
