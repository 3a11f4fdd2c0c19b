//! Questions about one event.

use std::ops::Range;
use std::sync::Arc;

use chrono::Duration;

use super::last::last_units;
use super::range::RangeQuery;
use super::span::Span;
use crate::counter::reading::{Doubt, Reading, start_of};
use crate::store::inner::Inner;
use crate::time::instant;
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

/// A question about one event, begun by `EventStore::query`.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct Query {
    pub(crate) inner: Arc<Inner>,
    pub(crate) event: Box<str>,
}

impl Query {
    fn range(self, span: Span) -> RangeQuery {
        RangeQuery { inner: self.inner, event: self.event, span, most: usize::MAX }
    }

    fn last(self, n: usize, unit: TimeUnit) -> RangeQuery {
        self.range(Span::last(n, unit))
    }

    last_units!(RangeQuery);

    /// Days counted back from today, which is 0.
    pub fn days(self, range: Range<usize>) -> RangeQuery {
        self.range(Span::Units(TimeUnit::Days, range))
    }

    /// All tracked days from `offset` days back on; `take(n)` says how many.
    pub fn days_from(self, offset: usize) -> RangeQuery {
        self.days(offset..usize::MAX)
    }

    /// The last `window` of time, to the precision of the finest tracked unit that spans it: a bucket that straddles the window's
    /// beginning counts whole. Answers are absent where no tracked unit spans it.
    pub fn rolling(self, window: Duration) -> RangeQuery {
        self.range(Span::Rolling(window))
    }

    /// How long ago the event last happened, to the millisecond and never negative; absent if it never did.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let store = EventStore::new();
    /// store.record("settings_visit");
    /// assert!(store.query("settings_visit").last_seen().is_some());
    /// assert!(store.query("never_happened").last_seen().is_none());
    /// ```
    pub fn last_seen(self) -> Option<Duration> {
        self.ask(|reading, zone| {
            let last = reading.last_seen(Doubt::Counts, zone)?;
            Some(instant::since(reading.view.now, last))
        })
    }

    /// How long ago the event first happened, to the millisecond and never negative; absent if it never did.
    pub fn first_seen(self) -> Option<Duration> {
        self.ask(|reading, _| Some(instant::since(reading.view.now, reading.first_seen()?)))
    }

    /// How long ago the oldest count of this unit began; absent if the unit is not tracked or holds none. `Ever` is the longest tracked unit.
    pub fn first_seen_in(self, unit: TimeUnit) -> Option<Duration> {
        self.ask(|reading, zone| {
            let (unit, tracked) = match Unit::of(unit) {
                Some(unit) => (unit, reading.tracking.find(unit)?.1),
                None => reading.tracking.longest()?,
            };
            let current = reading.view.numbers.of(unit);
            let least = current - i64::from(tracked) + 1;
            let mut oldest: Option<i64> = None;
            reading.visit(unit, Doubt::Counts, least, |number, _| {
                oldest = Some(oldest.map_or(number, |known| known.min(number)));
            });
            let begins = start_of(unit, oldest?, zone, i64::MIN);
            let first = reading.first_seen().map_or(begins, |first| first.max(begins));
            Some(instant::since(reading.view.now, first))
        })
    }

    /// How often the event happened in all, also where every bucket has aged away; absent if it is not known.
    pub fn lifetime(self) -> Option<u64> {
        self.ask(|reading, _| Some(reading.lifetime()))
    }

    fn ask<R>(self, answer: impl FnOnce(Reading<'_>, &Zone) -> Option<R>) -> Option<R> {
        let now = self.inner.now();
        let mut state = self.inner.loaded_or_memory([&*self.event]);
        let view = state.view(now);
        let reading = state.reading(&self.event, &view)?;
        answer(reading, &state.zone)
    }
}
