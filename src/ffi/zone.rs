//! The time zone as data.

use super::error::EventStoreError;
use crate::Zone;

/// From an instant on, how far the local clock is ahead of UTC.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ZoneTransition {
    /// The instant, in milliseconds since the Unix epoch.
    pub at_millis: i64,
    /// Seconds east of UTC, from -64,800 to 64,800.
    pub offset_seconds: i32,
}

/// A time zone: how far the local clock is ahead of UTC, and when that changes. After the last transition its offset holds for ever, so hand
/// over a new table from time to time, and whenever the system says that the zone changed.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ZoneTable {
    /// Seconds east of UTC before the first transition, from -64,800 to 64,800.
    pub initial_offset_seconds: i32,
    /// The transitions, ascending in time; at most 10,000.
    pub transitions: Vec<ZoneTransition>,
}

impl TryFrom<ZoneTable> for Zone {
    type Error = EventStoreError;

    fn try_from(table: ZoneTable) -> Result<Self, EventStoreError> {
        let transitions = table.transitions.into_iter().map(|at| (at.at_millis, at.offset_seconds));
        Ok(Zone::table(table.initial_offset_seconds, transitions.collect())?)
    }
}
