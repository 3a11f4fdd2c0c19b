//! A cell as bytes. The form is canonical: the same counts always have the same bytes.
//!
//! ```text
//! flags          1: the seen times follow   2: ahead_seen follows (with 1 only)
//! last_seen      signed, milliseconds since the epoch        last_seen - first_seen    unsigned
//! ahead_seen - last_seen   unsigned, above 0
//! lifetime       unsigned
//! then for each unit that has counts, by ascending code:
//!   code  buckets  newest bucket (signed)  its count  length of what follows  older pairs (`series.rs`)
//! ```
//! All numbers are varints.

use super::series::{self, NUMBERS, Pairs};
use super::varint;
use crate::bounds::{MAX_BUCKETS, MAX_PAIRS};
use crate::time::instant::{EARLIEST, LATEST};
use crate::time::unit::Unit;

/// The bytes of a cell, known to be canonical.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Body(Box<[u8]>);

impl Body {
    /// The bytes of a cell; absent if they are not canonical.
    pub(crate) fn checked(bytes: Box<[u8]>) -> Option<Body> {
        is_canonical(&bytes).then_some(Body(bytes))
    }

    /// Bytes that were just written in canonical form.
    pub(crate) fn written(bytes: Vec<u8>) -> Body {
        debug_assert!(is_canonical(&bytes), "a cell was not written in canonical form");
        Body(bytes.into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn head(&self) -> Head<'_> {
        Head::take(&self.0).unwrap_or_default()
    }
}

/// When an event was seen in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeenTimes {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// The last time before the clock went back below it.
    pub(crate) ahead: Option<i64>,
}

impl SeenTimes {
    /// The latest time that was recorded, also if the clock went back since.
    pub(crate) fn latest(&self) -> i64 {
        self.ahead.map_or(self.last, |ahead| ahead.max(self.last))
    }
}

/// The fields of a cell that stand before its series.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Head<'a> {
    pub(crate) seen: Option<SeenTimes>,
    pub(crate) lifetime: u64,
    series: &'a [u8],
}

impl<'a> Head<'a> {
    fn take(mut bytes: &'a [u8]) -> Option<Head<'a>> {
        let flags = varint::take(&mut bytes)?;
        let seen = match flags {
            0 => None,
            1 | 3 => {
                let last = varint::take_signed(&mut bytes)?;
                let first = last.checked_sub_unsigned(varint::take(&mut bytes)?)?;
                let ahead = match flags {
                    3 => Some(last.checked_add_unsigned(varint::take(&mut bytes)?)?),
                    _ => None,
                };
                Some(SeenTimes { first, last, ahead })
            }
            _ => return None,
        };
        let lifetime = varint::take(&mut bytes)?;
        Some(Head { seen, lifetime, series: bytes })
    }

    pub(crate) fn put(seen: Option<SeenTimes>, lifetime: u64, out: &mut Vec<u8>) {
        match seen {
            None => varint::put(out, 0),
            Some(SeenTimes { first, last, ahead }) => {
                varint::put(out, if ahead.is_some() { 3 } else { 1 });
                varint::put_signed(out, last);
                varint::put(out, last.abs_diff(first));
                if let Some(ahead) = ahead {
                    varint::put(out, ahead.abs_diff(last));
                }
            }
        }
        varint::put(out, lifetime);
    }

    /// The series in the order of their units.
    pub(crate) fn series(&self) -> impl Iterator<Item = Stored<'a>> + use<'a> {
        let mut bytes = self.series;
        std::iter::from_fn(move || Stored::take(&mut bytes))
    }

    pub(crate) fn pairs(&self, unit: Unit) -> Pairs<'a> {
        self.series().find(|stored| stored.unit == unit).map_or_else(Pairs::none, |stored| stored.pairs())
    }
}

/// The stored series of one unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub(crate) unit: Unit,
    /// In how many buckets the lane's store tracked the unit.
    pub(crate) buckets: u32,
    pub(crate) newest: i64,
    pub(crate) count: u64,
    pub(crate) older: &'a [u8],
}

impl<'a> Stored<'a> {
    pub(crate) fn take(bytes: &mut &'a [u8]) -> Option<Stored<'a>> {
        let unit = Unit::from_code(u8::try_from(varint::take(bytes)?).ok()?)?;
        let buckets = u32::try_from(varint::take(bytes)?).ok()?;
        let newest = varint::take_signed(bytes)?;
        let count = varint::take(bytes)?;
        let len = usize::try_from(varint::take(bytes)?).ok()?;
        let (older, rest) = bytes.split_at_checked(len)?;
        *bytes = rest;
        Some(Stored { unit, buckets, newest, count, older })
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        varint::put(out, self.unit.code().into());
        varint::put(out, self.buckets.into());
        varint::put_signed(out, self.newest);
        varint::put(out, self.count);
        // A usize is at most 64 bits.
        varint::put(out, self.older.len().try_into().unwrap_or(u64::MAX));
        out.extend_from_slice(self.older);
    }

    pub(crate) fn pairs(&self) -> Pairs<'a> {
        Pairs::new(self.newest, self.count, self.older)
    }

    fn is_valid(&self) -> bool {
        let buckets = usize::try_from(self.buckets).unwrap_or(usize::MAX);
        (1..=MAX_BUCKETS).contains(&buckets)
            && NUMBERS.contains(&self.newest)
            && self.count > 0
            && series::is_valid(self.newest, self.older, MAX_PAIRS)
    }
}

fn is_canonical(bytes: &[u8]) -> bool {
    let Some(head) = Head::take(bytes) else { return false };
    if let Some(SeenTimes { first, last, ahead }) = head.seen {
        let times = EARLIEST..=LATEST;
        let ordered = ahead.is_none_or(|ahead| ahead > last && times.contains(&ahead));
        if !times.contains(&first) || !times.contains(&last) || !ordered {
            return false;
        }
    } else if head.lifetime > 0 {
        return false;
    }
    let mut rest = head.series;
    let mut last: Option<Unit> = None;
    while !rest.is_empty() {
        let Some(stored) = Stored::take(&mut rest) else { return false };
        if !stored.is_valid() || last.is_some_and(|last| last >= stored.unit) {
            return false;
        }
        last = Some(stored.unit);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rewritten(body: &Body) -> Vec<u8> {
        let head = body.head();
        let mut out = Vec::new();
        Head::put(head.seen, head.lifetime, &mut out);
        head.series().for_each(|stored| stored.put(&mut out));
        out
    }

    proptest! {
        #[test]
        fn bytes_that_are_taken_have_one_form(bytes in prop::collection::vec(0u8..8, 0..40)) {
            if let Some(body) = Body::checked(bytes.clone().into()) {
                prop_assert_eq!(rewritten(&body), bytes);
            }
        }
    }

    #[test]
    fn bodies_out_of_order_out_of_range_or_too_long_are_refused() {
        let day = |unit: u8| [unit, 7, 2, 1, 0];
        let good = [&[0, 0][..], &day(3), &day(4)].concat();
        assert!(Body::checked(good.clone().into()).is_some());
        let bad = [
            [&[0, 0][..], &day(4), &day(3)].concat(),
            [&[0, 0][..], &day(3), &day(3)].concat(),
            [&[0, 0][..], &day(7)].concat(),
            [&good[..], &[0]].concat(),
            good[..good.len() - 1].to_vec(),
            vec![0, 5],
            vec![2, 0],
            vec![3, 2, 0, 0, 0],
            vec![],
        ];
        for bytes in bad {
            assert_eq!(Body::checked(bytes.clone().into()), None, "{bytes:?}");
        }
    }
}
