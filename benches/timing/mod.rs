//! How benchmarks measure: the contenders take turns, medians keep the noise of a busy machine out, and what is printed are ratios.

#![allow(dead_code)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use foldhash::fast::RandomState;
use parking_lot::Mutex;

const ROUNDS: usize = 61;
const TURN: Duration = Duration::from_millis(3);

/// An app's events; the measured one is among them.
pub const EVENTS: [&str; 8] = [
    "app_launch",
    "screen_viewed",
    "search",
    "item_added",
    "item_removed",
    "purchase",
    "error_shown",
    "settings_opened",
];
pub const EVENT: &str = EVENTS[5];

/// What cannot be left out, done by hand on a table of plain numbers.
pub struct Floor {
    table: Mutex<HashMap<Box<str>, Plain, RandomState>>,
}

struct Plain {
    last: SystemTime,
    count: u64,
    /// The newest first.
    buckets: Vec<u32>,
}

impl Floor {
    pub fn new() -> Floor {
        let plain = || Plain { last: SystemTime::UNIX_EPOCH, count: 0, buckets: vec![1; 128] };
        Floor { table: Mutex::new(EVENTS.iter().map(|event| (Box::from(*event), plain())).collect()) }
    }

    fn with<R>(&self, events: &[&str], mut work: impl FnMut(&mut Plain, SystemTime) -> R) {
        let now = SystemTime::now();
        let mut table = self.table.lock();
        for event in events {
            black_box(work(table.get_mut(black_box(*event)).unwrap(), now));
        }
    }

    /// A recording, or a question about the last time: the clock, the lock, a look-up.
    pub fn touch(&self) {
        self.with(&[EVENT], |plain, now| {
            plain.last = now;
            plain.count += 1;
        });
    }

    /// A question about so many buckets of each of some events: as many numbers are added up.
    pub fn sum(&self, events: &[&str], buckets: usize) {
        self.with(events, |plain, now| {
            plain.last = now;
            plain.buckets[..black_box(buckets)].iter().sum::<u32>()
        });
    }

    /// A decision: so many events are looked up, and so many names kept, for rules, refusals and reservations own theirs.
    pub fn decide(&self, events: &[&str], names: usize) {
        for _ in 0..names {
            black_box(EVENT.to_owned());
        }
        self.with(events, |plain, now| {
            plain.last = now;
            plain.count += 1;
        });
    }

    /// A decision that is taken back: the lock and a look-up once more.
    pub fn decide_and_give_back(&self, events: &[&str], names: usize) {
        self.decide(events, names);
        self.table.lock().get_mut(black_box(EVENT)).unwrap().count -= 1;
    }

    /// A look for an unknown event: the lock and a look-up.
    pub fn miss(&self) {
        assert!(self.table.lock().get(black_box("unknown")).is_none());
    }
}

pub struct Line {
    what: &'static str,
    /// Median nanoseconds of one call.
    floor: f64,
    ours: f64,
    published: f64,
}

/// Measures the floor, ours and the published one in turns.
pub fn compare(what: &'static str, mut contenders: [&mut dyn FnMut(); 3]) -> Line {
    // The test harness may start benches with `--test`: then it is enough that they run.
    let rounds = if std::env::args().any(|argument| argument == "--test") { 1 } else { ROUNDS };
    let calls = contenders.each_mut().map(|contender| calls_in_a_turn(*contender));
    let mut times = [const { Vec::new() }; 3];
    for round in 0..rounds {
        for turn in 0..3 {
            // Nobody always comes first.
            let place = (round + turn) % 3;
            times[place].push(nanos(contenders[place], calls[place]));
        }
    }
    let [floor, ours, published] = times.map(median);
    Line { what, floor, ours, published }
}

fn calls_in_a_turn(contender: &mut dyn FnMut()) -> u32 {
    let mut calls = 16;
    while calls < 1 << 24 {
        let started = Instant::now();
        (0..calls).for_each(|_| contender());
        if started.elapsed() >= TURN {
            break;
        }
        calls *= 2;
    }
    calls
}

fn nanos(contender: &mut dyn FnMut(), calls: u32) -> f64 {
    let started = Instant::now();
    (0..calls).for_each(|_| contender());
    started.elapsed().as_nanos() as f64 / f64::from(calls)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

pub fn print(table: &[Line]) {
    println!("\n{:<20} {:>16} {:>20}", "", "times the floor", "faster than 0.1.0");
    for line in table {
        println!(
            "{:<20} {:>16} {:>20}",
            line.what,
            format!("{:.2}", line.ours / line.floor),
            format!("{:.1} x", line.published / line.ours),
        );
    }
    println!("\nThe floor (clock, lock, look-up) was {:.0} ns here.", table[0].floor);
}
