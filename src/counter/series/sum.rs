//! The sum and the number of the counts in a range of buckets. Eight packed pairs are summed at
//! once.

use super::take_pair;

/// What a range of buckets holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Total {
    /// The sum of the counts.
    pub(crate) sum: u64,
    /// How many buckets have counts.
    pub(crate) buckets: u64,
}

impl Total {
    #[inline]
    fn plus(self, sum: u64, buckets: u64) -> Total {
        Total { sum: self.sum.saturating_add(sum), buckets: self.buckets + buckets }
    }
}

/// The total of the buckets from `lowest` to `highest`, of the newest pair and the packed older
/// ones.
pub(super) fn total(mut number: i64, mut count: u64, mut older: &[u8], lowest: i64, highest: i64) -> Total {
    while number > highest {
        let Some((gap, next)) = take_pair(&mut older) else { return Total::default() };
        (number, count) = (number.saturating_sub_unsigned(gap), next);
    }
    if number < lowest {
        return Total::default();
    }
    // How far the range reaches back from the last summed number.
    let mut distance = number.abs_diff(lowest);
    let mut total = Total { sum: count, buckets: u64::from(count > 0) };
    loop {
        while let Some(eight) = Eight::of(older) {
            if eight.gap_sum > distance {
                if let Some(rest) = eight.within(distance) {
                    return total.plus(rest.sum, rest.buckets);
                }
                break;
            }
            distance -= eight.gap_sum;
            older = eight.rest;
            total = total.plus(eight.count_sum, 8);
        }
        for _ in 0..8 {
            match take_pair(&mut older) {
                Some((gap, count)) if gap <= distance => {
                    distance -= gap;
                    total = total.plus(count, 1);
                }
                _ => return total,
            }
        }
    }
}

/// Eight packed pairs whose gaps and counts take one byte each.
struct Eight<'a> {
    /// The heads, newest pair first.
    heads: u64,
    /// The counts above one, minus two. The newest one is in the highest byte.
    extra_counts: u64,
    /// The sum of the gaps.
    gap_sum: u64,
    /// The sum of the counts.
    count_sum: u64,
    /// The packed pairs after these eight.
    rest: &'a [u8],
}

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

impl<'a> Eight<'a> {
    #[inline]
    fn of(older: &'a [u8]) -> Option<Eight<'a>> {
        let (heads, rest) = older.split_first_chunk()?;
        let heads = u64::from_le_bytes(*heads);
        if heads & (LOW_BITS | HIGH_BITS) == 0 {
            // All eight counts are one, which is the usual case: no counts stand at the back.
            return Some(Eight {
                heads,
                extra_counts: 0,
                gap_sum: sum_of_bytes(heads >> 1),
                count_sum: 8,
                rest,
            });
        }
        Eight::with_counts(older, heads, rest)
    }

    fn with_counts(older: &'a [u8], heads: u64, rest: &'a [u8]) -> Option<Eight<'a>> {
        let above_one = low_bits(heads);
        let (rest, _) = rest.split_at_checked(rest.len().checked_sub(usize::try_from(above_one).ok()?)?)?;
        let extra_counts = match above_one {
            0 => 0,
            // The counts stand in the last bytes.
            _ => u64::from_le_bytes(*older.last_chunk()?) & (u64::MAX << (64 - 8 * above_one)),
        };
        let gap_sum = sum_of_bytes((heads >> 1) & !HIGH_BITS);
        let count_sum = sum_of_bytes(extra_counts) + 8 + above_one;
        ((heads | extra_counts) & HIGH_BITS == 0).then_some(Eight {
            heads,
            extra_counts,
            gap_sum,
            count_sum,
            rest,
        })
    }

    /// The total of those pairs, fewer than eight, whose gaps add up to at most `distance`. `None`
    /// if the gaps are too large to be summed in bytes.
    #[inline]
    fn within(&self, distance: u64) -> Option<Total> {
        if self.gap_sum > 127 {
            return None;
        }
        // First each byte is the sum of the gaps up to it, then the distance minus that sum. Its
        // highest bit is set if the difference is not negative.
        let sums = ((self.heads >> 1) & !HIGH_BITS).wrapping_mul(LOW_BITS);
        let left = (distance.wrapping_mul(LOW_BITS) | HIGH_BITS).wrapping_sub(sums);
        let inside = low_bits(left >> 7);
        if self.heads & LOW_BITS == 0 {
            return Some(Total { sum: inside, buckets: inside });
        }
        let above_one = low_bits(self.heads & !(u64::MAX << (8 * inside)));
        let extra_counts =
            if above_one == 0 { 0 } else { self.extra_counts & (u64::MAX << (64 - 8 * above_one)) };
        Some(Total { sum: sum_of_bytes(extra_counts) + inside + above_one, buckets: inside })
    }
}

/// The number of bytes whose lowest bit is set.
#[inline]
fn low_bits(bytes: u64) -> u64 {
    // A multiplication, because not every supported processor has an instruction to count bits.
    (bytes & LOW_BITS).wrapping_mul(LOW_BITS) >> 56
}

/// The sum of the eight bytes.
#[inline]
fn sum_of_bytes(bytes: u64) -> u64 {
    const EVERY_OTHER: u64 = 0x00ff_00ff_00ff_00ff;
    let four = (bytes & EVERY_OTHER) + ((bytes >> 8) & EVERY_OTHER);
    four.wrapping_mul(0x0001_0001_0001_0001) >> 48
}
