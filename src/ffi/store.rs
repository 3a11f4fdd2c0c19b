//! The store: opening, recording, saving, erasing.

use std::sync::Arc;

use super::checked;
use super::error::EventStoreError;
use super::logging;
use super::types::{Options, SyncKeys, TrackedUnit, Writes};
use super::zone::ZoneTable;
use crate::EventStoreBuilder;
use crate::storage::Log;

/// Counts events and answers questions about them. All functions may be called from any thread.
#[derive(Debug, uniffi::Object)]
pub struct EventStore {
    pub(super) core: Arc<crate::EventStore>,
}

#[uniffi::export]
impl EventStore {
    /// Opens the store in the folder `directory`, which is created if it does not exist. It reads
    /// the disk. Damaged files are not an error; `health` reports what was lost.
    ///
    /// Fails with `InvalidArgument` for invalid units, an invalid time zone, invalid sync keys,
    /// more than 8 markers, a marker of more than 1,024 bytes of UTF-8, or a path that is empty or
    /// has a NUL character; with `Unavailable` if the folder or its files cannot be created, read
    /// or written now, or if the folder is open already; with `Storage` if the path cannot be that
    /// of a folder; with `Incompatible` if a newer version of this library wrote the files.
    #[uniffi::constructor]
    pub fn open(directory: String, writes: Writes, options: Options) -> Result<Arc<Self>, EventStoreError> {
        let builder = crate::EventStore::builder().with_log(Log::new(directory).writes(writes.into()));
        build(builder, options, EventStoreBuilder::build)
    }

    /// Makes a closed store on the folder `directory`, which `reopen` opens. Nothing is read or
    /// created. It is meant for a folder that cannot be read yet, for example because the device
    /// was not unlocked since it started: events, limits and questions can be made of it, and work
    /// once it is open.
    ///
    /// Fails with `InvalidArgument` in the same cases as `open`.
    #[uniffi::constructor]
    pub fn closed(directory: String, writes: Writes, options: Options) -> Result<Arc<Self>, EventStoreError> {
        let builder = crate::EventStore::builder().with_log(Log::new(directory).writes(writes.into()));
        build(builder, options, EventStoreBuilder::build_closed)
    }

    /// Creates a store in memory, for previews and tests. Saving it fails with `Storage`.
    ///
    /// Fails with `InvalidArgument` for invalid units, an invalid time zone, invalid sync keys,
    /// invalid markers, and for an identity.
    #[uniffi::constructor]
    pub fn in_memory(options: Options) -> Result<Arc<Self>, EventStoreError> {
        build(crate::EventStore::builder(), options, EventStoreBuilder::build)
    }

    /// Records that `event` happened `count` times now. A count of 0 makes the event known.
    ///
    /// The call never waits for the disk, unless the store writes inline. A name of more than 1,024
    /// bytes of UTF-8 is not counted, nor is anything on a closed store; a warning is logged.
    ///
    /// Fails with `InvalidArgument` unless `count` is from 0 to 4,294,967,295.
    pub fn record(&self, event: String, count: i64) -> Result<(), EventStoreError> {
        self.core.record_count(event, checked::count(count)?);
        Ok(())
    }

    /// Records that `event` happened `count` times now, and returns when that survives a kill of
    /// the process, with everything that was recorded before. It writes to the file and does not
    /// sync, so it takes some microseconds; a sync that is running on another thread comes first.
    /// It is meant for what an app records last, in a handler of crashes for example. In memory it
    /// is `record`.
    ///
    /// Fails with `InvalidArgument` for a count outside 0 to 4,294,967,295, and for a name of more
    /// than 1,024 bytes of UTF-8; with `Closed`. Nothing is recorded then. Fails with `NotWritten`
    /// if the file cannot be written; the event is counted then.
    pub fn record_now(&self, event: String, count: i64) -> Result<(), EventStoreError> {
        Ok(self.core.record_count_now(event, checked::count(count)?)?)
    }

    /// Records that `event` happened `count` times at `unix_millis`, in milliseconds since the Unix
    /// epoch. A time up to one minute in the future is read as now. A unit with n tracked buckets
    /// counts it if it lies in one of its 2n + 2 newest buckets. `Lifetime` counts it in any case.
    ///
    /// Fails with `InvalidArgument` for more than one minute in the future, an instant outside the
    /// years 1 to 9999, a count outside 0 to 4,294,967,295, or a name of more than 1,024 bytes of
    /// UTF-8; with `Closed`. Nothing is recorded then.
    pub fn record_at(&self, event: String, count: i64, unix_millis: i64) -> Result<(), EventStoreError> {
        let (count, at) = (checked::count(count)?, checked::instant(unix_millis)?);
        Ok(self.core.record_count_at(event, count, at)?)
    }

    /// Records that `event` happened `count` times, `millis` milliseconds ago. A negative duration
    /// of up to one minute is read as now. A unit with n tracked buckets counts it if it lies in
    /// one of its 2n + 2 newest buckets. `Lifetime` counts it in any case. A name of more than
    /// 1,024 bytes of UTF-8 is not counted, nor is anything on a closed store; a warning is logged.
    ///
    /// Fails with `InvalidArgument` for more than one minute in the future, a duration longer than
    /// 10,000 years, or a count outside 0 to 4,294,967,295.
    pub fn record_ago(&self, event: String, count: i64, millis: i64) -> Result<(), EventStoreError> {
        self.core.record_count_ago(event, checked::count(count)?, checked::ago(millis)?);
        Ok(())
    }

    /// Adds to the event with the lower count until both are equal, over all buckets of the longest
    /// tracked unit. Reading and recording are one step.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes of UTF-8; with
    /// `Unavailable` or `Corrupt` if an event cannot be read; with `Closed`. Nothing is recorded
    /// then.
    pub fn balance_delta(&self, positive: String, negative: String) -> Result<(), EventStoreError> {
        Ok(self.core.balance_delta(positive, negative)?)
    }

    /// Saves everything that changed since the last `persist`, and removes the names of erased
    /// events from the files. When it returns, that survives a power loss. It waits for the disk.
    ///
    /// Fails with `Storage` for a store in memory; with `Storage` or `Unavailable` if the storage
    /// cannot be written; with `Closed`. What was not saved stays dirty.
    pub fn persist(&self) -> Result<(), EventStoreError> {
        Ok(self.core.persist()?)
    }

    /// Whether anything changed since the last `persist`. An erasure is a change, because `persist`
    /// removes the name from the files.
    pub fn is_dirty(&self) -> bool {
        self.core.is_dirty()
    }

    /// Saves everything that changed and closes the store. Later calls that can fail and need the
    /// counts fail with `Closed`. Of those that cannot fail, recordings do nothing but log a
    /// warning, and lists have what is in memory. Closing again does nothing. It waits for the
    /// disk.
    ///
    /// Fails with `Storage` or `Unavailable` if the storage cannot be written. The store is closed
    /// in any case.
    pub fn shutdown(&self) -> Result<(), EventStoreError> {
        Ok(self.core.shutdown()?)
    }

    /// Opens the store again after it was closed, or after `Unavailable`. Events, limits and
    /// questions that were made of it stay valid. It waits for the disk.
    ///
    /// A closed store reads its files, as `open` does; what could not be written before it was
    /// closed is lost. An open store persists. But if somebody else changed its files, for example
    /// another process, it closes and reads them; what it had not written is lost then, and a
    /// warning says so.
    ///
    /// Fails as `open` does if the files cannot be read; the store is closed then, and can be
    /// reopened later. Fails as `persist` does if they cannot be written; the store stays open
    /// then. Fails with `Storage` for a store in memory.
    pub fn reopen(&self) -> Result<(), EventStoreError> {
        Ok(self.core.reopen()?)
    }

    /// The names of all known events, sorted by their UTF-8 bytes.
    pub fn events(&self) -> Vec<String> {
        self.core.events()
    }

    /// Erases an event, here and on every device that merges a later export of this store. Returns
    /// whether the event was known. It waits for the disk. The name stays in the files until the
    /// next `persist` or `shutdown`, and in a copy of a damaged file for up to 30 days;
    /// `erase_events` removes both at once.
    ///
    /// Fails with `InvalidArgument` for a name of more than 1,024 bytes of UTF-8; with
    /// `Unavailable` if the event cannot be read now, and with `Closed`; nothing is erased then.
    /// Fails with `Storage` or `Unavailable` if the erasure cannot be written; the event is erased
    /// in memory then, and the next `persist` writes that.
    pub fn erase_event(&self, event: String) -> Result<bool, EventStoreError> {
        Ok(self.core.erase_event(event)?.is_some())
    }

    /// Erases several events in one step, all or none, here and on every device that merges a later
    /// export of this store. Returns how many of them were known; a name that stands in the list
    /// more than once counts once. When it returns, no file of the store holds one of the names. It
    /// waits for the disk.
    ///
    /// Fails with `InvalidArgument` if a name has more than 1,024 bytes of UTF-8; with
    /// `Unavailable` if an event cannot be read now, and with `Closed`; nothing is erased then.
    /// Fails with `Storage` or `Unavailable` if the erasure cannot be written; the events are
    /// erased in memory then, and the next `persist` writes that and removes the names.
    pub fn erase_events(&self, events: Vec<String>) -> Result<i64, EventStoreError> {
        Ok(checked::signed(self.core.erase_events(events)?.len()))
    }

    /// Erases all events, here and on every device that merges a later export of this store.
    /// Returns how many events were known; damaged ones are not included. When it returns, no file
    /// of the store holds the name of an erased event. It waits for the disk.
    ///
    /// Fails with `Unavailable` if an event cannot be read now, and with `Closed`; nothing is
    /// erased then. Fails with `Storage` or `Unavailable` if the erasure cannot be written; the
    /// events are erased in memory then, and the next `persist` writes that and removes the names.
    pub fn erase_all(&self) -> Result<i64, EventStoreError> {
        Ok(checked::signed(self.core.erase_all()?.len()))
    }

    /// Counts days in another time zone from now on. What was recorded before keeps its date.
    ///
    /// Fails with `InvalidArgument` for more than 10,000 transitions, for transitions that are not
    /// in ascending order, and for an offset of more than 64,800 seconds.
    pub fn set_zone(&self, zone: ZoneTable) -> Result<(), EventStoreError> {
        self.core.set_zone(zone.try_into()?);
        Ok(())
    }

    /// The tracked units, finest first.
    pub fn tracked_units(&self) -> Vec<TrackedUnit> {
        let tracked = self.core.tracked_intervals().into_iter();
        tracked.map(|(unit, n)| TrackedUnit { unit: unit.into(), buckets: checked::signed(n) }).collect()
    }

    /// The memory that the events take, in bytes.
    pub fn memory_usage(&self) -> i64 {
        checked::signed(self.core.memory_usage())
    }

    /// The current time of the store's clock, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.core.clock_now().timestamp_millis()
    }
}

fn build(
    builder: EventStoreBuilder,
    options: Options,
    end: impl FnOnce(EventStoreBuilder) -> crate::Result<crate::EventStore>,
) -> Result<Arc<EventStore>, EventStoreError> {
    logging::start();
    let builder = options.units.into_iter().try_fold(builder, |builder, TrackedUnit { unit, buckets }| {
        Ok::<_, EventStoreError>(builder.track(unit.into(), checked::units(buckets)?))
    })?;
    let builder = builder.with_zone(options.zone.try_into()?);
    let builder = options.markers.iter().fold(builder, |builder, marker| builder.with_marker(marker));
    let builder = options.identity.iter().fold(builder, |builder, path| builder.with_identity(path));
    let builder = options.clock.iter().fold(builder, |builder, clock| builder.with_clock(clock.shared()));
    let builder =
        options.sync_keys.iter().try_fold(builder, |builder, SyncKeys { key, also_accepted }| {
            builder.with_sync_keys(key, also_accepted.as_deref())
        })?;
    Ok(Arc::new(EventStore { core: Arc::new(end(builder)?) }))
}
