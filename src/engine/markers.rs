//! Markers: events since whose latest recording other events are counted.
//!
//! Each recording of a marker as it happens is an *occurrence*, which is named by a stamp that is
//! issued only once. The entry of each event keeps a tally for the latest occurrence of each
//! marker (`entry/tallies.rs`). A tally is begun by the first recording of the event after the
//! occurrence, so recording a marker changes no other event.

use arrayvec::ArrayVec;

use super::Engine;
use super::entry::{Entry, MarkerTime, Tally};
use crate::bounds::MAX_ALL_MARKERS;
use crate::counter::stamp::Stamp;
use crate::counter::view::View;
use crate::event_id::{APP_VERSION, SESSION};

/// The markers of every store. Only what this device recorded of them begins a window.
pub(crate) const BUILT_IN: [&str; 2] = [SESSION, APP_VERSION];

/// The markers of a store.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Markers {
    /// The markers, each with its latest occurrence if this store knows it.
    declared: Vec<(Box<str>, Option<MarkerTime>)>,
    /// The occurrences among them.
    current: Vec<MarkerTime>,
}

impl Markers {
    /// Whether there is any, so that recordings have to be noted.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    /// Makes an event a marker.
    pub(crate) fn declare(&mut self, name: &str) {
        if !self.has(name) {
            self.declared.push((name.into(), None));
        }
    }

    #[inline]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.declared.iter().any(|(known, _)| **known == *name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.declared.iter().map(|(name, _)| &**name)
    }

    /// The stamps of the latest occurrences.
    pub(super) fn occurrences(&self) -> impl Iterator<Item = Stamp> {
        self.current.iter().map(|latest| latest.stamp)
    }

    /// The latest occurrence of a marker.
    fn latest(&self, name: &str) -> Option<MarkerTime> {
        self.declared.iter().find(|(known, _)| **known == *name)?.1
    }

    /// Sets the latest occurrence of a marker.
    pub(super) fn set(&mut self, name: &str, latest: Option<MarkerTime>) {
        if let Some((_, known)) = self.declared.iter_mut().find(|(known, _)| **known == *name) {
            *known = latest;
            self.renew();
        }
    }

    fn renew(&mut self) {
        self.current.clear();
        self.current.extend(self.declared.iter().filter_map(|(_, latest)| *latest));
    }

    /// Changes the instants of the occurrences.
    pub(super) fn change_times(&mut self, change: impl Fn(MarkerTime) -> MarkerTime) {
        for latest in self.declared.iter_mut().filter_map(|(_, latest)| latest.as_mut()) {
            *latest = change(*latest);
        }
        self.renew();
    }

    /// Makes the tallies of an event those of the latest occurrences. It has to be called before
    /// the stamp of the event changes.
    #[inline]
    pub(super) fn begin_tallies(&self, entry: &mut Entry, view: &View) {
        let tallies = entry.tallies();
        let is_same = |(tally, latest): (&Tally, &MarkerTime)| tally.occurrence == latest.stamp;
        if tallies.len() != self.current.len() || !tallies.iter().zip(&self.current).all(is_same) {
            self.renew_tallies(entry, view);
        }
    }

    #[inline(never)]
    fn renew_tallies(&self, entry: &mut Entry, view: &View) {
        let tally = |occurrence| Tally { occurrence, count: entry.count_since(occurrence, view) };
        let tallies: ArrayVec<Tally, MAX_ALL_MARKERS> =
            self.occurrences().map(tally).take(MAX_ALL_MARKERS).collect();
        entry.set_tallies(&tallies);
    }

    /// Adds what happens now to the tallies of an event.
    #[inline]
    pub(super) fn add(entry: &mut Entry, count: u64) {
        for tally in entry.tallies_mut().iter_mut() {
            tally.count = tally.count.map(|known| known.saturating_add(count));
        }
    }

    /// Adds what happened at the earlier instant `at` to the tallies of an event.
    fn add_at(&self, entry: &mut Entry, at: i64, count: u64, view: &View) {
        for (tally, latest) in entry.tallies_mut().iter_mut().zip(&self.current) {
            let added = match latest.is_certain(view) {
                true => Some(if at > latest.at { count } else { 0 }),
                // The clock went back since, so it is not known which was first.
                false => None,
            };
            tally.count = tally.count.zip(added).map(|(known, added)| known.saturating_add(added));
        }
    }
}

impl Engine {
    /// Makes an event a marker.
    pub(crate) fn declare_marker(&mut self, name: &str) {
        self.markers.declare(name);
    }

    /// Whether a window can begin with the event.
    #[inline]
    pub(crate) fn is_marker(&self, name: &str) -> bool {
        self.markers.has(name) || BUILT_IN.contains(&name)
    }

    /// Takes over the latest occurrence of a marker from its entry, after that was changed by
    /// something else than a recording. The instant of an occurrence that is known stays: the clock
    /// can have gone back while the entry was not in memory.
    pub(super) fn renew_marker(&mut self, name: &str) {
        let known = self.markers.latest(name);
        if self.markers.has(name)
            && let Some(entry) = self.events.get_mut(name)
        {
            let is_same = |latest: MarkerTime| known.filter(|known| known.stamp == latest.stamp);
            let is_changed = entry.change_latest(|latest| is_same(latest).unwrap_or(latest));
            self.markers.set(name, entry.latest());
            if is_changed {
                self.touch(name);
            }
        }
    }

    /// Takes in that the clock went back by `by` milliseconds to `now`. Of an occurrence that lies
    /// ahead of it, it is not known any more when it was.
    pub(super) fn put_markers_back(&mut self, now: i64, by: i64) {
        self.markers.change_times(|latest| latest.put_back(now, by));
        let names: Vec<Box<str>> = self.markers.names().map(Box::from).collect();
        names.iter().for_each(|name| self.renew_marker(name));
    }

    /// A marker that was just recorded occurred now. `stamp` names the occurrence; without one it
    /// is the stamp that the event got.
    #[inline(never)]
    pub(super) fn note_occurrence(&mut self, name: &str, stamp: Option<Stamp>) {
        let at = self.clock.now();
        if let Some(entry) = self.events.get_mut(name) {
            let latest = Some(MarkerTime::new(stamp.unwrap_or(entry.stamp), at));
            entry.set_latest(latest);
            self.markers.set(name, latest);
        }
    }

    /// Records several events in one step. None of them happens after another one, so none counts
    /// since another one that is a marker.
    pub(crate) fn record_together<'n>(
        &mut self,
        events: impl Iterator<Item = (&'n str, u64)> + Clone,
        may_be_stored: impl Fn(&str) -> bool,
    ) {
        for (name, count) in events.clone() {
            self.record_counts(name, count, || may_be_stored(name));
        }
        if self.markers.is_empty() {
            return;
        }
        for (name, _) in events.filter(|(_, count)| *count > 0) {
            if self.markers.has(name) {
                // Every event of the step has an earlier number.
                let stamp = self.next_stamp();
                self.note_occurrence(name, Some(stamp));
            }
        }
    }

    /// Notes a recording that was dated back to `at`. It has to be called after the event got its
    /// stamp.
    #[inline(never)]
    pub(super) fn note_dated(&mut self, name: &str, at: i64, count: u64) {
        let Engine { events, markers, clock, .. } = self;
        let Some(entry) = events.get_mut(name) else { return };
        markers.add_at(entry, at, count, &clock.view);
        if !markers.has(name) {
            return;
        }
        let is_earlier =
            entry.latest().is_some_and(|latest| latest.is_certain(&clock.view) && at <= latest.at);
        if !is_earlier {
            entry.set_latest(None);
            markers.set(name, None);
        }
    }

    /// Records a text with the latest recording of a marker.
    pub(crate) fn set_marker_text(&mut self, name: &str, text: &str) {
        if let Some(entry) = self.events.get_mut(name) {
            entry.set_marker_text(text);
        }
    }

    /// The text that was last recorded with a marker.
    pub(crate) fn marker_text(&self, name: &str) -> Option<&str> {
        self.events.get(name).filter(|entry| entry.is_known())?.marker_text()
    }
}
