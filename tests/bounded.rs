//! What comes from outside never makes the library hold more than a small multiple of it, nor work much longer on it than on honest data.

#![cfg(feature = "storage-fs")]
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

#[path = "bounded/held.rs"]
mod held;
mod support;
#[path = "bounded/wire.rs"]
mod wire;

use std::fs;

use chrono::Duration;
use held::most;
use support::{clock, in_memory, on_log};
use tiny_counter::{Error, EventStore};
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::{Result, Storage};
use wire::{Log, envelope, export, number};

/// What anything may take beside its multiple: the first table, a message for people.
const SMALL: usize = 64 << 10;
/// The multiple of a message that is held while it is taken in, and what each of its events takes beside that.
const OF_A_MESSAGE: usize = 8;
const OF_AN_EVENT: usize = 400;
/// The longest payload of anything in an envelope.
const LONGEST: usize = 32 << 20;

/// A cell of the fewest bytes that hold a count: seen at the epoch, once, in no unit.
const ONCE: &[u8] = &[1, 0, 0, 1];

fn merged(store: &EventStore, bytes: &[u8], events: usize, what: &str) {
    let (taken, held) = most(|| store.merge_bytes(bytes));
    taken.unwrap();
    let bound = OF_A_MESSAGE * bytes.len() + OF_AN_EVENT * events + SMALL;
    assert!(held <= bound, "{what}: {} bytes and {events} events took {held}", bytes.len());
}

#[test]
fn a_merge_holds_a_small_multiple_of_the_message_and_something_for_each_event() {
    let clock = clock();
    for (erased, lanes, events, cells, body) in [
        (0, 0, 50_000, 0, ONCE),
        (0, 1, 50_000, 1, ONCE),
        (0, 3, 20_000, 3, ONCE),
        (0, 1, 1, 100_000, ONCE),
        (0, 60_000, 1, 60_000, &[0, 0]),
        (0, 200, 200, 600, &[0, 0]),
        (100_000, 0, 0, 0, ONCE),
        (0, 300_000, 0, 0, ONCE),
    ] {
        let bytes = export(erased, lanes, events, cells, body);
        let what = format!("{erased} erased, {lanes} lanes, {events} events of {cells} cells");
        let store = in_memory(&clock);
        merged(&store, &bytes, events, &what);
        merged(&store, &bytes, events, &format!("{what}, again"));
        let dir = tempfile::tempdir().unwrap();
        merged(&on_log(&clock, dir.path()), &bytes, events, &format!("{what}, into a log"));
    }
}

#[test]
fn two_stores_that_heard_of_very_many_devices_each_merge_in_one_pass() {
    let store = in_memory(&clock());
    for first in [60_000, 0] {
        let mut event = vec![0, 0, 0, 1, 1, b'a', 0, 0, 0];
        number(50_000, &mut event);
        for at in first..first + 50_000 {
            event.extend(wire::lane(at));
            event.extend([1, 4]);
            event.extend(ONCE);
        }
        assert_eq!(store.merge_bytes(&envelope(b"TCx\n", &event)).unwrap().replicas, 50_000);
    }
    assert_eq!(store.query("a").lifetime(), Some(100_000));
}

#[test]
fn what_exceeds_the_bounds_is_refused_before_it_is_read() {
    let store = in_memory(&clock());
    let long = envelope(b"TCx\n", &vec![0; LONGEST + 1]);
    let (refused, held) = most(|| store.merge_bytes(&long));
    assert!(matches!(refused, Err(Error::Corrupt { .. })) && held < SMALL, "{refused:?} took {held}");
    let (refused, held) = most(|| store.export_since(&envelope(b"TCk\n", &vec![0; LONGEST + 1])).map(drop));
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?} took {held}");
    let many = export(0, 0, 100_001, 0, ONCE);
    let (refused, held) = most(|| store.merge_bytes(&many));
    assert!(matches!(refused, Err(Error::Corrupt { .. })) && held < SMALL, "{refused:?} took {held}");
    assert!(store.events().is_empty());
}

#[test]
fn a_store_too_large_for_a_message_says_so_when_it_exports() {
    let store = in_memory(&clock());
    wire::names(100_001).for_each(|name| store.record_count(&name, 0));
    assert!(matches!(store.export_bytes(), Err(Error::Storage(_))));
    store.erase_event("!!!!").unwrap();
    let other = in_memory(&clock());
    assert_eq!(other.merge_bytes(&store.export_bytes().unwrap()).unwrap().events_changed, 100_000);
}

#[test]
fn lengths_that_lie_take_nothing() {
    let store = in_memory(&clock());
    for before in
        [&[][..], &[0], &[0, 0], &[0, 0, 1], &[0, 0, 1, 1, b'a', 0, 0, 0], &[0, 0, 1, 1, b'a', 0, 0, 1, 9]]
    {
        for lie in [251, 100_000, u64::from(u32::MAX), u64::MAX / 2, u64::MAX] {
            let mut payload = before.to_vec();
            number(lie, &mut payload);
            payload.extend([7; 40]);
            let (_, held) = most(|| store.merge_bytes(&envelope(b"TCx\n", &payload)).map(drop));
            assert!(held < SMALL, "{before:?} and {lie}: {held}");
            let (_, held) = most(|| store.export_since(&envelope(b"TCk\n", &payload)).map(drop));
            assert!(held < SMALL, "{before:?} and {lie} as a knowledge: {held}");
        }
    }
}

#[test]
fn a_knowledge_of_very_many_lanes_holds_a_small_multiple() {
    let store = in_memory(&clock());
    store.record("a");
    let mut payload = Vec::new();
    number(300_000, &mut payload);
    for at in 0..300_000 {
        payload.extend(wire::lane(at));
        payload.push(1);
    }
    let knowledge = envelope(b"TCk\n", &payload);
    let (answer, held) = most(|| store.export_since(&knowledge));
    answer.unwrap();
    assert!(held <= OF_A_MESSAGE * knowledge.len(), "{held}");
}

#[cfg(all(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn formatters_hold_a_small_multiple_of_what_they_read() {
    use tiny_counter::Formatter;
    use tiny_counter::formatter::{BincodeFormat, JsonFormat};

    fn reads(format: &dyn Formatter, bytes: &[u8], taken: bool, what: &str) {
        let (read, held) = most(|| format.deserialize(bytes));
        assert_eq!(read.is_ok(), taken, "{what}: {:?}", read.err());
        assert!(held <= OF_A_MESSAGE * bytes.len() + SMALL, "{what}: {} bytes took {held}", bytes.len());
    }
    let binary = |cells, body: &[u8]| {
        let mut payload = Vec::new();
        wire::counter(cells, body, &mut payload);
        envelope(b"TCc\n", &payload)
    };
    reads(&BincodeFormat, &binary(100_000, &[0, 0]), true, "many empty cells");
    reads(&BincodeFormat, &binary(1, &[]), false, "a cell without bytes");
    reads(&BincodeFormat, &binary(100_000, ONCE), true, "many cells");
    let mut lie = vec![0, 0, 0];
    number(u64::MAX, &mut lie);
    reads(&BincodeFormat, &envelope(b"TCc\n", &lie), false, "a number of cells that lies");

    let json = |text: &str| {
        format!(r#"{{"format":1,"checksum":{},"counter":{text}}}"#, crc32c::crc32c(text.as_bytes()))
            .into_bytes()
    };
    let lanes = |lane: &dyn Fn(usize) -> String, n: usize| {
        let lanes: Vec<String> = (0..n).map(lane).collect();
        json(&format!(r#"{{"erased":[0,0],"lanes":[{}]}}"#, lanes.join(",")))
    };
    let lane = |at: usize, units: &str| {
        format!(r#"{{"lane":"{at:032x}","stamp":1,"lifetime":0,"units":[{units}]}}"#)
    };
    reads(&JsonFormat, &lanes(&|at| lane(at, ""), 20_000), true, "many lanes");
    let unit = r#"{"unit":"Days","buckets":1,"counts":[]},"#;
    let units = unit.repeat(50_000);
    reads(&JsonFormat, &lanes(&|at| lane(at, &units[..units.len() - 1]), 1), false, "a unit very often");
    let counts: Vec<String> = (0..200_000).map(|at| format!("[{},1]", 200_000 - at)).collect();
    let days = format!(r#"{{"unit":"Days","buckets":1,"counts":[{}]}}"#, counts.join(","));
    reads(&JsonFormat, &lanes(&|at| lane(at, &days), 1), true, "many buckets");
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        reads(&JsonFormat, &json(&deep), false, "deeply nested instead of a counter");
        reads(&JsonFormat, deep.as_bytes(), false, "deeply nested instead of a document");
        let inside = format!(r#"{{"erased":[0,0],"more":{deep},"lanes":[]}}"#);
        reads(&JsonFormat, &json(&inside), true, "deeply nested beside what is known");
    }
}

#[test]
fn a_log_holds_a_small_multiple_of_its_length_whatever_is_in_it() {
    type Fill = fn(&mut Log);
    let logs: [(&str, Fill); 9] = [
        ("markers", |log| log.bytes.extend([0xF9, 0x7C, 0x63, 0xFE].repeat(200_000))),
        ("heads that claim 16 MiB", |log| (0..40_000).for_each(|_| log.claim(1, false, b"k", 16 << 20))),
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
        ("a record of the store that lies", |log| {
            log.frame(3, false, b"", &[0, 0, 0, 0, 253, 0, 0, 32, 0, 0, 0, 0, 0, 9])
        }),
        ("a record of the store that knows many lanes", |log| {
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
            fs::write(dir.path().join("events.log"), &log.bytes).unwrap();
            let clock = clock();
            let (store, held) = most(|| {
                let store = on_log(&clock, dir.path());
                store.record("k");
                assert!(store.query("k").rolling(Duration::days(1)).total().is_some());
                store
            });
            assert!(held <= 8 * log.bytes.len() + (1 << 20), "{what}: {} bytes took {held}", log.bytes.len());
            store
                .persist()
                .unwrap_or_else(|error| assert!(matches!(error, Error::Corrupt { .. }), "{what}: {error}"));
        }
    }
}

#[test]
fn a_name_of_any_size_is_refused_without_a_copy_of_it() {
    let name = "ü".repeat(5 << 20);
    let store = in_memory(&clock());
    store.record("a");
    let (_, held) = most(|| {
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
    assert!(held < SMALL, "{held}");
    // A question and a rule keep the names that they are about, once.
    let (_, held) = most(|| {
        assert_eq!(store.query(&name).lifetime(), None);
        store.limit().at_most(&name, 1, Duration::days(1)).check("a").unwrap();
    });
    assert!(held <= 2 * name.len() + SMALL, "{held}");
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn what_a_persist_of_very_many_events_needs_is_given_back() {
    struct Nowhere;
    impl Storage for Nowhere {
        fn save(&mut self, _: &str, _: Vec<u8>) -> Result<()> {
            Ok(())
        }
        fn load(&self, _: &str) -> Result<Option<Vec<u8>>> {
            Ok(None)
        }
        fn delete(&mut self, _: &str) -> Result<()> {
            Ok(())
        }
        fn list_keys(&self) -> Result<Vec<String>> {
            Ok(Vec::new())
        }
    }
    let store = support::under(&clock()).with_storage(Nowhere).build().unwrap();
    for events in [300, 1_000, 20_000] {
        (0..events).for_each(|number| store.record(format!("event {number}")));
        let left = held::left(|| store.persist().unwrap());
        assert!(left < SMALL / 2, "{events} events leave {left}");
    }
}
