//! Reservations: those that end with the process, and those that are stored.

use std::collections::HashMap;

use chrono::Duration;
use foldhash::fast::RandomState;

use super::Engine;
use super::entry::Entry;
use crate::bounds::MAX_STORED_RESERVATIONS;
use crate::codec::ReservationRecord;
use crate::counter::view::View;
use crate::error::Error;

/// The bit of a key that says that several events have a part of the reservation. All of them must
/// be readable then.
const SEVERAL: u64 = 2;

/// How many reservations that end with the process are pending, by event.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct ProcessReservations {
    by_event: HashMap<Box<str>, Pending, RandomState>,
    total: u64,
}

/// The pending reservations of one event.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
struct Pending {
    count: u32,
    /// How often the event was erased since its first one.
    erasures: u32,
}

impl ProcessReservations {
    /// Adds one. Returns how often the event was erased before.
    fn add(&mut self, name: &str) -> u32 {
        self.total += 1;
        if let Some(pending) = self.by_event.get_mut(name) {
            pending.count = pending.count.saturating_add(1);
            return pending.erasures;
        }
        self.by_event.insert(name.into(), Pending { count: 1, erasures: 0 });
        0
    }

    /// Ends one. Returns how often the event was erased. The name is kept for the next reservation
    /// until `shrink`.
    fn remove(&mut self, name: &str) -> u32 {
        let Some(pending) = self.by_event.get_mut(name).filter(|pending| pending.count > 0) else { return 0 };
        pending.count -= 1;
        self.total = self.total.saturating_sub(1);
        pending.erasures
    }

    /// Notes that an event was erased.
    pub(super) fn note_erased(&mut self, name: &str) {
        if let Some(pending) = self.by_event.get_mut(name) {
            pending.erasures = pending.erasures.wrapping_add(1);
        }
    }

    /// Notes that every event was erased.
    pub(super) fn note_all_erased(&mut self) {
        self.by_event.values_mut().for_each(|pending| pending.erasures = pending.erasures.wrapping_add(1));
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.total == 0
    }

    pub(super) fn pending(&self, name: &str) -> u32 {
        self.by_event.get(name).map_or(0, |pending| pending.count)
    }

    /// Drops the names without pending reservations.
    pub(super) fn shrink(&mut self) {
        self.by_event.retain(|_, pending| pending.count > 0);
    }
}

/// The names of the events that may have stored reservations.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct ReservedEvents {
    /// Ascending.
    pub(super) names: Vec<Box<str>>,
    /// Whether the names changed since they were taken for writing.
    pub(super) is_changed: bool,
    /// Whether a page of them is stored or has to be stored. The page can be empty.
    pub(super) has_page: bool,
}

impl ReservedEvents {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(super) fn insert(&mut self, name: &str) {
        if let Err(at) = self.place(name) {
            self.names.insert(at, name.into());
            (self.is_changed, self.has_page) = (true, true);
        }
    }

    /// Adds the names of a stored page, all at once: a damaged page can hold very many.
    pub(super) fn load(&mut self, names: &[&str]) {
        self.names.extend(names.iter().map(|name| Box::from(*name)));
        self.names.sort_unstable();
        self.names.dedup();
        (self.is_changed, self.has_page) = (false, true);
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Forgets an event that was removed by a write that also stored the list without it.
    pub(super) fn forget_removed(&mut self, name: &str) {
        if let Ok(at) = self.place(name) {
            self.names.remove(at);
        }
    }

    /// The index of a name, or where it has to be inserted.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.names.binary_search_by(|known| (**known).cmp(name))
    }

    fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let before = self.names.len();
        self.names.retain(|name| keep(name));
        self.is_changed |= self.names.len() < before;
    }
}

impl ReservationRecord {
    /// When it expires. One made under a clock that was ahead counts from the notice of the step.
    pub(crate) fn expires(&self, view: &View) -> i64 {
        view.own_time(self.made, self.number).saturating_add(self.duration)
    }
}

impl Engine {
    /// Adds a reservation that ends with the process. Returns a number by which its end tells
    /// whether the event was erased meanwhile.
    pub(crate) fn reserve(&mut self, name: &str) -> u32 {
        self.watches.note(name);
        self.process_reservations.add(name)
    }

    /// Ends a reservation for which `reserve` returned `erasures`. Returns whether the event was
    /// erased meanwhile.
    pub(crate) fn end_reservation(&mut self, name: &str, erasures: u32) -> bool {
        self.watches.note(name);
        self.process_reservations.remove(name) != erasures
    }

    /// The count to record when a reservation of `event` ends; absent if nothing is to be recorded.
    ///
    /// A cancelled reservation records 0, so that the event becomes known. It records nothing if
    /// the event was erased since it was reserved, or if this store counts it.
    pub(crate) fn count_at_end(&self, event: &str, was_erased: bool, commit: bool) -> Option<u64> {
        if commit {
            return Some(1);
        }
        (!was_erased && !self.counts_itself(event)).then_some(0)
    }

    /// The events that may have stored reservations, in memory or not.
    pub(crate) fn reserved_events(&self) -> Vec<Box<str>> {
        self.reserved.names.clone()
    }

    /// The stored reservations of events in memory that have not expired, oldest first: the event,
    /// the reservation and the milliseconds until it expires.
    pub(crate) fn pending_reservations(&self) -> Vec<(&str, &ReservationRecord, i64)> {
        let (view, now) = (&self.clock.view, self.clock.now());
        let timed = self
            .stored_reservations()
            .map(|(name, reservation)| (name, reservation, reservation.expires(view).saturating_sub(now)));
        let mut pending: Vec<_> = timed.filter(|(_, _, left)| *left > 0).collect();
        pending.sort_unstable_by_key(|(_, reservation, _)| reservation.number);
        pending
    }

    /// Adds a stored reservation and returns its key, which is made from `random`. Each of the
    /// events has a part of it with the same key. The first one is the event of the decision.
    ///
    /// # Errors
    /// `Storage` if there are `MAX_STORED_RESERVATIONS` parts that have not expired.
    pub(crate) fn reserve_stored(
        &mut self,
        events: &[&str],
        duration: Duration,
        random: [u8; 16],
    ) -> crate::error::Result<u64> {
        let is_full = |engine: &Engine| {
            engine.stored_reservations().count().saturating_add(events.len()) > MAX_STORED_RESERVATIONS
        };
        if is_full(self) {
            let now = self.clock.now();
            self.drop_reservations_if(|reservation, view| reservation.expires(view) <= now);
        }
        if is_full(self) {
            return Err(Error::Storage(format!(
                "there are {MAX_STORED_RESERVATIONS} stored reservations already; commit or cancel \
                 some of them first"
            )));
        }
        // Apps keep numbers as 64 signed bits: the key is positive and fits.
        let random = u64::from_le_bytes(*random.first_chunk().unwrap_or(&[0; 8])) >> 2;
        let several = if events.len() > 1 { SEVERAL } else { 0 };
        let key = random & !SEVERAL | several | 1;
        let (made, duration) = (self.clock.now(), duration.num_milliseconds());
        for event in events {
            let number = self.next_stamp().number;
            if !self.events.contains(event) {
                self.events.insert(Entry::new(event));
            }
            if let Some(entry) = self.events.get_mut(event) {
                entry.add_reservation(ReservationRecord { key, number, made, duration });
            }
            self.reserved.insert(event);
            self.touch(event);
        }
        Ok(key)
    }

    /// Whether the key is that of a reservation of several events.
    pub(crate) fn reserves_several(key: u64) -> bool {
        key & SEVERAL != 0
    }

    /// The events of a pending stored reservation, that of the decision first. Only events in
    /// memory are searched.
    ///
    /// # Errors
    /// `ReservationExpired` if it has expired and is still remembered, otherwise `InvalidArgument`
    /// if there is none with this key.
    pub(crate) fn reserved_by(&self, key: u64) -> crate::error::Result<Vec<Box<str>>> {
        let pending = self.pending_reservations().into_iter();
        let found = pending.filter(|(_, reservation, _)| reservation.key == key);
        let events: Vec<Box<str>> = found.map(|(name, ..)| Box::from(name)).collect();
        if !events.is_empty() {
            return Ok(events);
        }
        let expired = self.stored_reservations().filter(|(_, reservation)| reservation.key == key);
        if let Some((event, _)) = expired.min_by_key(|(_, reservation)| reservation.number) {
            return Err(Error::ReservationExpired { event: event.to_owned() });
        }
        Err(Error::InvalidArgument(
            "there is no pending reservation with this key: it was committed or cancelled before, it expired \
             days ago, or its event was erased; reserve again"
                .into(),
        ))
    }

    /// Removes a stored reservation of an event whether or not it has expired.
    pub(crate) fn forget_reservation(&mut self, name: &str, key: u64) {
        self.retain_reservations(name, |reservation| reservation.key != key);
    }

    /// Drops the stored reservations of an event. Those that end with the process stay pending.
    pub(crate) fn drop_reservations(&mut self, name: &str) {
        self.retain_reservations(name, |_| false);
        self.process_reservations.shrink();
    }

    fn retain_reservations(&mut self, name: &str, keep: impl Fn(&ReservationRecord) -> bool) {
        if self.events.get_mut(name).is_some_and(|entry| entry.retain_reservations(keep)) {
            self.touch(name);
        }
    }

    /// Drops the names of events that are not stored. It is called right after the list was read.
    pub(crate) fn drop_unstored_reserved(&mut self, may_be_stored: impl Fn(&str) -> bool) {
        self.reserved.retain(may_be_stored);
    }

    /// Drops stored reservations that expired before the horizon, and removes events that are
    /// stored without reservations from the list of reserved events.
    pub(super) fn drop_old_reservations(&mut self) {
        if self.reserved.is_empty() {
            return;
        }
        let is_stored_without =
            |entry: &Entry| !entry.unloaded && !entry.marks.unwritten && entry.reservations().is_empty();
        let events = &self.events;
        self.reserved.retain(|name| !events.get(name).is_some_and(is_stored_without));
        if let Some(horizon) = self.horizon_instant() {
            self.drop_reservations_if(|reservation, view| reservation.expires(view) < horizon);
        }
    }

    fn drop_reservations_if(&mut self, ends: impl Fn(&ReservationRecord, &View) -> bool) {
        let names = self.reserved_events();
        for name in names {
            let (view, entry) = (&self.clock.view, self.events.get_mut(&name));
            if entry.is_some_and(|entry| entry.retain_reservations(|one| !ends(one, view))) {
                self.touch(&name);
            }
        }
    }

    /// The stored reservations of events in memory, each with its event.
    fn stored_reservations(&self) -> impl Iterator<Item = (&str, &ReservationRecord)> {
        let entries = self.reserved.names.iter().filter_map(|name| self.events.get(name));
        entries.flat_map(|entry| entry.reservations().iter().map(|reservation| (&*entry.name, reservation)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter::tracking::Tracking;
    use crate::time::zone::Zone;

    #[test]
    fn a_reservation_of_several_events_ends_as_one() {
        let mut engine = Engine::new(Tracking::default(), Zone::default());
        let mut reserve = |events: &[&str], random| {
            engine.reserve_stored(events, Duration::hours(1), [random; 16]).unwrap()
        };
        let (one, several) = (reserve(&["b"], 255), reserve(&["b", "a"], 0));
        assert!(!Engine::reserves_several(one) && Engine::reserves_several(several));
        assert_eq!(engine.reserved_by(several).unwrap(), [Box::from("b"), Box::from("a")]);
        engine.forget_reservation("b", several);
        engine.forget_reservation("a", several);
        assert!(engine.reserved_by(several).is_err());
        assert_eq!(engine.reserved_by(one).unwrap(), [Box::from("b")]);
    }
}
