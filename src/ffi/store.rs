//! The store: opening, recording, keeping, erasing.

use std::sync::Arc;

use super::error::EventStoreError;
use super::logging;
use super::types::{Options, TrackedUnit, Writes};
use super::zone::ZoneTable;
use crate::storage::Log;
use crate::{EventStoreBuilder, checked};

/// Counts events and answers questions about them. It may be used from any thread.
#[derive(Debug, uniffi::Object)]
pub struct EventStore {
    pub(super) core: Arc<crate::EventStore>,
}

#[uniffi::export]
impl EventStore {
    /// Opens the store that is kept in the folder `directory`, which is made if there is none. It reads the disk.
    ///
    /// Fails with `InvalidArgument` for units or a time zone that cannot be; with `Unavailable` if the folder or the identity cannot be read now or this process
    /// has it open already; with `Incompatible` if a newer version wrote it. Damaged files do not fail: `health` tells what was lost.
    #[uniffi::constructor]
    pub fn open(directory: String, writes: Writes, options: Options) -> Result<Arc<Self>, EventStoreError> {
        let builder = crate::EventStore::builder().with_log(Log::new(directory).writes(writes.into()));
        build(builder, options)
    }

    /// A store in memory, for previews and tests. Saving it fails with `Storage`.
    ///
    /// Fails with `InvalidArgument` for units or a time zone that cannot be.
    #[uniffi::constructor]
    pub fn in_memory(options: Options) -> Result<Arc<Self>, EventStoreError> {
        build(crate::EventStore::builder(), options)
    }

    /// Records that `event` happened `count` times now; 0 makes it known. The call never waits for the disk, unless the store writes
    /// inline. A name of more than 1,024 bytes is not counted, nor is anything on a store that was shut down; a warning is logged.
    ///
    /// Fails with `InvalidArgument` unless `count` is from 0 to 4,294,967,295.
    pub fn record(&self, event: String, count: i64) -> Result<(), EventStoreError> {
        self.core.record_count(event, checked::count(count)?);
        Ok(())
    }

    /// Records that `event` happened `count` times at `unix_millis`, milliseconds since the Unix epoch. A unit whose buckets do not
    /// reach back that far does not count it; the event is known all the same.
    ///
    /// Fails with `InvalidArgument` for more than one minute in the future, an instant outside of the years 1 to 9999, a count outside of 0 to
    /// 4,294,967,295, or a name of more than 1,024 bytes; with `Closed`.
    pub fn record_at(&self, event: String, count: i64, unix_millis: i64) -> Result<(), EventStoreError> {
        let (count, at) = (checked::count(count)?, checked::instant(unix_millis)?);
        Ok(self.core.record_count_at(event, count, at)?)
    }

    /// Records that `event` happened `count` times, `millis` milliseconds ago, as `record_at` does.
    ///
    /// Fails with `InvalidArgument` for a length of time that is negative or beyond 10,000 years, or a count outside of 0 to 4,294,967,295.
    pub fn record_ago(&self, event: String, count: i64, millis: i64) -> Result<(), EventStoreError> {
        self.core.record_count_ago(event, checked::count(count)?, checked::length(millis)?);
        Ok(())
    }

    /// Records what is missing to the one of two events that happened less often, over all buckets of the longest tracked unit, so that both
    /// are even. Reading and recording are one step.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes; with `Unavailable` or `Corrupt` if an event cannot be read; with
    /// `Closed`.
    pub fn balance_delta(&self, positive: String, negative: String) -> Result<(), EventStoreError> {
        Ok(self.core.balance_delta(positive, negative)?)
    }

    /// Saves what changed, and returns when it survives a loss of power. It waits for the disk.
    ///
    /// Fails with `Storage`, `Unavailable` or `Closed`; what was not saved stays dirty.
    pub fn persist(&self) -> Result<(), EventStoreError> {
        Ok(self.core.persist()?)
    }

    /// Whether anything changed since the last `persist`.
    pub fn is_dirty(&self) -> bool {
        self.core.is_dirty()
    }

    /// Saves what changed and closes the store. Calling it again does nothing. It waits for the disk.
    ///
    /// Fails as `persist` does; the store is closed all the same.
    pub fn shutdown(&self) -> Result<(), EventStoreError> {
        Ok(self.core.shutdown()?)
    }

    /// The names of all events that are known, in the order of their bytes.
    pub fn events(&self) -> Vec<String> {
        self.core.events()
    }

    /// Erases an event, here and on every device that takes in an export of this store later. Returns whether it was known.
    ///
    /// Fails with `Storage`, `Unavailable` or `Closed` if that cannot be saved.
    pub fn erase_event(&self, event: String) -> Result<bool, EventStoreError> {
        Ok(self.core.erase_event(event)?.is_some())
    }

    /// Erases everything, here and on every device that takes in an export of this store later. Returns how many events were known.
    ///
    /// Fails with `Storage`, `Unavailable` or `Closed` if that cannot be saved.
    pub fn erase_all(&self) -> Result<i64, EventStoreError> {
        Ok(checked::signed(self.core.erase_all()?.len()))
    }

    /// Counts days by another time zone from now on. What was recorded keeps its date.
    ///
    /// Fails with `InvalidArgument` for a table that cannot be.
    pub fn set_zone(&self, zone: ZoneTable) -> Result<(), EventStoreError> {
        self.core.set_zone(zone.try_into()?);
        Ok(())
    }

    /// The units that are counted, finest first.
    pub fn tracked_units(&self) -> Vec<TrackedUnit> {
        let tracked = self.core.tracked_intervals().into_iter();
        tracked.map(|(unit, n)| TrackedUnit { unit: unit.into(), buckets: checked::signed(n) }).collect()
    }

    /// The bytes held for events in memory.
    pub fn memory_usage(&self) -> i64 {
        checked::signed(self.core.memory_usage())
    }

    /// The instant by the store's clock, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.core.clock_now().timestamp_millis()
    }
}

fn build(builder: EventStoreBuilder, options: Options) -> Result<Arc<EventStore>, EventStoreError> {
    logging::start();
    let builder = options.units.into_iter().try_fold(builder, |builder, TrackedUnit { unit, buckets }| {
        Ok::<_, EventStoreError>(builder.track(unit.into(), checked::units(buckets)?))
    })?;
    let builder = builder.with_zone(options.zone.try_into()?);
    let builder = options.identity.iter().fold(builder, |builder, path| builder.with_identity(path));
    let builder = options.clock.iter().fold(builder, |builder, clock| builder.with_clock(clock.shared()));
    Ok(Arc::new(EventStore { core: Arc::new(builder.build()?) }))
}
