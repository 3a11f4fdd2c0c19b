//! The counts of one event: how they are recorded, stored, aged, joined and read. Pure.
//!
//! A *lane* is what one store counts; only that store writes it. A *cell* is the counts of one
//! event in one lane. A *counter* is all cells of one event. Generation and stamp determine the
//! bytes of a cell, so joining two versions means to take the one with the higher stamp.

pub(crate) mod body;
pub(crate) mod cell;
pub(crate) mod event_counter;
pub(crate) mod join;
pub(crate) mod lane;
#[cfg(test)]
mod laws;
mod open_bucket;
#[cfg(feature = "serde")]
pub(crate) mod plain;
mod queries;
pub(crate) mod reading;
pub(crate) mod series;
pub(crate) mod tracking;
pub(crate) mod varint;
pub(crate) mod view;
