//! Reservations that outlive the process: they stand in the log until they are settled or expire.

use std::sync::Arc;

use chrono::Duration;

use super::EventStore;
use super::flush::Due;
use super::inner::Inner;
use super::state::{Held, State};
use crate::counter::reading::View;
use crate::error::{Error, Result};
use crate::limit::ReservationKey;
use crate::time::instant;

/// As many are held at once; the log's own record stays small.
const MOST: usize = 256;

/// A reservation made by `Limiter::reserve_for` that is not settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldReservation {
    /// What settles it.
    pub key: ReservationKey,
    /// The event that may happen.
    pub event_id: String,
    /// How long until it expires and gives back what it holds.
    pub expires_in: Duration,
}

impl EventStore {
    /// The event of a reservation that `Limiter::reserve_for` made happened: it is recorded, and the reservation ends, in one step that is written before
    /// this returns. It may have been made by an earlier process.
    ///
    /// # Errors
    /// `InvalidArgument` if it was settled before or has expired, and what hinders reading the event; nothing is changed then. What hinders writing;
    /// the count stays then. `Closed`.
    pub fn commit_reservation(&self, key: ReservationKey) -> Result<()> {
        self.inner.settle_held(key, true)
    }

    /// The event of a reservation that `Limiter::reserve_for` made did not happen: the reservation ends, which is written before this returns. The event is
    /// known afterwards all the same.
    ///
    /// # Errors
    /// As `commit_reservation`.
    pub fn cancel_reservation(&self, key: ReservationKey) -> Result<()> {
        self.inner.settle_held(key, false)
    }

    /// The reservations that `Limiter::reserve_for` made, by this process or an earlier one, and that are neither settled nor expired; the oldest first.
    pub fn reservations(&self) -> Vec<HeldReservation> {
        let now = self.inner.now();
        let mut state = self.inner.state.lock();
        state.present.turn_to(now);
        let view = &state.present.view;
        let held = state.held.iter().map(|held| (held, held.expires(view).saturating_sub(now)));
        let held = held.filter(|(_, left)| *left > 0).map(|(held, left)| HeldReservation {
            key: ReservationKey::from(held.key),
            event_id: held.event.to_string(),
            expires_in: Duration::milliseconds(left),
        });
        held.collect()
    }
}

impl Held {
    /// When it expires. One that was made under a clock that was ahead is read as made when that was noticed.
    pub(crate) fn expires(&self, view: &View) -> i64 {
        view.own_instant(self.made).saturating_add(self.span)
    }
}

impl State {
    /// Holds a place for `event`. The key is a random number.
    pub(crate) fn hold(&mut self, event: &str, span: Duration, number: [u8; 16]) -> Result<ReservationKey> {
        if !self.queues {
            return Err(Error::Storage(
                "only a log can hold a reservation; build the store with with_log(), or use reserve()".into(),
            ));
        }
        let view = &self.present.view;
        if self.held.len() >= MOST {
            self.held.retain(|held| view.now < held.expires(view));
        }
        if self.held.len() >= MOST {
            return Err(Error::Storage(format!(
                "{MOST} reservations are held; commit or cancel some of them first"
            )));
        }
        // Positive in 64 signed bits, as apps keep numbers.
        let key = u64::from_le_bytes(*number.first_chunk().unwrap_or(&[0; 8])) >> 2 | 1;
        self.held.push(Held { key, event: event.into(), made: view.now, span: span.num_milliseconds() });
        Ok(ReservationKey::from(key))
    }

    /// Where a reservation that has not expired stands, and its event.
    fn find_held(&mut self, now: i64, key: ReservationKey) -> Result<(usize, Box<str>)> {
        self.present.turn_to(now);
        let view = &self.present.view;
        let mut held = self.held.iter().enumerate();
        let found = held.find(|(_, held)| held.key == u64::from(key) && now < held.expires(view));
        found.map(|(place, held)| (place, held.event.clone())).ok_or_else(|| {
            Error::InvalidArgument("the reservation was settled before or has expired; reserve anew".into())
        })
    }
}

impl Inner {
    /// Has a reservation written before it is handed out; one that could not be is none.
    pub(crate) fn write_held(self: &Arc<Self>, event: &str, key: ReservationKey) -> Result<ReservationKey> {
        let written = self.flush(Due::Event(event), false);
        if written.is_err() {
            self.state.lock().held.retain(|held| held.key != u64::from(key));
        }
        self.wake_writer();
        written.map(|()| key)
    }

    fn settle_held(self: &Arc<Self>, key: ReservationKey, happened: bool) -> Result<()> {
        self.check_open()?;
        let now = self.now();
        let event = self.state.lock().find_held(now, key)?.1;
        // Read first: where that fails the reservation could be written as over, and the count could not.
        let (mut state, read) = self.loaded([&*event]);
        read?;
        let (place, _) = state.find_held(now, key)?;
        state.held.remove(place);
        state.record(now, &event, happened.into(), || self.may_hold(&event));
        drop(state);
        self.write_decision(&event)
    }
}

/// How long a reservation may be held.
pub(crate) fn checked_span(span: Duration) -> Result<Duration> {
    if span > Duration::zero() {
        // Time is counted in milliseconds: what is shorter is one.
        return Ok(span.clamp(Duration::milliseconds(1), Duration::milliseconds(instant::LATEST)));
    }
    Err(Error::InvalidArgument(
        "a reservation is held for more than no time; pass a positive duration".into(),
    ))
}
