//! Any bytes as `events.log`. Either opening reports a newer version, or the store works.

use std::fs;
use std::path::Path;

use chrono::Duration;
use tiny_counter::{Error, EventStore, TestClock};

use crate::{seal, view};

/// An event that no log of the corpus contains.
const NEW: &str = "recorded by the fuzzer";

pub fn run(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    let mut bytes = bytes.to_vec();
    if how & 1 == 0 {
        seal::log(&mut bytes);
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("events.log");
    fs::write(&file, &bytes).unwrap();

    let clock = view::clock();
    let Some(store) = open(dir.path(), &clock) else {
        assert_eq!(fs::read(&file).unwrap(), bytes, "opening changed a log of a newer version");
        return;
    };
    let before = if how & 2 == 0 { view::all(&store) } else { Vec::new() };
    assert_eq!(fs::read(&file).unwrap(), bytes, "reading changed the log");

    let known = store.query(NEW).lifetime();
    store.record(NEW);
    let counted = store.query(NEW).lifetime();
    if let Some(counted) = counted {
        assert_eq!(counted, known.unwrap_or(0).saturating_add(1), "a recording was not counted exactly once");
    }
    if how & 4 == 0 {
        match store.persist() {
            Ok(()) => {}
            // A value with a right checksum that is not a counter is forged. It is not overwritten.
            Err(Error::Corrupt { event, .. } | Error::Incompatible { event, .. }) => {
                return assert_eq!(event.as_deref(), Some(NEW));
            }
            Err(error) => panic!("{error}"),
        }
    } else {
        let decided = store.limit().within(NEW, Duration::days(1)).check_and_record(NEW);
        if matches!(decided, Err(Error::Corrupt { .. } | Error::Incompatible { .. })) {
            return;
        }
    }
    let after = view::all(&store);
    for answers in before.iter().filter(|answers| answers.name != NEW && after.len() < 24) {
        assert!(after.contains(answers), "recording another event changed {answers:?}");
    }
    let lost = store.health().losses.len();
    store.close().unwrap();

    let mut store = open(dir.path(), &clock).expect("a log that was just written cannot be opened");
    assert_eq!(view::all(&store), after, "reopening changed the answers");
    assert_eq!(store.health().losses.len(), lost, "reopening changed the reported losses");
    match store.compact() {
        Ok(()) => assert_eq!(view::all(&store), after, "compaction changed the answers"),
        Err(Error::Corrupt { .. } | Error::Incompatible { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn open(dir: &Path, clock: &TestClock) -> Option<EventStore> {
    match view::builder(clock).with_log(view::log(dir)).build() {
        Ok(store) => Some(store),
        Err(Error::Incompatible { .. }) => None,
        Err(error) => panic!("opening failed, although damage is not an error: {error}"),
    }
}
