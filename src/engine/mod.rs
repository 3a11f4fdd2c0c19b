//! Everything that a store knows in memory, and every change to it.
//!
//! The engine is pure: it has no lock, clock, thread or disk. The time is an argument. What a
//! storage holds comes in through `load`, and what has to be written goes out through `flush`.

mod age;
mod changes;
mod clock_state;
mod clock_steps;
mod dirty;
mod entry;
mod erase;
mod erased_name;
mod erasures;
mod event_table;
mod export;
mod flush;
#[cfg(feature = "storage-fs")]
mod identity;
mod import;
mod lanes;
mod load;
mod losses;
mod merge;
mod name_list;
mod paged_map;
mod pages;
mod record;
mod reserve;
mod snapshot;
mod store_record;
mod sweep;
mod version_vector;
#[cfg(test)]
mod visits;

use std::collections::BTreeMap;

pub(crate) use changes::{Change, Changes};
pub(crate) use clock_steps::StepBirths;
pub(crate) use entry::Entry;
pub(crate) use erasures::Erasures;
pub(crate) use event_table::Pass;
pub(crate) use export::remove_known;
pub(crate) use flush::Due;
pub use merge::MergeReport;
pub(crate) use merge::{NamedCounters, Received};
pub(crate) use name_list::NameList;
pub(crate) use paged_map::PagedMap;
pub(crate) use pages::{List, PageId};
pub(crate) use snapshot::Snapshot;
pub(crate) use store_record::WriteKind;

use clock_state::ClockState;
use event_table::EventTable;
use losses::Quarantine;
use reserve::{ProcessReservations, ReservedEvents};
use sweep::Sweep;

use crate::counter::lane::{Generation, LaneId};
use crate::counter::tracking::Tracking;
use crate::time::zone::Zone;

/// The events in memory and what belongs to the store as a whole.
pub(crate) struct Engine {
    pub(crate) events: EventTable,
    pub(crate) clock: ClockState,
    /// The lane of this store. It is drawn when counts have to be written or exported.
    lane: Option<LaneId>,
    /// The last stamp that was issued.
    stamp: u64,
    /// The end of the block of stamps that the stored record had reserved; 0 without one.
    opening_stamp: u64,
    /// The last stamp that was issued before the opening, as far as the stored record says.
    last_stamp_before_opening: u64,
    /// How often everything was erased.
    store_generation: u32,
    /// Erased events by the hash of their names, each with `Generation::to_number` of the
    /// generation after the erasure. The types are those of the version vector, so both use the
    /// same code.
    erased: PagedMap<[u8; 16], u64>,
    /// Whether stored events may be erased that were not read.
    sweep: Sweep,
    /// The last distinct local dates on which the store was persisted, oldest first.
    persist_dates: Vec<i64>,
    /// The monotonic time, if it was known, when this opening added a date; absent before.
    date_added: Option<Option<i64>>,
    /// Up to which stamp each other lane is known completely.
    version_vector: PagedMap<[u8; 16], u64>,
    /// Whether the stored version vector may claim more than this one. It is then cleared in the
    /// storage before events are written.
    lowers_version_vector: bool,
    /// What was lost and is not acknowledged: the event, if it is known, and when it was noticed.
    losses: Vec<(Option<String>, i64)>,
    /// The token that tells this installation from a copy of its data, and whether the identity
    /// file is known to hold it.
    identity: Option<([u8; 16], bool)>,
    /// The events that may have stored reservations. The reservations themselves are stored with
    /// the events, so that one write both ends a reservation and counts it.
    reserved: ReservedEvents,
    /// Reservations that end with the process.
    process_reservations: ProcessReservations,
    /// Events whose stored data cannot be understood. It stays as it is in the storage.
    quarantined: BTreeMap<Box<str>, Quarantine>,
    /// Copies of damaged files that were kept.
    kept_aside: Vec<std::path::PathBuf>,
    /// Events that were not handed to the storage yet, in the order of their first change. It is
    /// used only if changes are written in the background.
    write_queue: NameList,
    /// Whether changes are written in the background, in the order of recording.
    writes_in_background: bool,
    /// A random number that tells this opening of the store from all others.
    opening: u32,
    /// Whether the writer was woken for what is in the queue.
    wake_sent: bool,
    /// Whether a loss was found at the opening. A store record is then written although nothing
    /// else changed.
    replaces_damage: bool,
    /// How often the version vector was cleared. An export compares it, to notice that other lanes
    /// are no longer known completely.
    given_up: u64,
}

impl Engine {
    pub(crate) fn new(tracking: Tracking, zone: Zone) -> Engine {
        Engine {
            events: EventTable::default(),
            clock: ClockState::new(tracking, zone),
            lane: None,
            stamp: 0,
            opening_stamp: 0,
            last_stamp_before_opening: 0,
            store_generation: 0,
            erased: PagedMap::default(),
            sweep: Sweep::default(),
            persist_dates: Vec::new(),
            date_added: None,
            version_vector: PagedMap::default(),
            lowers_version_vector: false,
            losses: Vec::new(),
            identity: None,
            reserved: ReservedEvents::default(),
            process_reservations: ProcessReservations::default(),
            quarantined: BTreeMap::new(),
            kept_aside: Vec::new(),
            write_queue: NameList::default(),
            writes_in_background: false,
            opening: 0,
            wake_sent: false,
            replaces_damage: false,
            given_up: 0,
        }
    }

    /// Whether an event is known, in memory or in quarantine.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.events.get(name).is_some_and(Entry::is_known) || self.quarantined.contains_key(name)
    }

    /// Whether anything was counted for which a lane is needed.
    pub(crate) fn needs_lane(&self) -> bool {
        self.lane.is_none() && self.events.iter().any(Entry::counts_own)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.events.heap()
    }

    /// Makes the engine queue changes, so that they are written in the background in the order of
    /// recording.
    pub(crate) fn write_in_background(&mut self) {
        self.writes_in_background = true;
    }

    fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    /// The generation of an event.
    pub(crate) fn generation(&self, name: &str) -> Generation {
        self.events.get(name).map_or_else(|| self.generation_of(name), Entry::generation)
    }

    /// The generation of an event that is not in memory.
    fn generation_of(&self, name: &str) -> Generation {
        let store = Generation::of_store(self.store_generation);
        if self.erased.is_empty() {
            return store;
        }
        self.erased_generation(&erased_name::key(name)).map_or(store, |erased| store.max(erased))
    }
}
