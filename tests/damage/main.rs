//! Damaged files: a damaged file is reported or gives the right counts, never wrong ones.

#![cfg(any(
    feature = "storage-fs",
    feature = "serde-bincode",
    feature = "serde-json",
    feature = "storage-sqlite"
))]
#![allow(clippy::restriction, clippy::pedantic)]

#[cfg(all(feature = "storage-fs", any(feature = "serde-bincode", feature = "serde-json")))]
mod change;
#[path = "../common/mod.rs"]
mod common;
#[cfg(all(feature = "storage-fs", any(feature = "serde-bincode", feature = "serde-json")))]
mod event_file;
#[cfg(feature = "storage-fs")]
mod log;
#[cfg(feature = "storage-fs")]
mod open_log;
mod other_lanes;
#[cfg(feature = "storage-fs")]
mod reservations;
#[cfg(all(feature = "storage-sqlite", feature = "serde-bincode"))]
mod sqlite;
#[cfg(feature = "storage-fs")]
mod store_record;
#[cfg(any(feature = "serde-bincode", feature = "serde-json"))]
mod value;
