//! Programs for version 0.1.0 of the published crate: they compile unchanged and get the same answers.
//!
//! Every program takes the crate from `counter`, so that one line decides which crate they use.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    // The documentation of 0.1.0 passes names as `&format!(..)`.
    clippy::needless_borrows_for_generic_args,
    // The queries of 0.1.0 have no lifetime that a signature could name.
    mismatched_lifetime_syntaxes,
    missing_docs
)]

#[path = "compat/limits.rs"]
mod limits;
#[path = "compat/names.rs"]
mod names;
#[path = "compat/questions.rs"]
mod questions;
#[path = "compat/reservations.rs"]
mod reservations;
#[path = "compat/sharing.rs"]
mod sharing;
#[cfg(feature = "serde-bincode")]
#[path = "compat/storing.rs"]
mod storing;
#[path = "compat/tables.rs"]
mod tables;
#[path = "compat/time.rs"]
mod time;
#[path = "compat/transfer.rs"]
mod transfer;

pub use tiny_counter::{self as counter, SingleEventCounter};
