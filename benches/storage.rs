//! The time and space that storing takes. Run it with `cargo bench --bench storage`. With `--
//! --waits` it measures only how long a recording waits for calls of other threads.
//!
//! The log is compared with a plain append and sync of the same bytes, and with the files of
//! version 0.1.0 of the published crate. All are measured in alternation, in one run and on one
//! disk. The output has ratios, medians and goals.

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

#[path = "storage/library.rs"]
mod library;
#[path = "storage/processor.rs"]
mod processor;
#[path = "storage/turns.rs"]
mod turns;
#[path = "storage/waits.rs"]
mod waits;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use library::{names, ours, published};
use processor::processor_time;
use tempfile::TempDir;
use tiny_counter::TimeUnit;
use tiny_counter::storage::Writes;
use turns::{median, rounds, turns};

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn timed<R>(work: impl FnOnce() -> R) -> Duration {
    let started = Instant::now();
    let result = work();
    let elapsed = started.elapsed();
    drop(result);
    elapsed
}

fn len(dir: &Path) -> u64 {
    fs::metadata(dir.join("events.log")).unwrap().len()
}

fn raw(dir: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(dir.join("raw")).unwrap()
}

/// A persist of `events` changed events. It should take at most `goal` times as long as a plain
/// append and sync.
fn persist(events: usize, goal: f64) {
    let (dir, names) = (folder(), names(events));
    let store = ours(&dir.path().join("ours"), Writes::Background);
    let theirs = published(&dir.path().join("theirs"));
    let for_each_name = |record: &dyn Fn(&str)| names.iter().for_each(|name| record(name));
    for_each_name(&|name| store.record(name));
    store.persist().unwrap();
    let before = len(&dir.path().join("ours"));
    for_each_name(&|name| store.record(name));
    store.persist().unwrap();
    let bytes = vec![7; (len(&dir.path().join("ours")) - before) as usize];
    let mut raw = raw(dir.path());
    let (mut plain_work, mut log_work) = (Vec::new(), Vec::new());
    let [plain, log, files] = turns(
        rounds(if events > 500 { 25 } else { 41 }),
        [
            &mut || {
                let append = || raw.write_all(&bytes).and_then(|()| raw.sync_data()).unwrap();
                timed(|| processor_time(&mut plain_work, append))
            },
            &mut || {
                for_each_name(&|name| store.record(name));
                timed(|| processor_time(&mut log_work, || store.persist().unwrap()))
            },
            &mut || {
                for_each_name(&|name| theirs.record(name));
                timed(|| theirs.persist().unwrap())
            },
        ],
    );
    println!(
        "persist of {events:>5}: {:>6.2} x a plain append and sync of its {} bytes ({plain:.2?}; goal {goal}), {:>6.1} x faster than 0.1.0",
        ratio(log, plain),
        bytes.len(),
        ratio(files, log),
    );
    println!(
        "  processor time: {:.2?}; of the plain append and sync: {:.2?}",
        median(log_work),
        median(plain_work)
    );
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// Opening a store with `events` events, and the first question. `goal` is in milliseconds.
fn open(events: usize, goal: u32) {
    let (dir, names) = (folder(), names(events));
    let (here, there) = (dir.path().join("ours"), dir.path().join("theirs"));
    let mut store = ours(&here, Writes::Background);
    let theirs = published(&there);
    for name in &names {
        for days in [0, 1, 2, 9, 30] {
            store.record_ago(name, chrono::Duration::days(days));
            theirs.record_ago(name, chrono::Duration::days(days));
        }
    }
    store.compact().unwrap();
    store.close().unwrap();
    theirs.close().unwrap();
    let asked = &names[events / 2];
    let [log, files, all] = turns(
        rounds(15),
        [
            &mut || {
                timed(|| assert_eq!(ours(&here, Writes::Background).query(asked).last_days(7).sum(), Some(3)))
            },
            &mut || timed(|| assert!(published(&there).query(asked).last_days(7).sum().is_some())),
            &mut || {
                timed(|| {
                    let store = published(&there);
                    names.iter().for_each(|name| assert!(store.query(name).last_days(7).sum().is_some()));
                })
            },
        ],
    );
    println!(
        "open with {events:>5} events and ask one question: {log:.2?} (goal {goal} ms); 0.1.0: {files:.2?}, and {all:.2?} to read every event, which the log has then checked",
    );
    let files: Vec<u64> =
        fs::read_dir(&there).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).collect();
    println!(
        "bytes per event with {events} events: {} in the log; 0.1.0: {}, or {} with whole blocks",
        len(&here) / events as u64,
        files.iter().sum::<u64>() / events as u64,
        files.iter().map(|len| len.next_multiple_of(4096)).sum::<u64>() / events as u64,
    );
}

/// The longest recording during a persist of 10,000 events.
fn record_during_a_persist() {
    const EVENTS: usize = 10_000;
    /// Medians over several persists: the longest recording, the 99.9th percentile of the
    /// recordings, and the persist.
    fn measure(names: &[String], record: impl Fn(&str) + Sync, persist: impl Fn() + Sync) -> [Duration; 3] {
        let mut longest = Vec::new();
        for _ in 0..rounds(7) {
            names.iter().for_each(|name| record(name));
            let done = AtomicBool::new(false);
            let (mut times, mut took) = (Vec::new(), Duration::ZERO);
            std::thread::scope(|scope| {
                let persisting = scope.spawn(|| {
                    let took = timed(&persist);
                    done.store(true, Ordering::Release);
                    took
                });
                while !done.load(Ordering::Acquire) {
                    times.push(timed(|| record("one more")));
                }
                took = persisting.join().unwrap();
            });
            times.sort_unstable();
            longest.push([times[times.len() - 1], times[times.len() * 999 / 1_000], took]);
        }
        [0, 1, 2].map(|which| median(longest.iter().map(|times| times[which]).collect()))
    }
    let (dir, names) = (folder(), names(EVENTS));
    let store = ours(&dir.path().join("ours"), Writes::Background);
    let theirs = published(&dir.path().join("theirs"));
    let [log, high, took] = measure(&names, |name| store.record(name), || store.persist().unwrap());
    let [files, high_files, took_files] =
        measure(&names, |name| theirs.record(name), || theirs.persist().unwrap());
    println!(
        "a recording during a persist of {EVENTS}: at most {log:.2?}, 99.9 % within {high:.2?}; the persist took {took:.2?}"
    );
    println!(
        "  0.1.0: at most {files:.2?}, 99.9 % within {high_files:.2?}; the persist took {took_files:.2?}"
    );
}

/// A decision with inline writes: it is written when the call returns.
fn decision() {
    const CALLS: u32 = 200;
    let dir = folder();
    let here = dir.path().join("ours");
    let store = ours(&here, Writes::Inline);
    let decide =
        || store.limit().at_most("asked", u32::MAX, TimeUnit::Days).check_and_record("asked").unwrap();
    decide();
    let before = len(&here);
    decide();
    let bytes = vec![7; (len(&here) - before) as usize];
    let mut raw = raw(dir.path());
    let lock = File::create(dir.path().join("lock")).unwrap();
    let mut locked_file =
        OpenOptions::new().create(true).append(true).open(dir.path().join("locked")).unwrap();
    // The log makes these four system calls so that it does not overwrite another process' write.
    let mut locked_write = || {
        lock.lock().unwrap();
        assert!(fs::metadata(dir.path().join("locked")).unwrap().is_file());
        locked_file.write_all(&bytes).unwrap();
        lock.unlock().unwrap();
    };
    let [plain, ours, locked_write_time] = turns(
        rounds(41),
        [
            &mut || timed(|| (0..CALLS).for_each(|_| raw.write_all(&bytes).unwrap())) / CALLS,
            &mut || timed(|| (0..CALLS).for_each(|_| decide())) / CALLS,
            &mut || timed(|| (0..CALLS).for_each(|_| locked_write())) / CALLS,
        ],
    );
    println!(
        "check_and_record, inline: {:>6.2} x a plain write of its {} bytes ({plain:.2?}; goal 1.5), {:.2} x a write under a lock with a check of the file",
        ratio(ours, plain),
        bytes.len(),
        ratio(ours, locked_write_time),
    );
}

fn main() {
    if std::env::args().any(|argument| argument == "--waits") {
        return waits::waits();
    }
    [(1, 1.1), (100, 1.1), (1_000, 1.3)].into_iter().for_each(|(events, goal)| persist(events, goal));
    open(1_000, 1);
    open(10_000, 8);
    record_during_a_persist();
    decision();
    waits::waits();
}
