//! What holds on every storage: logs, files, SQLite, memory, and a storage without transactions.

#![cfg(all(feature = "storage-fs", any(feature = "serde-bincode", feature = "serde-json")))]
#![allow(clippy::restriction, clippy::pedantic)]

#[path = "../common/mod.rs"]
mod common;
mod erasures;
mod home;
mod identity;
mod kill_run;
mod kills;
mod missing_records;
mod own_storage;
#[path = "../common/property.rs"]
mod property;
mod reopened;
mod reservations;
mod second_store;
mod sync_state;
