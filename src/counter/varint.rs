//! Numbers of variable length: seven bits per byte, low bits first. A number has the fewest bytes
//! that hold it; a longer form is rejected, so that each value has exactly one form.

/// Appends `value`.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        if value < 0x80 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
        value >>= 7;
    }
}

/// Appends `value`, in few bytes if it is close to zero, positive or negative.
pub(crate) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, to_zigzag(value));
}

/// The number that stands for a signed one: small if it is close to zero.
pub(crate) fn to_zigzag(value: i64) -> u64 {
    let sign = u64::from_ne_bytes((value >> 63).to_ne_bytes());
    let bits = u64::from_ne_bytes((value << 1).to_ne_bytes());
    bits ^ sign
}

pub(crate) fn from_zigzag(bits: u64) -> i64 {
    let half = i64::from_ne_bytes((bits >> 1).to_ne_bytes());
    if bits & 1 == 0 { half } else { -1 - half }
}

/// Takes a number from the front of `bytes`; `None` if the bytes end early, the number has more
/// than 64 bits, or its form is too long.
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (&byte, rest) = bytes.split_first()?;
    if byte < 0x80 {
        // A fast path, because most gaps and counts are small.
        *bytes = rest;
        return Some(byte.into());
    }
    take_long(|| bytes.split_off_first().copied())
}

/// Takes a number whose bytes are in reverse order from the back of `bytes`. See [`take`].
#[inline]
pub(crate) fn take_back(bytes: &mut &[u8]) -> Option<u64> {
    let (&byte, rest) = bytes.split_last()?;
    if byte < 0x80 {
        *bytes = rest;
        return Some(byte.into());
    }
    take_long(|| bytes.split_off_last().copied())
}

fn take_long(mut next: impl FnMut() -> Option<u8>) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = next()?;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return (byte != 0 || shift == 0).then_some(value);
        }
    }
    None
}

/// Takes a number that [`put_signed`] wrote from the front of `bytes`. See [`take`].
pub(crate) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    take(bytes).map(from_zigzag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_reads_back(value: u64, signed: i64, more: Vec<u8>) {
            let mut out = Vec::new();
            put(&mut out, value);
            put_signed(&mut out, signed);
            out.extend(&more);
            let mut bytes = out.as_slice();
            prop_assert_eq!(take(&mut bytes), Some(value));
            prop_assert_eq!(take_signed(&mut bytes), Some(signed));
            prop_assert_eq!(bytes, more.as_slice());
        }

        #[test]
        fn numbers_in_reverse_order_read_back_from_the_end(values: Vec<u64>) {
            let mut out = Vec::new();
            values.iter().for_each(|value| put(&mut out, *value));
            out.reverse();
            let mut bytes = out.as_slice();
            for value in values {
                prop_assert_eq!(take_back(&mut bytes), Some(value));
            }
            prop_assert_eq!(take_back(&mut bytes), None);
        }

        #[test]
        fn a_number_read_from_any_bytes_is_written_as_the_same_bytes(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            if let Some(value) = take(&mut rest) {
                let mut out = Vec::new();
                put(&mut out, value);
                prop_assert_eq!(out.as_slice(), &bytes[..bytes.len() - rest.len()]);
            }
        }
    }

    #[test]
    fn longer_forms_and_truncated_numbers_are_rejected() {
        for bytes in [&[0x80, 0x00][..], &[0x80], &[], &[0xff; 10], &[0xff; 11]] {
            assert_eq!(take(&mut &*bytes), None);
        }
    }
}
