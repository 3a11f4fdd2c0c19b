//! The buckets that a question or a rule looks at.

use std::ops::Range;

use chrono::Duration;

use crate::counter::tracking::Tracking;
use crate::counter::view::View;
use crate::engine::Snapshot;
use crate::error::{Error, Result};
use crate::time::bucket::Numbers;
use crate::time::instant::clamp;
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

/// The buckets that a question is about.
#[derive(Debug, Clone)]
pub enum QueryRange {
    /// Buckets of a unit, counted back from the current one, which is 0. `TimeUnit::Ever` is the
    /// longest tracked unit. A range reaches no further back than its unit is tracked.
    Units(TimeUnit, Range<usize>),
    /// Every bucket that the last `Duration` touches, of the finest tracked unit that spans it.
    Rolling(Duration),
}

/// Buckets of a tracked unit, counted back from the current one. A `QueryRange` resolves to it.
#[derive(Debug, Clone)]
pub(crate) struct BucketRange {
    pub(crate) unit: Unit,
    pub(crate) back: Range<i64>,
}

impl BucketRange {
    /// The newest `max` buckets.
    #[inline]
    pub(crate) fn take(mut self, max: usize) -> BucketRange {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        self.back.end = self.back.end.min(self.back.start.saturating_add(max));
        self
    }

    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.back.end - self.back.start).unwrap_or(0)
    }
}

impl QueryRange {
    /// The newest `n` buckets of a unit.
    #[inline]
    pub(crate) fn last(n: usize, unit: TimeUnit) -> QueryRange {
        QueryRange::Units(unit, 0..n)
    }

    /// The buckets; absent if the unit is not tracked, or if no tracked unit spans the duration.
    #[inline]
    pub(crate) fn resolve(&self, tracking: &Tracking, view: &View, zone: &Zone) -> Option<BucketRange> {
        match self {
            QueryRange::Units(unit, range) => {
                let (unit, tracked) = tracking.counted_by(*unit)?;
                let clip = |n: usize| i64::try_from(n).unwrap_or(i64::MAX).min(tracked.into());
                let start = clip(range.start);
                Some(BucketRange { unit, back: start..clip(range.end).max(start) })
            }
            QueryRange::Rolling(window) => rolling(window.num_milliseconds(), tracking, view, zone),
        }
    }

    /// `resolve` for what a snapshot tracks.
    #[inline]
    pub(crate) fn resolve_in(&self, snapshot: Snapshot<'_>) -> Option<BucketRange> {
        self.resolve(snapshot.tracking(), snapshot.view, snapshot.zone())
    }
}

/// The buckets that the last `millis` milliseconds touch, of the finest unit that spans them.
#[inline(never)]
pub(crate) fn rolling(millis: i64, tracking: &Tracking, view: &View, zone: &Zone) -> Option<BucketRange> {
    let millis = millis.max(0);
    let spans =
        |(unit, buckets): &&(Unit, u32)| unit.least_span().saturating_mul((*buckets).into()) >= millis;
    let (unit, _) = tracking.units().iter().find(spans)?;
    if millis == 0 {
        return Some(BucketRange { unit: *unit, back: 0..0 });
    }
    let oldest = clamp(view.now.saturating_sub(millis).saturating_add(1));
    let number = Numbers::at(oldest, zone.segment(oldest).offset).get(*unit);
    Some(BucketRange { unit: *unit, back: 0..(view.number(*unit) - number + 1).max(1) })
}

/// The buckets of a calendar window.
///
/// # Errors
/// `ConfigMismatch` if not all of them are tracked.
#[inline]
pub(crate) fn calendar(wanted: i64, unit: Unit, tracking: &Tracking) -> Result<BucketRange> {
    match tracking.find(unit) {
        Some((_, tracked)) if wanted <= tracked.into() => Ok(BucketRange { unit, back: 0..wanted }),
        _ => Err(not_tracked(unit.to_public(), wanted)),
    }
}

/// The error for a window that needs `buckets` tracked buckets of `unit`.
#[cold]
fn not_tracked(unit: TimeUnit, buckets: i64) -> Error {
    let units = format!("{unit:?}").to_lowercase();
    Error::ConfigMismatch(format!(
        "the tracked units do not reach back over this window; track at least {buckets} {units} \
         (in Rust: track_{units}({buckets}))"
    ))
}

/// The error for a rolling window that no tracked unit spans.
pub(crate) fn not_spanned(millis: i64) -> Error {
    let unit = [Unit::Hours, Unit::Days, Unit::Weeks, Unit::Months]
        .into_iter()
        .find(|unit| millis <= unit.least_span().saturating_mul(366))
        .unwrap_or(Unit::Years);
    let span = unit.least_span();
    not_tracked(unit.to_public(), millis.saturating_add(span - 1) / span)
}
