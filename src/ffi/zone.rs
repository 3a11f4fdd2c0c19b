//! Time zones as data.

use super::error::EventStoreError;
use crate::Zone;

/// A change of the difference between local time and UTC.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ZoneTransition {
    /// The instant of the change, in milliseconds since the Unix epoch.
    pub at_millis: i64,
    /// Local time minus UTC from this instant on, in seconds: -64,800 to 64,800.
    pub offset_seconds: i32,
}

/// A time zone: the difference between local time and UTC, and when it changes. A table reaches
/// from its first to its last transition. The offsets at its ends are used for all earlier and
/// later times. Begin and end it with a transition, even if the offset does not change there. Set a
/// new table when the clock leaves it, which `health` reports, and when the time zone of the system
/// changes.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ZoneTable {
    /// Local time minus UTC before the first transition, in seconds: -64,800 to 64,800.
    pub initial_offset_seconds: i32,
    /// The transitions in ascending order of time, at most 10,000.
    pub transitions: Vec<ZoneTransition>,
}

impl TryFrom<ZoneTable> for Zone {
    type Error = EventStoreError;

    fn try_from(table: ZoneTable) -> Result<Self, EventStoreError> {
        let transitions = table.transitions.into_iter().map(|at| (at.at_millis, at.offset_seconds));
        Ok(Zone::table(table.initial_offset_seconds, transitions.collect())?)
    }
}
