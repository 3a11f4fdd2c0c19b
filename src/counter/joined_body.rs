//! The join of two versions of a cell: the greater of both counts of each bucket.
//!
//! Within one cell counts only grow. So the later version holds everything that an earlier one
//! holds, except for buckets that ageing dropped. If the earlier version holds more, two stores
//! counted in copies of the cell, as after an app container was copied.

use super::body::{Body, Head, SeenTimes};
use super::series::{self, Pairs};
use super::stored_series::StoredSeries;
use crate::time::offsets::Offsets;

/// The join of two versions of a cell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JoinedBody {
    pub(crate) body: Body,
    /// Whether the earlier version holds counts that the later one lacks.
    pub(crate) is_conflict: bool,
}

impl Body {
    /// Joins this version of a cell with an earlier one.
    pub(crate) fn joined(&self, earlier: &Body) -> JoinedBody {
        if self == earlier {
            return JoinedBody { body: self.clone(), is_conflict: false };
        }
        let (ours, theirs) = (self.head(), earlier.head());
        let mut is_conflict = theirs.lifetime > ours.lifetime;
        let mut joined: Vec<(StoredSeries<'_>, Vec<(i64, u64)>)> = Vec::new();
        let mut is_raised = false;
        for series in ours.series() {
            let mut raised = Raised::default();
            let pairs = raised.join(series.pairs(), theirs.pairs(series.unit));
            is_conflict |= raised.among_kept;
            is_raised |= raised.any;
            joined.push((series, pairs));
        }
        let seen = joined_seen(ours.seen, theirs.seen);
        let offsets = joined_offsets(&ours, &theirs);
        let most = joined.iter().map(|(_, pairs)| sum(pairs)).max().unwrap_or(0);
        let lifetime = ours.lifetime.max(theirs.lifetime).max(most);
        if !is_raised && (seen, offsets, lifetime) == (ours.seen, ours.offsets, ours.lifetime) {
            return JoinedBody { body: self.clone(), is_conflict };
        }
        let mut out = Vec::with_capacity(self.bytes().len() + 16);
        Head::new(seen, offsets, ours.shift, lifetime).put(&mut out);
        for (series, pairs) in joined {
            let (newest, count, older) = series::pack(pairs);
            StoredSeries { newest, count, older: &older, ..series }.put(&mut out);
        }
        JoinedBody { body: Body::written(out), is_conflict }
    }
}

/// What an earlier version adds to a series.
#[derive(Default)]
struct Raised {
    any: bool,
    /// Whether it adds to buckets that the later version still keeps. Ageing drops only the oldest.
    among_kept: bool,
}

impl Raised {
    /// The greater of both counts of each bucket, newest first.
    fn join(&mut self, later: Pairs<'_>, earlier: Pairs<'_>) -> Vec<(i64, u64)> {
        let (mut later, mut earlier) = (later.peekable(), earlier.peekable());
        let mut pairs = Vec::new();
        loop {
            match (later.peek().copied(), earlier.peek().copied()) {
                (Some((ours, count)), Some((theirs, other))) if ours == theirs => {
                    (self.any, self.among_kept) = (self.any || other > count, self.among_kept || other > count);
                    pairs.push((ours, count.max(other)));
                    (later.next(), earlier.next());
                }
                (Some((ours, _)), Some(theirs)) if theirs.0 > ours => {
                    (self.any, self.among_kept) = (true, true);
                    pairs.push(theirs);
                    earlier.next();
                }
                (Some(ours), _) => {
                    pairs.push(ours);
                    later.next();
                }
                (None, Some(theirs)) => {
                    self.any = true;
                    pairs.push(theirs);
                    earlier.next();
                }
                (None, None) => return pairs,
            }
        }
    }
}

fn sum(pairs: &[(i64, u64)]) -> u64 {
    pairs.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
}

/// The last time is that of the later version. The latest time is the later one of both.
fn joined_seen(later: Option<SeenTimes>, earlier: Option<SeenTimes>) -> Option<SeenTimes> {
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

    /// A later version of the same cell: it counted more.
    fn grown(days: &[(i64, u64)], more: &[(i64, u64)]) -> Vec<(i64, u64)> {
        more.iter().fold(days.to_vec(), |days, (day, count)| series::added(days.into_iter(), *day, *count))
    }

    proptest! {
        #[test]
        fn a_later_version_of_one_writer_is_its_join_with_an_earlier_one(days in days(), more in days()) {
            let (earlier, later) = (version(&days), version(&grown(&days, &more)));
            prop_assert_eq!(later.joined(&earlier), JoinedBody { body: later.clone(), is_conflict: false });
        }

        #[test]
        fn a_join_of_conflicting_versions_has_the_greater_count_of_each_bucket(
            base in days(), one in days(), other in days(),
        ) {
            let (one, other) = (grown(&base, &one), grown(&base, &other));
            let JoinedBody { body, is_conflict } = version(&one).joined(&version(&other));
            let joined: std::collections::BTreeMap<_, _> = body.head().pairs(Unit::Days).collect();
            let mut wanted: std::collections::BTreeMap<_, _> = one.iter().copied().collect();
            for (day, count) in &other {
                let known = wanted.entry(*day).or_insert(0);
                *known = (*known).max(*count);
            }
            prop_assert_eq!(&joined, &wanted);
            prop_assert!(body.head().lifetime >= joined.values().sum());
            let of_one: std::collections::BTreeMap<_, _> = one.iter().copied().collect();
            let oldest = *of_one.keys().next().unwrap();
            let is_more = |(day, count): &(i64, u64)| of_one.get(day).copied().unwrap_or(0) < *count && *day >= oldest;
            prop_assert_eq!(is_conflict, other.iter().any(is_more) || sum(&other) > sum(&one));
            let again = body.joined(&version(&other));
            prop_assert_eq!(&again.body, &body);
        }

        #[test]
        fn joins_are_associative(base in days(), grows in prop::collection::vec(days(), 3)) {
            let [a, b, c] = [0, 1, 2].map(|at: usize| version(&grown(&base, &grows[at])));
            // The versions are joined in the order of their stamps, here c, b, a.
            let left = c.joined(&b).body.joined(&a).body;
            let right = c.joined(&b.joined(&a).body).body;
            prop_assert_eq!(left, right);
        }
    }

    #[test]
    fn a_bucket_that_the_later_version_aged_is_no_conflict() {
        let earlier = version(&[(20_005, 1), (20_000, 3)]);
        let mut later = version(&[(20_009, 2), (20_005, 1), (20_000, 3)]);
        later = later.aged(20_020 * 86_400_000).unwrap();
        assert_eq!(later.head().pairs(Unit::Days).count(), 2);
        let JoinedBody { body, is_conflict } = later.joined(&earlier);
        assert!(!is_conflict);
        assert_eq!(body.head().pairs(Unit::Days).count(), 3);
        assert_eq!(body.aged(20_020 * 86_400_000), Some(later));
    }
}
