//! A limit: constraints that must all hold, checked in one step.

use chrono::Duration;
use parking_lot::MutexGuard;

use super::constraint::Constraint;
use super::demand::{Asked, Demand, Rule, Subject};
use super::evaluate::{Scene, Verdict};
use super::refusal::{LimitExceeded, Others, Refusal};
use super::reservation::{Reservation, ReservationKey};
use super::schedule::Schedule;
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked};
use crate::store::draft::Draft;
use crate::store::held::checked_span;
use crate::store::random;
use crate::store::state::State;
use crate::time::instant;
use crate::time::unit::Window;

/// A limit in the making: constraints that must all hold, begun by `EventStore::limit`.
#[derive(Clone)]
#[must_use = "a limit does nothing until it is checked"]
pub struct Limiter {
    draft: Box<Draft>,
}

/// How much of a limit is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitUsage {
    /// What counts against the limit, pending reservations included.
    pub count: u32,
    /// The limit.
    pub limit: u32,
    /// How much is left.
    pub remaining: u32,
}

impl Limiter {
    pub(crate) fn new(draft: Box<Draft>) -> Limiter {
        Limiter { draft }
    }

    #[inline]
    fn with(mut self, event: &str, demand: Demand) -> Self {
        let place = self.draft.names.push(event);
        self.draft.rules.push((place, demand));
        self
    }

    fn timed(mut self, schedule: Schedule, demand: Demand) -> Self {
        self.draft.rules.push((self.draft.schedules.len(), demand));
        self.draft.schedules.push(Asked::new(schedule));
        self
    }

    #[inline]
    fn rule(&self, place: usize) -> Option<Rule<'_>> {
        let Draft { names, rules, schedules, .. } = &*self.draft;
        let (place, demand) = rules.get(place)?;
        Some(match demand.is_of_schedule() {
            true => Rule { event: "", schedule: schedules.get(*place), demand },
            false => Rule { event: names.get(*place), schedule: None, demand },
        })
    }

    fn rules(&self) -> impl Iterator<Item = Rule<'_>> {
        (0..self.draft.rules.len()).filter_map(|place| self.rule(place))
    }

    fn end(mut self) {
        self.draft.clear_rules();
        self.draft.put_back();
    }

    /// Adds a constraint that was made elsewhere.
    pub fn constraint(self, constraint: Constraint) -> Self {
        match constraint.into() {
            (Subject::Event(event), demand) => self.with(&event, demand),
            (Subject::Schedule(schedule), demand) => self.timed(schedule, demand),
        }
    }

    /// The event may happen `limit` times in the window.
    ///
    /// A window is a `TimeUnit` (the current one), a `(usize, TimeUnit)` (so many, ending with the current one) or a `Duration` (the last so much of
    /// time). In a rolling window a bucket that straddles its beginning counts; with a limit of 1 it is exact to the millisecond.
    pub fn at_most(self, event_id: impl EventId, limit: u32, window: impl Into<Window>) -> Self {
        self.with(event_id.as_ref(), Demand::at_most(limit, window.into()))
    }

    /// The event must have happened `count` times in the window. In a rolling window a bucket that straddles its beginning does not
    /// count; with a count of 1 it is exact to the millisecond.
    pub fn at_least(self, event_id: impl EventId, count: u32, window: impl Into<Window>) -> Self {
        self.with(event_id.as_ref(), Demand::at_least(count, window.into()))
    }

    /// The event must not have happened in the last `duration`.
    pub fn cooldown(self, event_id: impl EventId, duration: Duration) -> Self {
        self.with(event_id.as_ref(), Demand::cooldown(duration))
    }

    /// The event must have happened in the last `duration`.
    pub fn within(self, prerequisite_event: impl EventId, duration: Duration) -> Self {
        self.with(prerequisite_event.as_ref(), Demand::within(duration))
    }

    /// The schedule must hold.
    pub fn during(self, schedule: Schedule) -> Self {
        self.timed(schedule, Demand::during())
    }

    /// The schedule must not hold.
    pub fn outside_of(self, schedule: Schedule) -> Self {
        self.timed(schedule, Demand::outside_of())
    }

    /// Whether `event_id` may happen now. Nothing is recorded.
    ///
    /// # Errors
    /// `LimitExceeded`, the answer no; `ConfigMismatch` for a window that the tracked units cannot span; what hinders reading
    /// the events; `Closed`.
    pub fn check(self, event_id: impl EventId) -> Result<()> {
        self.check_name(event_id.as_ref())
    }

    fn check_name(mut self, name: &str) -> Result<()> {
        checked(name)?;
        let now = self.now();
        let mut state = self.begin(name)?;
        let decision = self.decide(&mut state, now, name);
        drop(state);
        self.end();
        decision
    }

    /// Whether `event_id` may happen now. Where that cannot be known the answer is no.
    pub fn allowed(self, event_id: impl EventId) -> bool {
        self.check(event_id).is_ok()
    }

    /// Records `event_id` if it may happen now, in one step. When this returns, a storage that keeps anything has it.
    ///
    /// # Errors
    /// As `check`; nothing is recorded then. What hinders the storage; the event is then counted all the same, so that the limit fails
    /// closed.
    pub fn check_and_record(self, event_id: impl EventId) -> Result<()> {
        self.check_and_record_name(event_id.as_ref())
    }

    fn check_and_record_name(mut self, name: &str) -> Result<()> {
        checked(name)?;
        let now = self.now();
        let mut state = self.begin(name)?;
        self.decide(&mut state, now, name)?;
        let inner = &self.draft.inner;
        state.record(now, name, 1, || inner.may_hold(name));
        drop(state);
        let written = inner.write_decision(name);
        self.end();
        written
    }

    /// Reserves one `event_id` if it may happen now. The reservation counts for `at_most` until it is committed or cancelled.
    ///
    /// # Errors
    /// As `check`; nothing is reserved then.
    pub fn reserve(self, event_id: impl EventId) -> Result<Reservation> {
        self.reserve_name(event_id.as_ref())
    }

    fn reserve_name(mut self, name: &str) -> Result<Reservation> {
        checked(name)?;
        let now = self.now();
        let mut state = self.begin(name)?;
        self.decide(&mut state, now, name)?;
        state.reserve(name);
        drop(state);
        self.draft.clear_rules();
        Ok(Reservation::new(self.draft, name))
    }

    /// As `reserve`, for longer than the process may live: it is written to the log before this returns, and counts for `at_most` until
    /// `EventStore::commit_reservation` or `cancel_reservation` settles it, or until `span` is over, which gives back what it holds. Dropping the key changes nothing.
    ///
    /// # Errors
    /// As `check`; nothing is reserved then. `Storage` where there is no log, or if 256 reservations are held already; `InvalidArgument` for a span
    /// of zero or less; what hinders the log, and nothing is reserved.
    pub fn reserve_for(mut self, event_id: impl EventId, span: Duration) -> Result<ReservationKey> {
        let (name, span) = (checked(event_id.as_ref())?, checked_span(span)?);
        let number = random()?;
        let now = self.now();
        let mut state = self.begin(name)?;
        self.decide(&mut state, now, name)?;
        let key = state.hold(name, span, number)?;
        drop(state);
        self.draft.inner.write_held(name, key)
    }

    /// How much is used up of the `at_most` on `event_id` that has the least remaining.
    ///
    /// # Errors
    /// `ConfigMismatch` if there is no such constraint or its window cannot be spanned, `EventNotFound` if the event is neither known nor
    /// reserved; what hinders reading it.
    pub fn usage(mut self, event_id: impl EventId) -> Result<LimitUsage> {
        let name = checked(event_id.as_ref())?;
        let now = self.now();
        let mut state = self.begin(name)?;
        state.present.turn_to(now);
        let scene = Scene { state: &state, view: &state.present.view };
        if scene.reading(name).is_none() && scene.pending(name) == 0 {
            return Err(Error::EventNotFound(name.to_owned()));
        }
        let mut least: Option<LimitUsage> = None;
        for rule in self.rules().filter(|rule| rule.event == name && rule.demand.is_at_most()) {
            let limit = rule.demand.bound;
            let count = scene.verdict(&rule)?.count.unwrap_or(0);
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let usage = LimitUsage { count, limit, remaining: limit.saturating_sub(count) };
            least = Some(least.filter(|least| least.remaining <= usage.remaining).unwrap_or(usage));
        }
        least.ok_or_else(|| {
            Error::ConfigMismatch("usage needs an at_most rule on the event; add one to the limit".into())
        })
    }

    /// The instant of the decision, by which the app's own schedules are asked too.
    #[inline]
    fn now(&mut self) -> i64 {
        let now = self.draft.inner.now();
        self.draft.schedules.iter_mut().for_each(|asked| asked.ask(now));
        now
    }

    /// The state with every event that a constraint looks at.
    #[inline]
    fn begin(&self, name: &str) -> Result<MutexGuard<'_, State>> {
        let Draft { inner, names, .. } = &*self.draft;
        inner.loaded_or_error(names.iter().chain([name]))
    }

    #[inline]
    fn decide(&self, state: &mut State, now: i64, event: &str) -> Result<()> {
        state.present.turn_to(now);
        let scene = Scene { state, view: &state.present.view };
        for place in 0..self.draft.rules.len() {
            let Some(rule) = self.rule(place) else { break };
            match scene.verdict(&rule) {
                Ok(Verdict { passes: true, .. }) => {}
                Ok(verdict) => {
                    return self.refusal(&scene, event, (place, rule), &verdict);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Says which rules refuse: the first one found, and those after it.
    #[cold]
    fn refusal(
        &self,
        scene: &Scene<'_>,
        event: &str,
        (place, rule): (usize, Rule<'_>),
        verdict: &Verdict,
    ) -> Result<()> {
        let constraint = rule.into();
        let mut more = Vec::new();
        for place in place + 1..self.draft.rules.len() {
            let Some(rule) = self.rule(place) else { break };
            let verdict = scene.verdict(&rule)?;
            if !verdict.passes {
                more.push(Refusal {
                    place,
                    constraint: rule.into(),
                    count: verdict.count,
                    after_loss: verdict.lost,
                    retry_after: scene.retry_after(rule, &verdict),
                });
            }
        }
        Err(Error::LimitExceeded(LimitExceeded {
            retry_after: scene.retry_after(rule, verdict),
            event_id: event.to_owned(),
            constraint,
            place: u32::try_from(place).unwrap_or(u32::MAX),
            count: verdict.count.unwrap_or(0),
            after_loss: verdict.lost,
            more: (!more.is_empty()).then(|| Box::new(Others(more))),
        }))
    }
}

impl Scene<'_> {
    fn retry_after(&self, rule: Rule<'_>, verdict: &Verdict) -> Option<Duration> {
        let until = verdict.until.or_else(|| self.passes_at(rule));
        until.map(|at| instant::since(at, self.view.now))
    }
}
