//! A place in a limit that is held until it is known whether the event happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::store::draft::Draft;
use crate::store::inner::Inner;
use crate::time::instant;

/// One event that may happen, held until it is committed or cancelled. Dropping it cancels it.
#[must_use = "a reservation that is dropped is cancelled"]
pub struct Reservation {
    /// With the event's name; there until this is dropped.
    draft: Option<Box<Draft>>,
    settled: AtomicBool,
}

/// Names a reservation that outlives its process. Its number can be kept wherever an app keeps numbers; it fits in 62 bits.
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

impl Reservation {
    pub(super) fn new(mut draft: Box<Draft>, event: &str) -> Reservation {
        draft.names.clear();
        draft.names.push(event);
        Reservation { draft: Some(draft), settled: false.into() }
    }

    /// The event happened: it is recorded. A failure of the storage is logged; the count stays.
    pub fn commit(self) {
        if let Err(error) = self.try_commit() {
            log::warn!("a committed reservation could not be written: {error}");
        }
    }

    /// The event happened: it is recorded, and written before this returns.
    ///
    /// # Errors
    /// `Closed` if the store was closed; nothing is recorded then. What hinders the storage; the count stays then.
    pub fn try_commit(mut self) -> Result<()> {
        // Nobody else has it: no need to agree with others on who settles it.
        *self.settled.get_mut() = true;
        self.settle(true)
    }

    /// The event did not happen. It is known afterwards all the same.
    pub fn cancel(self) {
        drop(self);
    }

    /// As `try_commit`, for those who share the reservation.
    ///
    /// # Errors
    /// As `try_commit`; `InvalidArgument` if it was committed or cancelled before.
    pub fn commit_shared(&self) -> Result<()> {
        if self.settled.swap(true, Ordering::AcqRel) {
            return Err(Error::InvalidArgument(
                "the reservation was committed or cancelled before; reserve anew".into(),
            ));
        }
        self.settle(true)
    }

    fn settle(&self, happened: bool) -> Result<()> {
        self.draft.as_ref().map_or(Ok(()), |draft| draft.inner.settle(draft.names.only(), happened))
    }

    fn event(&self) -> &str {
        self.draft.as_ref().map_or("", |draft| draft.names.only())
    }

    /// As `cancel`, for those who share the reservation. Does nothing if it was committed or cancelled before.
    pub fn cancel_shared(&self) {
        if !self.settled.swap(true, Ordering::AcqRel) {
            self.give_back();
        }
    }

    fn give_back(&self) {
        if let Err(error) = self.settle(false) {
            log::debug!("a reservation was cancelled after its store was closed: {error}");
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !*self.settled.get_mut() {
            self.give_back();
        }
        if let Some(draft) = self.draft.take() {
            draft.put_back();
        }
    }
}

impl std::fmt::Debug for Reservation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reservation").field("event", &self.event()).finish_non_exhaustive()
    }
}

impl Inner {
    /// Ends a reservation: as a recording, or as nothing but the event's being known.
    fn settle(self: &Arc<Self>, event: &str, happened: bool) -> Result<()> {
        let now = self.clock.before_the_lock();
        {
            let mut state = self.state.lock();
            state.unreserve(event);
            self.check_open()?;
            if !happened && state.events.get(event).is_some_and(|entry| entry.own.is_some() && !entry.gone) {
                return Ok(());
            }
            let now = instant::clamp(now.unwrap_or_else(|| self.clock.unix_millis()));
            state.record(now, event, happened.into(), || self.may_hold(event));
        }
        if happened {
            return self.write_decision(event);
        }
        self.wake_writer();
        Ok(())
    }
}
