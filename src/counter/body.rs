//! The encoding of a cell. It is canonical: the same counts always have the same bytes.
//!
//! ```text
//! flags                 bit 0: the seen times follow; bit 1: the ahead time follows them;
//!                       bit 2: the offsets follow; bit 3: the shift follows;
//!                       bit 4: it is forked
//! last                  signed, milliseconds since the Unix epoch   (if bit 0)
//! last - first          unsigned                                    (if bit 0)
//! ahead - last          unsigned, above 0                           (if bit 1)
//! lowest offset         signed, seconds ahead of UTC                (if bit 2)
//! highest - lowest      unsigned                                    (if bit 2)
//! shift                 signed, milliseconds, not 0                 (if bit 3)
//! lifetime              unsigned
//! for each unit with counts, by ascending code:
//!   code (plus 8 if the series has a beginning), tracked buckets, beginning (signed, if it has
//!   one), newest bucket (signed), its count, length of the packed pairs, packed pairs (see
//!   `series.rs`)
//! ```
//! All numbers are varints. `docs/format.md` describes the bytes completely.

use super::series::Pairs;
use super::stored_series::StoredSeries;
use super::varint;
use crate::bounds::MAX_OFFSET_SECONDS;
use crate::time::bucket::Numbers;
use crate::time::instant::{EARLIEST, LATEST};
use crate::time::offsets::Offsets;
use crate::time::unit::Unit;

/// The bytes of a cell. They are canonical.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Body(Box<[u8]>);

impl Body {
    /// Checks the bytes of a cell; `None` if they are not canonical.
    pub(crate) fn checked(bytes: Box<[u8]>) -> Option<Body> {
        is_canonical(&bytes).then_some(Body(bytes))
    }

    /// Takes bytes that this library encoded just now, without a check.
    pub(crate) fn written(bytes: Vec<u8>) -> Body {
        debug_assert!(is_canonical(&bytes), "a cell was not encoded in canonical form");
        Body(bytes.into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether two stores counted in the cell, see [`Head::is_forked`].
    pub(crate) fn is_forked(&self) -> bool {
        self.0.first().is_some_and(|flags| u64::from(*flags) & IS_FORKED != 0)
    }

    /// The cell with its times and buckets shifted by so many milliseconds more. Instants stay
    /// within the years 1 to 9999.
    #[inline(never)]
    pub(crate) fn shifted(&self, by: i64) -> Body {
        let head = self.head();
        let mut shift = head.shift.saturating_add(by);
        if let Some(SeenTimes { first, last, ahead }) = head.seen {
            let latest = ahead.unwrap_or(last).max(last);
            shift = shift.clamp(EARLIEST.saturating_sub(first), LATEST.saturating_sub(latest));
        }
        let mut out = Vec::with_capacity(self.0.len() + 10);
        Head { shift, ..head }.put(&mut out);
        out.extend_from_slice(head.series);
        Body::written(out)
    }

    /// The cell without the buckets that lie before the horizon by as many as a series keeps;
    /// `None` if there are none.
    pub(crate) fn aged(&self, horizon: i64) -> Option<Body> {
        let head = self.head();
        let horizon = Numbers::at(horizon.saturating_sub(head.shift), 0);
        let mut out = Vec::new();
        head.put(&mut out);
        let mut is_aged = false;
        for series in head.series() {
            is_aged |= series.put_aged(&horizon, &mut out);
        }
        is_aged.then(|| Body::written(out))
    }

    /// Decodes the fields before the series.
    #[inline(never)]
    pub(crate) fn head(&self) -> Head<'_> {
        Head::take(&self.0).unwrap_or_default()
    }
}

/// When an event happened in one lane, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeenTimes {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// The last time before the clock went back, if `last` has not passed it yet.
    pub(crate) ahead: Option<i64>,
}

impl SeenTimes {
    /// The times so many milliseconds later.
    pub(crate) fn shifted(self, by: i64) -> SeenTimes {
        let shift = |at: i64| at.saturating_add(by);
        SeenTimes { first: shift(self.first), last: shift(self.last), ahead: self.ahead.map(shift) }
    }

    /// The latest recorded time, even if the clock went back since.
    pub(crate) fn latest(&self) -> i64 {
        self.ahead.map_or(self.last, |ahead| ahead.max(self.last))
    }
}

/// The fields of a cell before its series.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Head<'a> {
    pub(crate) seen: Option<SeenTimes>,
    /// The offsets of the local clock under which it counted.
    pub(crate) offsets: Offsets,
    /// By how many milliseconds the clock was behind when it counted: what the cell says happened
    /// at `t` happened at `t + shift`.
    pub(crate) shift: i64,
    pub(crate) lifetime: u64,
    /// Whether it is the join of two versions that two stores counted, so that no store issued its
    /// stamp for these counts. Only a cell that happened has this.
    pub(crate) is_forked: bool,
    series: &'a [u8],
}

const HAS_SEEN: u64 = 1;
const HAS_AHEAD: u64 = 2;
const HAS_OFFSETS: u64 = 4;
const HAS_SHIFT: u64 = 8;
const IS_FORKED: u64 = 16;

impl<'a> Head<'a> {
    /// The fields before the series, without a series.
    pub(crate) fn new(seen: Option<SeenTimes>, offsets: Offsets, shift: i64, lifetime: u64) -> Head<'a> {
        Head { seen, offsets, shift, lifetime, is_forked: false, series: &[] }
    }

    /// The same fields of a cell that is forked, or not.
    pub(crate) fn forked(self, is_forked: bool) -> Head<'a> {
        Head { is_forked, ..self }
    }

    fn take(mut bytes: &'a [u8]) -> Option<Head<'a>> {
        let flags = varint::take(&mut bytes)?;
        let has = |flag: u64| flags & flag != 0;
        if flags > HAS_SEEN | HAS_AHEAD | HAS_OFFSETS | HAS_SHIFT | IS_FORKED || (flags > 0 && !has(HAS_SEEN))
        {
            return None;
        }
        let seen = if has(HAS_SEEN) {
            let last = varint::take_signed(&mut bytes)?;
            let first = last.checked_sub_unsigned(varint::take(&mut bytes)?)?;
            let ahead = match has(HAS_AHEAD) {
                true => Some(last.checked_add_unsigned(varint::take(&mut bytes)?)?),
                false => None,
            };
            Some(SeenTimes { first, last, ahead })
        } else {
            None
        };
        let offsets = if has(HAS_OFFSETS) {
            let lowest = i32::try_from(varint::take_signed(&mut bytes)?).ok()?;
            let highest = lowest.checked_add_unsigned(u32::try_from(varint::take(&mut bytes)?).ok()?)?;
            Some(Offsets { lowest, highest }).filter(|offsets| *offsets != Offsets::default())?
        } else {
            Offsets::default()
        };
        let shift = match has(HAS_SHIFT) {
            true => Some(varint::take_signed(&mut bytes)?).filter(|shift| *shift != 0)?,
            false => 0,
        };
        let lifetime = varint::take(&mut bytes)?;
        Some(Head { seen, offsets, shift, lifetime, is_forked: has(IS_FORKED), series: bytes })
    }

    /// Whether a cell can have these fields. Without seen times it has no series either.
    pub(crate) fn is_valid(&self) -> bool {
        let Some(SeenTimes { first, last, ahead }) = self.seen else { return self.lifetime == 0 };
        let times = EARLIEST..=LATEST;
        let is_time = |at: i64| times.contains(&at) && times.contains(&at.saturating_add(self.shift));
        let offsets = -MAX_OFFSET_SECONDS..=MAX_OFFSET_SECONDS;
        let is_ahead = |ahead: i64| ahead > last && is_time(ahead);
        is_time(first)
            && is_time(last)
            && ahead.is_none_or(is_ahead)
            && offsets.contains(&self.offsets.lowest)
            && offsets.contains(&self.offsets.highest)
    }

    /// Encodes the fields before the series.
    #[inline(never)]
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let Head { seen, offsets, shift, lifetime, is_forked, .. } = *self;
        match seen {
            None => varint::put(out, 0),
            Some(SeenTimes { first, last, ahead }) => {
                let has_offsets = offsets != Offsets::default();
                let flag = |flag, is_set| if is_set { flag } else { 0 };
                let flags = HAS_SEEN
                    | flag(HAS_AHEAD, ahead.is_some())
                    | flag(HAS_OFFSETS, has_offsets)
                    | flag(HAS_SHIFT, shift != 0)
                    | flag(IS_FORKED, is_forked);
                varint::put(out, flags);
                varint::put_signed(out, last);
                varint::put(out, last.abs_diff(first));
                if let Some(ahead) = ahead {
                    varint::put(out, ahead.abs_diff(last));
                }
                if has_offsets {
                    varint::put_signed(out, offsets.lowest.into());
                    varint::put(out, offsets.highest.abs_diff(offsets.lowest).into());
                }
                if shift != 0 {
                    varint::put_signed(out, shift);
                }
            }
        }
        varint::put(out, lifetime);
    }

    /// When the event last happened.
    pub(crate) fn seen_at_last(&self) -> Option<i64> {
        self.seen.map(|seen| seen.latest().saturating_add(self.shift))
    }

    /// The series, by ascending unit code.
    pub(crate) fn series(&self) -> impl Iterator<Item = StoredSeries<'a>> + use<'a> {
        let mut bytes = self.series;
        std::iter::from_fn(move || StoredSeries::take(&mut bytes))
    }

    /// The series of a unit; absent if it has no counts.
    pub(crate) fn find(&self, unit: Unit) -> Option<StoredSeries<'a>> {
        self.series().find(|stored| stored.unit == unit)
    }

    /// The buckets of a unit, newest first.
    pub(crate) fn pairs(&self, unit: Unit) -> Pairs<'a> {
        self.find(unit).map_or_else(Pairs::none, |stored| stored.pairs())
    }
}

fn is_canonical(bytes: &[u8]) -> bool {
    let Some(head) = Head::take(bytes) else { return false };
    let mut rest = head.series;
    if !head.is_valid() || (head.seen.is_none() && !rest.is_empty()) {
        return false;
    }
    let mut last: Option<Unit> = None;
    while !rest.is_empty() {
        let Some(stored) = StoredSeries::take(&mut rest) else { return false };
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
        head.put(&mut out);
        head.series().for_each(|stored| stored.put(&mut out));
        out
    }

    proptest! {
        #[test]
        fn accepted_bytes_are_the_only_encoding_of_their_cell(bytes in prop::collection::vec(0u8..8, 0..40)) {
            if let Some(body) = Body::checked(bytes.clone().into()) {
                prop_assert_eq!(rewritten(&body), bytes);
            }
        }
    }

    #[test]
    fn cells_with_units_out_of_order_or_values_out_of_range_are_rejected() {
        let day = |unit: u8| [unit, 7, 2, 1, 0];
        let good = [&[1, 0, 0, 2][..], &day(3), &day(4)].concat();
        assert!(Body::checked(good.clone().into()).is_some());
        let bad = [
            [&[1, 0, 0, 2][..], &day(4), &day(3)].concat(),
            [&[1, 0, 0, 2][..], &day(3), &day(3)].concat(),
            [&[1, 0, 0, 1][..], &day(7)].concat(),
            [&[0, 0][..], &day(3)].concat(),
            [&good[..], &[0]].concat(),
            good[..good.len() - 1].to_vec(),
            vec![0, 5],
            vec![2, 0],
            vec![3, 2, 0, 0, 0],
            vec![5, 0, 0, 0, 0, 0],
            vec![4, 0, 0, 0],
            vec![16, 0],
            vec![33, 0, 0, 0],
            vec![],
        ];
        for bytes in bad {
            assert_eq!(Body::checked(bytes.clone().into()), None, "{bytes:?}");
        }
    }
}
