//! Taking in what other stores hand out: everything is decoded and checked first, then joined under the lock, all or none.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::EventStore;
use super::entry::Entry;
use super::inner::Inner;
use super::state::State;
use crate::codec::{self, Malformed, Message};
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::join::{compare, is_believable};
use crate::counter::lane::{Generation, LaneCell, LaneId};
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked};
use crate::formatter::envelope::EXPORT;

/// What a merge did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Events that have other counts now, new ones included.
    pub events_changed: usize,
    /// Lanes of other stores that the data held. A lane is what one store counted.
    pub lanes: usize,
    /// Cells that came with the same stamp and other counts than the known ones: two stores count under one identity, as after a copied
    /// app container. The larger bytes were taken.
    pub twins: usize,
    /// Events that were left out because they claim to have been erased more often than can be.
    pub refused: usize,
    /// The data was ahead of this store in this store's own lane: it had gone back to an older state, as after a restored backup. It counts
    /// under a new identity now; what it had counted under the old one since then is lost.
    pub restarted: bool,
}

pub(super) type Events = Vec<(String, SingleEventCounter)>;

/// The most bytes that are taken in of one event: a storage that takes 16 MiB a value then always has room for it.
const LARGEST_EVENT: usize = 8 << 20;
/// The most erased names that are remembered.
const MOST_ERASED: usize = 100_000;

impl EventStore {
    /// Takes in the counters of another store. What is known already is not counted again, whatever the order and however often.
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes, and what hinders reading the stored events concerned. Nothing is changed then.
    pub fn merge_all(&self, events: HashMap<String, SingleEventCounter>) -> Result<()> {
        self.inner.merge(Message { events: sorted(events), ..Message::default() }).map(|_| ())
    }

    /// Takes in one counter, as `merge_all` does.
    ///
    /// # Errors
    /// As `merge_all`.
    pub fn merge_event(&self, event_id: impl EventId, counter: SingleEventCounter) -> Result<()> {
        let events = vec![(event_id.as_ref().to_owned(), counter)];
        self.inner.merge(Message { events, ..Message::default() }).map(|_| ())
    }

    /// Takes in all that another store counted; that store saves it first, if it has a storage, and is closed.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// let other = EventStore::new();
    /// other.record("event");
    /// store.merge(other).unwrap();
    /// assert_eq!(store.query("event").ever().sum(), Some(1));
    /// ```
    ///
    /// # Errors
    /// What hinders either store. Nothing is changed here then.
    pub fn merge(&self, other: Self) -> Result<()> {
        let bytes = other.export_bytes()?;
        self.merge_bytes(&bytes).map(|_| ())
    }

    /// Takes in what `export_bytes` of another store gave. What is known already is not counted again.
    ///
    /// Meanwhile at most eight times the bytes are held in memory, and 400 bytes for each event.
    ///
    /// # Errors
    /// `Corrupt` for bytes that are damaged or no export, of more than 32 MiB, or of more than 100,000 events; `Incompatible` for those of a newer version. Nothing is changed then.
    pub fn merge_bytes(&self, bytes: &[u8]) -> Result<MergeReport> {
        self.inner.check_open()?;
        let payload = EXPORT.open(bytes)?;
        let message = codec::message(payload)
            .map_err(|Malformed(what)| Error::corrupt(format!("an export cannot be read: {what}")))?;
        self.inner.merge(message)
    }

    /// Puts a counter in the place of an event. What this store had counted of it disappears here at once, on other devices when they next
    /// merge; what others counted comes back with their next export.
    ///
    /// # Errors
    /// As `merge_all`.
    pub fn import_event(&self, event_id: impl EventId, counter: SingleEventCounter) -> Result<()> {
        self.inner.import(vec![(event_id.as_ref().to_owned(), counter)])
    }

    /// Puts counters in the places of their events, all or none. Other events stay as they are.
    ///
    /// # Errors
    /// As `merge_all`.
    pub fn import_all(&self, events: HashMap<String, SingleEventCounter>) -> Result<()> {
        self.inner.import(sorted(events))
    }
}

fn sorted(events: HashMap<String, SingleEventCounter>) -> Events {
    let mut events: Events = events.into_iter().collect();
    events.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    events
}

impl Inner {
    fn merge(self: &std::sync::Arc<Self>, message: Message) -> Result<MergeReport> {
        self.merge_and(message, |_, _| {})
    }

    /// As `merge`; `before` is called under the same lock, when nothing can fail any more.
    pub(super) fn merge_and(
        self: &std::sync::Arc<Self>,
        message: Message,
        before: impl FnOnce(&mut State, &Message),
    ) -> Result<MergeReport> {
        let names = names(&message.events)?;
        self.find_stored_lane()?;
        let mut state = self.loaded_or_error(names)?;
        if !state.queues && state.lane.is_some_and(|lane| state.is_behind(lane, &message.events)) {
            // The lane stands in every stored event: all of them are written anew without it.
            drop(state);
            state = self.all_loaded()?;
            let names: Vec<Box<str>> = state.events.names().map(Box::from).collect();
            names.iter().for_each(|name| state.touch(name));
        }
        before(&mut state, &message);
        let report = state.merge(message);
        drop(state);
        self.wake_writer();
        Ok(report)
    }

    fn import(self: &std::sync::Arc<Self>, events: Events) -> Result<()> {
        let names = names(&events)?;
        self.find_stored_lane()?;
        let mut state = self.loaded_or_replaceable(names)?;
        for (name, counter) in events {
            state.import(&name, counter);
        }
        // What was replaced is no longer known whole.
        state.known.clear();
        drop(state);
        self.wake_writer();
        Ok(())
    }
}

impl Inner {
    /// Which lane is our own must be known before somebody else's cells are told from it.
    pub(super) fn find_stored_lane(&self) -> Result<()> {
        match &self.backend {
            Some(backend) if !backend.is_log() => self.find_lane(backend.as_ref(), false),
            _ => Ok(()),
        }
    }
}

fn names(events: &Events) -> Result<Vec<&str>> {
    events.iter().map(|(name, _)| checked(name)).collect()
}

impl State {
    fn merge(&mut self, message: Message) -> MergeReport {
        let mut report = MergeReport { lanes: lanes(&message.events, self.lane), ..MergeReport::default() };
        if self.lane.is_some_and(|lane| self.is_behind(lane, &message.events)) {
            self.retire_lane();
            report.restarted = true;
        }
        self.hear_erasures(&message);
        let seen = message.seen();
        // Each is let go of as soon as it is taken in: a message and what becomes of it need not fit into memory side by side.
        for (name, mut theirs) in message.events {
            let name = name.as_str();
            let known = self.events.get(name).map(Entry::generation);
            let ours = known.unwrap_or_else(|| self.generation_of(name));
            if !is_believable(ours, theirs.generation) || !self.has_room(name, &theirs) {
                report.refused += 1;
                continue;
            }
            if known.is_none() && theirs.generation < ours {
                // Erased since that was written down: its name does not come back.
                continue;
            }
            // Of the own lane nobody else can know more: it stays out of the join.
            let others = self.events.get(name).map_or_else(Vec::new, |entry| entry.others().to_vec());
            let mut joined = SingleEventCounter { generation: ours, own: None, cells: others };
            self.lane.map(|lane| theirs.take(lane));
            let done = joined.join(&theirs);
            report.twins += done.twins;
            if done.changed || known.is_none() {
                report.events_changed += 1;
                self.take_in(name, joined);
            }
        }
        if report.refused == 0 {
            self.learn(seen);
        }
        report
    }

    /// Whether something that came from outside is ahead of us in our own lane. Everything that left this store was durable before: what it is
    /// shown of its own lane it has, at that stamp or a later one, or it was given out since the opening. Otherwise it is an older state of itself.
    fn is_behind(&self, lane: LaneId, events: &Events) -> bool {
        events.iter().any(|(name, counter)| {
            let Some(theirs) = counter.cell(lane) else { return false };
            let entry = self.events.get(name);
            let generation = entry.map_or_else(|| self.generation_of(name), Entry::generation);
            match counter.generation.cmp(&generation) {
                Ordering::Less => return false,
                // We wrote that, and do not know of the erasure that came before it.
                Ordering::Greater => return true,
                Ordering::Equal => {}
            }
            let Some(entry) = entry.filter(|entry| entry.own.is_some()) else { return true };
            if theirs.stamp > entry.stored() && theirs.stamp <= self.base {
                return true;
            }
            let ours = entry.to_counter(Some(lane), &self.present.tracking);
            ours.cell(lane).is_none_or(|cell| compare(cell, theirs).0 == Ordering::Less)
        })
    }

    /// Whether what is known of an event stays within what a storage can keep, whatever comes.
    fn has_room(&self, name: &str, counter: &SingleEventCounter) -> bool {
        let ours = self.events.get(name).map_or(&[][..], Entry::others);
        let bytes = |cells: &[LaneCell]| cells.iter().map(|cell| 64 + cell.body.bytes().len()).sum::<usize>();
        bytes(ours).saturating_add(bytes(&counter.cells)) <= LARGEST_EVENT
    }

    /// Takes note of what others erased.
    fn hear_erasures(&mut self, message: &Message) {
        let ours = Generation::of_store(self.generation);
        if message.store_generation > self.generation
            && is_believable(ours, Generation::of_store(message.store_generation))
        {
            self.generation = message.store_generation;
        }
        for (key, generation) in &message.erased {
            let ours = self.erased.get(key).copied().unwrap_or_default();
            let has_room = self.erased.len() < MOST_ERASED || self.erased.contains_key(key);
            let believable = is_believable(ours.max(Generation::of_store(self.generation)), *generation);
            if ours < *generation && has_room && believable {
                self.erased.insert(*key, *generation);
            }
        }
        self.raise_all();
    }

    fn import(&mut self, name: &str, mut counter: SingleEventCounter) {
        let known = self.events.get(name).map_or_else(|| self.generation_of(name), Entry::generation);
        let ours = self.lane.and_then(|lane| counter.take(lane));
        let generation = if is_believable(known, counter.generation) { counter.generation } else { known };
        if generation < known {
            // Those cells are gone under the present generation; only a new stamp of our own can bring counts back.
            counter.cells.clear();
        }
        counter.generation = generation.max(known);
        let mut entry = Entry::from_counter(name, counter, None, &self.present.tracking);
        let body = ours.map(|cell| cell.body);
        entry.own = Some(match &body {
            Some(body) => crate::counter::cell::Cell::open(body, &self.present.tracking),
            None => crate::counter::cell::Cell::new(&self.present.tracking),
        });
        entry.stamp = self.next_stamp();
        self.insert(entry);
    }

    /// Puts the joined cells of the others in the place of the known ones.
    fn take_in(&mut self, name: &str, joined: SingleEventCounter) {
        if !self.events.contains(name) {
            self.events.insert(Entry::new(name, joined.generation));
        }
        if let Some(entry) = self.events.get_mut(name) {
            if entry.generation() < joined.generation {
                entry.empty(joined.generation);
            }
            entry.set_others(joined.cells);
            // An event of a higher generation without any counts was erased; one that is new here is known from now on.
            entry.gone = entry.own.is_none() && entry.others().is_empty() && entry.gone;
        }
        self.touch(name);
    }

    /// Puts an entry in the place of what was there, to be saved.
    fn insert(&mut self, mut entry: Entry) {
        if let Some(known) = self.events.get(&entry.name) {
            (entry.marks, entry.in_flight) = (known.marks, known.in_flight);
        }
        let name = entry.name.clone();
        self.quarantine.remove(&name);
        self.events.insert(entry);
        self.touch(&name);
    }
}

fn lanes(events: &Events, own: Option<LaneId>) -> usize {
    let mut lanes: Vec<&LaneId> =
        events.iter().flat_map(|(_, counter)| &counter.cells).map(|cell: &LaneCell| &cell.lane).collect();
    lanes.retain(|lane| Some(**lane) != own);
    lanes.sort_unstable();
    lanes.dedup();
    lanes.len()
}
