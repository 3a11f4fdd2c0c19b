//! The buckets that a question or a rule looks at.

use std::ops::Range;

use chrono::Duration;

use crate::bounds::MAX_BUCKETS;
use crate::counter::reading::Reading;
use crate::counter::tracking::{Tracking, longest_window};
use crate::counter::view::View;
use crate::counter::window::{Bound, CountBounds};
use crate::engine::Snapshot;
use crate::error::{Error, Result};
use crate::time::bucket::Numbers;
use crate::time::instant::{clamp, millis_of};
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

/// The buckets that a question is about.
#[derive(Debug, Clone)]
pub enum QueryRange {
    /// Buckets of a unit, counted back from the current one, which is 0. `TimeUnit::Ever` is the
    /// longest tracked unit. The range reaches no further back than its unit is tracked.
    Units(TimeUnit, Range<usize>),
    /// Every bucket that the last `Duration` touches, of the finest tracked unit that reaches back
    /// over it. A unit reaches back over one bucket less than twice the tracked ones. The counts of
    /// the oldest buckets are raised or lowered until their sum lies within the bounds of the
    /// window. A window of zero or less has no buckets: its counts are 0.
    Rolling(Duration),
}

/// Buckets of a tracked unit, counted back from the current one. A `QueryRange` resolves to it.
#[derive(Debug, Clone)]
pub(crate) struct BucketRange {
    pub(crate) unit: Unit,
    pub(crate) back: Range<i64>,
    /// The length of the rolling window that these are all the buckets of, in milliseconds. The
    /// counts then lie within the bounds of that window: a cell that counted under another offset
    /// has other buckets than the clock of now.
    pub(crate) window: Option<i64>,
}

impl BucketRange {
    /// The newest `max` buckets.
    #[inline]
    pub(crate) fn take(mut self, max: usize) -> BucketRange {
        let end = self.back.start.saturating_add(i64::try_from(max).unwrap_or(i64::MAX));
        if end < self.back.end {
            (self.back.end, self.window) = (end, None);
        }
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

    /// The buckets; absent if the unit is not tracked, or if no tracked unit reaches back over the
    /// duration.
    #[inline]
    pub(crate) fn resolve(&self, tracking: &Tracking, view: &View, zone: &Zone) -> Option<BucketRange> {
        match self {
            QueryRange::Units(unit, range) => {
                let (unit, tracked) = tracking.counted_by(*unit)?;
                let clip = |n: usize| i64::try_from(n).unwrap_or(i64::MAX).min(tracked.into());
                let start = clip(range.start);
                Some(BucketRange { unit, back: start..clip(range.end).max(start), window: None })
            }
            QueryRange::Rolling(window) => rolling(millis_of(*window), tracking, view, zone),
        }
    }

    /// The bounds of the count of an event in the `max` newest buckets of the range, also beyond
    /// what is tracked; absent if nothing is known of the event.
    pub(crate) fn bounds(&self, max: usize, event: &str, snapshot: Snapshot<'_>) -> Option<CountBounds> {
        let (view, zone) = (snapshot.view, snapshot.zone());
        let reading = snapshot.reading(event);
        let of = |count: &dyn Fn(&Reading<'_>, Bound) -> u64| {
            reading.map(|reading| CountBounds::of(|bound| count(&reading, bound)))
        };
        let (known, is_lost) = match (self, self.whole_buckets(max, snapshot)) {
            // Nothing happened in no buckets, also not what lies ahead of the clock.
            (_, Some(BucketRange { back, .. })) if back.is_empty() => (of(&|_, _| 0), false),
            (_, Some(BucketRange { unit, back, .. })) => {
                let oldest = view.number(unit).saturating_sub(back.end);
                let known = of(&|reading, bound| reading.calendar_range(unit, back.clone(), bound, zone));
                let number = |at: i64| Numbers::of_unit(unit, at, zone.segment(at).offset);
                (known, snapshot.loss_instants(event).any(|at| number(view.loss_instant(at)) > oldest))
            }
            (QueryRange::Rolling(window), None) => {
                let millis = millis_of(*window);
                let known = of(&|reading, bound| reading.rolling(millis, bound));
                let start = view.now.saturating_sub(millis);
                (known, snapshot.loss_instants(event).any(|at| view.loss_instant(at) > start))
            }
            (QueryRange::Units(..), None) => return None,
        };
        if !is_lost {
            return known;
        }
        Some(CountBounds { upper: u64::MAX, ..known.unwrap_or_default() })
    }

    /// The `max` newest buckets of the range, also beyond what is tracked; absent if they begin
    /// inside a bucket, where a rolling window does.
    fn whole_buckets(&self, max: usize, snapshot: Snapshot<'_>) -> Option<BucketRange> {
        match self {
            QueryRange::Units(unit, range) => {
                let unit = snapshot.tracking().unit_of(*unit)?;
                let bucket = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
                let start = bucket(range.start);
                let back = start..bucket(range.end).max(start);
                Some(BucketRange { unit, back, window: None }.take(max))
            }
            QueryRange::Rolling(_) => {
                let touched = self.resolve_in(snapshot)?;
                let len = touched.len();
                Some(touched.take(max)).filter(|newest| newest.len() < len)
            }
        }
    }

    /// `resolve` for what a snapshot tracks.
    #[inline]
    pub(crate) fn resolve_in(&self, snapshot: Snapshot<'_>) -> Option<BucketRange> {
        self.resolve(snapshot.tracking(), snapshot.view, snapshot.zone())
    }
}

/// The buckets that the last `millis` milliseconds touch, of the finest unit that reaches back over
/// them.
#[inline(never)]
fn rolling(millis: i64, tracking: &Tracking, view: &View, zone: &Zone) -> Option<BucketRange> {
    let millis = millis.max(0);
    let unit = rolling_unit(millis, tracking)?;
    if millis == 0 {
        return Some(BucketRange { unit, back: 0..0, window: None });
    }
    let oldest = clamp(view.now.saturating_sub(millis).saturating_add(1));
    let number = Numbers::of_unit(unit, oldest, zone.segment(oldest).offset);
    let back = 0..(view.number(unit) - number + 1).max(1);
    Some(BucketRange { unit, back, window: Some(millis) })
}

/// The finest tracked unit that reaches back over a rolling window.
pub(crate) fn rolling_unit(millis: i64, tracking: &Tracking) -> Option<Unit> {
    let mut units = tracking.units().iter();
    units.find(|(unit, buckets)| millis <= longest_window(*unit, *buckets)).map(|(unit, _)| *unit)
}

/// Checks that the tracked buckets of a unit reach back over a calendar window.
///
/// # Errors
/// `ConfigMismatch` if they do not.
#[inline]
pub(crate) fn check_calendar(buckets: i64, unit: Unit, tracking: &Tracking) -> Result<()> {
    match tracking.find(unit) {
        Some((_, tracked)) if buckets <= tracked.into() => Ok(()),
        _ => Err(not_tracked(unit.to_public(), buckets)),
    }
}

/// Checks that a tracked unit reaches back over a rolling window.
///
/// # Errors
/// `ConfigMismatch` if none does.
#[inline]
pub(crate) fn check_rolling(millis: i64, tracking: &Tracking) -> Result<()> {
    if rolling_unit(millis, tracking).is_some() { Ok(()) } else { Err(not_spanned(millis)) }
}

/// Checks that a window can begin with an event.
///
/// # Errors
/// `ConfigMismatch` if it is no marker.
#[inline]
pub(crate) fn check_marker(name: &str, snapshot: Snapshot<'_>) -> Result<()> {
    if snapshot.is_marker(name) { Ok(()) } else { Err(no_marker()) }
}

#[cold]
fn no_marker() -> Error {
    Error::ConfigMismatch(
        "a window begins with an event that is not a marker of this store; declare it when the store \
         is opened"
            .into(),
    )
}

/// The error for a window that needs `buckets` tracked buckets of `unit`.
#[cold]
fn not_tracked(unit: TimeUnit, buckets: i64) -> Error {
    let units = format!("{unit:?}").to_lowercase();
    let mut text = "the tracked units do not reach back over this window".to_owned();
    if usize::try_from(buckets).is_ok_and(|buckets| buckets <= MAX_BUCKETS) {
        let named = if buckets == 1 { units.trim_end_matches('s') } else { &units };
        text += &format!("; track at least {buckets} {named}");
    }
    Error::ConfigMismatch(text)
}

/// The error for a rolling window that no tracked unit reaches back over.
#[cold]
fn not_spanned(millis: i64) -> Error {
    let unit = [Unit::Hours, Unit::Days, Unit::Weeks, Unit::Months]
        .into_iter()
        .find(|unit| millis <= unit.least_span().saturating_mul(366))
        .unwrap_or(Unit::Years);
    let span = unit.least_span();
    // A unit reaches back over one bucket less than twice the tracked ones.
    let buckets = millis.saturating_add(span - 1) / span;
    not_tracked(unit.to_public(), buckets / 2 + 1)
}
