//! How small exports are: compared with those of the published version 0.1.0, and after a few
//! changes.

#![cfg(feature = "serde-bincode")]
#![allow(clippy::restriction, clippy::pedantic)]

#[allow(dead_code)]
#[path = "../benches/merging/histories.rs"]
mod histories;

use std::sync::Arc;

use histories::{HISTORIES, History, names, ours, published};
use tiny_counter::EventStore;
use tiny_counter_published::Formatter;
use tiny_counter_published::formatter::BincodeFormat;

/// The bytes of an export of 0.1.0: each name with its length, and each counter with its length.
fn published_bytes(history: &History) -> usize {
    let export = published(history).export_all().unwrap();
    export.iter().map(|(name, value)| 16 + name.len() + BincodeFormat.serialize(value).unwrap().len()).sum()
}

#[test]
fn an_export_of_a_thousand_events_takes_a_small_part_of_what_it_took() {
    // The third one records two million times.
    let is_long = std::env::var_os("TINY_COUNTER_LONG").is_some();
    for history in HISTORIES.iter().take(if is_long { 3 } else { 2 }) {
        let (clock, store) = ours(history);
        let export = store.export_bytes().unwrap();
        let (ours, theirs) = (export.len(), published_bytes(history));
        assert!(ours * history.goal as usize <= theirs, "{}: {ours} bytes, {theirs} of 0.1.0", history.name);
        let peer = EventStore::builder().with_clock(Arc::new(clock)).build().unwrap();
        peer.merge_bytes(&export).unwrap();
        names().take(10).for_each(|name| store.record(name));
        let news = store.export_since(&peer.knowledge().unwrap()).unwrap();
        assert!(news.len() <= 2_048, "{}: {} bytes after 10 changed events", history.name, news.len());
    }
}
