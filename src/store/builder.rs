//! How a store is put together.

use std::sync::Arc;

use chrono::Duration;
use parking_lot::Mutex;

use super::EventStore;
use super::backend::Backend;
use super::flush::Written;
use super::inner::Inner;
use super::per_event::PerEvent;
use super::state::State;
use crate::clock::{Clock, TimeSource};
use crate::counter::tracking::Tracking;
use crate::error::{Error, Result};
use crate::formatter::{Formatter, default_formatter};
use crate::storage::Storage;
#[cfg(feature = "storage-fs")]
use crate::storage::{Log, Writes, log::LogStore};
use crate::time::unit::TimeUnit;
use crate::time::zone::Zone;

/// Puts an `EventStore` together. Nothing here panics: what does not fit is an error of `build`.
#[derive(Default)]
#[must_use = "a builder does nothing until build() is called"]
pub struct EventStoreBuilder {
    clock: Option<Arc<dyn Clock>>,
    zone: Option<Zone>,
    storage: Option<Box<dyn Storage>>,
    format: Option<Box<dyn Formatter>>,
    #[cfg(feature = "storage-fs")]
    log: Option<Log>,
    #[cfg(feature = "storage-fs")]
    identity: Option<std::path::PathBuf>,
    units: Vec<(TimeUnit, usize)>,
    auto_persist: Option<Duration>,
}

/// What the presets track.
const RATE_LIMITING: [(TimeUnit, usize); 2] = [(TimeUnit::Minutes, 60), (TimeUnit::Hours, 72)];
const ANALYTICS: [(TimeUnit, usize); 3] =
    [(TimeUnit::Days, 56), (TimeUnit::Weeks, 52), (TimeUnit::Months, 12)];

impl EventStoreBuilder {
    /// Takes the time from `clock`. Default: the system's clock.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Counts days by this zone. Default: the system's zone with the feature `calendar`, otherwise UTC.
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Keeps events in `storage`, one value each. It takes the place of a log named before.
    pub fn with_storage(mut self, storage: impl Storage + 'static) -> Self {
        self.storage = Some(Box::new(storage));
        #[cfg(feature = "storage-fs")]
        {
            self.log = None;
        }
        self
    }

    /// Writes events to `storage` in this format. Default: `BincodeFormat` with the feature `serde-bincode`.
    pub fn with_format(mut self, formatter: impl Formatter + 'static) -> Self {
        self.format = Some(Box::new(formatter));
        self
    }

    /// Keeps events in a log, given by its folder or as a `Log` with options. It takes the place of a storage named before.
    #[cfg(feature = "storage-fs")]
    pub fn with_log(mut self, log: impl Into<Log>) -> Self {
        self.log = Some(log.into());
        self.storage = None;
        self
    }

    /// Keeps a token in the file `path`, which must lie where backups do not go. Where the log holds another one, or the file is missing, the log
    /// was copied or restored from a backup: what it holds stays counted, but as another device's, so that merging with the original counts
    /// nothing twice. The file is made at the first opening. It needs a log.
    #[cfg(feature = "storage-fs")]
    pub fn with_identity(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.identity = Some(path.into());
        self
    }

    pub(crate) fn track(mut self, unit: TimeUnit, buckets: usize) -> Self {
        self.units.push((unit, buckets));
        self
    }

    /// Tracks the last `count` seconds. The first `track_*` takes the place of the default units.
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

    /// Tracks 60 minutes and 72 hours, and nothing that was named before.
    pub fn for_rate_limiting(mut self) -> Self {
        self.units = RATE_LIMITING.into();
        self
    }

    /// Tracks 56 days, 52 weeks and 12 months, and nothing that was named before.
    pub fn for_analytics(mut self) -> Self {
        self.units = ANALYTICS.into();
        self
    }

    /// Persists every `interval` while anything is dirty, on a thread of the store's. It needs no async runtime.
    pub fn auto_persist(mut self, interval: Duration) -> Self {
        self.auto_persist = Some(interval);
        self
    }

    /// The store.
    ///
    /// # Errors
    /// `InvalidAutoPersistInterval` for an interval of zero or less, `AutoPersistRequiresStorage`, `InvalidBucketCount` for 0 or more than 100,000 buckets of a unit, `NoFormatterForStorage`, and what opening
    /// the log or the identity answers: `Unavailable` if it cannot be read now or another store of this process has it, `Incompatible` if a newer
    /// version wrote it. A damaged log opens; `health` tells what was lost.
    pub fn build(self) -> Result<EventStore> {
        let interval = self.auto_persist.map(positive).transpose()?;
        let tracking = if self.units.is_empty() { Tracking::default() } else { Tracking::new(&self.units)? };
        #[cfg(feature = "storage-fs")]
        let (log, inline) = match &self.log {
            Some(log) => (Some(LogStore::open(&log.dir)?), log.writes == Writes::Inline),
            None => (None, false),
        };
        #[cfg(not(feature = "storage-fs"))]
        let inline = false;
        let mut backend: Option<Box<dyn Backend>> = None;
        let mut state = State::new(tracking, self.zone.unwrap_or_default(), false);
        if let Some(storage) = self.storage {
            let format = self.format.or_else(default_formatter).ok_or(Error::NoFormatterForStorage)?;
            backend = Some(Box::new(PerEvent::new(storage, format)));
            state.keeps_knowledge = false;
        }
        let clock = self.clock.map_or(TimeSource::System, TimeSource::Given);
        #[allow(unused_mut)]
        let mut is_new = false;
        #[allow(unused_mut)]
        let mut written = Written::default();
        #[cfg(feature = "storage-fs")]
        if let Some((log, report)) = log {
            state.queues = true;
            written.meta = super::lifecycle::resume(&mut state, &log, report, clock.unix_millis());
            if let Some(path) = &self.identity {
                is_new = state.identify(path)?;
            }
            backend = Some(Box::new(log));
        } else if self.identity.is_some() {
            return Err(Error::ConfigMismatch(
                "only a log can hold an identity; build the store with with_log(), or without with_identity()"
                    .into(),
            ));
        }
        if interval.is_some() && backend.is_none() {
            return Err(Error::AutoPersistRequiresStorage);
        }
        let store = assemble(clock, state, backend, written, inline);
        if is_new && let Err(error) = store.inner.flush(super::flush::Due::Unwritten, true) {
            log::warn!("the identity could not be written to the log yet: {error}");
        }
        if let Some(interval) = interval {
            super::auto_persist::start(&store.inner, interval);
        }
        Ok(store)
    }
}

/// The interval, if it is one.
fn positive(interval: Duration) -> Result<std::time::Duration> {
    interval
        .to_std()
        .ok()
        .filter(|interval| !interval.is_zero())
        .ok_or(Error::InvalidAutoPersistInterval(interval))
}

fn assemble(
    clock: TimeSource,
    state: State,
    backend: Option<Box<dyn Backend>>,
    written: Written,
    inline: bool,
) -> EventStore {
    EventStore {
        inner: Arc::new(Inner {
            clock,
            state: Mutex::new(state),
            backend,
            written: Mutex::new(written),
            inline,
            writer: Arc::default(),
            auto_persist: Arc::default(),
            closed: false.into(),
            failing: false.into(),
        }),
    }
}

pub(super) fn in_memory() -> EventStore {
    assemble(
        TimeSource::System,
        State::new(Tracking::default(), Zone::default(), false),
        None,
        Written::default(),
        false,
    )
}

/// The builder call that would track `buckets` of `unit`, for messages.
pub(crate) fn call_for(unit: TimeUnit, buckets: i64) -> String {
    format!("track_{}({buckets})", format!("{unit:?}").to_lowercase())
}

impl std::fmt::Debug for EventStoreBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStoreBuilder").field("units", &self.units).finish_non_exhaustive()
    }
}
