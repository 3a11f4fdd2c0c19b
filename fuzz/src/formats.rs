//! Any bytes as a stored counter: what a formatter takes it gives back with the same meaning, and a store can take it in.

use tiny_counter::formatter::{BincodeFormat, JsonFormat};
use tiny_counter::{Formatter, SingleEventCounter};

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
        is_kept(&BincodeFormat, &counter);
        is_kept(&JsonFormat, &counter);
        is_taken_in(&counter);
    }
}

/// A counter's text in a document that vouches for it.
fn document(text: &[u8]) -> Vec<u8> {
    let text = text.trim_ascii();
    let mut document = format!(r#"{{"format":1,"checksum":{},"counter":"#, crc32c::crc32c(text)).into_bytes();
    document.extend_from_slice(text);
    document.push(b'}');
    document
}

fn is_kept(format: &dyn Formatter, counter: &SingleEventCounter) {
    let bytes = format.serialize(counter).unwrap();
    let again = format.deserialize(&bytes).expect("what was just written is refused");
    assert_eq!(&again, counter, "{} changed a counter", format.extension());
    assert_eq!(format.serialize(&again).unwrap(), bytes, "{} has two forms", format.extension());
}

fn is_taken_in(counter: &SingleEventCounter) {
    let store = view::builder(&view::clock()).build().unwrap();
    store.record("merged");
    store.merge_event("merged", counter.clone()).unwrap();
    let merged = view::said(&store, "merged");
    store.merge_event("merged", counter.clone()).unwrap();
    assert_eq!(view::said(&store, "merged"), merged, "a repetition counted again");
    store.import_event("imported", counter.clone()).unwrap();
    let imported = view::said(&store, "imported");
    let exported = store.export_all().unwrap().remove("imported").unwrap();
    store.import_event("imported", exported).unwrap();
    assert_eq!(view::said(&store, "imported"), imported, "out and in again, it says something else");
}
