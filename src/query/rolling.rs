//! The counts of a rolling window by buckets. They add up to a count within the bounds of the
//! window.
//!
//! Without this, the buckets of a cell that counted under another offset are not those that the
//! window touches: a day of Honolulu begins 19 hours after the same day of Tokyo.

use super::evaluate::with_zeros;
use crate::counter::reading::Reading;
use crate::counter::window::CountBounds;
use crate::time::unit::Unit;

/// The sum of the buckets of the last `millis` milliseconds, raised or lowered to the nearest
/// bound.
pub(super) fn sum(reading: &Reading<'_>, millis: i64, sum: u64) -> u64 {
    let CountBounds { lower, upper } = CountBounds::of(|bound| reading.rolling(millis, bound));
    sum.clamp(lower, upper)
}

/// Adds the counts of the buckets that the last `millis` milliseconds touch to `counts`, newest
/// first. Only the oldest buckets can hold something from before the window, or lack something of
/// it; so the difference between their sum and `sum` is made there.
pub(super) fn add_buckets(
    reading: &Reading<'_>,
    millis: i64,
    (unit, newest): (Unit, i64),
    counts: &mut [u64],
) {
    with_zeros(counts.len(), |own| {
        reading.add_buckets(unit, newest, own);
        let total = own.iter().copied().fold(0, u64::saturating_add);
        let within = sum(reading, millis, total);
        if let Some(oldest) = own.last_mut() {
            *oldest = oldest.saturating_add(within.saturating_sub(total));
        }
        let mut excess = total.saturating_sub(within);
        for count in own.iter_mut().rev() {
            let removed = excess.min(*count);
            (*count, excess) = (*count - removed, excess - removed);
        }
        for (sum, count) in counts.iter_mut().zip(own) {
            *sum = sum.saturating_add(*count);
        }
    });
}
