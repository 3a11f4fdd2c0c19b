//! Random lives of three devices on logs.

use std::path::Path;

use chrono::{DateTime, Duration};
use tempfile::TempDir;
use tiny_counter::{EventStore, TestClock};

use super::common::files::copy_folder;
use super::common::zone::{LocalZone, zones};
use super::common::{noon, under};

pub const NAMES: [&str; 4] = ["a", "b", "~c", "d d"];

pub struct Device {
    folder: TempDir,
    pub zone: &'static LocalZone,
    store: Option<EventStore>,
}

pub struct Life {
    pub clock: TestClock,
    pub devices: Vec<Device>,
    random: u64,
}

impl Device {
    pub fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Life {
    pub fn new(seed: u64) -> Life {
        let clock = super::common::clock_at(noon() - Duration::days(400));
        let mut life =
            Life { clock, devices: Vec::new(), random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 };
        for _ in 0..3 {
            let zone = &zones()[life.below(zones().len())];
            let mut device = Device { folder: tempfile::tempdir().unwrap(), zone, store: None };
            life.open(&mut device);
            life.devices.push(device);
        }
        life
    }

    fn open(&self, device: &mut Device) {
        let builder =
            under(&self.clock).with_zone(device.zone.public()).with_log(device.folder()).with_marker("a");
        device.store = Some(builder.build().unwrap());
    }

    /// xorshift64*
    pub fn below(&mut self, n: usize) -> usize {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        ((self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize) % n
    }

    pub fn now(&self) -> DateTime<chrono::Utc> {
        self.devices[0].store().clock_now()
    }

    /// One step. `is_wild` are also large steps of the clock, imports, and copies that count in one
    /// lane.
    pub fn step(&mut self, is_wild: bool) {
        let (d, name) = (self.below(3), NAMES[self.below(4)]);
        let (step, n) = (self.below(if is_wild { 20 } else { 16 }), self.below(90_000) as i64);
        let store = self.devices[d].store();
        match step {
            0..6 => {
                let count = [1, 1, 1, 2, 3, 40, 200, 70_000][n as usize % 8];
                (0..=n % 3).for_each(|_| store.record_count(name, count));
            }
            6 => {
                store.record_ago(name, Duration::minutes(n));
            }
            7 | 8 => self.clock.advance(Duration::minutes(n % 400)),
            9 => self.clock.advance(Duration::hours(n % 1_000)),
            10 | 11 => self.exchange(d),
            12 => store.persist().unwrap(),
            13 => self.reopen(d),
            14 if n % 2 == 0 => {
                let limit = store.limit().at_most(name, 1_000_000_000, Duration::days(1));
                _ = limit.reserve_for(name, Duration::minutes(1 + n));
            }
            14 => _ = store.erase_event(name).unwrap(),
            15 if n % 6 == 0 => _ = store.erase_all().unwrap(),
            16 => self.clock.advance(Duration::minutes(n % 6_000 - 5_000)),
            17 => {
                let counters = self.devices[(d + 1) % 3].store().export_all().unwrap();
                store.import_all(counters).unwrap();
            }
            18 if n % 3 == 0 => self.copy(d),
            _ => {}
        }
    }

    fn exchange(&mut self, d: usize) {
        let other = (d + 1 + self.below(2)) % 3;
        let known = self.devices[other].store().knowledge().unwrap();
        let news = self.devices[d].store().export_since(&known).unwrap();
        self.devices[other].store().merge_bytes(&news).unwrap();
    }

    pub fn reopen(&mut self, d: usize) {
        self.devices[d].store.take().unwrap().close().unwrap();
        let mut device = self.devices.remove(d);
        self.open(&mut device);
        self.devices.insert(d, device);
    }

    /// The next device goes on with a copy of the folder, in the same lane.
    fn copy(&mut self, d: usize) {
        let next = (d + 1) % 3;
        self.devices[d].store().persist().unwrap();
        self.devices[next].store = None;
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.devices[d].folder(), folder.path());
        let mut device = Device { folder, zone: self.devices[next].zone, store: None };
        self.open(&mut device);
        self.devices[next] = device;
    }
}
