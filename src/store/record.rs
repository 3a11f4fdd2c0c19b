//! Recording events.

use std::sync::Arc;

use arrayvec::ArrayVec;
use chrono::{DateTime, Duration, Utc};

use super::EventStore;
use super::shared::Shared;
use crate::bounds::MAX_RECORDED;
use crate::engine::{Due, Engine};
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked_name, is_valid_name};
use crate::report::report;
use crate::time::instant::{self, MINUTE};

impl EventStore {
    /// Records that the event happened now.
    ///
    /// It never fails. It never waits for a storage, unless the store writes inline. A name of more
    /// than 1,024 bytes is not counted, nor is anything on a closed store; a warning is logged.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record("app_launch");
    /// store.record("button_click");
    /// ```
    #[inline]
    pub fn record(&self, event_id: impl EventId) {
        self.shared.record(event_id.as_ref(), 1);
    }

    /// Records that the event happened `count` times now. A count of 0 makes the event known.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record_count("api_call", 5);
    /// store.record_count("page_view", 10);
    /// ```
    #[inline]
    pub fn record_count(&self, event_id: impl EventId, count: u32) {
        self.shared.record(event_id.as_ref(), count);
    }

    /// Records that the event happened now, and returns when that survives a kill of the process.
    /// It writes to the storage and does not sync, so it takes some microseconds. A sync that is
    /// running on another thread comes first. On a log, everything that was recorded before is
    /// written too. A store in memory has nothing to write.
    ///
    /// It is meant for what an app records last, in a panic hook for example:
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tiny_counter::EventStore;
    ///
    /// let store = Arc::new(EventStore::new());
    /// let counting = Arc::clone(&store);
    /// let earlier = std::panic::take_hook();
    /// std::panic::set_hook(Box::new(move |panic| {
    ///     // Nothing more can be done about an error here.
    ///     let _ = counting.record_now("crash");
    ///     earlier(panic);
    /// }));
    /// ```
    ///
    /// A signal handler must not call it, because it takes locks and allocates.
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes, `Closed`; nothing is recorded then.
    /// `NotWritten` if the storage cannot be written; the event is counted then.
    pub fn record_now(&self, event_id: impl EventId) -> Result<()> {
        self.record_count_now(event_id, 1)
    }

    /// Records that the event happened `count` times now, as `record_now` does.
    ///
    /// # Errors
    /// As `record_now`.
    pub fn record_count_now(&self, event_id: impl EventId, count: u32) -> Result<()> {
        self.shared.check_open()?;
        let name = checked_name(event_id.as_ref())?;
        let now = self.shared.now();
        self.shared.with_memory_at(now, |engine| {
            engine.record(name, count.into(), || self.shared.may_hold(name));
        });
        self.shared.write_decision(std::iter::once(name))
    }

    /// Records that the event happened at `time`, in the bucket of every unit that holds that
    /// instant.
    ///
    /// A time up to one minute ahead of the clock is read as now. A unit with n tracked buckets
    /// counts it if `time` lies in one of its 2n + 2 newest buckets. `lifetime` counts it in any
    /// case.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    /// use chrono::{Duration, Utc};
    ///
    /// let store = EventStore::new();
    /// let two_days_ago = Utc::now() - Duration::days(2);
    /// store.record_at("feature_used", two_days_ago).unwrap();
    /// ```
    ///
    /// # Errors
    /// `FutureEvent` for more than one minute ahead, `InvalidEvent` for a name of more than 1,024
    /// bytes, `Closed`. Nothing is changed then.
    pub fn record_at(&self, event_id: impl EventId, time: DateTime<Utc>) -> Result<()> {
        self.record_count_at(event_id, 1, time)
    }

    /// Records that the event happened `count` times at `time`, as `record_at` does.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    /// use chrono::{Duration, Utc};
    ///
    /// let store = EventStore::new();
    /// let yesterday = Utc::now() - Duration::days(1);
    /// store.record_count_at("sync_event", 3, yesterday).unwrap();
    /// ```
    ///
    /// # Errors
    /// As `record_at`.
    pub fn record_count_at(&self, event_id: impl EventId, count: u32, time: DateTime<Utc>) -> Result<()> {
        self.shared.check_open()?;
        let (name, at) = (checked_name(event_id.as_ref())?, instant::of(time));
        let past = |now: i64| (at.saturating_sub(now) <= MINUTE).then(|| at.min(now));
        if self.shared.record_at(name, count, past) { Ok(()) } else { Err(Error::FutureEvent) }
    }

    /// Records that the event happened `duration` ago. A negative duration of up to one minute is
    /// read as now. A longer negative one is not counted, nor is a name of more than 1,024 bytes or
    /// anything on a closed store; a warning is logged. If the instant lies too far back for every
    /// tracked unit, no bucket counts it, but the event is known and its `lifetime` grows:
    ///
    /// ```
    /// use tiny_counter::EventStore;
    /// use chrono::Duration;
    ///
    /// let store = EventStore::new();
    /// store.record_ago("sync", Duration::hours(3));
    ///
    /// // No bucket reaches back that far
    /// store.record_ago("ancient", Duration::days(365 * 10));
    /// let sum = store.query("ancient").ever().sum();
    /// assert_eq!(sum, Some(0));
    /// assert_eq!(store.query("ancient").lifetime(), Some(1));
    /// ```
    pub fn record_ago(&self, event_id: impl EventId, duration: Duration) {
        self.record_count_ago(event_id, 1, duration);
    }

    /// Records that the event happened `count` times, `duration` ago, as `record_ago` does.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    /// use chrono::Duration;
    ///
    /// let store = EventStore::new();
    /// store.record_count_ago("batch_process", 5, Duration::days(1));
    ///
    /// // No bucket reaches back that far
    /// store.record_count_ago("ancient_batch", 100, Duration::days(365 * 10));
    /// let sum = store.query("ancient_batch").ever().sum();
    /// assert_eq!(sum, Some(0));
    /// assert_eq!(store.query("ancient_batch").lifetime(), Some(100));
    /// ```
    pub fn record_count_ago(&self, event_id: impl EventId, count: u32, duration: Duration) {
        if duration < -Duration::milliseconds(MINUTE) {
            return log_ahead();
        }
        let at = |now| Some(instant::before(now, duration.max(Duration::zero())));
        self.shared.record_at(event_id.as_ref(), count, at);
    }
}

impl Shared {
    #[inline]
    pub(super) fn record(self: &Arc<Self>, name: &str, count: u32) {
        self.change(name, |engine| engine.record(name, count.into(), || self.may_hold(name)));
    }

    /// Records what happened at the instant that `at` computes from now. Returns false if `at`
    /// gives none.
    fn record_at(self: &Arc<Self>, name: &str, count: u32, at: impl FnOnce(i64) -> Option<i64>) -> bool {
        let mut is_valid = true;
        self.change(name, |engine| match at(engine.clock.now()) {
            Some(at) => engine.record_at(at, name, count.into(), || self.may_hold(name)),
            None => is_valid = false,
        });
        is_valid
    }

    /// Whether the storage may hold the event.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        self.storage.as_ref().is_some_and(|storage| storage.may_hold(name))
    }

    /// Changes an event in memory and arranges for the change to be written.
    #[inline]
    fn change(self: &Arc<Self>, name: &str, change: impl FnOnce(&mut Engine)) {
        if self.is_closed() || !is_valid_name(name) {
            return log_not_counted();
        }
        let wake = self.with_memory_at(self.now(), |engine| {
            change(engine);
            engine.take_wake_request()
        });
        if wake || self.writes_inline {
            self.write_or_wake();
        }
        if self.auto_persist_retry.is_due() {
            super::auto_persist::start_again(self);
        }
    }

    #[cold]
    fn write_or_wake(self: &Arc<Self>) {
        if !self.writes_inline {
            super::background_writer::wake(self);
        } else if self.is_writing_here() {
            // The app's logger or storage records from within a write. The next write saves it.
        } else if let Err(error) = self.flush(Due::Unwritten, false) {
            report!(warn, "a recording is counted but could not be written yet: {error}");
        }
    }

    /// Arranges for changes of several events to be written: soon, or before this returns if writes
    /// are inline. Inline it always writes: another thread may have taken the wake request and not
    /// written yet.
    pub(super) fn arrange_write(self: &Arc<Self>) {
        let wake = self.with_memory(|engine| engine.take_wake_request());
        if wake || self.writes_inline {
            self.write_or_wake();
        }
    }

    /// Writes what a decision recorded before it returns, all of it or nothing. If that fails, it
    /// is tried again in the background.
    ///
    /// # Errors
    /// `NotWritten`; `Closed` if the store was closed meanwhile.
    #[inline]
    pub(super) fn write_decision<'n>(self: &Arc<Self>, names: impl Iterator<Item = &'n str>) -> Result<()> {
        if self.storage.is_none() {
            return Ok(());
        }
        let names: ArrayVec<&str, MAX_RECORDED> = names.take(MAX_RECORDED).collect();
        let written = self.flush(Due::Events(&names), false);
        if self.with_memory(|engine| engine.take_wake_request()) {
            self.write_or_wake();
        }
        written.map_err(Error::not_written)
    }
}

#[cold]
fn log_ahead() {
    report!(warn, "a recording was not counted: it lies more than one minute in the future");
}

#[cold]
fn log_not_counted() {
    report!(warn, "a recording was not counted: the store is closed, or the name is longer than 1,024 bytes");
}
