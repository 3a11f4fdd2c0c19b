//! The fuzz targets. `cargo xtask fuzz` builds them with libFuzzer and runs them on the stored
//! corpus and on new inputs.
//!
//! Each target is a plain function that panics if the library breaks a guarantee. The first byte of
//! an input selects how the other bytes are used.

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
mod rules;
mod seal;
mod steps;
mod view;

#[path = "../../tests/common/mod.rs"]
#[allow(unused_qualifications, missing_docs)]
mod common;

/// The name of a target, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. `xtask` and the folders of the corpus use these names.
pub const TARGETS: [Target; 5] = [
    ("log", log::run),
    ("formats", formats::run),
    ("merge", merge::run),
    ("operations", operations::run),
    ("rules", rules::run),
];
