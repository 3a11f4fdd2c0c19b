//! What a refusal promises: until the time that it names the rule refuses, and then it passes. One that names none refuses far later still.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_lossless,
    missing_docs
)]

#[path = "promises/found.rs"]
mod found;
