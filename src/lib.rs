//! Counts events.
