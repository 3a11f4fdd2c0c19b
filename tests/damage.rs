//! Stored counters that were damaged on their way: each is an error or what was written, the event is named, and the others are read all the same.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Duration;
use support::{clock, in_memory, under};
use tiny_counter::formatter::{BincodeFormat, JsonFormat};
use tiny_counter::storage::FilePerEvent;
use tiny_counter::{Error, EventStore, Formatter, SingleEventCounter, TestClock};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Format {
    Compact,
    Readable,
}

use Format::{Compact, Readable};

impl Format {
    fn formatter(self) -> Box<dyn Formatter> {
        match self {
            Compact => Box::new(BincodeFormat),
            Readable => Box::new(JsonFormat),
        }
    }

    fn open(self, folder: &Path, clock: &TestClock) -> EventStore {
        let builder = under(clock).with_storage(FilePerEvent::new(folder, "x").unwrap());
        match self {
            Compact => builder.with_format(BincodeFormat),
            Readable => builder.with_format(JsonFormat),
        }
        .build()
        .unwrap()
    }
}

/// Three events, with a history, another device's counts and a clock that went back.
fn written(format: Format) -> (tempfile::TempDir, TestClock) {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = format.open(dir.path(), &clock);
    let other = in_memory(&clock);
    for day in 0..40 {
        store.record_count("damaged", 1 + day % 4);
        other.record("damaged");
        store.record("whole");
        clock.advance(Duration::hours(19));
    }
    store.record_count("another", 1_000_000);
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    clock.advance(Duration::days(-2));
    store.record("damaged");
    store.close().unwrap();
    (dir, clock)
}

fn file(folder: &Path, event: &str) -> PathBuf {
    folder.join(format!("e-{event}.x"))
}

/// Everything that can happen to a few bytes.
fn damaged(whole: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for at in 0..whole.len() {
        all.push((format!("cut at {at}"), whole[..at].to_vec()));
        all.push((format!("begins at {}", at + 1), whole[at + 1..].to_vec()));
        all.push((format!("without byte {at}"), [&whole[..at], &whole[at + 1..]].concat()));
        for inserted in [0, b' ', b'0', b'9', 0xff, whole[at]] {
            all.push((format!("{inserted} before {at}"), [&whole[..at], &[inserted], &whole[at..]].concat()));
        }
        for bit in 0..8 {
            let mut bent = whole.to_vec();
            bent[at] ^= 1 << bit;
            all.push((format!("bit {bit} of {at}"), bent));
        }
        let mut zeroed = whole.to_vec();
        zeroed[at..].fill(0);
        all.push((format!("zeros from {at}"), zeroed));
    }
    all.push(("twice".into(), [whole, whole].concat()));
    all.push(("zeros behind".into(), [whole, &[0; 512]].concat()));
    all
}

/// All that a counter holds, also who wrote it down.
fn image(counter: &SingleEventCounter) -> String {
    format!("{counter:?}")
}

#[test]
fn a_damaged_counter_is_an_error_or_the_counter_that_was_written() {
    for format in [Compact, Readable] {
        let (dir, _clock) = written(format);
        let whole = fs::read(file(dir.path(), "damaged")).unwrap();
        let formatter = format.formatter();
        let said = image(&formatter.deserialize(&whole).unwrap());
        let mut refused = 0;
        for (how, bytes) in damaged(&whole) {
            match formatter.deserialize(&bytes) {
                Ok(counter) => assert_eq!(image(&counter), said, "{format:?}, {how}"),
                Err(Error::Corrupt { .. } | Error::Serialization(_) | Error::Incompatible { .. }) => {
                    refused += 1
                }
                Err(error) => panic!("{format:?}, {how}: {error:?}"),
            }
        }
        assert!(refused > 10 * whole.len(), "{format:?}");
    }
}

#[test]
fn a_damaged_file_is_told_by_its_event_and_hinders_no_other() {
    for format in [Compact, Readable] {
        let (dir, clock) = written(format);
        let path = file(dir.path(), "damaged");
        let whole = fs::read(&path).unwrap();
        let healthy = format.open(dir.path(), &clock).export_all().unwrap();
        let others = ["whole", "another"].map(|event| healthy[event].lifetime());
        for (how, bytes) in damaged(&whole).into_iter().step_by(211) {
            fs::write(&path, &bytes).unwrap();
            let store = format.open(dir.path(), &clock);
            let said = store.query("damaged").try_lifetime();
            match &said {
                Ok(count) => assert_eq!(*count, Some(healthy["damaged"].lifetime()), "{format:?}, {how}"),
                Err(Error::Corrupt { event, .. }) => {
                    assert_eq!(event.as_deref(), Some("damaged"), "{format:?}, {how}");
                    assert_eq!(store.health().quarantined, ["damaged"], "{format:?}, {how}");
                }
                Err(Error::Incompatible { .. }) => assert!(store.health().storage_fails, "{format:?}, {how}"),
                Err(error) => panic!("{format:?}, {how}: {error:?}"),
            }
            let found = ["whole", "another"].map(|event| store.query(event).lifetime().unwrap());
            assert_eq!(found, others, "{format:?}, {how}");
            if said.is_err() {
                store.record("damaged");
                store.record("whole");
                assert!(store.persist().is_err(), "{format:?}, {how}");
                drop(store);
                assert_eq!(fs::read(&path).unwrap(), bytes, "{format:?}, {how}: it is left as it is");
                let again = format.open(dir.path(), &clock);
                assert_eq!(again.query("whole").lifetime(), Some(others[0] + 1), "{format:?}, {how}");
                fs::remove_file(file(dir.path(), "whole")).unwrap();
                again.import_event("whole", healthy["whole"].clone()).unwrap();
                again.persist().unwrap();
            }
        }
    }
}

#[test]
fn a_damaged_event_can_be_erased_and_begins_anew() {
    for format in [Compact, Readable] {
        let (dir, clock) = written(format);
        let path = file(dir.path(), "damaged");
        fs::write(&path, b"").unwrap();
        let store = format.open(dir.path(), &clock);
        assert!(store.query("damaged").try_lifetime().is_err());
        store.erase_event("damaged").unwrap();
        assert!(store.health().quarantined.is_empty());
        assert!(!path.exists());
        store.record("damaged");
        store.close().unwrap();
        assert_eq!(format.open(dir.path(), &clock).query("damaged").lifetime(), Some(1));
    }
}

#[test]
fn other_formats_and_newer_versions_are_refused_by_name() {
    for (format, other) in [(Compact, Readable), (Readable, Compact)] {
        let (dir, clock) = written(format);
        let (theirs, _clock) = written(other);
        let path = file(dir.path(), "damaged");
        let refused = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let store = format.open(dir.path(), &clock);
            store.query("damaged").try_lifetime().unwrap_err()
        };
        let named = |error| matches!(error, Error::Corrupt { event: Some(event), .. } if event == "damaged");
        let whole = fs::read(&path).unwrap();
        assert!(named(refused(&fs::read(file(theirs.path(), "damaged")).unwrap())));
        assert!(named(refused(b"{\"count\": 3}")));
        assert!(named(refused(b"PK\x03\x04")));
        assert!(named(refused(&in_memory(&clock).export_bytes().unwrap())));
        let mut newer = whole.clone();
        let at = match format {
            Compact => 4,
            Readable => "{\"format\":".len(),
        };
        newer[at] += 8;
        assert!(matches!(refused(&newer), Error::Incompatible { found: 9, .. }));
    }
}

#[test]
fn a_file_counts_for_the_event_that_it_is_named_after() {
    for format in [Compact, Readable] {
        let (dir, clock) = written(format);
        let [one, two] = ["whole", "another"].map(|event| file(dir.path(), event));
        let aside = dir.path().join("aside");
        fs::rename(&one, &aside).unwrap();
        fs::rename(&two, &one).unwrap();
        fs::rename(&aside, &two).unwrap();
        let store = format.open(dir.path(), &clock);
        assert_eq!(store.query("whole").lifetime(), Some(1_000_000));
        assert_eq!(store.query("another").lifetime(), Some(40));
        assert_eq!(store.events(), ["another", "damaged", "whole"]);
    }
}

#[test]
fn a_file_of_any_length_takes_no_more_memory_than_an_event() {
    let (dir, clock) = written(Compact);
    let long = fs::File::create(file(dir.path(), "damaged")).unwrap();
    long.set_len(1 << 33).unwrap();
    let store = Compact.open(dir.path(), &clock);
    match store.query("damaged").try_lifetime() {
        Err(Error::Corrupt { event, .. }) => assert_eq!(event.as_deref(), Some("damaged")),
        other => panic!("{other:?}"),
    }
}
