//! Numbers as bits, for what is sent often. A small number takes one or a few bits. Each number has
//! one form. Bits fill each byte from the lowest one.
//!
//! A number is written as its length in bits and its bits below the highest one. The length is
//! written as its own length in zeros, a one, and its bits below the highest one. A number that is
//! nearly always small can be written in a form that is read faster: one more than the number, as
//! its length in zeros, a one, and its bits below the highest one.

use crate::counter::varint::{from_zigzag, to_zigzag};

/// Appends bits to bytes.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The bits that are not appended yet, fewer than 32.
    bits: u64,
    filled: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        BitWriter { out, bits: 0, filled: 0 }
    }

    /// Appends the `count` low bits of `value`, at most 32. Its other bits are 0.
    #[inline]
    fn put_bits(&mut self, value: u64, count: u32) {
        self.bits |= value << self.filled;
        self.filled += count;
        if self.filled >= 32 {
            let [a, b, c, d, ..] = self.bits.to_le_bytes();
            self.out.extend_from_slice(&[a, b, c, d]);
            self.bits >>= 32;
            self.filled -= 32;
        }
    }

    pub(super) fn put_flag(&mut self, flag: bool) {
        self.put_bits(flag.into(), 1);
    }

    /// Appends so many zeros as numbers, at most 32.
    pub(super) fn put_zeros(&mut self, count: u32) {
        self.put_bits(low_bits(count), count);
    }

    pub(super) fn put(&mut self, value: u64) {
        let length = u64::BITS - value.leading_zeros();
        // One more, because the length can be 0.
        let prefix = u64::from(length) + 1;
        let zeros = prefix.ilog2();
        let below = prefix ^ 1 << zeros;
        let (code, code_length) = ((below << 1 | 1) << zeros, 2 * zeros + 1);
        let Some(rest) = length.checked_sub(1) else { return self.put_bits(code, code_length) };
        let value = value ^ 1 << rest;
        if code_length + rest <= 32 {
            return self.put_bits(code | value << code_length, code_length + rest);
        }
        self.put_bits(code, code_length);
        self.put_bits(value & u64::from(u32::MAX), rest.min(32));
        self.put_bits(value >> 32, rest.saturating_sub(32));
    }

    /// Appends a number that is nearly always small.
    #[inline]
    pub(super) fn put_small(&mut self, value: u64) {
        let Some(beyond) = value.checked_sub(LEAST_LARGE) else {
            let length = (value + 1).ilog2();
            self.put_bits(1 << length, length + 1);
            return self.put_bits((value + 1) ^ 1 << length, length);
        };
        self.put_bits(0, LARGE_ZEROS);
        self.put(beyond);
    }

    /// Appends a number that is close to zero, positive or negative.
    pub(super) fn put_signed(&mut self, value: i64) {
        self.put(to_zigzag(value));
    }

    /// Fills the last byte with zeros.
    pub(super) fn finish(self) {
        let bytes = self.bits.to_le_bytes().into_iter();
        self.out.extend(bytes.zip((0..self.filled).step_by(8)).map(|(byte, _)| byte));
    }
}

/// If so many zeros precede a number that is nearly always small, it is in fact large: what it has
/// beyond the least such number follows in the usual form. A window holds all others.
const LARGE_ZEROS: u32 = 28;
const LEAST_LARGE: u64 = (1 << LARGE_ZEROS) - 1;

/// So many ones, fewer than 64.
fn low_bits(count: u32) -> u64 {
    !(u64::MAX << count)
}

/// Of a number above zero at the front of bits: how many bits it has below its highest one, and how
/// many bits precede these. `None` if it has more than 64 bits.
fn code(bits: u64) -> Option<(u32, u32)> {
    let zeros = bits.trailing_zeros();
    if zeros == 0 || zeros > u64::BITS.ilog2() {
        return None;
    }
    // At most 7 bits.
    let [prefix, ..] = (1 << zeros | (bits >> (zeros + 1)) & low_bits(zeros)).to_le_bytes();
    match u32::from(prefix).checked_sub(2) {
        Some(rest) if rest < u64::BITS => Some((rest, 2 * zeros + 1)),
        _ => None,
    }
}

/// Fewer than 8 bytes and zeros behind them.
#[cold]
fn last_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte))
}

/// Takes bits from the front of bytes. Each function returns `None` if the bytes end early.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// How many bits were taken.
    taken: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, taken: 0 }
    }

    /// The next bits, at least 57, the first one lowest. There are zeros behind the end.
    #[inline]
    fn window(&self) -> u64 {
        let rest = self.bytes.get(self.taken / 8..).unwrap_or_default();
        let next = rest.first_chunk().map_or_else(|| last_bytes(rest), |next| u64::from_le_bytes(*next));
        next >> (self.taken % 8)
    }

    /// Takes `count` bits without a look at them.
    #[inline]
    fn skip(&mut self, count: u32) -> Option<()> {
        self.taken += usize::try_from(count).ok()?;
        (self.taken.div_ceil(8) <= self.bytes.len()).then_some(())
    }

    /// Takes `count` bits, at most 32.
    fn take_bits(&mut self, count: u32) -> Option<u64> {
        let bits = self.window() & low_bits(count);
        self.skip(count)?;
        Some(bits)
    }

    pub(super) fn take_flag(&mut self) -> Option<bool> {
        Some(self.take_bits(1)? == 1)
    }

    /// Takes the zeros, written as numbers, that come next, at most `most` and not always all.
    /// Returns how many.
    #[inline]
    pub(super) fn take_zeros(&mut self, most: u32) -> Option<u32> {
        let zeros = self.window().trailing_ones().min(most);
        self.skip(zeros)?;
        Some(zeros)
    }

    #[inline]
    pub(super) fn take(&mut self) -> Option<u64> {
        let window = self.window();
        if window & 1 == 1 {
            self.skip(1)?;
            return Some(0);
        }
        let (rest, code_length) = code(window)?;
        if code_length + rest <= 57 {
            self.skip(code_length + rest)?;
            return Some(1 << rest | (window >> code_length) & low_bits(rest));
        }
        self.take_large(code_length, rest)
    }

    /// Takes a number that a window may not hold.
    #[cold]
    fn take_large(&mut self, code_length: u32, rest: u32) -> Option<u64> {
        self.skip(code_length)?;
        let low = self.take_bits(rest.min(32))?;
        let high = self.take_bits(rest.saturating_sub(32))?;
        Some(1 << rest | high << 32 | low)
    }

    /// Takes a number that [`put_small`](BitWriter::put_small) wrote.
    #[inline]
    pub(super) fn take_small(&mut self) -> Option<u64> {
        let window = self.window();
        let zeros = window.trailing_zeros();
        if zeros >= LARGE_ZEROS {
            self.skip(LARGE_ZEROS)?;
            return self.take()?.checked_add(LEAST_LARGE);
        }
        self.skip(2 * zeros + 1)?;
        Some((1 << zeros | (window >> (zeros + 1)) & low_bits(zeros)) - 1)
    }

    pub(super) fn take_signed(&mut self) -> Option<i64> {
        self.take().map(from_zigzag)
    }

    /// The bytes behind the last one that was taken from; `None` if the rest of that one is not
    /// filled with zeros.
    pub(super) fn finish(mut self) -> Option<&'a [u8]> {
        let unused = u32::try_from(self.taken.wrapping_neg() % 8).ok()?;
        let is_filled = self.take_bits(unused)? == 0;
        self.bytes.get(self.taken / 8..).filter(|_| is_filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(values: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = BitWriter::new(&mut out);
        values.iter().for_each(|value| writer.put(*value));
        writer.finish();
        out
    }

    fn written_small(values: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = BitWriter::new(&mut out);
        values.iter().for_each(|value| writer.put_small(*value));
        writer.finish();
        out
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(
            values in prop::collection::vec((any::<u64>(), 0..64u32).prop_map(|(value, by)| value >> by), 0..20),
        ) {
            let bytes = written(&values);
            let mut reader = BitReader::new(&bytes);
            for value in &values {
                prop_assert_eq!(reader.take(), Some(*value));
            }
            prop_assert_eq!(reader.finish(), Some(&[][..]));

            let bytes = written_small(&values);
            let mut reader = BitReader::new(&bytes);
            for value in &values {
                prop_assert_eq!(reader.take_small(), Some(*value));
            }
            prop_assert_eq!(reader.finish(), Some(&[][..]));
        }

        #[test]
        fn accepted_bits_are_the_only_form_of_their_numbers(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let mut values = Vec::new();
            let mut reader = BitReader::new(&bytes);
            while let Some(value) = reader.take() {
                values.push(value);
            }
            let again = written(&values);
            prop_assert!(again.len() <= bytes.len());
            // Up to the last byte, of which the bits of a number that does not end can be a part.
            let whole = again.len().saturating_sub(1);
            prop_assert_eq!(&again[..whole], &bytes[..whole]);

            let mut values = Vec::new();
            let mut reader = BitReader::new(&bytes);
            while let Some(value) = reader.take_small() {
                values.push(value);
            }
            let again = written_small(&values);
            prop_assert!(again.len() <= bytes.len());
            let whole = again.len().saturating_sub(1);
            prop_assert_eq!(&again[..whole], &bytes[..whole]);
        }
    }

    #[test]
    fn zeros_are_written_and_taken_together_as_one_by_one() {
        for (before, zeros) in (0..9).flat_map(|before| (0..33).map(move |zeros| (before, zeros))) {
            let mut out = Vec::new();
            let mut writer = BitWriter::new(&mut out);
            (0..before).for_each(|_| writer.put(0));
            writer.put_zeros(zeros);
            writer.put(1);
            writer.finish();
            let values = vec![0; usize::try_from(before + zeros).unwrap()];
            assert_eq!(out, written(&[values, vec![1]].concat()));
            let mut reader = BitReader::new(&out);
            let mut taken = 0;
            while let Some(more) = reader.take_zeros(5).filter(|more| *more > 0) {
                assert!(more <= 5);
                taken += more;
            }
            assert_eq!(taken, before + zeros);
            assert_eq!(reader.take(), Some(1));
            assert_eq!(reader.take(), None);
        }
    }

    #[test]
    fn small_numbers_take_few_bits() {
        let bits = |value: u64| written(&[value; 8]).len();
        assert_eq!([0, 1, 2, 3, 4, 7, 8].map(bits), [1, 3, 4, 4, 7, 7, 8]);
        assert_eq!(written(&[u64::MAX]).len(), 10);
        let bits = |value: u64| written_small(&[value; 8]).len();
        assert_eq!([0, 1, 2, 3, 6, 7, 14].map(bits), [1, 3, 3, 5, 5, 7, 7]);
        assert_eq!(written_small(&[u64::MAX]).len(), 13);
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_rejected() {
        for bytes in [&[0u8; 16][..], &[0b1000_0000, 0xff, 0xff, 0xff], &[0b1100_0000, 0b0000_0001]] {
            let taken = BitReader::new(bytes).take();
            assert!(taken.is_none(), "{bytes:?}: {taken:?}");
        }
    }
}
