//! The naive model: it keeps every recording with its instant and its local date, and counts every
//! answer from them.

use std::collections::BTreeSet;

use super::unit::{DAY, Numbers, SECOND, Unit};
use super::watch::{BELIEVED_AHEAD, Step};
pub use super::world::{Entry, Forgotten, Knowledge, World, learn};
use super::zone::LocalZone;

/// How many dates another device can be ahead of ours.
const DATES_AHEAD: i64 = 2;

/// Whose recording it is and, for another device, whether its clock is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Own,
    Believed,
    Doubted,
}

/// How own recordings ahead of a clock that went back are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// As of the instant at which the step was noticed.
    Counts,
    /// They are ignored.
    Ignored,
}

/// What one device knows at one instant.
pub struct View<'a> {
    pub world: &'a World,
    pub knows: &'a Knowledge,
    pub own: u32,
    pub zone: &'a LocalZone,
    pub tracked: &'a [(Unit, usize)],
    pub now: i64,
    pub current: Numbers,
    pub step: Option<Step>,
    pub forgotten: Option<&'a Forgotten>,
    /// Whether an event is loaded on the first question about it; recordings made before that are
    /// added then.
    pub reads_late: bool,
}

impl<'a> View<'a> {
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
            own,
            zone,
            tracked,
            now,
            current,
            step: None,
            forgotten: None,
            reads_late: false,
        }
    }

    /// The same view at a later instant.
    pub fn at(&self, now: i64) -> View<'a> {
        let current = self.numbers_at(now);
        View { now, current, step: self.step.filter(|step| now < step.peak), ..*self }
    }

    pub fn numbers_at(&self, at: i64) -> Numbers {
        Numbers::of(at, self.zone.offset_at(at))
    }

    pub fn tracked(&self, unit: Unit) -> Option<usize> {
        self.tracked.iter().find(|(tracked, _)| *tracked == unit).map(|(_, buckets)| *buckets)
    }

    pub fn longest(&self) -> Unit {
        self.tracked.iter().map(|(unit, _)| *unit).max().unwrap()
    }

    /// The known recordings of an event, device by device.
    fn by_device(&self, event: &str) -> Vec<(u32, Vec<&'a Entry>)> {
        let known = self.knows.iter().map(|(device, known)| {
            let of_event = self.world.lanes.get(device).and_then(|lane| lane.events.get(event));
            (*device, of_event.into_iter().flatten().filter(|entry| entry.place < *known).collect())
        });
        known.collect()
    }

    /// The known recordings of an event, and whose each is.
    pub fn entries(&self, event: &str) -> Vec<(&'a Entry, Source)> {
        let mut entries = Vec::new();
        for (device, of_event) in self.by_device(event) {
            let source = Seen::by(&of_event).map_or(Source::Believed, |seen| self.source(device, seen.last));
            entries.extend(of_event.into_iter().map(|entry| (entry, source)));
        }
        entries
    }

    fn source(&self, device: u32, last: i64) -> Source {
        match device {
            _ if device == self.own => Source::Own,
            _ if last > self.now + BELIEVED_AHEAD => Source::Doubted,
            _ => Source::Believed,
        }
    }

    pub fn is_known(&self, event: &str) -> bool {
        self.knows.iter().any(|(device, known)| {
            let of_event = self.world.lanes.get(device).and_then(|lane| lane.events.get(event));
            of_event.is_some_and(|entries| entries[0].place < *known)
        })
    }

    pub fn events(&self) -> BTreeSet<&'static str> {
        let names = self.world.lanes.values().flat_map(|lane| lane.events.keys().copied());
        names.filter(|name| self.is_known(name)).collect()
    }

    /// The bucket in which a recording is read now; `None` if it is not counted. A bucket ahead of
    /// the current one comes from a clock that is slightly fast or from a place where it is already
    /// tomorrow, and is read as the current one. An own recording may also come from before the
    /// clock went back, and that of another device from a wrong clock: then it waits until its
    /// time.
    pub fn number(&self, entry: &Entry, source: Source, unit: Unit, doubt: Doubt) -> Option<i64> {
        let (number, current) = (entry.numbers.get(unit), self.current.get(unit));
        if !entry.is_counted_in(unit) {
            return None;
        }
        if number <= current {
            return Some(number);
        }
        match (source, self.step, doubt) {
            (Source::Own, None, _) => Some(current),
            (Source::Own, Some(step), Doubt::Counts) => {
                Some(self.numbers_at(step.noticed).get(unit).min(current))
            }
            (Source::Own, Some(_), Doubt::Ignored) | (Source::Doubted, ..) => None,
            (Source::Believed, ..) => {
                let furthest = match unit {
                    Unit::Seconds | Unit::Minutes | Unit::Hours => (self.now + BELIEVED_AHEAD) / unit.span(),
                    civil => civil.of_date(self.current.get(Unit::Days) + DATES_AHEAD),
                };
                (number <= furthest).then_some(current)
            }
        }
    }

    /// The counts of the last `n` buckets, newest first.
    pub fn buckets(&self, event: &str, unit: Unit, n: usize) -> Vec<u64> {
        let mut buckets = vec![0; n];
        for (entry, source) in self.entries(event) {
            let Some(number) = self.number(entry, source, unit, Doubt::Counts) else { continue };
            if let Some(bucket) = buckets.get_mut((self.current.get(unit) - number) as usize) {
                *bucket += u64::from(entry.count);
            }
        }
        buckets
    }

    pub fn lifetime(&self, event: &str) -> Option<u64> {
        self.is_known(event)
            .then(|| self.entries(event).iter().map(|(entry, _)| u64::from(entry.count)).sum())
    }

    /// The instant at which something that was seen is read now.
    fn instant(&self, at: i64, source: Source, doubt: Doubt) -> Option<i64> {
        match (source, self.step, doubt) {
            _ if at <= self.now => Some(at),
            (Source::Own, Some(_), Doubt::Ignored) | (Source::Doubted, ..) => None,
            (Source::Own, Some(step), Doubt::Counts) => Some(step.noticed.min(self.now)),
            (Source::Own, None, _) | (Source::Believed, ..) => Some(self.now),
        }
    }

    /// The instant of the last recording.
    pub fn last_at(&self, event: &str, doubt: Doubt) -> Option<i64> {
        self.sightings(event).into_iter().filter_map(|(at, source)| self.instant(at, source, doubt)).max()
    }

    /// When each device last saw an event, by its clock as it is now and by what it showed before
    /// it went back.
    pub fn sightings(&self, event: &str) -> Vec<(i64, Source)> {
        let mut sightings = Vec::new();
        for (device, of_event) in self.by_device(event) {
            if let Some(Seen { last, ahead }) = Seen::by(&of_event) {
                let source = self.source(device, last);
                sightings.extend(ahead.into_iter().chain([last]).map(|at| (at, source)));
            }
        }
        sightings
    }

    /// The instant of the first recording. Each device keeps its first one by its own clock.
    pub fn first_at(&self, event: &str) -> Option<i64> {
        let firsts = self.by_device(event).into_iter().filter_map(|(device, of_event)| {
            let first = of_event.iter().filter(|entry| entry.count > 0).map(|entry| entry.at).min()?;
            self.instant(first, self.source(device, Seen::by(&of_event)?.last), Doubt::Counts)
        });
        firsts.min()
    }

    /// Whether the store may have dropped a count in the unit's window or in the bucket just before
    /// it.
    pub fn may_miss(&self, event: &str, unit: Unit) -> bool {
        let (Some(forgotten), Some(tracked)) = (self.forgotten, self.tracked(unit)) else { return false };
        let oldest = self.current.get(unit) - tracked as i64;
        self.entries(event).into_iter().any(|(entry, _)| {
            let number = entry.numbers.get(unit);
            entry.is_counted_in(unit) && number >= oldest && forgotten.holds(event, unit, number)
        })
    }

    /// Whether some device counted the event but no kept count is in this unit. A limit then uses a
    /// coarser unit, which may refuse although this model passes.
    pub fn goes_by_coarser(&self, event: &str, unit: Unit) -> bool {
        let is_kept = |entry: &Entry| {
            let dropped = |all: &Forgotten| all.holds(event, unit, entry.numbers.get(unit));
            entry.is_counted_in(unit) && !self.forgotten.is_some_and(dropped)
        };
        let devices = self.by_device(event);
        devices.iter().any(|(_, entries)| {
            let mut counted = entries.iter().filter(|entry| entry.count > 0).peekable();
            counted.peek().is_some() && !counted.any(|entry| is_kept(entry))
        })
    }

    /// All possible answers for the last time if it is not defined which recording it is of: the
    /// clock went back between recordings that were loaded separately, and their order is not kept.
    pub fn last_of(&self, event: &str, doubt: Doubt) -> Option<Vec<i64>> {
        let own = self.by_device(event).into_iter().find(|(device, _)| *device == self.own);
        let entries: Vec<_> = own?.1.into_iter().filter(|entry| entry.count > 0).collect();
        let went_back = entries.iter().enumerate().any(|(place, later)| {
            entries.iter().take(place).any(|earlier| later.noted < earlier.at - BELIEVED_AHEAD)
        });
        let instants = || entries.iter().filter_map(|entry| self.instant(entry.at, Source::Own, doubt));
        (self.reads_late && went_back).then(|| instants().collect())
    }

    /// When the oldest bucket of a unit with counts began, or the first recording if that was
    /// later; `None` if the local date of the bucket is not one continuous interval.
    pub fn first_in(&self, event: &str, unit: Unit) -> Option<Option<i64>> {
        let buckets = self.buckets(event, unit, self.tracked(unit).unwrap_or(0));
        let Some(back) = buckets.iter().rposition(|count| *count > 0) else { return Some(None) };
        let (begins, _) = self.zone.bounds(unit, self.current.get(unit) - back as i64)?;
        Some(Some(self.first_at(event).map_or(begins, |first| first.max(begins)).min(self.now)))
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

/// When a device last saw an event, as two instants.
struct Seen {
    last: i64,
    /// The latest instant that the clock showed before it went back.
    ahead: Option<i64>,
}

impl Seen {
    fn by(entries: &[&Entry]) -> Option<Seen> {
        let mut entries = entries.iter().filter(|entry| entry.count > 0).map(|entry| (entry.at, entry.noted));
        let mut seen = Seen { last: entries.next()?.0, ahead: None };
        for (at, noted) in entries {
            if noted < seen.last {
                seen = Seen { last: at, ahead: seen.ahead.max(Some(seen.last)) };
            }
            seen.last = seen.last.max(at);
            // Drop it once it is no longer the latest.
            seen.ahead = seen.ahead.filter(|ahead| *ahead > seen.last);
        }
        Some(seen)
    }
}
