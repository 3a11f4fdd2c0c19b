//! What a rule says at one instant.

use super::rule::{Rule, RuleKind, Span, Subject};
use super::rules::Limit;
use crate::counter::reading::Reading;
use crate::counter::view::View;
use crate::counter::window::Bound;
use crate::engine::Snapshot;
use crate::error::Result;
use crate::query::range;
use crate::time::bucket::Numbers;
use crate::time::unit::{TimeUnit, Unit};

/// The evaluation of rules on a snapshot.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'a> {
    pub(super) snapshot: Snapshot<'a>,
    /// What the app's own schedules answered: one bit for each schedule of the limit.
    app_answers: u64,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) passes: bool,
    /// What was counted; absent for rules that do not count.
    pub(crate) count: Option<u64>,
    /// Stored counts of the window were lost, so the rule refuses. If the limit needs that it does
    /// not pass, it passes.
    pub(crate) after_loss: bool,
}

/// The window of a rule that counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum RuleWindow {
    /// The newest buckets of a calendar unit.
    Calendar(Unit, i64),
    /// The last milliseconds.
    Rolling(i64),
    /// The time since the marker of the rule.
    Since,
    Ever,
}

impl<'a> Evaluation<'a> {
    #[inline]
    pub(crate) fn new(snapshot: Snapshot<'a>, app_answers: u64) -> Evaluation<'a> {
        Evaluation { snapshot, app_answers }
    }

    /// The same rules at another instant.
    pub(super) fn through<'b>(&self, view: &'b View) -> Evaluation<'b>
    where
        'a: 'b,
    {
        Evaluation::new(self.snapshot.through(view), self.app_answers)
    }

    /// Whether all rules of a limit pass. The limit must have been checked.
    #[inline]
    pub(crate) fn allows(&self, limit: &Limit) -> bool {
        limit.children(0..limit.len()).all(|(index, rule)| self.passes(limit, index, &rule))
    }

    /// Whether a rule or a group passes.
    #[inline]
    pub(super) fn passes(&self, limit: &Limit, index: usize, rule: &Rule<Subject<'_>>) -> bool {
        match rule.subject {
            Subject::Event(_) | Subject::Since { .. } | Subject::Schedule(..) => self.verdict(rule).passes,
            Subject::Group(_) => self.group_passes(limit, index, rule),
        }
    }

    #[inline(never)]
    fn group_passes(&self, limit: &Limit, index: usize, group: &Rule<Subject<'_>>) -> bool {
        let mut rules = limit.children_of(index, group);
        let mut passes = |(index, rule)| self.passes(limit, index, &rule);
        match group.kind {
            RuleKind::AllOf => rules.all(passes),
            RuleKind::AnyOf => rules.any(passes),
            _ => !rules.any(&mut passes),
        }
    }

    /// What a rule says that is no group.
    #[inline]
    pub(crate) fn verdict(&self, rule: &Rule<Subject<'_>>) -> Verdict {
        let event = rule.event();
        let Some(window) = rule.window() else {
            let passes = self.holds(rule) == (rule.kind == RuleKind::During);
            return Verdict { passes, count: None, after_loss: false };
        };
        // A loss stands for any number of recordings.
        let (count, after_loss) = match rule.compared() {
            Bound::Upper => {
                let count = self.greatest(rule, window).saturating_add(self.pending(event));
                (count, self.snapshot.has_losses() && self.is_after_loss(rule, window))
            }
            Bound::Lower => (self.least(rule, window), false),
        };
        let is_reached = count >= rule.least() || after_loss;
        let passes = is_reached == rule.needs_count();
        Verdict { passes, count: rule.counts().then_some(count), after_loss }
    }

    /// The upper bound that a rule compares, without reservations.
    #[inline]
    fn greatest(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> u64 {
        match window {
            // `Cooldown` and `Within` need no count.
            RuleWindow::Rolling(millis) if !rule.counts() => {
                let reading = self.snapshot.reading(rule.event());
                reading.is_some_and(|reading| reading.may_have_happened(millis)).into()
            }
            _ => self.count(rule, window, Bound::Upper),
        }
    }

    /// The lower bound that a rule compares.
    #[inline]
    fn least(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> u64 {
        match (self.snapshot.reading(rule.event()), window) {
            (None, _) => 0,
            (_, RuleWindow::Since) => self.least_since(rule),
            (Some(reading), RuleWindow::Rolling(millis))
                if !rule.counts() && reading.has_happened(millis) =>
            {
                1
            }
            (Some(reading), _) => self.count_in(&reading, window, Bound::Lower),
        }
    }

    /// A bound of the count of the rule's event in a window.
    #[inline]
    pub(super) fn count(&self, rule: &Rule<Subject<'_>>, window: RuleWindow, bound: Bound) -> u64 {
        if let Some(marker) = rule.marker() {
            return self.snapshot.count_since(rule.event(), marker, bound);
        }
        self.snapshot.reading(rule.event()).map_or(0, |reading| self.count_in(&reading, window, bound))
    }

    /// The least number of times that the event can have happened since the marker. A marker that
    /// is reserved may happen now, and after a loss it may have happened.
    #[inline(never)]
    fn least_since(&self, rule: &Rule<Subject<'_>>) -> u64 {
        let marker = rule.marker().unwrap_or_default();
        match self.pending(marker) > 0 || self.snapshot.is_lost_since(rule.event(), marker) {
            true => 0,
            false => self.snapshot.count_since(rule.event(), marker, Bound::Lower),
        }
    }

    /// Whether stored counts of the window were lost.
    #[cold]
    fn is_after_loss(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> bool {
        match rule.marker() {
            Some(marker) => self.snapshot.is_lost_since(rule.event(), marker),
            None => self.losses(rule.event()).any(|at| self.contains(window, at)),
        }
    }

    #[inline]
    fn count_in(&self, reading: &Reading<'_>, window: RuleWindow, bound: Bound) -> u64 {
        match window {
            RuleWindow::Calendar(unit, buckets) => {
                reading.calendar(unit, buckets, bound, self.snapshot.zone())
            }
            RuleWindow::Rolling(millis) => reading.rolling(millis, bound),
            RuleWindow::Ever | RuleWindow::Since => reading.lifetime(),
        }
    }

    fn holds(&self, rule: &Rule<Subject<'_>>) -> bool {
        match rule.subject {
            Subject::Schedule(schedule, place) if schedule.is_custom() => {
                self.app_answers.checked_shr(place.into()).unwrap_or(0) & 1 == 1
            }
            Subject::Schedule(schedule, _) => schedule.holds(self.snapshot.now(), self.snapshot.zone()),
            Subject::Event(_) | Subject::Since { .. } | Subject::Group(_) => false,
        }
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
            RuleWindow::Ever | RuleWindow::Since => true,
        }
    }

    pub(crate) fn is_known(&self, event: &str) -> bool {
        self.snapshot.reading(event).is_some()
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

impl Limit {
    /// Checks the limit, that the tracked units reach back over its windows, and that windows begin
    /// with markers. A count of one in a rolling window needs no units, because the time of the
    /// last recording answers.
    ///
    /// # Errors
    /// As `Limit::check`; `ConfigMismatch` if the tracked units do not reach back over a window,
    /// and for an event that is no marker.
    #[inline]
    pub(crate) fn check_for(&self, snapshot: Snapshot<'_>) -> Result<()> {
        self.check()?;
        let tracking = snapshot.tracking();
        for rule in self.iter() {
            match rule.window() {
                Some(RuleWindow::Calendar(unit, buckets)) => range::check_calendar(buckets, unit, tracking)?,
                Some(RuleWindow::Rolling(millis)) if rule.least() > 1 => {
                    range::check_rolling(millis, tracking)?;
                }
                Some(RuleWindow::Since) => range::check_marker(rule.marker().unwrap_or_default(), snapshot)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl<S> Rule<S> {
    /// The window in which the rule counts; absent for rules about a schedule and for groups.
    ///
    /// A cooldown is at most one in its duration. `Within` is at least one, and includes the
    /// instant that lies the whole duration ago.
    #[inline]
    pub(super) fn window(&self) -> Option<RuleWindow> {
        Some(match (self.kind, self.span) {
            (RuleKind::During | RuleKind::OutsideOf, _)
            | (RuleKind::AllOf | RuleKind::AnyOf | RuleKind::NoneOf, _) => return None,
            (RuleKind::Within, _) => RuleWindow::Rolling(self.amount.saturating_add(1)),
            (_, Span::Millis) => RuleWindow::Rolling(self.amount),
            (_, Span::Since) => RuleWindow::Since,
            (_, Span::Units(TimeUnit::Ever)) => RuleWindow::Ever,
            (_, Span::Units(unit)) => {
                Unit::of(unit).map_or(RuleWindow::Ever, |unit| RuleWindow::Calendar(unit, self.amount))
            }
        })
    }

    /// The bound of the count that the rule compares: the one that is worse for the limit.
    #[inline]
    pub(super) fn compared(&self) -> Bound {
        match self.needs_count() == self.is_inverted {
            true => Bound::Upper,
            false => Bound::Lower,
        }
    }

    /// Whether the rule passes if its count is reached. Otherwise it passes as long as it is not.
    #[inline]
    pub(super) fn needs_count(&self) -> bool {
        matches!(self.kind, RuleKind::AtLeast | RuleKind::Within)
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
