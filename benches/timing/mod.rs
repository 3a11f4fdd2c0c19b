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

/// The least that any recording has to do.
pub struct Floor {
    counts: Mutex<HashMap<Box<str>, (SystemTime, u64), RandomState>>,
}

impl Floor {
    pub fn new() -> Floor {
        let counts = EVENTS.iter().map(|event| (Box::from(*event), (SystemTime::UNIX_EPOCH, 0))).collect();
        Floor { counts: Mutex::new(counts) }
    }

    pub fn touch(&self) {
        let now = SystemTime::now();
        let mut counts = self.counts.lock();
        let (last, count) = counts.get_mut(black_box(EVENT)).unwrap();
        *last = now;
        *count += 1;
    }
}

impl Floor {
    /// The least that a question about two events has to do.
    pub fn touch_two(&self) {
        let now = SystemTime::now();
        let mut counts = self.counts.lock();
        for event in [EVENT, EVENTS[2]] {
            let (last, count) = counts.get_mut(black_box(event)).unwrap();
            *last = now;
            *count += 1;
        }
    }

    /// The least that a refusal has to do, which names its event and that of its rule.
    pub fn touch_and_name(&self) {
        self.touch();
        black_box([EVENT.to_owned(), EVENT.to_owned()]);
    }

    /// The least that has to be done in two steps, such as holding a place and giving it back.
    pub fn touch_twice(&self) {
        self.touch();
        let mut counts = self.counts.lock();
        let (_, count) = counts.get_mut(black_box(EVENT)).unwrap();
        *count -= 1;
    }

    /// The least that a look for an unknown event has to do.
    pub fn miss(&self) {
        assert!(self.counts.lock().get(black_box("unknown")).is_none());
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
