//! Any bytes as an export of another store: refused whole, or taken in once and for all.

use tiny_counter::{EventStore, TestClock};

use crate::{seal, view};

/// Stands in an input for the lane of the store that takes it in, which is another one each time.
const OWN: [u8; 16] = [0x4F; 16];

pub fn run(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    let clock = view::clock();
    let dir = (how & 2 == 2).then(|| tempfile::tempdir().unwrap());
    let open = || match &dir {
        Some(dir) => view::builder(&clock).with_log(view::log(dir.path())).build().unwrap(),
        None => view::builder(&clock).build().unwrap(),
    };
    let store = lived(open(), &clock);
    if how & 8 == 0 {
        // A store has no identity before something leaves it or is written down.
        store.export_bytes().unwrap();
    }
    let mut bytes = bytes.to_vec();
    if how & 1 == 0 {
        let own = lane(&store);
        let mut at = 0;
        while let Some(found) = bytes[at..].windows(16).position(|lane| lane == OWN) {
            bytes[at + found..at + found + 16].copy_from_slice(&own);
            at += found + 16;
        }
        bytes = seal::envelope(*b"TCx\n", &bytes);
    }
    if how & 4 == 4 {
        store.erase_event("erased").unwrap();
    }

    let before = view::all(&store);
    let Ok(first) = store.merge_bytes(&bytes) else {
        assert_eq!(view::all(&store), before, "what was refused changed something");
        return;
    };
    let merged = view::all(&store);
    let again = store.merge_bytes(&bytes).unwrap();
    if !first.restarted {
        assert_eq!(again.events_changed, 0, "a repetition changed something: {first:?}, {again:?}");
        assert_eq!(view::all(&store), merged, "a repetition counted again");
    }
    assert!(!again.restarted, "the same bytes took the store's identity twice");
    let _ = store.merge_bytes(&store.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
    goes_on(&store);

    let said = view::all(&store);
    assert!(tells_another(&store, &clock).is_some());
    if dir.is_some() {
        store.close().unwrap();
        assert_eq!(view::all(&open()), said, "reopened, it says something else");
    }
}

/// A store with a history: two devices, and events that are common to most inputs.
fn lived(store: EventStore, clock: &TestClock) -> EventStore {
    for name in ["a", "erased", "launch"] {
        store.record_count(name, 3);
        store.record_ago(name, chrono::Duration::days(40));
    }
    clock.advance(chrono::Duration::minutes(90));
    store.record("launch");
    store
}

/// The store's own lane, out of what it says it knows.
fn lane(store: &EventStore) -> [u8; 16] {
    // The envelope, the number of lanes (one), the lane.
    let knowledge = store.knowledge().unwrap();
    if knowledge.len() < 30 { OWN } else { knowledge[14..30].try_into().unwrap() }
}

/// Recording still counts, whatever was taken in.
fn goes_on(store: &EventStore) {
    for name in ["launch", "new"] {
        let before = store.query(name).lifetime().unwrap_or(0);
        store.record(name);
        assert_eq!(
            store.query(name).lifetime(),
            Some(before.saturating_add(1)),
            "a record of {name} counts once"
        );
    }
}

/// What was taken in can be handed on, and the other one takes it in once.
fn tells_another(store: &EventStore, clock: &TestClock) -> Option<()> {
    let other = view::builder(clock).build().unwrap();
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    let told = view::all(&other);
    let again = other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!((again.events_changed, view::all(&other)), (0, told), "handed on twice, it counts twice");
    Some(())
}
