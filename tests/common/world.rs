//! The data of the model: every recording of every device, and what each device knows of it.

use std::collections::BTreeMap;

use super::unit::Numbers;

/// One recording. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// When it happened by the clock of its device.
    pub at: i64,
    /// When it really happened.
    pub truth: i64,
    /// What the clock showed when it was recorded.
    pub noted: i64,
    /// How often the clock of its device had gone back by more than [`STEP`](super::watch::STEP).
    pub steps: u32,
    /// The UTC offset at `at`, in seconds.
    pub offset: i32,
    /// The buckets of `at`.
    pub numbers: Numbers,
    pub count: u32,
    /// Its index among all recordings of its device.
    pub place: usize,
}

impl Entry {
    /// A recording under a right clock.
    pub fn new(count: u32, at: i64, offset: i32) -> Entry {
        let numbers = Numbers::of(at, offset);
        Entry { at, truth: at, noted: at, steps: 0, offset, numbers, count, place: 0 }
    }
}

/// The recordings of one device.
#[derive(Debug, Default)]
pub struct Lane {
    pub events: BTreeMap<&'static str, Vec<Entry>>,
    pub len: usize,
}

/// The recordings of all devices.
#[derive(Debug, Default)]
pub struct World {
    pub lanes: BTreeMap<u32, Lane>,
}

/// How many recordings of each device are known.
pub type Knowledge = BTreeMap<u32, usize>;

impl World {
    /// Adds a recording under a right clock.
    pub fn record(&mut self, device: u32, event: &'static str, count: u32, at: i64, offset: i32) {
        self.note(device, event, Entry::new(count, at, offset));
    }

    /// Adds a recording as the next one of its device.
    pub fn note(&mut self, device: u32, event: &'static str, entry: Entry) {
        let lane = self.lanes.entry(device).or_default();
        lane.events.entry(event).or_default().push(Entry { place: lane.len, ..entry });
        lane.len += 1;
    }
}

/// Adds what another device knows.
pub fn learn(knows: &mut Knowledge, others: &Knowledge) {
    for (device, len) in others {
        let known = knows.entry(*device).or_default();
        *known = (*known).max(*len);
    }
}
