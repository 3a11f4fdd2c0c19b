//! Any bytes as `events.log`: they open or answer an error, and what opens is a store like any other.

use std::fs;
use std::path::Path;

use chrono::Duration;
use tiny_counter::{Error, EventStore, TestClock};

use crate::{seal, view};

/// An event that no log of the corpus holds under another meaning.
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
        assert_eq!(fs::read(&file).unwrap(), bytes, "a log of a newer version was touched");
        return;
    };
    let before = if how & 2 == 0 { view::all(&store) } else { Vec::new() };
    assert_eq!(fs::read(&file).unwrap(), bytes, "reading changed the file");

    let known = store.query(NEW).lifetime();
    store.record(NEW);
    let counted = store.query(NEW).lifetime();
    if let Some(counted) = counted {
        assert_eq!(counted, known.unwrap_or(0).saturating_add(1), "a record counts once");
    }
    if how & 4 == 0 {
        match store.persist() {
            Ok(()) => {}
            // A checksum vouches for something that is no counter: somebody forged it. It is not overwritten.
            Err(Error::Corrupt { event, .. }) => return assert_eq!(event.as_deref(), Some(NEW)),
            Err(error) => panic!("{error}"),
        }
    } else {
        let decided = store.limit().within(NEW, Duration::days(1)).check_and_record(NEW);
        if matches!(decided, Err(Error::Corrupt { .. })) {
            return;
        }
    }
    let after = view::all(&store);
    for said in before.iter().filter(|said| said.name != NEW && after.len() < 24) {
        assert!(after.contains(said), "another record changed {said:?}");
    }
    let lost = store.health().losses.len();
    store.close().unwrap();

    let mut store = open(dir.path(), &clock).expect("a log that was just written is refused");
    assert_eq!(view::all(&store), after, "reopened, it says something else");
    assert_eq!(store.health().losses.len(), lost, "a loss was forgotten, or came of nothing");
    match store.compact() {
        Ok(()) => assert_eq!(view::all(&store), after, "compacted, it says something else"),
        Err(Error::Corrupt { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn open(dir: &Path, clock: &TestClock) -> Option<EventStore> {
    match view::builder(clock).with_log(view::log(dir)).build() {
        Ok(store) => Some(store),
        Err(Error::Incompatible { .. }) => None,
        Err(error) => panic!("damage is no error: {error}"),
    }
}
