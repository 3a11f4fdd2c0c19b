//! Numbers as bits, for what is sent often. A small number takes one or a few bits.
//!
//! A number is written as its length in bits and its bits below the highest one. The length is
//! written as its own length in zeros, a one, and its bits below the highest one. So each number
//! has one form. Bits fill each byte from the lowest one.

use crate::counter::varint::{from_zigzag, to_zigzag};

/// Appends bits to bytes.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The bits that do not fill a byte yet.
    bits: u64,
    filled: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        BitWriter { out, bits: 0, filled: 0 }
    }

    /// Appends the `count` low bits of `value`, at most 32. Its other bits are 0.
    fn put_bits(&mut self, value: u64, count: u32) {
        self.bits |= value << self.filled;
        self.filled += count;
        while self.filled >= 8 {
            let [low, ..] = self.bits.to_le_bytes();
            self.out.push(low);
            self.bits >>= 8;
            self.filled -= 8;
        }
    }

    pub(super) fn put_flag(&mut self, flag: bool) {
        self.put_bits(flag.into(), 1);
    }

    pub(super) fn put(&mut self, value: u64) {
        let length = u64::BITS - value.leading_zeros();
        // One more, because the length can be 0.
        let prefix = u64::from(length) + 1;
        let zeros = prefix.ilog2();
        let below = prefix ^ 1 << zeros;
        self.put_bits((below << 1 | 1) << zeros, 2 * zeros + 1);
        let Some(rest) = length.checked_sub(1) else { return };
        let value = value ^ 1 << rest;
        self.put_bits(value & u64::from(u32::MAX), rest.min(32));
        self.put_bits(value >> 32, rest.saturating_sub(32));
    }

    /// Appends a number that is close to zero, positive or negative.
    pub(super) fn put_signed(&mut self, value: i64) {
        self.put(to_zigzag(value));
    }

    /// Fills the last byte with zeros.
    pub(super) fn finish(mut self) {
        if self.filled > 0 {
            self.put_bits(0, 8 - self.filled);
        }
    }
}

/// Takes bits from the front of bytes. Each function returns `None` if the bytes end early.
pub(super) struct BitReader<'a, 'b> {
    bytes: &'b mut &'a [u8],
    /// The bits of the last byte that are not taken yet, fewer than 8.
    bits: u64,
    filled: u32,
}

impl<'a, 'b> BitReader<'a, 'b> {
    pub(super) fn new(bytes: &'b mut &'a [u8]) -> Self {
        BitReader { bytes, bits: 0, filled: 0 }
    }

    /// Takes `count` bits, at most 32.
    fn take_bits(&mut self, count: u32) -> Option<u64> {
        while self.filled < count {
            let byte = self.bytes.split_off_first()?;
            self.bits |= u64::from(*byte) << self.filled;
            self.filled += 8;
        }
        let value = self.bits & !(u64::MAX << count);
        self.bits >>= count;
        self.filled -= count;
        Some(value)
    }

    pub(super) fn take_flag(&mut self) -> Option<bool> {
        Some(self.take_bits(1)? == 1)
    }

    pub(super) fn take(&mut self) -> Option<u64> {
        let mut zeros = 0;
        while self.take_bits(1)? == 0 {
            zeros += 1;
            if zeros > u64::BITS.ilog2() {
                return None;
            }
        }
        let prefix = 1 << zeros | self.take_bits(zeros)?;
        let length = u32::try_from(prefix - 1).ok().filter(|length| *length <= u64::BITS)?;
        let Some(rest) = length.checked_sub(1) else { return Some(0) };
        let low = self.take_bits(rest.min(32))?;
        let high = self.take_bits(rest.saturating_sub(32))?;
        Some(1 << rest | high << 32 | low)
    }

    pub(super) fn take_signed(&mut self) -> Option<i64> {
        self.take().map(from_zigzag)
    }

    /// `None` if the last byte is not filled with zeros.
    pub(super) fn finish(self) -> Option<()> {
        (self.bits == 0).then_some(())
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

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(
            values in prop::collection::vec((any::<u64>(), 0..64u32).prop_map(|(value, by)| value >> by), 0..20),
        ) {
            let bytes = written(&values);
            let mut rest = &bytes[..];
            let mut reader = BitReader::new(&mut rest);
            for value in &values {
                prop_assert_eq!(reader.take(), Some(*value));
            }
            prop_assert!(reader.finish().is_some());
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn accepted_bits_are_the_only_form_of_their_numbers(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let (mut rest, mut values) = (&bytes[..], Vec::new());
            let mut reader = BitReader::new(&mut rest);
            while let Some(value) = reader.take() {
                values.push(value);
            }
            let again = written(&values);
            prop_assert!(again.len() <= bytes.len());
            // Up to the last byte, of which the bits of a number that does not end can be a part.
            let whole = again.len().saturating_sub(1);
            prop_assert_eq!(&again[..whole], &bytes[..whole]);
        }
    }

    #[test]
    fn small_numbers_take_few_bits() {
        let bits = |value: u64| written(&[value; 8]).len();
        assert_eq!([0, 1, 2, 3, 4, 7, 8].map(bits), [1, 3, 4, 4, 7, 7, 8]);
        assert_eq!(written(&[u64::MAX]).len(), 10);
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_rejected() {
        for bytes in [&[0u8; 16][..], &[0b1000_0000, 0xff, 0xff, 0xff], &[0b1100_0000, 0b0000_0001]] {
            let mut rest = bytes;
            let taken = BitReader::new(&mut rest).take();
            assert!(taken.is_none(), "{bytes:?}: {taken:?}");
        }
    }
}
