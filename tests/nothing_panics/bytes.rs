//! Exports, knowledge and stored counters that are random, damaged, or damaged with a valid
//! checksum.

use std::hint::black_box;

use proptest::prelude::*;
use proptest::sample::Index;
use tiny_counter::EventStore;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
use tiny_counter::{Formatter, formatter};

/// Where the payload of an envelope begins.
const HEADER: usize = 13;

#[derive(Debug, Clone)]
pub struct Round {
    random: Vec<u8>,
    /// Which bytes are changed, and by how much.
    changes: Vec<(Index, u8)>,
    cut: Option<Index>,
    /// Whether the checksum is corrected afterwards.
    sealed: bool,
}

impl Round {
    /// Whether the bytes may erase events: only those with a valid checksum can change counts.
    pub fn may_erase(&self) -> bool {
        self.sealed
    }

    fn damage(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(cut) = self.cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        for (place, by) in &self.changes {
            if self.sealed && bytes.len() > HEADER {
                let place = HEADER + place.index(bytes.len() - HEADER);
                bytes[place] = bytes[place].wrapping_add(*by);
            } else if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] ^= by;
            }
        }
        if self.sealed && bytes.len() >= HEADER {
            let len = (bytes.len() - HEADER) as u32;
            bytes[5..9].copy_from_slice(&len.to_le_bytes());
            let sum = crc32c::crc32c_append(crc32c::crc32c(&bytes[..9]), &bytes[HEADER..]);
            bytes[9..13].copy_from_slice(&sum.to_le_bytes());
        }
        bytes
    }
}

pub fn round() -> impl Strategy<Value = Round> {
    (
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec((any::<Index>(), prop_oneof![Just(1u8), Just(255), any::<u8>()]), 0..4),
        prop::option::weighted(0.2, any::<Index>()),
        prop::bool::weighted(0.8),
    )
        .prop_map(|(random, changes, cut, sealed)| Round { random, changes, cut, sealed })
}

pub fn take(store: &EventStore, other: &EventStore, round: &Round) {
    let _ = black_box(store.merge_bytes(&round.random));
    let _ = black_box(store.export_since(&round.random));
    for bytes in [other.export_bytes().unwrap(), store.export_bytes().unwrap()] {
        let _ = black_box(store.merge_bytes(&round.damage(bytes.clone())));
        let _ = black_box(other.merge_bytes(&round.damage(bytes)));
    }
    let _ = black_box(store.export_since(&round.damage(other.knowledge().unwrap())));
    #[cfg(feature = "serde-bincode")]
    counters(&formatter::BincodeFormat, store, other, round);
    #[cfg(feature = "serde-json")]
    counters(&formatter::JsonFormat, store, other, round);
}

/// A damaged counter that can still be decoded is merged and imported like any other.
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
fn counters(format: &dyn Formatter, store: &EventStore, other: &EventStore, round: &Round) {
    assert!(!format.extension().is_empty());
    let _ = black_box(format.deserialize(&round.random));
    for (name, counter) in other.export_all().unwrap() {
        let bytes = format.serialize(&counter).unwrap();
        assert_eq!(format.deserialize(&bytes).unwrap(), counter);
        if let Ok(counter) = format.deserialize(&round.damage(bytes)) {
            store.merge_event(&name, counter.clone()).unwrap();
            store.import_event("imported", counter.clone()).unwrap();
            store.merge_event("imported", counter).unwrap();
        }
    }
}
