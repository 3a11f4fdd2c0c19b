//! The short form of the counts of a cell in an export, see docs/format.md: made from their stored
//! form, as a reader of another language would.

use chrono::{DateTime, Datelike};

use super::message::Stamp;

/// The units that have a series, each with its buckets.
pub type Units = Vec<(u64, u64)>;

/// The counts of a cell as bits; the bytes themselves if they are no counts. `units` are those of
/// the cell before.
pub fn packed(body: &[u8], birth: Stamp, stamp: Stamp, units: &mut Units) -> Vec<u8> {
    let mut bits = Bits::default();
    match cell(body, birth, stamp, units, &mut bits) {
        Some(()) => bits.bytes(),
        None => body.to_vec(),
    }
}

#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn flag(&mut self, flag: bool) {
        self.0.push(flag);
    }

    /// The low bits of a number, lowest first.
    fn low(&mut self, n: u64, count: u32) {
        (0..count).for_each(|at| self.0.push(n >> at & 1 == 1));
    }

    fn number(&mut self, n: u64) {
        let length = u64::BITS - n.leading_zeros();
        let below = (length + 1).ilog2();
        (0..below).for_each(|_| self.flag(false));
        self.flag(true);
        self.low(u64::from(length + 1), below);
        self.low(n, length.saturating_sub(1));
    }

    fn signed(&mut self, n: i64) {
        self.number(zigzag(n));
    }

    fn small(&mut self, n: u64) {
        match n.checked_sub((1 << 28) - 1) {
            None => {
                let below = (n + 1).ilog2();
                self.low(1 << below, below + 1);
                self.low(n + 1, below);
            }
            Some(beyond) => {
                self.low(0, 28);
                self.number(beyond);
            }
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn signed(bytes: &mut &[u8]) -> Option<i64> {
    varint(bytes).map(|n| (n >> 1) as i64 ^ -((n & 1) as i64))
}

fn cell(mut body: &[u8], birth: Stamp, stamp: Stamp, units: &mut Units, bits: &mut Bits) -> Option<()> {
    let from = &mut body;
    let flags = varint(from).filter(|flags| *flags < 32)?;
    bits.flag(flags & 1 == 1);
    let (mut latest, mut highest) = (0, 0);
    if flags & 1 == 1 {
        let last = signed(from)?;
        let first = last.checked_sub_unsigned(varint(from)?)?;
        bits.signed(last.checked_sub_unsigned(stamp.0)?);
        bits.signed(first.checked_sub_unsigned(birth.0)?);
        let is_special = flags & (2 | 16) != 0;
        bits.flag(is_special);
        latest = last;
        if is_special {
            let ahead = if flags & 2 == 2 { varint(from)? } else { 0 };
            bits.flag(flags & 16 == 16);
            bits.number(ahead);
            latest = last.checked_add_unsigned(ahead)?;
        }
        let (lowest, width) = if flags & 4 == 4 { (signed(from)?, varint(from)?) } else { (0, 0) };
        bits.signed(lowest);
        bits.number(width);
        highest = lowest.checked_add_unsigned(width)?;
        bits.signed(if flags & 8 == 8 { signed(from)? } else { 0 });
    }
    bits.number(varint(from)?);
    let mut all = Vec::new();
    while !from.is_empty() {
        all.push(series(from)?);
    }
    let ours: Units = all.iter().map(|series| (series.unit, series.buckets)).collect();
    bits.flag(ours == *units);
    if ours != *units {
        bits.number(ours.len() as u64);
        let mut next = 0;
        for (unit, buckets) in &ours {
            bits.number(unit.checked_sub(next)?);
            next = unit + 1;
            bits.number(*buckets);
        }
    }
    for Series { unit, beginning, pairs, .. } in all {
        let (newest, count) = *pairs.first()?;
        bits.signed(number_of(unit, latest, highest)? - newest);
        bits.flag(beginning.is_some());
        beginning.into_iter().for_each(|beginning| bits.signed(newest - beginning));
        bits.number(pairs.len() as u64 - 1);
        bits.number(count.checked_sub(1)?);
        for pair in pairs.windows(2) {
            let [(newer, before), (number, count)] = *pair else { return None };
            let gap = u64::try_from(newer - number - 1).ok()?;
            let expected = before.min(127) as i64 - 1;
            let count = count as i64 - 1;
            let difference = match (0..=2 * expected).contains(&count) {
                true => zigzag(count - expected),
                false => count as u64,
            };
            bits.small(2 * gap + u64::from(difference > 0));
            if difference > 0 {
                bits.small(difference - 1);
            }
        }
    }
    *units = ours;
    Some(())
}

struct Series {
    unit: u64,
    buckets: u64,
    beginning: Option<i64>,
    pairs: Vec<(i64, u64)>,
}

fn series(from: &mut &[u8]) -> Option<Series> {
    let code = varint(from)?;
    let buckets = varint(from)?;
    let beginning = if code & 8 == 8 { Some(signed(from)?) } else { None };
    let mut pairs = vec![(signed(from)?, varint(from)?)];
    let length = varint(from)?.try_into().ok()?;
    let (mut heads, rest) = from.split_at_checked(length)?;
    *from = rest;
    while !heads.is_empty() {
        let head = varint(&mut heads)?;
        let mut count = 1;
        if head & 1 == 1 {
            // The bytes of a count stand in reverse order at the back.
            let length = heads.iter().rev().position(|byte| byte & 0x80 == 0)? + 1;
            let (left, back) = heads.split_at(heads.len() - length);
            let reversed: Vec<u8> = back.iter().rev().copied().collect();
            count = varint(&mut &reversed[..])?.checked_add(2)?;
            heads = left;
        }
        let number = pairs.last()?.0.checked_sub_unsigned(head >> 1)?;
        pairs.push((number, count));
    }
    Some(Series { unit: code & 7, buckets, beginning, pairs })
}

/// The bucket of an instant.
fn number_of(unit: u64, millis: i64, offset: i64) -> Option<i64> {
    let local = millis.checked_add(offset.checked_mul(1_000)?)?;
    let day = local.div_euclid(86_400_000);
    let date = DateTime::from_timestamp_millis(local)?;
    Some(match unit {
        0 => millis.div_euclid(1_000),
        1 => millis.div_euclid(60_000),
        2 => millis.div_euclid(3_600_000),
        3 => day,
        4 => (day + 3).div_euclid(7),
        5 => i64::from(date.year()) * 12 + i64::from(date.month0()),
        6 => date.year().into(),
        _ => return None,
    })
}
