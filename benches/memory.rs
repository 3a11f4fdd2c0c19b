//! What an event holds in memory: `cargo bench --bench memory`. Counted by the allocator, against version 0.1.0 of the published crate.
//!
//! As in an app, the store is persisted after each recording; the storage itself holds nothing here, so that the events alone are counted.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, unsafe_code, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Duration, Utc};

/// Counts the bytes that are held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const EVENTS: usize = 1_000;

/// Each recording as "so long ago", oldest first.
fn workloads() -> [(&'static str, Vec<Duration>); 3] {
    let spread = |n: i64, days: i64| (0..n).rev().map(|i| Duration::minutes(days * 1_440 * i / n)).collect();
    [
        ("one record", vec![Duration::zero()]),
        ("60 records over 300 days", spread(60, 300)),
        ("3 a day for two years", spread(3 * 730, 730)),
    ]
}

/// A storage that keeps nothing.
struct Nowhere;

macro_rules! keep_nothing {
    ($library:ident) => {
        impl $library::Storage for Nowhere {
            fn save(&mut self, _: &str, _: Vec<u8>) -> $library::Result<()> {
                Ok(())
            }
            fn load(&self, _: &str) -> $library::Result<Option<Vec<u8>>> {
                Ok(None)
            }
            fn delete(&mut self, _: &str) -> $library::Result<()> {
                Ok(())
            }
            fn list_keys(&self) -> $library::Result<Vec<String>> {
                Ok(Vec::new())
            }
        }
    };
}

keep_nothing!(tiny_counter);
keep_nothing!(tiny_counter_published);

/// Bytes an event, and what the store itself says of that.
macro_rules! held {
    ($library:ident, $history:expr) => {{
        let end: DateTime<Utc> = DateTime::from_timestamp(1_750_248_000, 0).unwrap();
        let clock = $library::TestClock::build_for_testing_at(end - Duration::days(1_000));
        let builder = $library::EventStore::builder().with_clock(std::sync::Arc::new(clock.clone()));
        let store = builder.with_storage(Nowhere).build().unwrap();
        let names: Vec<String> = (0..EVENTS).map(|number| format!("event_{number:04}")).collect();
        let before = HELD.load(Ordering::Relaxed);
        for ago in $history {
            clock.set(end - *ago);
            names.iter().for_each(|name| store.record(name));
            store.persist().unwrap();
        }
        let after = HELD.load(Ordering::Relaxed);
        ((after - before) as f64 / EVENTS as f64, store.memory_usage() as f64 / EVENTS as f64)
    }};
}

fn main() {
    println!(
        "\n{:<28} {:>12} {:>12} {:>10} {:>16}",
        "bytes an event", "here", "0.1.0", "share", "memory_usage()"
    );
    for (name, history) in &workloads() {
        let (ours, said) = held!(tiny_counter, history);
        let (theirs, _) = held!(tiny_counter_published, history);
        println!(
            "{name:<28} {ours:>12.0} {theirs:>12.0} {:>10} {said:>16.0}",
            format!("1/{:.1}", theirs / ours)
        );
    }
}
