//! Measures functions in alternation and compares their medians, so that other load on the machine
//! affects all of them alike.

#![allow(dead_code)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use foldhash::fast::RandomState;
use parking_lot::Mutex;

const ROUNDS: usize = 61;
/// The minimum duration of one measurement.
const TURN: Duration = Duration::from_millis(3);

/// The events of the store.
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
/// The measured event.
pub const EVENT: &str = EVENTS[5];

/// The work that no implementation can avoid, on a table of plain numbers.
pub struct Floor {
    table: Mutex<Table>,
}

struct Table {
    events: HashMap<Box<str>, PlainEvent, RandomState>,
    /// How many reservations are pending, by event.
    pending: HashMap<Box<str>, u32, RandomState>,
}

struct PlainEvent {
    last: SystemTime,
    count: u64,
    /// Newest first.
    buckets: Vec<u32>,
}

fn record(plain: &mut PlainEvent, now: SystemTime) {
    plain.last = now;
    plain.count += 1;
}

impl Table {
    fn with<R>(
        &mut self,
        events: &[&str],
        now: SystemTime,
        mut work: impl FnMut(&mut PlainEvent, SystemTime) -> R,
    ) {
        for event in events {
            black_box(work(self.events.get_mut(black_box(*event)).unwrap(), now));
        }
    }

    fn pending(&mut self) -> &mut u32 {
        self.pending.get_mut(black_box(EVENT)).unwrap()
    }
}

impl Floor {
    pub fn new() -> Floor {
        let plain = || PlainEvent { last: SystemTime::UNIX_EPOCH, count: 0, buckets: vec![1; 128] };
        let pending = EVENTS.iter().map(|event| (Box::from(*event), 0)).collect();
        let events = EVENTS.iter().map(|event| (Box::from(*event), plain())).collect();
        Floor { table: Mutex::new(Table { events, pending }) }
    }

    fn with<R>(&self, events: &[&str], work: impl FnMut(&mut PlainEvent, SystemTime) -> R) {
        let now = SystemTime::now();
        self.table.lock().with(events, now, work);
    }

    /// A recording, or a question about the last occurrence: the clock, the lock, a look-up.
    pub fn touch(&self) {
        self.with(&[EVENT], record);
    }

    /// A question about `buckets` buckets of each event: sums as many numbers.
    pub fn sum(&self, events: &[&str], buckets: usize) {
        self.with(events, |plain, now| {
            plain.last = now;
            plain.buckets[..black_box(buckets)].iter().sum::<u32>()
        });
    }

    /// A decision: looks up the events, and allocates `names` names, because rules, refusals and
    /// reservations own theirs.
    pub fn decide(&self, events: &[&str], names: usize) {
        for _ in 0..names {
            black_box(EVENT.to_owned());
        }
        self.with(events, record);
    }

    /// A reservation that is cancelled: a decision that counts it as pending, and then the lock and a
    /// look-up once more.
    pub fn reserve_and_cancel(&self, events: &[&str], names: usize) {
        self.reserve(events, names);
        *self.table.lock().pending() -= 1;
    }

    /// A reservation that is committed: a decision that counts it as pending, and then a recording that
    /// ends it.
    pub fn reserve_and_commit(&self, events: &[&str], names: usize) {
        self.reserve(events, names);
        let now = SystemTime::now();
        let mut table = self.table.lock();
        *table.pending() -= 1;
        table.with(&[EVENT], now, record);
    }

    fn reserve(&self, events: &[&str], names: usize) {
        for _ in 0..names {
            black_box(EVENT.to_owned());
        }
        let now = SystemTime::now();
        let mut table = self.table.lock();
        table.with(events, now, record);
        *table.pending() += 1;
    }

    /// A question about an unknown event: the lock and a look-up.
    pub fn miss(&self) {
        assert!(!self.table.lock().events.contains_key(black_box("unknown")));
    }
}

/// The result for one call: median nanoseconds.
pub struct Line {
    name: &'static str,
    floor: f64,
    ours: f64,
    published: f64,
}

/// Whether the command asks for this line: all lines, or those whose name contains its argument.
fn is_asked(name: &str) -> bool {
    let mut parts = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    parts.peek().is_none() || parts.any(|part| name.contains(&part))
}

/// Measures three functions in alternation: the floor, the current crate, the published crate.
/// Returns nothing if the command does not ask for the line.
pub fn compare(name: &'static str, mut functions: [&mut dyn FnMut(); 3]) -> Option<Line> {
    if !is_asked(name) {
        return None;
    }
    // With `--test` each function only has to run once.
    let rounds = if std::env::args().any(|argument| argument == "--test") { 1 } else { ROUNDS };
    let calls = functions.each_mut().map(|function| calls_per_turn(*function));
    let mut times = [const { Vec::new() }; 3];
    for round in 0..rounds {
        for turn in 0..3 {
            // Each round starts with another function.
            let index = (round + turn) % 3;
            times[index].push(nanos(functions[index], calls[index]));
        }
    }
    let [floor, ours, published] = times.map(median);
    Some(Line { name, floor, ours, published })
}

/// How many calls of a function one measurement needs.
fn calls_per_turn(function: &mut dyn FnMut()) -> u32 {
    let mut calls = 16;
    while calls < 1 << 24 {
        let started = Instant::now();
        (0..calls).for_each(|_| function());
        if started.elapsed() >= TURN {
            break;
        }
        calls *= 2;
    }
    calls
}

/// Nanoseconds per call.
fn nanos(function: &mut dyn FnMut(), calls: u32) -> f64 {
    let started = Instant::now();
    (0..calls).for_each(|_| function());
    started.elapsed().as_nanos() as f64 / f64::from(calls)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

pub fn print(table: &[Option<Line>]) {
    let table: Vec<&Line> = table.iter().flatten().collect();
    println!("\n{:<34} {:>16} {:>10} {:>20}", "", "times the floor", "ns", "faster than 0.1.0");
    for line in &table {
        println!(
            "{:<34} {:>16} {:>10} {:>20}",
            line.name,
            format!("{:.2}", line.ours / line.floor),
            format!("{:.0}", line.ours),
            format!("{:.1} x", line.published / line.ours),
        );
    }
    if let Some(first) = table.first() {
        println!("\nThe floor of the first line took {:.0} ns.", first.floor);
    }
}
