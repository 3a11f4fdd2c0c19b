//! The size and the time of exports, merges and questions about several devices. Run it with
//! `cargo bench --bench merging`. With `-- --sizes` it measures only sizes.
//!
//! Sizes and times are compared with version 0.1.0 of the published crate, in one run. A question
//! is compared with the same question about one device.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::indexing_slicing, missing_docs)]

#[path = "merging/histories.rs"]
mod histories;
#[path = "storage/turns.rs"]
mod turns;

use std::hint::black_box;
use std::time::Instant;

use histories::{EVENTS, HISTORIES, History, devices, devices_after, names, ours, published};
use tiny_counter::{EventStore, TestClock};
use tiny_counter_published::formatter::BincodeFormat;
use tiny_counter_published::{EventStore as Published, Formatter};
use turns::{rounds, turns};

/// The bytes of an export of 0.1.0: each name with its length, and each counter with its length.
fn published_bytes(store: &Published) -> usize {
    let export = store.export_all().unwrap();
    export.iter().map(|(name, value)| 16 + name.len() + BincodeFormat.serialize(value).unwrap().len()).sum()
}

fn sizes(history: &History) {
    let (clock, store) = ours(history);
    let theirs = published_bytes(&published(history));
    let export = store.export_bytes().unwrap().len();
    let peer = EventStore::builder().with_clock(std::sync::Arc::new(clock)).build().unwrap();
    peer.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    names().take(10).for_each(|name| store.record(name));
    let delta = store.export_since(&peer.knowledge().unwrap()).unwrap();
    println!(
        "{:<28} {:>12} {theirs:>12} {:>8} {:>8} {:>16}",
        history.name,
        export,
        format!("1/{:.1}", theirs as f64 / export as f64),
        format!("1/{}", history.goal),
        delta.len(),
    );
    peer.merge_bytes(&delta).unwrap();
    let empty = store.export_since(&peer.knowledge().unwrap()).unwrap();
    assert!(empty.len() < 200, "with nothing new: {} bytes", empty.len());
}

/// The seconds of one call.
fn seconds<R>(work: impl FnOnce() -> R) -> std::time::Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}

fn times(history: &History) {
    let (clock, store) = ours(history);
    let theirs = published(history);
    let bytes = store.export_bytes().unwrap();
    let [export, maps, published_export] = turns(
        rounds(15),
        [
            &mut || seconds(|| store.export_bytes().unwrap()),
            &mut || seconds(|| store.export_all().unwrap()),
            &mut || seconds(|| theirs.export_all().unwrap()),
        ],
    );
    let new = |clock: &TestClock| {
        let clock = std::sync::Arc::new(clock.clone());
        let store = EventStore::builder().with_clock(clock).build().unwrap();
        names().for_each(|name| store.record(name));
        store
    };
    let new_published = || {
        let store = tiny_counter_published::EventStore::builder().build().unwrap();
        names().for_each(|name| store.record(name));
        store
    };
    let [merge, merge_maps, published_merge] = turns(
        rounds(15),
        [
            &mut || {
                let store = new(&clock);
                seconds(|| store.merge_bytes(&bytes).unwrap())
            },
            &mut || {
                let (peer, export) = (new(&clock), store.export_all().unwrap());
                seconds(|| peer.merge_all(export).unwrap())
            },
            &mut || {
                let (peer, export) = (new_published(), theirs.export_all().unwrap());
                seconds(|| peer.merge_all(export).unwrap())
            },
        ],
    );
    let faster =
        |theirs: std::time::Duration, ours: std::time::Duration| theirs.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{:<28} export {:>5.1} x ({export:.2?}), merge {:>5.1} x ({merge:.2?}); HashMap forms: export {:>5.1} x, merge {:>5.1} x",
        history.name,
        faster(published_export, export),
        faster(published_merge, merge),
        faster(published_export, maps),
        faster(published_merge, merge_maps),
    );
}

/// Questions, decisions and a recording, with counts of 1, 4 and 64 devices, and of 4 after 40 others.
fn lanes() {
    let stores = [devices(1), devices(4), devices(64), devices_after(4, 40)];
    let question = |name: &str, ask: &dyn Fn(&EventStore)| {
        let mut asked = stores
            .each_ref()
            .map(|store| move || seconds(|| (0..1_000).for_each(|_| ask(black_box(store)))) / 1_000);
        let [one, four, most, gone] = asked.each_mut();
        let [one, four, most, gone] = turns(rounds(41), [one, four, most, gone]);
        let ratio = |time: std::time::Duration| time.as_secs_f64() / one.as_secs_f64();
        let [four, most, gone] = [four, most, gone].map(ratio);
        println!("{name:<28} {one:>10.0?} {four:>9.1} x {most:>9.1} x {gone:>11.1} x");
    };
    println!("\n{:<28} {:>10} {:>11} {:>11} {:>13}", "devices", 1, 4, 64, "4, 40 gone");
    question("last_days(7).sum()", &|store| {
        black_box(store.query("event_0000").last_days(7).sum());
    });
    question("last_days(28).count_nonzero()", &|store| {
        black_box(store.query("event_0000").last_days(28).count_nonzero());
    });
    question("lifetime()", &|store| {
        black_box(store.query("event_0000").lifetime());
    });
    question("last_seen()", &|store| {
        black_box(store.query("event_0000").last_seen());
    });
    question("at_most refuses", &|store| {
        black_box(store.limit().at_most("event_0000", 1, chrono::Duration::days(7)).allowed("event_0000"));
    });
    question("record", &|store| store.record("event_0000"));
}

fn main() {
    println!(
        "\nBytes of {EVENTS} events\n{:<28} {:>12} {:>12} {:>8} {:>8} {:>16}",
        "history", "export_bytes", "0.1.0", "ratio", "goal", "delta of 10"
    );
    HISTORIES.iter().for_each(sizes);
    if std::env::args().any(|argument| argument == "--sizes") {
        return;
    }
    println!("\nTimes of {EVENTS} events, times as fast as 0.1.0 (goal of the bytes forms: 10)");
    HISTORIES.iter().for_each(times);
    lanes();
}
