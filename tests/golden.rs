//! An export, a log and stored counters of format 1, written once and kept, and the numbers that
//! every language reads from them.
//!
//! All hold the same events. `export-v1.csv` has a line for each event: its name, and its counts at
//! 2026-03-10T12:00:00Z in UTC. `log-v1` is the folder of a log that gives the same numbers. At
//! that instant: `app_launch` has a lifetime of 1000095, 14 in the last 7 days, and occurred on 27
//! of the last 28 days; `später 🚀` 8, `review_prompt` 1, `known` 0, the event with the empty name
//! 3; `secret` was erased. Open a copy of the log: a store writes to its folder.
//!
//! The bytes hold random lane ids, so they are made once: `TINY_COUNTER_WRITE_FIXTURES=1 cargo test
//! --test golden` writes what is missing. From the first release on fixtures are only ever added.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};
use common::stores::{clock_at, in_memory, instant, under};
use tiny_counter::{EventStore, EventStoreBuilder};

/// 2026-03-10, a Tuesday, at noon.
const NOW: &str = "2026-03-10T12:00:00Z";

const HEADER: &str =
    "event,lifetime,last_7_days,active_days_of_28,last_24_hours,this_year,last_seen_ms,first_seen_ms";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn now() -> DateTime<Utc> {
    instant(NOW)
}

/// A phone that merged a tablet, with an erased event, an event with a count of 0, and names of
/// several scripts.
fn filled(phone: impl FnOnce(EventStoreBuilder) -> EventStore) -> EventStore {
    let clock = clock_at(now() - Duration::days(40));
    let (phone, tablet) = (phone(under(&clock)), in_memory(&clock));
    for day in 0..40u32 {
        phone.record_count("app_launch", 1 + day % 3);
        if day % 5 == 0 {
            tablet.record_count("app_launch", 2);
            tablet.record("später 🚀");
        }
        if day == 30 {
            phone.record("review_prompt");
            phone.record("secret");
            phone.erase_event("secret").unwrap();
        }
        clock.advance(Duration::minutes(24 * 60 - 7));
    }
    clock.set(now() - Duration::milliseconds(1_500));
    phone.record_count("", 3);
    phone.record_count("known", 0);
    phone.record_count_ago("app_launch", 1_000_000, Duration::days(700));
    phone.merge_bytes(&tablet.export_bytes().unwrap()).unwrap();
    phone
}

fn written() -> Vec<u8> {
    filled(|builder| builder.build().unwrap()).export_bytes().unwrap()
}

/// A store that merged an export.
fn merged(bytes: &[u8]) -> EventStore {
    let store = in_memory(&clock_at(now()));
    store.merge_bytes(bytes).unwrap();
    store
}

fn table(store: &EventStore) -> String {
    let mut lines = vec![HEADER.to_owned()];
    for event in store.events() {
        let query = || store.query(&event);
        let millis =
            |ago: Option<Duration>| ago.map_or("-".to_owned(), |ago| ago.num_milliseconds().to_string());
        let counts = [
            query().lifetime().unwrap(),
            query().last_days(7).total().unwrap(),
            u64::try_from(query().last_days(28).count_nonzero().unwrap()).unwrap(),
            query().last_hours(24).total().unwrap(),
            query().last_years(1).total().unwrap(),
        ]
        .map(|count| count.to_string());
        lines.push(format!(
            "{event},{},{},{}",
            counts.join(","),
            millis(query().last_seen()),
            millis(query().first_seen())
        ));
    }
    lines.join("\n") + "\n"
}

fn is_to_be_written(path: &Path) -> bool {
    std::env::var_os("TINY_COUNTER_WRITE_FIXTURES").is_some() && !path.exists()
}

#[test]
fn an_export_of_format_1_gives_the_numbers_kept_with_it() {
    let (bytes, numbers) = (fixture("export-v1.bin"), fixture("export-v1.csv"));
    if is_to_be_written(&bytes) {
        let export = written();
        fs::write(&numbers, table(&merged(&export))).unwrap();
        fs::write(&bytes, export).unwrap();
    }
    assert_eq!(table(&merged(&fs::read(bytes).unwrap())), fs::read_to_string(numbers).unwrap());
}

/// The tests in Kotlin and Swift have the same one. So each language reads what the others export.
#[test]
fn a_store_that_counted_nothing_exports_the_bytes_that_it_merged() {
    let bytes = fs::read(fixture("export-v1.bin")).unwrap();
    assert_eq!(merged(&bytes).export_bytes().unwrap(), bytes);
}

#[test]
fn an_export_written_today_gives_the_same_numbers_as_the_fixture() {
    assert_eq!(table(&merged(&written())), fs::read_to_string(fixture("export-v1.csv")).unwrap());
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_log_of_format_1_gives_the_numbers_kept_with_it() {
    let kept = fixture("log-v1/events.log");
    if is_to_be_written(&kept) {
        let dir = kept.parent().unwrap();
        // Two sessions, so that the log has a batch after a mark, a deletion and replaced records.
        filled(|builder| {
            let phone = builder.with_log(dir).build().unwrap();
            phone.record("secret");
            phone.persist().unwrap();
            phone
        })
        .close()
        .unwrap();
        fs::remove_file(dir.join("events.lock")).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    fs::copy(&kept, dir.path().join("events.log")).unwrap();
    let open = || under(&clock_at(now())).with_log(dir.path()).build().unwrap();
    let (mut store, numbers) = (open(), fs::read_to_string(fixture("export-v1.csv")).unwrap());
    assert!(store.health().losses.is_empty() && store.health().kept_aside.is_empty());
    assert_eq!(table(&store), numbers);
    store.compact().unwrap();
    drop(store);
    assert_eq!(table(&open()), numbers, "after compacting the numbers are the same");
}

#[cfg(all(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_counter_of_format_1_reads_and_writes_the_same_bytes_in_both_formats() {
    use tiny_counter::Formatter;
    use tiny_counter::formatter::{BincodeFormat, JsonFormat};

    let counter = || {
        merged(&fs::read(fixture("export-v1.bin")).unwrap())
            .export_all()
            .unwrap()
            .remove("app_launch")
            .unwrap()
    };
    let formats: [&dyn Formatter; 2] = [&BincodeFormat, &JsonFormat];
    for format in formats {
        let kept = fixture(&format!("counter-v1.{}", format.extension()));
        if is_to_be_written(&kept) {
            fs::write(&kept, format.serialize(&counter()).unwrap()).unwrap();
        }
        let bytes = fs::read(kept).unwrap();
        assert_eq!(format.deserialize(&bytes).unwrap(), counter());
        assert_eq!(format.serialize(&counter()).unwrap(), bytes);
    }
}

const LANGUAGES: [&str; 3] = ["rust", "kotlin", "swift"];

/// What a language recorded: an export in two parts, a sync state, and an export sealed with the key
/// 0, 1, ... 31. Absent if it is to be written by that language.
fn exchanged(language: &str, name: &str) -> Option<Vec<u8>> {
    let path = fixture(&format!("exchanged/{language}-{name}.bin"));
    (!is_to_be_written(&path)).then(|| fs::read(path).unwrap())
}

fn write_exchanged(name: &str, bytes: &[u8]) {
    let path = fixture(&format!("exchanged/rust-{name}.bin"));
    if is_to_be_written(&path) {
        fs::write(path, bytes).unwrap();
    }
}

/// What each language records: 22 events.
fn record_exchanged(store: &EventStore) {
    store.record_count("launch", 3);
    store.record("später 🚀");
    (0..20).for_each(|number| store.record(format!("event {number}")));
}

/// The tests in Kotlin and Swift have the same one, and the one about the sealed export.
#[test]
fn parts_and_a_sync_state_of_each_language_say_what_it_recorded() {
    let store = in_memory(&clock_at(now()));
    record_exchanged(&store);
    let parts = store.export_parts(1_000).unwrap();
    assert_eq!(parts.len(), 2);
    write_exchanged("part-0", &parts[0]);
    write_exchanged("part-1", &parts[1]);
    write_exchanged("knowledge", &store.knowledge().unwrap());
    for language in LANGUAGES {
        let files = ["part-1", "part-0", "knowledge"].map(|name| exchanged(language, name));
        let [Some(last), Some(first), Some(knowledge)] = files else { continue };
        let store = merged(&last);
        assert!((1..22).contains(&store.events().len()), "{language}: one part has some events");
        store.merge_bytes(&first).unwrap();
        assert_eq!(store.events().len(), 22, "{language}");
        assert_eq!(store.query("launch").lifetime(), Some(3), "{language}");
        assert_eq!(store.query("später 🚀").last_days(1).sum(), Some(1), "{language}");
        store.record("new");
        let news = store.export_since(&knowledge).unwrap();
        assert_eq!(merged(&news).events(), ["new"], "{language}: all else is known there");
    }
}

#[cfg(feature = "sync-key")]
#[test]
fn a_sealed_export_of_each_language_opens_with_its_key_only() {
    use tiny_counter::Error;

    let with_key = |key: [u8; 32]| under(&clock_at(now())).with_sync_key(key).build().unwrap();
    let key = std::array::from_fn(|index| index as u8);
    let store = with_key(key);
    record_exchanged(&store);
    write_exchanged("sealed", &store.export_bytes().unwrap());
    for sealed in LANGUAGES.iter().filter_map(|language| exchanged(language, "sealed")) {
        let store = with_key(key);
        store.merge_bytes(&sealed).unwrap();
        assert_eq!((store.events().len(), store.query("launch").lifetime()), (22, Some(3)));
        assert!(matches!(with_key([9; 32]).merge_bytes(&sealed), Err(Error::Corrupt { .. })));
        let without_key = in_memory(&clock_at(now())).merge_bytes(&sealed);
        assert!(matches!(without_key, Err(Error::SyncKeyRequired(_))));
    }
}
