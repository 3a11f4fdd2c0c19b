//! Reservations that outlive the process.

use super::error::EventStoreError;
use super::limit::Refusal;
use super::rule::Rule;
use super::store::EventStore;
use crate::{Error, checked};

/// What a limit says to a reservation that is to outlive the process.
#[derive(Debug, Clone, uniffi::Enum)]
pub enum StoredReservationDecision {
    /// Every rule passes, and the reservation is written.
    Allowed {
        /// What settles it: above 0, and a number to keep wherever the app keeps numbers.
        key: i64,
    },
    /// Some rules do not pass. Nothing was reserved.
    Refused {
        /// Every rule that does not pass, in the order of the rules.
        refusals: Vec<Refusal>,
    },
}

/// A reservation that outlives the process and is neither settled nor expired.
#[derive(Debug, Clone, uniffi::Record)]
pub struct StoredReservation {
    /// What settles it.
    pub key: i64,
    /// The event that may happen.
    pub event: String,
    /// In how many milliseconds it expires and gives back what it holds.
    pub expires_in_millis: i64,
}

#[uniffi::export]
impl EventStore {
    /// Reserves one `event`, if every rule passes, for `millis` milliseconds and for longer than the process may live: it is written before this returns, and counts
    /// for rules of the kind `AtMost` until `commit_reservation` or `cancel_reservation` settles it or its time is over, which gives back what it holds.
    ///
    /// A refusal is an answer. Fails with `InvalidArgument` for a length of time that is not above zero, and as `limit` does; with `Storage` in a store in memory, or if
    /// 256 reservations are held already; with `Storage` or `Unavailable` if it could not be written. Nothing is reserved then.
    pub fn reserve_for(
        &self,
        event: String,
        rules: Vec<Rule>,
        millis: i64,
    ) -> Result<StoredReservationDecision, EventStoreError> {
        match self.limiter(rules)?.reserve_for(event, checked::length(millis)?) {
            Ok(key) => Ok(StoredReservationDecision::Allowed { key: checked::signed(u64::from(key)) }),
            Err(Error::LimitExceeded(refusal)) => Ok(StoredReservationDecision::Refused {
                refusals: refusal.all().iter().map(Refusal::from).collect(),
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// The event of a reservation that `reserve_for` made happened: it is recorded and the reservation ends, in one step that is written before this returns. An
    /// earlier process may have made it.
    ///
    /// Fails with `InvalidArgument` if it was settled before or has expired, or with what hinders reading the event, and nothing is changed then; with `Storage` or `Unavailable` if it could not be written, and
    /// the event is counted then all the same; with `Closed`.
    pub fn commit_reservation(&self, key: i64) -> Result<(), EventStoreError> {
        Ok(self.core.commit_reservation(checked::key(key)?)?)
    }

    /// The event of a reservation that `reserve_for` made did not happen: the reservation ends, which is written before this returns.
    ///
    /// Fails as `commit_reservation` does.
    pub fn cancel_reservation(&self, key: i64) -> Result<(), EventStoreError> {
        Ok(self.core.cancel_reservation(checked::key(key)?)?)
    }

    /// The reservations that `reserve_for` made, in this process or an earlier one, and that are neither settled nor expired; the oldest first.
    pub fn reservations(&self) -> Vec<StoredReservation> {
        self.core.reservations().into_iter().map(StoredReservation::from).collect()
    }
}

impl From<crate::StoredReservation> for StoredReservation {
    fn from(held: crate::StoredReservation) -> Self {
        StoredReservation {
            key: checked::signed(u64::from(held.key)),
            event: held.event_id,
            expires_in_millis: held.expires_in.num_milliseconds(),
        }
    }
}
