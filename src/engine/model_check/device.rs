//! A device: an engine, and what the shell does around it. Its storage survives crashes and can be
//! copied.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::codec::{self, Incoming, Message, StoreRecord, StoredParts, SyncState};
use crate::counter::lane::LaneId;
use crate::counter::stamp::Stamp;
use crate::counter::tracking::Tracking;
use crate::engine::{Changes, Due, Engine, HeldCells, List, PageId, WriteKind, changes::Change};
use crate::engine::{Entry, import_key, remove_known, split};
use crate::occurrence::Occurrence;
use crate::storage::key::{self, Part};
use crate::time::instant::{self, DAY};
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

pub(super) const NAMES: [&str; 2] = ["a", "b"];

/// How many counts are taken over from another library.
pub(super) const TAKEN_OVER: u32 = 2;

/// What a storage holds.
#[derive(Clone, Default)]
pub(super) struct Stored {
    record: Option<StoreRecord>,
    pub(super) pages: BTreeMap<String, (PageId, Rc<[u8]>)>,
    /// The values of events by their keys.
    pub(super) events: BTreeMap<String, Rc<[u8]>>,
}

#[derive(Clone)]
pub(super) struct Device {
    pub(super) engine: Engine,
    pub(super) stored: Stored,
    number: u8,
    /// How many openings and lanes it drew.
    pub(super) drawn: (u8, u8),
    /// The token of the installation.
    pub(super) token: u8,
    /// By how much its clock is wrong.
    pub(super) clock_error: i64,
}

/// The number of an event.
pub(super) fn event_of(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).unwrap()
}

impl Device {
    pub(super) fn new(number: u8, now: i64) -> Device {
        let engine = Engine::new(tracking(), Zone::utc());
        let (stored, drawn) = (Stored::default(), (0, 0));
        let mut device = Device { engine, stored, number, drawn, token: number, clock_error: 0 };
        device.open(now);
        device
    }

    /// Opens the storage. A store that was copied to another installation leaves its lane.
    pub(super) fn open(&mut self, now: i64) {
        // An opening that issued no stamp is known to nobody.
        if self.drawn.0 == 0 || self.engine.stamps.last > self.engine.opening_stamp {
            self.drawn.0 += 1;
        }
        self.engine = Engine::new(tracking(), Zone::utc());
        let opening = [self.number + 1, self.drawn.0, 0, 0];
        let mut random = [0; 12];
        random[..4].copy_from_slice(&opening);
        random[4..8].copy_from_slice(&opening);
        self.engine.set_opening(random);
        if let Some(record) = self.stored.record.clone() {
            self.engine.resume(record);
        }
        for (id, bytes) in self.stored.pages.values() {
            self.engine.load_page(*id, bytes).unwrap();
        }
        let token = Some(([self.token; 16], true));
        if self.engine.identity != token {
            self.engine.retire_lane();
            self.engine.identity = token;
        }
        if self.stored.record.is_none() {
            self.flush(Due::Undurable);
        }
        self.tick(now);
    }

    /// Moves the clock.
    pub(super) fn tick(&mut self, now: i64) {
        let reading = now + self.clock_error;
        if !self.engine.clock.advance_forward(reading) {
            self.engine.advance_clock(reading, Some(now));
        }
    }

    pub(super) fn load(&mut self, name: &'static str) {
        let stored = &self.stored;
        if self.engine.is_missing(name, |name| stored.has(name)) {
            let read =
                |part| stored.events.get(&*key::of(name, part)).map(|bytes| codec::event(bytes).unwrap());
            let stored = StoredParts { event: read(Part::Event), others: read(Part::Others) };
            self.engine.install(name, stored);
        }
    }

    pub(super) fn load_all(&mut self) {
        NAMES.iter().for_each(|name| self.load(name));
    }

    fn names(&self) -> Vec<String> {
        let is_there = |name: &&&str| self.engine.events.contains(name) || self.stored.has(name);
        NAMES.iter().filter(is_there).map(|name| (*name).to_owned()).collect()
    }

    fn ensure_lane(&mut self) {
        if self.engine.needs_lane() {
            self.draw_lane();
        }
    }

    fn draw_lane(&mut self) {
        self.drawn.1 += 1;
        // No lane begins with the number of an opening, because such a lane is one of an import.
        let mut lane = [u8::MAX; 16];
        lane[..2].copy_from_slice(&[self.number + 1, self.drawn.1]);
        self.engine.set_lane_if_absent(LaneId(lane));
    }

    /// Writes what is due.
    fn flush(&mut self, due: Due<'_>) {
        self.ensure_lane();
        let unloaded: Vec<usize> = self.engine.unloaded(due).map(event_of).collect();
        unloaded.into_iter().for_each(|event| self.load(NAMES[event]));
        let mut changes = Changes::default();
        self.engine.gather(due, false, None, &mut changes);
        let write = WriteKind { sync: true, writes_events: !changes.is_empty() };
        let record = self.engine.due_store_record(self.stored.record.as_ref(), write);
        for change in changes.in_order() {
            match change {
                Change::Page { id, bytes, precedes_events } => {
                    // Empty claims that only a storage without transactions needs.
                    if !precedes_events || id.list != List::Claims {
                        self.stored.pages.insert(id.name(), (id, bytes.into()));
                    }
                }
                Change::Event(name, part, Some(bytes)) => {
                    self.stored.events.insert(key::of(name, part).into_owned(), bytes.into());
                }
                Change::Event(name, part, None) => _ = self.stored.events.remove(&*key::of(name, part)),
            }
        }
        self.engine.finish_flush(&changes, &Ok(()), due, true);
        self.stored.record = record.or_else(|| self.stored.record.take());
    }

    pub(super) fn record(&mut self, event: usize, count: u64) {
        let stored = &self.stored;
        self.engine.record(NAMES[event], count, || stored.has(NAMES[event]));
    }

    pub(super) fn persist(&mut self) {
        let sweep = self.engine.due_sweep();
        if sweep.is_some() {
            for name in NAMES {
                if self.stored.has(name) && self.engine.may_be_erased_unread(name) {
                    self.load(name);
                }
            }
        }
        self.flush(Due::Dirty);
        if let Some(sweep) = sweep {
            self.engine.end_sweep(sweep);
            self.flush(Due::Dirty);
        }
    }

    pub(super) fn export(&mut self) -> Message {
        self.load_all();
        self.ensure_lane();
        let claims = self.engine.begin_export();
        let names = self.names();
        let exported = |name: &String| {
            Some((name.clone(), self.engine.exported(name, |entry: &Entry| entry.is_known())?))
        };
        let events = names.iter().filter_map(exported).collect();
        let message = self.engine.end_export(&claims).unwrap();
        self.flush(Due::Undurable);
        Message { events, ..message }
    }

    pub(super) fn sync_state(&mut self) -> SyncState {
        let mut held = HeldCells::default();
        if self.engine.has_untold_cells() {
            self.load_all();
            self.engine.add_held(&self.names(), &mut held);
        }
        self.engine.sync_state(held)
    }

    /// What the store with this sync state does not have.
    pub(super) fn export_since(&mut self, state: &SyncState) -> Message {
        let is_older = self.engine.is_older_copy_for(state);
        if is_older {
            self.engine.retire_lane();
        }
        let mut message = self.export();
        if !is_older {
            remove_known(&mut message, state, self.engine.horizon_instant());
        }
        message
    }

    pub(super) fn load_events(&mut self, message: &Message) {
        message.events.iter().for_each(|(name, _)| self.load(NAMES[event_of(name)]));
    }

    /// A message in parts of one cell or one erasure.
    pub(super) fn parts(message: Message, number: u64) -> Vec<Message> {
        split(message, 1, 0, number)
    }

    /// Whether it leaves its lane before it merges the message. That is durable at once.
    pub(super) fn leave_older_copy(&mut self, message: &Message) -> bool {
        let is_older = self.engine.is_older_copy(&Incoming::Held(message));
        if is_older {
            self.engine.retire_lane();
            self.flush(Due::Undurable);
        }
        is_older
    }

    pub(super) fn merge(&mut self, message: Message) {
        if self.engine.merge(&Incoming::Held(&message)).erases {
            let names: Vec<String> = self.engine.events.names().map(str::to_owned).collect();
            self.engine.drop_erased(&names);
        }
    }

    pub(super) fn import(&mut self, message: Message) {
        self.load_events(&message);
        if !self.engine.has_lane() {
            self.draw_lane();
        }
        for (name, counter) in message.events {
            self.engine.import(&name, counter);
        }
    }

    /// Takes over counts of event 0 that are a day older than `begin`. Returns the birth of their
    /// cell if they were not taken over before.
    pub(super) fn take_over(&mut self, begin: i64) -> Option<Stamp> {
        const KEY: &str = "old";
        if self.engine.has_imported(import_key(KEY)) {
            return None;
        }
        let counts = Occurrence::new(NAMES[0], instant::to_time(begin - DAY), TAKEN_OVER);
        let import = Engine::new(tracking(), Zone::utc()).into_import(KEY, vec![counts]);
        self.load(NAMES[0]);
        self.engine.import_once(&import).unwrap();
        self.flush(Due::Undurable);
        self.engine.note_import(&import).unwrap();
        self.flush(Due::Undurable);
        import.births().next()
    }

    pub(super) fn erase(&mut self, event: usize) {
        self.ensure_lane();
        self.load(NAMES[event]);
        self.engine.erase(NAMES[event]);
        self.flush(Due::Undurable);
    }

    pub(super) fn erase_all(&mut self) {
        self.load_all();
        self.ensure_lane();
        self.engine.erase_all(&self.names());
        self.flush(Due::Undurable);
    }

    /// Drops old buckets, as if it had been persisted on several dates.
    pub(super) fn age(&mut self) {
        self.load_all();
        self.engine.persist_dates = [Some(self.engine.clock.today()); 3];
        self.engine.age();
        self.persist();
    }

    /// The lifetime of an event, its count in the last two hours, and in the last week.
    pub(super) fn answers(&mut self, event: usize) -> [u64; 3] {
        self.load(NAMES[event]);
        let snapshot = self.engine.snapshot();
        snapshot.reading(NAMES[event]).map_or([0; 3], |reading| {
            [reading.lifetime(), reading.sum(Unit::Hours, 0..2), reading.sum(Unit::Days, 0..7)]
        })
    }

    /// The birth of the cell to which it records an event, and whether the stored part was not
    /// read.
    pub(super) fn own_entry(&self, event: usize) -> Option<&Entry> {
        self.engine.events.get(NAMES[event])
    }
}

fn tracking() -> Tracking {
    Tracking::new(&[(TimeUnit::Hours, 2), (TimeUnit::Days, 7)]).unwrap()
}

impl Stored {
    fn has(&self, name: &str) -> bool {
        key::is_any(name, |key| self.events.contains_key(key))
    }

    /// Adds the store record.
    pub(super) fn feed_record(&self, mut out: &mut dyn Hasher) {
        let mut bytes = Vec::new();
        self.record.iter().for_each(|record| codec::put_store_record(record, &mut bytes));
        bytes.hash(&mut out);
    }
}
