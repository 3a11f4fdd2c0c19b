//! The answers to questions: what to compute from the counts of some events in some buckets.

pub(crate) use super::quotient::quotient;
use super::quotient::signed_quotient;
use super::range::{BucketRange, QueryRange};
use super::rolling;
use crate::bounds::INLINE_BUCKETS;
use crate::counter::reading::{Reading, start_of};
use crate::counter::window::CountBounds;
use crate::engine::Snapshot;
use crate::time::instant;
use crate::time::unit::TimeUnit;
use crate::time::zone::Zone;
use chrono::{DateTime, Duration, Utc};

/// The sum of one event.
#[inline]
fn sum(reading: &Reading<'_>, range: &BucketRange) -> u64 {
    let sum = reading.sum(range.unit, range.back.clone());
    range.window.map_or(sum, |millis| rolling::sum(reading, millis, sum))
}

/// The sum over some events.
#[inline]
pub(crate) fn total<'a>(readings: impl Iterator<Item = Reading<'a>>, range: &BucketRange) -> u64 {
    readings.fold(0, |total, reading| total.saturating_add(sum(&reading, range)))
}

/// Whether the sum of some events over the `max` newest buckets of a range is exactly how often
/// they happened in it, also beyond what is tracked. False if none of them is known.
pub(crate) fn is_complete(
    snapshot: Snapshot<'_>,
    events: &[impl AsRef<str>],
    range: &QueryRange,
    max: usize,
) -> bool {
    let names = || events.iter().map(AsRef::as_ref);
    let bounds = names().filter_map(|event| range.bounds(max, event, snapshot)).reduce(CountBounds::plus);
    let counted = range.resolve_in(snapshot).map(|range| range.take(max));
    let sum = counted.and_then(|range| total_of_known(snapshot, names(), &range));
    bounds.zip(sum).is_some_and(|(bounds, sum)| [bounds.lower, bounds.upper] == [sum; 2])
}

/// The sum over the events that are known; absent if none of them is.
#[inline]
pub(crate) fn total_of_known<'n>(
    snapshot: Snapshot<'_>,
    events: impl Iterator<Item = &'n str>,
    range: &BucketRange,
) -> Option<u64> {
    let known = events.filter_map(|event| snapshot.reading(event).map(|reading| sum(&reading, range)));
    known.reduce(u64::saturating_add)
}

/// The sum divided by the number of buckets.
pub(crate) fn average<'a>(readings: impl Iterator<Item = Reading<'a>>, range: &BucketRange) -> f64 {
    quotient(total(readings, range), range.len())
}

/// The count of each bucket, newest first, added up over some events.
pub(crate) fn bucket_counts<'a>(
    readings: impl Iterator<Item = Reading<'a>>,
    range: &BucketRange,
) -> Vec<u64> {
    with_bucket_counts(readings, range, |counts| counts.to_vec())
}

/// Works on the count of each bucket, newest first, added up over some events.
pub(crate) fn with_bucket_counts<'a, R>(
    readings: impl Iterator<Item = Reading<'a>>,
    range: &BucketRange,
    work: impl FnOnce(&[u64]) -> R,
) -> R {
    with_zeros(usize::try_from(range.back.end - range.back.start).unwrap_or(0), |counts| {
        for reading in readings {
            let newest = reading.view.number(range.unit) - range.back.start;
            match range.window {
                None => reading.add_buckets(range.unit, newest, counts),
                Some(millis) => rolling::add_buckets(&reading, millis, (range.unit, newest), counts),
            }
        }
        work(counts)
    })
}

/// Works on so many zeros. Few of them need no allocation.
pub(super) fn with_zeros<R>(len: usize, work: impl FnOnce(&mut [u64]) -> R) -> R {
    let mut inline = [0; INLINE_BUCKETS];
    match inline.get_mut(..len) {
        Some(zeros) => work(zeros),
        None => work(&mut vec![0; len]),
    }
}

/// The sum divided by the number of buckets with counts; absent if there are none.
pub(crate) fn average_nonzero(counts: &[u64]) -> Option<f64> {
    let nonzero = count_nonzero(counts);
    let sum = counts.iter().copied().fold(0, u64::saturating_add);
    (nonzero > 0).then(|| quotient(sum, u64::try_from(nonzero).unwrap_or(u64::MAX)))
}

/// The number of buckets in which one event happened.
#[inline]
pub(crate) fn count_nonzero_of(reading: Reading<'_>, range: &BucketRange) -> usize {
    let plain = || reading.plain_count_nonzero(range.unit, range.back.clone());
    match range.window.is_none().then(plain).flatten() {
        Some(count) => usize::try_from(count).unwrap_or(usize::MAX),
        None => with_bucket_counts(std::iter::once(reading), range, count_nonzero),
    }
}

/// The number of buckets with counts.
pub(crate) fn count_nonzero(counts: &[u64]) -> usize {
    counts.iter().filter(|count| **count > 0).count()
}

/// The index of the newest bucket with counts.
pub(crate) fn newest(counts: &[u64]) -> Option<usize> {
    counts.iter().position(|count| *count > 0)
}

/// The index of the oldest bucket with counts.
pub(crate) fn oldest(counts: &[u64]) -> Option<usize> {
    counts.iter().rposition(|count| *count > 0)
}

/// When the last of some events happened.
#[inline]
pub(crate) fn last<'a>(readings: impl Iterator<Item = Reading<'a>>) -> Option<i64> {
    readings.filter_map(|reading| reading.last_seen()).max()
}

/// When the first of some events happened.
#[inline]
pub(crate) fn first<'a>(readings: impl Iterator<Item = Reading<'a>>) -> Option<i64> {
    readings.filter_map(|reading| reading.first_seen()).min()
}

/// How long ago an instant was, at `now`.
#[inline]
pub(crate) fn ago(at: i64, now: i64) -> Duration {
    instant::since(now, at)
}

/// An instant as the answer to a question at `now`: an accepted one ahead of the clock is now.
#[inline]
pub(crate) fn date(at: i64, now: i64) -> DateTime<Utc> {
    instant::to_time(at.min(now))
}

/// How long ago the oldest bucket of a unit began in which an event happened, or the event first
/// happened, whichever is later.
pub(crate) fn first_seen_in(unit: TimeUnit, reading: Reading<'_>, zone: &Zone) -> Option<Duration> {
    let (unit, tracked) = reading.tracking.counted_by(unit)?;
    let least = reading.view.number(unit) - i64::from(tracked) + 1;
    let mut oldest: Option<i64> = None;
    reading.visit(unit, least, |number, _| {
        oldest = Some(oldest.map_or(number, |known| known.min(number)));
    });
    let start = start_of(unit, oldest?, zone, i64::MIN);
    let first = reading.first_seen().map_or(start, |first| first.max(start));
    Some(instant::since(reading.view.now, first))
}

/// How often some events ever happened.
pub(crate) fn lifetime<'a>(readings: impl Iterator<Item = Reading<'a>>) -> u64 {
    readings.map(|reading| reading.lifetime()).fold(0, u64::saturating_add)
}

/// The sum of each of two events in the same buckets; absent for an event that is not known.
fn pair(snapshot: Snapshot<'_>, events: [&str; 2], range: &BucketRange) -> [Option<u64>; 2] {
    events.map(|event| snapshot.reading(event).map(|reading| sum(&reading, range)))
}

/// The sum of the first event divided by that of the second. Absent if an event is not known, the
/// unit is not tracked, or the second sum is 0.
pub(crate) fn ratio(snapshot: Snapshot<'_>, events: [&str; 2], range: &QueryRange) -> Option<f64> {
    let [numerator, denominator] = pair(snapshot, events, &range.resolve_in(snapshot)?);
    Some(quotient(numerator?, denominator.filter(|count| *count > 0)?))
}

/// The sum of the first event less that of the second, and the number of buckets. An event that is
/// not known and a unit that is not tracked count 0.
pub(crate) fn delta(snapshot: Snapshot<'_>, events: [&str; 2], range: &QueryRange) -> (i64, u64) {
    let Some(range) = range.resolve_in(snapshot) else { return (0, 0) };
    let [positive, negative] = pair(snapshot, events, &range).map(Option::unwrap_or_default);
    (difference(positive, negative), range.len())
}

/// `delta` divided by the number of buckets.
pub(crate) fn delta_average((difference, buckets): (i64, u64)) -> f64 {
    signed_quotient(difference, buckets)
}

/// The first count less the second, clamped to 64 signed bits.
fn difference(positive: u64, negative: u64) -> i64 {
    let difference = i128::from(positive) - i128::from(negative);
    i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_clamped_to_64_bits() {
        assert_eq!(difference(3, 5), -2);
        assert_eq!(difference(0, u64::MAX), i64::MIN);
        assert_eq!(difference(u64::MAX, 0), i64::MAX);
    }
}
