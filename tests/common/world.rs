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
    /// Its place in the life of its device.
    pub place: usize,
    /// What the clock showed when it was recorded.
    pub noted: i64,
    /// The units that counted it, a bit for each.
    pub counted: u8,
}

impl Entry {
    pub fn is_counted_in(&self, unit: Unit) -> bool {
        self.counted & (1 << unit as u8) != 0
    }
}

/// What a store may have dropped by now: of an event (or of all), in a unit, the buckets below a number.
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

/// What one device did.
#[derive(Debug, Default)]
pub struct Lane {
    pub events: BTreeMap<&'static str, Vec<Entry>>,
    pub len: usize,
}

/// What all devices did.
#[derive(Debug, Default)]
pub struct World {
    pub lanes: BTreeMap<u32, Lane>,
}

/// How much of the life of which device is known.
pub type Knowledge = BTreeMap<u32, usize>;

impl World {
    /// Notes a recording by the local date at that instant.
    pub fn record(&mut self, device: u32, event: &'static str, count: u32, at: i64, offset: i32) {
        let numbers = Numbers::of(at, offset);
        self.note(device, event, Entry { at, numbers, count, place: 0, noted: at, counted: u8::MAX });
    }

    /// Notes a recording as the next one of its device.
    pub fn note(&mut self, device: u32, event: &'static str, entry: Entry) {
        let lane = self.lanes.entry(device).or_default();
        lane.events.entry(event).or_default().push(Entry { place: lane.len, ..entry });
        lane.len += 1;
    }
}

/// Takes over what another device knows.
pub fn learn(knows: &mut Knowledge, others: &Knowledge) {
    for (device, len) in others {
        let known = knows.entry(*device).or_default();
        *known = (*known).max(*len);
    }
}
