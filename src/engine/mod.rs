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
mod event_table;
mod export;
mod flush;
#[cfg(feature = "storage-fs")]
mod identity;
mod import;
mod import_once;
mod join_event;
mod lanes;
mod load;
mod losses;
mod markers;
mod merge;
#[cfg(test)]
mod model_check;
mod name_list;
mod own_lane;
mod paged_map;
mod pages;
mod parts;
mod record;
mod replicas;
mod reserve;
mod since;
mod snapshot;
mod store_record;
mod sweep;
mod sync_state;
#[cfg(test)]
mod visits;
mod watches;

use std::collections::BTreeMap;

pub(crate) use changes::{Change, Changes};
pub(crate) use clock_steps::StepBirths;
pub(crate) use entry::Entry;
pub(crate) use event_table::Pass;
pub(crate) use flush::Due;
pub(crate) use import_once::import_key;
pub(crate) use lanes::Lanes;
pub(crate) use losses::LossRecord;
pub(crate) use markers::BUILT_IN;
pub use merge::MergeReport;
pub(crate) use merge::NamedCounters;
pub(crate) use name_list::NameList;
pub(crate) use paged_map::PagedMap;
pub(crate) use pages::{List, PageId};
pub(crate) use parts::split;
pub(crate) use replicas::KnownReplica;
pub(crate) use snapshot::Snapshot;
pub(crate) use store_record::WriteKind;
pub(crate) use sync_state::{HeldCells, remove_known};
pub use watches::Changed;

use clock_state::ClockState;
use event_table::EventTable;
use losses::Quarantine;
use markers::Markers;
use parts::PartialExports;
use reserve::{ProcessReservations, ReservedEvents};
use sweep::Sweep;
use watches::Watches;

use crate::counter::lane::LaneId;
use crate::counter::stamp::Stamp;
use crate::counter::tracking::Tracking;
use crate::time::zone::Zone;

/// The events in memory and what belongs to the store as a whole.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Engine {
    pub(crate) events: EventTable,
    pub(crate) clock: ClockState,
    /// The lane of this store. It is drawn when counts have to be written or exported.
    lane: Option<LaneId>,
    stamps: Stamps,
    /// The number of the last stamp that earlier openings issued, as far as the stored record says;
    /// 0 without one.
    opening_stamp: u64,
    /// The last stamp of the opening before this one, until a write notes it with the own lane.
    previous: Stamp,
    /// The last of its stamps that a cell got; none if no cell got one.
    previous_counted: Stamp,
    /// What is known of lanes.
    pub(crate) lanes: Lanes,
    /// Exports of which some parts were merged.
    partial_exports: PartialExports,
    /// A random number that changes when claims are given up. Exports that were made for an earlier
    /// state then raise no claim.
    epoch: u64,
    /// Whether stored events may be erased that were not read.
    sweep: Sweep,
    /// The last distinct local dates on which the store was persisted, newest first.
    persist_dates: [Option<i64>; 3],
    /// The monotonic time, if it was known, when this opening added a date; absent before.
    date_added: Option<Option<i64>>,
    /// Whether the stored claims may be higher than these. They are then cleared in the storage
    /// before events are written.
    lowers_claims: bool,
    /// What was lost and is not acknowledged.
    losses: Vec<LossRecord>,
    /// The token that tells this installation from a copy of its data, and whether the identity
    /// file is known to hold it.
    identity: Option<([u8; 16], bool)>,
    /// The events that may have stored reservations. The reservations themselves are stored with
    /// the events, so that one write both ends a reservation and counts it.
    reserved: ReservedEvents,
    /// Reservations that end with the process.
    process_reservations: ProcessReservations,
    /// The digests of the keys whose counts were taken over, in the order in which they were.
    imports: Vec<u64>,
    /// The digests of the keys whose counts were taken over in memory and may not be stored yet.
    unstored_imports: Vec<u64>,
    /// The events since whose latest recording others are counted.
    pub(crate) markers: Markers,
    /// Events whose stored data cannot be understood. It stays as it is in the storage.
    quarantined: BTreeMap<Box<str>, Quarantine>,
    /// Copies of damaged files that were kept.
    kept_aside: Vec<std::path::PathBuf>,
    /// Events that were not handed to the storage yet, in the order of their first change. It is
    /// used only if changes are written in the background.
    write_queue: NameList,
    /// Whether changes are written in the background, in the order of recording.
    writes_in_background: bool,
    /// Whether the writer was woken for what is in the queue.
    wake_sent: bool,
    /// Those who watch what changes.
    pub(crate) watches: Watches,
    /// Whether a loss was found at the opening. A store record is then written although nothing
    /// else changed.
    replaces_damage: bool,
}

impl Engine {
    pub(crate) fn new(tracking: Tracking, zone: Zone) -> Engine {
        Engine {
            events: EventTable::default(),
            clock: ClockState::new(tracking, zone),
            lane: None,
            stamps: Stamps::default(),
            opening_stamp: 0,
            previous: Stamp::default(),
            previous_counted: Stamp::default(),
            lanes: Lanes::default(),
            partial_exports: PartialExports::default(),
            epoch: 0,
            sweep: Sweep::default(),
            persist_dates: [None; 3],
            date_added: None,
            lowers_claims: false,
            losses: Vec::new(),
            identity: None,
            reserved: ReservedEvents::default(),
            process_reservations: ProcessReservations::default(),
            imports: Vec::new(),
            unstored_imports: Vec::new(),
            markers: Markers::default(),
            quarantined: BTreeMap::new(),
            kept_aside: Vec::new(),
            write_queue: NameList::default(),
            writes_in_background: false,
            wake_sent: false,
            watches: Watches::default(),
            replaces_damage: false,
        }
    }

    /// An engine with the same settings that knows nothing yet.
    #[cfg(feature = "storage-fs")]
    pub(crate) fn emptied(&self) -> Engine {
        let mut engine = Engine::new(self.clock.tracking.clone(), self.clock.zone.clone());
        self.markers.names().for_each(|name| engine.declare_marker(name));
        engine
    }

    /// Takes the place of `replaced`, an engine of the same process with the same settings.
    #[cfg(feature = "storage-fs")]
    pub(crate) fn replace(mut self, replaced: &mut Engine) {
        self.events.follow(&replaced.events);
        self.clock.set_zone(replaced.clock.zone.clone());
        self.process_reservations = std::mem::take(&mut replaced.process_reservations);
        self.watches = std::mem::take(&mut replaced.watches);
        *replaced = self;
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

    /// Issues a stamp.
    fn next_stamp(&mut self) -> Stamp {
        self.stamps.next(self.clock.now())
    }
}

/// The stamps that this store issues.
#[derive(Debug, Clone, Default)]
struct Stamps {
    /// The number of the last one.
    last: u64,
    /// The number of the last one that a cell got in this opening; 0 without one.
    counted: u64,
    /// A random number that tells this opening of the store from all others.
    opening: u32,
}

impl Stamps {
    /// Issues a stamp at `now`.
    #[inline]
    fn next(&mut self, now: i64) -> Stamp {
        self.last = (self.last + 1).max(u64::try_from(now).unwrap_or(0));
        Stamp::new(self.last, self.opening)
    }

    /// Issues a stamp for a cell at `now`.
    #[inline]
    fn next_of_cell(&mut self, now: i64) -> Stamp {
        let stamp = self.next(now);
        self.counted = stamp.number;
        stamp
    }
}
