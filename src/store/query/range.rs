//! Queries about some buckets of one event.

use std::iter::once;

use super::answered::{Answered, answers};
use crate::counter::reading::Reading;
use crate::counter::window::CountBounds;
use crate::query::dated;
use crate::query::evaluate;
use crate::query::range::BucketRange;
use crate::query::{DatedCount, QueryRange};
use crate::store::EventStore;
use crate::store::inline_names::Name;

/// A query about some buckets of one event. A range of a unit reaches no further back than the unit
/// is tracked, except for `bounds` and `is_complete`. A rolling range reaches back over one bucket
/// less than twice the tracked ones.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct RangeQuery<'a> {
    store: &'a EventStore,
    event: Name,
    range: QueryRange,
    /// The number of its newest buckets that are asked for.
    max: usize,
}

impl<'a> RangeQuery<'a> {
    #[inline(always)]
    pub(super) fn new(store: &'a EventStore, event: Name, range: QueryRange) -> RangeQuery<'a> {
        RangeQuery { store, event, range, max: usize::MAX }
    }

    /// The `n` newest buckets of the range, or all of them if it has fewer.
    pub fn take(mut self, n: usize) -> RangeQuery<'a> {
        self.max = self.max.min(n);
        self
    }

    answers! {
        /// How often the event happened, at most 4,294,967,295 (`total` has 64 bits). Absent if the
        /// event is not known, if the unit is not tracked, or if no tracked unit reaches back over
        /// a rolling range; 0 if the event is known and did not happen in the range.
        sum, try_sum() -> Option<u32> = |query| query.total_of_range().map(|total| {
            total.map(|total| u32::try_from(total).unwrap_or(u32::MAX))
        });

        /// As `sum`, in 64 bits.
        total, try_total() -> Option<u64> = |query| query.total_of_range();

        /// The least and the greatest number of times that the event can have happened in the
        /// range. A range may reach back further than is tracked. The bounds are equal if every
        /// count of the range is known. They differ if a rolling window begins inside a bucket, if
        /// the range is older than the kept buckets, or if the unit was not tracked when the event
        /// was counted. If stored counts of the event were lost in the range, the upper bound is
        /// `u64::MAX`. Absent if nothing is known of the event.
        ///
        /// `at_most` and `cooldown` compare the upper bound, `at_least` and `within` the lower one.
        bounds, try_bounds() -> Option<CountBounds> = |query| query.known_bounds();

        /// Whether `total` is exactly how often the event happened in the range: the `bounds` are
        /// equal to it. If they are not, the range reaches back further than is tracked, a rolling
        /// window begins inside a bucket, or counts are not known. False if nothing is known of the
        /// event.
        is_complete, try_is_complete() -> bool = |query| {
            let event = [query.event.as_str()];
            query.store.shared.ask(event, |snapshot| {
                evaluate::is_complete(snapshot, &event, &query.range, query.max)
            })
        };

        /// The sum divided by the number of buckets of the range, also on the first day. A calendar
        /// range ends at the tracked buckets. 0 for no buckets. Absent as `sum` is.
        average, try_average() -> Option<f64> = |query| query.ask(|reading, range| {
            Some(evaluate::average(once(reading), range))
        });

        /// The sum divided by the number of buckets in which the event happened. Absent if there
        /// are none, and as `sum` is.
        average_nonzero, try_average_nonzero() -> Option<f64> = |query| query.ask(|reading, range| {
            evaluate::average_nonzero(&evaluate::bucket_counts(once(reading), range))
        });

        /// The number of buckets in which the event happened, for example the number of days.
        /// Absent as `sum` is.
        count_nonzero, try_count_nonzero() -> Option<usize> = |query| query.ask(|reading, range| {
            Some(evaluate::count_nonzero_of(reading, range))
        });

        /// The index in the range, 0 for its newest bucket, of the newest bucket in which the event
        /// happened. Absent if there is none, and as `sum` is.
        last_seen, try_last_seen() -> Option<usize> = |query| query.ask(|reading, range| {
            evaluate::newest(&evaluate::bucket_counts(once(reading), range))
        });

        /// The index in the range, 0 for its newest bucket, of the oldest bucket in which the event
        /// happened. Absent if there is none, and as `sum` is.
        first_seen, try_first_seen() -> Option<usize> = |query| query.ask(|reading, range| {
            evaluate::oldest(&evaluate::bucket_counts(once(reading), range))
        });

        /// The count of every bucket, newest first, each at most 4,294,967,295. Empty if the event
        /// is not known, if the unit is not tracked, or if no tracked unit reaches back over a
        /// rolling range.
        into_buckets, try_into_buckets() -> Vec<u32> = |query| {
            query.ask(|reading, range| Some(evaluate::bucket_counts(once(reading), range))).map(|counts| {
                let counts = counts.unwrap_or_default().into_iter();
                counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX)).collect()
            })
        };

        /// The count of every bucket and the date on which it begins, oldest first: what a chart
        /// shows. Buckets without counts are in it. Empty as `into_buckets` is, and for units that
        /// are shorter than a day.
        buckets_by_date, try_buckets_by_date() -> Vec<DatedCount> = |query| query.ask(|reading, range| {
            Some(dated::counts(once(reading), range))
        }).map(Option::unwrap_or_default);
    }

    #[inline]
    fn total_of_range(self) -> Answered<Option<u64>> {
        self.ask(|reading, range| Some(evaluate::total(once(reading), range)))
    }

    fn known_bounds(self) -> Answered<Option<CountBounds>> {
        let event = self.event.as_str();
        self.store.shared.ask([event], |snapshot| self.range.bounds(self.max, event, snapshot))
    }

    #[inline]
    fn ask<R>(self, answer: impl FnOnce(Reading<'_>, &BucketRange) -> Option<R>) -> Answered<Option<R>> {
        self.store.shared.ask_one(self.event.as_str(), |reading, zone| {
            let range = self.range.resolve(reading.tracking, reading.view, zone)?;
            answer(reading, &range.take(self.max))
        })
    }
}
