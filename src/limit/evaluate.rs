//! What a rule says at one instant.

use super::rule::{Rule, RuleKind, Subject};
use crate::counter::reading::Reading;
use crate::counter::window::Bound;
use crate::engine::Snapshot;
use crate::error::Result;
use crate::query::range;
use crate::time::bucket::Numbers;
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
}

/// The window of a rule that counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum RuleWindow {
    /// The newest buckets of a calendar unit.
    Calendar(Unit, i64),
    /// The last milliseconds.
    Rolling(i64),
    Ever,
}

impl<'a> Evaluation<'a> {
    #[inline]
    pub(crate) fn new(snapshot: Snapshot<'a>) -> Evaluation<'a> {
        Evaluation { snapshot }
    }

    /// # Errors
    /// As `Rule::check`; `ConfigMismatch` if the tracked units do not reach back over the rule's
    /// window.
    #[inline]
    pub(crate) fn verdict(&self, rule: &Rule<Subject<'_>>) -> Result<Verdict> {
        rule.check()?;
        let event = rule.event();
        let Some(window) = rule.window() else {
            let holds = self.holds(rule);
            let passes = holds == (rule.kind == RuleKind::During);
            return Ok(Verdict { passes, count: None, after_loss: false });
        };
        self.check_reach(window, rule.least())?;
        Ok(match rule.compared() {
            Bound::Upper => {
                let count = match window {
                    // A cooldown needs no count.
                    RuleWindow::Rolling(millis) if !rule.counts() => self
                        .snapshot
                        .reading(event)
                        .is_some_and(|reading| reading.may_have_happened(millis))
                        .into(),
                    _ => self.count(event, window, Bound::Upper),
                };
                let count = count.saturating_add(self.pending(event));
                let after_loss =
                    self.snapshot.has_losses() && self.losses(event).any(|at| self.contains(window, at));
                let passes = count < rule.least() && !after_loss;
                Verdict { passes, count: rule.counts().then_some(count), after_loss }
            }
            Bound::Lower => {
                let count = self.count(event, window, Bound::Lower);
                let passes = count >= rule.least();
                Verdict { passes, count: rule.counts().then_some(count), after_loss: false }
            }
        })
    }

    /// A window must not reach back further than the tracked units. A count of one needs no units,
    /// because the time of the last recording answers.
    #[inline]
    fn check_reach(&self, window: RuleWindow, least: u64) -> Result<()> {
        let tracking = self.snapshot.tracking();
        match window {
            RuleWindow::Calendar(unit, buckets) => range::check_calendar(buckets, unit, tracking),
            RuleWindow::Rolling(millis) if least > 1 => range::check_rolling(millis, tracking),
            RuleWindow::Rolling(_) | RuleWindow::Ever => Ok(()),
        }
    }

    #[inline]
    fn count(&self, event: &str, window: RuleWindow, bound: Bound) -> u64 {
        self.snapshot.reading(event).map_or(0, |reading| self.count_in(&reading, window, bound))
    }

    #[inline]
    fn count_in(&self, reading: &Reading<'_>, window: RuleWindow, bound: Bound) -> u64 {
        match window {
            RuleWindow::Calendar(unit, buckets) => {
                reading.calendar(unit, buckets, bound, self.snapshot.zone())
            }
            RuleWindow::Rolling(millis) => reading.rolling(millis, bound),
            RuleWindow::Ever => reading.lifetime(),
        }
    }

    fn holds(&self, rule: &Rule<Subject<'_>>) -> bool {
        let (now, zone) = (self.snapshot.now(), self.snapshot.zone());
        rule.schedule().is_some_and(|schedule| schedule.holds(now, zone))
    }

    /// When stored counts of the event were lost.
    pub(super) fn losses(&self, event: &str) -> impl Iterator<Item = i64> {
        self.snapshot.loss_instants(event).map(|at| self.snapshot.view.loss_instant(at))
    }

    /// Whether an instant lies in a window that ends now.
    fn contains(&self, window: RuleWindow, at: i64) -> bool {
        match window {
            RuleWindow::Calendar(unit, buckets) => {
                let number = Numbers::of_unit(unit, at, self.snapshot.zone().segment(at).offset);
                self.snapshot.view.number(unit).saturating_sub(number) < buckets
            }
            RuleWindow::Rolling(millis) => self.snapshot.now().saturating_sub(at) < millis,
            RuleWindow::Ever => true,
        }
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
}

impl<S> Rule<S> {
    /// The window in which the rule counts; absent for rules about a schedule.
    ///
    /// A cooldown is at most one in its duration. `Within` is at least one, and includes the
    /// instant that lies the whole duration ago.
    #[inline]
    pub(super) fn window(&self) -> Option<RuleWindow> {
        Some(match (self.kind, self.unit) {
            (RuleKind::During | RuleKind::OutsideOf, _) => return None,
            (RuleKind::Within, _) => RuleWindow::Rolling(self.amount.saturating_add(1)),
            (_, None) => RuleWindow::Rolling(self.amount),
            (_, Some(TimeUnit::Ever)) => RuleWindow::Ever,
            (_, Some(unit)) => {
                Unit::of(unit).map_or(RuleWindow::Ever, |unit| RuleWindow::Calendar(unit, self.amount))
            }
        })
    }

    /// The bound of the count that the rule compares.
    #[inline]
    pub(super) fn compared(&self) -> Bound {
        match self.kind {
            RuleKind::AtLeast | RuleKind::Within => Bound::Lower,
            _ => Bound::Upper,
        }
    }

    /// The count at which `at_least` begins to pass, and `at_most` to refuse.
    #[inline]
    pub(super) fn least(&self) -> u64 {
        if self.counts() { self.threshold.into() } else { 1 }
    }

    /// Whether the rule compares a count that is reported.
    #[inline]
    fn counts(&self) -> bool {
        matches!(self.kind, RuleKind::AtMost | RuleKind::AtLeast)
    }
}
