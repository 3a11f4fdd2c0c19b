//! The conversion of a cell to and from its stored form.

use super::{Cell, ColdFields};
use crate::counter::body::{Body, Head};
use crate::counter::kept::{Horizon, is_full, oldest_kept};
use crate::counter::open_bucket::OpenBucket;
use crate::counter::stored_series::StoredSeries;
use crate::counter::tracking::Tracking;
use crate::time::unit::Unit;

impl Cell {
    /// Encodes the cell.
    #[inline(never)]
    pub(crate) fn seal(&self, tracking: &Tracking) -> Body {
        let mut out = Vec::with_capacity(self.data.len() + 24);
        self.put(tracking, &mut out);
        Body::written(out)
    }

    /// Encodes the cell and appends it to `out`.
    pub(crate) fn put(&self, tracking: &Tracking, out: &mut Vec<u8>) {
        Head::new(self.seen(), self.offsets, 0, self.lifetime).put(out);
        let mut untracked = self.cold.iter().flat_map(|cold| &cold.untracked).peekable();
        for (index, (unit, buckets)) in tracking.units().iter().enumerate() {
            while let Some((_, bytes)) = untracked.next_if(|(other, _)| other < unit) {
                out.extend_from_slice(bytes);
            }
            let open = self.open_bucket(index);
            if open.count > 0 {
                let older = self.data.get(self.section(tracking, index)).unwrap_or_default();
                let stored = StoredSeries {
                    unit: *unit,
                    buckets: *buckets,
                    beginning: self.beginning(*unit),
                    newest: open.number(),
                    count: open.count,
                    older,
                };
                stored.put(out);
            }
        }
        untracked.for_each(|(_, bytes)| out.extend_from_slice(bytes));
    }

    /// Decodes a cell. Also returns whether it is encoded differently from now on, because other
    /// units are tracked than when it was written. `horizon` is the one up to which it may have
    /// aged.
    #[inline(never)]
    pub(crate) fn open(body: &Body, tracking: &Tracking, horizon: Option<&Horizon>) -> (Cell, bool) {
        let head = body.head();
        let mut cell = Cell::new(tracking);
        (cell.lifetime, cell.offsets) = (head.lifetime, head.offsets);
        let mut cold = ColdFields::default();
        if let Some(seen) = head.seen {
            (cell.first, cell.last, cold.ahead) = (seen.first, seen.last, seen.ahead);
        }
        let mut tracked = [None; Unit::ALL.len()];
        for stored in head.series() {
            match tracking.find(stored.unit).and_then(|(index, _)| tracked.get_mut(index)) {
                Some(slot) => *slot = Some(stored),
                None => {
                    let mut bytes = Vec::new();
                    stored.put(&mut bytes);
                    cold.untracked.push((stored.unit, bytes.into()));
                }
            }
        }
        let mut changed = false;
        let mut data = std::mem::take(&mut cell.data).into_vec();
        for (index, ((unit, buckets), stored)) in tracking.units().iter().zip(&tracked).enumerate() {
            data.extend_from_slice(stored.map_or(&[], |stored| stored.older));
            let end = data.len();
            if let Some(bytes) = data.as_chunks_mut().0.get_mut(index) {
                stored
                    .map_or(OpenBucket::new(0, 0, end), |stored| {
                        OpenBucket::new(stored.newest, stored.count, end)
                    })
                    .write(bytes);
            }
            let unknown_before = match stored {
                Some(stored) => dropped_before(stored, *buckets, horizon),
                // The unit may have been untracked when the event was counted.
                None => {
                    head.seen.map(|seen| head.offsets.last_touched(*unit, seen.latest()).saturating_add(1))
                }
            };
            // No calendar or rolling window reaches back beyond what ageing leaves, and one since a
            // marker needs a proof (`Series::proves_all_from`).
            let aged = horizon.map(|horizon| oldest_kept(horizon.now.get(*unit), *buckets));
            let unknown_before = unknown_before.filter(|beginning| Some(*beginning) > aged);
            let beginning = stored.and_then(|stored| stored.beginning).max(unknown_before);
            cold.beginnings.extend(beginning.map(|beginning| (*unit, beginning)));
            changed |=
                stored.is_some_and(|stored| stored.buckets != *buckets || stored.beginning != beginning);
        }
        cell.data = data.into();
        cell.cold = (cold != ColdFields::default()).then(|| Box::new(cold));
        (cell, changed)
    }
}

/// The first bucket from which a series has all counts, although fewer buckets were tracked when it
/// was written than now; `None` if nothing was dropped because of that.
fn dropped_before(stored: &StoredSeries<'_>, buckets: u32, horizon: Option<&Horizon>) -> Option<i64> {
    if stored.buckets >= buckets {
        return None;
    }
    let pairs = stored.pairs();
    let is_full = is_full(&pairs, stored.buckets);
    let oldest = pairs.last().map(|(number, _)| number).filter(|_| is_full);
    oldest.max(horizon.map(|horizon| oldest_kept(horizon.latest.get(stored.unit), stored.buckets)))
}
