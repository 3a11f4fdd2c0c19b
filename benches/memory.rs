//! The memory that an event takes, compared with version 0.1.0 of the published crate. Run it with
//! `cargo bench --bench memory`.
//!
//! A counting allocator measures the bytes. As in an app, the store is persisted after each
//! recording. The storage keeps nothing, so that only the events are counted.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, unsafe_code, missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Duration, Utc};

/// An allocator that counts the allocated bytes.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is forwarded to the system allocator with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const EVENTS: usize = 1_000;

/// Names of histories, and for each recording the time from it to the end, oldest first.
fn workloads() -> [(&'static str, Vec<Duration>); 3] {
    let spread = |n: i64, days: i64| (0..n).rev().map(|i| Duration::minutes(days * 1_440 * i / n)).collect();
    [
        ("one record", vec![Duration::zero()]),
        ("60 records over 300 days", spread(60, 300)),
        ("3 per day for two years", spread(3 * 730, 730)),
    ]
}

/// A storage that keeps only the store record, by which a store sees that it is the only writer.
#[derive(Default)]
struct NoStorage(Option<Vec<u8>>);

const STORE_RECORD: &str = "~store";

macro_rules! keep_nothing {
    ($library:ident) => {
        impl $library::Storage for NoStorage {
            fn save(&mut self, key: &str, value: Vec<u8>) -> $library::Result<()> {
                if key == STORE_RECORD {
                    self.0 = Some(value);
                }
                Ok(())
            }
            fn load(&self, key: &str) -> $library::Result<Option<Vec<u8>>> {
                Ok(self.0.clone().filter(|_| key == STORE_RECORD))
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

/// The measured bytes per event, and those that `memory_usage()` returns.
macro_rules! bytes_per_event {
    ($library:ident, $history:expr) => {{
        let end: DateTime<Utc> = DateTime::from_timestamp(1_750_248_000, 0).unwrap();
        let mut now = end - Duration::days(1_000);
        let clock = $library::TestClock::build_for_testing_at(now);
        let builder = $library::EventStore::builder().with_clock(std::sync::Arc::new(clock.clone()));
        let store = builder.with_storage(NoStorage::default()).build().unwrap();
        let names: Vec<String> = (0..EVENTS).map(|number| format!("event_{number:04}")).collect();
        let before = ALLOCATED.load(Ordering::Relaxed);
        for ago in $history {
            // Time passes; the clock is not set.
            clock.advance(end - *ago - now);
            now = end - *ago;
            names.iter().for_each(|name| store.record(name));
            store.persist().unwrap();
        }
        let after = ALLOCATED.load(Ordering::Relaxed);
        ((after - before) as f64 / EVENTS as f64, store.memory_usage() as f64 / EVENTS as f64)
    }};
}

fn main() {
    println!(
        "\n{:<28} {:>12} {:>12} {:>10} {:>16}",
        "bytes per event", "current", "0.1.0", "ratio", "memory_usage()"
    );
    for (name, history) in &workloads() {
        let (ours, reported) = bytes_per_event!(tiny_counter, history);
        let (theirs, _) = bytes_per_event!(tiny_counter_published, history);
        println!(
            "{name:<28} {ours:>12.0} {theirs:>12.0} {:>10} {reported:>16.0}",
            format!("1/{:.1}", theirs / ours)
        );
    }
}
