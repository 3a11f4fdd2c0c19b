//! Limits as JSON: which documents are accepted, what the others' errors say, and what limits from a
//! document decide.

#![allow(clippy::restriction, clippy::pedantic)]

mod accepted;
mod bounds;
#[path = "../common/mod.rs"]
mod common;
mod decisions;
mod documentation;
mod examples;
#[path = "../common/property.rs"]
mod property;
mod refused;
mod round_trip;
mod schema;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of the fixtures.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
