//! Reservations that end with the process.

use super::error::EventStoreError;

/// One reserved event. It counts for rules of the kinds `AtMost` and `Cooldown` until it is
/// committed or cancelled. Releasing it cancels it.
#[derive(Debug, uniffi::Object)]
pub struct Reservation {
    pub(super) core: crate::Reservation,
}

#[uniffi::export]
impl Reservation {
    /// Records the event and ends the reservation. The event is written before this returns.
    ///
    /// Fails with `Closed` if the store is closed, and with `InvalidArgument` if the reservation
    /// was committed or cancelled before; nothing is recorded then. Fails with `NotWritten` if
    /// the event cannot be written; it is counted then.
    pub fn commit(&self) -> Result<(), EventStoreError> {
        Ok(self.core.commit_shared()?)
    }

    /// Ends the reservation without recording the event. Does nothing if it was committed or
    /// cancelled before.
    pub fn cancel(&self) {
        self.core.cancel_shared();
    }
}
