//! Counts with the dates of their buckets, for charts.

use chrono::NaiveDate;

use super::evaluate;
use super::range::BucketRange;
use crate::counter::reading::Reading;
use crate::time::bucket;

/// The count of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedCount {
    /// The local date on which the bucket begins: the day, a Monday, or the first day of a month or
    /// a year.
    pub date: NaiveDate,
    /// The count.
    pub count: u64,
}

/// The count of each bucket and the date on which it begins, oldest first, added up over some
/// events. Buckets that are shorter than a day have no date.
pub(crate) fn counts<'a>(
    readings: impl Iterator<Item = Reading<'a>> + Clone,
    range: &BucketRange,
) -> Vec<DatedCount> {
    let Some(view) = readings.clone().next().map(|reading| reading.view).filter(|_| range.unit.is_civil())
    else {
        return Vec::new();
    };
    let newest = view.number(range.unit).saturating_sub(range.back.start);
    let dated =
        |(number, count)| DatedCount { date: bucket::date_of(bucket::first_day(range.unit, number)), count };
    let mut counts: Vec<DatedCount> = (0..)
        .map(|back| newest.saturating_sub(back))
        .zip(evaluate::bucket_counts(readings, range))
        .map(dated)
        .collect();
    counts.reverse();
    counts
}
