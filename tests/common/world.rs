//! The data of the model: every recording of every device, and what each device knows of it.

use std::collections::BTreeMap;

use super::unit::{Numbers, Unit};

/// One recording.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    pub numbers: Numbers,
    pub count: u32,
    /// Its index among all recordings of its device.
    pub place: usize,
    /// What the clock showed when it was recorded.
    pub noted: i64,
    /// The units that counted it, one bit each.
    pub counted: u8,
}

impl Entry {
    pub fn is_counted_in(&self, unit: Unit) -> bool {
        self.counted & (1 << unit as u8) != 0
    }
}

/// What a store may have dropped: of an event (or of all), the buckets of a unit below a number.
#[derive(Debug, Default)]
pub struct Forgotten {
    pub of_all: BTreeMap<Unit, i64>,
    pub of_event: BTreeMap<(&'static str, Unit), i64>,
}

impl Forgotten {
    pub fn holds(&self, event: &str, unit: Unit, number: i64) -> bool {
        let of_event = self.of_event.iter().find(|((name, of), _)| *name == event && *of == unit);
        let below = of_event.map(|(_, below)| below).max(self.of_all.get(&unit));
        below.is_some_and(|below| number < *below)
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
    /// Adds a recording with the local date of its instant.
    pub fn record(&mut self, device: u32, event: &'static str, count: u32, at: i64, offset: i32) {
        let numbers = Numbers::of(at, offset);
        self.note(device, event, Entry { at, numbers, count, place: 0, noted: at, counted: u8::MAX });
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
