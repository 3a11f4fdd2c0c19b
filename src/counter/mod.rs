//! The counts of one event: how they are recorded, stored, aged, joined and read. Pure: no clock,
//! lock or storage.
//!
//! - A *lane* holds the counts of one store. Only that store writes it.
//! - A *cell* holds the counts of one event in one lane.
//! - A *counter* holds all cells of one event.
//!
//! The counts of a cell only grow. So a join of two versions takes the greater of both counts of
//! each bucket. What does not only grow is another cell, which replaces the one before.

pub(crate) mod body;
pub(crate) mod cell;
mod cell_ref;
pub(crate) mod coverage;
pub(crate) mod event_counter;
mod future_policy;
pub(crate) mod join;
mod joined_body;
pub(crate) mod kept;
pub(crate) mod lane;
pub(crate) mod latest;
#[cfg(test)]
mod laws;
mod open_bucket;
pub(crate) mod other_cells;
mod queries;
pub(crate) mod reading;
pub(crate) mod series;
pub(crate) mod stamp;
pub(crate) mod stored_series;
mod summed_body;
pub(crate) mod tracking;
pub(crate) mod varint;
pub(crate) mod view;
pub(crate) mod window;
