//! Questions about some buckets of one event.

use super::answered::{Answered, answers};
use super::average::quotient;
use super::span::{Buckets, Span};

use crate::counter::reading::{Doubt, Reading};
use crate::store::draft::Draft;

/// A question about some buckets of one event. A range reaches no further back than its unit is tracked.
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked for an answer"]
pub struct RangeQuery {
    draft: Box<Draft>,
    span: Span,
    /// How many of its newest buckets are asked for.
    most: usize,
}

impl RangeQuery {
    #[inline]
    pub(super) fn new(draft: Box<Draft>, span: Span) -> RangeQuery {
        RangeQuery { draft, span, most: usize::MAX }
    }

    /// The `n` newest buckets of the range.
    pub fn take(mut self, n: usize) -> RangeQuery {
        self.most = self.most.min(n);
        self
    }

    answers! {
        /// How often the event happened, at most 4,294,967,295 (`total` counts on). Absent if the event is not known or the unit not tracked; 0
        /// if it is known and nothing was counted.
        sum, try_sum() -> Option<u32> = |query| query.totalled().map(|total| {
            total.map(|total| u32::try_from(total).unwrap_or(u32::MAX))
        });

        /// As `sum`, in 64 bits.
        total, try_total() -> Option<u64> = |query| query.totalled();

        /// The sum divided by the number of buckets in the range, as far as they are tracked, also on the first day. 0 over no buckets.
        average, try_average() -> Option<f64> = |query| query.ask(|reading, buckets| {
            let len = buckets.len();
            Some(quotient(reading.sum(buckets.unit, Doubt::Counts, buckets.back), len))
        });

        /// The sum divided by the number of buckets in which the event happened; absent if there are none.
        average_nonzero, try_average_nonzero() -> Option<f64> = |query| query.ask(|reading, buckets| {
            let counted: Vec<u64> = each(reading, buckets).into_iter().filter(|count| *count > 0).collect();
            let sum = counted.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
            (!counted.is_empty()).then(|| quotient(sum, u64::try_from(counted.len()).unwrap_or(u64::MAX)))
        });

        /// In how many buckets the event happened: on how many days, say. Absent as `sum` is.
        count_nonzero, try_count_nonzero() -> Option<usize> = |query| query.ask(|reading, buckets| {
            Some(each(reading, buckets).iter().filter(|count| **count > 0).count())
        });

        /// The place in the range, 0 for its newest bucket, of the newest bucket in which the event happened; absent if there is none.
        last_seen, try_last_seen() -> Option<usize> = |query| query.ask(|reading, buckets| {
            each(reading, buckets).iter().position(|count| *count > 0)
        });

        /// The place in the range, 0 for its newest bucket, of the oldest bucket in which the event happened; absent if there is none.
        first_seen, try_first_seen() -> Option<usize> = |query| query.ask(|reading, buckets| {
            each(reading, buckets).iter().rposition(|count| *count > 0)
        });

        /// The count of every bucket, newest first; none if the event is not known or the unit not tracked.
        into_buckets, try_into_buckets() -> Vec<u32> = |query| {
            query.ask(|reading, buckets| Some(each(reading, buckets))).map(|counts| {
                let counts = counts.unwrap_or_default().into_iter();
                counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX)).collect()
            })
        };
    }

    #[inline]
    fn totalled(self) -> Answered<Option<u64>> {
        self.ask(|reading, buckets| Some(reading.sum(buckets.unit, Doubt::Counts, buckets.back)))
    }

    #[inline]
    fn ask<R>(self, answer: impl FnOnce(Reading<'_>, Buckets) -> Option<R>) -> Answered<Option<R>> {
        let Draft { inner, names, .. } = &*self.draft;
        let answered = inner.ask_of(names.only(), |reading, present| {
            let buckets = self.span.resolve(reading.tracking, reading.view, &present.zone)?;
            answer(reading, buckets.take(self.most))
        });
        self.draft.put_back();
        answered
    }
}

/// The counts bucket by bucket, newest first.
pub(super) fn each(reading: Reading<'_>, Buckets { unit, back }: Buckets) -> Vec<u64> {
    let newest = reading.view.number(unit) - back.start;
    let mut counts = vec![0u64; usize::try_from(back.end - back.start).unwrap_or(0)];
    let least = reading.view.number(unit) - back.end + 1;
    reading.visit(unit, Doubt::Counts, least, |number, count| {
        let place = usize::try_from(newest - number).ok();
        if let Some(sum) = place.and_then(|place| counts.get_mut(place)) {
            *sum = sum.saturating_add(count);
        }
    });
    counts
}
