//! Helpers shared by the tests; `tests/README.md` describes them.
//!
//! The fuzz targets include this folder too. They use the model only and have other features, so
//! `unexpected_cfgs` is allowed here.

#![allow(dead_code, unused_imports, unexpected_cfgs)]

pub mod ask;
pub mod ask_limits;
pub mod calendar;
pub mod counted;
pub mod files;
pub mod model;
pub mod phone;
pub mod rules;
pub mod shared_storage;
pub mod stores;
pub mod trace;
pub mod truths;
pub mod unit;
pub mod watch;
pub mod world;
pub mod zone;

pub use files::*;
pub use shared_storage::SharedStorage;
pub use stores::*;
