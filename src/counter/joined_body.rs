//! The join of two versions of a cell.
//!
//! Within one cell counts only grow. So the later version holds everything that an earlier one
//! holds, except for the oldest buckets, which ageing may have dropped. If the earlier version
//! holds more, two stores counted in copies of the cell, as after an app container was copied. The
//! join then has the greater of both counts of each bucket, and is marked as forked, because its
//! stamp is that of a version with fewer counts.

use super::body::{Body, Head, SeenTimes};
use super::series::{self, Pairs};
use super::stored_series::StoredSeries;
use crate::bounds::MAX_PAIRS;
use crate::time::instant::{EARLIEST, LATEST};
use crate::time::offsets::Offsets;

impl Body {
    /// Joins this version of a cell with an earlier one; `None` if that adds nothing.
    pub(crate) fn joined(&self, earlier: &Body) -> Option<Body> {
        if self == earlier {
            return None;
        }
        let (ours, theirs) = (self.head(), earlier.head());
        let mut joined: Vec<(StoredSeries<'_>, Vec<(i64, u64)>)> = Vec::new();
        let mut is_raised = false;
        for series in ours.series() {
            let (pairs, adds) = joined_pairs(series.pairs(), theirs.pairs(series.unit));
            is_raised |= adds;
            joined.push((series, pairs));
        }
        let seen = joined_seen(ours.seen, theirs.seen, ours.shift);
        let offsets = joined_offsets(&ours, &theirs);
        let most = joined.iter().map(|(_, pairs)| sum(pairs)).max().unwrap_or(0);
        let lifetime = ours.lifetime.max(theirs.lifetime).max(most);
        if !is_raised && (seen, offsets, lifetime) == (ours.seen, ours.offsets, ours.lifetime) {
            return None;
        }
        let mut out = Vec::with_capacity(self.bytes().len() + 16);
        Head::new(seen, offsets, ours.shift, lifetime).forked(true).put(&mut out);
        for (mut series, pairs) in joined {
            if let Some((dropped, _)) = pairs.get(MAX_PAIRS) {
                series.beginning = series.beginning.max(Some(dropped.saturating_add(1)));
            }
            let (newest, count, older) = series::pack(pairs.into_iter().take(MAX_PAIRS));
            StoredSeries { newest, count, older: &older, ..series }.put(&mut out);
        }
        Some(Body::written(out))
    }
}

/// The greater of both counts of each bucket, newest first, and whether the earlier version adds
/// anything. Its buckets before the oldest of the later version are left out.
fn joined_pairs(later: Pairs<'_>, earlier: Pairs<'_>) -> (Vec<(i64, u64)>, bool) {
    let mut earlier = earlier.peekable();
    let (mut pairs, mut adds) = (Vec::new(), false);
    for (number, count) in later {
        while let Some(between) = earlier.next_if(|(other, _)| *other > number) {
            pairs.push(between);
            adds = true;
        }
        let same = earlier.next_if(|(other, _)| *other == number).map_or(0, |(_, count)| count);
        adds |= same > count;
        pairs.push((number, count.max(same)));
    }
    (pairs, adds)
}

fn sum(pairs: &[(i64, u64)]) -> u64 {
    pairs.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
}

/// The last time is that of the later version. The latest time is the later one of both. The times
/// that the earlier version adds are limited, so that all are instants after the shift.
fn joined_seen(later: Option<SeenTimes>, earlier: Option<SeenTimes>, shift: i64) -> Option<SeenTimes> {
    let (first, last) = (EARLIEST.saturating_sub(shift), LATEST.saturating_sub(shift));
    let limited = |at: i64| at.max(first).min(last).clamp(EARLIEST, LATEST);
    let earlier = earlier.map(|SeenTimes { first, last, ahead }| SeenTimes {
        first: limited(first),
        last: limited(last),
        ahead: ahead.map(limited).filter(|ahead| *ahead > limited(last)),
    });
    let (Some(later), Some(earlier)) = (later, earlier) else { return later.or(earlier) };
    let latest = later.latest().max(earlier.latest());
    Some(SeenTimes {
        first: later.first.min(earlier.first),
        last: later.last,
        ahead: Some(latest).filter(|latest| *latest > later.last),
    })
}

fn joined_offsets(later: &Head<'_>, earlier: &Head<'_>) -> Offsets {
    let mut offsets = if later.seen.is_some() { later.offsets } else { earlier.offsets };
    if earlier.seen.is_some() {
        offsets.add(earlier.offsets.lowest);
        offsets.add(earlier.offsets.highest);
    }
    offsets
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::time::unit::Unit;

    /// A version of a cell that counted in these buckets of days, at noon.
    fn version(days: &[(i64, u64)]) -> Body {
        const DAY: i64 = 86_400_000;
        let at = |day: i64| day * DAY + DAY / 2;
        let mut out = Vec::new();
        let seen = days.first().zip(days.last()).map(|((newest, _), (oldest, _))| SeenTimes {
            first: at(*oldest),
            last: at(*newest),
            ahead: None,
        });
        Head::new(seen, Offsets::default(), 0, sum(days)).put(&mut out);
        let (newest, count, older) = series::pack(days.iter().copied());
        if count > 0 {
            let unit = Unit::Days;
            StoredSeries { unit, buckets: 9, beginning: None, newest, count, older: &older }.put(&mut out);
        }
        Body::written(out)
    }

    fn days() -> impl Strategy<Value = Vec<(i64, u64)>> {
        prop::collection::btree_map(20_000i64..20_012, 1u64..4, 1..8).prop_map(|days| {
            let mut days: Vec<_> = days.into_iter().collect();
            days.reverse();
            days
        })
    }

    /// Buckets of which the oldest is older than any that `days` adds.
    fn days_from_the_first() -> impl Strategy<Value = Vec<(i64, u64)>> {
        days().prop_map(|days| [days, vec![(19_999, 1)]].concat())
    }

    /// A later version of the same cell: it counted more.
    fn grown(days: &[(i64, u64)], more: &[(i64, u64)]) -> Vec<(i64, u64)> {
        more.iter().fold(days.to_vec(), |days, (day, count)| series::added(days.into_iter(), *day, *count))
    }

    proptest! {
        #[test]
        fn a_later_version_of_one_writer_is_its_join_with_an_earlier_one(days in days(), more in days()) {
            let (earlier, later) = (version(&days), version(&grown(&days, &more)));
            prop_assert_eq!(later.joined(&earlier), None);
        }

        #[test]
        fn a_join_of_conflicting_versions_has_the_greater_count_of_each_bucket(
            base in days(), one in days(), other in days(),
        ) {
            let (one, other) = (grown(&base, &one), grown(&base, &other));
            let joined = version(&one).joined(&version(&other));
            let of_one: BTreeMap<_, _> = one.iter().copied().collect();
            let oldest = of_one.keys().next().copied().unwrap();
            let mut wanted = of_one.clone();
            for (day, count) in other.iter().filter(|(day, _)| *day >= oldest) {
                let known = wanted.entry(*day).or_insert(0);
                *known = (*known).max(*count);
            }
            let is_earlier = other.last().unwrap().0 < one.last().unwrap().0;
            prop_assert_eq!(joined.is_some(), wanted != of_one || sum(&other) > sum(&one) || is_earlier);
            if let Some(body) = joined {
                prop_assert_eq!(body.head().pairs(Unit::Days).collect::<BTreeMap<_, _>>(), wanted.clone());
                prop_assert!(body.head().lifetime >= wanted.values().sum());
                prop_assert_eq!(body.joined(&version(&other)), None);
            }
        }

        #[test]
        fn joins_are_associative(base in days_from_the_first(), grows in prop::collection::vec(days(), 3)) {
            let [a, b, c] = [0, 1, 2].map(|at: usize| version(&grown(&base, &grows[at])));
            // The versions are joined in the order of their stamps, here c, b, a.
            let join = |later: &Body, earlier: &Body| later.joined(earlier).unwrap_or_else(|| later.clone());
            prop_assert_eq!(join(&join(&c, &b), &a), join(&c, &join(&b, &a)));
        }
    }

    #[test]
    fn a_bucket_that_the_later_version_aged_is_no_conflict() {
        let earlier = version(&[(20_005, 1), (20_000, 3)]);
        let mut later = version(&[(20_009, 2), (20_005, 1), (20_000, 3)]);
        later = later.aged(20_020 * 86_400_000).unwrap();
        assert_eq!(later.head().pairs(Unit::Days).count(), 2);
        assert_eq!(later.joined(&earlier), None);
    }
}
