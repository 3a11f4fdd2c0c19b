//! The stored series of one unit in a cell.

use super::kept::oldest_kept;
use super::series::{self, NUMBERS, Pairs};
use super::varint;
use crate::bounds::{MAX_BUCKETS, MAX_PAIRS};
use crate::time::bucket::Numbers;
use crate::time::unit::Unit;

/// The bit of a unit's code that says that the series has a beginning.
const HAS_BEGINNING: u8 = 8;

/// The stored series of one unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredSeries<'a> {
    pub(crate) unit: Unit,
    /// How many buckets of the unit the lane's store tracks.
    pub(crate) buckets: u32,
    /// The first bucket from which the series has all counts; `None` if it has them from the first
    /// recording on.
    pub(crate) beginning: Option<i64>,
    /// The number of the newest bucket.
    pub(crate) newest: i64,
    /// The count of the newest bucket.
    pub(crate) count: u64,
    /// The packed older buckets.
    pub(crate) older: &'a [u8],
}

impl<'a> StoredSeries<'a> {
    pub(crate) fn take(bytes: &mut &'a [u8]) -> Option<StoredSeries<'a>> {
        let code = u8::try_from(varint::take(bytes)?).ok()?;
        let unit = Unit::from_code(code & !HAS_BEGINNING)?;
        let buckets = u32::try_from(varint::take(bytes)?).ok()?;
        let beginning = match code & HAS_BEGINNING {
            0 => None,
            _ => Some(varint::take_signed(bytes)?),
        };
        let newest = varint::take_signed(bytes)?;
        let count = varint::take(bytes)?;
        let len = usize::try_from(varint::take(bytes)?).ok()?;
        let (older, rest) = bytes.split_at_checked(len)?;
        *bytes = rest;
        Some(StoredSeries { unit, buckets, beginning, newest, count, older })
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let flag = if self.beginning.is_some() { HAS_BEGINNING } else { 0 };
        varint::put(out, (self.unit.code() | flag).into());
        varint::put(out, self.buckets.into());
        if let Some(beginning) = self.beginning {
            varint::put_signed(out, beginning);
        }
        varint::put_signed(out, self.newest);
        varint::put(out, self.count);
        varint::put(out, self.older.len().try_into().unwrap_or(u64::MAX));
        out.extend_from_slice(self.older);
    }

    /// Writes the series without the buckets that lie before the horizon by as many as a series
    /// keeps, and without a beginning that lies before these. Returns whether there were any. Only
    /// a window since a marker can reach back to them; its bounds can become wider.
    pub(super) fn put_aged(&self, horizon: &Numbers, out: &mut Vec<u8>) -> bool {
        let oldest = oldest_kept(horizon.get(self.unit), self.buckets);
        let is_old = self.pairs().any(|(number, _)| number < oldest);
        let beginning = self.beginning.filter(|beginning| *beginning > oldest);
        if !is_old {
            StoredSeries { beginning, ..*self }.put(out);
            return beginning != self.beginning;
        }
        let (newest, count, older) = series::pack(self.pairs().filter(|(number, _)| *number >= oldest));
        if count > 0 {
            StoredSeries { beginning, newest, count, older: &older, ..*self }.put(out);
        }
        true
    }

    pub(crate) fn pairs(&self) -> Pairs<'a> {
        Pairs::new(self.newest, self.count, self.older)
    }

    pub(super) fn is_valid(&self) -> bool {
        self.has_valid_fields() && series::is_valid(self.newest, self.older, MAX_PAIRS)
    }

    /// Whether all but the packed pairs are valid.
    pub(crate) fn has_valid_fields(&self) -> bool {
        let buckets = usize::try_from(self.buckets).unwrap_or(usize::MAX);
        (1..=MAX_BUCKETS).contains(&buckets)
            && NUMBERS.contains(&self.newest)
            && self.beginning.is_none_or(|beginning| NUMBERS.contains(&beginning))
            && self.count > 0
    }
}
