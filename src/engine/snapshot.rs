//! The state of a store at one instant, borrowed, for questions and rules.

use super::Engine;
use super::entry::Entry;
use super::losses::LossRecord;
use crate::codec::ReservationRecord;
use crate::counter::reading::Reading;
use crate::counter::tracking::Tracking;
use crate::counter::view::View;
use crate::time::zone::Zone;

/// What questions and rules may look at.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot<'a> {
    pub(super) engine: &'a Engine,
    pub(crate) view: &'a View,
}

impl Engine {
    /// The state as it is read at the latest instant that was given to the clock.
    #[inline]
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot { engine: self, view: &self.clock.view }
    }
}

impl<'a> Snapshot<'a> {
    /// The same state, read through another view.
    pub(crate) fn through<'b>(&self, view: &'b View) -> Snapshot<'b>
    where
        'a: 'b,
    {
        Snapshot { engine: self.engine, view }
    }

    /// How everything will be read at `then` if nothing else is recorded.
    pub(crate) fn view_at(&self, then: i64) -> View {
        self.engine.clock.view_at(then)
    }

    #[inline]
    pub(crate) fn now(&self) -> i64 {
        self.view.now
    }

    /// The latest reading of the clock, from which an app counts a wait. It can be up to a second
    /// below `now`.
    pub(crate) fn reading_of_clock(&self) -> i64 {
        self.engine.clock.reading
    }

    #[inline]
    pub(crate) fn tracking(&self) -> &'a Tracking {
        &self.engine.clock.tracking
    }

    #[inline]
    pub(crate) fn zone(&self) -> &'a Zone {
        &self.engine.clock.zone
    }

    /// Whether a window can begin with the event.
    #[inline]
    pub(crate) fn is_marker(&self, name: &str) -> bool {
        self.engine.is_marker(name)
    }

    /// The counts of an event; absent if it is not known.
    #[inline]
    pub(crate) fn reading(&self, name: &str) -> Option<Reading<'a>> {
        let entry = self.engine.events.get(name).filter(|entry| entry.is_known())?;
        Some(entry.reading(&self.engine.clock.tracking, self.view))
    }

    /// The latest instant that the clock showed before it went back; absent if no step is open.
    pub(crate) fn clock_peak(&self) -> Option<i64> {
        self.engine.clock.watch.step.map(|step| step.peak)
    }

    /// When losses of the event's counts were noticed, by the clock of that time.
    pub(crate) fn loss_instants(&self, event: &str) -> impl Iterator<Item = i64> {
        self.losses_of(event).map(|(_, at, _)| *at)
    }

    /// The losses of the event's counts.
    pub(super) fn losses_of(&self, event: &str) -> impl Iterator<Item = &'a LossRecord> {
        let concerns = move |lost: &&LossRecord| lost.0.as_deref().is_none_or(|lost| lost == event);
        self.engine.losses.iter().filter(concerns)
    }

    pub(crate) fn has_losses(&self) -> bool {
        !self.engine.losses.is_empty()
    }

    /// Whether there is a reservation of any event.
    #[inline]
    pub(crate) fn has_reservations(&self) -> bool {
        !self.engine.process_reservations.is_empty() || !self.engine.reserved.is_empty()
    }

    /// How many reservations of the event end with the process.
    pub(crate) fn process_reservations(&self, event: &str) -> u64 {
        self.engine.process_reservations.pending(event).into()
    }

    /// The stored reservations of the event, expired ones included.
    pub(crate) fn stored_reservations(&self, event: &str) -> &'a [ReservationRecord] {
        self.engine.events.get(event).map_or(&[], Entry::reservations)
    }
}
