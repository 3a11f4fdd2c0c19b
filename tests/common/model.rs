//! The naive model: every recording is kept with its instant and its local date, and every answer is counted from them.

use std::collections::{BTreeMap, BTreeSet};

use super::unit::{DAY, MINUTE, Numbers, SECOND, Unit};
use super::zone::LocalZone;

/// How far a clock may be off before its future is doubted.
const JITTER: i64 = 15 * MINUTE;

/// One recording.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    pub numbers: Numbers,
    pub count: u32,
    /// Its place in the life of its device.
    pub place: usize,
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
        let lane = self.lanes.entry(device).or_default();
        let entry = Entry { at, numbers: Numbers::of(at, offset), count, place: lane.len };
        lane.len += 1;
        lane.events.entry(event).or_default().push(entry);
    }
}

/// Takes over what another device knows.
pub fn learn(knows: &mut Knowledge, others: &Knowledge) {
    for (device, len) in others {
        let known = knows.entry(*device).or_default();
        *known = (*known).max(*len);
    }
}

/// What one device can say at one instant.
pub struct View<'a> {
    pub world: &'a World,
    pub knows: &'a Knowledge,
    pub own: u32,
    pub zone: &'a LocalZone,
    pub tracked: &'a [(Unit, usize)],
    pub now: i64,
    pub current: Numbers,
}

impl<'a> View<'a> {
    pub fn at(&self, now: i64) -> View<'a> {
        let current = Numbers::of(now, self.zone.offset_at(now));
        View { now, current, ..*self }
    }

    pub fn tracked(&self, unit: Unit) -> Option<usize> {
        self.tracked.iter().find(|(tracked, _)| *tracked == unit).map(|(_, buckets)| *buckets)
    }

    pub fn longest(&self) -> Unit {
        self.tracked.iter().map(|(unit, _)| *unit).max().unwrap()
    }

    /// The known recordings of an event, and whether each is our own.
    pub fn entries(&self, event: &str) -> impl Iterator<Item = (&'a Entry, bool)> + use<'a> {
        let mut entries = Vec::new();
        for (device, known) in self.knows {
            let of_event = self.world.lanes.get(device).and_then(|lane| lane.events.get(event));
            for entry in of_event.into_iter().flatten().filter(|entry| entry.place < *known) {
                entries.push((entry, *device == self.own));
            }
        }
        entries.into_iter()
    }

    pub fn is_known(&self, event: &str) -> bool {
        self.entries(event).next().is_some()
    }

    pub fn events(&self) -> BTreeSet<&'static str> {
        let names = self.world.lanes.values().flat_map(|lane| lane.events.keys().copied());
        names.filter(|name| self.is_known(name)).collect()
    }

    /// The bucket in which a recording is read now. A number that is ahead of ours comes from a clock that is a little
    /// fast or from a place where it is already tomorrow, and is read as now; nothing if it is to wait until its time.
    pub fn number(&self, entry: &Entry, own: bool, unit: Unit) -> Option<i64> {
        let ahead_by_dates = entry.numbers.get(Unit::Days) - self.current.get(Unit::Days);
        if entry.at > self.now + JITTER || (!own && ahead_by_dates > 2) {
            return None;
        }
        Some(entry.numbers.get(unit).min(self.current.get(unit)))
    }

    /// The counts of the last `n` buckets, newest first.
    pub fn buckets(&self, event: &str, unit: Unit, n: usize) -> Vec<u64> {
        let mut buckets = vec![0; n];
        for (entry, own) in self.entries(event) {
            let Some(number) = self.number(entry, own, unit) else { continue };
            if let Some(bucket) = buckets.get_mut((self.current.get(unit) - number) as usize) {
                *bucket += u64::from(entry.count);
            }
        }
        buckets
    }

    pub fn lifetime(&self, event: &str) -> Option<u64> {
        self.is_known(event).then(|| self.entries(event).map(|(entry, _)| u64::from(entry.count)).sum())
    }

    /// The instant of the last recording.
    pub fn last_at(&self, event: &str) -> Option<i64> {
        self.entries(event).map(|(entry, _)| entry.at).max()
    }

    /// The instant of the first recording.
    pub fn first_at(&self, event: &str) -> Option<i64> {
        self.entries(event).map(|(entry, _)| entry.at).min()
    }

    /// The local date and time as text, for messages.
    pub fn local(&self) -> String {
        let offset = self.zone.offset_at(self.now);
        let local = self.now + i64::from(offset) * SECOND;
        let date = super::calendar::dates()[local.div_euclid(DAY) as usize];
        let seconds = local.rem_euclid(DAY) / SECOND;
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} ({:+} min)",
            date.year,
            date.month,
            date.day,
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            offset / 60
        )
    }
}
