//! What the fuzzer throws bytes at. `cargo xtask fuzz` builds this with libFuzzer and runs it on the kept corpus and beyond.
//!
//! Each target is a plain function: it panics where a promise is broken. The first byte of an input chooses among ways of looking at the rest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_lossless
)]

mod formats;
mod log;
mod merge;
mod operations;
mod seal;
mod steps;
mod view;

#[path = "../../tests/common/mod.rs"]
#[allow(unused_qualifications, missing_docs)]
mod common;

/// A target's name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name. `xtask` and the folders of the corpus know them by these names.
pub const TARGETS: [Target; 4] =
    [("log", log::run), ("formats", formats::run), ("merge", merge::run), ("operations", operations::run)];
