//! Counts events on the device and answers questions about them.
mod clock;
mod codec;
mod counter;
mod error;
mod event_id;
pub mod formatter;
mod limit;
mod time;
