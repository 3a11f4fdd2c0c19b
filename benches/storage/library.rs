//! The compared stores.

use std::path::Path;

use tiny_counter::EventStore;
use tiny_counter::storage::{Log, Writes};
use tiny_counter_published::EventStore as Published;
use tiny_counter_published::storage::FilePerEvent;

pub fn ours(dir: &Path, writes: Writes) -> EventStore {
    EventStore::builder().with_log(Log::new(dir).writes(writes)).build().unwrap()
}

pub fn published(dir: &Path) -> Published {
    Published::builder().with_storage(FilePerEvent::new(dir, "bin").unwrap()).build().unwrap()
}

pub fn names(n: usize) -> Vec<String> {
    (0..n).map(|number| format!("event_{number:05}")).collect()
}
