//! Reservations that end with the process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrayvec::ArrayVec;

use super::inline_names::Name;
use super::shared::Shared;
use crate::bounds::MAX_RECORDED;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::report::report;

/// One event that may happen, reserved by `Limiter::reserve`, and what the limit also records. It
/// counts for `at_most` and `cooldown` until it is committed or cancelled. Dropping it cancels it.
#[must_use = "a reservation that is dropped is cancelled"]
pub struct Reservation {
    shared: Arc<Shared>,
    event: ReservedEvent,
    /// The events that are also recorded.
    also: Box<[ReservedEvent]>,
    /// Whether it was committed or cancelled.
    ended: AtomicBool,
}

/// An event of a reservation.
struct ReservedEvent {
    name: Name,
    /// What `Engine::reserve` returned.
    erasures: u32,
}

impl ReservedEvent {
    fn new(engine: &mut Engine, name: &str) -> ReservedEvent {
        ReservedEvent { name: Name::new(name), erasures: engine.reserve(name) }
    }
}

impl Reservation {
    /// Reserves an event and others beside it.
    #[inline]
    pub(super) fn new<'n>(
        shared: &Arc<Shared>,
        engine: &mut Engine,
        event: &str,
        also: impl Iterator<Item = &'n str>,
    ) -> Reservation {
        let event = ReservedEvent::new(engine, event);
        let also = also.map(|name| ReservedEvent::new(engine, name)).collect();
        Reservation { shared: Arc::clone(shared), event, also, ended: false.into() }
    }

    fn end(&self, commit: bool) -> Result<()> {
        self.shared.end_reservation(std::iter::once(&self.event).chain(&self.also), commit)
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
    /// `Closed` if the store was closed; nothing is recorded then. `NotWritten` if the storage
    /// cannot be written; the event is counted then.
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
        f.debug_struct("Reservation").field("event", &self.event.name.as_str()).finish_non_exhaustive()
    }
}

impl Shared {
    /// Ends a reservation. With `commit` its events are recorded, otherwise they only become known.
    fn end_reservation<'r>(
        self: &Arc<Self>,
        events: impl Iterator<Item = &'r ReservedEvent> + Clone,
        commit: bool,
    ) -> Result<()> {
        let names = events.clone().map(|event| event.name.as_str());
        let is_recorded = self.with_memory_at(self.now(), |engine| {
            let were_erased = events.map(|event| engine.end_reservation(event.name.as_str(), event.erasures));
            let were_erased: ArrayVec<bool, MAX_RECORDED> = were_erased.collect();
            self.check_open()?;
            let counts = names.clone().zip(were_erased).filter_map(|(name, was_erased)| {
                Some((name, engine.count_at_end(name, was_erased, commit)?))
            });
            let counts: ArrayVec<(&str, u64), MAX_RECORDED> = counts.collect();
            engine.record_together(counts.iter().copied(), |name| self.may_hold(name));
            Ok(!counts.is_empty())
        })?;
        match (commit, is_recorded) {
            (true, _) => self.write_decision(names),
            (false, true) => {
                self.arrange_write();
                Ok(())
            }
            (false, false) => Ok(()),
        }
    }
}
