//! Counting.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::EventStore;
use super::flush::Due;
use super::inner::Inner;
use super::state::State;
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked};
use crate::time::instant::{self, MINUTE};

impl EventStore {
    /// Records that the event happened now.
    ///
    /// It never fails and never waits for a storage. A name of more than 1,024 bytes is not counted; a warning is logged.
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
        self.inner.record(event_id.as_ref(), 1);
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
        self.inner.record(event_id.as_ref(), count);
    }

    /// Records that the event happened at `time`, in the bucket of every unit that holds that instant.
    ///
    /// Up to one minute ahead of the clock is now. A unit whose window does not reach back to `time` does not count it; the
    /// event is known afterwards all the same.
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
    /// `FutureEvent` for more than one minute ahead, `InvalidEvent` for a name of more than 1,024 bytes, `Closed`. Nothing is changed then.
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
        let now = self.inner.now();
        let at = instant::of(time);
        if at.saturating_sub(now) > MINUTE {
            return Err(Error::FutureEvent);
        }
        self.inner.check_open()?;
        self.inner.record_at(checked(event_id.as_ref())?, count, now, at.min(now));
        Ok(())
    }

    /// Records that the event happened `duration` ago. A negative duration, the future, is ignored. What lies too far back for every tracked unit
    /// makes the event known and adds to its `lifetime`; no bucket counts it:
    ///
    /// ```
    /// use tiny_counter::EventStore;
    /// use chrono::Duration;
    ///
    /// let store = EventStore::new();
    /// store.record_ago("sync", Duration::hours(3));
    ///
    /// // Events too old are dropped silently
    /// store.record_ago("ancient", Duration::days(365 * 10));
    /// let sum = store.query("ancient").ever().sum();
    /// assert_eq!(sum, Some(0)); // Event was dropped
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
    /// // Events too old are dropped silently
    /// store.record_count_ago("ancient_batch", 100, Duration::days(365 * 10));
    /// let sum = store.query("ancient_batch").ever().sum();
    /// assert_eq!(sum, Some(0)); // Events were dropped
    /// ```
    pub fn record_count_ago(&self, event_id: impl EventId, count: u32, duration: Duration) {
        if duration < Duration::zero() {
            return;
        }
        let now = self.inner.now();
        self.inner.record_at(event_id.as_ref(), count, now, instant::before(now, duration));
    }
}

impl Inner {
    #[inline]
    pub(crate) fn record(self: &Arc<Self>, name: &str, count: u32) {
        let now = self.now();
        self.change(name, |state| state.record(now, name, count.into(), || self.may_hold(name)));
    }

    fn record_at(self: &Arc<Self>, name: &str, count: u32, now: i64, at: i64) {
        self.change(name, |state| state.record_at(now, at, name, count.into(), || self.may_hold(name)));
    }

    /// Changes an event in memory, and sees to it that the change is written as promised.
    #[inline]
    fn change(self: &Arc<Self>, name: &str, change: impl FnOnce(&mut State)) {
        if self.check_open().and(checked(name)).is_err() {
            return refused();
        }
        let due = {
            let mut state = self.state.lock();
            change(&mut state);
            state.has_to_tell()
        };
        if due || self.inline {
            self.write_soon();
        }
    }

    #[cold]
    fn write_soon(self: &Arc<Self>) {
        if !self.inline {
            super::writer::wake(self);
        } else if let Err(error) = self.flush(Due::Unwritten, false) {
            log::warn!("a recording is counted but could not be written yet: {error}");
        }
    }

    /// Has the log written, after changes of more than one event: soon, or before it returns where writes are inline. That another thread
    /// was told says nothing of when it will be done.
    pub(crate) fn wake_writer(self: &Arc<Self>) {
        let due = self.state.lock().has_to_tell();
        if due || self.inline {
            self.write_soon();
        }
    }

    /// Writes what a decision recorded, before it returns.
    pub(crate) fn write_decision(self: &Arc<Self>, name: &str) -> Result<()> {
        if self.backend.is_none() {
            return Ok(());
        }
        let written = self.flush(Due::Event(name), false);
        // What could not be written is tried again.
        let due = self.state.lock().has_to_tell();
        if due {
            self.write_soon();
        }
        written
    }
}

#[cold]
fn refused() {
    log::warn!(
        "a recording was not counted: the store is closed, or the event's name is longer than 1,024 bytes"
    );
}
