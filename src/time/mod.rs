//! Time as numbers: units, zones, and the absolute number of every bucket.

pub(crate) mod bucket;
pub(crate) mod frame;
pub(crate) mod instant;
pub(crate) mod unit;
pub(crate) mod watch;
pub(crate) mod zone;
