//! Any bytes as a stored counter. If a formatter can read them, it writes the counter back
//! unchanged, and a store can merge and import it or refuses it without a change.

use tiny_counter::formatter::{BincodeFormat, JsonFormat};
use tiny_counter::{Error, EventStore, Formatter, Result, SingleEventCounter};

use crate::{seal, view};

pub fn run(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    let counter = match how % 4 {
        0 => BincodeFormat.deserialize(&seal::envelope(*b"TCc\n", bytes)),
        1 => JsonFormat.deserialize(&document(bytes)),
        2 => BincodeFormat.deserialize(bytes),
        _ => JsonFormat.deserialize(bytes),
    };
    if let Ok(counter) = counter {
        check_formatter(&BincodeFormat, &counter);
        check_formatter(&JsonFormat, &counter);
        check_store(&counter);
    }
}

/// The text of a counter in a document with the right checksum.
fn document(text: &[u8]) -> Vec<u8> {
    let text = text.trim_ascii();
    let mut document = format!(r#"{{"format":1,"checksum":{},"counter":"#, crc32c::crc32c(text)).into_bytes();
    document.extend_from_slice(text);
    document.push(b'}');
    document
}

fn check_formatter(format: &dyn Formatter, counter: &SingleEventCounter) {
    let bytes = format.serialize(counter).unwrap();
    let again = format.deserialize(&bytes).expect("a counter that was just written cannot be read");
    assert_eq!(&again, counter, "{} changed a counter", format.extension());
    assert_eq!(
        format.serialize(&again).unwrap(),
        bytes,
        "{} wrote one counter as different bytes",
        format.extension()
    );
}

fn check_store(counter: &SingleEventCounter) {
    let store = view::builder(&view::clock()).build().unwrap();
    store.record("merged");
    if accepts(&store, "merged", || store.merge_event("merged", counter.clone())) {
        let merged = view::answers(&store, "merged");
        store.merge_event("merged", counter.clone()).unwrap();
        assert_eq!(
            view::answers(&store, "merged"),
            merged,
            "merging the same counter again changed the store"
        );
    }
    if accepts(&store, "imported", || store.import_event("imported", counter.clone())) {
        let imported = view::answers(&store, "imported");
        match store.export_all().unwrap().remove("imported") {
            Some(exported) => {
                store.import_event("imported", exported).unwrap();
                assert_eq!(
                    view::answers(&store, "imported"),
                    imported,
                    "importing its own export changed the event"
                );
            }
            // A store keeps no event without counts.
            None => assert_eq!(imported.lifetime, None, "an event with counts is missing in the export"),
        }
    }
}

/// Whether the store takes a counter. A counter can claim more erasures than the store accepts; to
/// refuse it changes nothing.
fn accepts(store: &EventStore, event: &str, take: impl FnOnce() -> Result<()>) -> bool {
    let before = view::answers(store, event);
    match take() {
        Ok(()) => true,
        Err(Error::Corrupt { .. }) => {
            assert_eq!(view::answers(store, event), before, "a counter that was refused changed the store");
            false
        }
        Err(error) => panic!("a counter was refused with an unexpected error: {error}"),
    }
}
