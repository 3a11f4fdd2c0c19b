//! An export of format 1, written once and kept, and the numbers that every language reads out of it.
//!
//! The bytes hold random lane ids, so they are made once: `TINY_COUNTER_WRITE_FIXTURES=1 cargo test --test golden` writes what is
//! missing. From the first release on fixtures are only ever added.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use tiny_counter::{EventStore, TestClock, Zone};

/// 2026-03-10, a Tuesday, at noon.
const NOW: &str = "2026-03-10T12:00:00Z";
const HEADER: &str =
    "event,lifetime,last_7_days,active_days_of_28,last_24_hours,this_year,last_seen_ms,first_seen_ms";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn store(clock: &TestClock) -> EventStore {
    EventStore::builder().with_clock(Arc::new(clock.clone())).with_zone(Zone::utc()).build().unwrap()
}

/// A phone and a tablet that heard of each other, an event that was erased, one with a count of 0, and names of many scripts.
fn written() -> Vec<u8> {
    let clock = TestClock::build_for_testing_at(now() - Duration::days(40));
    let (phone, tablet) = (store(&clock), store(&clock));
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
    phone.export_bytes().unwrap()
}

fn table(bytes: &[u8]) -> String {
    let clock = TestClock::build_for_testing_at(now());
    let store = store(&clock);
    store.merge_bytes(bytes).unwrap();
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

#[test]
fn an_export_of_format_1_says_what_it_said_when_it_was_written() {
    let (bytes, numbers) = (fixture("export-v1.bin"), fixture("export-v1.csv"));
    if std::env::var_os("TINY_COUNTER_WRITE_FIXTURES").is_some() && !bytes.exists() {
        let export = written();
        fs::write(&numbers, table(&export)).unwrap();
        fs::write(&bytes, export).unwrap();
    }
    assert_eq!(table(&fs::read(bytes).unwrap()), fs::read_to_string(numbers).unwrap());
}

#[test]
fn what_is_written_today_reads_as_the_fixture_does() {
    assert_eq!(table(&written()), fs::read_to_string(fixture("export-v1.csv")).unwrap());
}
