//! The counts of one unit: pairs of a bucket number and a count above zero, newest first.
//!
//! The newest pair is stored separately. The older pairs are packed. Each has a *head*: the gap to
//! the next newer number, doubled, plus one if the count is above one. The heads stand at the
//! front. If the count is above one, the count minus two stands at the back, in reverse order. Both
//! are varints. So a bucket with one event takes one byte, and eight gaps can be summed at once.

use super::varint;

mod packer;
mod raise;
mod sum;

pub(crate) use packer::{Packer, pack};
pub(super) use raise::raise;

/// The valid bucket numbers. Forty bits hold every bucket of the years 1 to 9999.
pub(crate) const NUMBERS: std::ops::Range<i64> = -(1 << 39)..(1 << 39);

/// Pairs of (bucket number, count), newest first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pairs<'a> {
    /// The number of the newest pair, or of the last pair that the iterator returned.
    number: i64,
    /// The count of the newest pair. 0 after the iterator returned it.
    newest_count: u64,
    older: &'a [u8],
}

impl<'a> Pairs<'a> {
    pub(crate) fn new(newest: i64, count: u64, older: &'a [u8]) -> Self {
        Pairs { number: newest, newest_count: count, older: if count > 0 { older } else { &[] } }
    }

    /// No pairs.
    pub(crate) fn none() -> Self {
        Pairs { number: 0, newest_count: 0, older: &[] }
    }
}

impl Pairs<'_> {
    /// The number of the newest pair.
    #[inline]
    pub(crate) fn newest(&self) -> i64 {
        self.number
    }

    /// How many pairs there are.
    pub(crate) fn len(self) -> u64 {
        self.total(i64::MIN, i64::MAX).buckets
    }

    /// Removes eight pairs if the next ones have this count, at most 129, in successive buckets.
    /// Returns whether they do.
    #[inline]
    pub(crate) fn take_eight(&mut self, count: u64) -> bool {
        let Some((head, extra)) = (match count.checked_sub(2).map(u8::try_from) {
            None => Some((1 << 1, None)),
            Some(Ok(extra @ ..0x80)) => Some((1 << 1 | 1, Some(extra))),
            Some(_) => None,
        }) else {
            return false;
        };
        // If the pairs are fewer than eight, eight bytes of this value are not all heads: each head
        // that is odd has a count at the back.
        let rest = self.older.strip_prefix(&[head; 8]);
        let rest = rest.and_then(|rest| match extra {
            Some(extra) => rest.strip_suffix(&[extra; 8]),
            None => Some(rest),
        });
        let Some(rest) = rest.filter(|_| self.newest_count == 0) else { return false };
        (self.older, self.number) = (rest, self.number.saturating_sub(8));
        true
    }

    /// Whether there are at least so many pairs.
    #[inline]
    pub(crate) fn has_at_least(&self, pairs: usize) -> bool {
        // Each older pair takes at least one byte.
        self.older.len() >= pairs.saturating_sub(1) && (*self).count() >= pairs
    }

    /// The sum of the buckets from `lowest` to `highest`.
    #[inline]
    pub(crate) fn sum(self, lowest: i64, highest: i64) -> u64 {
        // Fast paths: most limits read only the current bucket, and most events are of one device.
        if self.number == lowest && lowest <= highest {
            return self.newest_count;
        }
        if self.newest_count == 0 && self.older.is_empty() {
            return 0;
        }
        self.total(lowest, highest).sum
    }

    /// The number of buckets with counts from `lowest` to `highest`.
    pub(crate) fn buckets(self, lowest: i64, highest: i64) -> u64 {
        self.total(lowest, highest).buckets
    }

    /// The number of buckets from `lowest` to `highest` with counts here or in `other`.
    pub(crate) fn either_buckets(self, other: Pairs<'_>, lowest: i64, highest: i64) -> u64 {
        // Fast paths: one of them has counts in each bucket, or in none.
        let (of_ours, of_theirs) = (self.buckets(lowest, highest), other.buckets(lowest, highest));
        let most = of_ours.max(of_theirs);
        if of_ours.min(of_theirs) == 0 || i64::try_from(most) == Ok(highest - lowest + 1) {
            return most;
        }
        let is_inside = |(number, _): &(i64, u64)| *number >= lowest;
        let is_later = |(number, _): &(i64, u64)| *number > highest;
        let (mut ours, mut theirs) = (self.skip_while(is_later), other.skip_while(is_later));
        let (mut our, mut their) = (ours.next().filter(is_inside), theirs.next().filter(is_inside));
        let mut buckets = 0;
        while our.is_some() || their.is_some() {
            let number = our.max(their).map(|(number, _)| number);
            buckets += 1;
            if our.map(|(number, _)| number) == number {
                our = ours.next().filter(is_inside);
            }
            if their.map(|(number, _)| number) == number {
                their = theirs.next().filter(is_inside);
            }
        }
        buckets
    }

    #[inline]
    fn total(self, lowest: i64, highest: i64) -> sum::Total {
        // A separate function, so that the compiler keeps the fields in registers.
        sum::total(self.number, self.newest_count, self.older, lowest, highest)
    }
}

impl Iterator for Pairs<'_> {
    type Item = (i64, u64);

    #[inline]
    fn next(&mut self) -> Option<(i64, u64)> {
        if self.newest_count > 0 {
            return Some((self.number, std::mem::take(&mut self.newest_count)));
        }
        let (gap, count) = take_pair(&mut self.older)?;
        self.number = self.number.saturating_sub_unsigned(gap);
        Some((self.number, count))
    }
}

/// Takes the gap and the count of the next packed pair.
#[inline]
fn take_pair(bytes: &mut &[u8]) -> Option<(u64, u64)> {
    let head = varint::take(bytes)?;
    let count = if head & 1 == 0 { 1 } else { varint::take_back(bytes)?.checked_add(2)? };
    Some((head >> 1, count))
}

/// Whether `older` holds valid packed pairs, at most `max_pairs`, that are older than bucket
/// `newest`.
pub(crate) fn is_valid(newest: i64, mut older: &[u8], max_pairs: usize) -> bool {
    let mut number = newest;
    let mut pairs = 0usize;
    while !older.is_empty() {
        let Some((gap, _)) = take_pair(&mut older) else { return false };
        let Some(next) = number.checked_sub_unsigned(gap) else { return false };
        pairs += 1;
        if gap == 0 || pairs > max_pairs || !NUMBERS.contains(&next) {
            return false;
        }
        number = next;
    }
    true
}

/// Adds `extra` to the count of bucket `number`. The result descends by number.
pub(crate) fn added(pairs: impl Iterator<Item = (i64, u64)>, number: i64, extra: u64) -> Vec<(i64, u64)> {
    let mut out: Vec<(i64, u64)> = pairs.collect();
    match out.binary_search_by(|(known, _)| number.cmp(known)) {
        Ok(index) => {
            if let Some((_, count)) = out.get_mut(index) {
                *count = count.saturating_add(extra);
            }
        }
        Err(index) => out.insert(index, (number, extra)),
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
        fn adding_in_any_order_sums_the_counts_of_each_bucket(records in prop::collection::vec((-500i64..500, 1u64..9), 0..80)) {
            let mut map = BTreeMap::new();
            let mut pairs = Vec::new();
            for (number, count) in records {
                *map.entry(number).or_insert(0u64) += count;
                pairs = added(pairs.into_iter(), number, count);
            }
            let wanted: Vec<_> = map.into_iter().rev().collect();
            let (newest, count, older) = pack(pairs);
            prop_assert!(is_valid(newest, &older, 1000));
            prop_assert_eq!(Pairs::new(newest, count, &older).collect::<Vec<_>>(), wanted);
        }

        #[test]
        fn a_sum_contains_exactly_the_pairs_in_its_range(
            records in prop::collection::vec((0i64..90, 1u64..200), 0..80),
            (lowest, highest) in (-5i64..95, -5i64..95),
            only_ones: bool,
        ) {
            let mut map = BTreeMap::new();
            for (number, count) in records {
                map.insert(number, if only_ones || count > 90 { 1 } else { count * 2 });
            }
            let (newest, count, older) = pack(map.iter().rev().map(|(number, count)| (*number, *count)));
            let inside = || map.iter().filter(|(number, _)| (lowest..=highest).contains(*number)).map(|(_, count)| *count);
            prop_assert_eq!(Pairs::new(newest, count, &older).sum(lowest, highest), inside().sum::<u64>());
            prop_assert_eq!(Pairs::new(newest, count, &older).buckets(lowest, highest), inside().count() as u64);
        }

        #[test]
        fn eight_equal_pairs_are_those_that_follow(
            runs in prop::collection::vec((1i64..4, 1u64..140, 1usize..20), 0..9),
        ) {
            let mut pairs = vec![(500_000i64, 7)];
            for (gap, count, length) in runs {
                for _ in 0..length {
                    pairs.push((pairs.last().unwrap().0 - gap, count));
                }
            }
            let (newest, count, older) = pack(pairs.iter().copied());
            let mut packed = Pairs::new(newest, count, &older);
            prop_assert_eq!(packed.len(), pairs.len() as u64);
            prop_assert!(!packed.take_eight(7));
            let mut at = 0;
            let mut before = 1;
            while at < pairs.len() {
                let next = pairs.get(at..at + 8).filter(|_| at > 0);
                let is_run = |next: &[(i64, u64)]| {
                    (pairs[at - 1].0 - next[7].0, before < 130) == (8, true)
                        && next.iter().all(|(_, count)| *count == before)
                };
                let wanted = next.is_some_and(is_run);
                prop_assert_eq!(packed.take_eight(before), wanted, "{}", at);
                if wanted {
                    at += 8;
                } else {
                    prop_assert_eq!(packed.next(), Some(pairs[at]));
                    before = pairs[at].1;
                    at += 1;
                }
            }
            prop_assert_eq!(packed.next(), None);
        }

        #[test]
        fn a_run_is_packed_as_its_pairs(runs in prop::collection::vec((1usize..9, 1u64..400), 0..9)) {
            let (mut packer, mut one_by_one) = (Packer::default(), Packer::default());
            for (pairs, count) in runs {
                packer.push_run(pairs, count);
                (0..pairs).for_each(|_| one_by_one.push(1, count));
            }
            prop_assert_eq!(packer.end(), one_by_one.end());
        }

        #[test]
        fn a_bucket_that_two_series_have_counts_once(
            numbers in prop::collection::vec((0i64..40, any::<[bool; 2]>()), 0..40),
            (lowest, highest) in (-5i64..45, -5i64..45),
        ) {
            let series = |at: usize| {
                let of = numbers.iter().filter(|(_, has)| has[at]).map(|(number, _)| (*number, 1));
                pack(of.collect::<BTreeMap<i64, u64>>().into_iter().rev())
            };
            let [one, other] = [series(0), series(1)];
            let inside = numbers.iter().filter(|(number, has)| {
                (lowest..=highest).contains(number) && has.contains(&true)
            });
            let wanted = inside.map(|(number, _)| *number).collect::<std::collections::BTreeSet<_>>().len();
            let ours = Pairs::new(one.0, one.1, &one.2);
            let theirs = Pairs::new(other.0, other.1, &other.2);
            prop_assert_eq!(ours.either_buckets(theirs, lowest, highest), wanted as u64);
        }

        #[test]
        fn valid_bytes_are_the_only_form_of_their_pairs(older: Vec<u8>) {
            if is_valid(0, &older, 1000) {
                let (_, _, again) = pack(Pairs::new(0, 1, &older));
                prop_assert_eq!(again, older);
            }
        }
    }

    #[test]
    fn too_many_pairs_and_numbers_out_of_range_are_rejected() {
        assert!(is_valid(0, &[2, 3, 0], 2));
        assert!(!is_valid(0, &[2, 3, 0], 1));
        let mut far = Vec::new();
        varint::put(&mut far, 1 << 41);
        assert!(!is_valid(0, &far, 9));
        // A gap of zero, an odd head without a count, a count of more than 64 bits.
        assert!(!is_valid(0, &[0], 9));
        assert!(!is_valid(0, &[3], 9));
        let mut many = vec![3];
        varint::put(&mut many, u64::MAX - 1);
        many[1..].reverse();
        assert!(!is_valid(0, &many, 9));
    }
}
