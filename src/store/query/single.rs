//! Queries about one event.

use std::iter::once;
use std::ops::Range;

use chrono::{DateTime, Duration, Utc};

use super::answered::{Answered, answers};
use super::last::{last_units, range};
use super::range::RangeQuery;
use super::since::SinceQuery;
use crate::counter::reading::Reading;
use crate::event_id::EventId;
use crate::query::{QueryRange, evaluate};
use crate::store::EventStore;
use crate::store::inline_names::Name;
use crate::time::unit::TimeUnit;
use crate::time::zone::Zone;

/// A query about one event. `EventStore::query` begins one.
///
/// It reads the event at the instant at which it is asked. Days, weeks, months and years are those
/// of the local calendar of the store's time zone, at the time of each recording; weeks begin on
/// Monday. Shorter units count in UTC.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct Query<'a> {
    store: &'a EventStore,
    event: Name,
}

impl<'a> Query<'a> {
    #[inline(always)]
    pub(super) fn new(store: &'a EventStore, event: &str) -> Query<'a> {
        Query { store, event: Name::new(event) }
    }

    #[inline(always)]
    fn range(self, range: QueryRange) -> RangeQuery<'a> {
        RangeQuery::new(self.store, self.event, range)
    }

    #[inline(always)]
    fn last(self, n: usize, unit: TimeUnit) -> RangeQuery<'a> {
        self.range(QueryRange::last(n, unit))
    }

    last_units!(range, RangeQuery<'a>);

    /// All buckets of the longest tracked unit. Older counts are in `lifetime` only.
    pub fn ever(self) -> RangeQuery<'a> {
        self.last(usize::MAX, TimeUnit::Ever)
    }

    /// Calendar days counted back from today, which is 0: `1..8` are the seven days before today.
    /// The range reaches no further back than days are tracked. If it is empty, it has no buckets.
    pub fn days(self, range: Range<usize>) -> RangeQuery<'a> {
        self.range(QueryRange::Units(TimeUnit::Days, range))
    }

    /// All tracked days from `offset` days ago on back; 0 is today. `take(n)` limits how many.
    pub fn days_from(self, offset: usize) -> RangeQuery<'a> {
        self.days(offset..usize::MAX)
    }

    /// The time `window` up to now, in buckets of the finest tracked unit that reaches back over it
    /// (`EventStore::reach`). If the window begins inside a bucket, the whole bucket counts, as far
    /// as the `bounds` allow: a sum always lies within them. Answers are absent if no tracked unit
    /// reaches back over the window, except for `bounds`. A window of zero or less has no buckets:
    /// its counts are 0.
    pub fn rolling(self, window: Duration) -> RangeQuery<'a> {
        self.range(QueryRange::Rolling(window))
    }

    /// The time since the latest recording of `marker`, strictly after it. A marker is an event
    /// that the builder declared with `with_marker`, [`SESSION`](crate::SESSION) or
    /// [`APP_VERSION`](crate::APP_VERSION). If it never happened, the time is all time. The answers
    /// are absent for any other event, and their `try_` forms return `ConfigMismatch`.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::builder().with_marker("update").build().unwrap();
    /// store.record_count("tap", 3);
    /// store.record("update");
    /// store.record_count("tap", 2);
    /// assert_eq!(store.query("tap").since("update").sum(), Some(2));
    /// ```
    pub fn since(self, marker: impl EventId) -> SinceQuery<'a> {
        SinceQuery::new(self.store, self.event.as_str(), marker.as_ref())
    }

    answers! {
        /// How long ago the event last happened, to the millisecond. Never negative; absent if it
        /// never happened.
        ///
        /// ```
        /// use tiny_counter::EventStore;
        ///
        /// let store = EventStore::new();
        /// store.record("settings_visit");
        /// assert!(store.query("settings_visit").last_seen().is_some());
        /// assert!(store.query("never_happened").last_seen().is_none());
        /// ```
        last_seen, try_last_seen() -> Option<Duration> = |query| query.ask(|reading, _| {
            Some(evaluate::ago(evaluate::last(once(reading))?, reading.view.now))
        });

        /// How long ago the event first happened, to the millisecond. Never negative; absent if it
        /// never happened.
        first_seen, try_first_seen() -> Option<Duration> = |query| query.ask(|reading, _| {
            Some(evaluate::ago(evaluate::first(once(reading))?, reading.view.now))
        });

        /// When the event last happened, in milliseconds and not after now; absent if it never
        /// happened.
        ///
        /// ```
        /// use chrono::Duration;
        /// use tiny_counter::EventStore;
        ///
        /// let store = EventStore::new();
        /// store.record_ago("backup", Duration::days(3));
        /// let last = store.query("backup").last_date().unwrap();
        /// assert!(last < store.clock_now() - Duration::days(2));
        /// ```
        last_date, try_last_date() -> Option<DateTime<Utc>> = |query| query.ask(|reading, _| {
            Some(evaluate::date(evaluate::last(once(reading))?, reading.view.now))
        });

        /// When the event first happened, in milliseconds and not after now; absent if it never
        /// happened.
        first_date, try_first_date() -> Option<DateTime<Utc>> = |query| query.ask(|reading, _| {
            Some(evaluate::date(evaluate::first(once(reading))?, reading.view.now))
        });

        /// How long ago the oldest bucket of `unit` with counts began, or the event first happened,
        /// whichever is later. Absent if the unit is not tracked or has no counts. `Ever` is the
        /// longest tracked unit.
        first_seen_in, try_first_seen_in(unit: TimeUnit) -> Option<Duration> = |query| {
            query.ask(|reading, zone| evaluate::first_seen_in(unit, reading, zone))
        };

        /// How often the event ever happened, counts that have aged away included. Absent if the
        /// event is not known.
        lifetime, try_lifetime() -> Option<u64> = |query| query.ask(|reading, _| {
            Some(evaluate::lifetime(once(reading)))
        });
    }

    #[inline]
    fn ask<R>(self, answer: impl FnOnce(Reading<'_>, &Zone) -> Option<R>) -> Answered<Option<R>> {
        self.store.shared.ask_one(self.event.as_str(), answer)
    }
}
