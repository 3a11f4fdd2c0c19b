//! Which buckets a question is about.

use chrono::Duration;

use crate::counter::reading::View;
use crate::counter::tracking::Tracking;
use crate::error::{Error, Result};
use crate::store::call_for;
use crate::time::bucket::Numbers;
use crate::time::instant::{EARLIEST, clamp};
use crate::time::unit::{TimeUnit, Unit};
use crate::time::zone::Zone;

/// Buckets as they are asked for. `Units(TimeUnit::Ever, ..)` is the longest tracked unit.
#[derive(Debug, Clone)]
pub enum Span {
    /// Buckets of a unit, counted back from the current one, which is 0.
    Units(TimeUnit, std::ops::Range<usize>),
    /// Every bucket that the last so much of time touches.
    Rolling(Duration),
}

/// Buckets as they can be answered: of a tracked unit, and no further back than that is tracked.
#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    pub(crate) unit: Unit,
    pub(crate) back: std::ops::Range<i64>,
}

impl Buckets {
    /// The newest `most` of them.
    #[inline]
    pub(crate) fn take(mut self, most: usize) -> Buckets {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.back.end = self.back.end.min(self.back.start.saturating_add(most));
        self
    }

    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.back.end - self.back.start).unwrap_or(0)
    }
}

impl Span {
    #[inline]
    pub(crate) fn last(n: usize, unit: TimeUnit) -> Span {
        Span::Units(unit, 0..n)
    }

    /// The buckets, or nothing if the unit is not tracked or no tracked unit spans the window.
    #[inline]
    pub(crate) fn resolve(&self, tracking: &Tracking, view: &View, zone: &Zone) -> Option<Buckets> {
        match self {
            Span::Units(unit, range) => {
                let (unit, tracked) = tracking.counted_by(*unit)?;
                let clip = |n: usize| i64::try_from(n).unwrap_or(i64::MAX).min(tracked.into());
                let start = clip(range.start);
                Some(Buckets { unit, back: start..clip(range.end).max(start) })
            }
            Span::Rolling(window) => rolling(*window, tracking, view, zone),
        }
    }
}

/// The buckets that the window `(now - window, now]` touches, of the finest tracked unit that spans it.
#[inline(never)]
pub(crate) fn rolling(window: Duration, tracking: &Tracking, view: &View, zone: &Zone) -> Option<Buckets> {
    let millis = window.num_milliseconds().max(0);
    let spans =
        |(unit, buckets): &&(Unit, u32)| unit.least_span().saturating_mul((*buckets).into()) >= millis;
    let (unit, _) = tracking.units().iter().find(spans)?;
    if millis == 0 {
        return Some(Buckets { unit: *unit, back: 0..0 });
    }
    let oldest = clamp(view.now.saturating_sub(millis).saturating_add(1)).max(EARLIEST);
    let number = Numbers::at(oldest, zone.segment(oldest).offset).of(*unit);
    Some(Buckets { unit: *unit, back: 0..(view.number(*unit) - number + 1).max(1) })
}

/// Why a window cannot be counted, with what would have to be tracked.
#[cold]
pub(crate) fn untracked(unit: TimeUnit, buckets: i64) -> Error {
    Error::ConfigMismatch(format!(
        "the window cannot be counted with the tracked units; track at least {buckets} {} ({} in Rust)",
        format!("{unit:?}").to_lowercase(),
        call_for(unit, buckets)
    ))
}

/// Why a rolling window cannot be counted.
pub(crate) fn unspanned(window: Duration) -> Error {
    let millis = window.num_milliseconds();
    let unit = [Unit::Hours, Unit::Days, Unit::Weeks, Unit::Months]
        .into_iter()
        .find(|unit| millis <= unit.least_span().saturating_mul(366))
        .unwrap_or(Unit::Years);
    let span = unit.least_span();
    untracked(unit.public(), millis.saturating_add(span - 1) / span)
}

/// The buckets of a calendar window, if all of them are tracked.
#[inline]
pub(crate) fn calendar(count: usize, unit: Unit, tracking: &Tracking) -> Result<Buckets> {
    let wanted = i64::try_from(count).unwrap_or(i64::MAX);
    match tracking.find(unit) {
        Some((_, tracked)) if wanted <= tracked.into() => Ok(Buckets { unit, back: 0..wanted }),
        _ => Err(untracked(unit.public(), wanted)),
    }
}
