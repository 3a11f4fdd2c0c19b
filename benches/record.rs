//! What a recording, a query and a decision cost: `cargo bench --bench record`.
//!
//! In the same run, in turns, each is measured against version 0.1.0 of the published crate and against the floor: reading the
//! clock, taking a lock and finding a name in a hash table. Turns and medians keep the noise of a busy machine out; the ratios
//! are what counts, for they hold on other machines too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_lossless,
    missing_docs
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use foldhash::fast::RandomState;
use parking_lot::Mutex;

const ROUNDS: usize = 61;
const TURN: Duration = Duration::from_millis(3);

/// An app's events; the measured one is among them.
const EVENTS: [&str; 8] = [
    "app_launch",
    "screen_viewed",
    "search",
    "item_added",
    "item_removed",
    "purchase",
    "error_shown",
    "settings_opened",
];
const EVENT: &str = EVENTS[5];

fn main() {
    // The test harness may start benches with `--test`: then it is enough that they run.
    let rounds = if std::env::args().any(|argument| argument == "--test") { 1 } else { ROUNDS };

    let ours = ours();
    let published = published();
    let floor = Floor::new();

    let table = [
        compare(
            "record",
            rounds,
            [&mut || floor.touch(), &mut || ours.record(black_box(EVENT)), &mut || {
                published.record(black_box(EVENT))
            }],
        ),
        compare(
            "last_days(7).sum()",
            rounds,
            [
                &mut || floor.touch(),
                &mut || assert!(ours.query(black_box(EVENT)).last_days(7).sum() > Some(6)),
                &mut || assert!(published.query(black_box(EVENT)).last_days(7).sum() > Some(6)),
            ],
        ),
        compare(
            "at_most check",
            rounds,
            [
                &mut || floor.touch(),
                &mut || {
                    let limit =
                        ours.limit().at_most(black_box(EVENT), u32::MAX, tiny_counter::TimeUnit::Days);
                    assert!(limit.check(EVENT).is_ok());
                },
                &mut || {
                    let unit = tiny_counter_published::TimeUnit::Days;
                    let limit = published.limit().at_most(black_box(EVENT), u32::MAX, unit);
                    assert!(limit.check(EVENT).is_ok());
                },
            ],
        ),
    ];
    print(&table);
}

fn ours() -> tiny_counter::EventStore {
    let store = tiny_counter::EventStore::new();
    for event in EVENTS {
        for day in 0..60 {
            store.record_ago(event, chrono::Duration::hours(24 * day));
        }
    }
    store
}

fn published() -> tiny_counter_published::EventStore {
    let store = tiny_counter_published::EventStore::new();
    for event in EVENTS {
        for day in 0..60 {
            store.record_ago(event, chrono::Duration::hours(24 * day));
        }
    }
    store
}

/// The least that any recording has to do.
struct Floor {
    counts: Mutex<HashMap<Box<str>, (SystemTime, u64), RandomState>>,
}

impl Floor {
    fn new() -> Floor {
        let counts = EVENTS.iter().map(|event| (Box::from(*event), (SystemTime::UNIX_EPOCH, 0))).collect();
        Floor { counts: Mutex::new(counts) }
    }

    fn touch(&self) {
        let now = SystemTime::now();
        let mut counts = self.counts.lock();
        let (last, count) = counts.get_mut(black_box(EVENT)).unwrap();
        *last = now;
        *count += 1;
    }
}

struct Line {
    what: &'static str,
    /// Median nanoseconds of one call.
    floor: f64,
    ours: f64,
    published: f64,
}

/// Measures the floor, ours and the published one in turns.
fn compare(what: &'static str, rounds: usize, mut contenders: [&mut dyn FnMut(); 3]) -> Line {
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

fn print(table: &[Line]) {
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
