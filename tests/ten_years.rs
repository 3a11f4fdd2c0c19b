//! Ten years of four devices that count, exchange and are restored: what is stored, sent and
//! written stays small.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Duration;
use common::stores::{clock, under};
use tempfile::TempDir;
use tiny_counter::{EventStore, TestClock};

const DEVICES: usize = 4;

struct Device {
    folder: TempDir,
    store: Option<EventStore>,
    /// How often it was restored.
    restores: usize,
}

impl Device {
    fn open(&mut self, clock: &TestClock) {
        let token = self.folder.path().join(format!("token-{}", self.restores));
        self.store = Some(under(clock).with_log(self.log()).with_identity(token).build().unwrap());
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn store(&self) -> &EventStore {
        self.store.as_ref().unwrap()
    }

    fn bytes_on_disk(&self) -> u64 {
        fs::metadata(self.log().join("events.log")).unwrap().len()
    }

    /// Its folder becomes that of a backup, without the file with its token.
    fn restore(&mut self, backup: &Path, clock: &TestClock) {
        self.store.take().unwrap().close().unwrap();
        copy_folder(backup, &self.log());
        self.restores += 1;
        self.open(clock);
    }
}

fn copy_folder(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(|file| file.unwrap().path()) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// Every device hears what is new on every other one.
fn exchange(devices: &[Device]) {
    for from in devices {
        for to in devices.iter().filter(|to| !std::ptr::eq(*to, from)) {
            hear(from, to);
        }
    }
}

fn hear(from: &Device, to: &Device) -> usize {
    let news = from.store().export_since(&to.store().knowledge().unwrap()).unwrap();
    to.store().merge_bytes(&news).unwrap();
    news.len()
}

/// What a life costs at one time, in bytes.
#[derive(Debug)]
struct Cost {
    export: usize,
    /// What one device tells another one after an exchange.
    news: usize,
    /// The log after a compaction. Before it, a log is at most a few times as long.
    log: u64,
    /// What a decision about one event writes.
    decision: u64,
    /// What a persist of one recording writes.
    persist: u64,
}

struct Life {
    devices: Vec<Device>,
    clock: TestClock,
    names: Vec<String>,
    day: usize,
    /// After how many days the devices exchange.
    pace: usize,
}

impl Life {
    fn new(events: usize, pace: usize) -> Life {
        let clock = clock();
        let mut devices: Vec<Device> = (0..DEVICES)
            .map(|_| Device { folder: tempfile::tempdir().unwrap(), store: None, restores: 0 })
            .collect();
        devices.iter_mut().for_each(|device| device.open(&clock));
        let names = (0..events).map(|number| format!("event_{number:04}")).collect();
        Life { devices, clock, names, day: 0, pace }
    }

    /// A year, in which each device is restored once from a backup of the exchange before.
    fn year(&mut self) {
        let exchanges = 365 / self.pace;
        let mut backup: Option<(usize, TempDir)> = None;
        for exchange_number in 0..exchanges {
            self.until_exchange();
            exchange(&self.devices);
            if let Some((device, folder)) = backup.take() {
                self.devices[device].restore(folder.path(), &self.clock);
            }
            let is_due = |device: &usize| exchange_number == exchanges * (device + 1) / (DEVICES + 1);
            if let Some(device) = (0..DEVICES).find(is_due) {
                let folder = tempfile::tempdir().unwrap();
                self.devices[device].store().persist().unwrap();
                copy_folder(&self.devices[device].log(), folder.path());
                backup = Some((device, folder));
            }
        }
    }

    /// Days on which each event is recorded three times, each time on another device.
    fn until_exchange(&mut self) {
        for _ in 0..self.pace {
            for (number, name) in self.names.iter().enumerate() {
                for time in 0..3 {
                    let device = (number + time + self.day) % DEVICES;
                    self.devices[device].store().record(name.as_str());
                }
            }
            self.day += 1;
            self.clock.advance(Duration::days(1));
        }
        self.devices.iter().for_each(|device| device.store().persist().unwrap());
    }

    fn cost(&mut self) -> Cost {
        self.until_exchange();
        let [first, second, ..] = &self.devices[..] else { unreachable!() };
        let news = hear(first, second);
        exchange(&self.devices);
        let export = self.devices[0].store().export_bytes().unwrap().len();
        self.devices[0].store.as_mut().unwrap().compact().unwrap();
        let log = self.devices[0].bytes_on_disk();
        let store = self.devices[0].store();
        let written = |write: &dyn Fn()| {
            store.persist().unwrap();
            let before = self.devices[0].bytes_on_disk();
            write();
            self.devices[0].bytes_on_disk() - before
        };
        let name = self.names[0].as_str();
        let decision = written(&|| {
            store.limit().at_most(name, 1_000_000, Duration::days(7)).check_and_record(name).unwrap();
        });
        let persist = written(&|| {
            store.record(name);
            store.persist().unwrap();
        });
        Cost { export, news, log, decision, persist }
    }
}

#[test]
fn ten_years_of_exchanges_and_restores_cost_no_more_than_twice_what_two_years_do() {
    let is_long = std::env::var_os("TINY_COUNTER_LONG").is_some();
    let mut life = if is_long { Life::new(1_000, 1) } else { Life::new(12, 14) };
    for _ in 0..2 {
        life.year();
    }
    let early = life.cost();
    for _ in 2..10 {
        life.year();
    }
    let late = life.cost();
    let figures = |cost: &Cost| {
        let Cost { export, news, log, decision, persist } = *cost;
        [export as u64, news as u64, log, decision, persist]
    };
    println!("after two years {early:?}\nafter ten years  {late:?}");
    for (early, late) in figures(&early).into_iter().zip(figures(&late)) {
        assert!(late <= 2 * early, "{late} bytes where it was {early}");
    }
    exchange(&life.devices);
    // Also a decision and a persist for each of the figures.
    let recorded = 3 * life.day as u64 + 4;
    for device in &life.devices {
        let counted = device.store().query(life.names[0].as_str()).lifetime();
        assert_eq!(counted, Some(recorded), "something was lost or counted twice");
    }
}
