//! Building a store.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Duration;

use super::EventStore;
use super::opened::{Opened, OpenedStorage};
use super::storage_backend::StorageBackend;
use super::sync_keys::SyncKeys;
use crate::bounds::MAX_MARKERS;
use crate::clock::{Clock, TimeSource};
use crate::counter::tracking::Tracking;
use crate::engine::{BUILT_IN, Engine};
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked_name};
use crate::formatter::{Formatter, default_formatter};
use crate::storage::Storage;
#[cfg(feature = "storage-fs")]
use crate::storage::{Log, Writes, log::LogStore};
use crate::time::unit::TimeUnit;
use crate::time::zone::Zone;

/// Builds an `EventStore`. Invalid settings are errors of `build`.
#[derive(Default)]
#[must_use = "a builder does nothing until build() is called"]
pub struct EventStoreBuilder {
    clock: Option<Arc<dyn Clock>>,
    zone: Option<Zone>,
    /// Opens the log or the storage. It is a closure, so that only apps that use a storage of their
    /// own contain the code for it.
    storage: Option<Box<StorageOpener>>,
    format: Option<Box<dyn Formatter>>,
    #[cfg(feature = "storage-fs")]
    identity: Option<std::path::PathBuf>,
    units: Vec<(TimeUnit, usize)>,
    auto_persist: Option<Duration>,
    markers: Vec<String>,
    pub(super) sync_keys: SyncKeys,
}

/// Its second argument is the time, in milliseconds since the Unix epoch; absent for a storage that
/// stays closed.
type StorageOpener =
    dyn FnOnce(Option<Box<dyn Formatter>>, Option<i64>) -> Result<OpenedStorage> + Send + Sync;

/// The units of the presets.
const RATE_LIMITING: [(TimeUnit, usize); 2] = [(TimeUnit::Minutes, 60), (TimeUnit::Hours, 72)];
const ANALYTICS: [(TimeUnit, usize); 3] =
    [(TimeUnit::Days, 56), (TimeUnit::Weeks, 52), (TimeUnit::Months, 12)];

impl EventStoreBuilder {
    /// Sets the clock. Default: the system's clock.
    ///
    /// A clock may go back. Up to one second is ignored: the store then uses the latest time. If
    /// the clock goes back further, the store reads it once more, because a single reading can be
    /// wrong. If the second reading is in the past too, counts that now lie ahead of the clock
    /// count for questions, `at_most` and `cooldown` as of the moment at which the store noticed
    /// the step, until the clock passes its earlier time. `at_least` and `within` count what lies
    /// up to 15 minutes ahead, and nothing that lies later.
    ///
    /// After a step of up to 15 minutes, a limit with a short window can refuse once more when the
    /// clock passes its earlier time. After a larger step, the clock is compared with
    /// [`monotonic_millis`](Clock::monotonic_millis) until it passes its earlier time. If the clock
    /// is set again meanwhile, the counts since the step are shifted by as much. If monotonic time
    /// is not known, or the process was restarted meanwhile, `at_most` and `cooldown` read these
    /// counts as of the moment at which the clock passed its earlier time.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the time zone of days, weeks, months and years. Default: the system's zone with the
    /// feature `calendar`, otherwise UTC.
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Keeps events in `storage`: one value for each event, a second one for what other devices
    /// counted of it, and a few records of the store. It replaces a log or storage that was set
    /// before.
    pub fn with_storage(mut self, storage: impl Storage + 'static) -> Self {
        self.storage = Some(Box::new(|format, now| {
            if now.is_none() {
                return Err(needs_a_log());
            }
            let format = format.or_else(default_formatter).ok_or(Error::NoFormatterForStorage)?;
            let (storage, damage) = StorageBackend::open(Box::new(storage), format)?;
            Ok(OpenedStorage { storage: Box::new(storage), damage: Some(damage), writes_inline: false })
        }));
        self
    }

    /// Sets the format of the values in the storage. Default: `BincodeFormat` with the feature
    /// `serde-bincode`, otherwise `JsonFormat` with `serde-json`. A log has a format of its own.
    pub fn with_format(mut self, formatter: impl Formatter + 'static) -> Self {
        self.format = Some(Box::new(formatter));
        self
    }

    /// Keeps events in a log, which is given as its folder or as a `Log` with options. It replaces
    /// a storage that was set before.
    #[cfg(feature = "storage-fs")]
    pub fn with_log(mut self, log: impl Into<Log>) -> Self {
        let Log { dir, writes } = log.into();
        self.storage = Some(Box::new(move |_, now| {
            let (storage, damage) = match now {
                Some(now) => {
                    LogStore::open(&dir, now).map(|(storage, report)| (storage, Some(report.into())))?
                }
                None => (LogStore::closed(&dir)?, None),
            };
            let writes_inline = writes == Writes::Inline;
            Ok(OpenedStorage { storage: Box::new(storage), damage, writes_inline })
        }));
        self
    }

    /// Keeps a token in the file `path`, which must be excluded from backups. If the file is
    /// missing or holds another token than the storage, the storage was copied or restored from a
    /// backup. Its counts then become those of another replica, so that merging with the original
    /// counts nothing twice. If the file exists but the store does not, the store was lost, and
    /// `health` reports that. The file is created at the first opening. The store needs a log or a
    /// storage.
    #[cfg(feature = "storage-fs")]
    pub fn with_identity(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.identity = Some(path.into());
        self
    }

    pub(crate) fn track(mut self, unit: TimeUnit, buckets: usize) -> Self {
        self.units.push((unit, buckets));
        self
    }

    /// Tracks the last `count` seconds. The first `track_*` call replaces the default units.
    ///
    /// Calendar windows and ranges of a unit reach back over the tracked buckets. Rolling windows
    /// reach back over one bucket less than twice as many: see [`EventStore::reach`].
    ///
    /// A store can be opened with other units than before. After a unit is added or its number
    /// raised, older counts are not known in that unit: a limit uses another unit, or refuses.
    pub fn track_seconds(self, count: usize) -> Self {
        self.track(TimeUnit::Seconds, count)
    }

    /// Tracks the last `count` minutes.
    pub fn track_minutes(self, count: usize) -> Self {
        self.track(TimeUnit::Minutes, count)
    }

    /// Tracks the last `count` hours.
    pub fn track_hours(self, count: usize) -> Self {
        self.track(TimeUnit::Hours, count)
    }

    /// Tracks the last `count` days.
    pub fn track_days(self, count: usize) -> Self {
        self.track(TimeUnit::Days, count)
    }

    /// Tracks the last `count` weeks.
    pub fn track_weeks(self, count: usize) -> Self {
        self.track(TimeUnit::Weeks, count)
    }

    /// Tracks the last `count` months.
    pub fn track_months(self, count: usize) -> Self {
        self.track(TimeUnit::Months, count)
    }

    /// Tracks the last `count` years.
    pub fn track_years(self, count: usize) -> Self {
        self.track(TimeUnit::Years, count)
    }

    /// Tracks 60 minutes and 72 hours. It replaces all units that were set before.
    pub fn for_rate_limiting(mut self) -> Self {
        self.units = RATE_LIMITING.into();
        self
    }

    /// Tracks 56 days, 52 weeks and 12 months. It replaces all units that were set before.
    pub fn for_analytics(mut self) -> Self {
        self.units = ANALYTICS.into();
        self
    }

    /// Persists every `interval` if anything is dirty, on a thread of the store. It needs no async
    /// runtime.
    pub fn auto_persist(mut self, interval: Duration) -> Self {
        self.auto_persist = Some(interval);
        self
    }

    /// Declares a marker: an event since whose latest recording others can be counted, with
    /// [`since`](crate::since) in a limit and `Query::since`. At most 8; declaring one twice is the
    /// same as once. [`SESSION`](crate::SESSION) and [`APP_VERSION`](crate::APP_VERSION) are
    /// markers of every store, and do not count among them.
    ///
    /// A marker is an ordinary event. Declare the same markers at each opening: what is recorded
    /// while a marker is not declared is not counted since it. A count since a marker is exact if
    /// this device recorded the marker last, as it happened, while it was declared. That holds
    /// across restarts, kills and corrections of the clock. Otherwise limits and questions use the
    /// least or the greatest possible count.
    ///
    /// If a marker and another event are recorded in one step (`also_record`), the other event did
    /// not happen since the marker. A recording that is dated back (`record_at`) counts if its time
    /// is later than that of the marker. A reservation counts as of its commit. While a marker
    /// itself is reserved, `at_least` counts 0 since it.
    pub fn with_marker(mut self, event_id: impl EventId) -> Self {
        self.markers.push(event_id.as_ref().to_owned());
        self
    }

    /// Builds the store.
    ///
    /// # Errors
    /// - `InvalidAutoPersistInterval` for an interval of zero or less,
    ///   `AutoPersistRequiresStorage`;
    /// - `InvalidBucketCount` for 0 or more than 100,000 buckets of a unit;
    /// - `InvalidEvent` for a marker with a name of more than 1,024 bytes, `InvalidArgument` for
    ///   more than 8 markers, and for an empty path or one with a NUL character;
    /// - `NoFormatterForStorage`;
    /// - `ConfigMismatch` for `with_identity` without a log or a storage, and for
    ///   `also_accept_sync_key` without `with_sync_key`;
    /// - `Unavailable` if the log, the storage or the identity cannot be read or created now, or if
    ///   another store of this process has the log open;
    /// - `Io` if their paths cannot be those of a folder and a file;
    /// - `Incompatible` if a newer version wrote the log or the storage.
    ///
    /// A damaged log or storage is not an error: `health` reports what was lost.
    pub fn build(self) -> Result<EventStore> {
        self.build_as(true)
    }

    /// Builds a closed store on a log, which [`EventStore::reopen`] opens. Nothing is read or
    /// created. It is meant for a log that cannot be read yet, for example because a person has not
    /// unlocked the device: handles, limits and questions can be made, and work once the store is
    /// open.
    ///
    /// # Errors
    /// As `build`, except those of reading the log and the identity. `ConfigMismatch` for a store
    /// that is not on a log.
    #[cfg(feature = "storage-fs")]
    pub fn build_closed(self) -> Result<EventStore> {
        self.build_as(false)
    }

    /// Builds a store, open or closed.
    fn build_as(self, is_open: bool) -> Result<EventStore> {
        let interval = self.auto_persist.map(positive).transpose()?;
        self.sync_keys.check()?;
        let tracking = if self.units.is_empty() { Tracking::default() } else { Tracking::new(&self.units)? };
        let mut engine = Engine::new(tracking, self.zone.unwrap_or_default());
        declare(&mut engine, &self.markers)?;
        let mut opened = Opened::in_memory(engine);
        let time_source = self.clock.map_or(TimeSource::System, TimeSource::Custom);
        match self.storage {
            Some(open) => {
                let now = is_open.then(|| time_source.unix_millis());
                opened.resume(open(self.format, now)?, &time_source)?;
            }
            None if !is_open => return Err(needs_a_log()),
            None => {}
        }
        #[cfg(feature = "storage-fs")]
        opened.identify(self.identity, &time_source)?;
        if interval.is_some() && opened.storage.is_none() {
            return Err(Error::AutoPersistRequiresStorage);
        }
        let store = opened.into_store(time_source, self.sync_keys);
        if let Some(interval) = interval {
            super::auto_persist::start(&store.shared, interval);
        }
        Ok(store)
    }
}

/// Declares markers.
fn declare(engine: &mut Engine, markers: &[String]) -> Result<()> {
    let mut declared = BTreeSet::new();
    for name in markers {
        if BUILT_IN.contains(&&**name) {
            continue;
        }
        engine.declare_marker(checked_name(name)?);
        declared.insert(name);
    }
    match declared.len() <= MAX_MARKERS {
        true => Ok(()),
        false => Err(Error::InvalidArgument("a store may have at most 8 markers".into())),
    }
}

fn needs_a_log() -> Error {
    Error::ConfigMismatch("only a store on a log can be built closed; use with_log, or build()".into())
}

/// The interval, if it is greater than zero.
fn positive(interval: Duration) -> Result<std::time::Duration> {
    interval
        .to_std()
        .ok()
        .filter(|interval| !interval.is_zero())
        .ok_or(Error::InvalidAutoPersistInterval(interval))
}

pub(super) fn in_memory() -> EventStore {
    let engine = Engine::new(Tracking::default(), Zone::default());
    Opened::in_memory(engine).into_store(TimeSource::System, SyncKeys::default())
}

impl std::fmt::Debug for EventStoreBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStoreBuilder").field("units", &self.units).finish_non_exhaustive()
    }
}
