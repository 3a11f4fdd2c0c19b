//! The naive model: it keeps every recording with its instant and its local date, and counts every
//! answer from them.

use std::collections::BTreeSet;

pub use super::counted::{Counted, Side};
use super::unit::{DAY, HOUR, Numbers, SECOND, Unit};
use super::watch::{BELIEVED_AHEAD, LARGE_STEP, STEP, Step, Watch};
pub use super::world::{Entry, Knowledge, World, learn};
use super::zone::LocalZone;

/// What one device knows at one instant.
pub struct View<'a> {
    pub world: &'a World,
    pub knows: &'a Knowledge,
    /// What was known after each merge, and what the clock showed then.
    pub learned: &'a [(i64, Knowledge)],
    pub own: u32,
    pub zone: &'a LocalZone,
    pub tracked: &'a [(Unit, usize)],
    /// The fewest buckets of each unit that were ever tracked; without units that were once
    /// untracked.
    pub throughout: &'a [(Unit, usize)],
    /// Whether the tracked units never changed.
    pub is_steady: bool,
    /// What the clock shows, and the true time.
    pub now: i64,
    pub truth: i64,
    pub current: Numbers,
    pub step: Option<Step>,
    /// The latest instant that the clock showed, if it ever went back.
    pub peak: Option<i64>,
    /// Whether an event is loaded on the first question about it; recordings made before that are
    /// added then.
    pub reads_late: bool,
    /// Whether the clock never went back by so much that the model does not say how each answer is
    /// put together from what was counted before and after. Then only the truth is compared.
    pub is_exact: bool,
}

impl<'a> View<'a> {
    /// The view of a device whose clock was always right.
    pub fn new(
        world: &'a World,
        knows: &'a Knowledge,
        own: u32,
        zone: &'a LocalZone,
        tracked: &'a [(Unit, usize)],
        now: i64,
    ) -> View<'a> {
        let current = Numbers::of(now, zone.offset_at(now));
        View {
            world,
            knows,
            learned: &[],
            own,
            zone,
            tracked,
            throughout: tracked,
            is_steady: true,
            now,
            truth: now,
            current,
            step: None,
            peak: None,
            reads_late: false,
            is_exact: true,
        }
    }

    /// The same view with what a device knows of its clock.
    pub fn watched(self, watch: Watch) -> View<'a> {
        View {
            step: watch.step,
            peak: watch.went_back.then_some(watch.peak),
            is_exact: !watch.went_far_back,
            ..self
        }
    }

    /// Whether the clock of one of the known devices went back by a large step.
    pub fn knows_large_steps(&self) -> bool {
        self.knows.keys().any(|device| {
            let entries = self.world.lanes.get(device).into_iter().flat_map(|lane| lane.events.values());
            let mut noted: Vec<(usize, i64)> =
                entries.flatten().map(|entry| (entry.place, entry.noted)).collect();
            noted.sort_unstable();
            let mut peak = i64::MIN / 2;
            noted.into_iter().any(|(_, at)| {
                peak = peak.max(at);
                at < peak - LARGE_STEP
            })
        })
    }

    /// The same view at a later instant.
    pub fn at(&self, now: i64) -> View<'a> {
        let truth = self.truth + now - self.now;
        let step = self.step.filter(|step| now < step.peak);
        View { now, truth, current: self.numbers_at(now), step, ..*self }
    }

    pub fn numbers_at(&self, at: i64) -> Numbers {
        Numbers::of(at, self.zone.offset_at(at))
    }

    pub fn tracked(&self, unit: Unit) -> Option<usize> {
        self.tracked.iter().find(|(tracked, _)| *tracked == unit).map(|(_, buckets)| *buckets)
    }

    pub fn longest(&self) -> Unit {
        *self
            .tracked
            .iter()
            .map(|(unit, n)| (unit, unit.span() * *n as i64))
            .max_by_key(|(_, span)| *span)
            .unwrap()
            .0
    }

    /// The finest tracked unit that reaches back over `span` milliseconds.
    pub fn unit_for(&self, span: i64) -> Option<Unit> {
        let reaches =
            |unit: Unit| self.tracked(unit).is_some_and(|n| (2 * n as i64 - 1) * unit.span() >= span);
        Unit::ALL.into_iter().find(|unit| reaches(*unit))
    }

    /// The known recordings of an event, device by device.
    fn by_device(&self, event: &str) -> impl Iterator<Item = (u32, Vec<&'a Entry>)> {
        let View { world, knows, .. } = *self;
        knows.iter().map(move |(device, known)| {
            let of_event = world.lanes.get(device).and_then(|lane| lane.events.get(event));
            (*device, of_event.into_iter().flatten().filter(|entry| entry.place < *known).collect())
        })
    }

    /// The known recordings of an event.
    pub fn entries(&self, event: &str) -> Vec<&'a Entry> {
        self.by_device(event).flat_map(|(_, entries)| entries).collect()
    }

    /// The lanes that counted an event.
    pub fn lanes(&self, event: &str) -> Vec<Counted<'a>> {
        let lanes = self.by_device(event).filter_map(|(device, mut entries)| {
            entries.retain(|entry| entry.count > 0);
            let as_of = self.as_of(device, &entries);
            Counted::of(entries, device == self.own, self.now, as_of)
        });
        lanes.collect()
    }

    /// The instant as which recordings of a device that lie ahead of the clock are read: as of the
    /// merge that first brought the last of them, or as of the notice.
    fn as_of(&self, device: u32, entries: &[&Entry]) -> i64 {
        let last = |known: usize| {
            let known = entries.iter().copied().filter(|entry| entry.place < known).collect();
            Counted::of(known, false, self.now, self.now).map(|counted| counted.latest())
        };
        let latest = last(usize::MAX);
        let knew = |knows: &Knowledge| knows.get(&device).and_then(|known| last(*known)) == latest;
        let mut merges = self.learned.iter().filter(|_| device != self.own);
        let received = merges.find(|(_, knows)| knew(knows)).map(|(at, _)| *at);
        let received = received.filter(|at| latest.is_some_and(|latest| latest > *at));
        let noticed = self.step.map_or(self.now, |step| step.noticed);
        received.unwrap_or(noticed).min(self.now)
    }

    pub fn is_known(&self, event: &str) -> bool {
        self.by_device(event).any(|(_, entries)| !entries.is_empty())
    }

    pub fn events(&self) -> BTreeSet<&'static str> {
        let names = self.world.lanes.values().flat_map(|lane| lane.events.keys().copied());
        names.filter(|name| self.is_known(name)).collect()
    }

    /// The counts of the last `n` buckets, newest first.
    pub fn buckets(&self, event: &str, unit: Unit, n: usize) -> Vec<u64> {
        let (current, mut buckets) = (self.current.get(unit), vec![0; n]);
        for lane in self.lanes(event) {
            let last_asked = lane.last_asked(unit);
            let ahead =
                if lane.is_own { self.numbers_at(lane.as_of).get(unit).min(current) } else { current };
            for entry in &lane.entries {
                let number = entry.numbers.get(unit);
                if number > current && last_asked.is_some_and(|last| number > last) {
                    continue;
                }
                let number = if number > current { ahead } else { number };
                if let Some(bucket) = buckets.get_mut((current - number) as usize) {
                    *bucket += u64::from(entry.count);
                }
            }
        }
        buckets
    }

    pub fn lifetime(&self, event: &str) -> Option<u64> {
        self.is_known(event).then(|| self.lanes(event).iter().map(Counted::lifetime).sum())
    }

    /// The instant of the last recording.
    pub fn last_at(&self, event: &str) -> Option<i64> {
        self.lanes(event).iter().filter_map(|lane| lane.last_seen(Side::Upper)).max()
    }

    /// The instant of the first recording. Each device keeps its first one by its own clock.
    pub fn first_at(&self, event: &str) -> Option<i64> {
        let first = |lane: &Counted| {
            (lane.is_own || lane.first <= self.now + BELIEVED_AHEAD).then(|| lane.read(lane.first))
        };
        self.lanes(event).iter().filter_map(first).min()
    }

    /// When the oldest bucket of a unit with counts began, or the first recording if that was
    /// later; `None` if the local date of the bucket is not one continuous interval.
    pub fn first_in(&self, event: &str, unit: Unit) -> Option<Option<i64>> {
        let buckets = self.buckets(event, unit, self.tracked(unit).unwrap_or(0));
        let Some(back) = buckets.iter().rposition(|count| *count > 0) else { return Some(None) };
        let (begins, _) = self.zone.bounds(unit, self.current.get(unit) - back as i64)?;
        Some(Some(self.first_at(event).map_or(begins, |first| first.max(begins)).min(self.now)))
    }

    /// Whether the store certainly has the counts of the last `n` buckets of a unit. It may have
    /// dropped some if another number of buckets was tracked, or if the clock was ahead.
    pub fn has_all(&self, event: &str, unit: Unit, n: usize) -> bool {
        if !self.is_exact {
            return false;
        }
        let throughout = self.throughout.iter().find(|(known, _)| *known == unit);
        let Some((_, tracked)) = throughout.filter(|(_, tracked)| n <= *tracked) else { return false };
        self.by_device(event).all(|(device, entries)| {
            let shown = entries.iter().map(|entry| entry.noted);
            let went_back = !shown.clone().is_sorted() || (device == self.own && self.peak.is_some());
            let peak = shown.chain(self.peak.filter(|_| device == self.own)).max().unwrap_or(0);
            let kept = Numbers::of(peak, 14 * 3_600).get(unit) - 2 * *tracked as i64;
            !went_back || entries.iter().all(|entry| entry.numbers.get(unit) >= kept)
        })
    }

    /// Whether the clock went back by less than a step while one is open: what was recorded just
    /// before is then read as of the notice, which can be too early.
    pub fn reads_too_early(&self, event: &str) -> bool {
        let ahead = self.now + 1..=self.now + STEP;
        let is_ahead =
            |lane: &Counted| lane.is_own && lane.entries.iter().any(|entry| ahead.contains(&entry.at));
        STEP > SECOND && self.step.is_some() && self.lanes(event).iter().any(is_ahead)
    }

    /// Whether the last time is defined. It is not if the clock went back between recordings that
    /// were loaded separately, because their order is not kept.
    pub fn knows_last(&self, event: &str) -> bool {
        let entries = self.by_device(event).filter(|(device, _)| *device == self.own);
        !self.reads_late || entries.into_iter().all(|(_, own)| own.is_sorted_by_key(|entry| entry.noted))
    }

    /// The local date and time as text, for messages.
    pub fn local(&self) -> String {
        let offset = self.zone.offset_at(self.now);
        let local = self.now + i64::from(offset) * SECOND;
        let date = super::calendar::dates()[local.div_euclid(DAY) as usize];
        let seconds = local.rem_euclid(DAY) / SECOND;
        let (hours, minutes) = (local.rem_euclid(DAY) / HOUR, seconds / 60 % 60);
        let (year, month, day, seconds) = (date.year, date.month, date.day, seconds % 60);
        format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02} ({:+} min)", offset / 60)
    }
}
