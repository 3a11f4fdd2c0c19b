//! Reservations: those that end with the process, and those that are stored.

use std::collections::HashMap;

use chrono::Duration;
use foldhash::fast::RandomState;

use super::Engine;
use crate::bounds::MAX_STORED_RESERVATIONS;
use crate::counter::lane::Generation;
use crate::counter::view::View;
use crate::error::{Error, Result};

/// How many reservations that end with the process are pending, by event.
#[derive(Debug, Default)]
pub(super) struct ProcessReservations {
    by_event: HashMap<Box<str>, u32, RandomState>,
    total: u64,
}

impl ProcessReservations {
    fn add(&mut self, name: &str) {
        self.total += 1;
        match self.by_event.get_mut(name) {
            Some(pending) => *pending = pending.saturating_add(1),
            None => _ = self.by_event.insert(name.into(), 1),
        }
    }

    /// Ends one. The name is kept for the next reservation until `shrink`.
    fn remove(&mut self, name: &str) {
        if let Some(pending) = self.by_event.get_mut(name).filter(|pending| **pending > 0) {
            *pending -= 1;
            self.total = self.total.saturating_sub(1);
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.total == 0
    }

    pub(super) fn pending(&self, name: &str) -> u32 {
        self.by_event.get(name).copied().unwrap_or(0)
    }

    /// Drops the names without pending reservations.
    pub(super) fn shrink(&mut self) {
        self.by_event.retain(|_, pending| *pending > 0);
    }
}

/// A reservation that is stored.
#[derive(Debug, Clone)]
pub(crate) struct ReservationRecord {
    pub(crate) key: u64,
    pub(crate) event: Box<str>,
    /// The instant of the reservation.
    pub(crate) made: i64,
    /// How long it lasts, in milliseconds.
    pub(crate) duration: i64,
}

impl ReservationRecord {
    /// When it expires. One made under a clock that was ahead counts from the notice of the step.
    pub(crate) fn expires(&self, view: &View) -> i64 {
        view.own_instant(self.made).saturating_add(self.duration)
    }
}

impl Engine {
    /// Adds a reservation that ends with the process.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.process_reservations.add(name);
    }

    /// Ends a reservation that `reserve` added.
    pub(crate) fn end_reservation(&mut self, name: &str) {
        self.process_reservations.remove(name);
    }

    /// The count to record when a reservation of `event` ends; absent if nothing is to be recorded.
    ///
    /// A cancelled reservation records 0, so that the event becomes known. It records nothing if
    /// the event was erased since it was reserved in `generation`, or if this store counts it.
    pub(crate) fn count_at_end(&self, event: &str, generation: Generation, commit: bool) -> Option<u64> {
        if commit {
            return Some(1);
        }
        let (now, is_counted) = match self.events.get(event) {
            Some(entry) => (entry.generation(), entry.counts_itself()),
            None => (self.generation_of(event), false),
        };
        (now <= generation && !is_counted).then_some(0)
    }

    /// The stored reservations that have not expired, each with the milliseconds until it expires.
    pub(crate) fn pending_reservations(
        &mut self,
        now: i64,
    ) -> impl Iterator<Item = (&ReservationRecord, i64)> {
        self.clock.advance_to(now);
        let view = &self.clock.view;
        let stored = self.stored_reservations.iter();
        let timed =
            stored.map(move |reservation| (reservation, reservation.expires(view).saturating_sub(now)));
        timed.filter(|(_, left)| *left > 0)
    }

    /// Adds a stored reservation and returns its key, which is made from `random`.
    ///
    /// # Errors
    /// `Storage` without a log, or if there are too many.
    pub(crate) fn reserve_stored(
        &mut self,
        event: &str,
        duration: Duration,
        random: [u8; 16],
    ) -> Result<u64> {
        if !self.has_log {
            return Err(Error::Storage(
                "a stored reservation needs a store on a log; open the store with a directory, or \
                 make a reservation that ends with the process"
                    .into(),
            ));
        }
        let view = &self.clock.view;
        if self.stored_reservations.len() >= MAX_STORED_RESERVATIONS {
            self.stored_reservations.retain(|reservation| view.now < reservation.expires(view));
        }
        if self.stored_reservations.len() >= MAX_STORED_RESERVATIONS {
            return Err(Error::Storage(format!(
                "there are {MAX_STORED_RESERVATIONS} stored reservations already; commit or cancel \
                 some of them first"
            )));
        }
        // Apps keep numbers as 64 signed bits: the key is positive and fits.
        let key = u64::from_le_bytes(*random.first_chunk().unwrap_or(&[0; 8])) >> 2 | 1;
        let duration = duration.num_milliseconds();
        let made = view.now;
        self.stored_reservations.push(ReservationRecord { key, event: event.into(), made, duration });
        Ok(key)
    }

    /// The event of a stored reservation that has not expired.
    ///
    /// # Errors
    /// `InvalidArgument` if there is none with this key.
    pub(crate) fn reserved_event(&mut self, now: i64, key: u64) -> Result<Box<str>> {
        self.find_reservation(now, key).map(|(_, reservation)| reservation.event.clone())
    }

    /// Removes a stored reservation that has not expired.
    ///
    /// # Errors
    /// As `reserved_event`.
    pub(crate) fn take_reservation(&mut self, now: i64, key: u64) -> Result<ReservationRecord> {
        let (index, _) = self.find_reservation(now, key)?;
        Ok(self.stored_reservations.remove(index))
    }

    /// Removes a stored reservation whether or not it has expired.
    pub(crate) fn forget_reservation(&mut self, key: u64) {
        self.stored_reservations.retain(|reservation| reservation.key != key);
    }

    fn find_reservation(&mut self, now: i64, key: u64) -> Result<(usize, &ReservationRecord)> {
        self.clock.advance_to(now);
        let view = &self.clock.view;
        let mut reservations = self.stored_reservations.iter().enumerate();
        let found =
            reservations.find(|(_, reservation)| reservation.key == key && now < reservation.expires(view));
        found.ok_or_else(|| {
            Error::InvalidArgument(
                "the reservation was committed or cancelled before, or it has expired; reserve again".into(),
            )
        })
    }
}
