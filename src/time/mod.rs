//! Time as numbers: instants, units, zones, and the bucket numbers of an instant.

pub(crate) mod bucket;
pub(crate) mod clock_watch;
pub(crate) mod current_buckets;
pub(crate) mod instant;
pub(crate) mod offsets;
pub(crate) mod unit;
pub(crate) mod window;
pub(crate) mod zone;
