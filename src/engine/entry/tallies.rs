//! What an event counts since occurrences of markers, and what a marker keeps of its latest
//! occurrence.
//!
//! A *tally* is how often this store recorded the event since an occurrence. It belongs to the
//! event, not to a cell: it goes on if the store begins another cell or leaves its lane. If
//! anything else than a recording changes what this device counted, the tally is not known any
//! more, until the marker occurs again.

use std::collections::BTreeMap;

use super::Entry;
use crate::bounds::MAX_SMALL_STEP;
use crate::codec::{self, LocalPart, MarkerRecord, TallyRecord};
use crate::counter::lane::{CellKey, LaneCell};
use crate::counter::stamp::Stamp;
use crate::counter::view::View;
use crate::time::instant::shifted;

/// How often this store recorded an event since an occurrence of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) occurrence: Stamp,
    /// Absent if it is not known.
    pub(crate) count: Option<u64>,
}

/// A recording of a marker by this store, as it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MarkerTime {
    /// It names the occurrence. Whatever this store recorded later has a higher number.
    pub(crate) stamp: Stamp,
    /// The instant, by the clock of that time.
    pub(crate) at: i64,
    /// The same instant, or an earlier one: the most probable instant by the clock as it is now, if
    /// that went back to before `at` since. It stays so when the clock passes `at`.
    pub(crate) probable: i64,
}

impl MarkerTime {
    /// A recording at this instant.
    pub(crate) fn new(stamp: Stamp, at: i64) -> MarkerTime {
        MarkerTime { stamp, at, probable: at }
    }

    /// An instant that is not later than that of the recording; absent if none is certain.
    pub(crate) fn earliest(self, view: &View) -> Option<i64> {
        let MarkerTime { stamp, at, probable } = self;
        let is_certain = view.is_past(at, stamp.number) && at.saturating_sub(probable) <= MAX_SMALL_STEP;
        is_certain.then_some(probable)
    }

    /// Whether the instant is that of the recording.
    pub(crate) fn is_certain(self, view: &View) -> bool {
        let MarkerTime { stamp, at, probable } = self;
        probable == at && view.own_time(at, stamp.number) == at
    }

    /// Takes in that the clock went back by `by` milliseconds to `now`.
    pub(crate) fn put_back(self, now: i64, by: i64) -> MarkerTime {
        let MarkerTime { probable, .. } = self;
        let probable =
            if probable > now { shifted(probable, by.saturating_neg()).min(now) } else { probable };
        MarkerTime { probable, ..self }
    }

    /// Takes in that the clock was set by `jump` milliseconds. A number above `after` shows that it
    /// was recorded under the step. Otherwise the clock comes closer to what it showed then.
    pub(crate) fn shifted(self, after: u64, jump: i64) -> MarkerTime {
        let MarkerTime { stamp, at, probable } = self;
        let (at, moved) = match stamp.number > after {
            true => (shifted(at, jump), shifted(probable, jump)),
            false if probable < at => (at, shifted(probable, jump).min(at)),
            false => (at, probable),
        };
        MarkerTime { stamp, at, probable: moved }
    }
}

/// What a store keeps of a marker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MarkerState {
    /// Its latest occurrence; absent if a recording that was dated back is later, if the store did
    /// not record the latest one, or if it was not a marker then.
    latest: Option<MarkerTime>,
    /// The text that was recorded with it.
    text: Option<Box<str>>,
}

impl Entry {
    /// How often this store recorded the event since an occurrence; absent if that is not known.
    pub(crate) fn count_since(&self, occurrence: Stamp, view: &View) -> Option<u64> {
        match self.tallies().iter().find(|tally| tally.occurrence == occurrence) {
            Some(tally) => tally.count,
            // Each recording begins a tally. So without one, the event was not recorded since, or
            // the marker was not declared then.
            None => (self.last_change(view) <= occurrence.number).then_some(0),
        }
    }

    #[inline]
    pub(crate) fn tallies(&self) -> &[Tally] {
        self.origin.as_ref().map_or(&[], |origin| &origin.tallies)
    }

    #[inline]
    pub(crate) fn tallies_mut(&mut self) -> &mut [Tally] {
        self.origin.as_mut().map_or(&mut [], |origin| &mut origin.tallies)
    }

    #[inline(never)]
    pub(crate) fn set_tallies(&mut self, tallies: &[Tally]) {
        let known = self.tallies_mut();
        // A marker that occurs again takes no new memory.
        match known.len() == tallies.len() {
            true => known.copy_from_slice(tallies),
            false => self.change_origin(|origin| origin.tallies = tallies.into()),
        }
    }

    /// The number of the last change of a cell of this device.
    fn last_change(&self, view: &View) -> u64 {
        let earlier = self.earlier().iter().map(|cell| cell.stamp.number);
        let retired = self.retired_cells(view).map(|cell| cell.stamp.number);
        earlier.chain(retired).fold(self.stamp.number, u64::max)
    }

    /// The cells that this store counted in lanes that it left.
    fn retired_cells(&self, view: &View) -> impl Iterator<Item = &LaneCell> {
        self.iter_others().filter(move |cell| view.is_retired(cell.lane))
    }

    /// The cells that this store counted in lanes that it left, each with its last change and its
    /// count.
    pub(crate) fn retired_counts(&self, view: &View) -> BTreeMap<CellKey, (Stamp, u64)> {
        let count = |cell: &LaneCell| (cell.key(), (cell.stamp, cell.body.head().lifetime));
        self.retired_cells(view).map(count).collect()
    }

    /// How many cells of this device there are.
    pub(crate) fn device_cells(&self, view: &View) -> usize {
        self.retired_cells(view).count() + self.earlier().len() + usize::from(self.own.is_some())
    }

    /// Takes in that cells of this device were dropped, of which there were `before`. The counts
    /// since `occurrences` are not known any more. If no cell is left, nothing counts any more.
    pub(crate) fn note_dropped(
        &mut self,
        before: usize,
        view: &View,
        occurrences: impl Iterator<Item = Stamp>,
    ) {
        match self.device_cells(view) {
            left if left >= before => {}
            0 => {
                self.set_tallies(&[]);
                self.change_origin(|origin| origin.marker = None);
                self.stamp = Stamp::default();
                self.stale.event = true;
            }
            _ => self.forget_since(occurrences),
        }
    }

    /// Makes the counts since `occurrences` unknown, and which occurrence is the latest, because
    /// what this device counted was changed by something else than a recording.
    pub(crate) fn forget_since(&mut self, occurrences: impl Iterator<Item = Stamp>) {
        let unknown = occurrences.map(|occurrence| Tally { occurrence, count: None });
        self.set_tallies(&unknown.collect::<Vec<_>>());
        self.set_latest(None);
        self.stale.event = true;
    }

    /// The latest occurrence of a marker.
    #[inline]
    pub(crate) fn latest(&self) -> Option<MarkerTime> {
        self.origin.as_ref()?.marker.as_ref()?.latest
    }

    pub(crate) fn set_latest(&mut self, latest: Option<MarkerTime>) {
        self.change_marker(|marker| marker.latest = latest);
    }

    /// Whether it is a marker whose latest occurrence the storage may not have.
    pub(crate) fn is_unwritten_occurrence(&self) -> bool {
        self.marks.unwritten && self.latest().is_some()
    }

    /// The text that was recorded with a marker.
    pub(crate) fn marker_text(&self) -> Option<&str> {
        self.origin.as_ref()?.marker.as_ref()?.text.as_deref()
    }

    pub(crate) fn set_marker_text(&mut self, text: &str) {
        self.change_marker(|marker| marker.text = Some(text.into()));
    }

    fn change_marker(&mut self, change: impl FnOnce(&mut MarkerState)) {
        self.change_origin(|origin| {
            let mut marker = origin.marker.take().unwrap_or_default();
            change(&mut marker);
            origin.marker = (*marker != MarkerState::default()).then_some(marker);
        });
    }

    /// Changes the instant of the latest occurrence of a marker. Returns whether it is another one.
    pub(crate) fn change_latest(&mut self, change: impl Fn(MarkerTime) -> MarkerTime) -> bool {
        let before = self.latest();
        let after = before.map(change);
        if after != before {
            self.set_latest(after);
        }
        after != before
    }

    /// Takes over what was stored about markers. `is_marker` says whether the event is one now. If
    /// it is not, it is recorded without a note of that.
    pub(crate) fn set_stored_marks(&mut self, local: LocalPart, is_marker: bool) {
        let tally =
            |TallyRecord { occurrence, count }| Tally { occurrence: codec::stamp_of(occurrence), count };
        self.set_tallies(&local.tallies.into_iter().map(tally).collect::<Vec<_>>());
        if let Some(MarkerRecord { latest, text }) = local.marker.filter(|_| is_marker) {
            let latest = latest.map(|(stamp, at, probable)| MarkerTime {
                stamp: codec::stamp_of(stamp),
                at,
                probable,
            });
            self.change_marker(|marker| *marker = MarkerState { latest, text: text.map(Into::into) });
        }
    }

    /// Adds the stored part about markers to what was recorded before it was read. `self` has the
    /// stored part.
    pub(super) fn add_recorded_marks(
        &mut self,
        recorded: &Entry,
        view: &View,
        occurrences: impl Iterator<Item = Stamp>,
    ) {
        let sum = |occurrence| {
            let (stored, added) =
                (self.count_since(occurrence, view), recorded.count_since(occurrence, view));
            Tally { occurrence, count: stored.zip(added).map(|(one, other)| one.saturating_add(other)) }
        };
        let tallies: Vec<Tally> = occurrences.map(sum).collect();
        self.set_tallies(&tallies);
        if recorded.counts_own() {
            // What was not noted as an occurrence may be later than the stored one.
            self.set_latest(recorded.latest());
        }
        if let Some(text) = recorded.marker_text() {
            self.set_marker_text(text);
        }
    }

    /// Appends the sections about markers.
    pub(super) fn put_marks(&self, out: &mut Vec<u8>) {
        let Some(origin) = &self.origin else { return };
        if origin.tallies.is_empty() && origin.marker.is_none() {
            return;
        }
        let record = |tally: &Tally| TallyRecord {
            occurrence: codec::stamp_record(tally.occurrence),
            count: tally.count,
        };
        let tallies: Vec<TallyRecord> = origin.tallies.iter().map(record).collect();
        let marker = origin.marker.as_ref().map(|marker| MarkerRecord {
            latest: marker
                .latest
                .map(|latest| (codec::stamp_record(latest.stamp), latest.at, latest.probable)),
            text: marker.text.as_deref().map(str::to_owned),
        });
        codec::put_marked(&tallies, marker.as_ref(), out);
    }

    /// The bytes of memory that what belongs to markers takes.
    pub(super) fn heap_of_marks(&self) -> usize {
        let Some(origin) = &self.origin else { return 0 };
        let marker = origin
            .marker
            .as_ref()
            .map_or(0, |marker| size_of::<MarkerState>() + marker.text.as_ref().map_or(0, |text| text.len()));
        origin.tallies.len() * size_of::<Tally>() + marker
    }
}
