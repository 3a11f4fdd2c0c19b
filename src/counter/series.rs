//! The counts of one unit: pairs of a bucket's number and its count, newest first, none of them zero.
//!
//! The newest pair stands in the open, everything older is packed: the gap to the next newer number, doubled, and odd where the count is
//! above one; the count less two then follows. A lone event is one byte.

use super::varint;

/// Where a number may lie: forty bits hold every bucket of the years 1 to 9999.
pub(crate) const NUMBERS: std::ops::Range<i64> = -(1 << 39)..(1 << 39);

/// Pairs of (bucket number, count), newest first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buckets<'a> {
    number: i64,
    /// The count of the newest pair until that is taken; 0 afterwards.
    newest: u64,
    older: &'a [u8],
}

impl<'a> Buckets<'a> {
    pub(crate) fn new(newest: i64, count: u64, older: &'a [u8]) -> Self {
        Buckets { number: newest, newest: count, older: if count > 0 { older } else { &[] } }
    }

    pub(crate) fn none() -> Self {
        Buckets { number: 0, newest: 0, older: &[] }
    }
}

impl Iterator for Buckets<'_> {
    type Item = (i64, u64);

    #[inline]
    fn next(&mut self) -> Option<(i64, u64)> {
        if self.newest > 0 {
            return Some((self.number, std::mem::take(&mut self.newest)));
        }
        let (gap, count) = take_pair(&mut self.older)?;
        self.number = self.number.saturating_sub_unsigned(gap);
        Some((self.number, count))
    }
}

#[inline]
fn take_pair(bytes: &mut &[u8]) -> Option<(u64, u64)> {
    let head = varint::take(bytes)?;
    let count = if head & 1 == 0 { 1 } else { varint::take(bytes)?.checked_add(2)? };
    Some((head >> 1, count))
}

fn put_pair(out: &mut Vec<u8>, gap: u64, count: u64) {
    match count.checked_sub(2) {
        Some(more) => {
            varint::put(out, (gap << 1) | 1);
            varint::put(out, more);
        }
        None => varint::put(out, gap << 1),
    }
}

/// Whether `older` packs a valid continuation of a series that has `newest` in the open, with at most `most` pairs.
pub(crate) fn is_valid(newest: i64, mut older: &[u8], most: usize) -> bool {
    let mut number = newest;
    let mut pairs = 0usize;
    while !older.is_empty() {
        let Some((gap, _)) = take_pair(&mut older) else { return false };
        let Some(next) = number.checked_sub_unsigned(gap) else { return false };
        pairs += 1;
        if gap == 0 || pairs > most || !NUMBERS.contains(&next) {
            return false;
        }
        number = next;
    }
    true
}

/// Packs all but the first pair, which comes back beside the bytes. `pairs` descend strictly in number.
pub(crate) fn pack(pairs: impl IntoIterator<Item = (i64, u64)>) -> (i64, u64, Vec<u8>) {
    let mut pairs = pairs.into_iter();
    let Some((newest, count)) = pairs.next() else { return (0, 0, Vec::new()) };
    let mut older = Vec::new();
    let mut last = newest;
    for (number, count) in pairs {
        put_pair(&mut older, last.abs_diff(number), count);
        last = number;
    }
    (newest, count, older)
}

/// The pairs with `more` added to bucket `number`, still descending.
pub(crate) fn added(pairs: impl Iterator<Item = (i64, u64)>, number: i64, more: u64) -> Vec<(i64, u64)> {
    let mut out: Vec<(i64, u64)> = pairs.collect();
    match out.binary_search_by(|(known, _)| number.cmp(known)) {
        Ok(place) => {
            if let Some((_, count)) = out.get_mut(place) {
                *count = count.saturating_add(more);
            }
        }
        Err(place) => out.insert(place, (number, more)),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn adding_in_any_order_is_a_sum_by_bucket(records in prop::collection::vec((-500i64..500, 1u64..9), 0..80)) {
            let mut map = BTreeMap::new();
            let mut pairs = Vec::new();
            for (number, count) in records {
                *map.entry(number).or_insert(0u64) += count;
                pairs = added(pairs.into_iter(), number, count);
            }
            let wanted: Vec<_> = map.into_iter().rev().collect();
            let (newest, count, older) = pack(pairs);
            prop_assert!(is_valid(newest, &older, 1000));
            prop_assert_eq!(Buckets::new(newest, count, &older).collect::<Vec<_>>(), wanted);
        }

        #[test]
        fn any_bytes_that_are_valid_are_packed_the_same_again(older: Vec<u8>) {
            if is_valid(0, &older, 1000) {
                let (_, _, again) = pack(Buckets::new(0, 1, &older));
                prop_assert_eq!(again, older);
            }
        }
    }

    #[test]
    fn too_many_pairs_and_numbers_out_of_range_are_refused() {
        assert!(is_valid(0, &[2, 3, 0], 2));
        assert!(!is_valid(0, &[2, 3, 0], 1));
        let mut far = Vec::new();
        put_pair(&mut far, 1 << 40, 1);
        assert!(!is_valid(0, &far, 9));
        // No gap, no count behind an odd head, a count beyond 64 bits.
        assert!(!is_valid(0, &[0], 9));
        assert!(!is_valid(0, &[3], 9));
        let mut many = vec![3];
        varint::put(&mut many, u64::MAX - 1);
        assert!(!is_valid(0, &many, 9));
    }
}
