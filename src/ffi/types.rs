//! Units, and what a store is opened with.

use std::sync::Arc;

use super::clock::TestClock;
use super::zone::ZoneTable;
use crate::storage;

/// A unit of time. Seconds, minutes and hours are those of UTC; days, weeks (from Monday), months and years are those of the local
/// calendar at the moment of recording.
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
    /// Weeks from Monday, of the local calendar.
    Weeks,
    /// Months of the local calendar.
    Months,
    /// Years of the local calendar.
    Years,
    /// All time: in a question the longest tracked unit with all its buckets, in a limit everything ever counted. It cannot be tracked.
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

/// A unit that is counted, and how many of its buckets are kept.
#[derive(Debug, Clone, uniffi::Record)]
pub struct TrackedUnit {
    /// The unit; not `Ever`.
    pub unit: TimeUnit,
    /// How many buckets, the current one included: 1 to 100,000.
    pub buckets: i64,
}

/// When a recording reaches the store's file.
#[derive(Debug, Clone, Copy, uniffi::Enum)]
pub enum Writes {
    /// On a thread of the store's, soon after the recording: the caller never waits for the disk.
    Background,
    /// Before the recording returns, so that it survives a kill of the process.
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

/// What every store is made of.
#[derive(uniffi::Record)]
pub struct Options {
    /// The units that are counted. None: 60 minutes, 72 hours, 56 days, 52 weeks, 12 months and 4 years.
    pub units: Vec<TrackedUnit>,
    /// The time zone by which days are counted.
    pub zone: ZoneTable,
    /// The path of a file for the store's identity, which must lie where backups do not go; for a store in a folder. Where the file is missing or holds another
    /// identity than the store, the store was copied or restored from a backup: what it holds stays counted, but as another device's, so that merging with
    /// the original counts nothing twice.
    pub identity: Option<String>,
    /// Where the time is taken from instead of the system's clock, for tests.
    pub clock: Option<Arc<TestClock>>,
}
