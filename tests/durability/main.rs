//! What survives a kill of the process, at any moment.

#![cfg(any(feature = "storage-fs", all(feature = "storage-sqlite", feature = "serde-bincode")))]
#![allow(clippy::restriction, clippy::pedantic)]

#[cfg(feature = "storage-fs")]
mod acknowledged;
#[cfg(feature = "storage-fs")]
mod child;
#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "storage-fs")]
mod log;
#[cfg(feature = "storage-fs")]
mod recorded_now;
#[cfg(all(feature = "storage-sqlite", feature = "serde-bincode"))]
mod sqlite;
