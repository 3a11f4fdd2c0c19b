//! The sum of several cells as one cell.

use std::collections::BTreeMap;

use super::body::{Body, Head, SeenTimes};
use super::kept::is_full;
use super::series;
use super::stored_series::StoredSeries;
use crate::bounds::MAX_PAIRS;
use crate::time::offsets::Offsets;
use crate::time::unit::Unit;

/// The sum of the series of one unit.
#[derive(Default)]
struct Sum {
    buckets: u32,
    beginning: Option<i64>,
    pairs: BTreeMap<i64, u64>,
    /// How many of the cells with counts have a series of the unit.
    cells: usize,
}

impl Body {
    /// The sum of cells, oldest first. It has no shift: what a shifted cell counted is in the
    /// buckets in which it happened.
    pub(crate) fn sum(bodies: impl IntoIterator<Item = Body>) -> Body {
        let counted: Vec<Body> = bodies.into_iter().filter(|body| body.head().seen.is_some()).collect();
        if let [one] = &counted[..]
            && one.head().shift == 0
        {
            return one.clone();
        }
        let (mut lifetime, mut seen, mut offsets) = (0u64, None, None);
        for head in counted.iter().map(Body::head) {
            lifetime = lifetime.saturating_add(head.lifetime);
            seen = joined(seen, head.seen.map(|seen| seen.shifted(head.shift)));
            let mut both: Offsets = offsets.unwrap_or(head.offsets);
            both.add(head.offsets.lowest);
            both.add(head.offsets.highest);
            offsets = Some(both);
        }
        let mut out = Vec::new();
        Head::new(seen, offsets.unwrap_or_default(), 0, lifetime).put(&mut out);
        for unit in Unit::ALL {
            put_sum(unit, &counted, &mut out);
        }
        Body::written(out)
    }
}

/// Appends the sum of the series of a unit, if it has counts.
fn put_sum(unit: Unit, bodies: &[Body], out: &mut Vec<u8>) {
    let mut sum = Sum::default();
    for head in bodies.iter().map(Body::head) {
        match head.find(unit) {
            Some(stored) => sum.add(&head, stored),
            // The unit may not have been tracked.
            None => {
                let latest = head.seen_at_last().map(|at| head.offsets.last_touched(unit, at));
                sum.beginning = sum.beginning.max(latest.map(|number| number.saturating_add(1)));
            }
        }
    }
    let Sum { buckets, mut beginning, pairs, cells } = sum;
    if cells == 0 {
        return;
    }
    let kept: Vec<(i64, u64)> = pairs.into_iter().rev().collect();
    if let Some((dropped, _)) = kept.get(MAX_PAIRS) {
        beginning = beginning.max(Some(dropped.saturating_add(1)));
    }
    let (newest, count, older) = series::pack(kept.into_iter().take(MAX_PAIRS));
    StoredSeries { unit, buckets, beginning, newest, count, older: &older }.put(out);
}

impl Sum {
    fn add(&mut self, head: &Head<'_>, stored: StoredSeries<'_>) {
        self.cells += 1;
        self.buckets = self.buckets.max(stored.buckets);
        self.beginning = self.beginning.max(stored.beginning);
        if is_full(&stored.pairs(), stored.buckets) {
            // Older buckets may have been dropped.
            self.beginning = self.beginning.max(stored.pairs().last().map(|(number, _)| number));
        }
        for (number, count) in stored.pairs() {
            let total = self.pairs.entry(moved(head, stored.unit, number)).or_default();
            *total = total.saturating_add(count);
        }
    }
}

/// The bucket in which a bucket of a shifted cell happened, as far as the times of the cell allow.
fn moved(head: &Head<'_>, unit: Unit, number: i64) -> i64 {
    let Some(seen) = head.seen.filter(|_| head.shift != 0) else { return number };
    let at = head.offsets.start_of(unit, number).max(seen.first).min(seen.latest());
    head.offsets.last_touched(unit, at.saturating_add(head.shift))
}

/// The times of both. The last one is that of the younger cell: if the clock went back between
/// them, the last time of the older one lies ahead.
fn joined(older: Option<SeenTimes>, younger: Option<SeenTimes>) -> Option<SeenTimes> {
    let (Some(older), Some(younger)) = (older, younger) else { return older.or(younger) };
    let (first, last) = (older.first.min(younger.first), younger.last);
    let latest = older.latest().max(younger.latest());
    Some(SeenTimes { first, last, ahead: Some(latest).filter(|latest| *latest > last) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn cell(day: i64, count: u64, shift: i64) -> Body {
        let at = day * DAY + DAY / 2;
        let mut out = Vec::new();
        let seen = SeenTimes { first: at, last: at, ahead: None };
        Head::new(Some(seen), Offsets::default(), shift, count).put(&mut out);
        let days =
            StoredSeries { unit: Unit::Days, buckets: 9, beginning: None, newest: day, count, older: &[] };
        days.put(&mut out);
        Body::written(out)
    }

    #[test]
    fn the_sum_of_cells_has_all_counts_in_the_buckets_in_which_they_happened() {
        let sum = Body::sum([cell(20_000, 3, 0), cell(20_001, 4, 0), cell(10_000, 5, 10_000 * DAY)]);
        let head = sum.head();
        assert_eq!(head.pairs(Unit::Days).collect::<Vec<_>>(), [(20_001, 4), (20_000, 8)]);
        assert_eq!((head.lifetime, head.shift), (12, 0));
        assert_eq!(head.seen.map(|seen| seen.first), Some(20_000 * DAY + DAY / 2));
    }

    #[test]
    fn one_cell_without_a_shift_is_its_own_sum() {
        assert_eq!(Body::sum([cell(20_000, 3, 0)]), cell(20_000, 3, 0));
        assert_eq!(Body::sum([]).head().lifetime, 0);
    }

    #[test]
    fn a_unit_that_one_of_the_cells_did_not_track_is_complete_only_after_it() {
        let mut out = Vec::new();
        let at = 20_005 * DAY;
        let seen = SeenTimes { first: at, last: at, ahead: None };
        Head::new(Some(seen), Offsets::default(), 0, 1).put(&mut out);
        let sum = Body::sum([cell(20_000, 3, 0), Body::written(out)]);
        assert_eq!(sum.head().find(Unit::Days).unwrap().beginning, Some(20_006));
    }
}
