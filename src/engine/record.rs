//! Counting, and which events have to be written because of it.

use super::Engine;
use super::entry::{Entry, Marks};
use super::markers::{BUILT_IN, Markers};
use super::name_list::NameList;
use super::watches::Watches;
use crate::counter::cell::Moment;
use crate::time::bucket::Numbers;

impl Engine {
    /// Counts what happens now. `may_be_stored` is asked for new events only.
    #[inline]
    pub(crate) fn record(&mut self, name: &str, count: u64, may_be_stored: impl FnOnce() -> bool) {
        self.record_counts(name, count, may_be_stored);
        if !self.markers.is_empty() && count > 0 && self.markers.has(name) {
            self.note_occurrence(name, None);
        }
    }

    /// `record` without the note that a marker occurred.
    #[inline]
    pub(super) fn record_counts(&mut self, name: &str, count: u64, may_be_stored: impl FnOnce() -> bool) {
        let now = self.clock.now();
        if let Some(entry) = self.events.get_mut(name)
            && entry.own.is_some()
            && !entry.deleted_pending_write
            && entry.birth.number > self.clock.births.begun_after
        {
            if count > 0 {
                if !self.markers.is_empty() {
                    self.markers.begin_tallies(entry, &self.clock.view);
                    Markers::add(entry, count);
                }
                let Some(own) = &mut entry.own else { return };
                own.record(
                    &self.clock.tracking,
                    &self.clock.tracked_numbers,
                    now,
                    self.clock.offset(),
                    count,
                );
                entry.observe_clock(now);
                entry.stamp = self.stamps.next_of_cell(now);
                mark(entry, self.writes_in_background, &mut self.write_queue, &mut self.watches, name);
            }
            return;
        }
        self.open_own(name, now, may_be_stored);
        let (tracking, current) = (&self.clock.tracking, &self.clock.tracked_numbers);
        let Some(entry) = self.events.get_mut(name) else { return };
        if let Some(own) = &mut entry.own {
            own.record(tracking, current, now, self.clock.offset(), count);
        }
        Markers::add(entry, count);
    }

    /// Counts what happened at `at`, which is not after `now`.
    pub(crate) fn record_at(
        &mut self,
        at: i64,
        name: &str,
        count: u64,
        may_be_stored: impl FnOnce() -> bool,
    ) {
        let now = self.clock.now();
        if count == 0 && self.counts_itself(name) {
            return;
        }
        if at >= now {
            return self.record(name, count, may_be_stored);
        }
        self.open_own(name, now, may_be_stored);
        let segment = self.clock.zone.segment(at);
        let numbers = Numbers::at(at, segment.offset);
        let current = &self.clock.view.current.numbers;
        let moment = Moment { at, numbers: &numbers, offset: segment.seconds(), now, current };
        let tracking = &self.clock.tracking;
        if let Some(own) = self.events.get_mut(name).and_then(|entry| entry.own.as_mut()) {
            own.record_at(tracking, moment, count);
        }
        if !self.markers.is_empty() && count > 0 {
            self.note_dated(name, at, count);
        }
    }

    /// Whether this store has a cell of its own for the event.
    pub(crate) fn counts_itself(&self, name: &str) -> bool {
        self.events.get(name).is_some_and(Entry::counts_itself)
    }

    /// Makes sure that the event has a cell of this store, and gives it a new stamp.
    fn open_own(&mut self, name: &str, now: i64, may_be_stored: impl FnOnce() -> bool) {
        if BUILT_IN.contains(&name) {
            self.markers.declare(name);
        }
        if !self.events.contains(name) {
            self.events.insert(Entry::new(name)).unloaded = may_be_stored();
        }
        let Some(entry) = self.events.get_mut(name) else { return };
        entry.deleted_pending_write = false;
        entry.observe_clock(now);
        if !self.markers.is_empty() {
            self.markers.begin_tallies(entry, &self.clock.view);
        }
        let stamp = self.stamps.next_of_cell(now);
        let before = std::mem::replace(&mut entry.stamp, stamp);
        // What is counted under a large step of the clock must not mix with what was counted before.
        let is_older = entry.birth.number <= self.clock.births.begun_after && entry.has_room_for_cell();
        if entry.own.is_none() || is_older {
            entry.begin_cell(stamp, before, &self.clock.tracking);
        }
        mark(entry, self.writes_in_background, &mut self.write_queue, &mut self.watches, name);
    }

    /// Marks an event as changed.
    pub(super) fn touch(&mut self, name: &str) {
        if let Some(entry) = self.events.get_mut(name) {
            mark(entry, self.writes_in_background, &mut self.write_queue, &mut self.watches, name);
        }
    }

    /// Marks an event as changed of which only the values that are marked as stale changed.
    pub(super) fn touch_stale(&mut self, name: &str) {
        if let Some(entry) = self.events.get_mut(name) {
            mark_due(entry, self.writes_in_background, &mut self.write_queue, &mut self.watches, name);
        }
    }

    /// Marks every event in memory as changed, with all of its values.
    pub(crate) fn touch_all(&mut self) {
        let names: Vec<Box<str>> = self.events.names().map(Box::from).collect();
        for name in &names {
            if let Some(entry) = self.events.get_mut(name) {
                entry.stale.others |= entry.has_others();
            }
            self.touch(name);
        }
    }

    /// Whether the writer has to be woken. It answers true once for each filling of the queue.
    #[inline]
    pub(crate) fn take_wake_request(&mut self) -> bool {
        let due = !self.wake_sent && !self.write_queue.is_empty();
        self.wake_sent |= due;
        due
    }

    /// Undoes `take_wake_request`, because the writer could not be woken.
    pub(crate) fn return_wake_request(&mut self) {
        self.wake_sent = false;
    }
}

#[inline]
fn mark(entry: &mut Entry, in_background: bool, queue: &mut NameList, watches: &mut Watches, name: &str) {
    entry.stale.event = true;
    mark_due(entry, in_background, queue, watches, name);
}

/// Every change of an event comes here.
#[inline]
fn mark_due(entry: &mut Entry, in_background: bool, queue: &mut NameList, watches: &mut Watches, name: &str) {
    if in_background && !entry.marks.unwritten {
        queue.push(name);
    }
    entry.marks = Marks::ALL;
    watches.note(name);
}
