//! A place in a limit that is held.

use super::error::EventStoreError;

/// One event that may happen, held until it is committed or cancelled. It is cancelled when it is let go of.
#[derive(Debug, uniffi::Object)]
pub struct Reservation {
    pub(super) core: crate::Reservation,
}

#[uniffi::export]
impl Reservation {
    /// The event happened: it is recorded, and written before this returns.
    ///
    /// Fails with `Closed` if the store was shut down, with `InvalidArgument` if the reservation was committed or cancelled before, and nothing
    /// is recorded then; with `Storage` or `Unavailable` if it could not be written, and the event is counted then all the same.
    pub fn commit(&self) -> Result<(), EventStoreError> {
        Ok(self.core.commit_shared()?)
    }

    /// The event did not happen. Does nothing if the reservation was committed or cancelled before.
    pub fn cancel(&self) {
        self.core.cancel_shared();
    }
}
