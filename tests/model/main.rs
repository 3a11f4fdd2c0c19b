//! The library against the naive model of `tests/common`, which keeps every instant and counts
//! every answer from them.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

#[path = "../common/mod.rs"]
mod common;
mod demo;
mod itself;
mod life;
#[path = "../common/property.rs"]
mod property;
mod random_lives;
mod random_steps;
mod random_trips;
mod step;
#[allow(dead_code)]
#[path = "../../examples/demo/story/mod.rs"]
mod story;
mod trace;
mod trace_merged;
mod trace_wrong_clock;
mod waiting;
