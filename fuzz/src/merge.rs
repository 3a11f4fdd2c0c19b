//! Any bytes as an export of another store. Either the merge fails and changes nothing, or it
//! counts everything exactly once.

use tiny_counter::{EventStore, TestClock};

use crate::{seal, view};

/// The placeholder in an input for the own lane of the store, which is random.
const OWN_LANE: [u8; 16] = [0x4F; 16];

pub fn run(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    let clock = view::clock();
    let dir = (how & 2 == 2).then(|| tempfile::tempdir().unwrap());
    let open = || match &dir {
        Some(dir) => view::builder(&clock).with_log(view::log(dir.path())).build().unwrap(),
        None => view::builder(&clock).build().unwrap(),
    };
    let store = with_history(open(), &clock);
    if how & 8 == 0 {
        // An export gives the store its lane.
        store.export_bytes().unwrap();
    }
    let mut bytes = bytes.to_vec();
    if how & 1 == 0 {
        let own = lane(&store);
        let mut at = 0;
        while let Some(found) = bytes[at..].windows(16).position(|lane| lane == OWN_LANE) {
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
        assert_eq!(view::all(&store), before, "a failed merge changed the store");
        return;
    };
    let merged = view::all(&store);
    let again = store.merge_bytes(&bytes).unwrap();
    if !first.restarted {
        assert_eq!(
            again.events_changed, 0,
            "merging the same export again changed events: {first:?}, {again:?}"
        );
        assert_eq!(view::all(&store), merged, "merging the same export again changed the answers");
    }
    assert!(!again.restarted, "the same export replaced the lane of the store twice");
    let _ = store.merge_bytes(&store.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
    check_recording(&store);

    let answers = view::all(&store);
    check_export(&store, &clock);
    if dir.is_some() {
        store.close().unwrap();
        assert_eq!(view::all(&open()), answers, "reopening changed the answers");
    }
}

/// Records a history with events that most inputs contain.
fn with_history(store: EventStore, clock: &TestClock) -> EventStore {
    for name in ["a", "erased", "launch"] {
        store.record_count(name, 3);
        store.record_ago(name, chrono::Duration::days(40));
    }
    clock.advance(chrono::Duration::minutes(90));
    store.record("launch");
    store
}

/// The own lane of the store, read from its sync state.
fn lane(store: &EventStore) -> [u8; 16] {
    // After the header of the envelope, which has 13 bytes, and the epoch, which has 8, come the
    // number and the opening of the last stamp. Then comes the number of lanes, and the lane.
    let knowledge = store.knowledge().unwrap();
    let mut ends = (21..knowledge.len()).filter(|at| knowledge[*at] < 0x80);
    let at = ends.nth(1).map_or(knowledge.len(), |end| end + 2);
    knowledge.get(at..at + 16).map_or(OWN_LANE, |lane| lane.try_into().unwrap())
}

/// After a merge every recording counts once.
fn check_recording(store: &EventStore) {
    for name in ["launch", "new"] {
        let before = store.query(name).lifetime().unwrap_or(0);
        store.record(name);
        assert_eq!(
            store.query(name).lifetime(),
            Some(before.saturating_add(1)),
            "a recording of {name} was not counted exactly once"
        );
    }
}

/// Another store can merge an export of this one, and merging it again changes nothing.
fn check_export(store: &EventStore, clock: &TestClock) {
    let other = view::builder(clock).build().unwrap();
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    let merged = view::all(&other);
    let again = other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!(
        (again.events_changed, view::all(&other)),
        (0, merged),
        "merging the same export again changed another store"
    );
}
