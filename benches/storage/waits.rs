//! How long a recording waits while another thread makes a call about many events.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::Days;
use tiny_counter::EventStore;
use tiny_counter::storage::Writes;

use super::library::{names, ours};
use super::turns::{median, rounds};
use super::{folder, timed};

/// Measures the longest recording during each of several calls. Returns the median and the least of
/// these times, and the median time of the calls. Other load on the machine lengthens the medians.
fn longest_wait(
    store: &EventStore,
    mut prepare: impl FnMut(),
    call: impl Fn(&EventStore) + Sync,
) -> [Duration; 3] {
    let (mut waits, mut calls) = (Vec::new(), Vec::new());
    for _ in 0..rounds(9) {
        prepare();
        let done = AtomicBool::new(false);
        let mut longest = Duration::ZERO;
        std::thread::scope(|scope| {
            let calling = scope.spawn(|| {
                let took = timed(|| call(store));
                done.store(true, Ordering::Release);
                took
            });
            while !done.load(Ordering::Acquire) {
                let started = Instant::now();
                store.record("one more");
                longest = longest.max(started.elapsed());
            }
            calls.push(calling.join().unwrap());
        });
        waits.push(longest);
    }
    let least = waits.iter().min().copied().unwrap();
    [median(waits), least, median(calls)]
}

type Call<'a> = &'a (dyn Fn(&EventStore) + Sync);

fn print(what: &str, [wait, least, call]: [Duration; 3]) {
    println!(
        "a recording during {what}: at most {wait:.2?}, in the best round {least:.2?} (goal 1 ms); the call took {call:.2?}"
    );
}

/// A store with `events` events of several days, saved and in memory.
fn filled(events: usize, dir: &std::path::Path) -> EventStore {
    let store = ours(dir, Writes::Background);
    let now = chrono::Utc::now();
    for name in names(events) {
        for days in [0, 1, 9] {
            store.record_at(&name, now - Days::new(days)).unwrap();
        }
    }
    store.persist().unwrap();
    store
}

pub fn waits() {
    let dir = folder();
    let store = filled(50_000, &dir.path().join("exports"));
    let known = store.knowledge().unwrap();
    let exports: [(&str, Call<'_>); 4] = [
        ("export_bytes of 50,000", &|store| drop(store.export_bytes().unwrap())),
        ("export_all of 50,000", &|store| drop(store.export_all().unwrap())),
        ("export_since of 50,000", &|store| drop(store.export_since(&known).unwrap())),
        ("export_dirty of 50,000", &|store| drop(store.export_dirty().unwrap())),
    ];
    for (what, call) in exports {
        print(what, longest_wait(&store, || (), call));
    }

    let store = filled(100_000, &dir.path().join("merges"));
    let bytes_of = |events: &[String], erased: &str| {
        let other = EventStore::new();
        other.record(erased);
        other.erase_event(erased).unwrap();
        events.iter().for_each(|name| other.record(name));
        other.export_bytes().unwrap()
    };
    let merge = |bytes: &[Vec<u8>]| {
        let next = std::sync::atomic::AtomicUsize::new(0);
        longest_wait(
            &store,
            || (),
            |store| {
                let bytes = &bytes[next.fetch_add(1, Ordering::Relaxed) % bytes.len()];
                store.merge_bytes(bytes).unwrap();
            },
        )
    };
    let all = names(100_000);
    let erasures: Vec<Vec<u8>> =
        (0..9).map(|number| bytes_of(&[], &format!("erased elsewhere {number}"))).collect();
    let many: Vec<Vec<u8>> = (0..9).map(|_| bytes_of(&all[..50_000], "x")).collect();
    print("an empty merge into 100,000", merge(&[EventStore::new().export_bytes().unwrap()]));
    print("a merge of one erasure into 100,000", merge(&erasures));
    print("a merge of 10 into 100,000", merge(&[bytes_of(&all[..10], "x")]));
    print("a merge of 50,000 into 100,000", merge(&many));

    print("a list of 100,000 names", longest_wait(&store, || (), |store| drop(store.events())));
    print(
        "is_dirty of 100,000",
        longest_wait(
            &store,
            || (),
            |store| {
                store.is_dirty();
            },
        ),
    );
    print(
        "memory_usage of 100,000",
        longest_wait(
            &store,
            || (),
            |store| {
                store.memory_usage();
            },
        ),
    );
    print("a small persist of 100,000", longest_wait(&store, || (), |store| store.persist().unwrap()));
    let prepare = || all[..50_000].iter().for_each(|name| store.record(name));
    print("a persist of 50,000", longest_wait(&store, prepare, |store| store.persist().unwrap()));
    print("reset_dirty of 100,000", longest_wait(&store, || (), EventStore::reset_dirty));
    let prepare = || all.iter().for_each(|name| store.record(name));
    print(
        "erase_all of 100,000",
        longest_wait(&store, prepare, |store| assert!(store.erase_all().unwrap().len() >= 100_000)),
    );
}
