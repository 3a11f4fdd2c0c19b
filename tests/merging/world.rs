//! Devices, the messages in flight, and the steps.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use tempfile::TempDir;

use super::common::noon;
use super::device::{Copied, Device, NAMES};
use super::hearing::{Body, Known, Sent, Whole};
use super::place::{Place, Stop};
use super::schedule::{Kind, Schedule, Step};
use super::truth::{Atom, State, Truth};
use super::zones::zone;

pub type Check = Result<(), String>;

pub struct World {
    pub kind: Kind,
    pub devices: Vec<Device>,
    pub truth: Truth,
    pub flight: Vec<Sent>,
    pub(super) known: Vec<Known>,
    /// The event of each atom, and its date where it was recorded.
    pub(super) atoms: HashMap<Atom, (usize, i64)>,
    pub(super) bits: [u32; 4],
    pub(super) events: usize,
    /// How many lanes there can be.
    pub lanes: usize,
    pub(super) number: usize,
    pub(super) folder: TempDir,
}

/// How many minutes before [`noon`] the first minute of an atom is.
pub(super) const PAST: usize = 300;

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

    pub(super) fn counts_bits(&self) -> bool {
        matches!(self.kind, Kind::Age | Kind::Clock)
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
}

/// The n-th newest.
fn newest<T: Clone>(all: &[T], n: usize) -> Option<T> {
    all.len().checked_sub(n + 1).map(|at| all[at].clone())
}
