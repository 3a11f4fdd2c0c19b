//! Stores under a test clock, and short forms of calls that many tests make.

#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
use std::path::Path;
#[cfg(feature = "storage-sqlite")]
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
#[cfg(feature = "storage-sqlite")]
use tiny_counter::storage::Sqlite;
use tiny_counter::{EventStore, EventStoreBuilder, Limiter, Storage, TestClock, Zone};

use super::shared_storage::SharedStorage;

/// 2025-06-18, a Wednesday, 12:00:00 UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_248_000, 0).unwrap()
}

/// The instant that an RFC 3339 text names.
pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A clock that shows [`noon`] and stands still.
pub fn clock() -> TestClock {
    clock_at(noon())
}

pub fn clock_at(time: DateTime<Utc>) -> TestClock {
    TestClock::build_for_testing_at(time)
}

/// A builder under `clock`, in UTC.
pub fn under(clock: &TestClock) -> EventStoreBuilder {
    EventStore::builder().with_clock(Arc::new(clock.clone())).with_zone(Zone::utc())
}

/// The keys of a storage that belong to events, in the order of their bytes.
pub fn event_keys(storage: &dyn Storage) -> Vec<String> {
    let mut keys = storage.list_keys().unwrap();
    keys.retain(|key| !key.starts_with('~') || key.starts_with("~~") || key.starts_with("~others-"));
    keys.sort();
    keys
}

/// A store without a storage.
pub fn in_memory(clock: &TestClock) -> EventStore {
    under(clock).build().unwrap()
}

/// A store on a storage in memory that other stores can use after it.
pub fn on_storage(clock: &TestClock, storage: &SharedStorage) -> EventStore {
    under(clock).with_storage(storage.clone()).build().unwrap()
}

/// A store on a log in the folder `dir`.
#[cfg(feature = "storage-fs")]
pub fn on_log(clock: &TestClock, dir: &Path) -> EventStore {
    under(clock).with_log(dir).build().unwrap()
}

/// A store on the SQLite database at `path`.
#[cfg(feature = "storage-sqlite")]
pub fn on_sqlite(clock: &TestClock, path: &Path) -> EventStore {
    under(clock).with_storage(Sqlite::open(path).unwrap()).build().unwrap()
}

/// A folder for a database, and the path of the database in it.
#[cfg(feature = "storage-sqlite")]
pub fn sqlite_folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    (dir, path)
}

/// The count of an event over all time.
pub fn ever(store: &EventStore, event: &str) -> Option<u32> {
    store.query(event).ever().sum()
}

/// Merges each of two stores into the other.
pub fn sync(a: &EventStore, b: &EventStore) {
    b.merge_bytes(&a.export_bytes().unwrap()).unwrap();
    a.merge_bytes(&b.export_bytes().unwrap()).unwrap();
}

/// How long a refusal asks to wait. Panics if the limit passes.
pub fn retry_after(limit: Limiter, event: &str) -> Option<Duration> {
    limit.check(event).unwrap_err().as_limit_exceeded().unwrap().retry_after
}
