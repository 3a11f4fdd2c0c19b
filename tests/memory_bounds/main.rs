//! Input from outside never makes the library allocate more than a small multiple of it, nor work
//! much longer on it than on honest data.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod allocator;
#[path = "../common/mod.rs"]
mod common;
mod erasures;
#[cfg(all(feature = "serde-bincode", feature = "serde-json"))]
mod formatters;
#[path = "../hostile/message.rs"]
#[allow(dead_code)]
mod message;
#[path = "../hostile/packed.rs"]
mod packed;
mod prepared;
mod wire;

use std::fs;

use allocator::most;
use chrono::Duration;
use common::files::log_file;
use common::stores::{clock, in_memory, on_log};
use message::{Cell, Known, Message, envelope, sync_state, upto, varint};
use tiny_counter::{Error, EventStore};
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::{Result, Storage};
use wire::{Log, export, number};

/// What any call may allocate beside its multiple: a first table, an error message.
const SMALL: usize = 64 << 10;

/// How many times its size a merged message may allocate, and how much more for each of its events.
const OF_A_MESSAGE: usize = 20;

const OF_AN_EVENT: usize = 400;

/// As `OF_A_MESSAGE`, for a sync state.
const OF_A_KNOWLEDGE: usize = 8;

/// The longest payload of an envelope.
const LONGEST: usize = 32 << 20;

/// The shortest cell with a count: seen once, at the epoch, in no unit.
const ONCE: &[u8] = &[1, 0, 0, 1];

/// As `OF_AN_EVENT`, for each cell of the largest event, and for each erased cell.
const OF_A_JOINED_CELL: usize = 300;
const OF_AN_ERASED_CELL: usize = 200;

/// A cell with a count of 2 on each of so many days.
fn each_day(days: usize) -> Vec<u8> {
    let mut body = vec![1, 0, 0];
    varint(2 * days as u64, &mut body);
    body.extend([3, 100, 0, 2]);
    varint(2 * (days as u64 - 1), &mut body);
    body.extend(vec![3; days - 1]);
    body.extend(vec![0; days - 1]);
    body
}

/// A cell with a count in each unit.
fn each_unit() -> Vec<u8> {
    let series = (0..7).zip([0, 0, 0, 0, 0, 1970 * 12, 1970]);
    let series = series.flat_map(|(unit, newest): (u8, u64)| {
        let mut series = vec![unit, 100];
        varint(2 * newest, &mut series);
        series.extend([1, 0]);
        series
    });
    ONCE.iter().copied().chain(series).collect()
}

fn merged(store: &EventStore, bytes: &[u8], events: usize, of_cells: usize, what: &str) {
    let (taken, allocated) = most(|| store.merge_bytes(bytes));
    taken.unwrap();
    let bound = OF_A_MESSAGE * bytes.len() + OF_AN_EVENT * events + of_cells + SMALL;
    assert!(allocated <= bound, "{what}: {} bytes and {events} events allocated {allocated}", bytes.len());
}

#[test]
fn a_merge_allocates_a_small_multiple_of_the_message_and_a_little_per_event() {
    let clock = clock();
    for (erased, lanes, events, cells, body) in [
        (0, 0, 50_000, 0, ONCE),
        (0, 1, 50_000, 1, ONCE),
        (0, 3, 20_000, 3, ONCE),
        (0, 1, 1, 100_000, ONCE),
        (0, 1, 1, 120_000, ONCE),
        (0, 1, 2, 1_000_000, ONCE),
        (0, 1_000, 1, 60_000, &[0, 0]),
        (0, 200, 200, 600, &[0, 0]),
        (60_000, 0, 0, 0, ONCE),
        (0, 300_000, 0, 0, ONCE),
        (0, 1, 40, 1, &each_day(50_000)),
        (0, 1, 20_000, 1, &each_unit()),
        (0, 3, 5_000, 10, &each_unit()),
    ] {
        let bytes = export(erased, lanes, events, cells, body);
        let what = format!("{erased} erased, {lanes} lanes, {events} events of {cells} cells");
        let store = in_memory(&clock);
        // An event of more than 8 MiB is refused without being kept.
        let of_cells = OF_A_JOINED_CELL * cells.min((8 << 20) / 66) + OF_AN_ERASED_CELL * erased;
        merged(&store, &bytes, events, of_cells, &what);
        merged(&store, &bytes, events, of_cells, &format!("{what}, again"));
        let dir = tempfile::tempdir().unwrap();
        merged(&on_log(&clock, dir.path()), &bytes, events, of_cells, &format!("{what}, into a log"));
    }
}

#[test]
fn an_event_of_more_devices_than_a_store_remembers_is_taken_in_part() {
    let store = in_memory(&clock());
    for first in [60_000, 0] {
        let cell = |at| Cell {
            lane: wire::lane(at),
            birth: (1, 0),
            stamp: (2, 0),
            body: ONCE.to_vec(),
            ..Cell::default()
        };
        let events = vec![("a".to_owned(), (first..first + 50_000).map(cell).collect())];
        let bytes = Message { events, ..Message::default() }.bytes();
        let (report, allocated) = most(|| store.merge_bytes(&bytes).unwrap());
        assert_eq!((report.replicas, report.refused), (50_000, 1));
        assert!(allocated <= OF_A_MESSAGE * bytes.len() + OF_A_JOINED_CELL * 1_024 + SMALL, "{allocated}");
    }
    assert_eq!(store.query("a").lifetime(), Some(1_024));
}

#[test]
fn a_message_over_the_bounds_is_refused_before_it_is_read() {
    let store = in_memory(&clock());
    let long = envelope(b"TCx\n", &vec![0; LONGEST + 1]);
    let (refused, allocated) = most(|| store.merge_bytes(&long));
    assert!(
        matches!(refused, Err(Error::Corrupt { .. })) && allocated < SMALL,
        "{refused:?} allocated {allocated}"
    );
    let (refused, allocated) =
        most(|| store.export_since(&envelope(b"TCk\n", &vec![0; LONGEST + 1])).map(drop));
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?} allocated {allocated}");
    let many = export(0, 0, 100_001, 0, ONCE);
    let (refused, allocated) = most(|| store.merge_bytes(&many));
    assert!(
        matches!(refused, Err(Error::Corrupt { .. })) && allocated < SMALL,
        "{refused:?} allocated {allocated}"
    );
    assert!(store.events().is_empty());
}

#[test]
fn exporting_a_store_too_large_for_a_message_is_an_error() {
    let store = in_memory(&clock());
    wire::names(100_001).for_each(|name| store.record_count(&name, 0));
    assert!(matches!(store.export_bytes(), Err(Error::TooLarge { .. })));
    store.erase_event("!!!!").unwrap();
    let other = in_memory(&clock());
    assert_eq!(other.merge_bytes(&store.export_bytes().unwrap()).unwrap().events_changed, 100_000);
}

#[test]
fn false_lengths_allocate_nothing() {
    let store = in_memory(&clock());
    let one_event = Message { events: vec![("a".to_owned(), Vec::new())], ..Message::default() }.payload();
    let before_cells = &one_event[..one_event.len() - 1];
    // The table, the lanes, the events, the name, the cells; of a sync state its basis comes first.
    for before in [&[0, 0][..], &[0, 0, 0], &[0, 0, 0, 0], &[0, 0, 0, 0, 1], before_cells, &[0; 10], &[0; 11]]
    {
        for false_length in [251, 100_000, u64::from(u32::MAX), u64::MAX / 2, u64::MAX] {
            let mut payload = before.to_vec();
            varint(false_length, &mut payload);
            payload.extend([7; 40]);
            let (_, allocated) = most(|| store.merge_bytes(&envelope(b"TCx\n", &payload)).map(drop));
            assert!(allocated < SMALL, "{before:?} and {false_length}: {allocated}");
            let (_, allocated) = most(|| store.export_since(&envelope(b"TCk\n", &payload)).map(drop));
            assert!(allocated < SMALL, "{before:?} and {false_length} as knowledge: {allocated}");
        }
    }
}

#[test]
fn a_knowledge_of_very_many_lanes_allocates_a_small_multiple_of_itself() {
    let store = in_memory(&clock());
    store.record("a");
    let known = |at| Known { lane: wire::lane(at), claim: upto(1), ..Known::default() };
    let knowledge = sync_state((1, (1, 1)), &(0..300_000).map(known).collect::<Vec<_>>());
    let (answer, allocated) = most(|| store.export_since(&knowledge));
    answer.unwrap();
    assert!(allocated <= OF_A_KNOWLEDGE * knowledge.len(), "{allocated} of {}", knowledge.len());
}

#[test]
fn opening_a_log_allocates_a_small_multiple_of_its_length_whatever_it_holds() {
    type Fill = fn(&mut Log);
    let logs: [(&str, Fill); 9] = [
        ("markers", |log| log.bytes.extend([0xF9, 0x7C, 0x63, 0xFE].repeat(200_000))),
        ("frame heads that claim 16 MiB", |log| {
            (0..40_000).for_each(|_| log.claim(1, false, b"k", 16 << 20))
        }),
        ("short keys without a value", |log| {
            wire::names(50_000).for_each(|name| log.frame(1, false, name.as_bytes(), b""))
        }),
        ("a batch that never ends", |log| (0..50_000).for_each(|_| log.frame(2, true, b"k", b""))),
        ("keys whose values are damaged", |log| {
            wire::names(40_000).for_each(|name| {
                log.frame(1, false, name.as_bytes(), b"v");
                *log.bytes.last_mut().unwrap() ^= 1;
            })
        }),
        ("long keys whose values are damaged", |log| {
            wire::names(18_000).for_each(|name| {
                log.frame(1, false, name.repeat(250).as_bytes(), b"v");
                *log.bytes.last_mut().unwrap() ^= 1;
            })
        }),
        ("a value of 4 MiB", |log| log.frame(1, false, b"k", &vec![7; 4 << 20])),
        ("a store record with a false length", |log| {
            log.frame(3, false, b"", &[0, 0, 0, 0, 253, 0, 0, 32, 0, 0, 0, 0, 0, 9])
        }),
        ("a store record with many lanes", |log| {
            let mut meta = vec![0, 0, 0, 0, 0, 0, 0, 0];
            number(100_000, &mut meta);
            (0..100_000).for_each(|at| {
                meta.extend(wire::lane(at));
                meta.push(1);
            });
            meta.push(0);
            log.frame(3, false, b"", &meta);
        }),
    ];
    for (what, fill) in logs {
        for marked in [false, true] {
            let mut log = Log::new();
            fill(&mut log);
            if marked {
                log.mark();
            }
            let dir = tempfile::tempdir().unwrap();
            fs::write(log_file(dir.path()), &log.bytes).unwrap();
            let clock = clock();
            let (store, allocated) = most(|| {
                let store = on_log(&clock, dir.path());
                store.record("k");
                assert!(store.query("k").rolling(Duration::days(1)).total().is_some());
                store
            });
            assert!(
                allocated <= 8 * log.bytes.len() + (1 << 20),
                "{what}: {} bytes allocated {allocated}",
                log.bytes.len()
            );
            if let Err(error) = store.persist() {
                assert!(matches!(error, Error::Corrupt { .. }), "{what}: {error}");
            }
        }
    }
}

#[test]
fn a_name_of_any_size_is_refused_without_being_copied() {
    let name = "ü".repeat(5 << 20);
    let store = in_memory(&clock());
    store.record("a");
    let (_, allocated) = most(|| {
        store.record(&name);
        store.record_count(&name, 3);
        store.record_ago(&name, Duration::days(1));
        assert!(store.record_at(&name, store.clock_now()).is_err());
        assert!(store.limit().check(&name).is_err());
        assert!(store.limit().check_and_record(&name).is_err());
        assert!(store.limit().reserve(&name).is_err());
        assert!(store.erase_event(&name).is_err());
        assert!(store.balance_delta("a", &name).is_err());
    });
    assert!(allocated < SMALL, "{allocated}");
    // A query and a rule each copy the name of their event once.
    let (_, allocated) = most(|| {
        assert_eq!(store.query(&name).lifetime(), None);
        store.limit().at_most(&name, 1, Duration::days(1)).check("a").unwrap();
    });
    assert!(allocated <= 2 * name.len() + SMALL, "{allocated}");
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn memory_that_a_persist_of_very_many_events_needs_is_freed() {
    /// Keeps the store record only.
    #[derive(Default)]
    struct Nowhere(Option<Vec<u8>>);
    impl Storage for Nowhere {
        fn save(&mut self, key: &str, data: Vec<u8>) -> Result<()> {
            if key == "~store" {
                self.0 = Some(data);
            }
            Ok(())
        }
        fn load(&self, _: &str) -> Result<Option<Vec<u8>>> {
            Ok(self.0.clone())
        }
        fn delete(&mut self, _: &str) -> Result<()> {
            Ok(())
        }
        fn list_keys(&self) -> Result<Vec<String>> {
            Ok(Vec::new())
        }
    }
    let store = common::stores::under(&clock()).with_storage(Nowhere::default()).build().unwrap();
    for events in [300, 1_000, 20_000] {
        let record_all = || (0..events).for_each(|number| store.record(format!("event {number}")));
        record_all();
        // Remembers the names of what is stored.
        store.persist().unwrap();
        record_all();
        let left = allocator::left(|| store.persist().unwrap());
        assert!(left < SMALL / 2, "{events} events leave {left} bytes");
    }
}

#[test]
fn a_decision_that_is_written_allocates_nothing_once_the_buffers_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let log = tiny_counter::storage::Log::new(dir.path()).writes(tiny_counter::storage::Writes::Inline);
    let store = common::stores::under(&clock()).with_log(log).build().unwrap();
    let decide = || {
        store.limit().at_most("tap", 10, tiny_counter::TimeUnit::Days).check_and_record("tap").unwrap();
    };
    decide();
    decide();
    let ((), allocated) = most(decide);
    assert_eq!(allocated, 0);
}
