//! The state model, pure: what is counted, how it ages, how two versions of it become one.
//!
//! A *lane* is written by one store only. A *cell* is one lane's counts of one event, a *counter* is all cells of an
//! event. `(generation, stamp)` determines a cell's bytes, so that joining is taking the larger.

pub(crate) mod body;
pub(crate) mod cell;
pub(crate) mod event_counter;
pub(crate) mod join;
pub(crate) mod lane;
#[cfg(test)]
mod laws;
mod own_queries;
#[cfg(feature = "serde")]
pub(crate) mod plain;
pub(crate) mod reading;
pub(crate) mod series;
pub(crate) mod tracking;
pub(crate) mod varint;
