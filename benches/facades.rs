//! The calls that the benchmarks of the Kotlin and Swift facades measure, from Rust. `cargo xtask
//! bench kotlin` and `cargo xtask bench swift` run it first, so that both can be compared. Each
//! line is the name of a call and its nanoseconds. An argument names the only call to measure.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_lossless, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use chrono::Duration;
use tiny_counter::{EventStore, Limit};

const ROUNDS: usize = 60;
const CALLS: u32 = 5_000;

/// A limit of three rules.
fn limit(most: u32) -> Limit {
    Limit::new()
        .at_most("tap", most, Duration::days(7))
        .at_most("tap", 1_000_000_000, Duration::hours(1))
        .cooldown("crash", Duration::days(2))
}

fn main() {
    let store = EventStore::new();
    for day in 0..28 {
        store.record_count_ago("tap", 3, Duration::days(day));
    }
    let (allowed, refused) = (store.prepare(limit(1_000_000_000)).unwrap(), store.prepare(limit(1)).unwrap());
    let mut calls: [(&str, &mut dyn FnMut()); 8] = [
        ("record", &mut || store.record(black_box("tap"))),
        ("allowed", &mut || _ = black_box(allowed.allowed("tap"))),
        ("refused", &mut || _ = black_box(refused.allowed("tap"))),
        ("check", &mut || drop(black_box(allowed.check("tap")))),
        ("check-refused", &mut || drop(black_box(refused.check("tap")))),
        ("check-and-record", &mut || drop(black_box(allowed.check_and_record("tap")))),
        ("sum", &mut || _ = black_box(store.query(black_box("tap")).last_days(7).sum())),
        ("buckets", &mut || drop(black_box(store.query(black_box("tap")).last_days(28).into_buckets()))),
    ];
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_asked = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut times = vec![Vec::new(); calls.len()];
    for _ in 0..ROUNDS {
        for ((_, call), times) in calls.iter_mut().zip(&mut times).filter(|((name, _), _)| is_asked(name)) {
            let begin = Instant::now();
            (0..CALLS).for_each(|_| call());
            times.push(begin.elapsed().as_nanos() as f64 / f64::from(CALLS));
        }
    }
    for ((name, _), mut times) in calls.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).iter().for_each(|nanos| println!("{name} {nanos:.1}"));
    }
}
