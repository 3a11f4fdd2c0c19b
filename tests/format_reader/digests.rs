//! The digests of a sync state.

use std::collections::BTreeMap;

use super::Events;
use super::bytes::digest;
use super::cell::{Cell, bucket};
use super::export::{KnownLane, LanePart};

/// The blocks of erased births, and their digests.
pub fn blocks(part: &LanePart) -> Vec<(u64, u64)> {
    let mut blocks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for birth in part.births.iter().filter(|birth| !part.erased.has(**birth)) {
        blocks.entry(birth.0 >> 31).or_default().extend([birth.0, birth.1.into()]);
    }
    blocks.into_iter().map(|(block, numbers)| (block, digest(&numbers))).collect()
}

/// Both digests of a forked lane.
pub fn digests(known: &KnownLane, events: &Events, horizon: Option<i64>) -> (u64, u64) {
    let cells = events.values().flatten().filter(|cell| cell.lane == known.lane);
    let mut all: Vec<[u64; 8]> = cells.map(|cell| numbers(cell, horizon)).collect();
    all.sort_unstable();
    let first: Vec<u64> = all.iter().flat_map(|one| &one[..7]).copied().collect();
    (digest(&first), digest(all.as_flattened()))
}

fn numbers(cell: &Cell, horizon: Option<i64>) -> [u64; 8] {
    let counts = &cell.counts;
    let times = counts.seen.map_or((0, 0), |seen| (seen.first, seen.ahead.unwrap_or(seen.last)));
    let mut buckets = Vec::new();
    for series in &counts.series {
        buckets.push(series.unit);
        let oldest = horizon.map_or(i64::MIN, |horizon| {
            bucket(series.unit, horizon - counts.shift, 0) - 2 * series.tracked as i64 - 1
        });
        let left = series.buckets.iter().filter(|(number, _)| *number >= oldest);
        buckets.extend(left.flat_map(|(number, count)| [*number as u64, *count]));
    }
    [
        cell.birth.0,
        cell.birth.1.into(),
        cell.stamp.0,
        cell.stamp.1.into(),
        counts.lifetime,
        times.0 as u64,
        times.1 as u64,
        digest(&buckets),
    ]
}
