//! The counts of a cell in an export: the same fields as in the stored form (`counter/body.rs`),
//! as bits, and each as its difference to what it usually is.

use arrayvec::ArrayVec;

use super::bits::{BitReader, BitWriter};
use super::{Decoded, Malformed};
use crate::bounds::MAX_PAIRS;
use crate::counter::body::{Body, Head, SeenTimes};
use crate::counter::lane::LaneCell;
use crate::counter::series::{NUMBERS, Packer};
use crate::counter::stamp::Stamp;
use crate::counter::stored_series::StoredSeries;
use crate::counter::varint::{from_zigzag, to_zigzag};
use crate::time::bucket::Numbers;
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

    /// The newest bucket of each unit.
    fn newest(head: &Head<'_>) -> Numbers {
        head.offsets.all_last_touched(head.seen.map_or(0, |seen| seen.latest()))
    }
}

/// The units of a cell that have a series, each with the number of tracked buckets. Most cells of a
/// message have the same ones, so they are compared with those of the cell before.
pub(super) type Units = ArrayVec<(Unit, u32), { Unit::ALL.len() }>;

/// What the cells of a message that are decoded one after the other share.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Those of the cell before.
    units: Units,
    body: Vec<u8>,
    packer: Packer,
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

/// Encodes the counts of a cell and appends them to `out`. `units` are those of the cell before.
pub(super) fn put_body(cell: &LaneCell, units: &mut Units, out: &mut Vec<u8>) {
    let (head, usual) = (cell.body.head(), Usual::of(cell.birth, cell.stamp));
    let series: ArrayVec<_, { Unit::ALL.len() }> = head.series().take(Unit::ALL.len()).collect();
    let mut bits = BitWriter::new(out);
    put_times(&head, &usual, &mut bits);
    bits.put(head.lifetime);
    put_units(series.iter().map(|series| (series.unit, series.buckets)).collect(), units, &mut bits);
    let expected = Usual::newest(&head);
    series.iter().for_each(|series| put_series(expected.get(series.unit), series, &mut bits));
    bits.finish();
}

fn put_units(units: Units, before: &mut Units, bits: &mut BitWriter<'_>) {
    let is_same = units == *before;
    bits.put_flag(is_same);
    if is_same {
        return;
    }
    bits.put(super::count(units.len()));
    let mut next = 0;
    for (unit, buckets) in &units {
        let code = u64::from(unit.code());
        bits.put(code.saturating_sub(next));
        bits.put((*buckets).into());
        next = code.saturating_add(1);
    }
    *before = units;
}

fn put_times(head: &Head<'_>, usual: &Usual, bits: &mut BitWriter<'_>) {
    bits.put_flag(head.seen.is_some());
    let Some(SeenTimes { first, last, ahead }) = head.seen else { return };
    bits.put_signed(last.saturating_sub(usual.last));
    bits.put_signed(first.saturating_sub(usual.first));
    // Both are rare.
    let is_special = ahead.is_some() || head.is_forked;
    bits.put_flag(is_special);
    if is_special {
        bits.put_flag(head.is_forked);
        bits.put(ahead.map_or(0, |ahead| ahead.abs_diff(last)));
    }
    let Offsets { lowest, highest } = head.offsets;
    bits.put_signed(lowest.into());
    bits.put(highest.abs_diff(lowest).into());
    bits.put_signed(head.shift);
}

fn put_series(expected_newest: i64, series: &StoredSeries<'_>, bits: &mut BitWriter<'_>) {
    bits.put_signed(expected_newest.saturating_sub(series.newest));
    bits.put_flag(series.beginning.is_some());
    if let Some(beginning) = series.beginning {
        bits.put_signed(series.newest.saturating_sub(beginning));
    }
    let mut pairs = series.pairs();
    bits.put(pairs.len().saturating_sub(1));
    let Some((mut number, mut before)) = pairs.next() else { return };
    bits.put(before.saturating_sub(1));
    loop {
        // Expected counts in successive buckets are zeros.
        while before <= MAX_EXPECTED_COUNT && pairs.take_eight(before) {
            bits.put_zeros(8);
            number = number.saturating_sub(8);
        }
        let Some((older, count)) = pairs.next() else { return };
        let difference = to_difference(count.saturating_sub(1), expected(before));
        bits.put_small(number.abs_diff(older).saturating_sub(1) << 1 | u64::from(difference > 0));
        if let Some(difference) = difference.checked_sub(1) {
            bits.put_small(difference);
        }
        (number, before) = (older, count);
    }
}

/// At most how many bytes the counts of a cell take in an export.
pub(crate) fn packed_len(cell: &LaneCell) -> usize {
    let mut out = Vec::new();
    put_body(cell, &mut Units::new(), &mut out);
    out.len()
}

/// Decodes the counts of a cell with this birth and this stamp from the front of `bytes`, and
/// removes them there.
pub(super) fn take_body(
    birth: Stamp,
    stamp: Stamp,
    bytes: &mut &[u8],
    decoder: &mut Decoder,
) -> Decoded<Body> {
    let rest = take_packed(&Usual::of(birth, stamp), BitReader::new(bytes), decoder);
    *bytes = rest.ok_or(Malformed("the counts of an event are damaged (a cell is not in canonical form)"))?;
    Ok(Body::written(decoder.body.clone()))
}

/// Decodes the counts of a cell into a buffer. Each field is checked as it is read, so the result
/// is canonical.
fn take_packed<'a>(usual: &Usual, mut bits: BitReader<'a>, decoder: &mut Decoder) -> Option<&'a [u8]> {
    let Decoder { units, body, packer } = decoder;
    body.clear();
    let head = take_head(usual, &mut bits).filter(Head::is_valid)?;
    head.put(body);
    take_units(&mut bits, units)?;
    if head.seen.is_none() && !units.is_empty() {
        return None;
    }
    let expected = Usual::newest(&head);
    for (unit, buckets) in units {
        take_series((*unit, *buckets), expected.get(*unit), &mut bits, packer, body)?;
    }
    bits.finish()
}

/// Takes the units of a cell. `units` are those of the cell before.
fn take_units(bits: &mut BitReader<'_>, units: &mut Units) -> Option<()> {
    if bits.take_flag()? {
        return Some(());
    }
    let before = std::mem::take(units);
    let mut next = 0;
    for _ in 0..bits.take()? {
        let code = bits.take()?.checked_add(next)?;
        let unit = Unit::from_code(u8::try_from(code).ok()?)?;
        units.try_push((unit, u32::try_from(bits.take()?).ok()?)).ok()?;
        next = code.saturating_add(1);
    }
    (before != *units).then_some(())
}

fn take_head(usual: &Usual, bits: &mut BitReader<'_>) -> Option<Head<'static>> {
    if !bits.take_flag()? {
        return Some(Head::new(None, Offsets::default(), 0, bits.take()?));
    }
    let last = bits.take_signed()?.checked_add(usual.last)?;
    let first = bits.take_signed()?.checked_add(usual.first).filter(|first| *first <= last)?;
    let is_special = bits.take_flag()?;
    let (is_forked, ahead) = if is_special { (bits.take_flag()?, bits.take()?) } else { (false, 0) };
    if is_special && !is_forked && ahead == 0 {
        return None;
    }
    let ahead = if ahead > 0 { Some(last.checked_add_unsigned(ahead)?) } else { None };
    let lowest = i32::try_from(bits.take_signed()?).ok()?;
    let highest = lowest.checked_add_unsigned(u32::try_from(bits.take()?).ok()?)?;
    let shift = bits.take_signed()?;
    let seen = Some(SeenTimes { first, last, ahead });
    Some(Head::new(seen, Offsets { lowest, highest }, shift, bits.take()?).forked(is_forked))
}

fn take_series(
    (unit, buckets): (Unit, u32),
    expected_newest: i64,
    bits: &mut BitReader<'_>,
    packer: &mut Packer,
    out: &mut Vec<u8>,
) -> Option<()> {
    let newest = expected_newest.checked_sub(bits.take_signed()?)?;
    let beginning = match bits.take_flag()? {
        true => Some(newest.checked_sub(bits.take_signed()?)?),
        false => None,
    };
    let mut left = u32::try_from(bits.take()?).ok()?;
    if usize::try_from(left).ok()? > MAX_PAIRS {
        return None;
    }
    let count = bits.take()?.checked_add(1)?;
    let series = StoredSeries { unit, buckets, beginning, newest, count, older: &[] };
    if !series.has_valid_fields() {
        return None;
    }
    packer.begin();
    let (mut number, mut before) = (newest, count);
    while left > 0 {
        // Expected counts in successive buckets are zeros.
        let run = if before <= MAX_EXPECTED_COUNT { bits.take_zeros(left)? } else { 0 };
        if run > 0 {
            packer.push_run(usize::try_from(run).ok()?, before);
            number -= i64::from(run);
            left -= run;
        } else {
            let code = bits.take_small()?;
            let gap = (code >> 1) + 1;
            number = number.checked_sub_unsigned(gap).filter(|number| *number >= NUMBERS.start)?;
            let difference = if code & 1 == 0 { 0 } else { bits.take_small()?.checked_add(1)? };
            before = from_difference(difference, expected(before)).checked_add(1)?;
            packer.push(gap, before);
            left -= 1;
        }
    }
    StoredSeries { older: packer.end(), ..series }.put(out);
    // The numbers descend, so all are in range if the last one is.
    (number >= NUMBERS.start).then_some(())
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
        fn accepted_bytes_are_the_only_form_of_their_cells(
            cells in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), 1..1_000u64, 0..1_000u64), 1..4),
        ) {
            let (mut decoder, mut units) = (Decoder::default(), Units::new());
            for (bytes, birth, later) in cells {
                let (birth, stamp) = (Stamp::new(birth, 1), Stamp::new(birth + later, 1));
                let mut rest = &bytes[..];
                let Ok(body) = take_body(birth, stamp, &mut rest, &mut decoder) else { break };
                let cell = LaneCell { lane: LaneId([1; 16]), birth, stamp, replaced: Replaced::default(), body };
                let mut again = Vec::new();
                put_body(&cell, &mut units, &mut again);
                prop_assert_eq!(&again[..], &bytes[..bytes.len() - rest.len()]);
            }
        }
    }
}
