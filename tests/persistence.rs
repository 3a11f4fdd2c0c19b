//! What is saved and when.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use chrono::Duration;
use common::*;
use tiny_counter::Error;
#[cfg(any(feature = "storage-fs", feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::TimeUnit;
use tiny_counter::storage::MemoryStorage;

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn persisted_counts_are_there_after_reopening() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.record_count("x", 3);
    store.record_count("known", 0);
    store.record_ago("old", Duration::days(9999));
    store.persist().unwrap();
    assert!(!store.is_dirty());
    drop(store);
    clock.advance(Duration::days(1));
    let store = on_storage(&clock, &storage);
    assert_eq!(store.query("x").last_days(2).into_buckets(), [0, 3]);
    assert_eq!(store.query("x").last_seen(), Some(Duration::days(1)));
    assert_eq!(store.query("known").ever().sum(), Some(0));
    assert_eq!(store.query("old").ever().sum(), Some(0));
    assert_eq!(store.query("old").lifetime(), Some(1));
    assert!(!store.is_dirty(), "a query writes nothing");
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn a_decision_is_written_at_once() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store = on_storage(&clock, &storage);
    store.limit().at_most("x", 2, TimeUnit::Days).check_and_record("x").unwrap();
    assert_eq!(on_storage(&clock, &storage).query("x").ever().sum(), Some(1));
    store.limit().at_most("x", 2, TimeUnit::Days).reserve("x").unwrap().try_commit().unwrap();
    assert_eq!(on_storage(&clock, &storage).query("x").ever().sum(), Some(2));
    assert!(store.is_dirty(), "written, but not yet safe from a loss of power");
}

#[cfg(feature = "storage-fs")]
#[test]
fn a_decision_also_writes_what_was_recorded_before_it() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = on_log(&clock, dir.path());
    store.record("before");
    store.limit().at_most("x", 1, TimeUnit::Days).check_and_record("x").unwrap();
    let copy = tempfile::tempdir().unwrap();
    let log = log_file(dir.path());
    std::fs::copy(&log, copy.path().join(log.file_name().unwrap())).unwrap();
    let seen = on_log(&clock, copy.path());
    assert_eq!(["before", "x"].map(|name| seen.query(name).ever().sum()), [Some(1), Some(1)]);
}

#[cfg(feature = "storage-fs")]
#[test]
fn erasures_and_clock_steps_survive_closing_without_a_recording() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let other = in_memory(&clock);
    other.record("x");
    let old = other.export_bytes().unwrap();
    let store = on_log(&clock, dir.path());
    store.merge_bytes(&old).unwrap();
    store.erase_all().unwrap();
    drop(store);
    let store = on_log(&clock, dir.path());
    store.merge_bytes(&old).unwrap();
    assert_eq!(ever(&store, "x"), None, "erase_all also covers this export");
    store.record("mine");
    store.close().unwrap();

    clock.advance(-Duration::days(30));
    let wait = Duration::hours(2);
    assert!(!on_log(&clock, dir.path()).limit().cooldown("mine", wait).allowed("mine"));
    for _ in 0..2 {
        clock.advance(Duration::hours(1));
        let _ = on_log(&clock, dir.path()).health();
    }
    let store = on_log(&clock, dir.path());
    assert!(store.limit().cooldown("mine", wait).allowed("mine"), "reopening does not renew the notice");
}

#[test]
fn persisting_without_a_storage_is_an_error_and_loses_nothing() {
    let mut store = under(&clock()).build().unwrap();
    store.record("x");
    assert!(matches!(store.persist(), Err(Error::Storage(_))));
    assert!(matches!(store.compact(), Err(Error::Storage(_))));
    assert_eq!(store.query("x").ever().sum(), Some(1));
    store.close().unwrap();
}

#[cfg(feature = "serde-json")]
#[test]
fn a_store_built_with_the_json_format_stores_json() {
    use tiny_counter::formatter::JsonFormat;
    let (storage, clock) = (SharedStorage::default(), clock());
    let open = || under(&clock).with_storage(storage.clone()).with_format(JsonFormat).build().unwrap();
    open().record("x");
    assert!(tiny_counter::Storage::load(&storage, "x").unwrap().unwrap().starts_with(b"{\"format\":1"));
    assert_eq!(open().query("x").ever().sum(), Some(1));
}

/// JSON with other text around it.
#[cfg(feature = "serde-json")]
#[derive(Debug, Clone, Copy)]
struct Around(&'static str, &'static str);

#[cfg(feature = "serde-json")]
impl tiny_counter::Formatter for Around {
    fn serialize(&self, counter: &tiny_counter::SingleEventCounter) -> tiny_counter::Result<Vec<u8>> {
        let json = tiny_counter::formatter::JsonFormat.serialize(counter)?;
        Ok([self.0.as_bytes(), &json, self.1.as_bytes()].concat())
    }

    fn deserialize(&self, bytes: &[u8]) -> tiny_counter::Result<tiny_counter::SingleEventCounter> {
        let json =
            bytes.strip_prefix(self.0.as_bytes()).and_then(|rest| rest.strip_suffix(self.1.as_bytes()));
        let damaged = || Error::Serialization("the text around the counter is missing".into());
        tiny_counter::formatter::JsonFormat.deserialize(json.ok_or_else(damaged)?)
    }

    fn extension(&self) -> &'static str {
        "json"
    }
}

#[cfg(feature = "serde-json")]
#[test]
fn a_formatter_with_the_extension_json_gets_back_exactly_what_it_returned() {
    let record = Around(r#"{"format":1,"checksum":5,"record":"#, "}");
    for format in [Around("", ""), Around("", "\n"), Around(" \n", " "), Around("no JSON ", ""), record] {
        let (storage, clock) = (SharedStorage::default(), clock());
        let open = || under(&clock).with_storage(storage.clone()).with_format(format).build().unwrap();
        let store = open();
        store.record("counted");
        store.record("reserved");
        store.limit().reserve_for("reserved", Duration::days(1)).unwrap();
        store.close().unwrap();
        let store = open();
        let counts = ["counted", "reserved"].map(|name| store.query(name).try_lifetime().unwrap());
        assert_eq!((counts, store.reservations().len()), ([Some(1), Some(1)], 1), "{format:?}");
    }
}

#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#[test]
fn auto_persist_saves_in_the_background_and_closing_saves_the_rest() {
    let (storage, clock) = (SharedStorage::default(), clock());
    let store =
        under(&clock).with_storage(storage.clone()).auto_persist(Duration::milliseconds(1)).build().unwrap();
    store.record("x");
    // No sleep: the test ends as soon as the thread has done its work, and hangs if it never does.
    while store.is_dirty() {
        std::thread::yield_now();
    }
    let seen = under(&clock).with_storage(storage.clone()).build().unwrap();
    assert_eq!(seen.query("x").ever().sum(), Some(1));
    store.record("x");
    store.close().unwrap();
    assert_eq!(under(&clock).with_storage(storage).build().unwrap().query("x").ever().sum(), Some(2));
}

#[test]
fn an_auto_persist_without_a_positive_interval_or_a_storage_is_refused() {
    let with = |interval| under(&clock()).with_storage(MemoryStorage::new()).auto_persist(interval).build();
    for interval in [Duration::zero(), -Duration::seconds(1), Duration::MIN] {
        assert!(matches!(with(interval), Err(Error::InvalidAutoPersistInterval(_))));
    }
    // A storage of one value per event needs a formatter.
    let stores = cfg!(any(feature = "serde-bincode", feature = "serde-json"));
    assert_eq!(with(Duration::MAX).is_ok(), stores);
    let without = under(&clock()).auto_persist(Duration::seconds(1)).build();
    assert!(matches!(without, Err(Error::AutoPersistRequiresStorage)));
}
