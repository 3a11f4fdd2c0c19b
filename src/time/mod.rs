//! Time as numbers: units, zones, and the absolute number of every bucket.

pub(crate) mod bucket;
pub(crate) mod clock_watch;
pub(crate) mod current_buckets;
pub(crate) mod instant;
pub(crate) mod unit;
pub(crate) mod zone;
