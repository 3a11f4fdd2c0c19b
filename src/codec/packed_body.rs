//! The counts of a cell in an export: the same fields as in the stored form (`counter/body.rs`),
//! as bits, and each as its difference to what it usually is.

use super::bits::{BitReader, BitWriter};
use super::{Decoded, Malformed};
use crate::bounds::MAX_PAIRS;
use crate::counter::body::{Body, Head, SeenTimes};
use crate::counter::lane::LaneCell;
use crate::counter::series::{self, NUMBERS};
use crate::counter::stamp::Stamp;
use crate::counter::stored_series::StoredSeries;
use crate::counter::varint::{from_zigzag, to_zigzag};
use crate::time::offsets::Offsets;
use crate::time::unit::Unit;

/// A count is written as its difference to the count before it, as far as that is at most this. So
/// a large count never takes a few bits, and a short export does not become a large store.
const MAX_EXPECTED_COUNT: u64 = 127;

/// Most cells were begun at their first recording, and changed last at their last one.
struct Usual {
    first: i64,
    last: i64,
}

impl Usual {
    fn of(birth: Stamp, stamp: Stamp) -> Usual {
        let millis = |stamp: Stamp| i64::try_from(stamp.number).unwrap_or(i64::MAX);
        Usual { first: millis(birth), last: millis(stamp) }
    }

    /// The newest bucket of a unit.
    fn newest(head: &Head<'_>, unit: Unit) -> i64 {
        head.offsets.last_touched(unit, head.seen.map_or(0, |seen| seen.latest()))
    }
}

/// The number that stands for `value` if `expected` is expected: small if they are close to each
/// other. Each value has another number.
fn to_difference(value: u64, expected: u64) -> u64 {
    match i64::try_from(value).ok().filter(|_| value <= 2 * expected) {
        Some(value) => to_zigzag(value.saturating_sub_unsigned(expected)),
        None => value,
    }
}

fn from_difference(number: u64, expected: u64) -> u64 {
    match number <= 2 * expected {
        true => expected.saturating_add_signed(from_zigzag(number)),
        false => number,
    }
}

/// What to expect of a count after another one. Both are above zero, so one less is written.
fn expected(before: u64) -> u64 {
    before.min(MAX_EXPECTED_COUNT).saturating_sub(1)
}

/// Encodes the counts of a cell and appends them to `out`.
pub(super) fn put_body(cell: &LaneCell, out: &mut Vec<u8>) {
    let (head, usual) = (cell.body.head(), Usual::of(cell.birth, cell.stamp));
    let mut bits = BitWriter::new(out);
    put_times(&head, &usual, &mut bits);
    bits.put(head.lifetime);
    bits.put(super::count(head.series().count()));
    let mut next = 0;
    for series in head.series() {
        let code = series.unit.code();
        bits.put(u64::from(code).saturating_sub(next));
        next = u64::from(code).saturating_add(1);
        put_series(&head, &series, &mut bits);
    }
    bits.finish();
}

fn put_times(head: &Head<'_>, usual: &Usual, bits: &mut BitWriter<'_>) {
    bits.put_flag(head.seen.is_some());
    let Some(SeenTimes { first, last, ahead }) = head.seen else { return };
    bits.put_signed(last.saturating_sub(usual.last));
    bits.put_signed(first.saturating_sub(usual.first));
    bits.put_flag(ahead.is_some());
    if let Some(ahead) = ahead {
        bits.put(ahead.abs_diff(last));
    }
    let Offsets { lowest, highest } = head.offsets;
    bits.put_signed(lowest.into());
    bits.put(highest.abs_diff(lowest).into());
    bits.put_signed(head.shift);
}

fn put_series(head: &Head<'_>, series: &StoredSeries<'_>, bits: &mut BitWriter<'_>) {
    let newest = Usual::newest(head, series.unit);
    bits.put(series.buckets.into());
    bits.put_signed(newest.saturating_sub(series.newest));
    bits.put_flag(series.beginning.is_some());
    if let Some(beginning) = series.beginning {
        bits.put_signed(series.newest.saturating_sub(beginning));
    }
    let mut pairs = series.pairs();
    bits.put(super::count(pairs.count().saturating_sub(1)));
    let Some((mut number, mut before)) = pairs.next() else { return };
    bits.put(before.saturating_sub(1));
    for (older, count) in pairs {
        bits.put(number.abs_diff(older).saturating_sub(1));
        bits.put(to_difference(count.saturating_sub(1), expected(before)));
        (number, before) = (older, count);
    }
}

/// The bytes that the counts of a cell take in an export.
pub(crate) fn packed_len(cell: &LaneCell) -> usize {
    let mut out = Vec::new();
    put_body(cell, &mut out);
    out.len()
}

/// Decodes the counts of a cell with this birth and this stamp from the front of `bytes`, and
/// removes them there.
pub(super) fn take_body(birth: Stamp, stamp: Stamp, bytes: &mut &[u8]) -> Decoded<Body> {
    let body = take_packed(&Usual::of(birth, stamp), BitReader::new(bytes));
    body.ok_or(Malformed("the counts of an event are damaged (a cell is not in canonical form)"))
}

fn take_packed(usual: &Usual, mut bits: BitReader<'_, '_>) -> Option<Body> {
    let head = take_head(usual, &mut bits)?;
    let (mut out, mut next) = (Vec::new(), 0);
    head.put(&mut out);
    for _ in 0..bits.take()? {
        let code = bits.take()?.checked_add(next)?;
        let unit = Unit::from_code(u8::try_from(code).ok()?)?;
        next = code.saturating_add(1);
        take_series(&head, unit, &mut bits, &mut out)?;
    }
    bits.finish()?;
    Body::checked(out.into())
}

fn take_head(usual: &Usual, bits: &mut BitReader<'_, '_>) -> Option<Head<'static>> {
    if !bits.take_flag()? {
        return Some(Head::new(None, Offsets::default(), 0, bits.take()?));
    }
    let last = bits.take_signed()?.checked_add(usual.last)?;
    let first = bits.take_signed()?.checked_add(usual.first).filter(|first| *first <= last)?;
    let ahead = match bits.take_flag()? {
        true => Some(last.checked_add_unsigned(bits.take()?)?),
        false => None,
    };
    let lowest = i32::try_from(bits.take_signed()?).ok()?;
    let highest = lowest.checked_add_unsigned(u32::try_from(bits.take()?).ok()?)?;
    let shift = bits.take_signed()?;
    let seen = Some(SeenTimes { first, last, ahead });
    Some(Head::new(seen, Offsets { lowest, highest }, shift, bits.take()?))
}

fn take_series(head: &Head<'_>, unit: Unit, bits: &mut BitReader<'_, '_>, out: &mut Vec<u8>) -> Option<()> {
    let buckets = u32::try_from(bits.take()?).ok()?;
    let newest = Usual::newest(head, unit).checked_sub(bits.take_signed()?)?;
    let beginning = match bits.take_flag()? {
        true => Some(newest.checked_sub(bits.take_signed()?)?),
        false => None,
    };
    let older = usize::try_from(bits.take()?).ok().filter(|older| *older <= MAX_PAIRS)?;
    let (mut number, mut before) = (newest, bits.take()?.checked_add(1)?);
    let mut pairs = vec![(number, before)];
    for _ in 0..older {
        number = number.checked_sub_unsigned(bits.take()?)?.checked_sub(1)?;
        before = from_difference(bits.take()?, expected(before)).checked_add(1)?;
        pairs.push((number, before));
    }
    // The numbers descend, so all are in range if the first and the last one are.
    if !NUMBERS.contains(&newest) || !NUMBERS.contains(&number) {
        return None;
    }
    let (newest, count, older) = series::pack(pairs);
    StoredSeries { unit, buckets, beginning, newest, count, older: &older }.put(out);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter::lane::{LaneId, Replaced};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_value_has_another_number(expected in 0..200u64, value in prop_oneof![0..1_000u64, any::<u64>()]) {
            prop_assert_eq!(from_difference(to_difference(value, expected), expected), value);
            prop_assert_eq!(to_difference(from_difference(value, expected), expected), value);
        }

        #[test]
        fn accepted_bytes_are_the_only_form_of_a_cell(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            numbers in (1..1_000u64, 0..1_000u64),
        ) {
            let (birth, stamp) = (Stamp::new(numbers.0, 1), Stamp::new(numbers.0 + numbers.1, 1));
            let mut rest = &bytes[..];
            if let Ok(body) = take_body(birth, stamp, &mut rest) {
                let cell = LaneCell { lane: LaneId([1; 16]), birth, stamp, replaced: Replaced::default(), body };
                let mut again = Vec::new();
                put_body(&cell, &mut again);
                prop_assert_eq!(&again[..], &bytes[..bytes.len() - rest.len()]);
            }
        }
    }
}
