//! Raising a packed count in place.

use crate::counter::varint;

/// Adds `extra` to the count of a packed bucket in place. Returns false if that is not possible:
/// there is no such bucket, or its count is 1 or takes another number of bytes then.
pub(in crate::counter) fn raise(older: &mut [u8], newest: i64, number: i64, extra: u64) -> bool {
    let Some(place) = place_of_count(older, newest, number) else { return false };
    let Some(byte) = older.get_mut(place) else { return false };
    // It has the seven lowest bits of the count.
    match u8::try_from(u64::from(*byte & 0x7f).saturating_add(extra)) {
        Ok(low) if low < 0x80 => {
            *byte = (*byte & 0x80) | low;
            true
        }
        _ => false,
    }
}

/// Where the lowest bits of the count of a packed bucket stand, if the count is above one.
fn place_of_count(older: &[u8], newest: i64, number: i64) -> Option<usize> {
    let (mut rest, mut at, mut place) = (older, newest, older.len().checked_sub(1)?);
    loop {
        let head = varint::take(&mut rest)?;
        at = at.saturating_sub_unsigned(head >> 1);
        let has_count = head & 1 == 1;
        if at <= number {
            return (at == number && has_count).then_some(place);
        }
        if has_count {
            let before = rest.len();
            varint::take_back(&mut rest)?;
            place = place.checked_sub(before - rest.len())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{added, pack};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_count_that_is_raised_in_place_is_the_count_that_is_added(
            records in prop::collection::vec((0i64..60, 1u64..300), 2..60),
            (number, extra) in (0i64..60, 0u64..200),
        ) {
            let mut pairs = Vec::new();
            for (number, count) in records {
                pairs = added(pairs.into_iter(), number, count);
            }
            let (newest, count, mut older) = pack(pairs.clone());
            let before = older.clone();
            if raise(&mut older, newest, number, extra) {
                prop_assert!(number < newest && pairs.iter().any(|(known, _)| *known == number));
                prop_assert_eq!((newest, count, older), pack(added(pairs.into_iter(), number, extra)));
            } else {
                prop_assert_eq!(older, before);
            }
        }
    }

    #[test]
    fn a_count_above_one_is_raised_in_place_unless_it_needs_another_byte() {
        let (newest, _, older) = pack([(9, 4), (7, 5), (6, 1), (2, 128)]);
        for (number, extra, is_raised) in
            [(7, 3, true), (2, 1, true), (2, 2, false), (9, 1, false), (6, 1, false), (4, 1, false)]
        {
            assert_eq!(raise(&mut older.clone(), newest, number, extra), is_raised, "{number} {extra}");
        }
    }
}
