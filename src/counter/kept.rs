//! Which buckets a series keeps.

use super::series::Pairs;
use crate::bounds::{MAX_BUCKETS_AHEAD, SPARE_BUCKETS};
use crate::time::bucket::Numbers;

/// The buckets from which ageing measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Horizon {
    /// By the clock as it is now. What lies before it no window reaches.
    pub(crate) now: Numbers,
    /// The latest one under which something may have been dropped.
    pub(crate) latest: Numbers,
}

/// How many buckets up to the current one a series keeps.
pub(super) fn kept_buckets(tracked: u32) -> usize {
    usize::try_from(tracked).unwrap_or(0).saturating_mul(2).saturating_add(SPARE_BUCKETS)
}

/// Whether a series has as many pairs as it keeps, so that older ones may have been dropped.
pub(super) fn is_full(pairs: &Pairs<'_>, tracked: u32) -> bool {
    pairs.has_at_least(kept_buckets(tracked))
}

/// The oldest bucket that a series keeps if `newest` is the current one.
pub(super) fn oldest_kept(newest: i64, tracked: u32) -> i64 {
    let kept = i64::try_from(kept_buckets(tracked)).unwrap_or(i64::MAX);
    newest.saturating_sub(kept).saturating_add(1)
}

/// Drops the oldest pairs of a series, so that as many remain as it keeps up to the current bucket.
/// Pairs are counted, not buckets: a clock that is far ahead for a moment then displaces few. Of
/// those ahead of the current bucket the [`MAX_BUCKETS_AHEAD`] newest remain. The second result is
/// the first bucket after those that were dropped among them.
pub(super) fn capped(
    mut pairs: Vec<(i64, u64)>,
    tracked: u32,
    current: i64,
) -> (Vec<(i64, u64)>, Option<i64>) {
    let ahead = pairs.iter().take_while(|(number, _)| *number > current).count();
    let kept_ahead = ahead.min(MAX_BUCKETS_AHEAD);
    let dropped = pairs.drain(kept_ahead..ahead).next().map(|(number, _)| number.saturating_add(1));
    pairs.truncate(kept_ahead + kept_buckets(tracked));
    (pairs, dropped)
}
