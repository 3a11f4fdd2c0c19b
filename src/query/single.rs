//! Questions about one event.

use std::ops::Range;

use chrono::Duration;

use super::answered::{Answered, answers};
use super::last::{last_units, range};
use super::range::RangeQuery;
use super::span::Span;
use crate::counter::reading::{Doubt, Reading, start_of};
use crate::store::draft::Draft;
use crate::time::instant;
use crate::time::unit::TimeUnit;
use crate::time::zone::Zone;

/// A question about one event, begun by `EventStore::query`.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct Query {
    draft: Box<Draft>,
}

impl Query {
    #[inline]
    pub(crate) fn new(mut draft: Box<Draft>, event: &str) -> Query {
        draft.names.push(event);
        Query { draft }
    }

    #[inline]
    fn range(self, span: Span) -> RangeQuery {
        RangeQuery::new(self.draft, span)
    }

    #[inline]
    fn last(self, n: usize, unit: TimeUnit) -> RangeQuery {
        self.range(Span::last(n, unit))
    }

    last_units!(range, RangeQuery);

    /// All buckets of the longest tracked unit.
    pub fn ever(self) -> RangeQuery {
        self.last(usize::MAX, TimeUnit::Ever)
    }

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

    answers! {
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
        last_seen, try_last_seen() -> Option<Duration> = |query| query.ask(|reading, zone| {
            let last = reading.last_seen(Doubt::Counts, zone)?;
            Some(instant::since(reading.view.now, last))
        });

        /// How long ago the event first happened, to the millisecond and never negative; absent if it never did.
        first_seen, try_first_seen() -> Option<Duration> = |query| query.ask(|reading, _| {
            Some(instant::since(reading.view.now, reading.first_seen()?))
        });

        /// How long ago the oldest count of this unit began; absent if the unit is not tracked or holds none. `Ever` is the longest tracked unit.
        first_seen_in, try_first_seen_in(unit: TimeUnit) -> Option<Duration> = |query| {
            query.ask(|reading, zone| first_in(unit, reading, zone))
        };

        /// How often the event happened in all, also where every bucket has aged away; absent if it is not known.
        lifetime, try_lifetime() -> Option<u64> = |query| query.ask(|reading, _| Some(reading.lifetime()));
    }

    #[inline]
    fn ask<R>(self, answer: impl FnOnce(Reading<'_>, &Zone) -> Option<R>) -> Answered<Option<R>> {
        let Draft { inner, names, .. } = &*self.draft;
        let answered = inner.ask_of(names.only(), |reading, present| answer(reading, &present.zone));
        self.draft.put_back();
        answered
    }
}

fn first_in(unit: TimeUnit, reading: Reading<'_>, zone: &Zone) -> Option<Duration> {
    let (unit, tracked) = reading.tracking.counted_by(unit)?;
    let least = reading.view.number(unit) - i64::from(tracked) + 1;
    let mut oldest: Option<i64> = None;
    reading.visit(unit, Doubt::Counts, least, |number, _| {
        oldest = Some(oldest.map_or(number, |known| known.min(number)));
    });
    let begins = start_of(unit, oldest?, zone, i64::MIN);
    let first = reading.first_seen().map_or(begins, |first| first.max(begins));
    Some(instant::since(reading.view.now, first))
}
