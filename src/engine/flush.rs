//! From memory to the storage: which events are due, their stored form, and what happens to their
//! marks when the write has ended.

use super::Engine;
use super::changes::Changes;
use super::entry::{Entry, Marks, Stale};
use super::pages::{List, PageId};
use crate::codec;
use crate::counter::lane::LaneId;
use crate::counter::tracking::Tracking;
use crate::error::Result;
use crate::storage::key::Part;

/// Which events a write is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Due<'a> {
    /// Events that changed since they were last handed to the storage: what is written in the
    /// background.
    Unwritten,
    /// Some events. If changes are written in the background, everything that changed before them
    /// too.
    Events(&'a [&'a str]),
    /// Events that changed since the last persist.
    Dirty,
    /// Events that a power loss would lose.
    Undurable,
    /// Everything in memory.
    All,
}

impl Due<'_> {
    fn includes(self, entry: &Entry, in_background: bool) -> bool {
        // An occurrence is stored before or with whatever counts since it.
        entry.is_unwritten_occurrence()
            || match self {
                Due::Unwritten => entry.marks.unwritten,
                Due::Events(only) => entry.marks.unwritten && (in_background || only.contains(&&*entry.name)),
                Due::Dirty => entry.marks.dirty || (in_background && entry.marks.unwritten),
                Due::Undurable => entry.marks.undurable,
                Due::All => true,
            }
    }
}

impl Engine {
    /// Whether a persist would save an event that changed.
    pub(crate) fn has_dirty_event(&self) -> bool {
        self.events.iter().any(|entry| entry.marks.dirty)
    }

    /// Adds the stored form of what is due to `changes` and clears its marks. Events whose stored
    /// part was not read, and events that need a lane before there is one, stay due. The clock must
    /// have been moved to now.
    pub(crate) fn gather(
        &mut self,
        due: Due<'_>,
        is_persist: bool,
        monotonic: Option<i64>,
        changes: &mut Changes,
    ) {
        if is_persist {
            self.observe_date(monotonic);
        }
        if matches!(due, Due::Events(events) if events.len() > 1) {
            changes.keep_together();
        }
        let horizon = self.horizon();
        self.drop_old_reservations();
        let from_queue = self.is_queued(due);
        let Engine { events, clock, lane, writes_in_background, write_queue, .. } = self;
        let (tracking, lane, all) = (&clock.tracking, *lane, matches!(due, Due::All));
        // Answers whether the event could be taken.
        let mut take = |entry: &mut Entry| {
            if entry.unloaded || (entry.counts_own() && lane.is_none()) {
                return false;
            }
            let marks = std::mem::take(&mut entry.marks);
            entry.in_flight = marks.dirty;
            if !marks.unwritten && !all {
                changes.add(&entry.name, marks, Stale::default());
                return true;
            }
            if let Some(horizon) = &horizon {
                entry.age(tracking, horizon);
            }
            if all {
                entry.stale =
                    entry.stale.or(Stale { event: true, others: entry.has_others(), ..entry.stale });
            }
            put_values(entry, marks, lane, tracking, changes);
            true
        };
        if from_queue {
            // An event that was erased, found stored and recorded again stands in the queue twice.
            // Once taken it is no longer due.
            write_queue.retain(|name| {
                events.get_mut(name).is_some_and(|entry| entry.marks.unwritten && !take(entry))
            });
        } else {
            let mut leaves_unwritten = false;
            for entry in events.iter_mut() {
                if due.includes(entry, *writes_in_background) {
                    take(entry);
                }
                leaves_unwritten |= entry.marks.unwritten;
            }
            if leaves_unwritten {
                write_queue.retain(|name| events.get(name).is_some_and(|entry| entry.marks.unwritten));
            } else {
                write_queue.clear();
            }
        }
        if changes.first().nth(1).is_some() {
            // Markers count since each other, so there is no order in which they can be saved.
            changes.keep_together();
        }
        self.wake_sent = false;
        self.gather_pages(changes);
        self.gather_end_of_reserved(changes);
    }

    /// Adds the changed pages of the lists.
    pub(crate) fn gather_pages(&mut self, changes: &mut Changes) {
        let writes_all = match self.writes_in_background {
            true => self.write_queue.is_empty(),
            false => !self.events.iter().any(|entry| entry.marks.unwritten),
        };
        if self.has_stamps() {
            self.note_previous_opening();
        }
        if std::mem::take(&mut self.lowers_claims) {
            for page in self.claim_pages() {
                changes.put_page(page, true, Engine::put_empty_page);
                self.mark_page_changed(page);
            }
        }
        for page in self.take_changed_pages(writes_all) {
            changes.put_page(page, page.list.precedes_events(), |out| self.put_page(page, out));
        }
    }

    /// Adds the list of reserved events without those that this write removes. It follows the
    /// events: until an event is removed, its reservations must be found.
    fn gather_end_of_reserved(&self, changes: &mut Changes) {
        if self.reserved.is_empty() {
            return;
        }
        let removed = |name: &str| self.reserved.contains(name).then(|| Box::from(name));
        let mut removed: Vec<Box<str>> = changes.removed().filter_map(removed).collect();
        if removed.is_empty() {
            return;
        }
        removed.sort_unstable();
        let left = self.reserved.names.iter().filter(|name| removed.binary_search(name).is_err());
        let left: Vec<&str> = left.map(|name| &**name).collect();
        let page = PageId { list: List::Reserved, page: 0 };
        changes.put_page(page, false, |out| codec::put_name_page(left.into_iter(), out));
    }

    /// Whether what is due stands in the queue, so that not every event has to be looked at.
    fn is_queued(&self, due: Due<'_>) -> bool {
        self.writes_in_background && matches!(due, Due::Unwritten | Due::Events(_))
    }

    /// The names of what is due and whose stored part was not read yet.
    pub(crate) fn unloaded<'s>(&'s self, due: Due<'s>) -> impl Iterator<Item = &'s str> {
        let from_queue = self.is_queued(due);
        let queued = self.write_queue.iter().filter(move |_| from_queue);
        let queued = queued.filter_map(|name| self.events.get(name));
        let others = (!from_queue)
            .then(|| self.events.iter().filter(move |entry| due.includes(entry, self.writes_in_background)));
        let due = queued.chain(others.into_iter().flatten());
        due.filter(|entry| entry.unloaded).map(|entry| &*entry.name)
    }

    /// Ends a write that `gather` began: restores the marks of what has to be written again.
    pub(crate) fn finish_flush(&mut self, changes: &Changes, done: &Result<()>, due: Due<'_>, sync: bool) {
        // An export makes events durable but not clean: they are still new to `export_dirty`.
        let cleans = done.is_ok() && sync && matches!(due, Due::Dirty | Due::All);
        for (name, taken, stale) in changes.marks() {
            let Some(entry) = self.events.get_mut(name) else { continue };
            let back = Marks {
                // `reset_dirty` may have cleared `in_flight` meanwhile.
                dirty: entry.in_flight && !cleans,
                unwritten: taken.unwritten && done.is_err(),
                undurable: taken.undurable && !(done.is_ok() && sync),
            };
            entry.in_flight = false;
            if done.is_err() {
                entry.stale = entry.stale.or(stale);
            }
            if back.unwritten && !entry.marks.unwritten && self.writes_in_background {
                self.write_queue.push(name);
            }
            entry.marks = entry.marks.or(back);
            if entry.deleted_pending_write && done.is_ok() && entry.marks == back {
                self.events.remove(name);
                self.reserved.forget_removed(name);
            }
        }
        if done.is_ok() {
            // It was reserved again meanwhile, and the page was written without it.
            self.reserved.is_changed |= changes.removed().any(|name| self.reserved.contains(name));
        } else {
            changes.pages().for_each(|page| self.mark_page_changed(page));
            self.lowers_claims |= changes.pages().any(|page| page.list == List::Claims);
        }
    }
}

/// Adds the values of an event that lack what is in memory.
fn put_values(
    entry: &mut Entry,
    marks: Marks,
    lane: Option<LaneId>,
    tracking: &Tracking,
    changes: &mut Changes,
) {
    let stale = std::mem::take(&mut entry.stale);
    changes.add(&entry.name, marks, stale);
    if entry.latest().is_some() {
        changes.put_first();
    }
    if entry.deleted_pending_write {
        changes.remove(Part::Event);
        return changes.remove(Part::Others);
    }
    let has_others = entry.has_others();
    if stale.is_merged {
        entry.show();
        changes.put(Part::Event, |out, scratch| entry.put_merged(lane, tracking, scratch, out));
        changes.remove(Part::Others);
        // The next change divides them.
        entry.stale = Stale { event: has_others, others: has_others, is_merged: false };
        return;
    }
    match (stale.others, has_others) {
        (true, true) => changes.put(Part::Others, |out, _| entry.put_others(lane, out)),
        (true, false) => changes.remove(Part::Others),
        (false, _) => {}
    }
    // An event without others is stored by its own value.
    if stale.event || (stale.others && !has_others) {
        entry.show();
        changes.put(Part::Event, |out, scratch| entry.put(lane, tracking, scratch, out));
    }
}
