//! Time units, and the options of a store.

use std::sync::Arc;

use super::clock::TestClock;
use super::zone::ZoneTable;
use crate::storage;

/// A unit of time. Seconds, minutes and hours are in UTC. Days, weeks (from Monday), months and
/// years are in the local calendar at the time of recording.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum TimeUnit {
    /// Seconds of UTC.
    Seconds,
    /// Minutes of UTC.
    Minutes,
    /// Hours of UTC.
    Hours,
    /// Local calendar days.
    Days,
    /// Weeks of the local calendar, from Monday.
    Weeks,
    /// Months of the local calendar.
    Months,
    /// Years of the local calendar.
    Years,
    /// All time. In a question it is all buckets of the longest tracked unit, in a limit everything
    /// that was ever counted. It cannot be tracked.
    Ever,
}

impl From<TimeUnit> for crate::TimeUnit {
    fn from(unit: TimeUnit) -> Self {
        match unit {
            TimeUnit::Seconds => Self::Seconds,
            TimeUnit::Minutes => Self::Minutes,
            TimeUnit::Hours => Self::Hours,
            TimeUnit::Days => Self::Days,
            TimeUnit::Weeks => Self::Weeks,
            TimeUnit::Months => Self::Months,
            TimeUnit::Years => Self::Years,
            TimeUnit::Ever => Self::Ever,
        }
    }
}

impl From<crate::TimeUnit> for TimeUnit {
    fn from(unit: crate::TimeUnit) -> Self {
        match unit {
            crate::TimeUnit::Seconds => Self::Seconds,
            crate::TimeUnit::Minutes => Self::Minutes,
            crate::TimeUnit::Hours => Self::Hours,
            crate::TimeUnit::Days => Self::Days,
            crate::TimeUnit::Weeks => Self::Weeks,
            crate::TimeUnit::Months => Self::Months,
            crate::TimeUnit::Years => Self::Years,
            crate::TimeUnit::Ever => Self::Ever,
        }
    }
}

/// A tracked unit, and how many of its buckets are kept.
#[derive(Debug, Clone, uniffi::Record)]
pub struct TrackedUnit {
    /// The unit. Not `Ever`.
    pub unit: TimeUnit,
    /// How many buckets, the current one included: 1 to 100,000.
    pub buckets: i64,
}

/// When a recording reaches the store's file.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum Writes {
    /// Soon after the recording, on a background thread. The caller never waits for the disk.
    Background,
    /// Before the recording returns, so that it survives a kill of the process at any moment.
    Inline,
}

impl From<Writes> for storage::Writes {
    fn from(writes: Writes) -> Self {
        match writes {
            Writes::Background => Self::Background,
            Writes::Inline => Self::Inline,
        }
    }
}

/// The options of a store.
#[derive(uniffi::Record)]
pub struct Options {
    /// The tracked units. If empty: 60 minutes, 72 hours, 56 days, 52 weeks, 12 months and 4 years.
    pub units: Vec<TrackedUnit>,
    /// The time zone of days, weeks, months and years.
    pub zone: ZoneTable,
    /// The path of a file that holds the store's identity, for a store in a folder. It must be
    /// excluded from backups. It is created at the first opening. If it is missing or holds another
    /// identity than the store, the store was copied or restored from a backup. Its counts then
    /// become those of another replica, so that merging with the original counts nothing twice.
    pub identity: Option<String>,
    /// A clock for tests. If absent: the system's clock.
    pub clock: Option<Arc<TestClock>>,
    /// Keys that seal exports and sync states. If absent, whoever can change these on their way can
    /// add counts and erase events. Only a build that has sync keys accepts them.
    pub sync_keys: Option<SyncKeys>,
    /// The events since whose latest recording others are counted: at most 8, declared at each
    /// opening. A name that stands in the list twice is the same as once.
    #[uniffi(default = [])]
    pub markers: Vec<String>,
}

/// The sync keys of a store. A key has 32 random bytes. Keep it where the system keeps secrets.
#[derive(uniffi::Record)]
pub struct SyncKeys {
    /// The key that all stores of one person share. What they export is sealed with it, and they
    /// accept only what is sealed.
    pub key: Vec<u8>,
    /// A second key that opens and does not seal, for a change of the key.
    pub also_accepted: Option<Vec<u8>>,
}
