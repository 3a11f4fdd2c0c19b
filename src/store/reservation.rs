//! Reservations that end with the process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::inline_names::Name;
use super::report::report;
use super::shared::Shared;
use crate::error::{Error, Result};

/// One event that may happen, reserved by `Limiter::reserve`. It counts for `at_most` and
/// `cooldown` until it is committed or cancelled. Dropping it cancels it.
#[must_use = "a reservation that is dropped is cancelled"]
pub struct Reservation {
    shared: Arc<Shared>,
    event: Name,
    /// What `Engine::reserve` returned.
    erasures: u32,
    /// Whether it was committed or cancelled.
    ended: AtomicBool,
}

impl Reservation {
    pub(super) fn new(shared: &Arc<Shared>, event: &str, erasures: u32) -> Reservation {
        Reservation { shared: Arc::clone(shared), event: Name::new(event), erasures, ended: false.into() }
    }

    fn end(&self, commit: bool) -> Result<()> {
        self.shared.end_reservation(self.event.as_str(), self.erasures, commit)
    }

    /// Records the event. A failure of the storage is logged; the event is counted all the same.
    pub fn commit(self) {
        if let Err(error) = self.try_commit() {
            report!(warn, "a committed reservation could not be written: {error}");
        }
    }

    /// Records the event, and returns when that survives a kill of the process.
    ///
    /// # Errors
    /// `Closed` if the store was closed; nothing is recorded then. A storage that cannot be
    /// written; the event is counted then.
    pub fn try_commit(mut self) -> Result<()> {
        // `self` is not shared, so no atomic exchange is needed.
        *self.ended.get_mut() = true;
        self.end(true)
    }

    /// Ends the reservation without recording the event. The event is known afterwards, unless it
    /// was erased since it was reserved.
    pub fn cancel(self) {
        drop(self);
    }

    /// `try_commit` for a reservation that is shared between threads.
    ///
    /// # Errors
    /// As `try_commit`; `InvalidArgument` if it was committed or cancelled before.
    pub fn commit_shared(&self) -> Result<()> {
        if self.ended.swap(true, Ordering::AcqRel) {
            return Err(Error::InvalidArgument(
                "the reservation was committed or cancelled before; reserve again".into(),
            ));
        }
        self.end(true)
    }

    /// `cancel` for a reservation that is shared between threads. It does nothing if the
    /// reservation was committed or cancelled before.
    pub fn cancel_shared(&self) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            self.cancel_now();
        }
    }

    fn cancel_now(&self) {
        if let Err(error) = self.end(false) {
            report!(debug, "a reservation was cancelled after its store was closed: {error}");
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !*self.ended.get_mut() {
            self.cancel_now();
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("event", &self.event.as_str()).finish_non_exhaustive()
    }
}

impl Shared {
    /// Ends a reservation. With `commit` the event is recorded, otherwise it only becomes known.
    fn end_reservation(self: &Arc<Self>, event: &str, erasures: u32, commit: bool) -> Result<()> {
        let is_recorded = self.with_memory_at(self.now(), |engine| {
            let was_erased = engine.end_reservation(event, erasures);
            self.check_open()?;
            let Some(count) = engine.count_at_end(event, was_erased, commit) else { return Ok(false) };
            engine.record(event, count, || self.may_hold(event));
            Ok(true)
        })?;
        match (commit, is_recorded) {
            (true, _) => self.write_decision(std::iter::once(event)),
            (false, true) => {
                self.arrange_write();
                Ok(())
            }
            (false, false) => Ok(()),
        }
    }
}
