//! Tests that run on every storage: the log, files, SQLite, memory, and a storage of the app
//! without transactions.

#![cfg(all(feature = "storage-fs", any(feature = "serde-bincode", feature = "serde-json")))]
#![allow(clippy::restriction, clippy::pedantic)]

mod also_recorded;
#[path = "../common/mod.rs"]
mod common;
mod emptied;
mod erased_names;
mod erasures;
mod home;
mod identity;
mod imported_once;
#[cfg(feature = "serde-json")]
mod json_files;
mod kill_run;
mod killed;
mod kills;
mod missing_records;
#[cfg(feature = "serde-bincode")]
mod newer_records;
mod other_lanes;
mod own_storage;
#[path = "../common/property.rs"]
mod property;
mod reopened;
mod reservations;
mod second_store;
mod since;
mod swapped_values;
mod sync_state;
