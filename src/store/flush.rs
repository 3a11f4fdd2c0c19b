//! From memory to the storage: what is due is encoded under the state's lock and written outside of it.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use super::backend::Backend;
use super::changes::Changes;
use super::entry::{Entry, Marks};
use super::inner::Inner;
use super::state::State;
use crate::codec::Meta;
use crate::counter::event_counter::SingleEventCounter;
use crate::counter::lane::LaneId;
use crate::error::{Error, Result};

/// What is known of the storage's contents.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) meta: Option<Meta>,
    /// Empty between two turns: the room for what is handed to the storage.
    room: Changes,
}

/// What is due.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Due<'a> {
    /// What the storage has not been given: what a log writes by itself.
    Unwritten,
    /// One event, and in a log everything before it.
    Event(&'a str),
    /// What changed since the last persist.
    Dirty,
    /// What a loss of power would lose.
    Undurable,
    /// Everything in memory.
    All,
}

impl Inner {
    /// Writes what is due, and with `sync` returns when it survives a loss of power.
    pub(crate) fn flush(&self, due: Due<'_>, sync: bool) -> Result<()> {
        self.flush_and(due, sync, |_| Ok(())).map(|((), _)| ())
    }

    /// As `flush`; `also` is called under the same lock under which the changes are gathered, before anything of them is
    /// written. Its answer comes back once they are. The second answer: whether anything was written.
    pub(crate) fn flush_and<R>(
        &self,
        due: Due<'_>,
        sync: bool,
        also: impl FnOnce(&mut State) -> Result<R>,
    ) -> Result<(R, bool)> {
        let Some(backend) = &self.backend else { return Err(no_storage()) };
        let mut written = self.written.lock();
        self.check_open()?;
        let (mut unread, mut tried) = (Ok(()), HashSet::new());
        let mut changes = std::mem::take(&mut written.room);
        let (answer, meta) = loop {
            unread = unread.and(self.load_due(due, &mut tried));
            self.find_lane(backend.as_ref(), true)?;
            let now = self.now();
            let mut state = self.state.lock();
            let state = &mut *state;
            if state.unread(due).any(|name| !tried.contains(name)) {
                // First recorded since the others were read. Were it left out now, what was recorded behind it would be written before it.
                continue;
            }
            let answer = also(state)?;
            state.gather(now, due, sync, &mut changes);
            let meta = state.due_meta(written.meta.as_ref(), sync, !changes.is_empty());
            break (answer, meta);
        };
        let something = !changes.is_empty() || meta.is_some();
        let mut done = if something { backend.write(&changes, meta.as_ref()) } else { Ok(()) };
        if done.is_ok() && sync {
            done = backend.sync();
        }
        self.state.lock().land(&changes, &done, due, sync);
        changes.clear();
        written.room = changes;
        self.failing.store(done.is_err() || unread.is_err(), Ordering::Relaxed);
        done?;
        if meta.is_some() {
            written.meta = meta;
        }
        if matches!(due, Due::Unwritten) || !self.writer.is_started() {
            self.tidy(backend.as_ref());
        } else if backend.wants_compaction() {
            // The writer does that: whoever waits for what is written need not wait for it.
            self.writer.wake();
        }
        unread.map(|()| (answer, something))
    }

    /// Gives back what the storage can spare, if it is worth it.
    fn tidy(&self, backend: &dyn Backend) {
        if backend.wants_compaction()
            && let Err(error) = backend.compact()
        {
            log::warn!("the storage could not be compacted, which can wait: {error}");
        }
    }

    /// Reads the stored part of what is due and was not `tried` yet; the first failure comes back, and what it concerns stays unwritten.
    fn load_due(&self, due: Due<'_>, tried: &mut HashSet<Box<str>>) -> Result<()> {
        let names: Vec<Box<str>> = {
            let state = self.state.lock();
            state.unread(due).filter(|name| !tried.contains(*name)).map(Box::from).collect()
        };
        let mut first = Ok(());
        for name in names {
            let read = self.loaded([&*name]).1;
            // A decision is about its own event; what hinders another one is told when that is asked for.
            if !matches!(due, Due::Event(only) if only != &*name) {
                first = first.and(read);
            }
            tried.insert(name);
        }
        first
    }

    /// A store without a lane takes that of what is stored; where there is none and something is counted, it draws one.
    pub(crate) fn find_lane(&self, backend: &dyn Backend, draw: bool) -> Result<()> {
        let counting = {
            let state = self.state.lock();
            if state.lane.is_some() {
                return Ok(());
            }
            state.events.iter().any(|entry| entry.own.is_some())
        };
        if draw && !counting {
            return Ok(());
        }
        if !backend.is_log() {
            for name in backend.names()? {
                // One that cannot be read says nothing; a lane too many does no harm.
                if let Ok(Some(counter)) = backend.load(&name)
                    && let Some(lane) = counter.own
                    && self.state.lock().adopt(lane)
                {
                    return Ok(());
                }
            }
        }
        if draw { self.draw_lane().map(|_| ()) } else { Ok(()) }
    }

    /// The store's lane, drawn if it has none.
    pub(crate) fn draw_lane(&self) -> Result<LaneId> {
        let drawn = LaneId(super::random()?);
        Ok(*self.state.lock().lane.get_or_insert(drawn))
    }
}

impl Due<'_> {
    fn wants(self, entry: &Entry, queues: bool) -> bool {
        match self {
            Due::Unwritten => entry.marks.unwritten,
            Due::Event(only) => entry.marks.unwritten && (queues || &*entry.name == only),
            Due::Dirty => entry.marks.dirty || (queues && entry.marks.unwritten),
            Due::Undurable => entry.marks.undurable,
            Due::All => true,
        }
    }
}

impl State {
    fn gather(&mut self, now: i64, due: Due<'_>, sync: bool, changes: &mut Changes) {
        if sync && self.events.iter().any(|entry| entry.marks.dirty) {
            let today = self.present.today(now);
            self.note_date(today);
        }
        let horizon = self.horizon(now);
        let from_queue = self.is_queued(due);
        let State { events, present, stamp, lane, queues, queue, .. } = self;
        let (tracking, lane, all) = (&present.tracking, *lane, matches!(due, Due::All));
        // Says whether the event could be taken.
        let mut take = |entry: &mut Entry| {
            if entry.unloaded || (entry.own.is_some() && lane.is_none()) {
                // What could not be read yet, or was first recorded since a lane was looked for, waits for its turn.
                return false;
            }
            let marks = std::mem::take(&mut entry.marks);
            entry.in_flight = marks.dirty;
            if !marks.unwritten && !all {
                changes.unchanged(&entry.name, marks);
                return true;
            }
            if let (Some(own), Some(horizon)) = (&mut entry.own, &horizon)
                && own.age(tracking, horizon)
            {
                *stamp += 1;
                entry.stamp = *stamp;
            }
            match entry.gone {
                true => changes.remove(&entry.name, marks),
                false => {
                    changes.put(&entry.name, marks, |out, scratch| entry.put(lane, tracking, scratch, out))
                }
            }
            true
        };
        if from_queue {
            // A log's own writes look at the queue alone, not at every event.
            let due = std::mem::take(queue);
            for name in due.iter() {
                // A name may stand there twice, where what was erased is found stored when it is recorded again: once taken it is no longer due.
                if events.get_mut(name).is_some_and(|entry| entry.marks.unwritten && !take(entry)) {
                    queue.push(name);
                }
            }
        } else {
            for entry in events.iter_mut().filter(|entry| due.wants(entry, *queues)) {
                take(entry);
            }
            queue.retain(|name| events.get(name).is_some_and(|entry| entry.marks.unwritten));
        }
        self.told = false;
    }

    /// Whether what is due stands in the queue.
    fn is_queued(&self, due: Due<'_>) -> bool {
        self.queues && matches!(due, Due::Unwritten | Due::Event(_))
    }

    /// What is due and whose stored part was not read yet.
    fn unread<'s>(&'s self, due: Due<'s>) -> impl Iterator<Item = &'s str> {
        let of_queue = self.is_queued(due);
        let queued = self.queue.iter().filter(move |_| of_queue).filter_map(|name| self.events.get(name));
        let others =
            (!of_queue).then(|| self.events.iter().filter(move |entry| due.wants(entry, self.queues)));
        queued.chain(others.into_iter().flatten()).filter(|entry| entry.unloaded).map(|entry| &*entry.name)
    }

    /// What was handed to the storage has arrived, or has not.
    fn land(&mut self, changes: &Changes, done: &Result<()>, due: Due<'_>, sync: bool) {
        // Only a persist makes events clean: what an export made durable is still new to whoever asks for what is dirty.
        let cleans = done.is_ok() && sync && matches!(due, Due::Dirty | Due::All);
        for (name, took) in changes.marks() {
            let Some(entry) = self.events.get_mut(name) else { continue };
            let back = Marks {
                // Unless `reset_dirty` was called in between.
                dirty: entry.in_flight && !cleans,
                unwritten: took.unwritten && done.is_err(),
                undurable: took.undurable && !(done.is_ok() && sync),
            };
            entry.in_flight = false;
            if back.unwritten && !entry.marks.unwritten && self.queues {
                self.queue.push(name);
            }
            entry.marks = entry.marks.or(back);
            if entry.gone && done.is_ok() && entry.marks == back {
                self.events.remove(name);
            }
        }
    }

    /// The store's record, where it is due: at a persist whenever it says something new, otherwise only where what is written needs it.
    fn due_meta(&self, written: Option<&Meta>, sync: bool, changes: bool) -> Option<Meta> {
        if !self.queues {
            return None;
        }
        let mut meta = self.meta();
        let Some(written) = written else {
            let Meta { latest, stamps, identity, .. } = meta;
            let blank = Meta { latest, stamps, identity, ..Meta::default() };
            return (changes || meta != blank || self.replaces_damage).then_some(meta);
        };
        // What changes with every recording can wait for a persist.
        let (latest, issued) = (meta.latest, meta.issued);
        if !sync {
            (meta.latest, meta.issued) = (written.latest, written.issued);
        }
        let same = *written == meta;
        (meta.latest, meta.issued) = (latest, issued);
        (!same).then_some(meta)
    }
}

pub(crate) fn no_storage() -> Error {
    Error::Storage("there is none; this store is in memory only, build or open one with a storage".into())
}

/// Counters of everything in memory, without what only this store needs to remember.
pub(crate) fn snapshot(state: &State, wanted: impl Fn(&Entry) -> bool) -> Vec<(String, SingleEventCounter)> {
    let mut all: Vec<_> = state
        .events
        .iter()
        .filter(|entry| entry.is_known() && !entry.unloaded && wanted(entry))
        .map(|entry| {
            let mut counter = entry.to_counter(state.lane, &state.present.tracking);
            counter.cells.retain(|cell| !cell.body.is_stub());
            (entry.name.to_string(), counter)
        })
        .collect();
    all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    all
}
