//! The counts of one event: how they are recorded, stored, aged, joined and read. Pure: no clock,
//! lock or storage.
//!
//! - A *lane* holds the counts of one store. Only that store writes it.
//! - A *cell* holds the counts of one event in one lane.
//! - A *counter* holds all cells of one event.
//!
//! Generation and stamp of a cell determine its bytes. So a join of two versions takes, for each
//! lane, the cell with the higher stamp.

pub(crate) mod body;
pub(crate) mod cell;
mod cell_ref;
pub(crate) mod event_counter;
pub(crate) mod join;
pub(crate) mod kept;
pub(crate) mod lane;
#[cfg(test)]
mod laws;
mod open_bucket;
mod queries;
pub(crate) mod reading;
pub(crate) mod series;
pub(crate) mod stored_series;
pub(crate) mod tracking;
pub(crate) mod varint;
pub(crate) mod view;
pub(crate) mod window;
