//! What a constraint says at one instant.

use chrono::Duration;

use super::demand::{Demand, Kind, Rule};
use crate::counter::cell::Cell;
use crate::counter::reading::{Doubt, Reading, View, start_of};
use crate::error::Result;
use crate::query::span;
use crate::store::state::{Held, State};
use crate::time::bucket::Numbers;
use crate::time::instant::LATEST;
use crate::time::unit::{TimeUnit, Unit};

/// Everything that a limit looks at, at one instant.
pub(super) struct Scene<'a> {
    pub(super) state: &'a State,
    pub(super) view: &'a View,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) passes: bool,
    /// What was counted, for constraints that count.
    pub(super) count: Option<u64>,
    /// Stored counts of the window were lost: it cannot be known, so it does not pass.
    pub(super) lost: bool,
    /// When it passes, where that is plain to see.
    pub(super) until: Option<i64>,
}

impl Verdict {
    fn of(passes: bool) -> Verdict {
        Verdict { passes, count: None, lost: false, until: None }
    }

    fn counted(count: u64, passes: bool) -> Verdict {
        Verdict { passes, count: Some(count), lost: false, until: None }
    }

    /// The verdict of a rule that wants something not to have happened, where that may have been lost.
    fn unless(self, lost: bool) -> Verdict {
        Verdict { passes: self.passes && !lost, lost, ..self }
    }
}

impl Scene<'_> {
    /// # Errors
    /// `ConfigMismatch` where the tracked units cannot span a rule's window.
    pub(super) fn verdict(&self, rule: &Rule<'_>) -> Result<Verdict> {
        let Rule { event, demand, .. } = *rule;
        let Demand { kind, count, unit, .. } = demand;
        let bound = u64::from(demand.bound);
        Ok(match kind {
            Kind::AtMost => {
                let reading = self.reading(event);
                let seen = self.calendar(reading.as_ref(), *count, *unit, Doubt::Counts)?;
                let untracked = match Unit::of(*unit) {
                    Some(unit) => self.untracked(reading.as_ref(), unit, || self.begins(*count, unit)),
                    None => 0,
                };
                let seen = seen.saturating_add(untracked).saturating_add(self.pending(event));
                let lost = self.losses(event).any(|at| self.is_in_calendar(at, *count, *unit));
                Verdict::counted(seen, seen < bound).unless(lost)
            }
            Kind::AtLeast => {
                let reading = self.reading(event);
                let seen = self.calendar(reading.as_ref(), *count, *unit, Doubt::IsIgnored)?;
                Verdict::counted(seen, seen >= bound)
            }
            Kind::AtMostRolling => {
                let seen = self.rolling_at_most(event, demand.bound, demand.span)?;
                let seen = seen.saturating_add(self.pending(event));
                let lost = self.losses(event).any(|at| self.since(at) < demand.millis());
                Verdict::counted(seen, seen < bound).unless(lost)
            }
            Kind::AtLeastRolling => {
                let seen = self.rolling_at_least(event, demand.bound, demand.span)?;
                Verdict::counted(seen, seen >= bound)
            }
            Kind::Cooldown => {
                let millis = demand.millis();
                let reading = self.reading(event);
                let last =
                    reading.as_ref().and_then(|of| of.last_seen(Doubt::Counts, &self.state.present.zone));
                let lost = self.losses(event).any(|at| self.since(at) < millis);
                let verdict = Verdict::of(last.is_none_or(|last| self.since(last) >= millis)).unless(lost);
                match reading {
                    Some(reading) if !verdict.passes => {
                        Verdict { until: self.plain_end(&reading, millis), ..verdict }
                    }
                    _ => verdict,
                }
            }
            Kind::Within => {
                let last = self.last_seen(event, Doubt::IsIgnored);
                Verdict::of(last.is_some_and(|last| self.since(last) <= demand.millis()))
            }
            Kind::During => Verdict::of(self.holds(rule)),
            Kind::OutsideOf => Verdict::of(!self.holds(rule)),
        })
    }

    /// When the wait after the last time is over, if that is this device's and nothing about it is in doubt.
    fn plain_end(&self, reading: &Reading<'_>, millis: i64) -> Option<i64> {
        let seen = reading.own.and_then(Cell::seen).filter(|_| reading.others.is_empty())?;
        let in_doubt = seen.ahead.is_some() || seen.last > self.view.now || self.view.noticed.is_some();
        let end = seen.last.saturating_add(millis);
        (!in_doubt && self.state.losses.is_empty() && end <= LATEST).then_some(end)
    }

    fn holds(&self, rule: &Rule<'_>) -> bool {
        rule.schedule.is_some_and(|schedule| schedule.holds(self.view.now, &self.state.present.zone))
    }

    /// When stored counts of the event were found to be lost, read like own entries.
    pub(super) fn losses(&self, event: &str) -> impl Iterator<Item = i64> {
        self.stored_losses(event).map(|at| self.view.own_instant(at))
    }

    /// When they were found, as it was noted.
    pub(super) fn stored_losses(&self, event: &str) -> impl Iterator<Item = i64> {
        let concerns =
            move |lost: &&(Option<String>, i64)| lost.0.as_deref().is_none_or(|lost| lost == event);
        self.state.losses.iter().filter(concerns).map(|(_, at)| *at)
    }

    fn is_in_calendar(&self, at: i64, count: usize, unit: TimeUnit) -> bool {
        let Some(unit) = Unit::of(unit) else { return true };
        let number = Numbers::at(at, self.state.present.zone.segment(at).offset).of(unit);
        self.view.number(unit).saturating_sub(number) < i64::try_from(count).unwrap_or(i64::MAX)
    }

    pub(super) fn reading(&self, event: &str) -> Option<Reading<'_>> {
        self.state.reading_at(event, self.view)
    }

    pub(super) fn last_seen(&self, event: &str, doubt: Doubt) -> Option<i64> {
        self.reading(event)?.last_seen(doubt, &self.state.present.zone)
    }

    fn since(&self, then: i64) -> i64 {
        self.view.now.saturating_sub(then)
    }

    #[inline]
    pub(super) fn pending(&self, event: &str) -> u64 {
        let held = self.held(event).filter(|held| self.view.now < held.expires(self.view));
        held.fold(self.unsettled(event), |sum, _| sum.saturating_add(1))
    }

    /// The pending reservations that end with the process.
    pub(super) fn unsettled(&self, event: &str) -> u64 {
        self.state.reserved(event).into()
    }

    /// Those that are stored.
    pub(super) fn held(&self, event: &str) -> impl Iterator<Item = &Held> {
        self.state.held.iter().filter(move |held| &*held.event == event)
    }

    #[inline]
    fn calendar(
        &self,
        reading: Option<&Reading<'_>>,
        count: usize,
        unit: TimeUnit,
        doubt: Doubt,
    ) -> Result<u64> {
        let Some(unit) = Unit::of(unit) else {
            return Ok(reading.map_or(0, |reading| reading.lifetime()));
        };
        let buckets = span::calendar(count, unit, &self.state.present.tracking)?;
        Ok(reading.map_or(0, |reading| reading.sum(unit, doubt, buckets.back)))
    }

    /// A bucket that straddles the window's beginning counts. For a limit of one the last time says it exactly.
    fn rolling_at_most(&self, event: &str, limit: u32, window: Duration) -> Result<u64> {
        if limit == 1 {
            let last = self.last_seen(event, Doubt::Counts);
            let inside = last.is_some_and(|last| self.since(last) < window.num_milliseconds());
            return Ok(inside.into());
        }
        let buckets = self.span(window)?;
        let begins = || self.view.now.saturating_sub(window.num_milliseconds()).saturating_add(1);
        let reading = self.reading(event);
        let untracked = self.untracked(reading.as_ref(), buckets.unit, begins);
        let counted = |reading: Reading<'_>| reading.sum(buckets.unit, Doubt::Counts, buckets.back);
        Ok(reading.map_or(0, counted).saturating_add(untracked))
    }

    /// A limit never passes because a device, or this store before an update, did not count by the window's unit.
    fn untracked(&self, reading: Option<&Reading<'_>>, unit: Unit, begins: impl Fn() -> i64) -> u64 {
        match reading {
            Some(reading) if !reading.is_tracked(unit) => {
                reading.untracked(unit, begins, &self.state.present.zone)
            }
            _ => 0,
        }
    }

    /// The first instant of a calendar window.
    fn begins(&self, count: usize, unit: Unit) -> i64 {
        let back = i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(1);
        start_of(unit, self.view.number(unit).saturating_sub(back), &self.state.present.zone, i64::MIN)
    }

    /// A bucket that straddles the window's beginning does not count. For a count of one the last time says it exactly.
    fn rolling_at_least(&self, event: &str, count: u32, window: Duration) -> Result<u64> {
        if count <= 1 {
            let last = self.last_seen(event, Doubt::IsIgnored);
            let inside = last.is_some_and(|last| self.since(last) < window.num_milliseconds());
            return Ok(inside.into());
        }
        let span::Buckets { unit, back } = self.span(window)?;
        let Some(reading) = self.reading(event) else { return Ok(0) };
        let begins = self.view.now.saturating_sub(window.num_milliseconds().max(0)).saturating_add(1);
        let oldest = self.view.number(unit) - back.end + 1;
        let straddles = start_of(unit, oldest, &self.state.present.zone, i64::MIN) < begins;
        Ok(reading.sum(unit, Doubt::IsIgnored, back.start..back.end - i64::from(straddles)))
    }

    pub(super) fn span(&self, window: Duration) -> Result<span::Buckets> {
        span::rolling(window, &self.state.present.tracking, self.view, &self.state.present.zone)
            .ok_or_else(|| span::unspanned(window))
    }
}
