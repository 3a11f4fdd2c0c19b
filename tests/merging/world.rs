//! Devices, the messages in flight, and the steps.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use tempfile::TempDir;
use tiny_counter::{MergeReport, SingleEventCounter};

use super::common::noon;
use super::common::unit::{DAY, SECOND};
use super::device::{Copied, DAYS, Device, NAMES};
use super::place::{Place, Stop};
use super::schedule::{Kind, Random, Schedule, Step};
use super::truth::{Atom, Atoms, Held, LifeId, State, Truth};
use super::zones::zone;

pub type Check = Result<(), String>;

#[derive(Clone)]
enum Body {
    Bytes(Vec<u8>),
    Counters(HashMap<String, SingleEventCounter>),
}

/// For whom a message certainly holds all that it can hold.
#[derive(Clone, Copy, PartialEq)]
enum Whole {
    ForAll,
    /// For this device, if it lost nothing since.
    For(usize, usize),
    Part,
}

#[derive(Clone)]
pub struct Sent {
    body: Body,
    held: Held,
    whole: Whole,
}

/// A sync state, of which device, and how often that had lost something.
type Known = (Vec<u8>, usize, usize);

pub struct World {
    pub kind: Kind,
    pub devices: Vec<Device>,
    pub truth: Truth,
    pub flight: Vec<Sent>,
    known: Vec<Known>,
    /// The event of each atom, and its date where it was recorded.
    atoms: HashMap<Atom, (usize, i64)>,
    bits: [u32; 4],
    events: usize,
    /// How many lanes there can be.
    pub lanes: usize,
    number: usize,
    folder: TempDir,
}

/// How many minutes before [`noon`] the first minute of an atom is.
const PAST: usize = 300;

impl World {
    pub fn new(schedule: &Schedule) -> World {
        let kind = schedule.kind;
        let with_identity = matches!(kind, Kind::Restore | Kind::Fork | Kind::Age);
        // A disk in memory, where there is one: the many syncs cost nothing there.
        let folder = match std::path::Path::new("/dev/shm").is_dir() {
            true => tempfile::tempdir_in("/dev/shm").unwrap(),
            false => tempfile::tempdir().unwrap(),
        };
        let minutes = if kind == Kind::Age { 60 } else { 512 };
        let device = |d: usize| {
            let (place, zone) = schedule.homes[d];
            let token = with_identity.then(|| folder.path().join(format!("{d}")));
            Device::new(noon(), self::zone(zone), Place::new(place, folder.path()), minutes, token)
        };
        let devices = (0..schedule.devices).map(device).collect();
        World {
            kind,
            devices,
            truth: Truth::default(),
            flight: Vec::new(),
            known: Vec::new(),
            atoms: HashMap::new(),
            bits: [0; 4],
            events: schedule.events,
            lanes: schedule.devices,
            number: 0,
            folder,
        }
    }

    fn counts_bits(&self) -> bool {
        matches!(self.kind, Kind::Age | Kind::Clock)
    }

    /// What a device answers.
    pub fn view(&self, d: usize) -> Result<Atoms, String> {
        let mut view = Atoms::new();
        for (event, name) in NAMES.into_iter().enumerate().take(self.events) {
            let query = self.devices[d].store().query(name);
            if self.counts_bits() {
                let lifetime = query.try_lifetime().unwrap().unwrap_or(0);
                view.extend(
                    (0..64).filter(|bit| lifetime >> bit & 1 == 1).map(|bit| event as u32 * 64 + bit),
                );
                continue;
            }
            for (ago, count) in
                query.last_minutes(PAST + 200).try_into_buckets().unwrap().into_iter().enumerate()
            {
                let atom = (PAST + self.number).wrapping_sub(ago) as Atom;
                match count {
                    0 => continue,
                    1 if self.atoms.get(&atom).is_some_and(|(of, _)| *of == event) => view.insert(atom),
                    _ => return Err(format!("{name} counts {count} times at {atom}")),
                };
            }
            // Of two branches the join has the higher count of each date.
            if !self.truth.forked {
                self.compare_dates(d, event, &view)?;
            }
        }
        Ok(view)
    }

    /// The dates of an event must be those of the minutes. A date that has not begun where it is read
    /// is today.
    fn compare_dates(&self, d: usize, event: usize, view: &Atoms) -> Check {
        let today = self.today(d, Duration::zero());
        let mut truth = [0; DAYS];
        for (of, date) in view.iter().map(|atom| self.atoms[atom]) {
            if of == event {
                truth[usize::try_from(today - date).unwrap_or(0)] += 1;
            }
        }
        let query = self.devices[d].store().query(NAMES[event]);
        let mut dates = query.last_days(DAYS).try_into_buckets().unwrap();
        // An unknown event has none.
        dates.resize(DAYS, 0);
        if dates == truth { Ok(()) } else { Err(format!("{d} answers {dates:?} by date, truth {truth:?}")) }
    }

    /// The date some time ago, in days since 1970, where a device is.
    fn today(&self, d: usize, ago: Duration) -> i64 {
        let device = &self.devices[d];
        let at = (device.store().clock_now() - ago).timestamp_millis();
        (at + i64::from(device.zone.offset_at(at)) * SECOND).div_euclid(DAY)
    }

    /// Checks a device after a step that is no merge.
    fn same(&self, d: usize) -> Check {
        let (seen, truth) = (self.view(d)?, Truth::view(&self.devices[d].memory));
        if seen == truth { Ok(()) } else { Err(format!("{d} answers {seen:?}, truth {truth:?}")) }
    }

    pub fn step(&mut self, number: usize, step: Step) -> Check {
        self.number = number;
        self.devices.iter().for_each(|device| device.clock.advance(Duration::minutes(1)));
        self.take(step)?;
        self.devices.iter_mut().for_each(Device::stepped);
        (0..self.devices.len()).try_for_each(|d| self.same(d))
    }

    /// Ends the process of a device and begins another one.
    pub fn stop(&mut self, d: usize, stop: Stop) -> Check {
        let copied = self.devices[d].after(stop);
        self.become_copy(d, copied)
    }

    fn become_copy(&mut self, d: usize, copied: Copied) -> Check {
        self.devices[d].become_copy(&copied);
        self.found(d, &copied)
    }

    /// Takes as the truth which of its states a copy has.
    fn found(&mut self, d: usize, copied: &Copied) -> Check {
        let seen = self.view(d)?;
        let is_right = self.devices[d].found(copied, &seen);
        if is_right { Ok(()) } else { Err(format!("{d} answers {seen:?}, stored {copied:?}")) }
    }

    fn take(&mut self, step: Step) -> Check {
        match step {
            Step::Record(d, event) => self.record(d, event, Duration::zero()),
            // The join of two branches leaves out what is older than all of the later one.
            Step::RecordPast(d, event) if self.kind == Kind::Fork => self.record(d, event, Duration::zero()),
            Step::RecordPast(d, event) => self.record(d, event, Duration::minutes(PAST as i64)),
            Step::Persist(d) => {
                self.devices[d].store().persist().unwrap();
                self.devices[d].persisted();
            }
            Step::Crash(d) => return self.stop(d, Stop::Kill),
            Step::LosePower(d, parts) => return self.stop(d, Stop::PowerLoss(parts)),
            Step::Reopen(d) => self.devices[d].reopen(),
            Step::Compact(d) => {
                self.devices[d].store.as_mut().unwrap().compact().unwrap();
                self.devices[d].persisted();
            }
            Step::Export(d) => {
                let bytes = self.devices[d].store().export_bytes().unwrap();
                self.send(d, vec![Body::Bytes(bytes)], Whole::ForAll);
            }
            Step::All(d) => {
                let counters = self.devices[d].store().export_all().unwrap();
                self.send(d, vec![Body::Counters(counters)], Whole::ForAll);
            }
            Step::Single(d, event) => {
                let mut counters = self.devices[d].store().export_all().unwrap();
                counters.retain(|name, _| name == NAMES[event]);
                self.send(d, vec![Body::Counters(counters)], Whole::ForAll);
            }
            Step::Knowledge(d) => {
                let known = (self.devices[d].store().knowledge().unwrap(), d, self.devices[d].losses);
                self.known.push(known);
            }
            Step::Since(d, n) => {
                let Some((known, of, losses)) = newest(&self.known, n) else { return Ok(()) };
                if self.is_own_from_before_a_crash(d, of, losses) {
                    return Ok(());
                }
                let bytes = self.devices[d].store().export_since(&known).unwrap();
                self.showed_older_copy(d);
                self.send(d, vec![Body::Bytes(bytes)], Whole::For(of, losses));
            }
            Step::Parts(d) => {
                let parts = self.devices[d].store().export_parts(300).unwrap();
                let whole = if parts.len() == 1 { Whole::ForAll } else { Whole::Part };
                self.send(d, parts.into_iter().map(Body::Bytes).collect(), whole);
            }
            Step::PartsSince(d, n) => {
                let Some((known, of, losses)) = newest(&self.known, n) else { return Ok(()) };
                if self.is_own_from_before_a_crash(d, of, losses) {
                    return Ok(());
                }
                let parts = self.devices[d].store().export_parts_since(&known, 300).unwrap();
                self.showed_older_copy(d);
                self.send(d, parts.into_iter().map(Body::Bytes).collect(), Whole::Part);
            }
            Step::Merge(d, n) => {
                let Some(sent) = newest(&self.flight, n) else { return Ok(()) };
                return self.merge(d, &sent).map(|_| ());
            }
            Step::Lose(n) => {
                if let Some(at) = self.flight.len().checked_sub(n + 1) {
                    self.flight.remove(at);
                }
            }
            Step::Truncated(d, n) => {
                if let Some(Sent { body: Body::Bytes(bytes), .. }) = newest(&self.flight, n) {
                    let merged = self.devices[d].store().merge_bytes(&bytes[..bytes.len() * 2 / 3]);
                    assert!(merged.is_err(), "a part of a message was merged");
                }
            }
            Step::Delta(from, to) => return self.sync(from, to, true).map(|_| ()),
            Step::AllParts(from, to, order) => return self.all_parts(from, to, order),
            Step::Erase(d, event) => {
                self.devices[d].store().erase_event(NAMES[event]).unwrap();
                self.truth.erase(&mut self.devices[d].memory, Some(event));
                self.devices[d].persisted();
            }
            Step::EraseAll(d) => {
                self.devices[d].store().erase_all().unwrap();
                self.truth.erase(&mut self.devices[d].memory, None);
                self.devices[d].persisted();
            }
            Step::Import(d, n) => {
                let counters = self.flight.iter().filter(|sent| matches!(sent.body, Body::Counters(_)));
                let Some(sent) = newest(&counters.cloned().collect::<Vec<_>>(), n) else { return Ok(()) };
                self.import(d, sent);
            }
            Step::Backup(d) => {
                let device = &mut self.devices[d];
                device.backup = Some(device.copied());
                device.backup_token = device.token();
            }
            Step::RestoreWithIdentity(d) => {
                if let Some(backup) = self.devices[d].backup.clone() {
                    return self.become_other(d, backup);
                }
            }
            Step::CopyWithIdentity(from, to) => {
                let copied = self.devices[from].copied();
                return self.become_other(to, copied);
            }
            Step::Restore(d) => {
                if let Some(backup) = self.devices[d].backup.clone() {
                    self.truth.forked = true;
                    let token = self.devices[d].backup_token.clone();
                    self.devices[d].set_token(token);
                    return self.become_copy(d, backup);
                }
            }
            Step::Copy(from, to) => {
                self.truth.forked = true;
                let token = self.devices[from].token();
                self.devices[to].set_token(token);
                let copied = self.devices[from].copied();
                return self.become_copy(to, copied);
            }
            Step::Pass(hours) => {
                let hours = Duration::hours(hours as i64);
                self.devices.iter().for_each(|device| device.clock.advance(hours));
            }
            Step::SetClock(d, hours) => {
                let device = &mut self.devices[d];
                let now: DateTime<Utc> = device.store().clock_now();
                device.clock.set(now + Duration::hours(hours as i64 - 48));
                device.is_set = true;
            }
        }
        Ok(())
    }

    fn record(&mut self, d: usize, event: usize, ago: Duration) {
        let minute = (PAST + self.number) as i64 - ago.num_minutes();
        let (mut atom, mut count) = (minute as Atom, 1);
        if self.counts_bits() {
            if self.bits[event] == 32 {
                return;
            }
            (atom, count) = (event as u32 * 64 + self.bits[event], 1 << self.bits[event]);
            self.bits[event] += 1;
        }
        self.atoms.insert(atom, (event, self.today(d, ago)));
        let device = &mut self.devices[d];
        match ago.is_zero() {
            true => device.store().record_count(NAMES[event], count),
            false => {
                let at = device.store().clock_now() - ago;
                device.store().record_count_at(NAMES[event], count, at).unwrap();
            }
        }
        if device.is_set {
            device.memory.unsure.insert(event);
        }
        self.truth.record(&mut device.memory, event, atom, &device.recorded);
        device.recorded.extend(device.memory.own.get(&event));
    }

    fn become_other(&mut self, d: usize, mut copied: Copied) -> Check {
        self.lanes += 1;
        let token = self.folder.path().join(format!("other{}", self.lanes));
        self.devices[d].become_other(&copied, &token);
        copied.states.iter_mut().for_each(State::become_other);
        self.found(d, &copied)
    }

    /// Everything that leaves a device is durable there before.
    fn send(&mut self, d: usize, bodies: Vec<Body>, whole: Whole) {
        self.devices[d].persisted();
        for body in bodies {
            let mut held = self.devices[d].memory.held.clone();
            if let Body::Counters(counters) = &body {
                let is_sent = |life: &LifeId| counters.contains_key(NAMES[self.truth.lives[*life].event]);
                held.lives.retain(|life, _| is_sent(life));
                (held.sure, held.may) = Default::default();
            }
            self.flight.push(Sent { body, held, whole });
        }
    }

    /// A sync state names stamps that are not durable yet. A device that crashed and gets its own
    /// one back takes itself for an older copy and leaves its lane. That is known; it loses nothing.
    fn is_own_from_before_a_crash(&self, d: usize, of: usize, losses: usize) -> bool {
        d == of && losses != self.devices[d].losses
    }

    /// A device that went back may have left its lane.
    fn showed_older_copy(&mut self, d: usize) {
        if self.truth.forked {
            self.devices[d].memory.unsure.extend(0..self.events);
        }
    }

    pub fn merge(&mut self, d: usize, sent: &Sent) -> Result<MergeReport, String> {
        let complete = match sent.whole {
            Whole::ForAll => true,
            Whole::For(of, losses) => of == d && losses == self.devices[d].losses,
            Whole::Part => false,
        };
        if self.kind == Kind::Import && !complete {
            return Ok(MergeReport::default());
        }
        let report = self.apply(d, &sent.body)?;
        self.merged(d, &sent.held, complete).map(|()| report)
    }

    fn apply(&mut self, d: usize, body: &Body) -> Result<MergeReport, String> {
        match body {
            Body::Bytes(bytes) => {
                let report = self.devices[d].store().merge_bytes(bytes).unwrap();
                if report.restarted {
                    if !self.truth.forked {
                        return Err(format!("{d} left its lane"));
                    }
                    // What nobody else knew remains its own.
                    self.showed_older_copy(d);
                    self.devices[d].persisted();
                }
                Ok(report)
            }
            Body::Counters(counters) => {
                match counters.iter().next() {
                    Some((name, counter)) if counters.len() == 1 => {
                        self.devices[d].store().merge_event(name, counter.clone()).unwrap();
                    }
                    _ => self.devices[d].store().merge_all(counters.clone()).unwrap(),
                }
                self.showed_older_copy(d);
                Ok(MergeReport::default())
            }
        }
    }

    fn merged(&mut self, d: usize, held: &Held, complete: bool) -> Check {
        let seen = self.view(d)?;
        self.truth.merge(&mut self.devices[d].memory, held, complete, &seen)?;
        if self.truth.forked {
            // What was durable before is not known if it left its lane.
            self.devices[d].store().persist().unwrap();
            self.devices[d].persisted();
        }
        Ok(())
    }

    /// One device hears another one.
    pub fn sync(&mut self, from: usize, to: usize, by_delta: bool) -> Result<MergeReport, String> {
        let bytes = match by_delta {
            true => {
                let known = self.devices[to].store().knowledge().unwrap();
                self.devices[from].store().export_since(&known).unwrap()
            }
            false => self.devices[from].store().export_bytes().unwrap(),
        };
        if by_delta {
            self.showed_older_copy(from);
        }
        self.devices[from].persisted();
        let report = self.apply(to, &Body::Bytes(bytes))?;
        let held = self.devices[from].memory.held.clone();
        self.merged(to, &held, true).map(|()| report).map_err(|error| format!("{to} hears {from}: {error}"))
    }

    fn all_parts(&mut self, from: usize, to: usize, order: usize) -> Check {
        let mut parts = match order % 2 {
            0 => self.devices[from].store().export_parts(order).unwrap(),
            _ => {
                let known = self.devices[to].store().knowledge().unwrap();
                self.devices[from].store().export_parts_since(&known, order).unwrap()
            }
        };
        self.showed_older_copy(from);
        self.devices[from].persisted();
        let mut random = Random::new(order as u64);
        while !parts.is_empty() {
            let part = parts.swap_remove(random.below(parts.len()));
            self.apply(to, &Body::Bytes(part))?;
        }
        // Only some parts may be stored, which the truth does not know of.
        let held = self.devices[from].memory.held.clone();
        self.merged(to, &held, true)?;
        self.devices[to].persist_if_log();
        Ok(())
    }

    fn import(&mut self, d: usize, sent: Sent) {
        let Body::Counters(counters) = sent.body else { return };
        let names: Vec<String> = counters.keys().cloned().collect();
        // Whether a cell is stored decides whether it is replaced.
        self.devices[d].persist_if_log();
        self.devices[d].store().import_all(counters).unwrap();
        let device = &mut self.devices[d];
        device.losses += 1;
        for event in (0..self.events).filter(|event| names.iter().any(|name| name == NAMES[*event])) {
            let recorded = device.recorded.clone();
            let stored = device.stored().held.lives.clone();
            let is_own = |life| recorded.contains(&life);
            let is_shown = |life| stored.contains_key(&life);
            self.truth.import(&mut device.memory, event, &sent.held, is_own, is_shown);
            device.recorded.extend(device.memory.own.get(&event));
        }
        // Two imports can leave the same answers.
        self.devices[d].persist_if_log();
    }
}

/// The n-th newest.
fn newest<T: Clone>(all: &[T], n: usize) -> Option<T> {
    all.len().checked_sub(n + 1).map(|at| all[at].clone())
}
