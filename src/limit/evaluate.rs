//! What a rule says at one instant.

use super::rule::{Rule, RuleKind, Subject};
use crate::counter::cell::Cell;
use crate::counter::reading::{Reading, start_of};
use crate::counter::view::FutureEntries;
use crate::engine::Snapshot;
use crate::error::Result;
use crate::query::range::{self, BucketRange};
use crate::time::bucket::Numbers;
use crate::time::instant::LATEST;
use crate::time::unit::{TimeUnit, Unit};

/// The evaluation of rules on a snapshot.
pub(crate) struct Evaluation<'a> {
    pub(super) snapshot: Snapshot<'a>,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) passes: bool,
    /// What was counted; absent for rules that do not count.
    pub(crate) count: Option<u64>,
    /// Stored counts of the window were lost, so the rule refuses.
    pub(crate) after_loss: bool,
    /// When it passes, if that follows directly from the last recording.
    pub(super) passes_at: Option<i64>,
}

impl Verdict {
    fn new(passes: bool, count: Option<u64>) -> Verdict {
        Verdict { passes, count, after_loss: false, passes_at: None }
    }

    /// The verdict of a rule that requires that something did not happen, if that may be lost.
    fn unless(self, after_loss: bool) -> Verdict {
        Verdict { passes: self.passes && !after_loss, after_loss, ..self }
    }
}

impl<'a> Evaluation<'a> {
    #[inline]
    pub(crate) fn new(snapshot: Snapshot<'a>) -> Evaluation<'a> {
        Evaluation { snapshot }
    }

    /// # Errors
    /// `InvalidArgument` for a window or duration of zero or less; `ConfigMismatch` if the tracked
    /// units do not reach back over the rule's window.
    pub(crate) fn verdict(&self, rule: &Rule<Subject<'_>>) -> Result<Verdict> {
        rule.check_window()?;
        let event = rule.event();
        let (bound, amount) = (u64::from(rule.bound), rule.amount);
        Ok(match (rule.kind, rule.unit) {
            (RuleKind::AtMost, Some(unit)) => {
                let count = self.calendar_at_most(event, amount, unit)?;
                let count = count.saturating_add(self.pending(event));
                let lost = self.losses(event).any(|at| self.is_in_calendar(at, amount, unit));
                Verdict::new(count < bound, Some(count)).unless(lost)
            }
            (RuleKind::AtMost, None) => {
                let count = self.rolling_at_most(event, rule.bound, amount)?;
                let count = count.saturating_add(self.pending(event));
                let lost = self.losses(event).any(|at| self.since(at) < amount);
                Verdict::new(count < bound, Some(count)).unless(lost)
            }
            (RuleKind::AtLeast, Some(unit)) => {
                let reading = self.snapshot.reading(event);
                let count = self.calendar(reading.as_ref(), amount, unit, FutureEntries::Exclude)?;
                Verdict::new(count >= bound, Some(count))
            }
            (RuleKind::AtLeast, None) => {
                let count = self.rolling_at_least(event, rule.bound, amount)?;
                Verdict::new(count >= bound, Some(count))
            }
            (RuleKind::Cooldown, _) => self.cooldown(event, amount),
            (RuleKind::Within, _) => {
                let last = self.last_seen(event, FutureEntries::Exclude);
                Verdict::new(last.is_some_and(|last| self.since(last) <= amount), None)
            }
            (RuleKind::During, _) => Verdict::new(self.holds(rule), None),
            (RuleKind::OutsideOf, _) => Verdict::new(!self.holds(rule), None),
        })
    }

    fn cooldown(&self, event: &str, millis: i64) -> Verdict {
        let reading = self.snapshot.reading(event);
        let zone = self.snapshot.zone();
        let last = reading.as_ref().and_then(|reading| reading.last_seen(FutureEntries::Clamp, zone));
        let lost = self.losses(event).any(|at| self.since(at) < millis);
        let passes = last.is_none_or(|last| self.since(last) >= millis);
        let verdict = Verdict::new(passes, None).unless(lost);
        match reading {
            Some(reading) if !verdict.passes => {
                Verdict { passes_at: self.simple_cooldown_end(&reading, millis), ..verdict }
            }
            _ => verdict,
        }
    }

    /// When a wait after the last recording is over, if only this device recorded and neither its
    /// clock nor a loss makes that uncertain.
    fn simple_cooldown_end(&self, reading: &Reading<'_>, millis: i64) -> Option<i64> {
        let view = self.snapshot.view;
        let seen = reading.own.and_then(Cell::seen).filter(|_| reading.others.is_empty())?;
        let uncertain = seen.ahead.is_some() || seen.last > view.now || view.noticed.is_some();
        let end = seen.last.saturating_add(millis);
        (!uncertain && !self.snapshot.has_losses() && end <= LATEST).then_some(end)
    }

    fn holds(&self, rule: &Rule<Subject<'_>>) -> bool {
        let (now, zone) = (self.snapshot.now(), self.snapshot.zone());
        rule.schedule().is_some_and(|schedule| schedule.holds(now, zone))
    }

    /// When stored counts of the event were lost, read like own entries.
    pub(super) fn losses(&self, event: &str) -> impl Iterator<Item = i64> {
        self.snapshot.loss_instants(event).map(|at| self.snapshot.view.own_instant(at))
    }

    fn is_in_calendar(&self, at: i64, count: i64, unit: TimeUnit) -> bool {
        let Some(unit) = Unit::of(unit) else { return true };
        let number = self.number_at(at, unit);
        self.snapshot.view.number(unit).saturating_sub(number) < count
    }

    /// The bucket that holds an instant.
    pub(super) fn number_at(&self, at: i64, unit: Unit) -> i64 {
        Numbers::at(at, self.snapshot.zone().segment(at).offset).get(unit)
    }

    pub(super) fn last_seen(&self, event: &str, future: FutureEntries) -> Option<i64> {
        self.snapshot.reading(event)?.last_seen(future, self.snapshot.zone())
    }

    fn since(&self, then: i64) -> i64 {
        self.snapshot.now().saturating_sub(then)
    }

    /// The pending reservations of the event.
    #[inline]
    pub(crate) fn pending(&self, event: &str) -> u64 {
        if self.snapshot.has_reservations() { self.count_pending(event) } else { 0 }
    }

    fn count_pending(&self, event: &str) -> u64 {
        let view = self.snapshot.view;
        let stored = self.snapshot.stored_reservations(event).iter();
        let pending = stored.filter(|reservation| view.now < reservation.expires(view));
        pending.fold(self.snapshot.process_reservations(event), |sum, _| sum.saturating_add(1))
    }

    fn calendar_at_most(&self, event: &str, count: i64, unit: TimeUnit) -> Result<u64> {
        let reading = self.snapshot.reading(event);
        let sum = self.calendar(reading.as_ref(), count, unit, FutureEntries::Clamp)?;
        let Some(unit) = Unit::of(unit) else { return Ok(sum) };
        let start = || self.calendar_start(count, unit);
        Ok(sum.saturating_add(self.coarse_upper_bound(reading.as_ref(), unit, start)))
    }

    #[inline]
    fn calendar(
        &self,
        reading: Option<&Reading<'_>>,
        count: i64,
        unit: TimeUnit,
        future: FutureEntries,
    ) -> Result<u64> {
        let Some(unit) = Unit::of(unit) else {
            return Ok(reading.map_or(0, |reading| reading.lifetime()));
        };
        let buckets = range::calendar(count, unit, self.snapshot.tracking())?;
        Ok(reading.map_or(0, |reading| reading.sum(unit, future, buckets.back)))
    }

    /// A bucket that the beginning of the window cuts counts. For a limit of one the time of the
    /// last recording answers exactly.
    fn rolling_at_most(&self, event: &str, limit: u32, millis: i64) -> Result<u64> {
        if limit == 1 {
            return Ok(self.happened_within(event, FutureEntries::Clamp, millis).into());
        }
        let BucketRange { unit, back } = self.rolling(millis)?;
        let start = || self.rolling_start(millis);
        let reading = self.snapshot.reading(event);
        let upper_bound = self.coarse_upper_bound(reading.as_ref(), unit, start);
        let counted = reading.map_or(0, |reading| reading.sum(unit, FutureEntries::Clamp, back));
        Ok(counted.saturating_add(upper_bound))
    }

    /// A bucket that the beginning of the window cuts does not count. For a count of one the time
    /// of the last recording answers exactly.
    fn rolling_at_least(&self, event: &str, count: u32, millis: i64) -> Result<u64> {
        if count <= 1 {
            return Ok(self.happened_within(event, FutureEntries::Exclude, millis).into());
        }
        let BucketRange { unit, back } = self.rolling(millis)?;
        let Some(reading) = self.snapshot.reading(event) else { return Ok(0) };
        let start = self.rolling_start(millis);
        let oldest = self.snapshot.view.number(unit) - back.end + 1;
        let is_cut = start_of(unit, oldest, self.snapshot.zone(), i64::MIN) < start;
        Ok(reading.sum(unit, FutureEntries::Exclude, back.start..back.end - i64::from(is_cut)))
    }

    fn happened_within(&self, event: &str, future: FutureEntries, millis: i64) -> bool {
        let last = self.last_seen(event, future);
        last.is_some_and(|last| self.since(last) < millis)
    }

    /// What lanes counted that have no counts in `unit`, because their device or this store before
    /// an update did not track it. Without it a limit would pass because data is missing.
    fn coarse_upper_bound(&self, reading: Option<&Reading<'_>>, unit: Unit, start: impl Fn() -> i64) -> u64 {
        match reading {
            Some(reading) if !reading.only_own_has(unit) => {
                reading.coarse_upper_bound(unit, start, self.snapshot.zone())
            }
            _ => 0,
        }
    }

    /// The first instant of a calendar window.
    fn calendar_start(&self, count: i64, unit: Unit) -> i64 {
        let back = count.saturating_sub(1);
        let number = self.snapshot.view.number(unit).saturating_sub(back);
        start_of(unit, number, self.snapshot.zone(), i64::MIN)
    }

    /// The first instant of a rolling window.
    fn rolling_start(&self, millis: i64) -> i64 {
        self.snapshot.now().saturating_sub(millis).saturating_add(1)
    }

    pub(super) fn rolling(&self, millis: i64) -> Result<BucketRange> {
        let Snapshot { view, .. } = self.snapshot;
        range::rolling(millis, self.snapshot.tracking(), view, self.snapshot.zone())
            .ok_or_else(|| range::not_spanned(millis))
    }
}
